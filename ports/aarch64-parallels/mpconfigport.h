// SPDX-License-Identifier: MIT
// What of MicroPython this port has.

#include <stddef.h>
#include <stdint.h>

#define MICROPY_CONFIG_ROM_LEVEL (MICROPY_CONFIG_ROM_LEVEL_EVERYTHING)

// Virtual machine: measured in docs/performance.md.
#define MICROPY_OPT_COMPUTED_GOTO (1)
#define MICROPY_OPT_MAP_LOOKUP_CACHE_SIZE (8192)
#define MICROPY_NLR_SETJMP (1) // include/setjmp.h says why
#define MICROPY_ALLOC_PATH_MAX (256)
#define MICROPY_ENABLE_COMPILER (1)
#define MICROPY_COMP_RETURN_IF_EXPR (1)
#define MICROPY_LONGINT_IMPL (MICROPY_LONGINT_IMPL_MPZ)
#define MICROPY_FLOAT_IMPL (MICROPY_FLOAT_IMPL_DOUBLE)
#define MICROPY_PERSISTENT_CODE_LOAD (1)
#define MICROPY_ENABLE_EMERGENCY_EXCEPTION_BUF (1)
#define MICROPY_EMERGENCY_EXCEPTION_BUF_SIZE (512) // twice the unix port's, as many tracebacks
#define MICROPY_ENABLE_SOURCE_LINE (1)
#define MICROPY_ERROR_REPORTING (MICROPY_ERROR_REPORTING_DETAILED)
#define MICROPY_WARNINGS (1)
#define MICROPY_DEBUG_PRINTERS (0)
#define MICROPY_USE_INTERNAL_PRINTF (1)
#define MICROPY_USE_INTERNAL_ERRNO (1)
// The usual list and what drivers raise: EFAULT, EBUSY, ENOSPC.
// clang-format off: it would nest them
#define MICROPY_PY_ERRNO_LIST \
    X(EPERM) X(ENOENT) X(EIO) X(EBADF) X(EAGAIN) X(ENOMEM) X(EACCES) X(EFAULT) X(EBUSY) \
    X(EEXIST) X(ENODEV) X(EISDIR) X(EINVAL) X(ENOSPC) X(EOPNOTSUPP) X(EADDRINUSE) \
    X(ECONNABORTED) X(ECONNRESET) X(ENOBUFS) X(ENOTCONN) X(ETIMEDOUT) X(ECONNREFUSED) \
    X(EHOSTUNREACH) X(EALREADY) X(EINPROGRESS)
// clang-format on
#define MP_NEED_LOG2 (1)

// Memory: the heap takes free RAM as it grows (mem.c).
#define MICROPY_ENABLE_GC (1)
#define MICROPY_ENABLE_FINALISER (1)
#define MICROPY_GC_SPLIT_HEAP (1)
#define MICROPY_GC_SPLIT_HEAP_AUTO (1)
#define MP_PLAT_ALLOC_HEAP(size) mem_heap_grow(size)
#define MP_PLAT_FREE_HEAP(area) mem_heap_free(area)
#define MICROPY_STACK_CHECK (1)
#define MICROPY_STACK_CHECK_MARGIN (32 * 1024)
#define MICROPY_MEM_STATS (0)

// REPL.  The raw-paste window is half of the buffer (serial-clients 3).
#define MICROPY_HELPER_REPL (1)
#define MICROPY_REPL_INFO (1)
#define MICROPY_REPL_STDIN_BUFFER_MAX (4096)
#define MICROPY_REPL_EMACS_EXTRA_WORDS_MOVE (1)
#define MICROPY_KBD_EXCEPTION (1)
#define MICROPY_READLINE_HISTORY_SIZE (50)

// Scheduler: tickless, idle in wfi.
#define MICROPY_ENABLE_SCHEDULER (1)
#define MICROPY_SCHEDULER_DEPTH (32)
#define MICROPY_SCHEDULER_STATIC_NODES (1)
#define MICROPY_INTERNAL_WFE(timeout_ms) port_wait_event(timeout_ms)
#define MICROPY_BEGIN_ATOMIC_SECTION() irq_save()
#define MICROPY_END_ATOMIC_SECTION(state) irq_restore(state)
#define MICROPY_PY_PENDSV_ENTER uint64_t atomic_state_ = irq_save()
#define MICROPY_PY_PENDSV_EXIT irq_restore(atomic_state_)

// Standard modules.
#define MICROPY_PY_SYS_PLATFORM "pyrallax"
#define MICROPY_PY_SYS_STDIO_BUFFER (1)
#define MICROPY_PY_SYS_EXC_INFO (1)
#define MICROPY_PY_SYS_SETTRACE (0) // costs on every line, and the VM's speed is a goal
#define MICROPY_PY_BUILTINS_HELP_TEXT pyrallax_help_text
#define MICROPY_PY_BUILTINS_HELP_MODULES (1)
#define MICROPY_PY_BUILTINS_STR_UNICODE (1)
#define MICROPY_PY_IO_BUFFEREDWRITER (1)
#define MICROPY_PY_THREAD (0) // one CPU, one thread: asyncio and interrupts instead
#define MICROPY_PY_OS_DUPTERM (3)
#define MICROPY_PY_OS_SYNC (0) // ossync.c has one for every file system
#define MICROPY_PY_OS_UNAME (1)
#define MICROPY_PY_OS_URANDOM (1)
#define MICROPY_PY_OS_INCLUDEFILE "ports/aarch64-parallels/modos.c"
#define MICROPY_PY_TIME_INCLUDEFILE "ports/aarch64-parallels/modtime.c"
#define MICROPY_PY_TIME_GMTIME_LOCALTIME_MKTIME (1)
#define MICROPY_PY_TIME_TIME_TIME_NS (1)
#define MICROPY_EPOCH_IS_1970 (1)
#define MICROPY_PY_RANDOM_SEED_INIT_FUNC (port_random_seed())
#define MICROPY_PY_SELECT (1)
#define MICROPY_PY_ASYNCIO (1)
#define MICROPY_PY_FRAMEBUF (1)
#define MICROPY_PY_UCTYPES (1)
#define MICROPY_PY_DEFLATE (1)
#define MICROPY_PY_DEFLATE_COMPRESS (1)
#define MICROPY_PY_HASHLIB (1)
#define MICROPY_PY_HASHLIB_SHA256 (1)
#define MICROPY_PY_HASHLIB_SHA1 (0) // the source package has them in a TLS library only
#define MICROPY_PY_HASHLIB_MD5 (0)
#define MICROPY_PY_CRYPTOLIB (0)
#define MICROPY_PY_SSL (0)
#define MICROPY_PY_BTREE (0)
#define MICROPY_PY_WEBSOCKET (1) // over any stream
#define MICROPY_PY_WEBREPL (0)
#define MICROPY_PY_ONEWIRE (0) // there are no pins
#define MICROPY_PY_SOCKET (0)
#define MICROPY_PY_NETWORK (0)
#define MICROPY_PY_BLUETOOTH (0)
#define MICROPY_PY_MARSHAL (1)
#define MICROPY_PY_FUNCTION_ATTRS_CODE (1)
#define MICROPY_PY_PLATFORM (1)
#define MICROPY_PY_STRING_TX_GIL_THRESHOLD (0)

// Files.
#define MICROPY_VFS (1)
#define MICROPY_READER_VFS (1)
#define MICROPY_VFS_ROM (1)
#define MICROPY_VFS_ROM_IOCTL (0)
#define MICROPY_FATFS_ENABLE_LFN (2)
#define MICROPY_FATFS_LFN_CODE_PAGE 437
#define MICROPY_FATFS_RPATH (2)
#define MICROPY_FATFS_EXFAT (1)
#define MICROPY_FATFS_USE_LABEL (1)
#define MICROPY_FATFS_MAX_SS (4096)

// machine.  mem8..mem64 are our own: the stock ones use plain pointers (machine_mem.c).
#define MICROPY_PY_MACHINE (1)
#define MICROPY_PY_MACHINE_INCLUDEFILE "ports/aarch64-parallels/modmachine.c"
#define MICROPY_PY_MACHINE_MEMX (0)
#define MICROPY_PY_MACHINE_RESET (1)
#define MICROPY_PY_MACHINE_BOOTLOADER (1)
#define MICROPY_PY_MACHINE_BARE_METAL_FUNCS (1)
#define MICROPY_PY_MACHINE_FREQ_NUM_ARGS_MAX (1)
#define MICROPY_PY_MACHINE_DISABLE_IRQ_ENABLE_IRQ (1)
#define MICROPY_PY_MACHINE_UART (1)
#define MICROPY_PY_MACHINE_UART_INCLUDEFILE "ports/aarch64-parallels/machine_uart.c"
#define MICROPY_PY_MACHINE_UART_SENDBREAK (0)
#define MICROPY_PY_MACHINE_WDT (1)
#define MICROPY_PY_MACHINE_WDT_INCLUDEFILE "ports/aarch64-parallels/machine_wdt.c"
#define MICROPY_PY_MACHINE_PULSE (1)
#define MICROPY_PY_MACHINE_BITSTREAM (0)
#define MICROPY_PY_MACHINE_PIN_BASE (1) // pins are what drivers in Python make of it
#define MICROPY_PY_MACHINE_SIGNAL (1)
#define MICROPY_PY_MACHINE_I2C (0)
#define MICROPY_PY_MACHINE_SOFTI2C (0)
#define MICROPY_PY_MACHINE_SPI (0)
#define MICROPY_PY_MACHINE_SOFTSPI (0)
#define MICROPY_PY_MACHINE_ADC (0)
#define MICROPY_PY_MACHINE_PWM (0)
#define MICROPY_PY_MACHINE_DHT_READINTO (0)

#define MICROPY_HW_BOARD_NAME "Pyrallax"
#define MICROPY_BOARD_BUILD_NAME "PYRALLAX"
#define MICROPY_HW_MCU_NAME "aarch64 virtual machine"

// The builtins of this port, beside their modules: the log and the exception of a bad access.
#define MICROPY_PORT_BUILTINS                                                                      \
    {MP_ROM_QSTR(MP_QSTR_dmesg), MP_ROM_PTR(&mod_klog_dmesg_obj)},                                 \
        {MP_ROM_QSTR(MP_QSTR_BusError), MP_ROM_PTR(&mp_type_BusError)},

extern const struct _mp_obj_fun_builtin_var_t mod_klog_dmesg_obj;
extern const struct _mp_obj_type_t mp_type_BusError;

#define MP_SSIZE_MAX (0x7fffffffffffffff)
typedef intptr_t mp_int_t;
typedef uintptr_t mp_uint_t;
typedef long mp_off_t;

#include <alloca.h>

#define MP_STATE_PORT MP_STATE_VM

void *mem_heap_grow(size_t size);
void mem_heap_free(void *area);
void port_wait_event(mp_int_t timeout_ms);
uint64_t port_random_seed(void);
