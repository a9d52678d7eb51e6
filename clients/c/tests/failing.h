/* Hooks for tests: an allocator whose n-th allocation fails and that counts what is held; fixed randomness. */
#ifndef FAILING_H
#define FAILING_H

#include "../include/tigertally.h"

#include <stdlib.h>
#include <string.h>

typedef struct {
    long done, fail_at, held; /* fail_at 0: never */
    uint64_t random;
    int64_t wall, monotonic;
} test_world;

static void *test_allocate(void *context, size_t size)
{
    test_world *w = context;
    void *block;
    if (++w->done == w->fail_at)
        return NULL;
    block = malloc(size);
    if (block != NULL) {
        memset(block, 0xa5, size);
        w->held++;
    }
    return block;
}

static void test_release(void *context, void *block)
{
    ((test_world *)context)->held--;
    free(block);
}

static int test_random(void *context, void *octets, size_t count)
{
    test_world *w = context;
    size_t i;
    for (i = 0; i < count; i++) {
        w->random = w->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        ((uint8_t *)octets)[i] = (uint8_t)(w->random >> 56);
    }
    return 0;
}

static tt_hooks test_hooks(test_world *w)
{
    tt_hooks hooks;
    memset(&hooks, 0, sizeof hooks);
    hooks.size = sizeof hooks;
    hooks.context = w;
    hooks.allocate = test_allocate;
    hooks.release = test_release;
    hooks.random = test_random;
    return hooks;
}

#endif
