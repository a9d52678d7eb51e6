/* What tokens and peers answer beside plain codes: OCRA with a numeric question (RFC 6287) and MS-CHAPv2
 * (RFC 2759). For load only, like codes.h. */
#ifndef PROOFS_H
#define PROOFS_H

#include <stddef.h>
#include <stdint.h>

#define PROOFS_OCRA_SUITE "OCRA-1:HOTP-SHA1-6:QN08"

/* Six digits and NUL: the answer to a question of up to eight digits under PROOFS_OCRA_SUITE. */
void proofs_ocra(const uint8_t *seed, size_t seed_size, const char *question, char answer[7]);
/* GenerateNTResponse; a password of ASCII, at most 27 characters. */
void proofs_nt_response(const char *user, const uint8_t authenticator[16], const uint8_t peer[16],
                        const char *password, uint8_t response[24]);

#endif
