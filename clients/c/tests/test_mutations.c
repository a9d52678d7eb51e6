/*
 * Streams that somebody altered. For each transcript, many seeded alterations of what the server sent:
 * octets changed, cut out, doubled, moved. Whatever comes: no fault (run it under the sanitizers), and no
 * event that the server did not send. Only the greeting proves nothing, so it alone may differ.
 *
 *   test_mutations FOLDER [short | SEED [ROUNDS]]
 */
#include "../src/internal.h"
#include "check.h"
#include "vectors.h"

#define EVENTS 64

static uint64_t state;

static uint64_t random_below(uint64_t limit)
{
    state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return limit ? (state >> 33) % limit : 0;
}

typedef struct {
    uint8_t *octets;
    size_t size;
} piece;

static uint8_t *altered(const piece *from, size_t *size, int *changed)
{
    uint8_t *made = malloc(2 * from->size + 64);
    size_t at = (size_t)random_below(from->size), count = 1 + (size_t)random_below(8), i;
    if (made == NULL)
        abort();
    memcpy(made, from->octets, from->size);
    *size = from->size;
    *changed = 1;
    switch (random_below(6)) {
    case 0: /* another octet */
        made[at] = (uint8_t)(made[at] ^ (1 + random_below(255)));
        break;
    case 1: /* cut short: more would follow */
        *size = at;
        *changed = 0;
        break;
    case 2: /* some octets missing */
        count = at + count > from->size ? from->size - at : count;
        memmove(made + at, made + at + count, from->size - at - count);
        *size -= count;
        break;
    case 3: /* the whole of it twice */
        memcpy(made + from->size, from->octets, from->size);
        *size *= 2;
        break;
    case 4: /* noise */
        for (i = 0; i < count && at + i < from->size; i++)
            made[at + i] = (uint8_t)random_below(256);
        break;
    default: /* something in between */
        memmove(made + at + count, made + at, from->size - at);
        for (i = 0; i < count; i++)
            made[at + i] = (uint8_t)random_below(256);
        *size += count;
    }
    if (*size == from->size && memcmp(made, from->octets, *size) == 0)
        *changed = 0;
    return made;
}

/* What an event says, without what may differ. */
static uint64_t digest(const tt_event *e)
{
    uint64_t d = UINT64_C(14695981039346656037);
    size_t i;
    const uint8_t *p = e->message;
    if (e->type == TT_EVENT_GREETED)
        return 1;
    d = (d ^ (uint64_t)e->type) * UINT64_C(1099511628211);
    d = (d ^ e->header.serial) * UINT64_C(1099511628211);
    d = (d ^ e->code) * UINT64_C(1099511628211);
    d = (d ^ e->grace_ms) * UINT64_C(1099511628211);
    for (i = 0; e->type == TT_EVENT_RESPONSE && i < e->record->struct_size; i++)
        d = (d ^ p[i]) * UINT64_C(1099511628211);
    return d;
}

typedef struct {
    uint64_t events[EVENTS];
    size_t count;
    int ended; /* broken, or a forged reject */
} told;

/* Plays the transcript with its n-th feed replaced; n behind the last: as it is. */
static void play(const vector_file *v, const tt_credentials *own, size_t replaced, const piece *other, told *t)
{
    tt_session *session;
    tt_event event;
    uint8_t *nonce = vector_octets(v, "client_nonce", NULL);
    size_t at, feed = 0;
    memset(t, 0, sizeof *t);
    CHECK(tt_session_new(&session, own, vector_get(v, "client_name"), nonce, 0, NULL) == TT_OK);
    free(nonce);
    for (at = 0; at < v->count; at++) {
        if (strcmp(v->lines[at].name, "feed") == 0) {
            size_t size, done, part;
            uint8_t *data = unhex(v->lines[at].value, &size);
            if (feed == replaced) {
                free(data);
                size = other->size;
                data = malloc(size ? size : 1);
                if (data == NULL)
                    abort();
                memcpy(data, other->octets, size);
            }
            feed++;
            for (done = 0; done < size; done += part) {
                uint8_t *copy;
                part = 1 + (size_t)random_below(200);
                part = part < size - done ? part : size - done;
                copy = malloc(part);
                if (copy == NULL)
                    abort();
                memcpy(copy, data + done, part);
                CHECK(tt_session_feed(session, copy, part) == TT_OK);
                free(copy);
                while (tt_session_next(session, &event)) {
                    t->ended |= event.type == TT_EVENT_BROKEN ||
                                (event.type == TT_EVENT_REJECT && !event.authentic);
                    if (!t->ended && t->count < EVENTS)
                        t->events[t->count++] = digest(&event);
                }
            }
            free(data);
        } else if (strcmp(v->lines[at].name, "do") == 0) {
            char what[32];
            unsigned long long serial = 0;
            tt_stamp stamp;
            sscanf(v->lines[at].value, "%31s %llu", what, &serial);
            memset(&stamp, 0, sizeof stamp);
            stamp.serial = serial;
            stamp.now_ms = (int64_t)vector_number(v, "now_ms");
            stamp.business_day = (uint16_t)vector_number(v, "business_day");
            if (strcmp(what, "sign-on") == 0)
                (void)tt_session_sign_on(session, &stamp);
            else if (strcmp(what, "key-change") == 0)
                (void)tt_session_key_change(session, &stamp);
            else if (strcmp(what, "sign-off") == 0)
                (void)tt_session_sign_off(session, &stamp);
            else if (strcmp(what, "heartbeat") == 0)
                (void)tt_session_heartbeat(session, &stamp);
        }
    }
    tt_session_free(session);
}

static void one_transcript(const vector_file *v, unsigned rounds)
{
    tt_credentials own;
    told good, odd;
    piece none = {NULL, 0};
    size_t feeds = 0, i, at, size;
    uint8_t *key = vector_octets(v, "master_key", &size);
    memset(&own, 0, sizeof own);
    own.channel = (uint32_t)vector_number(v, "channel");
    own.key_version = (uint16_t)vector_number(v, "master_key_version");
    own.suite = tt_suite_of((unsigned)vector_number(v, "suite"));
    own.cipher = tt_cipher_of((unsigned)vector_number(v, "field_cipher"));
    own.gb18030 = tt_charset_of(vector_get(v, "charset"));
    memcpy(own.master_key, key, size);
    free(key);
    for (i = 0; i < v->count; i++)
        feeds += strcmp(v->lines[i].name, "feed") == 0;
    play(v, &own, feeds, &none, &good);
    while (rounds-- > 0) {
        size_t which = (size_t)random_below(feeds), seen = 0;
        piece from = {NULL, 0}, other;
        int changed;
        for (i = 0; i < v->count; i++)
            if (strcmp(v->lines[i].name, "feed") == 0 && seen++ == which)
                from.octets = unhex(v->lines[i].value, &from.size);
        other.octets = altered(&from, &other.size, &changed);
        play(v, &own, which, &other, &odd);
        /* Whole frames may be missing (sequence numbers need only rise); none may be new or moved. */
        for (i = at = 0; i < odd.count; i++, at++) {
            while (at < good.count && good.events[at] != odd.events[i])
                at++;
            CHECK_IN(at < good.count, "%s, feed %zu, event %zu", vector_get(v, "name"), which, i);
        }
        free(from.octets);
        free(other.octets);
    }
}

int main(int count, char **arguments)
{
    static vector_file v;
    int brief = count > 2 && strcmp(arguments[2], "short") == 0;
    unsigned rounds = brief ? 3 : 60;
    state = count > 2 && !brief ? strtoull(arguments[2], NULL, 10) : 1;
    if (count > 3)
        rounds = (unsigned)strtoul(arguments[3], NULL, 10);
    CHECK(vector_open(&v, count > 1 ? arguments[1] : "../../tests/vectors/client", "transcripts.txt"));
    while (vector_next(&v))
        one_transcript(&v, rounds);
    vector_close(&v);
    return checks_told("mutations");
}
