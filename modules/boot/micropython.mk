# SPDX-License-Identifier: MIT
BOOT_MOD_DIR := $(USERMOD_DIR)
SRC_USERMOD_C += $(BOOT_MOD_DIR)/modboot.c $(BOOT_MOD_DIR)/crash.c $(BOOT_MOD_DIR)/storage.c
