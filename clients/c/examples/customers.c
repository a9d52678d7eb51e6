#include "customers.h"

#include <stdlib.h>

#define PATTERN 20

const char *const method_names[METHODS] = {"totp", "hotp", "ocra", "sms", "pin-otp", "mschapv2"};
static const uint64_t shares[METHODS] = {8, 4, 3, 3, 1, 1}, firsts[METHODS] = {0, 8, 12, 15, 18, 19};

static uint64_t greatest_divisor(uint64_t a, uint64_t b)
{
    while (b) {
        uint64_t t = a % b;
        a = b;
        b = t;
    }
    return a;
}

int customers_begin(customers *of, int method, int alone, uint64_t population, uint64_t walk_key,
                    uint64_t position)
{
    uint64_t count = alone ? population : population / PATTERN * shares[method], walked = count ? count : 1;
    uint64_t sixteenth = walked / 16 ? walked / 16 : 1;
    of->method = method;
    of->alone = alone;
    of->count = count;
    of->position = of->first_position = position;
    of->factor = ((uint64_t)((double)walked * 0.6180339887498949) + walk_key % sixteenth) % walked;
    if (of->factor == 0)
        of->factor = 1;
    while (greatest_divisor(of->factor, walked) != 1)
        of->factor++;
    of->factor = of->factor % walked ? of->factor % walked : 1;
    of->offset = (walk_key >> 16) % walked;
    of->last_step = calloc(walked, sizeof *of->last_step);
    of->failed = calloc(walked, 1);
    return of->last_step != NULL && of->failed != NULL;
}

int customers_take(customers *of, uint32_t step, int wrong, uint64_t *number)
{
    uint64_t tries = wrong ? of->count : of->count > 0;
    for (; tries > 0; tries--) {
        uint64_t place = (of->factor * (of->position % of->count) + of->offset) % of->count;
        if (of->last_step[place] >= step)
            return 0;
        of->position++;
        if (wrong && of->failed[place])
            continue;
        of->last_step[place] = step;
        of->failed[place] = (uint8_t)wrong;
        *number = of->alone ? place
                            : place / shares[of->method] * PATTERN + firsts[of->method] + place % shares[of->method];
        return 1;
    }
    return 0;
}

uint64_t customers_round(const customers *of) { return of->count ? of->position / of->count : 0; }
