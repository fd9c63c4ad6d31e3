# SPDX-License-Identifier: MIT
MMIO_MOD_DIR := $(USERMOD_DIR)
SRC_USERMOD_C += $(MMIO_MOD_DIR)/modmmio.c
