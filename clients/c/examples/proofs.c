/*
 * What a customer's device and dial-in program compute, for the load generator. DES and MD4 are written out
 * here: a device takes its platform's, and what the library has inside belongs to its connections alone.
 */
#include "proofs.h"

#include "codes.h"

#include <stdlib.h>
#include <string.h>

/* ------------------------------------------------------------------------- OCRA */

/* The question is a number: its hexadecimal digits from the left, zeros up to 128 octets. */
void proofs_ocra(const uint8_t *seed, size_t seed_size, const char *question, char answer[7])
{
    uint8_t data[sizeof PROOFS_OCRA_SUITE + 128] = PROOFS_OCRA_SUITE, *octets = data + sizeof PROOFS_OCRA_SUITE;
    uint8_t mac[20];
    unsigned long number = strtoul(question, NULL, 10);
    unsigned digits = 1, i;
    codes_key key;
    while (number >> 4 * digits)
        digits++;
    for (i = 0; i < digits; i++) {
        unsigned nibble = (unsigned)(number >> 4 * (digits - 1 - i)) & 15;
        octets[i / 2] = (uint8_t)(octets[i / 2] | nibble << (i % 2 ? 0 : 4));
    }
    codes_key_sha1(&key, seed, seed_size);
    codes_hmac(&key, data, sizeof data, mac);
    codes_truncate(mac, answer);
}

/* ------------------------------------------------------------------------- MS-CHAPv2 */

static uint32_t left(uint32_t x, unsigned n) { return (x << n) | (x >> (32 - n)); }

/* RFC 1320, for less than a block. */
static void md4(const uint8_t *message, size_t size, uint8_t digest[16])
{
    static const uint8_t order[3][16] = {{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
                                         {0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15},
                                         {0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15}};
    static const uint8_t shifts[3][4] = {{3, 7, 11, 19}, {3, 5, 9, 13}, {3, 9, 11, 15}};
    static const uint32_t constants[3] = {0, 0x5a827999, 0x6ed9eba1};
    static const uint32_t start[4] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476};
    uint8_t block[64] = {0};
    uint32_t words[16], s[4];
    unsigned round, i;
    memcpy(block, message, size);
    block[size] = 0x80;
    block[56] = (uint8_t)(8 * size);
    block[57] = (uint8_t)(8 * size >> 8);
    for (i = 0; i < 16; i++)
        words[i] = block[4 * i] | (uint32_t)block[4 * i + 1] << 8 | (uint32_t)block[4 * i + 2] << 16 |
                   (uint32_t)block[4 * i + 3] << 24;
    memcpy(s, start, sizeof s);
    for (round = 0; round < 3; round++)
        for (i = 0; i < 16; i++) {
            uint32_t b = s[1], c = s[2], d = s[3];
            uint32_t mixed = round == 0 ? (b & c) | (~b & d) : round == 1 ? (b & c) | (b & d) | (c & d) : b ^ c ^ d;
            uint32_t next = left(s[0] + mixed + words[order[round][i]] + constants[round], shifts[round][i % 4]);
            s[0] = d;
            s[1] = next;
            s[2] = b;
            s[3] = c;
        }
    for (i = 0; i < 16; i++)
        digest[i] = (uint8_t)((s[i / 4] + start[i / 4]) >> 8 * (i % 4));
}

/* Bit `from[i]` of `in` (from 1, the highest of `size`) becomes bit i of what is returned. */
static uint64_t permuted(uint64_t in, unsigned size, const uint8_t *from, unsigned count)
{
    uint64_t out = 0;
    unsigned i;
    for (i = 0; i < count; i++)
        out = out << 1 | ((in >> (size - from[i])) & 1);
    return out;
}

static const uint8_t initial[64] = {58, 50, 42, 34, 26, 18, 10, 2, 60, 52, 44, 36, 28, 20, 12, 4,
                                    62, 54, 46, 38, 30, 22, 14, 6, 64, 56, 48, 40, 32, 24, 16, 8,
                                    57, 49, 41, 33, 25, 17, 9,  1, 59, 51, 43, 35, 27, 19, 11, 3,
                                    61, 53, 45, 37, 29, 21, 13, 5, 63, 55, 47, 39, 31, 23, 15, 7};
static const uint8_t final[64] = {40, 8, 48, 16, 56, 24, 64, 32, 39, 7, 47, 15, 55, 23, 63, 31,
                                  38, 6, 46, 14, 54, 22, 62, 30, 37, 5, 45, 13, 53, 21, 61, 29,
                                  36, 4, 44, 12, 52, 20, 60, 28, 35, 3, 43, 11, 51, 19, 59, 27,
                                  34, 2, 42, 10, 50, 18, 58, 26, 33, 1, 41, 9,  49, 17, 57, 25};
static const uint8_t spread[32] = {16, 7, 20, 21, 29, 12, 28, 17, 1,  15, 23, 26, 5,  18, 31, 10,
                                   2,  8, 24, 14, 32, 27, 3,  9,  19, 13, 30, 6,  22, 11, 4,  25};
static const uint8_t choice1[56] = {57, 49, 41, 33, 25, 17, 9,  1,  58, 50, 42, 34, 26, 18, 10, 2,  59, 51, 43,
                                    35, 27, 19, 11, 3,  60, 52, 44, 36, 63, 55, 47, 39, 31, 23, 15, 7,  62, 54,
                                    46, 38, 30, 22, 14, 6,  61, 53, 45, 37, 29, 21, 13, 5,  28, 20, 12, 4};
static const uint8_t choice2[48] = {14, 17, 11, 24, 1,  5,  3,  28, 15, 6,  21, 10, 23, 19, 12, 4,
                                    26, 8,  16, 7,  27, 20, 13, 2,  41, 52, 31, 37, 47, 55, 30, 40,
                                    51, 45, 33, 48, 44, 49, 39, 56, 34, 53, 46, 42, 50, 36, 29, 32};
static const uint8_t boxes[8][64] = {
    {14, 4,  13, 1, 2,  15, 11, 8,  3,  10, 6,  12, 5,  9, 0, 7, 0,  15, 7, 4, 14, 2,  13, 1,  10, 6, 12, 11, 9,  5,  3, 8,
     4,  1,  14, 8, 13, 6,  2,  11, 15, 12, 9,  7,  3,  10, 5, 0, 15, 12, 8, 2, 4,  9,  1,  7,  5,  11, 3, 14, 10, 0, 6, 13},
    {15, 1,  8,  14, 6,  11, 3,  4,  9, 7, 2,  13, 12, 0, 5,  10, 3,  13, 4,  7, 15, 2,  8, 14, 12, 0, 1, 10, 6, 9,  11, 5,
     0,  14, 7,  11, 10, 4,  13, 1,  5, 8, 12, 6,  9,  3, 2,  15, 13, 8,  10, 1, 3,  15, 4, 2,  11, 6, 7, 12, 0, 5,  14, 9},
    {10, 0, 9, 14, 6, 3,  15, 5, 1,  13, 12, 7,  11, 4,  2,  8, 13, 7,  0,  9, 3, 4, 6, 10, 2, 8,  5,  14, 12, 11, 15, 1,
     13, 6, 4, 9,  8, 15, 3,  0, 11, 1,  2,  12, 5,  10, 14, 7, 1,  10, 13, 0, 6, 9, 8, 7,  4, 15, 14, 3,  11, 5,  2,  12},
    {7,  13, 14, 3, 0,  6,  9, 10, 1,  2, 8, 5,  11, 12, 4, 15, 13, 8,  11, 5, 6,  15, 0,  3, 4, 7, 2,  12, 1,  10, 14, 9,
     10, 6,  9,  0, 12, 11, 7, 13, 15, 1, 3, 14, 5,  2,  8, 4,  3,  15, 0,  6, 10, 1,  13, 8, 9, 4, 5,  11, 12, 7,  2,  14},
    {2, 12, 4, 1,  7,  10, 11, 6, 8,  5, 3,  15, 13, 0, 14, 9,  14, 11, 2,  12, 4, 7,  13, 1,  5, 0,  15, 10, 3,  9, 8, 6,
     4, 2,  1, 11, 10, 13, 7,  8, 15, 9, 12, 5,  6,  3, 0,  14, 11, 8,  12, 7,  1, 14, 2,  13, 6, 15, 0,  9,  10, 4, 5, 3},
    {12, 1,  10, 15, 9, 2, 6,  8, 0, 13, 3, 4,  14, 7,  5,  11, 10, 15, 4, 2,  7, 12, 9,  5,  6,  1,  13, 14, 0, 11, 3, 8,
     9,  14, 15, 5,  2, 8, 12, 3, 7, 0,  4, 10, 1,  13, 11, 6,  4,  3,  2, 12, 9, 5,  15, 10, 11, 14, 1,  7,  6, 0,  8, 13},
    {4, 11, 2,  14, 15, 0, 8,  13, 3,  12, 9, 7,  5,  10, 6, 1, 13, 0,  11, 7, 4, 9, 1,  10, 14, 3, 5, 12, 2,  15, 8, 6,
     1, 4,  11, 13, 12, 3, 7,  14, 10, 15, 6, 8,  0,  5,  9, 2, 6,  11, 13, 8, 1, 4, 10, 7,  9,  5, 0, 15, 14, 2,  3, 12},
    {13, 2,  8,  4, 6, 15, 11, 1,  10, 9,  3,  14, 5, 0,  12, 7, 1, 15, 13, 8,  10, 3, 7, 4,  12, 5,  6, 11, 0, 14, 9, 2,
     7,  11, 4,  1, 9, 12, 14, 2,  0,  6,  10, 13, 15, 3, 5,  8, 2, 1,  14, 7,  4,  10, 8, 13, 15, 12, 9, 0,  3, 5,  6, 11}};

/* Eight sixfold pieces of what the round's function takes in, through the boxes and spread. */
static uint32_t round_of(uint32_t half, uint64_t key)
{
    uint32_t out = 0;
    unsigned i;
    for (i = 0; i < 8; i++) {
        unsigned by = (5 + 4 * i) & 31;
        unsigned six = (left(half, by) ^ (unsigned)(key >> (42 - 6 * i))) & 63;
        out = out << 4 | boxes[i][(six & 32) | (six & 1) << 4 | (six >> 1 & 15)];
    }
    return (uint32_t)permuted(out, 32, spread, 32);
}

/* One block under 56 bits of key, spread over eight octets (RFC 2759 §8.6). */
static void des(const uint8_t key[7], const uint8_t block[8], uint8_t out[8])
{
    static const uint8_t shifts[16] = {1, 1, 2, 2, 2, 2, 2, 2, 1, 2, 2, 2, 2, 2, 2, 1};
    uint64_t bits = 0, octets = 0, in = 0, halves, text;
    uint32_t l, r, t, c, d;
    unsigned i;
    for (i = 0; i < 7; i++)
        bits = bits << 8 | key[i];
    for (i = 0; i < 8; i++) {
        octets = octets << 8 | ((bits >> (49 - 7 * i)) & 127) << 1;
        in = in << 8 | block[i];
    }
    halves = permuted(octets, 64, choice1, 56);
    c = (uint32_t)(halves >> 28);
    d = (uint32_t)halves & 0xfffffff;
    text = permuted(in, 64, initial, 64);
    l = (uint32_t)(text >> 32);
    r = (uint32_t)text;
    for (i = 0; i < 16; i++) {
        c = (c << shifts[i] | c >> (28 - shifts[i])) & 0xfffffff;
        d = (d << shifts[i] | d >> (28 - shifts[i])) & 0xfffffff;
        t = l ^ round_of(r, permuted((uint64_t)c << 28 | d, 56, choice2, 48));
        l = r;
        r = t;
    }
    text = permuted((uint64_t)r << 32 | l, 64, final, 64);
    for (i = 0; i < 8; i++)
        out[i] = (uint8_t)(text >> (56 - 8 * i));
}

void proofs_nt_response(const char *user, const uint8_t authenticator[16], const uint8_t peer[16],
                        const char *password, uint8_t response[24])
{
    uint8_t exchange[32 + 64], challenge[20], wide[54], key[21] = {0};
    size_t i, name = strlen(user);
    if (name > 64)
        name = 64;
    memcpy(exchange, peer, 16);
    memcpy(exchange + 16, authenticator, 16);
    memcpy(exchange + 32, user, name);
    codes_sha1(exchange, 32 + name, challenge);
    for (i = 0; password[i] != '\0' && i < sizeof wide / 2; i++) {
        wide[2 * i] = (uint8_t)password[i];
        wide[2 * i + 1] = 0;
    }
    md4(wide, 2 * i, key);
    for (i = 0; i < 3; i++)
        des(key + 7 * i, challenge, response + 8 * i);
}
