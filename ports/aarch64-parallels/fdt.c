// SPDX-License-Identifier: MIT
// Flattened device tree reader (Devicetree Specification 0.4 §5).  Runs before the MMU is on: aligned
// accesses, no tables of pointers, nothing from libc.

#include "fdt.h"

#include <stdbool.h>

#define FDT_MAGIC 0xd00dfeedu
#define FDT_HEADER_LEN 40
#define FDT_BEGIN_NODE 1u
#define FDT_END_NODE 2u
#define FDT_PROP 3u
#define FDT_NOP 4u
#define FDT_END 9u
#define MAX_DEPTH 12
#define NAME_LEN 64

// Properties of the node being read; valid until its first child begins.
typedef struct {
    const char *name;
    const uint8_t *compatible, *reg, *interrupts, *device_type, *method, *bus_range, *domain,
        *status;
    uint32_t spi_base, spi_count; // of a GICv2m frame
    uint32_t compatible_len, reg_len, interrupts_len, device_type_len, method_len, bus_range_len,
        domain_len, status_len;
    bool done;
} node_t;

typedef struct {
    hw_config_t *hw;
    uint32_t address_cells[MAX_DEPTH + 1]; // of a node's children
    uint32_t size_cells[MAX_DEPTH + 1];
    int reserved_depth; // depth of /reserved-memory, or 0
    int chosen_depth;
    char stdout_path[NAME_LEN];
    bool uart_is_stdout;
} walk_t;

static uint32_t be32(const void *p) {
    const uint8_t *b = p;
    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

static bool str_eq(const char *a, const char *b) {
    while (*a != 0 && *a == *b) {
        a++;
        b++;
    }
    return *a == *b;
}

// s, of at most len bytes, holds text and ends there.
static bool prop_is(const uint8_t *s, uint32_t len, const char *text) {
    uint32_t i = 0;
    while (i < len && text[i] != 0 && s[i] == (uint8_t)text[i]) {
        i++;
    }
    return i < len && text[i] == 0 && s[i] == 0;
}

// One of the strings of a string list.
static bool list_has(const uint8_t *s, uint32_t len, const char *text) {
    while (len != 0) {
        if (prop_is(s, len, text)) {
            return true;
        }
        while (len != 0 && *s != 0) {
            s++;
            len--;
        }
        if (len != 0) {
            s++;
            len--;
        }
    }
    return false;
}

static void copy_text(char *to, uint32_t room, const uint8_t *from, uint32_t len) {
    uint32_t i = 0;
    while (i + 1 < room && i < len && from[i] != 0) {
        to[i] = (char)(from[i] < 0x20 || from[i] > 0x7e ? ' ' : from[i]);
        i++;
    }
    to[i] = 0;
}

static uint64_t cells(const uint8_t *p, uint32_t n) {
    uint64_t v = 0;
    while (n-- != 0) {
        v = v << 32 | be32(p);
        p += 4;
    }
    return v;
}

// Entry i of a reg property.
static bool reg_entry(const walk_t *w, const node_t *n, int depth, uint32_t i, uint64_t *base,
                      uint64_t *size) {
    uint32_t ac = w->address_cells[depth - 1], sc = w->size_cells[depth - 1];
    uint64_t step = 4ull * (ac + sc);
    if (n->reg == NULL || step == 0 || (i + 1) * step > n->reg_len) {
        return false;
    }
    const uint8_t *p = n->reg + i * step;
    *base = cells(p, ac);
    *size = cells(p + 4 * ac, sc);
    return true;
}

// INTID of entry i of an interrupts property with the GIC's three cells; 0 when there is none.
static uint32_t intid(const node_t *n, uint32_t i) {
    if (n->interrupts == NULL || (uint64_t)(i + 1) * 12 > n->interrupts_len) {
        return 0;
    }
    const uint8_t *p = n->interrupts + i * 12;
    uint32_t kind = be32(p), number = be32(p + 4);
    return number > 987 ? 0 : number + (kind == 0 ? 32 : 16);
}

static void add_mem(hw_config_t *hw, uint64_t base, uint64_t size, uint32_t kind) {
    if (size != 0 && base + size > base && hw->mem_count < HW_MAX_MEM) {
        hw_mem_t *m = &hw->mem[hw->mem_count++];
        m->base = base;
        m->size = size;
        m->kind = kind;
        m->type = 0;
    }
}

static void read_gic(walk_t *w, const node_t *n, int depth, uint32_t version) {
    hw_config_t *hw = w->hw;
    uint64_t base, size;
    if (!reg_entry(w, n, depth, 0, &base, &size)) {
        return;
    }
    hw->gic_version = version;
    hw->gicd = base;
    for (uint32_t i = 1; reg_entry(w, n, depth, i, &base, &size); i++) {
        if (version == 2) {
            hw->gicc = base;
            break;
        }
        // The CPU interface frames that may follow the redistributors are smaller than two of their pages.
        if (size >= 0x20000 && hw->gicr_count < HW_MAX_GICR) {
            hw->gicr[hw->gicr_count].base = base;
            hw->gicr[hw->gicr_count++].size = size;
        }
    }
}

static void read_uart(walk_t *w, const node_t *n, int depth) {
    hw_config_t *hw = w->hw;
    uint64_t base, size;
    // stdout-path is "/node@unit" or "/node@unit:options" at the root.
    const char *path = w->stdout_path[0] == '/' ? w->stdout_path + 1 : w->stdout_path;
    bool is_stdout = str_eq(path, n->name);
    if ((hw->uart_base != 0 && !is_stdout) || w->uart_is_stdout ||
        !reg_entry(w, n, depth, 0, &base, &size)) {
        return;
    }
    hw->uart_base = base;
    hw->uart_kind =
        list_has(n->compatible, n->compatible_len, "arm,sbsa-uart") ? HW_UART_SBSA : HW_UART_PL011;
    hw->uart_intid = intid(n, 0);
    hw->uart_from = HW_FROM_FDT;
    w->uart_is_stdout = is_stdout;
}

static void read_pci(walk_t *w, const node_t *n, int depth) {
    hw_config_t *hw = w->hw;
    uint64_t base, size;
    if (hw->ecam_count >= HW_MAX_ECAM || !reg_entry(w, n, depth, 0, &base, &size)) {
        return;
    }
    hw_ecam_t *e = &hw->ecam[hw->ecam_count++];
    uint32_t first = 0, last = (uint32_t)(size >> 20) - 1;
    if (n->bus_range != NULL && n->bus_range_len >= 8) {
        first = be32(n->bus_range);
        last = be32(n->bus_range + 4);
    }
    e->base = base - ((uint64_t)(first & 0xff) << 20);
    e->segment = n->domain != NULL && n->domain_len >= 4 ? (uint16_t)be32(n->domain) : 0;
    e->bus_first = (uint8_t)first;
    e->bus_last = last > 255 ? 255 : (uint8_t)last;
}

static void read_cpu(walk_t *w, const node_t *n, int depth) {
    hw_config_t *hw = w->hw;
    uint64_t base, size;
    if (reg_entry(w, n, depth, 0, &base, &size)) {
        hw->cpu_count++;
        if (hw->cpu_listed < HW_MAX_CPUS) {
            hw->cpu_mpidr[hw->cpu_listed++] = base;
        }
    }
}

// All properties of a node are known: take what we use.
static void read_node(walk_t *w, node_t *n, int depth) {
    hw_config_t *hw = w->hw;
    uint64_t base, size;
    if (n->done || depth < 2) {
        return;
    }
    n->done = true;
    if (n->status != NULL && !prop_is(n->status, n->status_len, "okay") &&
        !prop_is(n->status, n->status_len, "ok")) {
        return;
    }
    if (w->reserved_depth != 0 && depth == w->reserved_depth + 1) {
        for (uint32_t i = 0; reg_entry(w, n, depth, i, &base, &size); i++) {
            add_mem(hw, base, size, HW_MEM_RESERVED);
        }
    }
    if (n->device_type != NULL && prop_is(n->device_type, n->device_type_len, "memory")) {
        for (uint32_t i = 0; reg_entry(w, n, depth, i, &base, &size); i++) {
            add_mem(hw, base, size, HW_MEM_FREE);
        }
    } else if (n->device_type != NULL && prop_is(n->device_type, n->device_type_len, "cpu")) {
        read_cpu(w, n, depth);
    }
    if (n->compatible == NULL) {
        return;
    }
    const uint8_t *c = n->compatible;
    uint32_t len = n->compatible_len;
    if (list_has(c, len, "arm,pl011") || list_has(c, len, "arm,sbsa-uart")) {
        read_uart(w, n, depth);
    } else if (list_has(c, len, "arm,pl031")) {
        if (reg_entry(w, n, depth, 0, &base, &size)) {
            hw->pl031 = base;
        }
    } else if (list_has(c, len, "arm,gic-v3")) {
        read_gic(w, n, depth, 3);
    } else if (list_has(c, len, "arm,cortex-a15-gic") || list_has(c, len, "arm,gic-400")) {
        read_gic(w, n, depth, 2);
    } else if (list_has(c, len, "arm,gic-v2m-frame")) {
        if (hw->v2m_count < HW_MAX_V2M && reg_entry(w, n, depth, 0, &base, &size)) {
            hw->v2m[hw->v2m_count++] = (hw_v2m_t) {base, n->spi_base, n->spi_count};
        }
    } else if (list_has(c, len, "arm,gic-v3-its")) {
        if (hw->its_count < HW_MAX_ITS && reg_entry(w, n, depth, 0, &base, &size)) {
            hw->its[hw->its_count++] = base;
        }
    } else if (list_has(c, len, "arm,armv8-timer")) {
        hw->timer_phys_intid = intid(n, 1);
        hw->timer_virt_intid = intid(n, 2);
    } else if (list_has(c, len, "arm,psci-0.2") || list_has(c, len, "arm,psci-1.0")) {
        if (n->method != NULL) {
            hw->psci = prop_is(n->method, n->method_len, "smc") ? HW_PSCI_SMC : HW_PSCI_HVC;
        }
    } else if (list_has(c, len, "pci-host-ecam-generic")) {
        read_pci(w, n, depth);
    }
}

static void add_seed(hw_config_t *hw, const uint8_t *p, uint32_t len) {
    for (uint32_t i = 0; i < len && hw->rng_len < sizeof(hw->rng_seed); i++) {
        hw->rng_seed[hw->rng_len++] = p[i];
    }
}

static void read_prop(walk_t *w, node_t *n, int depth, const char *name, const uint8_t *p,
                      uint32_t len) {
    hw_config_t *hw = w->hw;
    if (depth == 1 && str_eq(name, "model")) {
        copy_text(hw->product, sizeof(hw->product), p, len);
    } else if (depth == 1 && str_eq(name, "compatible")) {
        copy_text(hw->vendor, sizeof(hw->vendor), p, len);
    } else if (depth == w->chosen_depth && str_eq(name, "bootargs")) {
        copy_text(hw->cmdline, sizeof(hw->cmdline), p, len);
    } else if (depth == w->chosen_depth &&
               (str_eq(name, "rng-seed") || str_eq(name, "kaslr-seed"))) {
        add_seed(hw, p, len);
    } else if (depth == w->chosen_depth && str_eq(name, "stdout-path")) {
        copy_text(w->stdout_path, sizeof(w->stdout_path), p, len);
        for (char *c = w->stdout_path; *c != 0; c++) {
            if (*c == ':') {
                *c = 0;
                break;
            }
        }
    } else if (str_eq(name, "#address-cells") && len >= 4) {
        w->address_cells[depth] = be32(p) <= 4 ? be32(p) : 0;
    } else if (str_eq(name, "#size-cells") && len >= 4) {
        w->size_cells[depth] = be32(p) <= 4 ? be32(p) : 0;
    } else if (str_eq(name, "compatible")) {
        n->compatible = p;
        n->compatible_len = len;
    } else if (str_eq(name, "reg")) {
        n->reg = p;
        n->reg_len = len;
    } else if (str_eq(name, "interrupts")) {
        n->interrupts = p;
        n->interrupts_len = len;
    } else if (str_eq(name, "device_type")) {
        n->device_type = p;
        n->device_type_len = len;
    } else if (str_eq(name, "method")) {
        n->method = p;
        n->method_len = len;
    } else if (str_eq(name, "bus-range")) {
        n->bus_range = p;
        n->bus_range_len = len;
    } else if (str_eq(name, "linux,pci-domain")) {
        n->domain = p;
        n->domain_len = len;
    } else if (str_eq(name, "arm,msi-base-spi") && len >= 4) {
        n->spi_base = be32(p);
    } else if (str_eq(name, "arm,msi-num-spis") && len >= 4) {
        n->spi_count = be32(p);
    } else if (str_eq(name, "status")) {
        n->status = p;
        n->status_len = len;
    }
}

uint32_t fdt_size(const void *fdt) {
    const uint8_t *b = fdt;
    return be32(b) == FDT_MAGIC ? be32(b + 4) : 0;
}

// Terminated string within [p, end).
static bool terminated(const uint8_t *p, const uint8_t *end) {
    while (p < end) {
        if (*p++ == 0) {
            return true;
        }
    }
    return false;
}

static void clear(void *p, uint32_t len) {
    for (uint8_t *b = p; len != 0; len--) {
        *b++ = 0;
    }
}

int fdt_read(const void *fdt, size_t size, hw_config_t *hw) {
    const uint8_t *b = fdt;
    if (size < FDT_HEADER_LEN || be32(b) != FDT_MAGIC) {
        return -1;
    }
    uint32_t total = be32(b + 4), structs = be32(b + 8), strings = be32(b + 12),
             reserve = be32(b + 16);
    uint32_t strings_len = be32(b + 32), structs_len = be32(b + 36);
    if (total > size || structs > total || structs_len > total - structs || strings > total ||
        strings_len > total - strings || reserve > total || (structs & 3) != 0) {
        return -2;
    }
    for (uint32_t at = reserve; at + 16 <= total; at += 16) {
        uint64_t r_base = cells(b + at, 2), r_size = cells(b + at + 8, 2);
        if ((r_base | r_size) == 0) {
            break;
        }
        add_mem(hw, r_base, r_size, HW_MEM_RESERVED);
    }

    walk_t w;
    node_t n;
    clear(&w, sizeof(w));
    clear(&n, sizeof(n));
    w.hw = hw;
    int depth = 0;
    const uint8_t *p = b + structs, *end = p + structs_len;
    while (end - p >= 4) {
        uint32_t token = be32(p);
        p += 4;
        if (token == FDT_BEGIN_NODE) {
            read_node(&w, &n, depth);
            if (!terminated(p, end) || depth >= MAX_DEPTH) {
                return -2;
            }
            depth++;
            clear(&n, sizeof(n));
            n.name = (const char *)p;
            w.address_cells[depth] = 2; // specification's default for a node without the property
            w.size_cells[depth] = 1;
            if (depth == 2 && str_eq(n.name, "chosen")) {
                w.chosen_depth = depth;
            } else if (depth == 2 && str_eq(n.name, "reserved-memory")) {
                w.reserved_depth = depth;
            }
            while (*p != 0) {
                p++;
            }
            p++;
            p += -(uintptr_t)(p - b) & 3;
        } else if (token == FDT_END_NODE) {
            read_node(&w, &n, depth);
            n.done = true;
            if (depth == w.chosen_depth) {
                w.chosen_depth = 0;
            }
            if (depth == w.reserved_depth) {
                w.reserved_depth = 0;
            }
            if (--depth < 0) {
                return -2;
            }
        } else if (token == FDT_PROP) {
            if (end - p < 8) {
                return -2;
            }
            uint32_t len = be32(p), name = be32(p + 4);
            p += 8;
            if (len > (uint64_t)(end - p) || name >= strings_len ||
                !terminated(b + strings + name, b + strings + strings_len)) {
                return -2;
            }
            read_prop(&w, &n, depth, (const char *)b + strings + name, p, len);
            p += len;
            uintptr_t pad = -(uintptr_t)(p - b) & 3;
            p += (uintptr_t)(end - p) < pad ? (uintptr_t)(end - p) : pad;
        } else if (token == FDT_END) {
            hw->flags |= HW_F_FDT;
            return 0;
        } else if (token != FDT_NOP) {
            return -2;
        }
    }
    return -2;
}
