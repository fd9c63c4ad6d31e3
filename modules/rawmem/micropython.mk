# SPDX-License-Identifier: MIT
RAWMEM_MOD_DIR := $(USERMOD_DIR)
SRC_USERMOD_C += $(addprefix $(RAWMEM_MOD_DIR)/, modrawmem.c access.c match.c memtest.c range.c)
