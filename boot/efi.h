// SPDX-License-Identifier: MIT
// The parts of UEFI 2.10 that the shim calls.  Members it does not call are placeholders that keep the offsets.

#ifndef PYRALLAX_BOOT_EFI_H
#define PYRALLAX_BOOT_EFI_H

#include <stddef.h>
#include <stdint.h>

#include "efitime.h"

typedef uint64_t efi_status_t;
typedef void *efi_handle_t;
typedef uint16_t efi_char_t;

#define EFI_ERROR(n) ((1ull << 63) | (n))
#define EFI_SUCCESS 0
#define EFI_LOAD_ERROR EFI_ERROR(1)
#define EFI_BUFFER_TOO_SMALL EFI_ERROR(5)
#define EFI_OUT_OF_RESOURCES EFI_ERROR(9)
#define EFI_NOT_FOUND EFI_ERROR(14)

typedef struct {
    uint32_t a;
    uint16_t b;
    uint16_t c;
    uint8_t d[8];
} efi_guid_t;

typedef void *efi_unused_t;

typedef struct { // §4.2
    uint64_t signature;
    uint32_t revision;
    uint32_t header_size;
    uint32_t crc32;
    uint32_t reserved;
} efi_table_header_t;

typedef struct efi_text_output { // §12.4
    efi_unused_t reset;
    efi_status_t (*output_string)(struct efi_text_output *self, const efi_char_t *text);
} efi_text_output_t;

typedef enum {
    EFI_ALLOCATE_ANY = 0,
    EFI_ALLOCATE_MAX = 1,
    EFI_ALLOCATE_ADDRESS = 2
} efi_allocate_t;
typedef enum { EFI_LOADER_CODE = 1, EFI_LOADER_DATA = 2 } efi_memory_t;

typedef struct { // §4.4
    efi_table_header_t header;
    efi_unused_t raise_tpl, restore_tpl;
    efi_status_t (*allocate_pages)(efi_allocate_t how, efi_memory_t type, size_t pages,
                                   uint64_t *phys);
    efi_status_t (*free_pages)(uint64_t phys, size_t pages);
    efi_status_t (*get_memory_map)(size_t *size, void *map, size_t *key, size_t *desc_size,
                                   uint32_t *version);
    efi_unused_t allocate_pool, free_pool;
    efi_unused_t create_event, set_timer, wait_for_event, signal_event, close_event, check_event;
    efi_unused_t install_protocol, reinstall_protocol, uninstall_protocol;
    efi_status_t (*handle_protocol)(efi_handle_t handle, const efi_guid_t *protocol,
                                    void *interface);
    efi_unused_t reserved, register_notify, locate_handle, locate_device_path,
        install_configuration_table;
    efi_unused_t load_image, start_image, exit, unload_image;
    efi_status_t (*exit_boot_services)(efi_handle_t image, size_t key);
    efi_unused_t get_next_monotonic_count;
    efi_status_t (*stall)(size_t us);
    efi_status_t (*set_watchdog_timer)(size_t s, uint64_t code, size_t size,
                                       const efi_char_t *data);
    efi_unused_t connect_controller, disconnect_controller;
    efi_unused_t open_protocol, close_protocol, open_protocol_information;
    efi_unused_t protocols_per_handle, locate_handle_buffer;
    efi_status_t (*locate_protocol)(const efi_guid_t *protocol, void *registration,
                                    void *interface);
    efi_unused_t install_multiple, uninstall_multiple;
    efi_unused_t calculate_crc32;
    void (*copy_mem)(void *to, const void *from, size_t len);
    void (*set_mem)(void *to, size_t len, uint8_t value);
} efi_boot_services_t;
_Static_assert(offsetof(efi_boot_services_t, exit_boot_services) == 232, "UEFI 2.10 §4.4");
_Static_assert(offsetof(efi_boot_services_t, set_mem) == 360, "UEFI 2.10 §4.4");

typedef struct { // §4.5
    efi_table_header_t header;
    efi_status_t (*get_time)(efi_time_t *time, void *capabilities);
} efi_runtime_services_t;

typedef struct {
    efi_guid_t guid;
    const void *table;
} efi_configuration_t;

typedef struct { // §4.3
    efi_table_header_t header;
    const efi_char_t *firmware_vendor;
    uint32_t firmware_revision;
    efi_handle_t in_handle;
    efi_unused_t in;
    efi_handle_t out_handle;
    efi_text_output_t *out;
    efi_handle_t err_handle;
    efi_text_output_t *err;
    efi_runtime_services_t *rt;
    efi_boot_services_t *bs;
    size_t configuration_count;
    const efi_configuration_t *configuration;
} efi_system_table_t;
_Static_assert(offsetof(efi_system_table_t, configuration) == 112, "UEFI 2.10 §4.3");

typedef struct { // §9.1
    uint32_t revision;
    efi_handle_t parent;
    efi_system_table_t *system;
    efi_handle_t device;
    efi_unused_t path, reserved;
    uint32_t options_size;
    const void *options;
    const void *image_base;
    uint64_t image_size;
} efi_loaded_image_t;

typedef struct efi_file { // §13.5
    uint64_t revision;
    efi_status_t (*open)(struct efi_file *self, struct efi_file **file, const efi_char_t *name,
                         uint64_t mode, uint64_t attributes);
    efi_status_t (*close)(struct efi_file *self);
    efi_unused_t delete_;
    efi_status_t (*read)(struct efi_file *self, size_t *size, void *buffer);
    efi_unused_t write;
    efi_status_t (*get_position)(struct efi_file *self, uint64_t *position);
    efi_status_t (*set_position)(struct efi_file *self, uint64_t position);
} efi_file_t;
#define EFI_FILE_READ 1ull
#define EFI_FILE_END (~0ull) // set_position: end of the file

typedef struct efi_file_system { // §13.4
    uint64_t revision;
    efi_status_t (*open_volume)(struct efi_file_system *self, efi_file_t **root);
} efi_file_system_t;

typedef struct { // §12.9
    uint32_t version;
    uint32_t width;
    uint32_t height;
    uint32_t format; // 0 R G B X, 1 B G R X, 2 bit mask, 3 Blt only
    uint32_t masks[4];
    uint32_t stride;
} efi_gop_info_t;

typedef struct {
    uint32_t max_mode;
    uint32_t mode;
    efi_gop_info_t *info;
    size_t info_size;
    uint64_t fb_base;
    size_t fb_size;
} efi_gop_mode_t;

typedef struct efi_gop {
    efi_status_t (*query_mode)(struct efi_gop *self, uint32_t mode, size_t *size,
                               efi_gop_info_t **info);
    efi_unused_t set_mode, blt;
    efi_gop_mode_t *mode;
} efi_gop_t;

typedef struct efi_rng { // §37.5
    efi_unused_t get_info;
    efi_status_t (*get_rng)(struct efi_rng *self, const efi_guid_t *algorithm, size_t len,
                            uint8_t *value);
} efi_rng_t;

#endif
