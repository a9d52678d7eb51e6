/* A test is a function; CHECK counts and tells; nothing else is needed. */
#ifndef CHECK_H
#define CHECK_H

#include <stdio.h>
#include <stdlib.h>

static unsigned long checks_done, checks_failed;

#define CHECK(holds)                                                                                    \
    do {                                                                                                \
        checks_done++;                                                                                  \
        if (!(holds)) {                                                                                 \
            checks_failed++;                                                                            \
            if (checks_failed <= 20)                                                                    \
                fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #holds);                             \
        }                                                                                               \
    } while (0)

#define CHECK_IN(holds, ...)                                                                            \
    do {                                                                                                \
        checks_done++;                                                                                  \
        if (!(holds)) {                                                                                 \
            checks_failed++;                                                                            \
            if (checks_failed <= 20) {                                                                  \
                fprintf(stderr, "%s:%d: %s in ", __FILE__, __LINE__, #holds);                           \
                fprintf(stderr, __VA_ARGS__);                                                           \
                fputc('\n', stderr);                                                                    \
            }                                                                                           \
        }                                                                                               \
    } while (0)

static int checks_told(const char *name)
{
    printf("%s: %lu checks, %lu failed\n", name, checks_done, checks_failed);
    return checks_failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

#endif
