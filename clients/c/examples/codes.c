#include "codes.h"

#include <stdio.h>
#include <string.h>

static uint32_t left(uint32_t x, unsigned n) { return (x << n) | (x >> (32 - n)); }
static uint32_t right(uint32_t x, unsigned n) { return (x >> n) | (x << (32 - n)); }

static uint32_t word(const uint8_t *p)
{
    return ((uint32_t)p[0] << 24) | ((uint32_t)p[1] << 16) | ((uint32_t)p[2] << 8) | p[3];
}

#define SHA1(a, b, c, d, e, f, k, i)                                                                    \
    e += left(a, 5) + (f) + (k) + w[i];                                                                 \
    b = left(b, 30)
#define SHA1_FIVE(F, k, i)                                                                              \
    SHA1(a, b, c, d, e, F(b, c, d), k, i);                                                              \
    SHA1(e, a, b, c, d, F(a, b, c), k, (i) + 1);                                                        \
    SHA1(d, e, a, b, c, F(e, a, b), k, (i) + 2);                                                        \
    SHA1(c, d, e, a, b, F(d, e, a), k, (i) + 3);                                                        \
    SHA1(b, c, d, e, a, F(c, d, e), k, (i) + 4)
#define CHOICE(x, y, z) ((z) ^ ((x) & ((y) ^ (z))))
#define PARITY(x, y, z) ((x) ^ (y) ^ (z))
#define MAJORITY(x, y, z) (((x) & (y)) | ((z) & ((x) | (y))))

static void sha1_block(uint32_t s[5], const uint8_t *p)
{
    uint32_t w[80], a = s[0], b = s[1], c = s[2], d = s[3], e = s[4];
    unsigned i;
    for (i = 0; i < 16; i++)
        w[i] = word(p + 4 * i);
    for (; i < 80; i++)
        w[i] = left(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
    for (i = 0; i < 20; i += 5) {
        SHA1_FIVE(CHOICE, 0x5a827999, i);
    }
    for (; i < 40; i += 5) {
        SHA1_FIVE(PARITY, 0x6ed9eba1, i);
    }
    for (; i < 60; i += 5) {
        SHA1_FIVE(MAJORITY, 0x8f1bbcdc, i);
    }
    for (; i < 80; i += 5) {
        SHA1_FIVE(PARITY, 0xca62c1d6, i);
    }
    s[0] += a;
    s[1] += b;
    s[2] += c;
    s[3] += d;
    s[4] += e;
}

static void sha256_block(uint32_t s[8], const uint8_t *p)
{
    static const uint32_t k[64] = {
        0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
        0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
        0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
        0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
        0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
        0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
        0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
        0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};
    uint32_t w[64], v[8], a, b;
    unsigned i;
    for (i = 0; i < 16; i++)
        w[i] = word(p + 4 * i);
    for (; i < 64; i++)
        w[i] = w[i - 16] + (right(w[i - 15], 7) ^ right(w[i - 15], 18) ^ (w[i - 15] >> 3)) + w[i - 7] +
               (right(w[i - 2], 17) ^ right(w[i - 2], 19) ^ (w[i - 2] >> 10));
    memcpy(v, s, sizeof v);
    for (i = 0; i < 64; i++) {
        a = v[7] + (right(v[4], 6) ^ right(v[4], 11) ^ right(v[4], 25)) + ((v[4] & v[5]) ^ (~v[4] & v[6])) +
            k[i] + w[i];
        b = (right(v[0], 2) ^ right(v[0], 13) ^ right(v[0], 22)) +
            ((v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]));
        v[7] = v[6];
        v[6] = v[5];
        v[5] = v[4];
        v[4] = v[3] + a;
        v[3] = v[2];
        v[2] = v[1];
        v[1] = v[0];
        v[0] = a + b;
    }
    for (i = 0; i < 8; i++)
        s[i] += v[i];
}

static void block(int words, uint32_t *state, const uint8_t *p)
{
    if (words == 5)
        sha1_block(state, p);
    else
        sha256_block(state, p);
}

static void begin(int words, uint32_t state[8])
{
    static const uint32_t sha1[8] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0, 0, 0, 0};
    static const uint32_t sha256[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                       0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    memcpy(state, words == 5 ? sha1 : sha256, 8 * sizeof *state);
}

/* The rest of a message whose first `before` octets are in the state already. */
static void end(int words, uint32_t state[8], const uint8_t *data, size_t size, size_t before,
                uint8_t *digest)
{
    uint8_t last[64] = {0};
    uint64_t bits = 8 * (uint64_t)(before + size);
    int i;
    for (; size >= 64; size -= 64, data += 64)
        block(words, state, data);
    memcpy(last, data, size);
    last[size] = 0x80;
    if (size >= 56) {
        block(words, state, last);
        memset(last, 0, sizeof last);
    }
    for (i = 0; i < 8; i++)
        last[56 + i] = (uint8_t)(bits >> (56 - 8 * i));
    block(words, state, last);
    for (i = 0; i < 4 * words; i++)
        digest[i] = (uint8_t)(state[i / 4] >> (24 - 8 * (i % 4)));
}

static void keyed(codes_key *key, int words, const uint8_t *octets, size_t count)
{
    uint8_t pad[64];
    size_t i;
    key->words = words;
    for (i = 0; i < 64; i++)
        pad[i] = (uint8_t)((i < count ? octets[i] : 0) ^ 0x36);
    begin(words, key->inner);
    block(words, key->inner, pad);
    for (i = 0; i < 64; i++)
        pad[i] ^= 0x36 ^ 0x5c;
    begin(words, key->outer);
    block(words, key->outer, pad);
}

void codes_key_sha1(codes_key *key, const uint8_t *octets, size_t count) { keyed(key, 5, octets, count); }
void codes_key_sha256(codes_key *key, const uint8_t *octets, size_t count) { keyed(key, 8, octets, count); }

void codes_hmac(const codes_key *key, const uint8_t *data, size_t size, uint8_t *mac)
{
    uint32_t state[8];
    uint8_t inner[32];
    memcpy(state, key->inner, sizeof state);
    end(key->words, state, data, size, 64, inner);
    memcpy(state, key->outer, sizeof state);
    end(key->words, state, inner, 4 * (size_t)key->words, 64, mac);
}

void codes_sha256(const uint8_t *data, size_t size, uint8_t digest[32])
{
    uint32_t state[8];
    begin(8, state);
    end(8, state, data, size, 0, digest);
}

void codes_sha1(const uint8_t *data, size_t size, uint8_t digest[20])
{
    uint32_t state[8];
    begin(5, state);
    end(5, state, data, size, 0, digest);
}

void codes_truncate(const uint8_t mac[20], char code[7])
{
    unsigned long number = (word(mac + (mac[19] & 15)) & 0x7fffffff) % 1000000;
    int i;
    for (i = 5; i >= 0; i--, number /= 10)
        code[i] = (char)('0' + number % 10);
    code[6] = '\0';
}

void codes_totp(const uint8_t *seed, size_t seed_size, uint64_t step, char code[7])
{
    uint8_t counter[8], mac[20];
    codes_key key;
    int i;
    for (i = 0; i < 8; i++)
        counter[i] = (uint8_t)(step >> (56 - 8 * i));
    codes_key_sha1(&key, seed, seed_size);
    codes_hmac(&key, counter, 8, mac);
    codes_truncate(mac, code);
}
