/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * From the bytes of a file to UTF-8, and the evidence by which an encoding is chosen. UTF-8 and UTF-16 are those of
 * Unicode 15, sections 3.9 and 3.10; what is replaced, and by how many U+FFFD, is also that of the WHATWG Encoding Standard.
 *
 * ENCODING_LATIN1 is read as Windows-1252, its superset in practice (the five bytes that it leaves open become
 * C1 controls, as the WHATWG Encoding Standard has it). */
#ifndef REVUE_DATA_ENCODING_H
#define REVUE_DATA_ENCODING_H

#include "engine/base/buffer.h"
#include "engine/dataset.h"

/* The length of the longest prefix that is well-formed UTF-8. */
size_t utf8_valid_prefix(const char *data, size_t size);

/* Appends `size` bytes of `encoding` to `out` as UTF-8. What is not well-formed becomes U+FFFD, one for each maximal
 * subpart (Unicode 15, section 3.9), and is added to *replaced. False: out of memory or out->maximum. */
bool encoding_decode(enum dataset_encoding encoding, const char *data, size_t size, struct buffer *out,
                     uint32_t *replaced);

/* Makes bytes out of UTF-16 units, in the same order and number: ASCII stays, everything else becomes 0x80. So the
 * scan for row starts, which looks for ASCII only, works on units. */
void encoding_narrow(enum dataset_encoding encoding, const char *data, size_t units, char *out);

static inline size_t encoding_unit(enum dataset_encoding encoding)
{
	return encoding == ENCODING_UTF16LE || encoding == ENCODING_UTF16BE ? 2 : 1;
}

/* The byte order mark at the start of a file: its size, 0 where there is none. */
size_t encoding_mark(const char *data, size_t size, enum dataset_encoding *encoding);

/* What speaks for UTF-8 and against it, summed over samples of the file. */
struct encoding_evidence {
	uint64_t sequences; /* well-formed, of two bytes or more */
	uint64_t invalid;   /* maximal subparts that are not */
	uint64_t undefined; /* bytes that Windows-1252 leaves open: 81 8D 8F 90 9D */
	uint64_t bytes, high; /* all of them, and those from 0x80 */
};

/* Adds a sample. Characters that its edges cut do not count. */
void encoding_observe(struct encoding_evidence *evidence, const char *data, size_t size);

/* UTF-8 unless more sequences are invalid than valid and (almost) every byte has a meaning in Windows-1252: a Latin-1
 * text hardly ever forms a valid sequence, and UTF-8 that was damaged here and there has many. */
enum dataset_encoding encoding_choose(const struct encoding_evidence *evidence);

/* Neither: many sequences are invalid, and more than a third of the bytes are not ASCII, which no Latin-1 text comes near.
 * Cyrillic, Greek or Chinese in an encoding of its own looks so, and files that are no text. */
bool encoding_looks_foreign(const struct encoding_evidence *evidence);

/* UTF-16 without a mark, in the order that `encoding` becomes: nearly every second byte of the sample is NUL, or its units
 * are text (line ends, blanks and commas, no half surrogate, no control) and its bytes are none. */
bool encoding_guess_utf16(const char *data, size_t size, enum dataset_encoding *encoding);

/* Whether a name of iconv's means one of those that are read without it: "utf8", "Latin1", "CP1252", "UTF-16LE". Latin-1 is
 * read as Windows-1252. "UTF-16" means none: its order is in the file. */
bool encoding_of_name(const char *name, enum dataset_encoding *encoding);

#endif
