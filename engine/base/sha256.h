/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * SHA-256 (FIPS 180-4) by Nettle, with the digest as text. */
#ifndef REVUE_BASE_SHA256_H
#define REVUE_BASE_SHA256_H

#include <nettle/sha2.h>
#include <stdio.h>

/* The digest as 64 hex digits. */
static inline void sha256_hex(struct sha256_ctx *context, char out[65])
{
	uint8_t digest[SHA256_DIGEST_SIZE];

	sha256_digest(context, sizeof digest, digest);
	for (size_t i = 0; i < sizeof digest; i++)
		snprintf(out + 2 * i, 3, "%02x", digest[i]);
}

#endif
