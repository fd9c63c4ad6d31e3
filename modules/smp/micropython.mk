# SPDX-License-Identifier: MIT
SMP_MOD_DIR := $(USERMOD_DIR)
SRC_USERMOD_C += $(addprefix $(SMP_MOD_DIR)/, modsmp.c job.c leaves.c leafargs.c pair.c)
