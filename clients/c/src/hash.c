/* HMAC over SHA-256 (FIPS 180-4) and SM3 (GB/T 32905), with the keyed states kept ready. */
#include "internal.h"

#define BLOCK 64

typedef struct {
    uint32_t state[8];
    uint8_t held[BLOCK];
    size_t used;
    uint64_t total;
    int hash;
} hashing;

static const uint32_t sha256_start[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                         0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
static const uint32_t sm3_start[8] = {0x7380166f, 0x4914b2b9, 0x172442d7, 0xda8a0600,
                                      0xa96f30bc, 0x163138aa, 0xe38dee4d, 0xb0fb0e4e};
static const uint32_t sha256_rounds[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

static uint32_t left(uint32_t x, unsigned n)
{
    n &= 31;
    return n ? (x << n) | (x >> (32 - n)) : x;
}

static uint32_t right(uint32_t x, unsigned n) { return (x >> n) | (x << (32 - n)); }

/* One round; the eight variables change places instead of contents. */
#define SHA256(a, b, c, d, e, f, g, h, i)                                                               \
    do {                                                                                                \
        h += (right(e, 6) ^ right(e, 11) ^ right(e, 25)) + (g ^ (e & (f ^ g))) + sha256_rounds[i] + w[i]; \
        d += h;                                                                                         \
        h += (right(a, 2) ^ right(a, 13) ^ right(a, 22)) + ((a & b) | (c & (a | b)));                   \
    } while (0)

static void sha256_block(uint32_t state[8], const uint8_t *p)
{
    uint32_t w[64], a = state[0], b = state[1], c = state[2], d = state[3], e = state[4], f = state[5],
                    g = state[6], h = state[7];
    unsigned i;
    for (i = 0; i < 16; i++)
        w[i] = tt_get32(p + 4 * i);
    for (; i < 64; i++)
        w[i] = w[i - 16] + (right(w[i - 15], 7) ^ right(w[i - 15], 18) ^ (w[i - 15] >> 3)) + w[i - 7] +
               (right(w[i - 2], 17) ^ right(w[i - 2], 19) ^ (w[i - 2] >> 10));
    for (i = 0; i < 64; i += 8) {
        SHA256(a, b, c, d, e, f, g, h, i);
        SHA256(h, a, b, c, d, e, f, g, i + 1);
        SHA256(g, h, a, b, c, d, e, f, i + 2);
        SHA256(f, g, h, a, b, c, d, e, i + 3);
        SHA256(e, f, g, h, a, b, c, d, i + 4);
        SHA256(d, e, f, g, h, a, b, c, i + 5);
        SHA256(c, d, e, f, g, h, a, b, i + 6);
        SHA256(b, c, d, e, f, g, h, a, i + 7);
    }
    state[0] += a;
    state[1] += b;
    state[2] += c;
    state[3] += d;
    state[4] += e;
    state[5] += f;
    state[6] += g;
    state[7] += h;
}

static uint32_t p0(uint32_t x) { return x ^ left(x, 9) ^ left(x, 17); }
static uint32_t p1(uint32_t x) { return x ^ left(x, 15) ^ left(x, 23); }

/* One round of SM3, likewise; b and f are turned where the standard moves them. */
#define SM3(a, b, c, d, e, f, g, h, j, ff, gg, t)                                                       \
    do {                                                                                                \
        uint32_t turned = left(a, 12), one = left(turned + e + left(t, j), 7);                          \
        d += (ff) + (one ^ turned) + (w[j] ^ w[(j) + 4]);                                               \
        h += (gg) + one + w[j];                                                                         \
        h = p0(h);                                                                                      \
        b = left(b, 9);                                                                                 \
        f = left(f, 19);                                                                                \
    } while (0)
#define SM3_EARLY(a, b, c, d, e, f, g, h, j)                                                            \
    SM3(a, b, c, d, e, f, g, h, j, a ^ b ^ c, e ^ f ^ g, 0x79cc4519)
#define SM3_LATE(a, b, c, d, e, f, g, h, j)                                                             \
    SM3(a, b, c, d, e, f, g, h, j, (a & b) | (c & (a | b)), g ^ (e & (f ^ g)), 0x7a879d8a)
#define SM3_FOUR(ROUND, j)                                                                              \
    ROUND(a, b, c, d, e, f, g, h, j);                                                                   \
    ROUND(d, a, b, c, h, e, f, g, (j) + 1);                                                             \
    ROUND(c, d, a, b, g, h, e, f, (j) + 2);                                                             \
    ROUND(b, c, d, a, f, g, h, e, (j) + 3)

static void sm3_block(uint32_t state[8], const uint8_t *p)
{
    uint32_t w[68], a = state[0], b = state[1], c = state[2], d = state[3], e = state[4], f = state[5],
                    g = state[6], h = state[7];
    unsigned j;
    for (j = 0; j < 16; j++)
        w[j] = tt_get32(p + 4 * j);
    for (; j < 68; j++)
        w[j] = p1(w[j - 16] ^ w[j - 9] ^ left(w[j - 3], 15)) ^ left(w[j - 13], 7) ^ w[j - 6];
    for (j = 0; j < 16; j += 4) {
        SM3_FOUR(SM3_EARLY, j);
    }
    for (; j < 64; j += 4) {
        SM3_FOUR(SM3_LATE, j);
    }
    state[0] ^= a;
    state[1] ^= b;
    state[2] ^= c;
    state[3] ^= d;
    state[4] ^= e;
    state[5] ^= f;
    state[6] ^= g;
    state[7] ^= h;
}

static void compress(int hash, uint32_t state[8], const uint8_t *block)
{
    if (hash == TT_HASH_SM3)
        sm3_block(state, block);
    else
        sha256_block(state, block);
}

static void start(hashing *h, int hash)
{
    memset(h, 0, sizeof *h);
    h->hash = hash;
    memcpy(h->state, hash == TT_HASH_SM3 ? sm3_start : sha256_start, sizeof h->state);
}

static void update(hashing *h, const uint8_t *data, size_t size)
{
    h->total += size;
    if (h->used > 0) {
        size_t room = BLOCK - h->used, part = size < room ? size : room;
        memcpy(h->held + h->used, data, part);
        h->used += part;
        data += part;
        size -= part;
        if (h->used < BLOCK)
            return;
        compress(h->hash, h->state, h->held);
        h->used = 0;
    }
    for (; size >= BLOCK; data += BLOCK, size -= BLOCK)
        compress(h->hash, h->state, data);
    if (size > 0)
        memcpy(h->held, data, size);
    h->used = size;
}

static void finish(hashing *h, uint8_t digest[32])
{
    uint64_t bits = 8 * h->total;
    unsigned i;
    h->held[h->used++] = 0x80;
    if (h->used > BLOCK - 8) {
        memset(h->held + h->used, 0, BLOCK - h->used);
        compress(h->hash, h->state, h->held);
        h->used = 0;
    }
    memset(h->held + h->used, 0, BLOCK - 8 - h->used);
    tt_put64(h->held + BLOCK - 8, bits);
    compress(h->hash, h->state, h->held);
    for (i = 0; i < 8; i++)
        tt_put32(digest + 4 * i, h->state[i]);
}

int tt_hmac_init(tt_hmac *hmac, int hash, const uint8_t *key, size_t size)
{
    uint8_t pad[BLOCK], short_key[32];
    hashing h;
    size_t i;
    if (size > BLOCK) {
        start(&h, hash);
        update(&h, key, size);
        finish(&h, short_key);
        key = short_key;
        size = sizeof short_key;
    }
    hmac->hash = hash;
    for (i = 0; i < BLOCK; i++)
        pad[i] = (uint8_t)((i < size ? key[i] : 0) ^ 0x36);
    start(&h, hash);
    update(&h, pad, BLOCK);
    memcpy(hmac->inner, h.state, sizeof hmac->inner);
    for (i = 0; i < BLOCK; i++)
        pad[i] ^= 0x36 ^ 0x5c;
    start(&h, hash);
    update(&h, pad, BLOCK);
    memcpy(hmac->outer, h.state, sizeof hmac->outer);
    tt_wipe(pad, sizeof pad);
    tt_wipe(short_key, sizeof short_key);
    tt_wipe(&h, sizeof h);
    return TT_OK;
}

int tt_hmac_tag(tt_hmac *hmac, const uint8_t *data, size_t size, uint8_t tag[32])
{
    hashing h;
    start(&h, hmac->hash);
    memcpy(h.state, hmac->inner, sizeof h.state);
    h.total = BLOCK;
    update(&h, data, size);
    finish(&h, tag);
    start(&h, hmac->hash);
    memcpy(h.state, hmac->outer, sizeof h.state);
    h.total = BLOCK;
    update(&h, tag, 32);
    finish(&h, tag);
    return TT_OK;
}

void tt_hmac_wipe(tt_hmac *hmac) { tt_wipe(hmac, sizeof *hmac); }

const char *tt_crypto(void) { return "own"; }
