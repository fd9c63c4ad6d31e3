// SPDX-License-Identifier: MIT
// Unit tests of C that also runs on the host.  TEST(name) { … } registers itself; the binary runs the tests it
// is given by name.  test_native.py makes each one a pytest case.

#ifndef PYRALLAX_TESTS_CHECK_H
#define PYRALLAX_TESTS_CHECK_H

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct check_test {
    const char *name;
    void (*run)(void);
    struct check_test *next;
} check_test_t;

static check_test_t *check_tests;
static int check_failures;

#define TEST(test_name)                                                                            \
    static void test_##test_name(void);                                                            \
    __attribute__((constructor)) static void register_##test_name(void) {                          \
        static check_test_t t = {.name = #test_name, .run = test_##test_name};                     \
        t.next = check_tests;                                                                      \
        check_tests = &t;                                                                          \
    }                                                                                              \
    static void test_##test_name(void)

#define CHECK(cond)                                                                                \
    do {                                                                                           \
        if (!(cond)) {                                                                             \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #cond);                             \
            check_failures++;                                                                      \
        }                                                                                          \
    } while (0)

#define CHECK_EQ(a, b)                                                                             \
    do {                                                                                           \
        unsigned long long a_ = (unsigned long long)(a), b_ = (unsigned long long)(b);             \
        if (a_ != b_) {                                                                            \
            fprintf(stderr, "%s:%d: %s is 0x%llx, not 0x%llx\n", __FILE__, __LINE__, #a, a_, b_);  \
            check_failures++;                                                                      \
        }                                                                                          \
    } while (0)

#define CHECK_STR(a, b)                                                                            \
    do {                                                                                           \
        const char *a_ = (a), *b_ = (b);                                                           \
        if (a_ == NULL || b_ == NULL ? a_ != b_ : strcmp(a_, b_) != 0) {                           \
            fprintf(stderr, "%s:%d: %s is \"%s\", not \"%s\"\n", __FILE__, __LINE__, #a,           \
                    a_ ? a_ : "(null)", b_ ? b_ : "(null)");                                       \
            check_failures++;                                                                      \
        }                                                                                          \
    } while (0)

int main(int argc, char **argv) {
    int ran = 0;
    for (int i = 1; i < argc; i++) {
        for (check_test_t *t = check_tests; t != NULL; t = t->next) {
            if (strcmp(argv[i], t->name) == 0) {
                t->run();
                ran++;
            }
        }
    }
    if (ran != argc - 1 || ran == 0) {
        fprintf(stderr, "%d of %d tests found\n", ran, argc - 1);
        return 2;
    }
    return check_failures != 0;
}

#endif
