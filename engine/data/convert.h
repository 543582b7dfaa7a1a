/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * From any encoding that iconv knows to UTF-8, piece by piece: characters that the end of a piece cuts wait for the next.
 * The C library's tables decide what a sequence means (POSIX.1-2017, iconv). One thread at a time uses a converter. */
#ifndef REVUE_DATA_CONVERT_H
#define REVUE_DATA_CONVERT_H

#include "engine/base/buffer.h"
#include "engine/error.h"

#include <stdint.h>

struct converter;

/* NULL with an error: iconv does not know the name, or memory is short. */
struct converter *converter_open(const char *name, struct error *error);
void converter_close(struct converter *converter);

/* Appends a piece to `out` as UTF-8; `last`: nothing comes after it. What is not valid becomes one U+FFFD for each unit that
 * is passed over, and for what is cut off at the end, and is added to *replaced. False: out of memory or out->maximum. */
bool converter_feed(struct converter *converter, const char *data, size_t size, bool last, struct buffer *out,
                    uint64_t *replaced);

/* One text from its beginning to its end. False with an error. */
bool convert_text(const char *name, const char *data, size_t size, struct buffer *out, uint64_t *replaced,
                  struct error *error);

#endif
