/*
 * Built from HMAC and block ciphers: frames' MACs (CMAC: RFC 4493; X9.19: ISO/IEC 9797-1 algorithm 3,
 * padding 1), sealing (GCM: SP 800-38D; CBC), derivation (SP 800-108), key wrap (RFC 3394) and check
 * values. See docs/PROTOCOL.md sections 4 to 6.
 */
#include "internal.h"

#define CHECK_LABEL "tigertally check value"

/* ------------------------------------------------------------------------- MACs */

static void doubled(uint8_t to[16], const uint8_t from[16])
{
    unsigned i, carry = from[0] >> 7;
    for (i = 0; i < 15; i++)
        to[i] = (uint8_t)((from[i] << 1) | (from[i + 1] >> 7));
    to[15] = (uint8_t)((from[15] << 1) ^ (0x87 & (0u - carry)));
}

static int cmac_init(tt_mac *mac, int cipher, const uint8_t *key, size_t size)
{
    uint8_t zero[16] = {0};
    int status = tt_block_init(&mac->block, cipher, key, size);
    if (status != TT_OK)
        return status;
    tt_block_encrypt(&mac->block, zero, zero, 1);
    doubled(mac->sub[0], zero);
    doubled(mac->sub[1], mac->sub[0]);
    tt_wipe(zero, sizeof zero);
    return TT_OK;
}

static void cmac_tag(tt_mac *mac, const uint8_t *data, size_t size, uint8_t tag[16])
{
    const uint8_t *sub = mac->sub[0];
    size_t i;
    memset(tag, 0, 16);
    for (; size > 16; data += 16, size -= 16) {
        for (i = 0; i < 16; i++)
            tag[i] ^= data[i];
        tt_block_encrypt(&mac->block, tag, tag, 1);
    }
    for (i = 0; i < 16 && i < size; i++)
        tag[i] ^= data[i];
    if (size < 16) {
        tag[size] ^= 0x80;
        sub = mac->sub[1];
    }
    for (i = 0; i < 16; i++)
        tag[i] ^= sub[i];
    tt_block_encrypt(&mac->block, tag, tag, 1);
}

int tt_halves_differ(const uint8_t key[16])
{
    unsigned i, differs = 0;
    /* The lowest bit of each octet is parity. */
    for (i = 0; i < 8; i++)
        differs |= (unsigned)(key[i] ^ key[8 + i]) & 0xfe;
    return differs != 0;
}

static int retail_init(tt_mac *mac, const uint8_t *key, size_t size)
{
    int status;
    if (size != 16 || !tt_halves_differ(key))
        return TT_ERROR_KEY;
    status = tt_block_init(&mac->block, TT_BLOCK_DES, key, 8);
    return status == TT_OK ? tt_block_init(&mac->last, TT_BLOCK_TDES, key, 16) : status;
}

static void retail_tag(tt_mac *mac, const uint8_t *data, size_t size, uint8_t tag[16])
{
    size_t i;
    memset(tag, 0, 16);
    for (; size > 8; data += 8, size -= 8) {
        for (i = 0; i < 8; i++)
            tag[i] ^= data[i];
        tt_block_encrypt(&mac->block, tag, tag, 1);
    }
    for (i = 0; i < 8 && i < size; i++)
        tag[i] ^= data[i];
    tt_block_encrypt(&mac->last, tag, tag, 1);
}

int tt_mac_init(tt_mac *mac, int algorithm, const uint8_t *key, size_t size)
{
    memset(mac, 0, sizeof *mac);
    mac->algorithm = algorithm;
    switch (algorithm) {
    case TT_MAC_HMAC_SHA256:
        return size == 32 ? tt_hmac_init(&mac->hmac, TT_HASH_SHA256, key, size) : TT_ERROR_KEY;
    case TT_MAC_HMAC_SM3:
        return size == 32 ? tt_hmac_init(&mac->hmac, TT_HASH_SM3, key, size) : TT_ERROR_KEY;
    case TT_MAC_AES_CMAC:
        return size == 16 ? cmac_init(mac, TT_BLOCK_AES, key, size) : TT_ERROR_KEY;
    case TT_MAC_SM4_CMAC:
        return size == 16 ? cmac_init(mac, TT_BLOCK_SM4, key, size) : TT_ERROR_KEY;
    default:
        return retail_init(mac, key, size);
    }
}

int tt_mac_tag(tt_mac *mac, const uint8_t *data, size_t size, uint8_t tag[16])
{
    uint8_t whole[32];
    int status = TT_OK;
    switch (mac->algorithm) {
    case TT_MAC_HMAC_SHA256:
    case TT_MAC_HMAC_SM3:
        status = tt_hmac_tag(&mac->hmac, data, size, whole);
        memcpy(tag, whole, 16);
        break;
    case TT_MAC_X9_19:
        retail_tag(mac, data, size, tag);
        break;
    default:
        cmac_tag(mac, data, size, tag);
    }
    return status;
}

void tt_mac_wipe(tt_mac *mac)
{
    if (mac->algorithm == TT_MAC_HMAC_SHA256 || mac->algorithm == TT_MAC_HMAC_SM3)
        tt_hmac_wipe(&mac->hmac);
    else if (mac->algorithm) {
        tt_block_wipe(&mac->block);
        if (mac->algorithm == TT_MAC_X9_19)
            tt_block_wipe(&mac->last);
    }
    tt_wipe(mac, sizeof *mac);
}

/* ------------------------------------------------------------------------- sealing */

/*
 * GCM's multiplication without tables: integers are multiplied with holes between their bits, so that
 * carries fall into the holes (Pornin, BearSSL's ctmul64). Constant time where multiplying is.
 */
static uint64_t carryless(uint64_t x, uint64_t y)
{
    const uint64_t m0 = UINT64_C(0x1111111111111111), m1 = m0 << 1, m2 = m0 << 2, m3 = m0 << 3;
    uint64_t x0 = x & m0, x1 = x & m1, x2 = x & m2, x3 = x & m3;
    uint64_t y0 = y & m0, y1 = y & m1, y2 = y & m2, y3 = y & m3;
    return (((x0 * y0) ^ (x1 * y3) ^ (x2 * y2) ^ (x3 * y1)) & m0) |
           (((x0 * y1) ^ (x1 * y0) ^ (x2 * y3) ^ (x3 * y2)) & m1) |
           (((x0 * y2) ^ (x1 * y1) ^ (x2 * y0) ^ (x3 * y3)) & m2) |
           (((x0 * y3) ^ (x1 * y2) ^ (x2 * y1) ^ (x3 * y0)) & m3);
}

static uint64_t mirrored(uint64_t x)
{
    x = ((x & UINT64_C(0x5555555555555555)) << 1) | ((x >> 1) & UINT64_C(0x5555555555555555));
    x = ((x & UINT64_C(0x3333333333333333)) << 2) | ((x >> 2) & UINT64_C(0x3333333333333333));
    x = ((x & UINT64_C(0x0f0f0f0f0f0f0f0f)) << 4) | ((x >> 4) & UINT64_C(0x0f0f0f0f0f0f0f0f));
    x = ((x & UINT64_C(0x00ff00ff00ff00ff)) << 8) | ((x >> 8) & UINT64_C(0x00ff00ff00ff00ff));
    x = ((x & UINT64_C(0x0000ffff0000ffff)) << 16) | ((x >> 16) & UINT64_C(0x0000ffff0000ffff));
    return (x << 32) | (x >> 32);
}

/* The high half of the same product. */
static uint64_t carryless_high(uint64_t x, uint64_t y)
{
    return mirrored(carryless(mirrored(x), mirrored(y))) >> 1;
}

/* y = (y + x) * h in GF(2^128). */
static void ghash(uint64_t y[2], const uint64_t h[2], const uint8_t *x)
{
    uint64_t y1 = y[0] ^ tt_get64(x), y0 = y[1] ^ tt_get64(x + 8), h1 = h[0], h0 = h[1];
    uint64_t low = carryless(y0, h0), high = carryless(y1, h1);
    uint64_t low_high = carryless_high(y0, h0), high_high = carryless_high(y1, h1);
    uint64_t middle = carryless(y0 ^ y1, h0 ^ h1) ^ low ^ high;
    uint64_t middle_high = carryless_high(y0 ^ y1, h0 ^ h1) ^ low_high ^ high_high;
    uint64_t v0 = low, v1 = low_high ^ middle, v2 = high ^ middle_high, v3 = high_high;
    v3 = (v3 << 1) | (v2 >> 63);
    v2 = (v2 << 1) | (v1 >> 63);
    v1 = (v1 << 1) | (v0 >> 63);
    v0 <<= 1;
    v2 ^= v0 ^ (v0 >> 1) ^ (v0 >> 2) ^ (v0 >> 7);
    v1 ^= (v0 << 63) ^ (v0 << 62) ^ (v0 << 57);
    v3 ^= v1 ^ (v1 >> 1) ^ (v1 >> 2) ^ (v1 >> 7);
    v2 ^= (v1 << 63) ^ (v1 << 62) ^ (v1 << 57);
    y[0] = v3;
    y[1] = v2;
}

int tt_seal_init(tt_seal *seal, const tt_cipher_row *cipher, const uint8_t *key)
{
    uint8_t zero[16] = {0};
    int status = tt_block_init(&seal->block, cipher->block, key, cipher->key_bytes);
    seal->gcm = cipher->gcm;
    if (status == TT_OK && seal->gcm) {
        tt_block_encrypt(&seal->block, zero, zero, 1);
        seal->h[0] = tt_get64(zero);
        seal->h[1] = tt_get64(zero + 8);
        tt_wipe(zero, sizeof zero);
    }
    return status;
}

static void counter_block(uint8_t counter[16], int direction, uint64_t sequence)
{
    memset(counter, 0, 16);
    counter[0] = (uint8_t)direction;
    tt_put64(counter + 4, sequence);
}

/* Key stream of up to four blocks from counter `number` on. */
static void gcm_stream(tt_seal *seal, const uint8_t counter[16], uint32_t number, size_t blocks,
                       uint8_t stream[64])
{
    size_t i;
    for (i = 0; i < blocks; i++) {
        memcpy(stream + 16 * i, counter, 12);
        tt_put32(stream + 16 * i + 12, number + (uint32_t)i);
    }
    tt_block_encrypt(&seal->block, stream, stream, blocks);
}

static void gcm_tag(tt_seal *seal, const uint8_t mask[16], const uint8_t *sealed, size_t width,
                    const uint8_t header[64], uint8_t tag[16])
{
    uint64_t y[2] = {0, 0};
    uint8_t lengths[16];
    size_t i;
    for (i = 0; i < 64; i += 16)
        ghash(y, seal->h, header + i);
    for (i = 0; i < width; i += 16)
        ghash(y, seal->h, sealed + i);
    tt_put64(lengths, 8 * 64);
    tt_put64(lengths + 8, 8 * (uint64_t)width);
    ghash(y, seal->h, lengths);
    tt_put64(tag, y[0] ^ tt_get64(mask));
    tt_put64(tag + 8, y[1] ^ tt_get64(mask + 8));
}

/* Seal (`trailer` NULL) or open; the tag's mask and the first blocks' stream come in one go. */
static int gcm(tt_seal *seal, const uint8_t counter[16], uint8_t *block, size_t width,
               const uint8_t header[64], const uint8_t *trailer, uint8_t tag[16])
{
    uint8_t stream[64], mask[16];
    size_t blocks = width / 16, at = 16, done, i;
    int status = TT_OK;
    gcm_stream(seal, counter, 1, blocks < 3 ? blocks + 1 : 4, stream);
    memcpy(mask, stream, 16);
    if (trailer != NULL) {
        gcm_tag(seal, mask, block, width, header, tag);
        if (!tt_equal(tag, trailer, 16))
            status = TT_ERROR_PROTOCOL;
    }
    for (done = 0; status == TT_OK && done < width; done += 16, at += 16) {
        if (at == 64) {
            size_t left = (width - done) / 16;
            gcm_stream(seal, counter, (uint32_t)(done / 16) + 2, left < 4 ? left : 4, stream);
            at = 0;
        }
        for (i = 0; i < 16; i++)
            block[done + i] ^= stream[at + i];
    }
    if (trailer == NULL)
        gcm_tag(seal, mask, block, width, header, tag);
    tt_wipe(stream, sizeof stream);
    return status;
}

static void cbc(tt_seal *seal, const uint8_t iv[16], uint8_t *block, size_t width, int back)
{
    uint8_t chain[16], next[16];
    size_t at, i;
    memcpy(chain, iv, 16);
    for (at = 0; at < width; at += 16) {
        if (back) {
            memcpy(next, block + at, 16);
            tt_block_decrypt(&seal->block, block + at, block + at, 1);
            for (i = 0; i < 16; i++)
                block[at + i] ^= chain[i];
            memcpy(chain, next, 16);
        } else {
            for (i = 0; i < 16; i++)
                block[at + i] ^= chain[i];
            tt_block_encrypt(&seal->block, block + at, block + at, 1);
            memcpy(chain, block + at, 16);
        }
    }
}

void tt_seal_close(tt_seal *seal, uint8_t *block, size_t width, const uint8_t header[64],
                   int direction, uint64_t sequence, uint8_t *trailer)
{
    uint8_t counter[16];
    counter_block(counter, direction, sequence);
    memset(trailer, 0, TT_TRAILER);
    if (seal->gcm) {
        (void)gcm(seal, counter, block, width, header, NULL, trailer);
    } else {
        tt_block_encrypt(&seal->block, counter, trailer, 1);
        cbc(seal, trailer, block, width, 0);
    }
}

int tt_seal_open(tt_seal *seal, uint8_t *block, size_t width, const uint8_t header[64],
                 int direction, uint64_t sequence, const uint8_t *trailer)
{
    static const uint8_t zero[TT_TRAILER - 16];
    uint8_t counter[16], own[16];
    counter_block(counter, direction, sequence);
    if (!tt_equal(trailer + 16, zero, sizeof zero))
        return TT_ERROR_PROTOCOL;
    if (seal->gcm)
        return gcm(seal, counter, block, width, header, trailer, own);
    tt_block_encrypt(&seal->block, counter, own, 1);
    if (!tt_equal(own, trailer, sizeof own))
        return TT_ERROR_PROTOCOL;
    cbc(seal, own, block, width, 1);
    return TT_OK;
}

void tt_seal_wipe(tt_seal *seal)
{
    tt_block_wipe(&seal->block);
    tt_wipe(seal, sizeof *seal);
}

/* ------------------------------------------------------------------------- derivation, wrapping */

int tt_kdf(int hash, const uint8_t *key, size_t key_size, const char *label, const uint8_t *context,
           size_t context_size, uint8_t *made, size_t size)
{
    uint8_t data[256], block[32];
    size_t label_size = strlen(label), fixed = 4 + label_size + 1 + context_size, done = 0;
    uint32_t counter = 0;
    tt_hmac hmac;
    int status;
    if (fixed + 4 > sizeof data)
        return TT_ERROR_ARGUMENT;
    status = tt_hmac_init(&hmac, hash, key, key_size);
    memcpy(data + 4, label, label_size + 1);
    memcpy(data + 5 + label_size, context, context_size);
    tt_put32(data + fixed, (uint32_t)(8 * size));
    while (status == TT_OK && done < size) {
        size_t part = size - done < 32 ? size - done : 32;
        tt_put32(data, ++counter);
        status = tt_hmac_tag(&hmac, data, fixed + 4, block);
        memcpy(made + done, block, part);
        done += part;
    }
    tt_hmac_wipe(&hmac);
    tt_wipe(block, sizeof block);
    return status;
}

static int sign_on_key(const tt_suite_row *suite, const uint8_t *master, const char *label,
                       const uint8_t *context, tt_mac *mac)
{
    uint8_t key[32];
    int status = tt_kdf(suite->hash, master, suite->master_key_bytes, label, context, 28, key,
                        suite->mac_key_bytes);
    if (status == TT_OK)
        status = tt_mac_init(mac, suite->mac, key, suite->mac_key_bytes);
    tt_wipe(key, sizeof key);
    return status;
}

int tt_sign_on_keys(const tt_suite_row *suite, const uint8_t *master, uint32_t channel,
                    const uint8_t server_nonce[16], uint64_t session, tt_mac *request, tt_mac *response)
{
    uint8_t context[28];
    int status;
    tt_put32(context, channel);
    memcpy(context + 4, server_nonce, 16);
    tt_put64(context + 20, session);
    status = sign_on_key(suite, master, "tigertally sign-on request", context, request);
    if (status == TT_OK)
        status = sign_on_key(suite, master, "tigertally sign-on response", context, response);
    return status;
}

int tt_kek(const tt_suite_row *suite, const uint8_t *master, uint32_t channel,
           const uint8_t client_nonce[16], const uint8_t server_nonce[16], uint64_t session,
           unsigned generation, uint8_t kek[32])
{
    uint8_t context[46];
    tt_put32(context, channel);
    memcpy(context + 4, client_nonce, 16);
    memcpy(context + 20, server_nonce, 16);
    tt_put64(context + 36, session);
    tt_put16(context + 44, generation);
    return tt_kdf(suite->hash, master, suite->master_key_bytes, "tigertally wrap", context,
                  sizeof context, kek, suite->kek_bytes);
}

size_t tt_wrapped_size(int wrap, size_t size) { return wrap == TT_WRAP_TDES_ECB ? size : size + 8; }

static int wrap_cipher(int wrap, const uint8_t *kek, size_t kek_size, tt_block *block)
{
    if (wrap == TT_WRAP_TDES_ECB && (kek_size != 16 || !tt_halves_differ(kek)))
        return TT_ERROR_KEY;
    return tt_block_init(block,
                         wrap == TT_WRAP_AES_KW   ? TT_BLOCK_AES
                         : wrap == TT_WRAP_SM4_KW ? TT_BLOCK_SM4
                                                  : TT_BLOCK_TDES,
                         kek, kek_size);
}

int tt_wrap(int wrap, const uint8_t *kek, size_t kek_size, const uint8_t *plain, size_t size,
            uint8_t *wrapped)
{
    uint8_t block[16];
    tt_block cipher;
    size_t blocks = size / 8, step;
    int status = wrap_cipher(wrap, kek, kek_size, &cipher);
    if (status != TT_OK || (size != 16 && (size != 32 || wrap == TT_WRAP_TDES_ECB)))
        return TT_ERROR_KEY;
    if (wrap == TT_WRAP_TDES_ECB) {
        tt_block_encrypt(&cipher, plain, wrapped, 2);
    } else {
        memset(block, 0xa6, 8);
        memcpy(wrapped + 8, plain, size);
        for (step = 0; step < 6 * blocks; step++) {
            uint8_t *part = wrapped + 8 + 8 * (step % blocks);
            memcpy(block + 8, part, 8);
            tt_block_encrypt(&cipher, block, block, 1);
            tt_put64(block, tt_get64(block) ^ (step + 1));
            memcpy(part, block + 8, 8);
        }
        memcpy(wrapped, block, 8);
    }
    tt_block_wipe(&cipher);
    tt_wipe(block, sizeof block);
    return TT_OK;
}

int tt_unwrap(int wrap, const uint8_t *kek, size_t kek_size, const uint8_t *wrapped, size_t size,
              uint8_t *plain)
{
    static const uint8_t good[8] = {0xa6, 0xa6, 0xa6, 0xa6, 0xa6, 0xa6, 0xa6, 0xa6};
    uint8_t block[16];
    tt_block cipher;
    size_t blocks = size / 8 - 1, step;
    int status = wrap_cipher(wrap, kek, kek_size, &cipher);
    if (status != TT_OK)
        return status;
    if (wrap == TT_WRAP_TDES_ECB) {
        status = size == 16 ? TT_OK : TT_ERROR_KEY;
        if (status == TT_OK)
            tt_block_decrypt(&cipher, wrapped, plain, 2);
    } else if (size != 24 && size != 40) {
        status = TT_ERROR_KEY;
    } else {
        memcpy(block, wrapped, 8);
        memcpy(plain, wrapped + 8, size - 8);
        for (step = 6 * blocks; step > 0; step--) {
            uint8_t *part = plain + 8 * ((step - 1) % blocks);
            tt_put64(block, tt_get64(block) ^ step);
            memcpy(block + 8, part, 8);
            tt_block_decrypt(&cipher, block, block, 1);
            memcpy(part, block + 8, 8);
        }
        status = tt_equal(block, good, 8) ? TT_OK : TT_ERROR_KEY;
    }
    tt_block_wipe(&cipher);
    tt_wipe(block, sizeof block);
    return status;
}

/* ------------------------------------------------------------------------- check values */

int tt_check_value_of_block(int cipher, const uint8_t *key, size_t size, uint8_t value[3])
{
    static const uint8_t zero[16] = {0};
    uint8_t tag[16];
    tt_mac mac;
    int status;
    memset(&mac, 0, sizeof mac);
    status = cmac_init(&mac, cipher, key, size);
    if (status == TT_OK) {
        cmac_tag(&mac, zero, 16, tag);
        memcpy(value, tag, 3);
        tt_block_wipe(&mac.block);
    }
    tt_wipe(&mac, sizeof mac);
    return status;
}

static int check_value_of_hmac(int hash, const uint8_t *key, size_t size, uint8_t value[3])
{
    uint8_t tag[32];
    tt_hmac hmac;
    int status = tt_hmac_init(&hmac, hash, key, size);
    if (status == TT_OK)
        status = tt_hmac_tag(&hmac, (const uint8_t *)CHECK_LABEL, strlen(CHECK_LABEL), tag);
    if (status == TT_OK)
        memcpy(value, tag, 3);
    tt_hmac_wipe(&hmac);
    return status;
}

static int check_value_of_tdes(const uint8_t *key, size_t size, uint8_t value[3])
{
    uint8_t zero[8] = {0};
    tt_block block;
    int status;
    if (size != 16 || !tt_halves_differ(key))
        return TT_ERROR_KEY;
    status = tt_block_init(&block, TT_BLOCK_TDES, key, size);
    if (status == TT_OK) {
        tt_block_encrypt(&block, zero, zero, 1);
        memcpy(value, zero, 3);
        tt_block_wipe(&block);
    }
    return status;
}

int tt_check_value_of_mac(int algorithm, const uint8_t *key, size_t size, uint8_t value[3])
{
    switch (algorithm) {
    case TT_MAC_HMAC_SHA256: return check_value_of_hmac(TT_HASH_SHA256, key, size, value);
    case TT_MAC_HMAC_SM3: return check_value_of_hmac(TT_HASH_SM3, key, size, value);
    case TT_MAC_AES_CMAC: return tt_check_value_of_block(TT_BLOCK_AES, key, size, value);
    case TT_MAC_SM4_CMAC: return tt_check_value_of_block(TT_BLOCK_SM4, key, size, value);
    default: return check_value_of_tdes(key, size, value);
    }
}

int tt_check_value_of_master(const tt_suite_row *suite, const uint8_t *key, uint8_t value[3])
{
    if (suite->wrap == TT_WRAP_TDES_ECB)
        return check_value_of_tdes(key, suite->master_key_bytes, value);
    return check_value_of_hmac(suite->hash, key, suite->master_key_bytes, value);
}
