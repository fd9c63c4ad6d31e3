# SPDX-License-Identifier: MIT
PROMPT_MOD_DIR := $(USERMOD_DIR)
SRC_USERMOD_C += $(PROMPT_MOD_DIR)/modprompt.c
