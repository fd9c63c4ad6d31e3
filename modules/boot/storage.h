// SPDX-License-Identifier: MIT
#ifndef PYRALLAX_BOOT_STORAGE_H
#define PYRALLAX_BOOT_STORAGE_H

#include "py/obj.h"

extern const mp_obj_fun_builtin_fixed_t boot_storage_obj, boot_usb_obj;

#endif
