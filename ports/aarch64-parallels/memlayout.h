// SPDX-License-Identifier: MIT
// The virtual memory map, in one page.  Start reading here.
//
//   0000_0000_0000_0000  page 0: never mapped (NULL)
//   0000_0000_0000_1000  physical address space, VA == PA, up to 1 TiB or the CPU's PA size:
//                          RAM              Normal write-back, never executable
//                          frame buffer     Normal non-cacheable
//                          everything else  Device-nGnRnE
//                          the image        not mapped here (no writable alias of text)
//   0000_0100_0000_0000  each address space its own: mmu.map, mmu.Space
//   ffff_ffff_8000_0000  KERNEL_BASE: the firmware image, 4 KiB pages, W^X:
//                          text  read-execute
//                          rodata  read
//                          data, bss  read-write; in .bss a page that is a window onto tables (mmu.c)
//                          guard: not mapped, GUARD_SIZE
//                          thread stack (SP_EL0)
//                          guard
//                          exception stack (SP_EL1)
//                          guard
//   ffff_ffff_d000_0000  SMP_BASE: stacks of the other CPUs, guarded, once they are started (smpstart.c)
//   ffff_ffff_e000_0000  POSTMORTEM_BASE, mapped after a panic only (postmortem.c)
//
// The Python heap, DMA pool and RAM disk are taken from free RAM and are used at VA == PA: an address
// that a table, a register or `uctypes.addressof` shows is the address that `machine.mem32` takes.

#ifndef PYRALLAX_MEMLAYOUT_H
#define PYRALLAX_MEMLAYOUT_H

#define KERNEL_BASE 0xffffffff80000000
#define PAGE_SIZE 4096
#define PAGE_SHIFT 12

// Physical address QEMU's -kernel loads the image at: above the device tree it puts at RAM's start.
#define DIRECT_LOAD_PHYS 0x40200000

#define SMP_BASE 0xffffffffd0000000

#define THREAD_STACK_SIZE (512 * 1024)
#define EXC_STACK_SIZE (32 * 1024)
// Wider than any C frame, so that none steps over it.  vectors.S and firmware.ld know it, too.
#define GUARD_SIZE (64 * 1024)
#define POSTMORTEM_BASE 0xffffffffe0000000
// Room that must be left on the thread stack when Python's own check raises RecursionError.
#define THREAD_STACK_MARGIN (32 * 1024)

#endif
