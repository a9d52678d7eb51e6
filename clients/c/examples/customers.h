/* The customers of a load, by what they verify with, in the order in which they are used. As in
 * tigertally_load: which method a customer has follows from the number alone. */
#ifndef CUSTOMERS_H
#define CUSTOMERS_H

#include <stdint.h>

enum { METHOD_TOTP, METHOD_HOTP, METHOD_OCRA, METHOD_SMS, METHOD_PIN_OTP, METHOD_MSCHAPV2, METHODS };
extern const char *const method_names[METHODS];

/* Those of one method: each comes once before any comes again. `position`: how often one was taken. */
typedef struct {
    uint64_t count, position, first_position, factor, offset;
    uint32_t *last_step;
    uint8_t *failed;
    int method, alone;
} customers;

/* Of the first `population` customers; `alone`: all of them have this method. 0: no memory. */
int customers_begin(customers *of, int method, int alone, uint64_t population, uint64_t walk_key,
                    uint64_t position);
/* Number of the next; 0 where all were used in this step. `wrong`: one whose last code wasn't wrong too. */
int customers_take(customers *of, uint32_t step, int wrong, uint64_t *number);
/* How often each was taken before the one that comes next. */
uint64_t customers_round(const customers *of);

#endif
