// SPDX-License-Identifier: MIT
// smp: the other CPUs, started by PSCI, running functions in C.

#include "hw.h"
#include "job.h"
#include "modules/pyobj.h"
#include "pair.h"
#include "postmortem.h"
#include "psci.h"
#include "py/runtime.h"

// count() -> int: CPUs of the machine.
static mp_obj_t mod_count(void) {
    return MP_OBJ_NEW_SMALL_INT(smp_count());
}
static MP_DEFINE_CONST_FUN_OBJ_0(mod_count_obj, mod_count);

static mp_obj_t state_of(unsigned cpu) {
    static const uint16_t names[] = {MP_QSTR_off,  MP_QSTR_starting, MP_QSTR_failed,
                                     MP_QSTR_idle, MP_QSTR_busy,     MP_QSTR_done};
    return MP_OBJ_NEW_QSTR(cpu == smp_boot_cpu() ? MP_QSTR_boot : names[smp_state(cpu)]);
}

// cpus() -> [(index, mpidr, state, calls), ...]
static mp_obj_t mod_cpus(void) {
    mp_obj_t list = mp_obj_new_list(0, NULL);
    for (unsigned i = 0; i < smp_count(); i++) {
        mp_obj_t items[4] = {MP_OBJ_NEW_SMALL_INT(i), mp_obj_new_int_from_uint(smp_mpidr(i)),
                             state_of(i), MP_OBJ_NEW_SMALL_INT(smp_calls(i))};
        mp_obj_list_append(list, mp_obj_new_tuple(4, items));
    }
    return list;
}
static MP_DEFINE_CONST_FUN_OBJ_0(mod_cpus_obj, mod_cpus);

// start() -> int: CPUs that run, the boot CPU among them.
static mp_obj_t mod_start(void) {
    postmortem_check_write();
    return MP_OBJ_NEW_SMALL_INT(job_start_cpus());
}
static MP_DEFINE_CONST_FUN_OBJ_0(mod_start_obj, mod_start);

// submit(cpu, function, *args) -> Job
static mp_obj_t mod_submit(size_t n, const mp_obj_t *args) {
    postmortem_check_write();
    return MP_OBJ_FROM_PTR(job_submit(n, args));
}
static MP_DEFINE_CONST_FUN_OBJ_VAR(mod_submit_obj, 2, mod_submit);

// call(cpu, function, *args) -> result.  Ctrl-C stops the work.
static mp_obj_t mod_call(size_t n, const mp_obj_t *args) {
    postmortem_check_write();
    job_t *job = job_submit(n, args);
    nlr_buf_t nlr;
    if (nlr_push(&nlr) == 0) {
        mp_obj_t result = job_wait(job, -1);
        nlr_pop();
        return result;
    }
    job_cancel(job);
    nlr_jump(nlr.ret_val);
}
static MP_DEFINE_CONST_FUN_OBJ_VAR(mod_call_obj, 2, mod_call);

// functions() -> [(name, arguments), ...]
static mp_obj_t mod_functions(void) {
    mp_obj_t list = mp_obj_new_list(0, NULL);
    for (size_t i = 0; i < leaf_count; i++) {
        mp_obj_t pair[2] = {MP_OBJ_NEW_QSTR(leaves[i]->name), pyobj_text(leaves[i]->usage)};
        mp_obj_list_append(list, mp_obj_new_tuple(2, pair));
    }
    return list;
}
static MP_DEFINE_CONST_FUN_OBJ_0(mod_functions_obj, mod_functions);

// psci() -> dict: conduit, version, features (name to flags, None where not there), affinity (per CPU).
static mp_obj_t mod_psci(void) {
    static const struct {
        uint16_t name;
        uint32_t function; // Arm DEN 0022F §5.1
    } functions[] = {
        {MP_QSTR_cpu_suspend, 0xc4000001},    {MP_QSTR_cpu_off, 0x84000002},
        {MP_QSTR_cpu_on, 0xc4000003},         {MP_QSTR_affinity_info, 0xc4000004},
        {MP_QSTR_system_off, 0x84000008},     {MP_QSTR_system_reset, 0x84000009},
        {MP_QSTR_system_suspend, 0xc400000e}, {MP_QSTR_system_reset2, 0xc4000012},
        {MP_QSTR_mem_protect, 0x84000013},
    };
    mp_obj_t d = mp_obj_new_dict(0), features = mp_obj_new_dict(0),
             affinity = mp_obj_new_list(0, NULL);
    pyobj_store(d, MP_QSTR_conduit,
                pyobj_text(hw.psci == HW_PSCI_HVC ? "hvc" :
                           hw.psci == HW_PSCI_SMC ? "smc" :
                                                    "none"));
    uint32_t version = psci_version();
    mp_obj_t parts[2] = {MP_OBJ_NEW_SMALL_INT(version >> 16),
                         MP_OBJ_NEW_SMALL_INT(version & 0xffff)};
    pyobj_store(d, MP_QSTR_version, mp_obj_new_tuple(2, parts));
    for (size_t i = 0; i < MP_ARRAY_SIZE(functions); i++) {
        int r = psci_features(functions[i].function);
        pyobj_store(features, functions[i].name, r < 0 ? mp_const_none : MP_OBJ_NEW_SMALL_INT(r));
    }
    pyobj_store(d, MP_QSTR_features, features);
    for (unsigned i = 0; i < smp_count(); i++) {
        static const uint16_t names[] = {MP_QSTR_on, MP_QSTR_off, MP_QSTR_pending};
        int r = psci_affinity_info(smp_mpidr(i) & MPIDR_AFFINITY);
        mp_obj_list_append(affinity, r >= 0 && r < 3 ? MP_OBJ_NEW_QSTR(names[r]) :
                                                       pyobj_text(psci_error_name(r)));
    }
    pyobj_store(d, MP_QSTR_affinity, affinity);
    return d;
}
static MP_DEFINE_CONST_FUN_OBJ_0(mod_psci_obj, mod_psci);

static const mp_rom_map_elem_t globals_table[] = {
    {MP_ROM_QSTR(MP_QSTR___name__), MP_ROM_QSTR(MP_QSTR_smp)},
    {MP_ROM_QSTR(MP_QSTR_count), MP_ROM_PTR(&mod_count_obj)},
    {MP_ROM_QSTR(MP_QSTR_cpus), MP_ROM_PTR(&mod_cpus_obj)},
    {MP_ROM_QSTR(MP_QSTR_start), MP_ROM_PTR(&mod_start_obj)},
    {MP_ROM_QSTR(MP_QSTR_call), MP_ROM_PTR(&mod_call_obj)},
    {MP_ROM_QSTR(MP_QSTR_submit), MP_ROM_PTR(&mod_submit_obj)},
    {MP_ROM_QSTR(MP_QSTR_functions), MP_ROM_PTR(&mod_functions_obj)},
    {MP_ROM_QSTR(MP_QSTR_ping), MP_ROM_PTR(&smp_ping_obj)},
    {MP_ROM_QSTR(MP_QSTR_shootdown), MP_ROM_PTR(&smp_shootdown_obj)},
    {MP_ROM_QSTR(MP_QSTR_psci), MP_ROM_PTR(&mod_psci_obj)},
};
static MP_DEFINE_CONST_DICT(globals, globals_table);

const mp_obj_module_t mod_smp = {
    .base = {&mp_type_module},
    .globals = (mp_obj_dict_t *)&globals,
};
MP_REGISTER_MODULE(MP_QSTR_smp, mod_smp);
