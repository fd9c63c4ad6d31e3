# SPDX-License-Identifier: MIT
IRQ_MOD_DIR := $(USERMOD_DIR)
SRC_USERMOD_C += $(addprefix $(IRQ_MOD_DIR)/, modirq.c held.c line.c soft.c vectors.c)
