/*
 * AES (FIPS 197), SM4 (GB/T 32907) and DES (FIPS 46-3), one block after the other.
 *
 * AES is bit-sliced: no table is looked up by a secret, so that neither caches nor time tell the key.
 * SM4's 256 octets and DES' tables are looked up; SM4 touches all of its table before each block, which
 * blurs what caches tell without ending it. Where others run on the same machine, build with OpenSSL.
 */
#include "internal.h"

/* ------------------------------------------------------------------------- AES
 *
 * Up to four blocks at once: plane p holds bit p of every octet, octet i of block b at place 16 b + i.
 */

#define LANES(x) ((uint64_t)(x) * UINT64_C(0x0001000100010001))

/* Octet i's bit j becomes octet j's bit i. */
static uint64_t transpose(uint64_t x)
{
    uint64_t t = (x ^ (x >> 7)) & UINT64_C(0x00aa00aa00aa00aa);
    x ^= t ^ (t << 7);
    t = (x ^ (x >> 14)) & UINT64_C(0x0000cccc0000cccc);
    x ^= t ^ (t << 14);
    t = (x ^ (x >> 28)) & UINT64_C(0x00000000f0f0f0f0);
    return x ^ t ^ (t << 28);
}

static uint64_t load_little(const uint8_t *p)
{
    uint64_t x = 0;
    unsigned i;
    for (i = 0; i < 8; i++)
        x |= (uint64_t)p[i] << (8 * i);
    return x;
}

static void store_little(uint8_t *p, uint64_t x)
{
    unsigned i;
    for (i = 0; i < 8; i++)
        p[i] = (uint8_t)(x >> (8 * i));
}

static void to_planes(uint64_t q[8], const uint8_t *in, size_t blocks)
{
    size_t b;
    unsigned p;
    memset(q, 0, 8 * sizeof *q);
    for (b = 0; b < blocks; b++) {
        uint64_t low = transpose(load_little(in + 16 * b)), high = transpose(load_little(in + 16 * b + 8));
        for (p = 0; p < 8; p++)
            q[p] |= (((low >> (8 * p)) & 0xff) | (((high >> (8 * p)) & 0xff) << 8)) << (16 * b);
    }
}

static void from_planes(const uint64_t q[8], uint8_t *out, size_t blocks)
{
    size_t b;
    unsigned p;
    for (b = 0; b < blocks; b++) {
        uint64_t low = 0, high = 0;
        for (p = 0; p < 8; p++) {
            uint64_t lane = q[p] >> (16 * b);
            low |= (lane & 0xff) << (8 * p);
            high |= ((lane >> 8) & 0xff) << (8 * p);
        }
        store_little(out + 16 * b, transpose(low));
        store_little(out + 16 * b + 8, transpose(high));
    }
}

/* The circuit of Boyar and Peralta, "A new combinational logic minimization technique" (2009). */
static void sub_bytes(uint64_t q[8])
{
    uint64_t x0 = q[7], x1 = q[6], x2 = q[5], x3 = q[4], x4 = q[3], x5 = q[2], x6 = q[1], x7 = q[0];
    uint64_t y1, y2, y3, y4, y5, y6, y7, y8, y9, y10, y11, y12, y13, y14, y15, y16, y17, y18, y19, y20,
        y21;
    uint64_t z0, z1, z2, z3, z4, z5, z6, z7, z8, z9, z10, z11, z12, z13, z14, z15, z16, z17;
    uint64_t t0, t1, t2, t3, t4, t5, t6, t7, t8, t9, t10, t11, t12, t13, t14, t15, t16, t17, t18, t19,
        t20, t21, t22, t23, t24, t25, t26, t27, t28, t29, t30, t31, t32, t33, t34, t35, t36, t37, t38,
        t39, t40, t41, t42, t43, t44, t45, t46, t47, t48, t49, t50, t51, t52, t53, t54, t55, t56, t57,
        t58, t59, t60, t61, t62, t63, t64, t65, t66, t67;
    uint64_t s0, s1, s2, s3, s4, s5, s6, s7;

    y14 = x3 ^ x5; y13 = x0 ^ x6; y9 = x0 ^ x3; y8 = x0 ^ x5;
    t0 = x1 ^ x2; y1 = t0 ^ x7; y4 = y1 ^ x3; y12 = y13 ^ y14;
    y2 = y1 ^ x0; y5 = y1 ^ x6; y3 = y5 ^ y8; t1 = x4 ^ y12;
    y15 = t1 ^ x5; y20 = t1 ^ x1; y6 = y15 ^ x7; y10 = y15 ^ t0;
    y11 = y20 ^ y9; y7 = x7 ^ y11; y17 = y10 ^ y11; y19 = y10 ^ y8;
    y16 = t0 ^ y11; y21 = y13 ^ y16; y18 = x0 ^ y16;

    t2 = y12 & y15; t3 = y3 & y6; t4 = t3 ^ t2; t5 = y4 & x7;
    t6 = t5 ^ t2; t7 = y13 & y16; t8 = y5 & y1; t9 = t8 ^ t7;
    t10 = y2 & y7; t11 = t10 ^ t7; t12 = y9 & y11; t13 = y14 & y17;
    t14 = t13 ^ t12; t15 = y8 & y10; t16 = t15 ^ t12; t17 = t4 ^ t14;
    t18 = t6 ^ t16; t19 = t9 ^ t14; t20 = t11 ^ t16; t21 = t17 ^ y20;
    t22 = t18 ^ y19; t23 = t19 ^ y21; t24 = t20 ^ y18;

    t25 = t21 ^ t22; t26 = t21 & t23; t27 = t24 ^ t26; t28 = t25 & t27;
    t29 = t28 ^ t22; t30 = t23 ^ t24; t31 = t22 ^ t26; t32 = t31 & t30;
    t33 = t32 ^ t24; t34 = t23 ^ t33; t35 = t27 ^ t33; t36 = t24 & t35;
    t37 = t36 ^ t34; t38 = t27 ^ t36; t39 = t29 & t38; t40 = t25 ^ t39;

    t41 = t40 ^ t37; t42 = t29 ^ t33; t43 = t29 ^ t40; t44 = t33 ^ t37; t45 = t42 ^ t41;
    z0 = t44 & y15; z1 = t37 & y6; z2 = t33 & x7; z3 = t43 & y16; z4 = t40 & y1; z5 = t29 & y7;
    z6 = t42 & y11; z7 = t45 & y17; z8 = t41 & y10; z9 = t44 & y12; z10 = t37 & y3; z11 = t33 & y4;
    z12 = t43 & y13; z13 = t40 & y5; z14 = t29 & y2; z15 = t42 & y9; z16 = t45 & y14; z17 = t41 & y8;

    t46 = z15 ^ z16; t47 = z10 ^ z11; t48 = z5 ^ z13; t49 = z9 ^ z10;
    t50 = z2 ^ z12; t51 = z2 ^ z5; t52 = z7 ^ z8; t53 = z0 ^ z3;
    t54 = z6 ^ z7; t55 = z16 ^ z17; t56 = z12 ^ t48; t57 = t50 ^ t53;
    t58 = z4 ^ t46; t59 = z3 ^ t54; t60 = t46 ^ t57; t61 = z14 ^ t57;
    t62 = t52 ^ t58; t63 = t49 ^ t58; t64 = z4 ^ t59; t65 = t61 ^ t62;
    t66 = z1 ^ t63; s0 = t59 ^ t63; s6 = t56 ^ ~t62; s7 = t48 ^ ~t60;
    t67 = t64 ^ t65; s3 = t53 ^ t66; s4 = t51 ^ t66; s5 = t47 ^ t65;
    s1 = t64 ^ ~s3; s2 = t55 ^ ~t67;

    q[7] = s0; q[6] = s1; q[5] = s2; q[4] = s3; q[3] = s4; q[2] = s5; q[1] = s6; q[0] = s7;
}

/* The inverse of the S-box' affine half; inverse S-box = this, S-box, this. */
static void inverse_affine(uint64_t q[8])
{
    uint64_t q0 = ~q[0], q1 = ~q[1], q2 = q[2], q3 = q[3], q4 = q[4], q5 = ~q[5], q6 = ~q[6], q7 = q[7];
    q[7] = q1 ^ q4 ^ q6;
    q[6] = q0 ^ q3 ^ q5;
    q[5] = q7 ^ q2 ^ q4;
    q[4] = q6 ^ q1 ^ q3;
    q[3] = q5 ^ q0 ^ q2;
    q[2] = q4 ^ q7 ^ q1;
    q[1] = q3 ^ q6 ^ q0;
    q[0] = q2 ^ q5 ^ q7;
}

static void shift_rows(uint64_t q[8], int back)
{
    unsigned p;
    for (p = 0; p < 8; p++) {
        uint64_t x = q[p], one = x & LANES(0x2222), two = x & LANES(0x4444), three = x & LANES(0x8888);
        uint64_t by4 = back ? three : one, by12 = back ? one : three;
        q[p] = (x & LANES(0x1111)) | ((by4 >> 4) & LANES(0x0fff)) | ((by4 << 12) & LANES(0xf000)) |
               ((two >> 8) & LANES(0x00ff)) | ((two << 8) & LANES(0xff00)) |
               ((by12 >> 12) & LANES(0x000f)) | ((by12 << 4) & LANES(0xfff0));
    }
}

static void mix_columns(uint64_t q[8])
{
    uint64_t r[8], s[8], top;
    unsigned p;
    for (p = 0; p < 8; p++) {
        r[p] = ((q[p] >> 1) & LANES(0x7777)) | ((q[p] << 3) & LANES(0x8888));
        s[p] = q[p] ^ r[p];
    }
    top = s[7];
    for (p = 0; p < 8; p++) {
        uint64_t twice = p ? s[p - 1] : 0;
        if (p == 0 || p == 1 || p == 3 || p == 4)
            twice ^= top;
        q[p] = twice ^ r[p] ^ ((s[p] >> 2) & LANES(0x3333)) ^ ((s[p] << 2) & LANES(0xcccc));
    }
}

static void add_key(uint64_t q[8], const uint64_t key[8])
{
    unsigned p;
    for (p = 0; p < 8; p++)
        q[p] ^= key[p];
}

static void aes_encrypt(const tt_block *block, const uint8_t *in, uint8_t *out, size_t blocks)
{
    uint64_t q[8];
    int round;
    to_planes(q, in, blocks);
    add_key(q, block->key.aes[0]);
    for (round = 1; round < block->rounds; round++) {
        sub_bytes(q);
        shift_rows(q, 0);
        mix_columns(q);
        add_key(q, block->key.aes[round]);
    }
    sub_bytes(q);
    shift_rows(q, 0);
    add_key(q, block->key.aes[block->rounds]);
    from_planes(q, out, blocks);
}

static void aes_decrypt(const tt_block *block, const uint8_t *in, uint8_t *out, size_t blocks)
{
    uint64_t q[8];
    int round;
    to_planes(q, in, blocks);
    add_key(q, block->key.aes[block->rounds]);
    for (round = block->rounds - 1; round >= 0; round--) {
        shift_rows(q, 1);
        inverse_affine(q);
        sub_bytes(q);
        inverse_affine(q);
        add_key(q, block->key.aes[round]);
        if (round > 0) {
            /* MixColumns four times is nothing, so three times is its inverse. */
            mix_columns(q);
            mix_columns(q);
            mix_columns(q);
        }
    }
    from_planes(q, out, blocks);
}

static void sub_word(uint8_t word[4])
{
    uint8_t octets[16] = {0};
    uint64_t q[8];
    memcpy(octets, word, 4);
    to_planes(q, octets, 1);
    sub_bytes(q);
    from_planes(q, octets, 1);
    memcpy(word, octets, 4);
}

static void aes_schedule(tt_block *block, const uint8_t *key, size_t size)
{
    uint8_t w[4 * 60], word[4];
    size_t words = size / 4, total = 4 * (words + 7), i;
    uint8_t constant = 1;
    int round;
    unsigned p;
    memcpy(w, key, size);
    for (i = words; i < total; i++) {
        memcpy(word, w + 4 * (i - 1), 4);
        if (i % words == 0) {
            uint8_t first = word[0];
            memmove(word, word + 1, 3);
            word[3] = first;
            sub_word(word);
            word[0] ^= constant;
            constant = (uint8_t)((constant << 1) ^ ((constant >> 7) * 0x1b));
        } else if (words > 6 && i % words == 4) {
            sub_word(word);
        }
        for (p = 0; p < 4; p++)
            w[4 * i + p] = w[4 * (i - words) + p] ^ word[p];
    }
    block->rounds = (int)words + 6;
    for (round = 0; round <= block->rounds; round++) {
        to_planes(block->key.aes[round], w + 16 * round, 1);
        for (p = 0; p < 8; p++)
            block->key.aes[round][p] *= UINT64_C(0x0001000100010001);
    }
    tt_wipe(w, sizeof w);
    tt_wipe(word, sizeof word);
}

/* ------------------------------------------------------------------------- SM4 */

static const uint8_t sm4_box[256] = {
    0xd6, 0x90, 0xe9, 0xfe, 0xcc, 0xe1, 0x3d, 0xb7, 0x16, 0xb6, 0x14, 0xc2, 0x28, 0xfb, 0x2c, 0x05,
    0x2b, 0x67, 0x9a, 0x76, 0x2a, 0xbe, 0x04, 0xc3, 0xaa, 0x44, 0x13, 0x26, 0x49, 0x86, 0x06, 0x99,
    0x9c, 0x42, 0x50, 0xf4, 0x91, 0xef, 0x98, 0x7a, 0x33, 0x54, 0x0b, 0x43, 0xed, 0xcf, 0xac, 0x62,
    0xe4, 0xb3, 0x1c, 0xa9, 0xc9, 0x08, 0xe8, 0x95, 0x80, 0xdf, 0x94, 0xfa, 0x75, 0x8f, 0x3f, 0xa6,
    0x47, 0x07, 0xa7, 0xfc, 0xf3, 0x73, 0x17, 0xba, 0x83, 0x59, 0x3c, 0x19, 0xe6, 0x85, 0x4f, 0xa8,
    0x68, 0x6b, 0x81, 0xb2, 0x71, 0x64, 0xda, 0x8b, 0xf8, 0xeb, 0x0f, 0x4b, 0x70, 0x56, 0x9d, 0x35,
    0x1e, 0x24, 0x0e, 0x5e, 0x63, 0x58, 0xd1, 0xa2, 0x25, 0x22, 0x7c, 0x3b, 0x01, 0x21, 0x78, 0x87,
    0xd4, 0x00, 0x46, 0x57, 0x9f, 0xd3, 0x27, 0x52, 0x4c, 0x36, 0x02, 0xe7, 0xa0, 0xc4, 0xc8, 0x9e,
    0xea, 0xbf, 0x8a, 0xd2, 0x40, 0xc7, 0x38, 0xb5, 0xa3, 0xf7, 0xf2, 0xce, 0xf9, 0x61, 0x15, 0xa1,
    0xe0, 0xae, 0x5d, 0xa4, 0x9b, 0x34, 0x1a, 0x55, 0xad, 0x93, 0x32, 0x30, 0xf5, 0x8c, 0xb1, 0xe3,
    0x1d, 0xf6, 0xe2, 0x2e, 0x82, 0x66, 0xca, 0x60, 0xc0, 0x29, 0x23, 0xab, 0x0d, 0x53, 0x4e, 0x6f,
    0xd5, 0xdb, 0x37, 0x45, 0xde, 0xfd, 0x8e, 0x2f, 0x03, 0xff, 0x6a, 0x72, 0x6d, 0x6c, 0x5b, 0x51,
    0x8d, 0x1b, 0xaf, 0x92, 0xbb, 0xdd, 0xbc, 0x7f, 0x11, 0xd9, 0x5c, 0x41, 0x1f, 0x10, 0x5a, 0xd8,
    0x0a, 0xc1, 0x31, 0x88, 0xa5, 0xcd, 0x7b, 0xbd, 0x2d, 0x74, 0xd0, 0x12, 0xb8, 0xe5, 0xb4, 0xb0,
    0x89, 0x69, 0x97, 0x4a, 0x0c, 0x96, 0x77, 0x7e, 0x65, 0xb9, 0xf1, 0x09, 0xc5, 0x6e, 0xc6, 0x84,
    0x18, 0xf0, 0x7d, 0xec, 0x3a, 0xdc, 0x4d, 0x20, 0x79, 0xee, 0x5f, 0x3e, 0xd7, 0xcb, 0x39, 0x48};

static uint32_t left(uint32_t x, unsigned n) { return (x << n) | (x >> (32 - n)); }

static uint32_t sm4_sub(uint32_t x)
{
    return ((uint32_t)sm4_box[x >> 24] << 24) | ((uint32_t)sm4_box[(x >> 16) & 0xff] << 16) |
           ((uint32_t)sm4_box[(x >> 8) & 0xff] << 8) | sm4_box[x & 0xff];
}

static void sm4_schedule(tt_block *block, const uint8_t *key)
{
    static const uint32_t fk[4] = {0xa3b1bac6, 0x56aa3350, 0x677d9197, 0xb27022dc};
    uint32_t k[4];
    unsigned i, j;
    for (i = 0; i < 4; i++)
        k[i] = tt_get32(key + 4 * i) ^ fk[i];
    for (i = 0; i < 32; i++) {
        uint32_t constant = 0, x;
        for (j = 0; j < 4; j++)
            constant = (constant << 8) | ((7 * (4 * i + j)) & 0xff);
        x = sm4_sub(k[1] ^ k[2] ^ k[3] ^ constant);
        x = k[0] ^ x ^ left(x, 13) ^ left(x, 23);
        k[0] = k[1];
        k[1] = k[2];
        k[2] = k[3];
        block->key.sm4[i] = k[3] = x;
    }
    tt_wipe(k, sizeof k);
}

static void sm4_crypt(const tt_block *block, const uint8_t *in, uint8_t *out, int back)
{
    uint32_t x[4];
    volatile uint8_t seen = 0;
    unsigned i;
    for (i = 0; i < 256; i += 32)
        seen = (uint8_t)(seen ^ sm4_box[i]);
    for (i = 0; i < 4; i++)
        x[i] = tt_get32(in + 4 * i);
    for (i = 0; i < 32; i++) {
        uint32_t t = sm4_sub(x[1] ^ x[2] ^ x[3] ^ block->key.sm4[back ? 31 - i : i]);
        t = x[0] ^ t ^ left(t, 2) ^ left(t, 10) ^ left(t, 18) ^ left(t, 24);
        x[0] = x[1];
        x[1] = x[2];
        x[2] = x[3];
        x[3] = t;
    }
    for (i = 0; i < 4; i++)
        tt_put32(out + 4 * i, x[3 - i]);
}

/* ------------------------------------------------------------------------- DES */

/* S-box and permutation P in one. */
static const uint32_t des_box[8][64] = {
    {0x00808200, 0x00000000, 0x00008000, 0x00808202, 0x00808002, 0x00008202, 0x00000002, 0x00008000,
     0x00000200, 0x00808200, 0x00808202, 0x00000200, 0x00800202, 0x00808002, 0x00800000, 0x00000002,
     0x00000202, 0x00800200, 0x00800200, 0x00008200, 0x00008200, 0x00808000, 0x00808000, 0x00800202,
     0x00008002, 0x00800002, 0x00800002, 0x00008002, 0x00000000, 0x00000202, 0x00008202, 0x00800000,
     0x00008000, 0x00808202, 0x00000002, 0x00808000, 0x00808200, 0x00800000, 0x00800000, 0x00000200,
     0x00808002, 0x00008000, 0x00008200, 0x00800002, 0x00000200, 0x00000002, 0x00800202, 0x00008202,
     0x00808202, 0x00008002, 0x00808000, 0x00800202, 0x00800002, 0x00000202, 0x00008202, 0x00808200,
     0x00000202, 0x00800200, 0x00800200, 0x00000000, 0x00008002, 0x00008200, 0x00000000, 0x00808002},
    {0x40084010, 0x40004000, 0x00004000, 0x00084010, 0x00080000, 0x00000010, 0x40080010, 0x40004010,
     0x40000010, 0x40084010, 0x40084000, 0x40000000, 0x40004000, 0x00080000, 0x00000010, 0x40080010,
     0x00084000, 0x00080010, 0x40004010, 0x00000000, 0x40000000, 0x00004000, 0x00084010, 0x40080000,
     0x00080010, 0x40000010, 0x00000000, 0x00084000, 0x00004010, 0x40084000, 0x40080000, 0x00004010,
     0x00000000, 0x00084010, 0x40080010, 0x00080000, 0x40004010, 0x40080000, 0x40084000, 0x00004000,
     0x40080000, 0x40004000, 0x00000010, 0x40084010, 0x00084010, 0x00000010, 0x00004000, 0x40000000,
     0x00004010, 0x40084000, 0x00080000, 0x40000010, 0x00080010, 0x40004010, 0x40000010, 0x00080010,
     0x00084000, 0x00000000, 0x40004000, 0x00004010, 0x40000000, 0x40080010, 0x40084010, 0x00084000},
    {0x00000104, 0x04010100, 0x00000000, 0x04010004, 0x04000100, 0x00000000, 0x00010104, 0x04000100,
     0x00010004, 0x04000004, 0x04000004, 0x00010000, 0x04010104, 0x00010004, 0x04010000, 0x00000104,
     0x04000000, 0x00000004, 0x04010100, 0x00000100, 0x00010100, 0x04010000, 0x04010004, 0x00010104,
     0x04000104, 0x00010100, 0x00010000, 0x04000104, 0x00000004, 0x04010104, 0x00000100, 0x04000000,
     0x04010100, 0x04000000, 0x00010004, 0x00000104, 0x00010000, 0x04010100, 0x04000100, 0x00000000,
     0x00000100, 0x00010004, 0x04010104, 0x04000100, 0x04000004, 0x00000100, 0x00000000, 0x04010004,
     0x04000104, 0x00010000, 0x04000000, 0x04010104, 0x00000004, 0x00010104, 0x00010100, 0x04000004,
     0x04010000, 0x04000104, 0x00000104, 0x04010000, 0x00010104, 0x00000004, 0x04010004, 0x00010100},
    {0x80401000, 0x80001040, 0x80001040, 0x00000040, 0x00401040, 0x80400040, 0x80400000, 0x80001000,
     0x00000000, 0x00401000, 0x00401000, 0x80401040, 0x80000040, 0x00000000, 0x00400040, 0x80400000,
     0x80000000, 0x00001000, 0x00400000, 0x80401000, 0x00000040, 0x00400000, 0x80001000, 0x00001040,
     0x80400040, 0x80000000, 0x00001040, 0x00400040, 0x00001000, 0x00401040, 0x80401040, 0x80000040,
     0x00400040, 0x80400000, 0x00401000, 0x80401040, 0x80000040, 0x00000000, 0x00000000, 0x00401000,
     0x00001040, 0x00400040, 0x80400040, 0x80000000, 0x80401000, 0x80001040, 0x80001040, 0x00000040,
     0x80401040, 0x80000040, 0x80000000, 0x00001000, 0x80400000, 0x80001000, 0x00401040, 0x80400040,
     0x80001000, 0x00001040, 0x00400000, 0x80401000, 0x00000040, 0x00400000, 0x00001000, 0x00401040},
    {0x00000080, 0x01040080, 0x01040000, 0x21000080, 0x00040000, 0x00000080, 0x20000000, 0x01040000,
     0x20040080, 0x00040000, 0x01000080, 0x20040080, 0x21000080, 0x21040000, 0x00040080, 0x20000000,
     0x01000000, 0x20040000, 0x20040000, 0x00000000, 0x20000080, 0x21040080, 0x21040080, 0x01000080,
     0x21040000, 0x20000080, 0x00000000, 0x21000000, 0x01040080, 0x01000000, 0x21000000, 0x00040080,
     0x00040000, 0x21000080, 0x00000080, 0x01000000, 0x20000000, 0x01040000, 0x21000080, 0x20040080,
     0x01000080, 0x20000000, 0x21040000, 0x01040080, 0x20040080, 0x00000080, 0x01000000, 0x21040000,
     0x21040080, 0x00040080, 0x21000000, 0x21040080, 0x01040000, 0x00000000, 0x20040000, 0x21000000,
     0x00040080, 0x01000080, 0x20000080, 0x00040000, 0x00000000, 0x20040000, 0x01040080, 0x20000080},
    {0x10000008, 0x10200000, 0x00002000, 0x10202008, 0x10200000, 0x00000008, 0x10202008, 0x00200000,
     0x10002000, 0x00202008, 0x00200000, 0x10000008, 0x00200008, 0x10002000, 0x10000000, 0x00002008,
     0x00000000, 0x00200008, 0x10002008, 0x00002000, 0x00202000, 0x10002008, 0x00000008, 0x10200008,
     0x10200008, 0x00000000, 0x00202008, 0x10202000, 0x00002008, 0x00202000, 0x10202000, 0x10000000,
     0x10002000, 0x00000008, 0x10200008, 0x00202000, 0x10202008, 0x00200000, 0x00002008, 0x10000008,
     0x00200000, 0x10002000, 0x10000000, 0x00002008, 0x10000008, 0x10202008, 0x00202000, 0x10200000,
     0x00202008, 0x10202000, 0x00000000, 0x10200008, 0x00000008, 0x00002000, 0x10200000, 0x00202008,
     0x00002000, 0x00200008, 0x10002008, 0x00000000, 0x10202000, 0x10000000, 0x00200008, 0x10002008},
    {0x00100000, 0x02100001, 0x02000401, 0x00000000, 0x00000400, 0x02000401, 0x00100401, 0x02100400,
     0x02100401, 0x00100000, 0x00000000, 0x02000001, 0x00000001, 0x02000000, 0x02100001, 0x00000401,
     0x02000400, 0x00100401, 0x00100001, 0x02000400, 0x02000001, 0x02100000, 0x02100400, 0x00100001,
     0x02100000, 0x00000400, 0x00000401, 0x02100401, 0x00100400, 0x00000001, 0x02000000, 0x00100400,
     0x02000000, 0x00100400, 0x00100000, 0x02000401, 0x02000401, 0x02100001, 0x02100001, 0x00000001,
     0x00100001, 0x02000000, 0x02000400, 0x00100000, 0x02100400, 0x00000401, 0x00100401, 0x02100400,
     0x00000401, 0x02000001, 0x02100401, 0x02100000, 0x00100400, 0x00000000, 0x00000001, 0x02100401,
     0x00000000, 0x00100401, 0x02100000, 0x00000400, 0x02000001, 0x02000400, 0x00000400, 0x00100001},
    {0x08000820, 0x00000800, 0x00020000, 0x08020820, 0x08000000, 0x08000820, 0x00000020, 0x08000000,
     0x00020020, 0x08020000, 0x08020820, 0x00020800, 0x08020800, 0x00020820, 0x00000800, 0x00000020,
     0x08020000, 0x08000020, 0x08000800, 0x00000820, 0x00020800, 0x00020020, 0x08020020, 0x08020800,
     0x00000820, 0x00000000, 0x00000000, 0x08020020, 0x08000020, 0x08000800, 0x00020820, 0x00020000,
     0x00020820, 0x00020000, 0x08020800, 0x00000800, 0x00000020, 0x08020020, 0x00000800, 0x00020820,
     0x08000800, 0x00000020, 0x08000020, 0x08020000, 0x08020020, 0x08000000, 0x00020000, 0x08000820,
     0x00000000, 0x08020820, 0x00020020, 0x08000020, 0x08020000, 0x08000800, 0x08000820, 0x00000000,
     0x08020820, 0x00020800, 0x00020800, 0x00000820, 0x00000820, 0x00020020, 0x08000000, 0x08020800},
};

static const uint8_t des_choice1[56] = {57, 49, 41, 33, 25, 17, 9,  1,  58, 50, 42, 34, 26, 18,
                                        10, 2,  59, 51, 43, 35, 27, 19, 11, 3,  60, 52, 44, 36,
                                        63, 55, 47, 39, 31, 23, 15, 7,  62, 54, 46, 38, 30, 22,
                                        14, 6,  61, 53, 45, 37, 29, 21, 13, 5,  28, 20, 12, 4};
static const uint8_t des_choice2[48] = {14, 17, 11, 24, 1,  5,  3,  28, 15, 6,  21, 10, 23, 19, 12, 4,
                                        26, 8,  16, 7,  27, 20, 13, 2,  41, 52, 31, 37, 47, 55, 30, 40,
                                        51, 45, 33, 48, 44, 49, 39, 56, 34, 53, 46, 42, 50, 36, 29, 32};
static const uint8_t des_shifts[16] = {1, 1, 2, 2, 2, 2, 2, 2, 1, 2, 2, 2, 2, 2, 2, 1};

static void des_schedule(uint8_t rounds[16][8], const uint8_t key[8])
{
    uint8_t bits[56];
    unsigned round, i, shift = 0;
    for (i = 0; i < 56; i++)
        bits[i] = (key[(des_choice1[i] - 1) / 8] >> (7 - (des_choice1[i] - 1) % 8)) & 1;
    for (round = 0; round < 16; round++) {
        shift += des_shifts[round];
        memset(rounds[round], 0, 8);
        for (i = 0; i < 48; i++) {
            unsigned place = des_choice2[i] - 1u, half = place < 28 ? 0 : 28;
            uint8_t bit = bits[half + (place - half + shift) % 28];
            rounds[round][i / 6] = (uint8_t)(rounds[round][i / 6] << 1 | bit);
        }
    }
    tt_wipe(bits, sizeof bits);
}

static void swap_bits(uint32_t *a, uint32_t *b, unsigned n, uint32_t mask)
{
    uint32_t t = ((*a >> n) ^ *b) & mask;
    *b ^= t;
    *a ^= t << n;
}

static void des_crypt(const uint8_t rounds[16][8], const uint8_t *in, uint8_t *out, int back)
{
    uint32_t l = tt_get32(in), r = tt_get32(in + 4), t;
    unsigned round, i;
    swap_bits(&l, &r, 4, 0x0f0f0f0f);
    swap_bits(&l, &r, 16, 0x0000ffff);
    swap_bits(&r, &l, 2, 0x33333333);
    swap_bits(&r, &l, 8, 0x00ff00ff);
    swap_bits(&l, &r, 1, 0x55555555);
    for (round = 0; round < 16; round++) {
        const uint8_t *key = rounds[back ? 15 - round : round];
        t = l;
        for (i = 0; i < 8; i++) {
            unsigned by = (5 + 4 * i) & 31;
            t ^= des_box[i][(((r << by) | (r >> (32 - by))) & 0x3f) ^ key[i]];
        }
        l = r;
        r = t;
    }
    swap_bits(&r, &l, 1, 0x55555555);
    swap_bits(&l, &r, 8, 0x00ff00ff);
    swap_bits(&l, &r, 2, 0x33333333);
    swap_bits(&r, &l, 16, 0x0000ffff);
    swap_bits(&r, &l, 4, 0x0f0f0f0f);
    tt_put32(out, r);
    tt_put32(out + 4, l);
}

static void tdes_crypt(const tt_block *block, const uint8_t *in, uint8_t *out, int back)
{
    des_crypt(block->key.des[0], in, out, back);
    des_crypt(block->key.des[1], out, out, !back);
    des_crypt(block->key.des[0], out, out, back);
}

/* ------------------------------------------------------------------------- all of them */

int tt_block_init(tt_block *block, int cipher, const uint8_t *key, size_t size)
{
    memset(block, 0, sizeof *block);
    block->cipher = cipher;
    if (cipher == TT_BLOCK_AES && (size == 16 || size == 32))
        aes_schedule(block, key, size);
    else if (cipher == TT_BLOCK_SM4 && size == 16)
        sm4_schedule(block, key);
    else if (cipher == TT_BLOCK_DES && size == 8)
        des_schedule(block->key.des[0], key);
    else if (cipher == TT_BLOCK_TDES && size == 16) {
        des_schedule(block->key.des[0], key);
        des_schedule(block->key.des[1], key + 8);
    } else
        return TT_ERROR_KEY;
    return TT_OK;
}

static void crypt(const tt_block *block, const uint8_t *in, uint8_t *out, size_t blocks, int back)
{
    size_t step;
    for (; blocks > 0; blocks -= step) {
        size_t size = 16;
        step = 1;
        switch (block->cipher) {
        case TT_BLOCK_AES:
            step = blocks < 4 ? blocks : 4;
            if (back)
                aes_decrypt(block, in, out, step);
            else
                aes_encrypt(block, in, out, step);
            break;
        case TT_BLOCK_SM4:
            sm4_crypt(block, in, out, back);
            break;
        case TT_BLOCK_DES:
            des_crypt(block->key.des[0], in, out, back);
            size = 8;
            break;
        default:
            tdes_crypt(block, in, out, back);
            size = 8;
            break;
        }
        in += step * size;
        out += step * size;
    }
}

void tt_block_encrypt(tt_block *block, const uint8_t *in, uint8_t *out, size_t blocks)
{
    crypt(block, in, out, blocks, 0);
}

void tt_block_decrypt(tt_block *block, const uint8_t *in, uint8_t *out, size_t blocks)
{
    crypt(block, in, out, blocks, 1);
}

void tt_block_wipe(tt_block *block) { tt_wipe(block, sizeof *block); }
