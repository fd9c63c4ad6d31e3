# SPDX-License-Identifier: MIT
MMU_MOD_DIR := $(USERMOD_DIR)
SRC_USERMOD_C += $(MMU_MOD_DIR)/modmmu.c $(MMU_MOD_DIR)/space.c $(MMU_MOD_DIR)/view.c $(MMU_MOD_DIR)/selftest.c
