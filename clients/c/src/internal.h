/* Shared by the library's own files; nothing here is part of the interface. */
#ifndef TT_INTERNAL_H
#define TT_INTERNAL_H

#ifndef _POSIX_C_SOURCE
#define _POSIX_C_SOURCE 200809L
#endif

#include "tigertally.h"

#include <stdarg.h>
#include <string.h>

#if defined(__GNUC__)
#define TT_PRINTF(a, b) __attribute__((format(printf, a, b)))
#else
#define TT_PRINTF(a, b)
#endif

#define TT_MAGIC 0x5454
#define TT_WIRE_REJECT_LENGTH 80
#define TT_TRAILER 32
#define TT_FLAG_SEALED 1
#define TT_FLAG_RETRY 2
#define TT_FIRST_BUSINESS 0x0100
#define TT_SERIAL_MAX UINT64_C(0x7fffffffffffffff)

/* ------------------------------------------------------------------------- tables */

enum { TT_HASH_SHA256 = 1, TT_HASH_SM3 = 2 };
enum { TT_MAC_HMAC_SHA256 = 1, TT_MAC_HMAC_SM3, TT_MAC_AES_CMAC, TT_MAC_SM4_CMAC, TT_MAC_X9_19 };
enum { TT_WRAP_AES_KW = 1, TT_WRAP_SM4_KW, TT_WRAP_TDES_ECB };
enum { TT_BLOCK_NONE = 0, TT_BLOCK_AES, TT_BLOCK_SM4, TT_BLOCK_DES, TT_BLOCK_TDES };

typedef struct {
    const char *transaction_name;
    uint16_t transaction;
    uint8_t kind;
    uint16_t schema;
    uint8_t read_only;
    const tt_record *record;
} tt_frame_row;

typedef struct {
    uint32_t number;
    uint8_t cls, transient, recorded;
    const char *name, *text;
} tt_code_row;

typedef struct {
    const char *name;
    uint8_t id, hash, mac, mac_key_bytes, wrap, kek_bytes, master_key_bytes, field_ciphers;
    uint64_t frames_per_key;
} tt_suite_row;

typedef struct {
    const char *name;
    uint8_t id, block, gcm, key_bytes;
} tt_cipher_row;

extern const tt_record tt_records[];
extern const tt_frame_row tt_frame_rows[];
extern const size_t tt_frame_row_count;
extern const tt_code_row tt_code_rows[];
extern const size_t tt_code_row_count;
extern const tt_suite_row tt_suite_rows[];
extern const size_t tt_suite_row_count;
extern const tt_cipher_row tt_cipher_rows[];
extern const size_t tt_cipher_row_count;

const tt_frame_row *tt_frame_row_of(unsigned transaction, int kind, unsigned schema);
int tt_transaction_known(unsigned transaction, int kind);
const tt_code_row *tt_code_row_of(uint32_t code);
const tt_suite_row *tt_suite_of(unsigned id);
const tt_cipher_row *tt_cipher_of(unsigned id);

/* ------------------------------------------------------------------------- surroundings */

/* The hooks with nothing left NULL but the log. */
typedef struct {
    tt_hooks hooks;
} tt_world;

void tt_world_init(tt_world *world, const tt_hooks *hooks);
void *tt_allocate(const tt_world *world, size_t size); /* zeroed */
void tt_release(const tt_world *world, void *block);
void tt_release_wiped(const tt_world *world, void *block, size_t size);
void tt_log(const tt_world *world, int level, const char *format, ...) TT_PRINTF(3, 4);
int64_t tt_now(const tt_world *world);
int64_t tt_wall(const tt_world *world);
int tt_random(const tt_world *world, void *octets, size_t count);
uint64_t tt_random63(const tt_world *world);
void tt_format(char *to, size_t size, const char *format, ...) TT_PRINTF(3, 4);
void tt_vformat(char *to, size_t size, const char *format, va_list arguments) TT_PRINTF(3, 0);
int tt_equal(const void *a, const void *b, size_t size); /* in constant time */

static inline uint16_t tt_get16(const uint8_t *p) { return (uint16_t)((p[0] << 8) | p[1]); }
static inline uint32_t tt_get32(const uint8_t *p)
{
    return ((uint32_t)p[0] << 24) | ((uint32_t)p[1] << 16) | ((uint32_t)p[2] << 8) | p[3];
}
static inline uint64_t tt_get64(const uint8_t *p)
{
    return ((uint64_t)tt_get32(p) << 32) | tt_get32(p + 4);
}
static inline void tt_put16(uint8_t *p, unsigned v)
{
    p[0] = (uint8_t)(v >> 8);
    p[1] = (uint8_t)v;
}
static inline void tt_put32(uint8_t *p, uint32_t v)
{
    p[0] = (uint8_t)(v >> 24);
    p[1] = (uint8_t)(v >> 16);
    p[2] = (uint8_t)(v >> 8);
    p[3] = (uint8_t)v;
}
static inline void tt_put64(uint8_t *p, uint64_t v)
{
    tt_put32(p, (uint32_t)(v >> 32));
    tt_put32(p + 4, (uint32_t)v);
}

/* Octets that grow at the end and are taken from the front; wiped when released. */
typedef struct {
    uint8_t *octets;
    size_t start, end, capacity;
} tt_buffer;

int tt_buffer_reserve(tt_buffer *buffer, const tt_world *world, size_t room);
void tt_buffer_take(tt_buffer *buffer, size_t count);
void tt_buffer_free(tt_buffer *buffer, const tt_world *world);

/* ------------------------------------------------------------------------- cryptography
 *
 * Two primitives have two implementations each (own, OpenSSL): HMAC with its keyed state ready, and a
 * block cipher with its key schedule. Everything else is built from them once.
 */

#if defined(TT_WITH_OPENSSL)
typedef struct { void *inner, *outer, *work; int hash; } tt_hmac;
typedef struct { void *encrypt, *decrypt; int cipher; } tt_block;
#else
typedef struct { uint32_t inner[8], outer[8]; int hash; } tt_hmac;
typedef struct {
    int cipher, rounds;
    union {
        uint64_t aes[15][8];
        uint32_t sm4[32];
        uint8_t des[3][16][8];
    } key;
} tt_block;
#endif

int tt_hmac_init(tt_hmac *hmac, int hash, const uint8_t *key, size_t size);
int tt_hmac_tag(tt_hmac *hmac, const uint8_t *data, size_t size, uint8_t tag[32]);
void tt_hmac_wipe(tt_hmac *hmac);

/* DES: 8 octets of key; TDES: 16. `blocks` whole blocks; input and output may be the same. */
int tt_block_init(tt_block *block, int cipher, const uint8_t *key, size_t size);
void tt_block_encrypt(tt_block *block, const uint8_t *in, uint8_t *out, size_t blocks);
void tt_block_decrypt(tt_block *block, const uint8_t *in, uint8_t *out, size_t blocks);
void tt_block_wipe(tt_block *block);

/* One direction's MAC key. */
typedef struct {
    int algorithm;
    tt_hmac hmac;
    tt_block block, last; /* CMAC: block; X9.19: DES under K1, and triple DES for the end */
    uint8_t sub[2][16];   /* CMAC's K1, K2 */
} tt_mac;

int tt_mac_init(tt_mac *mac, int algorithm, const uint8_t *key, size_t size);
int tt_mac_tag(tt_mac *mac, const uint8_t *data, size_t size, uint8_t tag[16]);
void tt_mac_wipe(tt_mac *mac);

/* One direction's field key. */
typedef struct {
    int gcm;
    tt_block block;
    uint64_t h[2]; /* GCM's hash key */
} tt_seal;

int tt_seal_init(tt_seal *seal, const tt_cipher_row *cipher, const uint8_t *key);
/* `block` is enciphered where it stands; `trailer` is 32 octets. */
void tt_seal_close(tt_seal *seal, uint8_t *block, size_t width, const uint8_t header[64],
                   int direction, uint64_t sequence, uint8_t *trailer);
int tt_seal_open(tt_seal *seal, uint8_t *block, size_t width, const uint8_t header[64],
                 int direction, uint64_t sequence, const uint8_t *trailer);
void tt_seal_wipe(tt_seal *seal);

int tt_kdf(int hash, const uint8_t *key, size_t key_size, const char *label, const uint8_t *context,
           size_t context_size, uint8_t *made, size_t size);
size_t tt_wrapped_size(int wrap, size_t size);
int tt_unwrap(int wrap, const uint8_t *kek, size_t kek_size, const uint8_t *wrapped, size_t size,
              uint8_t *plain);
int tt_wrap(int wrap, const uint8_t *kek, size_t kek_size, const uint8_t *plain, size_t size,
            uint8_t *wrapped);
int tt_check_value_of_mac(int algorithm, const uint8_t *key, size_t size, uint8_t value[3]);
int tt_check_value_of_block(int cipher, const uint8_t *key, size_t size, uint8_t value[3]);
int tt_check_value_of_master(const tt_suite_row *suite, const uint8_t *key, uint8_t value[3]);
int tt_halves_differ(const uint8_t key[16]);

/* The three keys that a sign-on derives from the channel master key. */
int tt_sign_on_keys(const tt_suite_row *suite, const uint8_t *master, uint32_t channel,
                    const uint8_t server_nonce[16], uint64_t session, tt_mac *request, tt_mac *response);
int tt_kek(const tt_suite_row *suite, const uint8_t *master, uint32_t channel,
           const uint8_t client_nonce[16], const uint8_t server_nonce[16], uint64_t session,
           unsigned generation, uint8_t kek[32]);

/* ------------------------------------------------------------------------- text, credentials */

int tt_text_fits(int gb18030, const uint8_t *octets, size_t count);
int tt_charset_of(const char *name); /* 0 UTF-8, 1 GB18030, -1 */

struct tt_credentials {
    tt_world world;
    uint32_t channel;
    uint16_t key_version;
    const tt_suite_row *suite;
    const tt_cipher_row *cipher;
    int gb18030;
    uint8_t master_key[32];
    char institution[16];
    char name[64];
    char *servers; /* NUL-separated, ends in two */
    size_t servers_size;
};

/* "host", "host:port", "[v6]:port" into parts; 0 if it is none of these. */
int tt_server_parse(const char *text, char *host, size_t host_size, char *port, size_t port_size);
/* Copies each of a list with commas or NULs between; NULL where one is no server, or no memory. */
char *tt_servers_copy(const tt_world *world, const char *list, size_t size, size_t *made_size,
                      int *status);

/* ------------------------------------------------------------------------- reader, session */

struct tt_reader {
    tt_world world;
    tt_buffer buffer;
    size_t taken; /* of the frame that was given last */
    uint32_t error;
};

/* Room to read a socket into, and how much was read. */
int tt_reader_room(tt_reader *reader, size_t wanted, uint8_t **octets, size_t *room);
void tt_reader_read(tt_reader *reader, size_t count);
void tt_header_parse(const uint8_t *octets, tt_header *header);
void tt_header_write(const tt_header *header, uint8_t *octets);

tt_reader *tt_session_reader(tt_session *session);
int tt_session_open(const tt_session *session);    /* signed on and not leaving */
int tt_session_leaving(const tt_session *session);
int tt_session_changing(const tt_session *session); /* a key change is under way */
int tt_session_row(tt_session *session, const tt_frame_row *row, const uint8_t *body,
                   const tt_stamp *stamp);

#endif
