# SPDX-License-Identifier: MIT
TRACE_MOD_DIR := $(USERMOD_DIR)
SRC_USERMOD_C += $(TRACE_MOD_DIR)/modtrace.c
SRC_USERMOD_C += $(TRACE_MOD_DIR)/ring.c
