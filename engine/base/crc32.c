/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/base/crc32.h"

#include "engine/base/little.h"

#include <pthread.h>

/* table[k][b]: what byte b does to the checksum when k zero bytes follow it, so that eight bytes are
 * taken at once (Kounavis and Berry 2005, "slicing by 8"). */
static uint32_t table[8][256];
static pthread_once_t table_once = PTHREAD_ONCE_INIT;

static void make_table(void)
{
	for (uint32_t byte = 0; byte < 256; byte++) {
		uint32_t crc = byte;
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0xEDB88320u : 0);
		table[0][byte] = crc;
	}
	for (int k = 1; k < 8; k++)
		for (int byte = 0; byte < 256; byte++)
			table[k][byte] = table[k - 1][byte] >> 8 ^ table[0][table[k - 1][byte] & 0xff];
}

uint32_t crc32_update(uint32_t crc, const void *data, size_t size)
{
	const unsigned char *at = data;

	pthread_once(&table_once, make_table);
	crc = ~crc;
	for (; size >= 8; at += 8, size -= 8) {
		uint32_t low = crc ^ little_32(at), high = little_32(at + 4);
		crc = table[7][low & 0xff] ^ table[6][low >> 8 & 0xff] ^ table[5][low >> 16 & 0xff] ^ table[4][low >> 24] ^
		      table[3][high & 0xff] ^ table[2][high >> 8 & 0xff] ^ table[1][high >> 16 & 0xff] ^
		      table[0][high >> 24];
	}
	for (; size > 0; at++, size--)
		crc = crc >> 8 ^ table[0][(crc ^ *at) & 0xff];
	return ~crc;
}
