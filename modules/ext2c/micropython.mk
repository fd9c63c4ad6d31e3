# SPDX-License-Identifier: MIT
EXT2C_MOD_DIR := $(USERMOD_DIR)
SRC_USERMOD_C += $(addprefix $(EXT2C_MOD_DIR)/, modext2c.c names.c inode.c dirent.c bits.c crc32c.c)
