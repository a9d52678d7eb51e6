/* One-time codes as a token shows them (RFC 6238), and the hashes they are made of. For tests and load
 * only: a bank's programs have no seeds. */
#ifndef CODES_H
#define CODES_H

#include <stddef.h>
#include <stdint.h>

/* A key's two hash states, ready for use. */
typedef struct {
    uint32_t inner[8], outer[8];
    int words; /* 5: SHA-1, 8: SHA-256 */
} codes_key;

void codes_key_sha1(codes_key *key, const uint8_t *octets, size_t count);   /* at most 64 octets */
void codes_key_sha256(codes_key *key, const uint8_t *octets, size_t count); /* at most 64 octets */
void codes_hmac(const codes_key *key, const uint8_t *data, size_t size, uint8_t *mac);
void codes_sha256(const uint8_t *data, size_t size, uint8_t digest[32]);
void codes_sha1(const uint8_t *data, size_t size, uint8_t digest[20]);
/* Six digits and NUL out of a MAC with SHA-1 (RFC 4226 §5.3). */
void codes_truncate(const uint8_t mac[20], char code[7]);
/* Six digits and NUL: the code of a time step, or of a counter, SHA-1. */
void codes_totp(const uint8_t *seed, size_t seed_size, uint64_t step, char code[7]);

#endif
