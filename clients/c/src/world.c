/* What the library takes from its surroundings: memory, time, randomness, a log. */
#include "internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define LOG_LINE 256

static void *plain_allocate(void *context, size_t size)
{
    (void)context;
    return malloc(size);
}

static void plain_release(void *context, void *block)
{
    (void)context;
    free(block);
}

static int system_random(void *context, void *octets, size_t count)
{
    int file = open("/dev/urandom", O_RDONLY | O_CLOEXEC);
    size_t done = 0;
    (void)context;
    if (file < 0)
        return -1;
    while (done < count) {
        ssize_t got = read(file, (uint8_t *)octets + done, count - done);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            break;
        done += (size_t)got;
    }
    close(file);
    return done == count ? 0 : -1;
}

static int64_t clock_ms(clockid_t clock)
{
    struct timespec now;
    if (clock_gettime(clock, &now) != 0)
        return 0;
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int64_t system_wall(void *context)
{
    (void)context;
    return clock_ms(CLOCK_REALTIME);
}

static int64_t system_monotonic(void *context)
{
    (void)context;
    return clock_ms(CLOCK_MONOTONIC);
}

void tt_world_init(tt_world *world, const tt_hooks *hooks)
{
    memset(world, 0, sizeof *world);
    if (hooks != NULL)
        memcpy(&world->hooks, hooks,
               hooks->size && hooks->size < sizeof world->hooks ? hooks->size : sizeof world->hooks);
    if (world->hooks.allocate == NULL || world->hooks.release == NULL) {
        world->hooks.allocate = plain_allocate;
        world->hooks.release = plain_release;
    }
    if (world->hooks.random == NULL)
        world->hooks.random = system_random;
    if (world->hooks.wall_ms == NULL)
        world->hooks.wall_ms = system_wall;
    if (world->hooks.monotonic_ms == NULL)
        world->hooks.monotonic_ms = system_monotonic;
}

void *tt_allocate(const tt_world *world, size_t size)
{
    void *block = world->hooks.allocate(world->hooks.context, size);
    if (block != NULL)
        memset(block, 0, size);
    return block;
}

void tt_release(const tt_world *world, void *block)
{
    if (block != NULL)
        world->hooks.release(world->hooks.context, block);
}

void tt_release_wiped(const tt_world *world, void *block, size_t size)
{
    if (block != NULL) {
        tt_wipe(block, size);
        tt_release(world, block);
    }
}

void tt_vformat(char *to, size_t size, const char *format, va_list arguments)
{
    if (to != NULL && size > 0)
        (void)vsnprintf(to, size, format, arguments);
}

void tt_format(char *to, size_t size, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    tt_vformat(to, size, format, arguments);
    va_end(arguments);
}

void tt_log(const tt_world *world, int level, const char *format, ...)
{
    char line[LOG_LINE];
    va_list arguments;
    if (world->hooks.log == NULL)
        return;
    va_start(arguments, format);
    tt_vformat(line, sizeof line, format, arguments);
    va_end(arguments);
    world->hooks.log(world->hooks.context, level, line);
}

int64_t tt_now(const tt_world *world) { return world->hooks.monotonic_ms(world->hooks.context); }

int64_t tt_wall(const tt_world *world) { return world->hooks.wall_ms(world->hooks.context); }

int tt_random(const tt_world *world, void *octets, size_t count)
{
    return world->hooks.random(world->hooks.context, octets, count) == 0 ? TT_OK : TT_ERROR_SYSTEM;
}

uint64_t tt_random63(const tt_world *world)
{
    uint8_t octets[8];
    /* For jitter: without randomness the middle will do. */
    if (tt_random(world, octets, sizeof octets) != TT_OK)
        return UINT64_C(1) << 62;
    return tt_get64(octets) >> 1;
}

void tt_wipe(void *memory, size_t size)
{
    volatile uint8_t *octet = memory;
    while (size-- > 0)
        *octet++ = 0;
}

int tt_equal(const void *a, const void *b, size_t size)
{
    const volatile uint8_t *left = a, *right = b;
    unsigned differs = 0;
    while (size-- > 0)
        differs |= (unsigned)(*left++ ^ *right++);
    return differs == 0;
}

/* ------------------------------------------------------------------------- buffers */

int tt_buffer_reserve(tt_buffer *buffer, const tt_world *world, size_t room)
{
    size_t held = buffer->end - buffer->start, capacity = buffer->capacity ? buffer->capacity : 1024;
    uint8_t *octets;
    if (buffer->capacity - buffer->end >= room)
        return TT_OK;
    if (buffer->capacity - held >= room) {
        memmove(buffer->octets, buffer->octets + buffer->start, held);
        buffer->start = 0;
        buffer->end = held;
        return TT_OK;
    }
    while (capacity - held < room)
        capacity *= 2;
    octets = world->hooks.allocate(world->hooks.context, capacity);
    if (octets == NULL)
        return TT_ERROR_MEMORY;
    if (held > 0)
        memcpy(octets, buffer->octets + buffer->start, held);
    tt_release_wiped(world, buffer->octets, buffer->capacity);
    buffer->octets = octets;
    buffer->capacity = capacity;
    buffer->start = 0;
    buffer->end = held;
    return TT_OK;
}

void tt_buffer_take(tt_buffer *buffer, size_t count)
{
    buffer->start += count;
    if (buffer->start == buffer->end)
        buffer->start = buffer->end = 0;
}

void tt_buffer_free(tt_buffer *buffer, const tt_world *world)
{
    tt_release_wiped(world, buffer->octets, buffer->capacity);
    memset(buffer, 0, sizeof *buffer);
}
