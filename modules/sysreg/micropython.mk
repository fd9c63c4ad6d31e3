# SPDX-License-Identifier: MIT
SYSREG_MOD_DIR := $(USERMOD_DIR)
SRC_USERMOD_C += $(SYSREG_MOD_DIR)/modsysreg.c
