// SPDX-License-Identifier: MIT
// The chain of Python frames.  Every run of the bytecode interpreter pushes an exception handler, and setjmp_vm leaves
// the interpreter's state in it (include/setjmp.h), where the interpreter notes each opcode before it runs.

#include "pyframe.h"

#include <stdint.h>

#include "hw.h"
#include "py/mpstate.h"
#include "py/nlr.h"
#include "py/objfun.h"
#include "py/runtime.h"

#define DEPTH_MAX 4096 // 512 KiB of stack hold fewer
#define PRELUDE_MAX 64 // signature and sizes: a few bytes each
#define INFO_MAX (1024 * 1024)

extern char __rodata_start[], __data_end[], __thread_stack_bottom[], __thread_stack_top[],
    __exc_stack_bottom[], __exc_stack_top[];

static const mp_code_state_t *state_of(const nlr_buf_t *handler) {
    return (const mp_code_state_t *)handler->jmpbuf[JMPBUF_VM_STATE];
}

static bool within(uintptr_t p, size_t len, const char *start, const char *end) {
    return p >= (uintptr_t)start && p <= (uintptr_t)end && len <= (uintptr_t)end - p;
}

static bool on_exc_stack(const void *p, size_t len) {
    return within((uintptr_t)p, len, __exc_stack_bottom, __exc_stack_top);
}

static bool on_thread_stack(const void *p, size_t len) {
    return within((uintptr_t)p, len, __thread_stack_bottom, __thread_stack_top);
}

// Memory that may be read without harm: no device, no hole, no guard page.
static bool in_memory(const void *p, size_t len) {
    uintptr_t at = (uintptr_t)p;
    if (within(at, len, __rodata_start, __data_end) || on_thread_stack(p, len) ||
        on_exc_stack(p, len)) {
        return true;
    }
    for (uint32_t i = 0; i < hw.mem_count; i++) {
        const hw_mem_t *m = &hw.mem[i];
        if (m->kind == HW_MEM_FREE && at >= m->base && at - m->base < m->size) {
            return len <= m->size - (at - m->base);
        }
    }
    return false;
}

static bool readable(const void *p, size_t len) {
    return ((uintptr_t)p & (sizeof(void *) - 1)) == 0 && in_memory(p, len);
}

static bool is_qstr(qstr q) {
    const qstr_pool_t *pool = MP_STATE_VM(last_pool);
    return q != MP_QSTRnull && q < pool->total_prev_len + pool->len;
}

bool pyframe_here(pyframe_mark_t *mark) {
    for (const nlr_buf_t *b = MP_STATE_THREAD(nlr_top); b != NULL; b = b->prev) {
        const mp_code_state_t *state = state_of(b);
        if (state != NULL) {
            mark->fun = state->fun_bc;
            mark->ip = state->ip;
            return true;
        }
    }
    return false;
}

bool pyframe_locate(const pyframe_mark_t *mark, pyframe_t *out) {
    const mp_obj_fun_bc_t *fun = mark->fun;
    if (!readable(fun, sizeof(*fun)) ||
        (fun->base.type != &mp_type_fun_bc && fun->base.type != &mp_type_gen_wrap) ||
        !readable(fun->context, sizeof(*fun->context)) || !in_memory(fun->bytecode, PRELUDE_MAX)) {
        return false;
    }
    const mp_module_constants_t *constants = &fun->context->constants;
    const byte *ip = fun->bytecode;
    MP_BC_PRELUDE_SIG_DECODE(ip);
    MP_BC_PRELUDE_SIZE_DECODE(ip);
    const byte *info_top = ip + n_info, *code = info_top + n_cell;
    if (n_info > INFO_MAX || !in_memory(ip, n_info) || mark->ip < code) {
        return false;
    }
    qstr name = mp_decode_uint_value(ip);
    for (size_t i = 0; i < 1 + n_pos_args + n_kwonly_args && ip < info_top; i++) {
        ip = mp_decode_uint_skip(ip);
    }
    if (!in_memory(constants->qstr_table, (name + 1) * sizeof(qstr_short_t))) {
        return false;
    }
    out->function = constants->qstr_table[name];
    out->file = constants->qstr_table[0];
    out->line = mp_bytecode_get_source_line(ip, info_top, (size_t)(mark->ip - code));
    return is_qstr(out->function) && is_qstr(out->file);
}

// The next handler out: higher on the same stack, or on the stack that a hard interrupt handler left.
static bool may_follow(const nlr_buf_t *next, const nlr_buf_t *last) {
    if (!readable(next, sizeof(*next))) {
        return false;
    }
    if (on_exc_stack(next, sizeof(*next))) {
        return last == NULL || (on_exc_stack(last, 0) && next > last);
    }
    return on_thread_stack(next, sizeof(*next)) &&
           (last == NULL || on_exc_stack(last, 0) || next > last);
}

bool pyframe_at(unsigned depth, pyframe_t *out) {
    const nlr_buf_t *last = NULL, *b = MP_STATE_THREAD(nlr_top);
    for (unsigned i = 0; i < DEPTH_MAX && may_follow(b, last); i++, last = b, b = b->prev) {
        const mp_code_state_t *state = state_of(b);
        if (state == NULL) {
            continue;
        }
        pyframe_mark_t mark;
        // Between nlr_push_tail and setjmp_vm the handler holds what was on the stack before.
        if (!readable(state, sizeof(*state)) ||
            (mark.fun = state->fun_bc, mark.ip = state->ip, !pyframe_locate(&mark, out))) {
            continue;
        }
        if (depth-- == 0) {
            out->in_handler = on_exc_stack(b, 0);
            return true;
        }
    }
    return false;
}
