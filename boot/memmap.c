// SPDX-License-Identifier: MIT
// Painter's algorithm: kinds are painted over each other in ascending order of authority, so that what two
// descriptors claim becomes the more cautious of both.  UEFI 2.10 §7.2.3.

#include "memmap.h"

#include "log.h"
#include "win.h"

#define PAGE 4096ull
#define MAX_DESCRIPTORS 4096
#define MAX_BITS 48
#define DIRECT_MAP_BITS 40 // memlayout.h

#define DESC_MIN_LEN 40
#define DESC_TYPE 0
#define DESC_BASE 8
#define DESC_PAGES 24
#define DESC_ATTRIBUTE 32
#define ATTR_CACHING 0xfull // UC, WC, WT, WB: what the memory is capable of
#define ATTR_WB (1ull << 3)
#define ATTR_SP (1ull << 18) // specific purpose: not for general use

#define KIND_HOLE 0 // takes what it covers off the list

static const uint8_t order[] = {HW_MEM_FREE,     HW_MEM_RESERVED, HW_MEM_ACPI,
                                HW_MEM_FIRMWARE, HW_MEM_MMIO,     KIND_HOLE};

static uint32_t kind_of(uint32_t type, uint64_t attribute) {
    switch (type) {
        case 11: // EfiMemoryMappedIO
        case 12: // EfiMemoryMappedIOPortSpace
            return HW_MEM_MMIO;
        case 8:  // EfiUnusableMemory
        case 15: // EfiUnacceptedMemoryType
            return KIND_HOLE;
        default:
            break;
    }
    // Not capable of write-back: no RAM, whatever its type says; unlisted is device memory.  A firmware that
    // says nothing about caching is believed in its types of memory, reserved ones apart: the alternative is
    // a machine without ACPI tables.
    bool silent = (attribute & ATTR_CACHING) == 0 && type != 0 && type <= 10;
    if ((attribute & ATTR_WB) == 0 && !silent) {
        return KIND_HOLE;
    }
    switch (type) {
        case 1: // EfiLoaderCode, EfiLoaderData, EfiBootServicesCode, EfiBootServicesData
        case 2:
        case 3:
        case 4:
        case 7: // EfiConventionalMemory
            return (attribute & ATTR_SP) != 0 ? HW_MEM_RESERVED : HW_MEM_FREE;
        case 5: // EfiRuntimeServicesCode, EfiRuntimeServicesData
        case 6:
            return HW_MEM_FIRMWARE;
        case 9: // EfiACPIReclaimMemory, EfiACPIMemoryNVS
        case 10:
            return HW_MEM_ACPI;
        default: // reserved, PAL code, persistent, OEM and later types
            return HW_MEM_RESERVED;
    }
}

static void odd(uint64_t base, uint64_t pages, uint32_t type, const char *reason) {
    log_begin("mem-odd");
    log_hex("base", base);
    log_hex("pages", pages);
    log_dec("type", type);
    log_word("reason", reason);
    log_end();
}

static uint64_t end_of(const hw_mem_t *m) {
    return m->base + m->size;
}

static bool delete_at(hw_config_t *hw, uint32_t i) {
    hw->mem_count--;
    __builtin_memmove(&hw->mem[i], &hw->mem[i + 1], (hw->mem_count - i) * sizeof(hw_mem_t));
    return true;
}

static bool insert_at(hw_config_t *hw, uint32_t i, hw_mem_t m) {
    if (hw->mem_count == HW_MAX_MEM) {
        return false;
    }
    __builtin_memmove(&hw->mem[i + 1], &hw->mem[i], (hw->mem_count - i) * sizeof(hw_mem_t));
    hw->mem[i] = m;
    hw->mem_count++;
    return true;
}

// Index of the first entry that ends after base.
static uint32_t find(const hw_config_t *hw, uint64_t base) {
    uint32_t lo = 0;
    uint32_t hi = hw->mem_count;
    while (lo < hi) {
        uint32_t mid = (lo + hi) / 2;
        if (end_of(&hw->mem[mid]) > base) {
            hi = mid;
        } else {
            lo = mid + 1;
        }
    }
    return lo;
}

// Cuts [base, end) out of the list.  Index where it would go in, or -1 when the list is full.
static int cut(hw_config_t *hw, uint64_t base, uint64_t end) {
    uint32_t i = find(hw, base);
    if (i < hw->mem_count && hw->mem[i].base < base) {
        hw_mem_t right = hw->mem[i];
        hw->mem[i].size = base - hw->mem[i].base;
        i++;
        if (end_of(&right) > end) {
            right.size = end_of(&right) - end;
            right.base = end;
            return insert_at(hw, i, right) ? (int)i : -1;
        }
    }
    while (i < hw->mem_count && end_of(&hw->mem[i]) <= end) {
        delete_at(hw, i);
    }
    if (i < hw->mem_count && hw->mem[i].base < end) {
        hw->mem[i].size = end_of(&hw->mem[i]) - end;
        hw->mem[i].base = end;
    }
    return (int)i;
}

// Entry i takes over its right neighbour when they touch and are of one kind; the larger one's type stays.
static void merge(hw_config_t *hw, uint32_t i) {
    if (i + 1 < hw->mem_count) {
        hw_mem_t *a = &hw->mem[i];
        const hw_mem_t *b = &hw->mem[i + 1];
        if (end_of(a) == b->base && a->kind == b->kind) {
            if (b->size > a->size) {
                a->type = b->type;
            }
            a->size += b->size;
            delete_at(hw, i + 1);
        }
    }
}

static bool paint(hw_config_t *hw, hw_mem_t m) {
    int at = cut(hw, m.base, end_of(&m));
    if (at < 0) {
        return false;
    }
    if (m.kind == KIND_HOLE) {
        return true;
    }
    uint32_t i = (uint32_t)at;
    // Grow the left neighbour in place: a full list can still take what merges.
    if (i > 0 && end_of(&hw->mem[i - 1]) == m.base && hw->mem[i - 1].kind == m.kind) {
        if (m.size > hw->mem[i - 1].size) {
            hw->mem[i - 1].type = m.type;
        }
        hw->mem[i - 1].size += m.size;
        merge(hw, i - 1);
        return true;
    }
    if (!insert_at(hw, i, m)) {
        return false;
    }
    merge(hw, i);
    return true;
}

// One descriptor as whole pages below limit; size 0 when nothing is left.
static hw_mem_t read_desc(win_t d, uint64_t limit) {
    uint64_t base = win_u64(d, DESC_BASE);
    uint64_t pages = win_u64(d, DESC_PAGES);
    uint32_t type = win_u32(d, DESC_TYPE);
    uint32_t kind = kind_of(type, win_u64(d, DESC_ATTRIBUTE));
    hw_mem_t m = {.kind = kind, .type = type};
    if (pages == 0) {
        odd(base, pages, type, "empty");
        return m;
    }
    if (base >= limit) {
        odd(base, pages, type, "beyond-address-space");
        return m;
    }
    uint64_t room = (limit - base) / PAGE; // in whole pages, also where base is odd
    if (pages > room) {
        odd(base, pages, type, "clipped-to-address-space");
        pages = room;
    }
    uint64_t end = base + pages * PAGE;
    if (base % PAGE != 0) { // free memory shrinks, everything else grows
        odd(base, pages, type, "not-page-aligned");
        if (kind == HW_MEM_FREE) {
            base = (base + PAGE - 1) & ~(PAGE - 1);
            end &= ~(PAGE - 1);
        } else {
            base &= ~(PAGE - 1);
            end = (end + PAGE - 1) & ~(PAGE - 1);
        }
    }
    m.base = base;
    m.size = end > base ? end - base : 0;
    return m;
}

static bool touches(const hw_config_t *hw, const hw_mem_t *m) {
    uint32_t i = find(hw, m->base);
    return i < hw->mem_count && hw->mem[i].base < end_of(m);
}

static const char *paint_kind(win_t map, size_t desc_size, uint32_t kind, uint64_t limit,
                              hw_config_t *hw) {
    for (size_t off = 0; win_has(map, off, desc_size); off += desc_size) {
        win_t d = win_sub(map, off, desc_size);
        if (kind_of(win_u32(d, DESC_TYPE), win_u64(d, DESC_ATTRIBUTE)) != kind) {
            continue;
        }
        hw_mem_t m = read_desc(d, limit);
        if (m.size == 0) {
            continue;
        }
        if (touches(hw, &m)) {
            odd(m.base, m.size / PAGE, m.type, "overlap");
        }
        if (!paint(hw, m)) {
            odd(m.base, m.size / PAGE, m.type, "no-room");
            if (kind != HW_MEM_FREE) { // losing free memory is safe, anything else is not
                return "map-too-fragmented";
            }
        }
    }
    return NULL;
}

const char *memmap_convert(const void *data, size_t map_size, size_t desc_size,
                           const hw_mem_t *keep, size_t nkeep, unsigned pa_bits, hw_config_t *hw) {
    const win_t map = {data, map_size};
    hw->mem_count = 0;
    if (desc_size < DESC_MIN_LEN || desc_size % 8 != 0 || desc_size > 4096) {
        return "bad-descriptor-size";
    }
    if (map_size < desc_size || map_size / desc_size > MAX_DESCRIPTORS) {
        return "bad-map-size";
    }
    if (pa_bits > DIRECT_MAP_BITS) {
        pa_bits = DIRECT_MAP_BITS;
    }
    if (pa_bits < 32) {
        return "bad-address-size";
    }
    const uint64_t limit = 1ull << pa_bits;
    for (size_t i = 0; i < sizeof(order); i++) {
        const char *reason = paint_kind(map, desc_size, order[i], limit, hw);
        if (reason != NULL) {
            return reason;
        }
    }
    if (!memmap_is_ram(hw, 0, PAGE) || hw->mem[0].kind == HW_MEM_FREE) { // page 0 is NULL's
        if (!paint(hw, (hw_mem_t) {.base = 0, .size = PAGE, .kind = KIND_HOLE})) {
            return "map-too-fragmented";
        }
    }
    for (size_t i = 0; i < nkeep; i++) {
        const hw_mem_t *k = &keep[i];
        if (k->size == 0 || k->base % PAGE != 0 || k->size % PAGE != 0 || k->base >= limit ||
            k->size > limit - k->base) {
            return "bad-kept-range";
        }
        if (!paint(hw, *k)) {
            return "map-too-fragmented";
        }
    }
    return NULL;
}
