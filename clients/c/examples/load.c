/*
 * load: an open-loop load generator on the library's session layer: many connections in one thread.
 *
 *   load --credentials FILE [--population FILE] [--server HOST:PORT] [--rate N] [--seconds S]
 *        [--connections N] [--in-flight N] [--tokens N] [--mix approve=95,wrong=2,…] [--seed N]
 *        [--sms-file FILE] [--tick-ms N] [--json FILE|-] [--quiet]
 *
 * The options, the files and the result are those of `tigertally load`, which prepares them:
 * `tigertally load --prepare-only --tokens N`, with the same --mix where that is `methods`. Requests go out at planned times whatever the server
 * does; latency counts from the planned time, so a stalled server can't hide what it kept from being
 * sent. An error is any answer that the mix doesn't expect. Exit status: 0 clean, 1 not, 2 wrong use.
 */
#define _POSIX_C_SOURCE 200809L
#define _DEFAULT_SOURCE

#include "asked.h"
#include "codes.h"
#include "customers.h"
#include "proofs.h"
#include "tigertally.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define STEP_MS 30000
#define DRAIN_S 15.0
#define BUDGET_MS 5000
#define REMEMBERED 16
#define SMALLEST_BATCH 8
#define HIGHEST_US 120000000u
#define RECEIVE (256 * 1024)
#define CODE_SLOTS 1024

/* A turn of OCRA or SMS is two requests; those are no kinds of a mix themselves. */
enum {
    APPROVE,
    WRONG,
    REPLAY,
    RETRY,
    HEARTBEAT,
    HOTP,
    OCRA,
    SMS,
    PIN_OTP,
    MSCHAPV2,
    OCRA_ISSUE,
    OCRA_VERIFY,
    SMS_ISSUE,
    SMS_VERIFY,
    KINDS,
    MIXED = OCRA_ISSUE
};
static const char *const kind_names[KINDS] = {
    "approve", "wrong", "replay",   "retry",      "heartbeat",   "hotp",      "ocra",
    "sms",     "pin-otp", "mschapv2", "ocra-issue", "ocra-verify", "sms-issue", "sms-verify"};
/* How many of the customers' steps a mix of several methods may need more than its share: chance. */
#define METHODS_MARGIN 1.2
/* Counters by which HOTP goes ahead when the end of a run was never written. */
#define AHEAD 5

/* ------------------------------------------------------------------------- records */

typedef struct {
    uint64_t serial; /* 0: free */
    uint64_t planned_ns, step, token;
    uint16_t day;
    uint8_t kind;
    char code[7], challenge[33];
    int remembered; /* retries: which answer must come again */
} item;

typedef struct {
    item what;
    uint32_t code;
    tt_verify_otp_response answer;
} answered_item;

typedef struct {
    int fd, ready, connecting;
    tt_session *session;
    item *items;
    size_t mask, open, limit;
    uint64_t again_ns;
} link_;

typedef struct {
    double at, width, p50, p99, max;
    uint64_t offered, answered, errors, in_flight;
} second;

typedef struct {
    /* the plan */
    const char *credentials_path, *population_path, *server, *json_path;
    double rate, seconds;
    unsigned connections, in_flight, tick_ms;
    uint64_t tokens, total, seed;
    double weights[KINDS];
    char mix[192];
    int quiet, several; /* methods */
    const char *sms_path;
    /* the population */
    tt_credentials *credentials;
    codes_key load_key;
    char institution[16];
    uint64_t count, walk_key;
    customers by[METHODS];
    uint64_t base_step, last_step_used, position_used;
    asked_queue questions;
    inbox box;
    /* the run */
    int epoll;
    link_ *links;
    unsigned turn;
    struct addrinfo *address;
    uint64_t random, challenges, last_serial, instance;
    uint64_t start_ns, last_answer_ns, sent, strays, reconnects, lost;
    answered_item answers[REMEMBERED];
    size_t answers_held;
    item approved[REMEMBERED];
    size_t approved_held;
    uint8_t *receive;
    int leaving;
    char stopped[128];
    /* the account */
    uint64_t *histogram, *second_histogram, *busy_histogram;
    size_t buckets;
    uint64_t answered, second_answered, second_errors, errors, offered_before;
    uint64_t by_kind[KINDS][CODE_SLOTS];
    uint64_t lost_errors, never_sent, unanswered, differs, wrong_code_errors[CODE_SLOTS];
    double sum_us;
    second *rows;
    size_t row_count, row_room;
    double last_row_at;
} load;

static load l;

static void die(int status, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fputs("load: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    exit(status);
}

static void *memory(size_t count, size_t size)
{
    void *made = calloc(count ? count : 1, size);
    if (made == NULL)
        die(1, "no memory");
    return made;
}

static uint64_t clock_ns(clockid_t which)
{
    struct timespec now;
    clock_gettime(which, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static uint64_t now_ns(void) { return clock_ns(CLOCK_MONOTONIC); }
static uint64_t wall_ms(void) { return clock_ns(CLOCK_REALTIME) / 1000000u; }

/* splitmix64: the order of kinds, the same for the same seed. */
static uint64_t next_random(uint64_t *state)
{
    uint64_t z = (*state += UINT64_C(0x9e3779b97f4a7c15));
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static uint64_t new_serial(void)
{
    uint64_t serial = (wall_ms() << 20) | (l.instance << 10);
    if (serial <= l.last_serial) {
        uint64_t first = ((l.last_serial >> 20) << 20) | (l.instance << 10);
        serial = l.last_serial - first < 1023 ? l.last_serial + 1 : first + (UINT64_C(1) << 20);
    }
    return l.last_serial = serial;
}

static uint16_t business_day(void) { return (uint16_t)((wall_ms() + 480u * 60000u) / 86400000u); }

/* ------------------------------------------------------------------------- latencies
 *
 * Buckets as in an HDR histogram of three digits: 1024 steps per doubling.
 */

#define SUB 11

static size_t bucket_of(uint64_t us)
{
    unsigned shift = 0;
    if (us > HIGHEST_US)
        us = HIGHEST_US;
    while (us >> shift >= (1u << SUB))
        shift++;
    return ((size_t)shift << (SUB - 1)) + (size_t)(us >> shift);
}

static double highest_of(size_t bucket)
{
    size_t shift = bucket >> (SUB - 1);
    uint64_t base;
    if (bucket < (1u << SUB))
        return (double)bucket;
    shift--;
    base = (uint64_t)(bucket - (shift << (SUB - 1))) << shift;
    return (double)(base + (UINT64_C(1) << shift) - 1);
}

static double percentile_ms(const uint64_t *histogram, uint64_t total, double percentile)
{
    uint64_t wanted = (uint64_t)(percentile / 100 * (double)total + 0.5), seen = 0;
    size_t i;
    if (total == 0)
        return 0;
    if (wanted < 1)
        wanted = 1;
    for (i = 0; i < l.buckets; i++) {
        seen += histogram[i];
        if (seen >= wanted)
            return highest_of(i) / 1000;
    }
    return highest_of(l.buckets - 1) / 1000;
}

static void record(int kind, uint32_t code, uint64_t us)
{
    size_t bucket = bucket_of(us);
    l.histogram[bucket]++;
    l.second_histogram[bucket]++;
    l.answered++;
    l.second_answered++;
    l.sum_us += (double)us;
    l.by_kind[kind][code < CODE_SLOTS ? code : CODE_SLOTS - 1]++;
    if (code == TT_CODE_BUSY)
        l.busy_histogram[bucket]++;
}

static uint64_t in_flight(void)
{
    uint64_t open = 0;
    unsigned i;
    for (i = 0; i < l.connections; i++)
        open += l.links[i].open;
    return open;
}

static void end_row(double at)
{
    second *row;
    size_t i;
    if (l.row_count == l.row_room) {
        l.row_room = l.row_room ? 2 * l.row_room : 64;
        l.rows = realloc(l.rows, l.row_room * sizeof *l.rows);
        if (l.rows == NULL)
            die(1, "no memory");
    }
    row = &l.rows[l.row_count++];
    row->at = at;
    row->width = at - l.last_row_at;
    row->offered = l.sent - l.offered_before;
    row->answered = l.second_answered;
    row->errors = l.second_errors;
    row->p50 = percentile_ms(l.second_histogram, l.second_answered, 50);
    row->p99 = percentile_ms(l.second_histogram, l.second_answered, 99);
    row->max = percentile_ms(l.second_histogram, l.second_answered, 100);
    row->in_flight = in_flight();
    for (i = 0; i < l.buckets; i++)
        l.second_histogram[i] = 0;
    l.last_row_at = at;
    l.offered_before = l.sent;
    l.second_answered = l.second_errors = 0;
    if (!l.quiet && row->width >= 0.5)
        fprintf(stderr, "%5.0f s  offered %6llu  answered %6llu  p50 %7.1f  p99 %7.1f ms  in flight %5llu  errors %llu\n",
                row->at, (unsigned long long)row->offered, (unsigned long long)row->answered, row->p50,
                row->p99, (unsigned long long)row->in_flight, (unsigned long long)row->errors);
}

static void count_error(uint64_t *which, uint64_t count)
{
    *which += count;
    l.errors += count;
    l.second_errors += count;
}

/* ------------------------------------------------------------------------- the population */

static char *file_text(const char *path, int guarded)
{
    FILE *stream = fopen(path, "rb");
    struct stat about;
    char *text;
    size_t size;
    if (stream == NULL)
        return NULL;
    if (guarded && (fstat(fileno(stream), &about) != 0 || about.st_mode & (S_IRWXG | S_IRWXO)))
        die(2, "%s is open to other users; run: chmod 600 %s", path, path);
    text = memory(65537, 1);
    size = fread(text, 1, 65536, stream);
    text[size] = '\0';
    fclose(stream);
    return text;
}

/* What follows "name": in a flat JSON object. */
static const char *member(const char *text, const char *name)
{
    char quoted[64];
    const char *found;
    snprintf(quoted, sizeof quoted, "\"%s\"", name);
    found = strstr(text, quoted);
    if (found == NULL)
        return NULL;
    found += strlen(quoted);
    found += strspn(found, " \t\r\n:");
    return *found == '"' ? found + 1 : found;
}

static uint64_t member_number(const char *text, const char *name)
{
    const char *found = member(text, name);
    return found ? strtoull(found, NULL, 10) : 0;
}

static double methods_share(void)
{
    return l.weights[HOTP] + l.weights[OCRA] + l.weights[SMS] + l.weights[PIN_OTP] + l.weights[MSCHAPV2];
}

static void load_population(void)
{
    char *text = file_text(l.population_path, 1), *position_path, *position;
    const char *hex, *institution;
    uint8_t key[36], digest[32];
    unsigned i, octet;
    int method;
    if (text == NULL)
        die(2, "no population at %s; prepare one: tigertally load --prepare-only --tokens N", l.population_path);
    hex = member(text, "load_key_hex");
    institution = member(text, "institution");
    if (hex == NULL || strspn(hex, "0123456789abcdef") != 64 || institution == NULL)
        die(2, "%s is no population file, or is damaged", l.population_path);
    l.several = member(text, "methods") != NULL && strncmp(member(text, "methods"), "true", 4) == 0;
    if (!l.several && methods_share() > 0)
        die(2, "this mix needs customers with several methods; prepare them with the same --mix");
    snprintf(l.institution, sizeof l.institution, "%.*s", (int)strcspn(institution, "\""), institution);
    if (*l.institution == '\0')
        snprintf(l.institution, sizeof l.institution, "%s", tt_credentials_institution(l.credentials));
    l.count = member_number(text, "count");
    if (l.tokens > l.count)
        die(2, "%llu tokens are prepared, --tokens asks for %llu; prepare more", (unsigned long long)l.count,
            (unsigned long long)l.tokens);
    if (l.tokens)
        l.count = l.tokens;
    if (l.count == 0 || l.count > UINT64_C(4000000000))
        die(2, "a population has 1 to 4000000000 tokens here");
    memcpy(key, "walk", 4);
    for (i = 0; i < 32; i++) {
        sscanf(hex + 2 * i, "%2x", &octet);
        key[4 + i] = (uint8_t)octet;
    }
    codes_key_sha256(&l.load_key, key + 4, 32);
    codes_sha256(key, sizeof key, digest);
    for (i = 0; i < 8; i++)
        l.walk_key = l.walk_key << 8 | digest[i];
    tt_wipe(key, sizeof key);
    tt_wipe(text, strlen(text));
    free(text);
    position_path = memory(strlen(l.population_path) + 16, 1);
    sprintf(position_path, "%s.position", l.population_path);
    position = file_text(position_path, 0);
    if (position != NULL) {
        l.last_step_used = member_number(position, "step");
        l.position_used = l.count;
        if (member_number(position, "count") != l.count || member_number(position, "walk_key") != l.walk_key)
            *position = '\0';
        else
            l.position_used = member_number(position, "used");
    }
    for (method = 0; method < (l.several ? METHODS : 1); method++) {
        const char *name = method == METHOD_TOTP ? "position" : method_names[method];
        if (!customers_begin(&l.by[method], method, !l.several, l.count, l.walk_key,
                             position ? member_number(position, name) : 0))
            die(1, "no memory");
    }
    free(position);
    free(position_path);
    l.base_step = wall_ms() / STEP_MS - 1;
}

static void save_position(uint64_t hotp, uint64_t last_step, uint64_t used)
{
    char *path = memory(strlen(l.population_path) + 16, 1);
    FILE *stream;
    int method;
    sprintf(path, "%s.position", l.population_path);
    stream = fopen(path, "wb");
    if (stream != NULL) {
        fprintf(stream, "{\"count\":%llu,\"walk_key\":%llu,\"position\":%llu,\"step\":%llu,\"used\":%llu,\"methods\":{",
                (unsigned long long)l.count, (unsigned long long)l.walk_key,
                (unsigned long long)l.by[METHOD_TOTP].position, (unsigned long long)last_step, (unsigned long long)used);
        for (method = 0; l.several && method < METHODS; method++)
            fprintf(stream, "%s\"%s\":%llu", method ? "," : "", method_names[method],
                    (unsigned long long)(method == METHOD_HOTP ? hotp : l.by[method].position));
        fputs("}}\n", stream);
        fclose(stream);
    }
    free(path);
}

/* Before a run: should its end never be written, HOTP's next one begins some counters ahead of its tokens,
 * which their look-ahead covers. */
static void mark_begun(void)
{
    const customers *hotp = &l.by[METHOD_HOTP];
    if (l.several && hotp->count > 0)
        save_position(((hotp->position + hotp->count - 1) / hotp->count + AHEAD) * hotp->count, l.last_step_used,
                      l.position_used);
}

/* Codes of the last run's step are used up: wait for fresh ones, if they don't suffice. */
static void wait_until_fresh(uint64_t needed)
{
    uint64_t step = wall_ms() / STEP_MS, totp = l.by[METHOD_TOTP].count;
    if (step > l.last_step_used || l.position_used + (needed * totp + l.count - 1) / l.count <= totp)
        return;
    fprintf(stderr, "load: waiting for codes that the last run hasn't used; more --tokens help\n");
    while (wall_ms() / STEP_MS <= l.last_step_used) {
        struct timespec pause = {0, 50000000};
        nanosleep(&pause, NULL);
    }
}

/* The next customer with a method; 0 where all were used in this step. */
static int take_customer(int method, uint64_t step, int wrong, uint64_t *token)
{
    if (customers_take(&l.by[method], (uint32_t)(step - l.base_step), wrong, token))
        return 1;
    snprintf(l.stopped, sizeof l.stopped,
             "all %llu tokens are used up in this 30-second step; prepare more (--tokens) or lower --rate",
             (unsigned long long)l.by[method].count);
    return 0;
}

/* What the load key makes of a name and a token's number. */
static void derived(const char *name, uint64_t token, uint8_t made[32])
{
    uint8_t data[16];
    size_t size = strlen(name);
    int i;
    memcpy(data, name, size);
    for (i = 0; i < 8; i++)
        data[size++] = (uint8_t)(token >> (56 - 8 * i));
    codes_hmac(&l.load_key, data, size, made);
}

static void seed_of(uint64_t token, uint8_t seed[32]) { derived("", token, seed); }

static void pin_of(uint64_t token, char pin[13])
{
    uint8_t digest[32];
    uint64_t number = 0;
    int i;
    derived("pin", token, digest);
    for (i = 0; i < 8; i++)
        number = number << 8 | digest[i];
    snprintf(pin, 13, "%06llu", (unsigned long long)(number % 1000000));
}

/* A code that is wrong for every step that the server may look at. */
static void wrong_code(const uint8_t *seed, uint64_t step, char code[7])
{
    char near[27][7];
    unsigned long number;
    int i, hit = 1;
    for (i = 0; i < 27; i++)
        codes_totp(seed, 20, step - 14 + (uint64_t)i, near[i]);
    number = strtoul(near[14], NULL, 10);
    while (hit) {
        number = (number + 1) % 1000000;
        snprintf(code, 7, "%06lu", number);
        hit = 0;
        for (i = 0; i < 27; i++)
            hit |= strcmp(code, near[i]) == 0;
    }
}

/* ------------------------------------------------------------------------- items */

static item *slot_of(link_ *link, uint64_t serial)
{
    size_t at = (size_t)(serial ^ (serial >> 20)) & link->mask;
    while (link->items[at].serial && link->items[at].serial != serial)
        at = (at + 1) & link->mask;
    return &link->items[at];
}

/* Linear probing: what stands behind moves up. */
static void free_slot(link_ *link, item *freed)
{
    size_t hole = (size_t)(freed - link->items), at = hole;
    link->open--;
    for (;;) {
        size_t home;
        link->items[hole].serial = 0;
        do {
            at = (at + 1) & link->mask;
            if (link->items[at].serial == 0)
                return;
            home = (size_t)(link->items[at].serial ^ (link->items[at].serial >> 20)) & link->mask;
        } while (hole <= at ? (hole < home && home <= at) : (hole < home || home <= at));
        link->items[hole] = link->items[at];
        hole = at;
    }
}

/* An answer where something was asked, else a question. */
static int make_asked(item *made, uint64_t step, asked_queue *waiting, int method, int issue, int verify)
{
    uint8_t seed[32];
    asked one;
    if (!asked_take(waiting, &one)) {
        made->kind = (uint8_t)issue;
        return take_customer(method, step, 0, &made->token);
    }
    made->kind = (uint8_t)verify;
    made->token = one.customer;
    memcpy(made->challenge, one.challenge, sizeof made->challenge);
    if (method == METHOD_OCRA) {
        seed_of(made->token, seed);
        proofs_ocra(seed, 20, one.text, made->code);
    } else {
        memcpy(made->code, one.text, sizeof made->code);
    }
    return 1;
}

/* Of the methods beside TOTP; 0 where their customers are used up. */
static int make_method(item *made, uint64_t step)
{
    static const uint8_t methods[MIXED] = {[HOTP] = METHOD_HOTP, [PIN_OTP] = METHOD_PIN_OTP, [MSCHAPV2] = METHOD_MSCHAPV2};
    uint64_t counter;
    uint8_t seed[32];
    int method = methods[made->kind];
    if (made->kind == OCRA)
        return make_asked(made, step, &l.questions, METHOD_OCRA, OCRA_ISSUE, OCRA_VERIFY);
    if (made->kind == SMS)
        return make_asked(made, step, &l.box.codes, METHOD_SMS, SMS_ISSUE, SMS_VERIFY);
    counter = made->kind == HOTP ? customers_round(&l.by[method]) : step;
    if (!take_customer(method, step, 0, &made->token))
        return 0;
    seed_of(made->token, seed);
    codes_totp(seed, 20, counter, made->code);
    return 1;
}

/* What is to go out as number k; 0 where the tokens are used up. */
static int make_item(item *made, uint64_t step, uint16_t day)
{
    double draw = (double)(next_random(&l.random) >> 11) / 9007199254740992.0, sum = 0;
    int kind = 0;
    uint8_t seed[32];
    while (kind < MIXED - 1 && draw >= sum + l.weights[kind])
        sum += l.weights[kind++];
    made->kind = (uint8_t)kind;
    made->step = step;
    made->remembered = -1;
    if (kind == RETRY && l.answers_held > 0) {
        uint64_t planned = made->planned_ns;
        answered_item *first = &l.answers[--l.answers_held];
        *made = first->what;
        made->planned_ns = planned;
        made->kind = RETRY;
        made->remembered = (int)l.answers_held;
        return 1;
    }
    made->serial = new_serial();
    made->day = day;
    if (kind == HEARTBEAT)
        return 1;
    if (kind > HEARTBEAT)
        return make_method(made, step);
    if (kind == REPLAY && l.approved_held > 0 && l.approved[l.approved_held - 1].step == step) {
        const item *used = &l.approved[--l.approved_held];
        made->token = used->token;
        memcpy(made->code, used->code, sizeof made->code);
        return 1;
    }
    if (kind != WRONG)
        made->kind = APPROVE;
    if (!take_customer(METHOD_TOTP, step, kind == WRONG, &made->token))
        return 0;
    seed_of(made->token, seed);
    if (kind == WRONG)
        wrong_code(seed, step, made->code);
    else
        codes_totp(seed, 20, step, made->code);
    return 1;
}

static int ten_digits(char *to, const char *prefix, uint64_t number)
{
    int i;
    to[0] = prefix[0];
    to[1] = prefix[1];
    for (i = 11; i > 1; i--, number /= 10)
        to[i] = (char)('0' + number % 10);
    to[12] = '\0';
    return 12;
}

/* An answer that a retry will ask for again must outlive it: such an item carries its own copy. */
static answered_item retried[4 * REMEMBERED];

/* The request of an item: its struct filled in, and its transaction. */
typedef union {
    tt_verify_otp_request otp;
    tt_verify_pin_otp_request pin_otp;
    tt_verify_mschapv2_request mschapv2;
    tt_issue_ocra_challenge_request question;
    tt_verify_ocra_request answer;
    tt_send_sms_code_request send_code;
    tt_verify_sms_code_request code;
} any_request;

#define NAMED(member)                                                                                   \
    memset(&request->member, 0, sizeof request->member);                                                \
    memcpy(request->member.institution, l.institution, sizeof request->member.institution);             \
    ten_digits(request->member.customer, "LC", what->token)
#define NAMED_WITH_TOKEN(member)                                                                        \
    NAMED(member);                                                                                      \
    ten_digits(request->member.token, "LD", what->token)

static void draw_challenge(uint8_t challenge[16])
{
    uint64_t drawn[2] = {next_random(&l.challenges), next_random(&l.challenges)};
    memcpy(challenge, drawn, 16);
}

static unsigned fill_request(const item *what, any_request *request)
{
    switch (what->kind) {
    case OCRA_ISSUE:
        NAMED_WITH_TOKEN(question);
        return TT_TX_ISSUE_OCRA_CHALLENGE;
    case OCRA_VERIFY:
        NAMED_WITH_TOKEN(answer);
        memcpy(request->answer.challenge, what->challenge, sizeof what->challenge);
        memcpy(request->answer.answer, what->code, sizeof what->code);
        return TT_TX_VERIFY_OCRA;
    case SMS_ISSUE:
        NAMED(send_code);
        strcpy(request->send_code.scene, "login");
        return TT_TX_SEND_SMS_CODE;
    case SMS_VERIFY:
        NAMED(code);
        memcpy(request->code.challenge, what->challenge, sizeof what->challenge);
        strcpy(request->code.scene, "login");
        memcpy(request->code.otp, what->code, sizeof what->code);
        return TT_TX_VERIFY_SMS_CODE;
    case PIN_OTP:
        NAMED_WITH_TOKEN(pin_otp);
        memcpy(request->pin_otp.otp, what->code, sizeof what->code);
        pin_of(what->token, request->pin_otp.pin);
        return TT_TX_VERIFY_PIN_OTP;
    case MSCHAPV2:
        NAMED_WITH_TOKEN(mschapv2);
        draw_challenge(request->mschapv2.authenticator_challenge);
        draw_challenge(request->mschapv2.peer_challenge);
        proofs_nt_response(request->mschapv2.customer, request->mschapv2.authenticator_challenge,
                           request->mschapv2.peer_challenge, what->code, request->mschapv2.nt_response);
        return TT_TX_VERIFY_MSCHAPV2;
    default:
        NAMED_WITH_TOKEN(otp);
        memcpy(request->otp.otp, what->code, sizeof what->code);
        return TT_TX_VERIFY_OTP;
    }
}

static void send_item(link_ *link, const item *what, uint64_t wall)
{
    any_request request;
    tt_stamp stamp;
    item *slot;
    int status;
    memset(&stamp, 0, sizeof stamp);
    stamp.serial = what->serial;
    stamp.now_ms = (int64_t)wall;
    stamp.business_day = what->day;
    if (what->kind == HEARTBEAT) {
        status = tt_session_heartbeat(link->session, &stamp);
    } else {
        unsigned transaction = fill_request(what, &request);
        stamp.budget_ms = BUDGET_MS;
        stamp.retry = what->kind == RETRY;
        status = tt_session_request(link->session, transaction, &request, &stamp, NULL);
    }
    if (status != TT_OK)
        die(1, "cannot build a request: %s", tt_status_text(status));
    slot = slot_of(link, what->serial);
    *slot = *what;
    if (what->kind == RETRY) {
        static size_t turn;
        size_t place = turn++ % (sizeof retried / sizeof *retried);
        retried[place] = l.answers[what->remembered];
        slot->remembered = (int)place;
    }
    link->open++;
}

/* The expected answer to a request that asks for a question or a code. */
static void keep_asked(const item *what, const void *message)
{
    asked one;
    int kept;
    memset(&one, 0, sizeof one);
    one.customer = what->token;
    if (what->kind == OCRA_ISSUE) {
        const tt_issue_ocra_challenge_response *question = message;
        memcpy(one.challenge, question->challenge, sizeof one.challenge);
        memcpy(one.text, question->question, sizeof one.text - 1);
        kept = asked_put(&l.questions, &one);
    } else {
        const tt_send_sms_code_response *sent = message;
        memcpy(one.challenge, sent->challenge, sizeof one.challenge);
        kept = inbox_expect(&l.box, sent->message_id, &one);
    }
    if (!kept)
        die(1, "no memory");
}

static void judge(const item *what, uint32_t code, const void *message)
{
    static const uint32_t expected[KINDS] = {
        [APPROVE] = TT_CODE_APPROVED,       [WRONG] = TT_CODE_WRONG_CODE,  [REPLAY] = TT_CODE_REPLAYED_CODE,
        [HOTP] = TT_CODE_APPROVED,          [PIN_OTP] = TT_CODE_APPROVED,  [MSCHAPV2] = TT_CODE_APPROVED,
        [OCRA_ISSUE] = TT_CODE_CHANGED,     [SMS_ISSUE] = TT_CODE_CHANGED, [OCRA_VERIFY] = TT_CODE_APPROVED,
        [SMS_VERIFY] = TT_CODE_APPROVED};
    const tt_verify_otp_response *answer = message; /* of the kinds that are asked again */
    if (what->kind == HEARTBEAT)
        return;
    if (what->kind == RETRY) {
        const answered_item *first = &retried[what->remembered];
        if (first->what.serial != what->serial)
            return; /* pushed out by later retries: nothing to compare with */
        if (code != first->code)
            count_error(&l.wrong_code_errors[code < CODE_SLOTS ? code : CODE_SLOTS - 1], 1);
        else if (memcmp(&first->answer, answer, sizeof *answer) != 0)
            count_error(&l.differs, 1);
        return;
    }
    if (code != expected[what->kind]) {
        count_error(&l.wrong_code_errors[code < CODE_SLOTS ? code : CODE_SLOTS - 1], 1);
        return;
    }
    if (what->kind > HEARTBEAT) {
        if (what->kind == OCRA_ISSUE || what->kind == SMS_ISSUE)
            keep_asked(what, message);
        return;
    }
    if (l.answers_held < REMEMBERED) {
        answered_item *kept = &l.answers[l.answers_held++];
        kept->what = *what;
        kept->code = code;
        kept->answer = *answer;
    }
    if (what->kind == APPROVE) {
        if (l.approved_held > 0 && l.approved[0].step != what->step)
            l.approved_held = 0;
        if (l.approved_held < REMEMBERED)
            l.approved[l.approved_held++] = *what;
    }
}

/* ------------------------------------------------------------------------- connections */

static void watch(link_ *link, int operation, uint32_t events)
{
    struct epoll_event event;
    memset(&event, 0, sizeof event);
    event.events = events;
    event.data.u32 = (uint32_t)(link - l.links);
    epoll_ctl(l.epoll, operation, link->fd, &event);
}

static void lose(link_ *link)
{
    size_t i;
    if (link->fd >= 0) {
        close(link->fd);
        link->fd = -1;
    }
    tt_session_free(link->session);
    link->session = NULL;
    link->ready = link->connecting = 0;
    if (link->open > 0)
        count_error(l.leaving ? &l.unanswered : &l.lost_errors, link->open);
    for (i = 0; i <= link->mask; i++)
        link->items[i].serial = 0;
    link->open = 0;
    link->again_ns = now_ns() + 250000000u;
}

static int begin_connect(link_ *link)
{
    uint8_t nonce[16];
    int one = 1, random = open("/dev/urandom", O_RDONLY);
    if (random < 0 || read(random, nonce, sizeof nonce) != (ssize_t)sizeof nonce)
        die(1, "no randomness");
    close(random);
    if (tt_session_new(&link->session, l.credentials, "tigertally-load", nonce,
                       l.in_flight > 65535 ? 65535 : l.in_flight, NULL) != TT_OK)
        die(1, "no memory");
    link->fd = socket(l.address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (link->fd < 0)
        die(1, "no socket: %s", strerror(errno));
    setsockopt(link->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    link->connecting = 1;
    link->again_ns = now_ns() + 10000000000u;
    if (connect(link->fd, l.address->ai_addr, l.address->ai_addrlen) != 0 && errno != EINPROGRESS) {
        lose(link);
        return 0;
    }
    watch(link, EPOLL_CTL_ADD, EPOLLIN);
    return 1;
}

static void flush(link_ *link)
{
    size_t count;
    const void *octets;
    if (link->fd < 0)
        return;
    while ((octets = tt_session_output(link->session, &count)) != NULL) {
        ssize_t sent = send(link->fd, octets, count, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0) {
            /* Another error is seen, and told, by the reader. */
            watch(link, EPOLL_CTL_MOD, EPOLLIN | EPOLLOUT);
            return;
        }
        tt_session_sent(link->session, (size_t)sent);
    }
}

static void own_stamp(tt_stamp *stamp)
{
    memset(stamp, 0, sizeof *stamp);
    stamp->serial = new_serial();
    stamp->now_ms = (int64_t)wall_ms();
    stamp->business_day = business_day();
}

/* 0 when the connection is over. */
static int take_event(link_ *link, const tt_event *event, uint64_t now)
{
    tt_stamp stamp;
    item *found;
    switch (event->type) {
    case TT_EVENT_GREETED:
        own_stamp(&stamp);
        return tt_session_sign_on(link->session, &stamp) == TT_OK;
    case TT_EVENT_SIGNED_ON:
        link->ready = 1;
        link->connecting = 0;
        link->limit = event->signed_on.in_flight_limit < l.in_flight ? event->signed_on.in_flight_limit
                                                                     : l.in_flight;
        return 1;
    case TT_EVENT_HEARTBEAT:
    case TT_EVENT_RESPONSE:
        found = slot_of(link, event->header.serial);
        if (found->serial == 0) {
            l.strays++;
            return 1;
        }
        l.last_answer_ns = now;
        record(found->kind, event->type == TT_EVENT_HEARTBEAT ? 0 : event->code,
               (now - found->planned_ns) / 1000);
        if (event->type == TT_EVENT_RESPONSE)
            judge(found, event->code, event->message);
        free_slot(link, found);
        return 1;
    case TT_EVENT_DRAIN:
        link->ready = 0;
        return 1;
    case TT_EVENT_KEY_CHANGE_DUE:
        own_stamp(&stamp);
        return tt_session_key_change(link->session, &stamp) == TT_OK;
    case TT_EVENT_KEYS_CHANGED:
        return 1;
    case TT_EVENT_BROKEN:
        fprintf(stderr, "load: %s\n", tt_session_problem(link->session));
        return 0;
    default:
        return 0;
    }
}

static void receive(link_ *link)
{
    tt_event event;
    for (;;) {
        ssize_t got = recv(link->fd, l.receive, RECEIVE, 0);
        uint64_t now = now_ns();
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
            return;
        if (got <= 0) {
            lose(link);
            return;
        }
        if (tt_session_feed(link->session, l.receive, (size_t)got) != TT_OK)
            die(1, "no memory");
        while (tt_session_next(link->session, &event))
            if (!take_event(link, &event, now)) {
                lose(link);
                return;
            }
        flush(link);
        if (link->fd < 0 || got < RECEIVE)
            return;
    }
}

static void wait_events(int timeout_ms)
{
    struct epoll_event events[256];
    int count = epoll_wait(l.epoll, events, 256, timeout_ms), i;
    for (i = 0; i < count; i++) {
        link_ *link = &l.links[events[i].data.u32];
        if (link->fd < 0)
            continue;
        if (events[i].events & EPOLLOUT) {
            watch(link, EPOLL_CTL_MOD, EPOLLIN);
            flush(link);
        }
        if (link->fd >= 0 && events[i].events & (EPOLLIN | EPOLLERR | EPOLLHUP))
            receive(link);
    }
}

static void keep_connected(void)
{
    uint64_t now = now_ns();
    unsigned i;
    for (i = 0; i < l.connections; i++) {
        link_ *link = &l.links[i];
        if (link->connecting && now > link->again_ns)
            lose(link);
        if (link->fd < 0 && now > link->again_ns && begin_connect(link))
            l.reconnects++;
    }
}

/* ------------------------------------------------------------------------- the schedule */

static size_t room_of(const link_ *link)
{
    size_t unsent;
    if (!link->ready || link->fd < 0 || link->open >= link->limit)
        return 0;
    tt_session_output(link->session, &unsent);
    return unsent ? 0 : link->limit - link->open;
}

static link_ *next_with_room(void)
{
    unsigned i;
    for (i = 0; i < l.connections; i++) {
        l.turn = (l.turn + 1) % l.connections;
        if (room_of(&l.links[l.turn]) > 0)
            return &l.links[l.turn];
    }
    return NULL;
}

static int send_due(uint64_t due)
{
    uint64_t wall = wall_ms(), step = wall / STEP_MS;
    uint16_t day = business_day();
    uint64_t share = (due - l.sent) / l.connections + 1;
    double gap_ns = 1e9 / l.rate;
    if (share < SMALLEST_BATCH)
        share = SMALLEST_BATCH;
    if (l.sms_path != NULL && !inbox_look(&l.box))
        die(1, "no memory");
    while (l.sent < due) {
        link_ *link = next_with_room();
        uint64_t room, batch;
        if (link == NULL)
            return 1;
        room = room_of(link);
        batch = due - l.sent < share ? due - l.sent : share;
        for (batch = batch < room ? batch : room; batch > 0; batch--) {
            item made;
            memset(&made, 0, sizeof made);
            made.planned_ns = l.start_ns + (uint64_t)((double)l.sent * gap_ns);
            if (!make_item(&made, step, day)) {
                flush(link);
                return 0;
            }
            send_item(link, &made, wall);
            l.sent++;
        }
        flush(link);
    }
    return 1;
}

static double elapsed_s(void) { return (double)(now_ns() - l.start_ns) / 1e9; }

static void tell_seconds(void)
{
    double now = elapsed_s(), whole = (double)(uint64_t)now;
    if (whole > l.last_row_at)
        end_row(whole);
}

static void run(void)
{
    uint64_t next = l.start_ns;
    while (l.sent < l.total) {
        double elapsed = elapsed_s();
        uint64_t due = (uint64_t)(elapsed * l.rate) + 1, now;
        if (!send_due(due < l.total ? due : l.total))
            break;
        if (elapsed > l.seconds + DRAIN_S) {
            snprintf(l.stopped, sizeof l.stopped, "the server took too few requests; the rest was never sent");
            count_error(&l.never_sent, l.total - l.sent);
            break;
        }
        next += (uint64_t)l.tick_ms * 1000000u;
        now = now_ns();
        if (next < now)
            next = now;
        do {
            wait_events((int)((next - now + 999999u) / 1000000u));
            now = now_ns();
        } while (now < next);
        keep_connected();
        tell_seconds();
    }
    next = now_ns() + (uint64_t)(DRAIN_S * 1e9);
    while (in_flight() > 0 && now_ns() < next) {
        wait_events(10);
        tell_seconds();
    }
}

static void sign_off(void)
{
    uint64_t until = now_ns() + 1000000000u;
    unsigned i, up = 1;
    l.leaving = 1;
    for (i = 0; i < l.connections; i++) {
        tt_stamp stamp;
        own_stamp(&stamp);
        if (l.links[i].fd >= 0 && tt_session_sign_off(l.links[i].session, &stamp) == TT_OK)
            flush(&l.links[i]);
    }
    while (up && now_ns() < until) {
        wait_events(10);
        for (up = i = 0; i < l.connections; i++)
            up += l.links[i].fd >= 0;
    }
    for (i = 0; i < l.connections; i++)
        if (l.links[i].fd >= 0)
            lose(&l.links[i]);
}

static void open_all(void)
{
    const char *server = l.server ? l.server : tt_credentials_server(l.credentials, 0), *colon;
    char host[256], port[16] = "7117";
    struct addrinfo wanted;
    uint64_t until;
    unsigned i, ready = 0;
    size_t slots = 64;
    if (*server == '[') {
        snprintf(host, sizeof host, "%.*s", (int)strcspn(server + 1, "]"), server + 1);
        colon = strstr(server, "]:");
        colon = colon ? colon + 1 : NULL;
    } else {
        snprintf(host, sizeof host, "%.*s", (int)strcspn(server, ":"), server);
        colon = strchr(server, ':');
    }
    if (colon)
        snprintf(port, sizeof port, "%s", colon + 1);
    memset(&wanted, 0, sizeof wanted);
    wanted.ai_socktype = SOCK_STREAM;
    if (getaddrinfo(host, port, &wanted, &l.address) != 0)
        die(1, "%s: no such address", server);
    while (slots < 2 * (size_t)l.in_flight)
        slots *= 2;
    l.epoll = epoll_create1(EPOLL_CLOEXEC);
    l.links = memory(l.connections, sizeof *l.links);
    for (i = 0; i < l.connections; i++) {
        l.links[i].items = memory(slots, sizeof(item));
        l.links[i].mask = slots - 1;
        l.links[i].fd = -1;
        if (!begin_connect(&l.links[i]))
            die(1, "%s: cannot connect", server);
    }
    until = now_ns() + 10000000000u;
    while (ready < l.connections) {
        wait_events(50);
        for (ready = i = 0; i < l.connections; i++) {
            if (l.links[i].fd < 0)
                die(1, "connection %u: the server refused it, or is not there", i + 1);
            ready += (unsigned)l.links[i].ready;
        }
        if (now_ns() > until)
            die(1, "no sign-on in time");
    }
}

/* ------------------------------------------------------------------------- the result */

static uint64_t of_code(uint32_t code)
{
    uint64_t sum = 0;
    int kind;
    for (kind = 0; kind < KINDS; kind++)
        sum += l.by_kind[kind][code];
    return sum;
}

static uint64_t of_class(int cls)
{
    uint64_t sum = 0;
    uint32_t code;
    for (code = 1; code < CODE_SLOTS - 1; code++)
        if (tt_code_class(code) == cls)
            sum += of_code(code);
    return sum;
}

static void write_counts(FILE *to, const char *name, uint64_t count, int *first)
{
    if (count == 0)
        return;
    fprintf(to, "%s\n    \"%s\": %llu", *first ? "" : ",", name, (unsigned long long)count);
    *first = 0;
}

static void write_errors(FILE *to)
{
    int first = 1;
    uint32_t code;
    fprintf(to, "  \"errors_by_code\": {");
    for (code = 0; code < CODE_SLOTS; code++)
        if (l.wrong_code_errors[code])
            write_counts(to, tt_code_name(code) ? tt_code_name(code) : "UNKNOWN_CODE", l.wrong_code_errors[code],
                         &first);
    write_counts(to, "RETRY_DIFFERS", l.differs, &first);
    write_counts(to, "CONNECTION_LOST", l.lost_errors, &first);
    write_counts(to, "NO_ANSWER", l.unanswered, &first);
    write_counts(to, "NEVER_SENT", l.never_sent, &first);
    fprintf(to, "\n  },\n");
}

/* How long a refusal took, and an answer that is none. */
static void write_busy(FILE *to)
{
    uint64_t busy = of_code(TT_CODE_BUSY), *rest = memory(l.buckets, sizeof *rest);
    size_t i;
    for (i = 0; i < l.buckets; i++)
        rest[i] = l.histogram[i] - l.busy_histogram[i];
    fprintf(to, "  \"busy_ms\": {\"p50\": %.3f, \"p90\": %.3f, \"p99\": %.3f, \"max\": %.3f},\n",
            percentile_ms(l.busy_histogram, busy, 50), percentile_ms(l.busy_histogram, busy, 90),
            percentile_ms(l.busy_histogram, busy, 99), percentile_ms(l.busy_histogram, busy, 100));
    fprintf(to, "  \"served_ms\": {\"p50\": %.3f, \"p90\": %.3f, \"p99\": %.3f, \"max\": %.3f},\n",
            percentile_ms(rest, l.answered - busy, 50), percentile_ms(rest, l.answered - busy, 90),
            percentile_ms(rest, l.answered - busy, 99), percentile_ms(rest, l.answered - busy, 100));
    free(rest);
}

static void write_kinds(FILE *to)
{
    int kind, some = 0;
    uint32_t code;
    fprintf(to, "  \"by_kind\": {");
    for (kind = 0; kind < KINDS; kind++) {
        int first = 1;
        for (code = 0; code < CODE_SLOTS; code++)
            if (l.by_kind[kind][code]) {
                if (first)
                    fprintf(to, "%s\n   \"%s\": {", some++ ? "," : "", kind_names[kind]);
                write_counts(to, tt_code_name(code), l.by_kind[kind][code], &first);
            }
        if (!first)
            fprintf(to, "}");
    }
    fprintf(to, "\n  },\n");
}

static void write_curve(FILE *to)
{
    static const double tenths[9] = {1, 0.749894209, 0.562341325, 0.421696503, 0.316227766,
                                     0.237137371, 0.177827941, 0.133352143, 0.1};
    double rest = 100;
    int i;
    fprintf(to, "  \"curve\": {");
    for (i = 0; i < 41; i++) {
        double percentile = 100 - rest * tenths[i % 8];
        fprintf(to, "\"%.5f\": %.3f, ", percentile, percentile_ms(l.histogram, l.answered, percentile));
        if (i % 8 == 7)
            rest /= 10;
    }
    fprintf(to, "\"100.00000\": %.3f},\n", percentile_ms(l.histogram, l.answered, 100));
}

static void write_rows(FILE *to)
{
    size_t i;
    fprintf(to, "  \"rows\": [");
    for (i = 0; i < l.row_count; i++)
        fprintf(to,
                "%s\n    {\"at\": %.3f, \"width\": %.3f, \"offered\": %llu, \"answered\": %llu, \"errors\": %llu, "
                "\"p50_ms\": %.3f, \"p99_ms\": %.3f, \"max_ms\": %.3f, \"in_flight\": %llu}",
                i ? "," : "", l.rows[i].at, l.rows[i].width, (unsigned long long)l.rows[i].offered,
                (unsigned long long)l.rows[i].answered, (unsigned long long)l.rows[i].errors, l.rows[i].p50,
                l.rows[i].p99, l.rows[i].max, (unsigned long long)l.rows[i].in_flight);
    fprintf(to, "\n  ],\n");
}

static void write_json(FILE *to, double seconds, double cpu_s)
{
    const char *server = l.server ? l.server : tt_credentials_server(l.credentials, 0);
    fprintf(to, "{\n  \"offered_per_s\": %.1f,\n  \"answered_per_s\": %.1f,\n", (double)l.sent / l.seconds,
            (double)l.answered / seconds);
    fprintf(to, "  \"offered\": %llu,\n  \"answered\": %llu,\n  \"approved\": %llu,\n  \"denied\": %llu,\n",
            (unsigned long long)l.sent, (unsigned long long)l.answered,
            (unsigned long long)of_class(TT_CLASS_APPROVED), (unsigned long long)of_class(TT_CLASS_DENIED));
    fprintf(to, "  \"busy\": %llu,\n  \"errors\": %llu,\n", (unsigned long long)of_code(TT_CODE_BUSY),
            (unsigned long long)l.errors);
    fprintf(to, "  \"p50_ms\": %.3f,\n  \"p90_ms\": %.3f,\n  \"p99_ms\": %.3f,\n  \"p999_ms\": %.3f,\n  \"max_ms\": %.3f,\n",
            percentile_ms(l.histogram, l.answered, 50), percentile_ms(l.histogram, l.answered, 90),
            percentile_ms(l.histogram, l.answered, 99), percentile_ms(l.histogram, l.answered, 99.9),
            percentile_ms(l.histogram, l.answered, 100));
    fprintf(to, "  \"mean_ms\": %.3f,\n  \"seconds\": %.3f,\n  \"generator_cpu_us_per_request\": %.1f,\n",
            l.answered ? l.sum_us / (double)l.answered / 1000 : 0.0, seconds,
            cpu_s * 1e6 / (double)(l.sent ? l.sent : 1));
    write_busy(to);
    write_errors(to);
    write_kinds(to);
    write_curve(to);
    write_rows(to);
    fprintf(to, "  \"rate\": %.10g,\n  \"planned_seconds\": %.10g,\n  \"connections\": %u,\n  \"in_flight\": %u,\n",
            l.rate, l.seconds, l.connections, l.in_flight);
    fprintf(to, "  \"mix\": \"%s\",\n  \"tokens\": %llu,\n  \"seed\": %llu,\n  \"server\": \"%s\",\n", l.mix,
            (unsigned long long)l.count, (unsigned long long)l.seed, server);
    fprintf(to, "  \"strays\": %llu,\n  \"reconnects\": %llu,\n  \"stopped\": \"%s\"\n}\n",
            (unsigned long long)l.strays, (unsigned long long)l.reconnects, l.stopped);
}

static void write_table(FILE *to, double seconds, double cpu_s)
{
    fprintf(to, "offered        %12.1f /s   %llu requests\n", (double)l.sent / l.seconds, (unsigned long long)l.sent);
    fprintf(to, "answered       %12.1f /s   %llu answers in %.1f s\n", (double)l.answered / seconds,
            (unsigned long long)l.answered, seconds);
    fprintf(to, "approved       %12llu\n", (unsigned long long)of_class(TT_CLASS_APPROVED));
    fprintf(to, "denied         %12llu as the mix wants them, or errors\n", (unsigned long long)of_class(TT_CLASS_DENIED));
    fprintf(to, "busy           %12llu\n", (unsigned long long)of_code(TT_CODE_BUSY));
    fprintf(to, "errors         %12llu\n", (unsigned long long)l.errors);
    fprintf(to, "latency p50    %12.2f ms   from the planned send time\n", percentile_ms(l.histogram, l.answered, 50));
    fprintf(to, "latency p99    %12.2f ms\n", percentile_ms(l.histogram, l.answered, 99));
    fprintf(to, "latency p99.9  %12.2f ms\n", percentile_ms(l.histogram, l.answered, 99.9));
    fprintf(to, "latency max    %12.2f ms\n", percentile_ms(l.histogram, l.answered, 100));
    fprintf(to, "generator CPU  %12.1f us   per request\n", cpu_s * 1e6 / (double)(l.sent ? l.sent : 1));
    if (*l.stopped)
        fprintf(to, "stopped early: %s\n", l.stopped);
}

/* ------------------------------------------------------------------------- the command line */

static void parse_mix(const char *text)
{
    double sum = 0;
    const char *part = text;
    size_t used = 0;
    int kind;
    if (strcmp(text, "codes") == 0)
        part = "approve=95,wrong=2,replay=1,retry=1,heartbeat=1";
    if (strcmp(text, "methods") == 0)
        part = "approve=40,hotp=20,ocra=15,sms=15,pin-otp=5,mschapv2=5";
    memset(l.weights, 0, sizeof l.weights);
    while (*part) {
        size_t name = strcspn(part, "="), size = strcspn(part, ",");
        for (kind = 0; kind < MIXED; kind++)
            if (strlen(kind_names[kind]) == name && strncmp(kind_names[kind], part, name) == 0)
                break;
        if (kind == MIXED || name >= size)
            die(2, "--mix: write kind=share,…; kinds: approve, wrong, replay, retry, heartbeat, "
                   "hotp, ocra, sms, pin-otp, mschapv2; or: codes, methods");
        l.weights[kind] = strtod(part + name + 1, NULL);
        part += size + (part[size] == ',');
    }
    for (kind = 0; kind < MIXED; kind++)
        sum += l.weights[kind];
    if (sum <= 0)
        die(2, "--mix: all shares are 0");
    for (kind = 0; kind < MIXED; kind++) {
        if (l.weights[kind] > 0 && used < sizeof l.mix)
            used += (size_t)snprintf(l.mix + used, sizeof l.mix - used, "%s%s %g", used ? ", " : "",
                                     kind_names[kind], l.weights[kind]);
        l.weights[kind] /= sum;
    }
}

static const char *option(int count, char **arguments, int *at, const char *name)
{
    size_t size = strlen(name);
    if (strncmp(arguments[*at], name, size) != 0)
        return NULL;
    if (arguments[*at][size] == '=')
        return arguments[*at] + size + 1;
    if (arguments[*at][size] != '\0')
        return NULL;
    if (*at + 1 >= count)
        die(2, "%s needs a value", name);
    return arguments[++*at];
}

static void parse(int count, char **arguments)
{
    const char *value;
    int at;
    l.rate = 1000;
    l.seconds = 10;
    l.connections = 4;
    l.in_flight = 256;
    l.tick_ms = 4;
    l.seed = 1;
    parse_mix("codes");
    for (at = 1; at < count; at++) {
        if ((value = option(count, arguments, &at, "--credentials")) != NULL)
            l.credentials_path = value;
        else if ((value = option(count, arguments, &at, "--population")) != NULL)
            l.population_path = value;
        else if ((value = option(count, arguments, &at, "--sms-file")) != NULL)
            l.sms_path = value;
        else if ((value = option(count, arguments, &at, "--server")) != NULL)
            l.server = value;
        else if ((value = option(count, arguments, &at, "--rate")) != NULL)
            l.rate = strtod(value, NULL);
        else if ((value = option(count, arguments, &at, "--seconds")) != NULL)
            l.seconds = strtod(value, NULL);
        else if ((value = option(count, arguments, &at, "--connections")) != NULL)
            l.connections = (unsigned)strtoul(value, NULL, 10);
        else if ((value = option(count, arguments, &at, "--in-flight")) != NULL)
            l.in_flight = (unsigned)strtoul(value, NULL, 10);
        else if ((value = option(count, arguments, &at, "--tokens")) != NULL)
            l.tokens = strtoull(value, NULL, 10);
        else if ((value = option(count, arguments, &at, "--tick-ms")) != NULL)
            l.tick_ms = (unsigned)strtoul(value, NULL, 10);
        else if ((value = option(count, arguments, &at, "--seed")) != NULL)
            l.seed = strtoull(value, NULL, 10);
        else if ((value = option(count, arguments, &at, "--json")) != NULL)
            l.json_path = value;
        else if ((value = option(count, arguments, &at, "--mix")) != NULL)
            memset(l.mix, 0, sizeof l.mix), parse_mix(value);
        else if (strcmp(arguments[at], "--quiet") == 0)
            l.quiet = 1;
        else
            die(2, "unknown option %s", arguments[at]);
    }
    if (l.credentials_path == NULL)
        die(2, "give --credentials FILE, as prepared by: tigertally load --prepare-only");
    if (l.rate <= 0 || l.seconds <= 0 || l.connections < 1 || l.connections > 100000 || l.in_flight < 1 ||
        l.in_flight > 65535 || l.tick_ms < 1)
        die(2, "--rate, --seconds, --connections, --in-flight and --tick-ms are greater than 0");
    if (l.weights[SMS] > 0 && l.sms_path == NULL)
        die(2, "a mix with sms needs --sms-file FILE");
    if (l.population_path == NULL) {
        char *path = memory(strlen(l.credentials_path) + 16, 1);
        sprintf(path, "%s.population", l.credentials_path);
        l.population_path = path;
    }
}

static double cpu_seconds(void)
{
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
           (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

static void write_result(double seconds, double cpu_s)
{
    FILE *to;
    if (l.json_path == NULL || strcmp(l.json_path, "-") != 0)
        write_table(stdout, seconds, cpu_s);
    if (l.json_path == NULL)
        return;
    to = strcmp(l.json_path, "-") == 0 ? stdout : fopen(l.json_path, "wb");
    if (to == NULL)
        die(1, "cannot write %s", l.json_path);
    write_json(to, seconds, cpu_s);
    if (to != stdout)
        fclose(to);
}

int main(int count, char **arguments)
{
    char problem[160] = "";
    double token_share, cpu_s, seconds;
    uint64_t needed, first_step, instance;
    int random;
    parse(count, arguments);
    if (tt_credentials_load(&l.credentials, l.credentials_path, NULL, problem, sizeof problem) != TT_OK)
        die(2, "%s", problem);
    load_population();
    l.total = (uint64_t)(l.rate * l.seconds + 0.5);
    l.random = l.seed;
    random = open("/dev/urandom", O_RDONLY);
    if (random < 0 || read(random, &instance, sizeof instance) != (ssize_t)sizeof instance)
        die(1, "no randomness");
    close(random);
    l.instance = instance & 1023;
    l.challenges = instance;
    if (l.sms_path != NULL && !inbox_open(&l.box, l.sms_path))
        die(1, "no memory");
    l.buckets = bucket_of(HIGHEST_US) + 1;
    l.histogram = memory(l.buckets, sizeof *l.histogram);
    l.busy_histogram = memory(l.buckets, sizeof *l.busy_histogram);
    l.second_histogram = memory(l.buckets, sizeof *l.second_histogram);
    l.receive = memory(RECEIVE, 1);
    token_share = (1 - l.weights[HEARTBEAT]) * (methods_share() > 0 ? METHODS_MARGIN : 1);
    needed = (uint64_t)(l.rate * token_share * (l.seconds < 30 ? l.seconds : 30)) + 1;
    if (needed > l.count)
        die(2, "%g/s need %llu tokens per 30-second step (a code counts once), and there are %llu; prepare more with --tokens %llu",
            l.rate, (unsigned long long)needed, (unsigned long long)l.count, (unsigned long long)(2 * needed));
    wait_until_fresh(needed);
    open_all();
    first_step = wall_ms() / STEP_MS;
    mark_begun();
    l.start_ns = now_ns();
    cpu_s = cpu_seconds();
    run();
    cpu_s = cpu_seconds() - cpu_s;
    sign_off();
    end_row(elapsed_s());
    save_position(l.by[METHOD_HOTP].position, wall_ms() / STEP_MS,
                  l.by[METHOD_TOTP].position - l.by[METHOD_TOTP].first_position +
                      (first_step <= l.last_step_used ? l.position_used : 0));
    seconds = l.last_answer_ns ? (double)(l.last_answer_ns - l.start_ns) / 1e9 : elapsed_s();
    if (seconds < l.seconds)
        seconds = l.seconds;
    write_result(seconds, cpu_s);
    freeaddrinfo(l.address);
    tt_credentials_free(l.credentials);
    return l.errors || *l.stopped ? 1 : 0;
}
