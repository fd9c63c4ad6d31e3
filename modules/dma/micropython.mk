# SPDX-License-Identifier: MIT
DMA_MOD_DIR := $(USERMOD_DIR)
SRC_USERMOD_C += $(DMA_MOD_DIR)/moddma.c $(DMA_MOD_DIR)/pool.c $(DMA_MOD_DIR)/stop.c
