/* Everything in tests/vectors/client/, and the published vectors of the algorithms. */
#include "../src/internal.h"
#include "check.h"
#include "vectors.h"

#include <stdlib.h>

static const char *folder;
static int brief; /* under valgrind: every tenth of the many */

/* ------------------------------------------------------------------------- algorithms by name */

static int mac_named(const char *name)
{
    static const char *const names[] = {"", "hmac-sha256", "hmac-sm3", "aes-cmac", "sm4-cmac", "x9.19"};
    int i;
    for (i = 1; i < 6; i++)
        if (strcmp(names[i], name) == 0)
            return i;
    return 0;
}

static int wrap_named(const char *name)
{
    return strcmp(name, "aes-kw") == 0 ? TT_WRAP_AES_KW
           : strcmp(name, "sm4-kw") == 0 ? TT_WRAP_SM4_KW
                                         : TT_WRAP_TDES_ECB;
}

/* ------------------------------------------------------------------------- keys.txt */

static void one_mac(const vector_file *v)
{
    size_t key_size, size;
    uint8_t *key = vector_octets(v, "key", &key_size), *data = vector_octets(v, "data", &size);
    uint8_t *wanted = vector_octets(v, "tag", NULL), tag[16];
    tt_mac mac;
    CHECK(tt_mac_init(&mac, mac_named(vector_get(v, "algorithm")), key, key_size) == TT_OK);
    CHECK(tt_mac_tag(&mac, data, size, tag) == TT_OK);
    CHECK_IN(memcmp(tag, wanted, 16) == 0, "%s of %zu", vector_get(v, "algorithm"), size);
    tt_mac_wipe(&mac);
    free(key);
    free(data);
    free(wanted);
}

static void one_seal(const vector_file *v)
{
    const tt_cipher_row *cipher = tt_cipher_of((unsigned)vector_number(v, "cipher"));
    int direction = (int)vector_number(v, "direction"), good = strcmp(v->kind, "seal") == 0;
    uint64_t sequence = vector_number(v, "sequence");
    size_t width;
    uint8_t *key = vector_octets(v, "key", NULL), *header = vector_octets(v, "header", NULL);
    uint8_t *sealed = vector_octets(v, "sealed", &width), *trailer = vector_octets(v, "trailer", NULL);
    uint8_t *plain = good ? vector_octets(v, "plain", NULL) : NULL, *work = malloc(width), made[32];
    tt_seal seal;
    if (work == NULL)
        abort();
    memset(&seal, 0, sizeof seal);
    CHECK(tt_seal_init(&seal, cipher, key) == TT_OK);
    memcpy(work, sealed, width);
    if (good) {
        CHECK(tt_seal_open(&seal, work, width, header, direction, sequence, trailer) == TT_OK);
        CHECK_IN(memcmp(work, plain, width) == 0, "opening, cipher %d", cipher->id);
        tt_seal_close(&seal, work, width, header, direction, sequence, made);
        CHECK_IN(memcmp(work, sealed, width) == 0, "sealing, cipher %d", cipher->id);
        CHECK_IN(memcmp(made, trailer, 32) == 0, "trailer, cipher %d", cipher->id);
    } else {
        CHECK(tt_seal_open(&seal, work, width, header, direction, sequence, trailer) != TT_OK);
    }
    tt_seal_wipe(&seal);
    free(key);
    free(header);
    free(sealed);
    free(trailer);
    free(plain);
    free(work);
}

static void one_kdf(const vector_file *v)
{
    size_t key_size, context_size, size;
    uint8_t *key = vector_octets(v, "key", &key_size);
    uint8_t *context = vector_octets(v, "context", &context_size);
    uint8_t *wanted = vector_octets(v, "derived", &size), made[128];
    int hash = strcmp(vector_get(v, "hash"), "sm3") == 0 ? TT_HASH_SM3 : TT_HASH_SHA256;
    CHECK(tt_kdf(hash, key, key_size, vector_get(v, "label"), context, context_size, made, size) == TT_OK);
    CHECK(memcmp(made, wanted, size) == 0);
    free(key);
    free(context);
    free(wanted);
}

static void one_sign_on(const vector_file *v)
{
    const tt_suite_row *suite = tt_suite_of((unsigned)vector_number(v, "suite"));
    uint32_t channel = (uint32_t)vector_number(v, "channel");
    uint64_t session = vector_number(v, "session");
    size_t size;
    uint8_t *master = vector_octets(v, "master_key", NULL), *data = vector_octets(v, "data", &size);
    uint8_t *client = vector_octets(v, "client_nonce", NULL), *server = vector_octets(v, "server_nonce", NULL);
    uint8_t *asked = vector_octets(v, "request_tag", NULL), *told = vector_octets(v, "response_tag", NULL);
    uint8_t *wanted = vector_octets(v, "kek", NULL), tag[16], kek[32];
    tt_mac request, response;
    CHECK(tt_sign_on_keys(suite, master, channel, server, session, &request, &response) == TT_OK);
    CHECK(tt_mac_tag(&request, data, size, tag) == TT_OK && memcmp(tag, asked, 16) == 0);
    CHECK(tt_mac_tag(&response, data, size, tag) == TT_OK && memcmp(tag, told, 16) == 0);
    CHECK(tt_kek(suite, master, channel, client, server, session,
                 (unsigned)vector_number(v, "generation"), kek) == TT_OK);
    CHECK(memcmp(kek, wanted, suite->kek_bytes) == 0);
    tt_mac_wipe(&request);
    tt_mac_wipe(&response);
    free(master);
    free(data);
    free(client);
    free(server);
    free(asked);
    free(told);
    free(wanted);
}

static void one_wrap(const vector_file *v)
{
    int wrap = wrap_named(vector_get(v, "algorithm"));
    size_t key_size, size, wrapped_size;
    uint8_t *key = vector_octets(v, "key", &key_size);
    uint8_t *wrapped = vector_octets(v, "wrapped", &wrapped_size), made[64];
    if (strcmp(v->kind, "wrap") == 0) {
        uint8_t *plain = vector_octets(v, "plain", &size);
        CHECK(tt_wrapped_size(wrap, size) == wrapped_size);
        CHECK(tt_wrap(wrap, key, key_size, plain, size, made) == TT_OK);
        CHECK(memcmp(made, wrapped, wrapped_size) == 0);
        CHECK(tt_unwrap(wrap, key, key_size, wrapped, wrapped_size, made) == TT_OK);
        CHECK_IN(memcmp(made, plain, size) == 0, "unwrapping %s", vector_get(v, "algorithm"));
        free(plain);
    } else {
        CHECK(tt_unwrap(wrap, key, key_size, wrapped, wrapped_size, made) == TT_ERROR_KEY);
    }
    free(key);
    free(wrapped);
}

static void one_check_value(const vector_file *v)
{
    size_t size;
    uint8_t *key = vector_octets(v, "key", &size), *wanted = vector_octets(v, "value", NULL), value[3];
    const char *name = vector_maybe(v, "algorithm");
    int status;
    if (name == NULL)
        status = tt_check_value_of_master(tt_suite_of((unsigned)vector_number(v, "suite")), key, value);
    else if (mac_named(name))
        status = tt_check_value_of_mac(mac_named(name), key, size, value);
    else
        status = tt_check_value_of_block(strcmp(name, "aes") == 0 ? TT_BLOCK_AES : TT_BLOCK_SM4, key, size,
                                         value);
    CHECK(status == TT_OK);
    CHECK_IN(memcmp(value, wanted, 3) == 0, "%s", name ? name : "master key");
    free(key);
    free(wanted);
}

static void keys(void)
{
    static vector_file v;
    CHECK(vector_open(&v, folder, "keys.txt"));
    while (vector_next(&v)) {
        if (strcmp(v.kind, "mac") == 0)
            one_mac(&v);
        else if (strcmp(v.kind, "seal") == 0 || strcmp(v.kind, "unopenable") == 0)
            one_seal(&v);
        else if (strcmp(v.kind, "kdf") == 0)
            one_kdf(&v);
        else if (strcmp(v.kind, "sign-on") == 0)
            one_sign_on(&v);
        else if (strcmp(v.kind, "wrap") == 0 || strcmp(v.kind, "unwrappable") == 0)
            one_wrap(&v);
        else
            one_check_value(&v);
    }
    vector_close(&v);
}

/* Whole transformations of single blocks: GB/T 32907, FIPS 197, FIPS 46-3. */
static void published(void)
{
    static const struct {
        int cipher;
        const char *key, *plain, *sealed;
    } rows[] = {
        {TT_BLOCK_SM4, "0123456789abcdeffedcba9876543210", "0123456789abcdeffedcba9876543210",
         "681edf34d206965e86b3e94f536e4246"},
        {TT_BLOCK_AES, "000102030405060708090a0b0c0d0e0f", "00112233445566778899aabbccddeeff",
         "69c4e0d86a7b0430d8cdb78070b4c55a"},
        {TT_BLOCK_AES, "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
         "00112233445566778899aabbccddeeff", "8ea2b7ca516745bfeafc49904b496089"},
        {TT_BLOCK_DES, "133457799bbcdff1", "0123456789abcdef", "85e813540f0ab405"},
    };
    size_t i;
    for (i = 0; i < sizeof rows / sizeof *rows; i++) {
        size_t key_size, size, j, n = 1;
        uint8_t *key = unhex(rows[i].key, &key_size), *plain = unhex(rows[i].plain, &size);
        uint8_t *sealed = unhex(rows[i].sealed, NULL), many[16 * 7], made[16 * 7];
        tt_block block;
        CHECK(tt_block_init(&block, rows[i].cipher, key, key_size) == TT_OK);
        tt_block_encrypt(&block, plain, made, n);
        CHECK_IN(memcmp(made, sealed, size) == 0, "published row %zu", i);
        tt_block_decrypt(&block, made, made, n);
        CHECK_IN(memcmp(made, plain, size) == 0, "published row %zu, back", i);
        /* Seven blocks at once are the same as one after the other. */
        for (j = 0; j < 7; j++) {
            memcpy(many + size * j, plain, size);
            many[size * j] = (uint8_t)(many[size * j] ^ j);
        }
        tt_block_encrypt(&block, many, made, 7);
        for (j = 0; j < 7; j++) {
            uint8_t one[16];
            tt_block_encrypt(&block, many + size * j, one, 1);
            CHECK(memcmp(one, made + size * j, size) == 0);
        }
        tt_block_decrypt(&block, made, made, 7);
        CHECK(memcmp(made, many, 7 * size) == 0);
        tt_block_wipe(&block);
        free(key);
        free(plain);
        free(sealed);
    }
}

static void sm4_a_million_times(void)
{
    size_t i;
    uint8_t *key = unhex("0123456789abcdeffedcba9876543210", NULL), text[16];
    uint8_t *wanted = unhex("595298c7c6fd271f0402f804c33d3f66", NULL);
    tt_block block;
    memcpy(text, key, 16);
    CHECK(tt_block_init(&block, TT_BLOCK_SM4, key, 16) == TT_OK);
    for (i = 0; i < 1000000; i++)
        tt_block_encrypt(&block, text, text, 1);
    CHECK(memcmp(text, wanted, 16) == 0);
    tt_block_wipe(&block);
    free(key);
    free(wanted);
}

/* ------------------------------------------------------------------------- bodies */

static const tt_record *record_named(const char *type, unsigned *transaction)
{
    char name[64], kind[16];
    unsigned schema, found_schema;
    int found_kind;
    size_t i;
    const tt_record *record;
    sscanf(type, "%63s %15s %u", name, kind, &schema);
    for (i = 0; (record = tt_record_at(i, transaction, &found_kind, &found_schema)) != NULL; i++)
        if (strcmp(tt_transaction_name(*transaction), name) == 0 && found_schema == schema &&
            found_kind == (*kind == 'n' ? TT_KIND_OF_NOTIFY
                           : strcmp(kind, "request") == 0 ? TT_KIND_OF_REQUEST
                                                          : TT_KIND_OF_RESPONSE))
            return record;
    fprintf(stderr, "no record of %s\n", type);
    abort();
}

static const tt_field *field_named(const tt_record *record, const char *name)
{
    size_t i;
    for (i = 0; i < record->field_count; i++)
        if (strcmp(record->fields[i].name, name) == 0)
            return &record->fields[i];
    return NULL;
}

static void set_field(const tt_field *field, const char *value, void *message)
{
    char *place = (char *)message + field->place;
    unsigned long long number = strtoull(value, NULL, 10);
    uint8_t u8 = (uint8_t)number;
    uint16_t u16 = (uint16_t)number;
    uint32_t u32 = (uint32_t)number;
    uint64_t u64 = number;
    size_t count;
    uint8_t *octets;
    switch (field->kind) {
    case TT_KIND_U8: memcpy(place, &u8, 1); break;
    case TT_KIND_U16: memcpy(place, &u16, 2); break;
    case TT_KIND_U32: memcpy(place, &u32, 4); break;
    case TT_KIND_U64: memcpy(place, &u64, 8); break;
    case TT_KIND_DIGITS:
    case TT_KIND_IDENT: memcpy(place, value, strlen(value) + 1); break;
    default:
        octets = unhex(value, &count);
        memcpy(place, octets, count);
        if (field->kind == TT_KIND_TEXT)
            place[count] = '\0';
        free(octets);
    }
}

/* `field NAME` lines from `from` up to the next line of another kind, into a struct. */
static void *message_of(const vector_file *v, size_t from, const tt_record *record)
{
    void *message = calloc(1, record->struct_size + 1);
    if (message == NULL)
        abort();
    for (; from < v->count; from++)
        if (strncmp(v->lines[from].name, "field ", 6) == 0) {
            const tt_field *field = field_named(record, v->lines[from].name + 6);
            CHECK(field != NULL);
            if (field != NULL)
                set_field(field, v->lines[from].value, message);
        } else if (strcmp(v->lines[from].name, "type") && strcmp(v->lines[from].name, "charset")) {
            break;
        }
    return message;
}

typedef struct {
    char type[96], charset[16];
    uint8_t *body;
    size_t size;
} good_body;

static good_body good[2048];
static size_t good_count;

static good_body *good_of(const char *type, const char *charset)
{
    size_t i;
    for (i = 0; i < good_count; i++)
        if (strcmp(good[i].type, type) == 0 && strcmp(good[i].charset, charset) == 0)
            return &good[i];
    return NULL;
}

static void bodies(void)
{
    static vector_file v;
    CHECK(vector_open(&v, folder, "bodies.txt"));
    while (vector_next(&v)) {
        const char *type = vector_get(&v, "type"), *charset = vector_get(&v, "charset"), *bad;
        unsigned transaction;
        const tt_record *record = record_named(type, &transaction);
        size_t size;
        uint8_t *wanted = vector_octets(&v, "hex", &size), made[TT_WIRE_MAX_FRAME];
        void *message = message_of(&v, 0, record), *back = calloc(1, record->struct_size + 1);
        if (back == NULL)
            abort();
        CHECK(size == record->body_size);
        CHECK_IN(tt_encode(record, charset, message, made, size, &bad) == TT_OK, "%s %s", type, charset);
        CHECK_IN(memcmp(made, wanted, size) == 0, "%s %s", type, charset);
        CHECK_IN(tt_decode(record, charset, wanted, size, back, &bad) == TT_OK, "%s %s: %s", type, charset,
                 bad);
        CHECK_IN(tt_encode(record, charset, back, made, size, &bad) == TT_OK, "%s %s again", type, charset);
        CHECK(memcmp(made, wanted, size) == 0);
        if (good_of(type, charset) == NULL && good_count < sizeof good / sizeof *good) {
            good_body *g = &good[good_count++];
            snprintf(g->type, sizeof g->type, "%s", type);
            snprintf(g->charset, sizeof g->charset, "%s", charset);
            g->body = wanted;
            g->size = size;
            wanted = NULL;
        }
        free(wanted);
        free(message);
        free(back);
    }
    vector_close(&v);
}

static void unreadable(const vector_file *v, const tt_record *record, const good_body *base)
{
    uint8_t body[TT_WIRE_MAX_FRAME];
    size_t at = (size_t)vector_number(v, "at"), count;
    uint8_t *put = vector_octets(v, "put", &count);
    void *message = calloc(1, record->struct_size + 1);
    const char *bad = NULL;
    memcpy(body, base->body, base->size);
    memcpy(body + at, put, count);
    CHECK(tt_decode(record, base->charset, body, base->size, message, &bad) == TT_ERROR_FIELD);
    CHECK_IN(bad != NULL && strcmp(bad, vector_get(v, "bad")) == 0, "%s %s", base->type,
             vector_get(v, "bad"));
    free(put);
    free(message);
}

static void unwritable(const vector_file *v, const tt_record *record, const good_body *base)
{
    const tt_field *field = field_named(record, vector_get(v, "field"));
    uint8_t body[TT_WIRE_MAX_FRAME], *value;
    size_t count;
    char *message = calloc(1, record->struct_size + 8);
    const char *bad = NULL;
    CHECK(message != NULL && field != NULL);
    CHECK(tt_decode(record, base->charset, base->body, base->size, message, &bad) == TT_OK);
    /* A number that is too great can't be said in C. */
    if (field->kind == TT_KIND_DIGITS || field->kind == TT_KIND_IDENT || field->kind == TT_KIND_TEXT) {
        value = vector_octets(v, "value", &count);
        if (count > (size_t)field->width + 1)
            count = (size_t)field->width + 1;
        memset(message + field->place, 0, (size_t)field->width + 1);
        memcpy(message + field->place, value, count);
        CHECK_IN(tt_encode(record, base->charset, message, body, base->size, &bad) == TT_ERROR_FIELD,
                 "%s %s", base->type, field->name);
        CHECK(bad != NULL && strcmp(bad, field->name) == 0);
        free(value);
    }
    free(message);
}

static void bad_bodies(void)
{
    static vector_file v;
    size_t number = 0;
    CHECK(vector_open(&v, folder, "bad_bodies.txt"));
    while (vector_next(&v)) {
        unsigned transaction;
        const tt_record *record = record_named(vector_get(&v, "type"), &transaction);
        const good_body *base = good_of(vector_get(&v, "type"), vector_get(&v, "charset"));
        if (brief && number++ % 10 != 0)
            continue;
        CHECK(base != NULL);
        if (base != NULL && strcmp(v.kind, "unreadable") == 0)
            unreadable(&v, record, base);
        else if (base != NULL)
            unwritable(&v, record, base);
    }
    vector_close(&v);
    while (good_count > 0)
        free(good[--good_count].body);
}

/* ------------------------------------------------------------------------- frames.txt */

static void one_stream(const vector_file *v, const uint8_t *data, size_t size, size_t piece)
{
    tt_reader *reader;
    tt_frame frame;
    unsigned long frames = 0;
    size_t at = 0;
    int status = 0;
    const char *error = "NONE";
    CHECK(tt_reader_new(&reader, NULL) == TT_OK);
    while (at < size || at == 0) {
        size_t part = size - at < piece ? size - at : piece;
        uint8_t *copy = malloc(part ? part : 1); /* exactly as much, so that a sanitizer sees more */
        if (copy == NULL)
            abort();
        memcpy(copy, data + at, part);
        CHECK(tt_reader_feed(reader, copy, part) == TT_OK);
        free(copy);
        while ((status = tt_reader_next(reader, &frame)) == 1)
            frames++;
        at += part ? part : 1;
    }
    if (status < 0)
        error = tt_code_name(tt_reader_error(reader));
    CHECK_IN(frames == vector_number(v, "frames"), "%s, pieces of %zu", vector_get(v, "name"), piece);
    CHECK_IN(strcmp(error, vector_get(v, "error")) == 0, "%s: %s", vector_get(v, "name"), error);
    tt_reader_free(reader);
}

static void streams(void)
{
    static vector_file v;
    CHECK(vector_open(&v, folder, "frames.txt"));
    while (vector_next(&v)) {
        size_t size, piece;
        uint8_t *data = vector_octets(&v, "hex", &size);
        for (piece = 1; piece <= size + 1; piece += brief ? 37 : 1)
            one_stream(&v, data, size, piece);
        free(data);
    }
    vector_close(&v);
}

/* ------------------------------------------------------------------------- transcripts.txt */

static void credentials_of(const vector_file *v, tt_credentials *own)
{
    size_t size;
    uint8_t *key = vector_octets(v, "master_key", &size);
    memset(own, 0, sizeof *own);
    tt_world_init(&own->world, NULL);
    own->channel = (uint32_t)vector_number(v, "channel");
    own->key_version = (uint16_t)vector_number(v, "master_key_version");
    own->suite = tt_suite_of((unsigned)vector_number(v, "suite"));
    own->cipher = tt_cipher_of((unsigned)vector_number(v, "field_cipher"));
    own->gb18030 = tt_charset_of(vector_get(v, "charset"));
    memcpy(own->master_key, key, size);
    free(key);
}

static void do_step(tt_session *session, const vector_file *v, size_t at)
{
    char what[32], name[64] = "", flag[16] = "";
    unsigned long long serial = 0;
    unsigned budget = 0, transaction;
    tt_stamp stamp;
    size_t wanted_size, size;
    uint8_t *wanted;
    int status;
    memset(&stamp, 0, sizeof stamp);
    stamp.now_ms = (int64_t)vector_number(v, "now_ms");
    stamp.business_day = (uint16_t)vector_number(v, "business_day");
    sscanf(v->lines[at].value, "%31s", what);
    if (strcmp(what, "request") == 0) {
        const tt_record *record;
        char type[96];
        void *message;
        const char *bad;
        sscanf(v->lines[at].value, "%*s %63s %llu %u %15s", name, &serial, &budget, flag);
        snprintf(type, sizeof type, "%s request 1", name);
        record = record_named(type, &transaction);
        message = message_of(v, at + 1, record);
        stamp.serial = serial;
        stamp.budget_ms = budget;
        stamp.retry = *flag != '\0';
        status = tt_session_request(session, transaction, message, &stamp, &bad);
        free(message);
    } else {
        sscanf(v->lines[at].value, "%*s %llu", &serial);
        stamp.serial = serial;
        status = strcmp(what, "sign-on") == 0      ? tt_session_sign_on(session, &stamp)
                 : strcmp(what, "heartbeat") == 0  ? tt_session_heartbeat(session, &stamp)
                 : strcmp(what, "key-change") == 0 ? tt_session_key_change(session, &stamp)
                                                   : tt_session_sign_off(session, &stamp);
    }
    CHECK_IN(status == TT_OK, "%s: %s", vector_get(v, "name"), what);
    while (strcmp(v->lines[at].name, "frame") != 0)
        at++;
    wanted = unhex(v->lines[at].value, &wanted_size);
    {
        const void *made = tt_session_output(session, &size);
        CHECK_IN(size == wanted_size && memcmp(made, wanted, size) == 0, "%s: frame of %s",
                 vector_get(v, "name"), what);
    }
    tt_session_sent(session, size);
    free(wanted);
}

static void describe(const tt_event *e, char *text, size_t size)
{
    switch (e->type) {
    case TT_EVENT_GREETED:
        snprintf(text, size, "greeted %llu %llu %s", (unsigned long long)e->header.session_id,
                 (unsigned long long)e->greeting.server_time, e->greeting.node);
        break;
    case TT_EVENT_SIGNED_ON:
        snprintf(text, size, "signed-on %u %u %u %u %u", e->signed_on.in_flight_limit,
                 e->signed_on.heartbeat_s, e->signed_on.idle_s, e->signed_on.key_life_s,
                 e->signed_on.generation);
        break;
    case TT_EVENT_RESPONSE:
        snprintf(text, size, "response %llu %s %u", (unsigned long long)e->header.serial,
                 tt_code_name(e->code), e->retry_after_ms);
        break;
    case TT_EVENT_REJECT:
        snprintf(text, size, "reject %llu %s %s", (unsigned long long)e->header.serial,
                 tt_code_name(e->code), e->authentic ? "authentic" : "forged");
        break;
    case TT_EVENT_DRAIN: snprintf(text, size, "drain %u", e->grace_ms); break;
    case TT_EVENT_KEY_CHANGE_DUE: snprintf(text, size, "key-change-due %u", e->grace_ms); break;
    case TT_EVENT_KEYS_CHANGED: snprintf(text, size, "keys-changed %u", e->generation); break;
    case TT_EVENT_HEARTBEAT:
        snprintf(text, size, "heartbeat %llu", (unsigned long long)e->header.serial);
        break;
    case TT_EVENT_SIGNED_OFF: snprintf(text, size, "signed-off"); break;
    case TT_EVENT_BROKEN: snprintf(text, size, "broken"); break;
    default: snprintf(text, size, "?"); break;
    }
}

/* Feeds what stands at `at`; returns the place behind the events it made. */
static size_t feed_step(tt_session *session, const vector_file *v, size_t at)
{
    size_t size, i;
    uint8_t *data = unhex(v->lines[at].value, &size);
    tt_event event;
    char text[256];
    at++;
    /* One octet at a time: no event may depend on how the stream was cut. */
    for (i = 0; i < size; i++) {
        CHECK(tt_session_feed(session, data + i, 1) == TT_OK);
        while (tt_session_next(session, &event)) {
            while (at < v->count && strncmp(v->lines[at].name, "field ", 6) == 0)
                at++;
            describe(&event, text, sizeof text);
            CHECK_IN(at < v->count && strcmp(v->lines[at].name, "event") == 0 &&
                         strcmp(v->lines[at].value, text) == 0,
                     "%s: %s (%s)", vector_get(v, "name"), text, tt_session_problem(session));
            at++;
            if (event.type == TT_EVENT_RESPONSE) {
                void *wanted = message_of(v, at, event.record);
                CHECK_IN(memcmp(wanted, event.message, event.record->struct_size) == 0, "%s: %s",
                         vector_get(v, "name"), text);
                free(wanted);
            }
        }
    }
    free(data);
    while (at < v->count && strncmp(v->lines[at].name, "field ", 6) == 0)
        at++;
    CHECK_IN(at >= v->count || strcmp(v->lines[at].name, "event") != 0, "%s: nothing told of %s",
             vector_get(v, "name"), at < v->count ? v->lines[at].value : "");
    return at;
}

static void transcripts(void)
{
    static vector_file v;
    CHECK(vector_open(&v, folder, "transcripts.txt"));
    while (vector_next(&v)) {
        tt_credentials own;
        tt_session *session;
        uint8_t *nonce = vector_octets(&v, "client_nonce", NULL);
        size_t at = 0;
        credentials_of(&v, &own);
        CHECK(tt_session_new(&session, &own, vector_get(&v, "client_name"), nonce, 0, NULL) == TT_OK);
        while (at < v.count) {
            if (strcmp(v.lines[at].name, "feed") == 0)
                at = feed_step(session, &v, at);
            else if (strcmp(v.lines[at].name, "do") == 0)
                do_step(session, &v, at++);
            else
                at++;
        }
        tt_session_free(session);
        free(nonce);
    }
    vector_close(&v);
}

int main(int count, char **arguments)
{
    folder = count > 1 ? arguments[1] : "../../tests/vectors/client";
    brief = count > 2;
    published();
    keys();
    bodies();
    bad_bodies();
    streams();
    transcripts();
    if (!brief)
        sm4_a_million_times();
    return checks_told("vectors");
}
