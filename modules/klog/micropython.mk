# SPDX-License-Identifier: MIT
KLOG_MOD_DIR := $(USERMOD_DIR)
SRC_USERMOD_C += $(KLOG_MOD_DIR)/modklog.c
