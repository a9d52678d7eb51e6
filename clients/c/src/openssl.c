/*
 * The two primitives through OpenSSL's libcrypto (1.1.1 or later) instead of hash.c and block.c: make
 * OPENSSL=1. For banks that want one cryptographic module in the process, or its hardware support.
 */
#include "internal.h"

#include <openssl/evp.h>

#define BLOCK 64

const char *tt_crypto(void) { return "openssl"; }

static const EVP_MD *digest_of(int hash) { return hash == TT_HASH_SM3 ? EVP_sm3() : EVP_sha256(); }

static EVP_MD_CTX *started(int hash, const uint8_t pad[BLOCK])
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    if (context != NULL && (EVP_DigestInit_ex(context, digest_of(hash), NULL) != 1 ||
                            EVP_DigestUpdate(context, pad, BLOCK) != 1)) {
        EVP_MD_CTX_free(context);
        context = NULL;
    }
    return context;
}

int tt_hmac_init(tt_hmac *hmac, int hash, const uint8_t *key, size_t size)
{
    uint8_t pad[BLOCK];
    size_t i;
    memset(hmac, 0, sizeof *hmac);
    /* Every key here fits a block. */
    if (size > BLOCK)
        return TT_ERROR_KEY;
    hmac->hash = hash;
    for (i = 0; i < BLOCK; i++)
        pad[i] = (uint8_t)((i < size ? key[i] : 0) ^ 0x36);
    hmac->inner = started(hash, pad);
    for (i = 0; i < BLOCK; i++)
        pad[i] ^= 0x36 ^ 0x5c;
    hmac->outer = started(hash, pad);
    hmac->work = EVP_MD_CTX_new();
    tt_wipe(pad, sizeof pad);
    if (hmac->inner != NULL && hmac->outer != NULL && hmac->work != NULL)
        return TT_OK;
    tt_hmac_wipe(hmac);
    return TT_ERROR_MEMORY;
}

int tt_hmac_tag(tt_hmac *hmac, const uint8_t *data, size_t size, uint8_t tag[32])
{
    unsigned length;
    return EVP_MD_CTX_copy_ex(hmac->work, hmac->inner) == 1 &&
                   EVP_DigestUpdate(hmac->work, data, size) == 1 &&
                   EVP_DigestFinal_ex(hmac->work, tag, &length) == 1 &&
                   EVP_MD_CTX_copy_ex(hmac->work, hmac->outer) == 1 &&
                   EVP_DigestUpdate(hmac->work, tag, 32) == 1 &&
                   EVP_DigestFinal_ex(hmac->work, tag, &length) == 1
               ? TT_OK
               : TT_ERROR_SYSTEM;
}

void tt_hmac_wipe(tt_hmac *hmac)
{
    EVP_MD_CTX_free(hmac->inner);
    EVP_MD_CTX_free(hmac->outer);
    EVP_MD_CTX_free(hmac->work);
    memset(hmac, 0, sizeof *hmac);
}

static const EVP_CIPHER *cipher_of(int cipher, size_t size)
{
    switch (cipher) {
    case TT_BLOCK_AES: return size == 16 ? EVP_aes_128_ecb() : size == 32 ? EVP_aes_256_ecb() : NULL;
    case TT_BLOCK_SM4: return size == 16 ? EVP_sm4_ecb() : NULL;
    case TT_BLOCK_DES: return size == 8 ? EVP_des_ede3_ecb() : NULL;
    default: return size == 16 ? EVP_des_ede3_ecb() : NULL;
    }
}

static EVP_CIPHER_CTX *prepared(const EVP_CIPHER *kind, const uint8_t *key, int encrypt)
{
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    if (context != NULL && (EVP_CipherInit_ex(context, kind, NULL, key, NULL, encrypt) != 1 ||
                            EVP_CIPHER_CTX_set_padding(context, 0) != 1)) {
        EVP_CIPHER_CTX_free(context);
        context = NULL;
    }
    return context;
}

int tt_block_init(tt_block *block, int cipher, const uint8_t *key, size_t size)
{
    const EVP_CIPHER *kind = cipher_of(cipher, size);
    uint8_t three[32];
    memset(block, 0, sizeof *block);
    if (kind == NULL)
        return TT_ERROR_KEY;
    block->cipher = cipher;
    /* Single DES is triple DES under one key three times; two-key triple DES is K1 K2 K1. */
    memcpy(three, key, size);
    if (cipher == TT_BLOCK_DES) {
        memcpy(three + 8, key, 8);
        memcpy(three + 16, key, 8);
    } else if (cipher == TT_BLOCK_TDES) {
        memcpy(three + 16, key, 8);
    }
    block->encrypt = prepared(kind, three, 1);
    block->decrypt = prepared(kind, three, 0);
    tt_wipe(three, sizeof three);
    if (block->encrypt != NULL && block->decrypt != NULL)
        return TT_OK;
    tt_block_wipe(block);
    return TT_ERROR_MEMORY;
}

static void crypt(const tt_block *block, void *context, const uint8_t *in, uint8_t *out, size_t blocks)
{
    int made, size = (int)blocks * (block->cipher >= TT_BLOCK_DES ? 8 : 16);
    /* ECB of whole blocks on a prepared context can't fail; if it did, zeros fail every comparison. */
    if (EVP_CipherUpdate(context, out, &made, in, size) != 1)
        memset(out, 0, (size_t)size);
}

void tt_block_encrypt(tt_block *block, const uint8_t *in, uint8_t *out, size_t blocks)
{
    crypt(block, block->encrypt, in, out, blocks);
}

void tt_block_decrypt(tt_block *block, const uint8_t *in, uint8_t *out, size_t blocks)
{
    crypt(block, block->decrypt, in, out, blocks);
}

void tt_block_wipe(tt_block *block)
{
    EVP_CIPHER_CTX_free(block->encrypt);
    EVP_CIPHER_CTX_free(block->decrypt);
    memset(block, 0, sizeof *block);
}
