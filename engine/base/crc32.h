/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The checksum of zip records: CRC-32 of IEEE 802.3 and RFC 1952, section 8 (0xEDB88320 is its polynomial, reflected).
 * Not zlib's, because linking zlib for it would bring a decompressor into a program that promises to have none for
 * models. */
#ifndef REVUE_BASE_CRC32_H
#define REVUE_BASE_CRC32_H

#include <stddef.h>
#include <stdint.h>

/* Goes on from `crc`, 0 at first. */
uint32_t crc32_update(uint32_t crc, const void *data, size_t size);

#endif
