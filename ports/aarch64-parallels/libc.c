// SPDX-License-Identifier: MIT
// What MicroPython needs of a C library and does not bring: string functions, errno, assert, abort.

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "fault.h"

int errno;

size_t strlen(const char *s) {
    const char *p = s;
    while (*p != 0) {
        p++;
    }
    return (size_t)(p - s);
}

size_t strnlen(const char *s, size_t max) {
    size_t n = 0;
    while (n < max && s[n] != 0) {
        n++;
    }
    return n;
}

int strcmp(const char *a, const char *b) {
    while (*a != 0 && *a == *b) {
        a++;
        b++;
    }
    return (unsigned char)*a - (unsigned char)*b;
}

int strncmp(const char *a, const char *b, size_t n) {
    for (; n != 0; n--, a++, b++) {
        if (*a != *b || *a == 0) {
            return (unsigned char)*a - (unsigned char)*b;
        }
    }
    return 0;
}

char *strchr(const char *s, int c) {
    for (;; s++) {
        if (*s == (char)c) {
            return (char *)s;
        }
        if (*s == 0) {
            return NULL;
        }
    }
}

char *strrchr(const char *s, int c) {
    const char *last = NULL;
    for (;; s++) {
        if (*s == (char)c) {
            last = s;
        }
        if (*s == 0) {
            return (char *)last;
        }
    }
}

char *strcpy(char *to, const char *from) {
    memcpy(to, from, strlen(from) + 1);
    return to;
}

char *strncpy(char *to, const char *from, size_t n) {
    size_t len = strnlen(from, n);
    memcpy(to, from, len);
    memset(to + len, 0, n - len);
    return to;
}

char *strcat(char *to, const char *from) {
    strcpy(to + strlen(to), from);
    return to;
}

char *strstr(const char *s, const char *find) {
    size_t n = strlen(find);
    for (; *s != 0 || n == 0; s++) {
        if (strncmp(s, find, n) == 0) {
            return (char *)s;
        }
        if (n == 0) {
            break;
        }
    }
    return NULL;
}

size_t strspn(const char *s, const char *accept) {
    size_t n = 0;
    while (s[n] != 0 && strchr(accept, s[n]) != NULL) {
        n++;
    }
    return n;
}

size_t strcspn(const char *s, const char *reject) {
    size_t n = 0;
    while (s[n] != 0 && strchr(reject, s[n]) == NULL) {
        n++;
    }
    return n;
}

void *memchr(const void *s, int c, size_t n) {
    for (const unsigned char *p = s; n != 0; n--, p++) {
        if (*p == (unsigned char)c) {
            return (void *)p;
        }
    }
    return NULL;
}

void __assert_fail(const char *expr, const char *file, int line) {
    panic(NULL, "assertion %s at %s:%d", expr, file, line);
}

void exit(int status) {
    panic(NULL, "exit(%d)", status);
}

// The CPU has these as instructions; the library's bit-by-bit ones would be slow.
double sqrt(double x) {
    double r;
    __asm__("fsqrt %d0, %d1" : "=w"(r) : "w"(x));
    return r;
}

double fabs(double x) {
    return __builtin_fabs(x);
}

double nan(const char *tag) {
    (void)tag;
    return __builtin_nan("");
}

double copysign(double x, double y) {
    return __builtin_copysign(x, y);
}
