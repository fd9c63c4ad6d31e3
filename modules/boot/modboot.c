// SPDX-License-Identifier: MIT
// boot: how this machine came up and what the hand-off says about it.

#include "crash.h"
#include "fault.h"
#include "hw.h"
#include "io.h"
#include "irq.h"
#include "mem.h"
#include "modules/pyobj.h"
#include "mphalport.h"
#include "py/mperrno.h"
#include "py/objstr.h"
#include "py/runtime.h"
#include "ramboot.h"
#include "rng.h"
#include "softreset.h"
#include "storage.h"
#include "timer.h"
#include "uart.h"
#include "version.h"

#define HEARTBEAT_MIN_MS 100 // as in frozen/probe/heartbeat.py: heartbeat=1 is a switch
#define HEARTBEAT_DEFAULT_MS 1000

static const struct {
    uint16_t stage;
    uint16_t name;
} stage_names[] = {
    {HW_STAGE_SHIM_ENTRY, MP_QSTR_start},
    {HW_STAGE_ACPI, MP_QSTR_acpi},
    {HW_STAGE_GOP, MP_QSTR_gop},
    {HW_STAGE_IMAGE_LOADED, MP_QSTR_image_loaded},
    {HW_STAGE_TABLES_BUILT, MP_QSTR_tables_built},
    {HW_STAGE_EXIT_BOOT, MP_QSTR_exit_boot},
    {HW_STAGE_JUMP, MP_QSTR_jump},
    {HW_STAGE_ENTRY, MP_QSTR_entry},
    {HW_STAGE_CONSOLE, MP_QSTR_console},
    {HW_STAGE_MEMORY, MP_QSTR_memory},
    {HW_STAGE_IRQ, MP_QSTR_irq},
    {HW_STAGE_HEAP, MP_QSTR_heap},
    {HW_STAGE_BOOT_PY, MP_QSTR_boot_py},
    {HW_STAGE_PROMPT, MP_QSTR_prompt},
};

// timeline(raw=False) -> [(stage, µs since the first stage), ...] in the order they happened; raw: CNTVCT as it was.
static mp_obj_t boot_timeline(size_t n_args, const mp_obj_t *args) {
    bool raw = n_args > 0 && mp_obj_is_true(args[0]);
    mp_obj_t list = mp_obj_new_list(0, NULL);
    for (uint32_t i = 0; i < hw.stamp_count; i++) {
        qstr name = MP_QSTR_unknown;
        for (size_t j = 0; j < MP_ARRAY_SIZE(stage_names); j++) {
            if (stage_names[j].stage == hw.stamps[i].stage) {
                name = stage_names[j].name;
            }
        }
        mp_obj_t pair[2] = {
            MP_OBJ_NEW_QSTR(name),
            mp_obj_new_int_from_uint(raw ? hw.stamps[i].cntvct :
                                           timer_to_us(hw.stamps[i].cntvct - hw.stamps[0].cntvct)),
        };
        mp_obj_list_append(list, mp_obj_new_tuple(2, pair));
    }
    return list;
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(boot_timeline_obj, 0, 1, boot_timeline);

// counter() -> CNTVCT, what the stamps of timeline(True) are taken from.
static mp_obj_t boot_counter(void) {
    return mp_obj_new_int_from_uint(cntvct());
}
static MP_DEFINE_CONST_FUN_OBJ_0(boot_counter_obj, boot_counter);

// instructions() -> instructions retired since the first call, modulo 2**32, without time spent in WFI; None where
// the PMU does not count them (QEMU without icount).  Event 8, INST_RETIRED, Arm ARM D13.12; PMU counter 0.
static mp_obj_t boot_instructions(void) {
    if (!port_pmu() || (sysreg_read(pmceid0_el0) & 1 << 8) == 0 ||
        (sysreg_read(pmcr_el0) >> 11 & 0x1f) == 0) {
        return mp_const_none;
    }
    if ((sysreg_read(pmcntenset_el0) & 1) == 0) {
        sysreg_write(pmevtyper0_el0, 8);
        sysreg_write(pmevcntr0_el0, 0);
        sysreg_write(pmcr_el0, sysreg_read(pmcr_el0) | 1);
        sysreg_write(pmcntenset_el0, 1);
    }
    isb();
    return mp_obj_new_int_from_uint(sysreg_read(pmevcntr0_el0) & 0xffffffff);
}
static MP_DEFINE_CONST_FUN_OBJ_0(boot_instructions_obj, boot_instructions);

static mp_obj_t gic_dict(void) {
    mp_obj_t d = mp_obj_new_dict(0), list = mp_obj_new_list(0, NULL);
    pyobj_store(d, MP_QSTR_version, pyobj_uint(hw.gic_version));
    pyobj_store(d, MP_QSTR_gicd, pyobj_uint(hw.gicd));
    pyobj_store(d, MP_QSTR_gicc, pyobj_uint(hw.gicc));
    pyobj_store(d, MP_QSTR_lines, pyobj_uint(irq_lines()));
    for (uint32_t i = 0; i < hw.gicr_count; i++) {
        mp_obj_list_append(list, pyobj_pair(hw.gicr[i].base, hw.gicr[i].size));
    }
    pyobj_store(d, MP_QSTR_gicr, list);
    list = mp_obj_new_list(0, NULL);
    for (uint32_t i = 0; i < hw.v2m_count; i++) {
        mp_obj_list_append(list, pyobj_uint(hw.v2m[i].base));
    }
    pyobj_store(d, MP_QSTR_v2m, list);
    list = mp_obj_new_list(0, NULL);
    for (uint32_t i = 0; i < hw.its_count; i++) {
        mp_obj_list_append(list, pyobj_uint(hw.its[i]));
    }
    pyobj_store(d, MP_QSTR_its, list);
    return d;
}

static mp_obj_t fb_dict(void) {
    mp_obj_t d = mp_obj_new_dict(0);
    pyobj_store(d, MP_QSTR_base, pyobj_uint(hw.fb_base));
    pyobj_store(d, MP_QSTR_size, pyobj_uint(hw.fb_size));
    pyobj_store(d, MP_QSTR_width, pyobj_uint(hw.fb_mode.width));
    pyobj_store(d, MP_QSTR_height, pyobj_uint(hw.fb_mode.height));
    pyobj_store(d, MP_QSTR_stride, pyobj_uint(hw.fb_mode.stride));
    pyobj_store(d, MP_QSTR_format, pyobj_uint(hw.fb_mode.format));
    pyobj_store(d, MP_QSTR_modes, pyobj_uint(hw.gop_mode_count));
    mp_obj_t list = mp_obj_new_list(0, NULL);
    for (uint32_t i = 0; i < hw.gop_mode_listed; i++) {
        const hw_gop_mode_t *m = &hw.gop_modes[i];
        mp_obj_t items[4] = {pyobj_uint(m->width), pyobj_uint(m->height), pyobj_uint(m->stride),
                             pyobj_uint(m->format)};
        mp_obj_list_append(list, mp_obj_new_tuple(4, items));
    }
    pyobj_store(d, MP_QSTR_listed, list);
    return d;
}

// hw() -> dict: the hand-off, addresses as integers.
static mp_obj_t boot_hw(void) {
    mp_obj_t d = mp_obj_new_dict(0), list = mp_obj_new_list(0, NULL);
    pyobj_store(d, MP_QSTR_path,
                pyobj_text(hw.flags & HW_F_UEFI ? "uefi" :
                           hw.flags & HW_F_FDT  ? "fdt" :
                                                  "default"));
    pyobj_store(d, MP_QSTR_el, pyobj_uint(hw.boot_el));
    pyobj_store(d, MP_QSTR_vendor, pyobj_text(hw.vendor));
    pyobj_store(d, MP_QSTR_product, pyobj_text(hw.product));
    pyobj_store(d, MP_QSTR_firmware, pyobj_text(hw.firmware));
    pyobj_store(d, MP_QSTR_uart, pyobj_pair(hw.uart_base, hw.uart_intid));
    pyobj_store(d, MP_QSTR_gic, gic_dict());
    pyobj_store(d, MP_QSTR_timer, pyobj_pair(hw.timer_virt_intid, timer_hz));
    pyobj_store(d, MP_QSTR_psci,
                pyobj_text(hw.psci == HW_PSCI_HVC ? "hvc" :
                           hw.psci == HW_PSCI_SMC ? "smc" :
                                                    "none"));
    for (uint32_t i = 0; i < hw.cpu_listed; i++) {
        mp_obj_list_append(list, pyobj_uint(hw.cpu_mpidr[i]));
    }
    pyobj_store(d, MP_QSTR_cpus, list);
    list = mp_obj_new_list(0, NULL);
    for (uint32_t i = 0; i < hw.ecam_count; i++) {
        mp_obj_t items[4] = {pyobj_uint(hw.ecam[i].base), pyobj_uint(hw.ecam[i].segment),
                             pyobj_uint(hw.ecam[i].bus_first), pyobj_uint(hw.ecam[i].bus_last)};
        mp_obj_list_append(list, mp_obj_new_tuple(4, items));
    }
    pyobj_store(d, MP_QSTR_ecam, list);
    pyobj_store(d, MP_QSTR_rsdp, pyobj_uint(hw.rsdp));
    pyobj_store(d, MP_QSTR_smbios, pyobj_uint(hw.smbios));
    pyobj_store(d, MP_QSTR_fdt, pyobj_uint(hw.fdt));
    pyobj_store(d, MP_QSTR_fb, fb_dict());
    pyobj_store(d, MP_QSTR_image, pyobj_pair(hw.image_phys, hw.image_size));
    pyobj_store(d, MP_QSTR_rng, pyobj_uint(rng_sources()));
    return d;
}
static MP_DEFINE_CONST_FUN_OBJ_0(boot_hw_obj, boot_hw);

// memory() -> [(base, size, kind), ...]: the physical memory map, ascending.
static mp_obj_t boot_memory(void) {
    static const uint16_t kinds[] = {
        MP_QSTR_unknown, MP_QSTR_free,     MP_QSTR_image, MP_QSTR_boot, MP_QSTR_firmware,
        MP_QSTR_acpi,    MP_QSTR_reserved, MP_QSTR_fb,    MP_QSTR_mmio,
    };
    mp_obj_t list = mp_obj_new_list(0, NULL);
    for (uint32_t i = 0; i < hw.mem_count; i++) {
        uint32_t kind = hw.mem[i].kind;
        mp_obj_t items[3] = {
            pyobj_uint(hw.mem[i].base),
            pyobj_uint(hw.mem[i].size),
            MP_OBJ_NEW_QSTR(kind < MP_ARRAY_SIZE(kinds) ? kinds[kind] : MP_QSTR_unknown),
        };
        mp_obj_list_append(list, mp_obj_new_tuple(3, items));
    }
    return list;
}
static MP_DEFINE_CONST_FUN_OBJ_0(boot_memory_obj, boot_memory);

// stats() -> dict: physical memory by use in bytes, console and interrupt counters, the timer's next CVAL.
static mp_obj_t boot_stats(void) {
    mem_stats_t m;
    mem_stats(&m);
    mp_obj_t d = mp_obj_new_dict(0);
    pyobj_store(d, MP_QSTR_ram, pyobj_uint(m.ram));
    pyobj_store(d, MP_QSTR_free, pyobj_uint(m.free));
    pyobj_store(d, MP_QSTR_heap, pyobj_uint(m.heap));
    pyobj_store(d, MP_QSTR_heap_limit, pyobj_uint(m.heap_limit));
    pyobj_store(d, MP_QSTR_dma, pyobj_uint(m.dma));
    pyobj_store(d, MP_QSTR_disk, pyobj_uint(m.disk));
    pyobj_store(d, MP_QSTR_rx, pyobj_uint(uart_stats.received));
    pyobj_store(d, MP_QSTR_rx_dropped, pyobj_uint(uart_stats.dropped));
    pyobj_store(d, MP_QSTR_rx_overruns, pyobj_uint(uart_stats.overruns));
    pyobj_store(d, MP_QSTR_rx_irqs, pyobj_uint(uart_stats.interrupts));
    pyobj_store(d, MP_QSTR_rx_polls, pyobj_uint(uart_stats.polls));
    pyobj_store(d, MP_QSTR_spurious, pyobj_uint(irq_spurious));
    pyobj_store(d, MP_QSTR_timer_cval, pyobj_uint(timer_cval()));
    return d;
}
static MP_DEFINE_CONST_FUN_OBJ_0(boot_stats_obj, boot_stats);

// heartbeat() -> ms between heartbeat lines that the command line asks for; 0: none.
static mp_obj_t boot_heartbeat(void) {
    uint64_t ms = hw_option_size("heartbeat", 0);
    return mp_obj_new_int_from_uint(ms != 0 && ms < HEARTBEAT_MIN_MS ? HEARTBEAT_DEFAULT_MS : ms);
}
static MP_DEFINE_CONST_FUN_OBJ_0(boot_heartbeat_obj, boot_heartbeat);

// cmdline() -> str
static mp_obj_t boot_cmdline(void) {
    return pyobj_text(hw.cmdline);
}
static MP_DEFINE_CONST_FUN_OBJ_0(boot_cmdline_obj, boot_cmdline);

// build_id() -> str: hexadecimal, of the image that runs.
static mp_obj_t boot_build_id(void) {
    vstr_t v;
    vstr_init(&v, 40);
    mp_print_t print = {&v, (mp_print_strn_t)vstr_add_strn};
    for (size_t i = 0; i < sizeof(hw.build_id); i++) {
        mp_printf(&print, "%02x", hw.build_id[i]);
    }
    return mp_obj_new_str_from_vstr(&v);
}
static MP_DEFINE_CONST_FUN_OBJ_0(boot_build_id_obj, boot_build_id);

// on_bootloader(fn): what machine.bootloader() calls before it resets; None removes.
static mp_obj_t boot_on_bootloader(mp_obj_t fn) {
    MP_STATE_PORT(bootloader_hook) = fn;
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(boot_on_bootloader_obj, boot_on_bootloader);

// mp_init leaves the port's root pointers alone, and the heap this one points into is gone.
static void boot_reset(void) {
    MP_STATE_PORT(bootloader_hook) = MP_OBJ_NULL;
}
SOFTRESET(boot_reset);

// load(elf): check a firmware image and lay it out for start().  Raises ValueError with the reason.
static mp_obj_t boot_load(mp_obj_t elf) {
    mp_buffer_info_t buf;
    mp_get_buffer_raise(elf, &buf, MP_BUFFER_READ);
    const char *why = ramboot_prepare(buf.buf, buf.len);
    if (why != NULL) {
        mp_raise_msg_varg(&mp_type_ValueError, MP_ERROR_TEXT("%s"), why);
    }
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(boot_load_obj, boot_load);

// start(): leave this firmware for what load() has laid out.  Raises OSError when that is not possible.
static mp_obj_t boot_start(void) {
    if (ramboot_go() != 0) {
        panic(NULL, "a CPU does not stop"); // devices are stopped already: there is no way back
    }
    mp_raise_OSError(MP_ENOENT);
}
static MP_DEFINE_CONST_FUN_OBJ_0(boot_start_obj, boot_start);

static mp_obj_t disk_region(void) {
    return mem_disk == NULL ? mp_const_none : mp_obj_new_bytearray_by_ref(mem_disk_size, mem_disk);
}
static MP_DEFINE_CONST_FUN_OBJ_0(boot_ramdisk_obj, disk_region);

static const MP_DEFINE_STR_OBJ(version_obj, PYRALLAX_VERSION);

static const mp_rom_map_elem_t globals_table[] = {
    {MP_ROM_QSTR(MP_QSTR___name__), MP_ROM_QSTR(MP_QSTR_boot)},
    {MP_ROM_QSTR(MP_QSTR_timeline), MP_ROM_PTR(&boot_timeline_obj)},
    {MP_ROM_QSTR(MP_QSTR_counter), MP_ROM_PTR(&boot_counter_obj)},
    {MP_ROM_QSTR(MP_QSTR_instructions), MP_ROM_PTR(&boot_instructions_obj)},
    {MP_ROM_QSTR(MP_QSTR_hw), MP_ROM_PTR(&boot_hw_obj)},
    {MP_ROM_QSTR(MP_QSTR_memory), MP_ROM_PTR(&boot_memory_obj)},
    {MP_ROM_QSTR(MP_QSTR_stats), MP_ROM_PTR(&boot_stats_obj)},
    {MP_ROM_QSTR(MP_QSTR_heartbeat), MP_ROM_PTR(&boot_heartbeat_obj)},
    {MP_ROM_QSTR(MP_QSTR_cmdline), MP_ROM_PTR(&boot_cmdline_obj)},
    {MP_ROM_QSTR(MP_QSTR_build_id), MP_ROM_PTR(&boot_build_id_obj)},
    {MP_ROM_QSTR(MP_QSTR_on_bootloader), MP_ROM_PTR(&boot_on_bootloader_obj)},
    {MP_ROM_QSTR(MP_QSTR_load), MP_ROM_PTR(&boot_load_obj)},
    {MP_ROM_QSTR(MP_QSTR_start), MP_ROM_PTR(&boot_start_obj)},
    {MP_ROM_QSTR(MP_QSTR_ramdisk), MP_ROM_PTR(&boot_ramdisk_obj)},
    {MP_ROM_QSTR(MP_QSTR_storage), MP_ROM_PTR(&boot_storage_obj)},
    {MP_ROM_QSTR(MP_QSTR_usb), MP_ROM_PTR(&boot_usb_obj)},
    {MP_ROM_QSTR(MP_QSTR_crash), MP_ROM_PTR(&boot_crash_obj)},
    {MP_ROM_QSTR(MP_QSTR_version), MP_ROM_PTR(&version_obj)},
};
static MP_DEFINE_CONST_DICT(globals, globals_table);

const mp_obj_module_t mod_boot = {
    .base = {&mp_type_module},
    .globals = (mp_obj_dict_t *)&globals,
};
MP_REGISTER_MODULE(MP_QSTR_boot, mod_boot);
