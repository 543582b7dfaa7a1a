/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The directory of a zip archive whose entries are stored, not compressed, as torch.save writes it. There is no
 * decompressor. Archives that two programs could read differently are refused: local and central headers must
 * agree, entries fill the file without gap or overlap, names are unique and plain, no comment, no
 * encryption. Source: PKWARE APPNOTE.TXT 6.3.10. */
#ifndef REVUE_FORMAT_ZIP_H
#define REVUE_FORMAT_ZIP_H

#include "engine/error.h"

#include <stddef.h>
#include <stdint.h>

struct zip_entry {
	char *name;      /* owned by the zip */
	uint64_t header; /* of the local header in the file */
	uint64_t offset, size; /* of the data */
	uint32_t crc32;
	uint16_t flags;
};

struct zip {
	struct zip_entry *entries; /* in name order after zip_read */
	size_t count;
};

/* Reads the directory of an open file of `size` bytes and checks it against every local header. Messages do not
 * name the file. zip_free afterwards, also after failure. */
bool zip_read(struct zip *zip, int fd, const char *path, uint64_t size, struct error *error);
const struct zip_entry *zip_find(const struct zip *zip, const char *name);
void zip_free(struct zip *zip);

#endif
