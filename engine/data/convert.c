/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/data/convert.h"

#include <errno.h>
#include <iconv.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define PIECE_MAX ((size_t)64 << 20) /* of what is fed at once: the reader of folders feeds whole files of 16 MB */
#define LONGEST_CHARACTER 64         /* bytes that may wait for more; no encoding comes near */
#define ROOM 64                      /* for the longest character that one step writes */

struct converter {
	iconv_t state;
	char *name;
	size_t unit;           /* bytes that are passed over where a sequence is not valid; 0: not needed yet */
	struct buffer waiting; /* what was fed and not converted yet */
};

/* Encodings of two or four bytes a unit must stay in step: how many bytes does the second "a" take? */
static size_t find_unit(const char *name)
{
	char text[] = "aa", bytes[64], *in = text, *out = bytes, *first;
	size_t size = 1, room = sizeof bytes;
	iconv_t state = iconv_open(name, "UTF-8");

	if (state == (iconv_t)-1)
		return 1;
	iconv(state, &in, &size, &out, &room);
	first = out;
	size = 1;
	iconv(state, &in, &size, &out, &room);
	iconv_close(state);
	return out - first == 2 || out - first == 4 ? (size_t)(out - first) : 1;
}

/* Files that go by these names are in their supersets: so has it the WHATWG Encoding Standard (4.2), and iconv's own Shift_JIS
 * has a yen sign where everybody's has a backslash. */
static const char *superset_of(const char *name)
{
	static const struct {
		const char *name, *superset;
	} supersets[] = {
		{"SHIFT_JIS", "CP932"}, {"SHIFT-JIS", "CP932"}, {"SJIS", "CP932"}, {"MS_KANJI", "CP932"}, {"EUC-KR", "CP949"},
		{"EUCKR", "CP949"}, {"GB2312", "GB18030"}, {"EUC-CN", "GB18030"}, {"GBK", "GB18030"}, {"ISO-8859-9", "CP1254"},
		{"LATIN5", "CP1254"},
	};

	for (size_t i = 0; i < sizeof supersets / sizeof *supersets; i++)
		if (strcasecmp(name, supersets[i].name) == 0)
			return supersets[i].superset;
	return name;
}

struct converter *converter_open(const char *name, struct error *error)
{
	struct converter *converter = calloc(1, sizeof *converter);

	if (!converter) {
		error_memory(error, "converting text");
		return NULL;
	}
	converter->waiting.maximum = PIECE_MAX;
	converter->state = iconv_open("UTF-8", superset_of(name));
	converter->name = strdup(name);
	if (converter->state != (iconv_t)-1 && converter->name)
		return converter;
	if (converter->name)
		error_set(error, ERROR_USAGE, "encoding \"%.60s\": iconv does not know it; `iconv -l` lists names", name);
	else
		error_memory(error, "converting text");
	converter_close(converter);
	return NULL;
}

void converter_close(struct converter *converter)
{
	if (!converter)
		return;
	if (converter->state != (iconv_t)-1)
		iconv_close(converter->state);
	free(converter->name);
	buffer_free(&converter->waiting);
	free(converter);
}

/* Converts as far as the bytes are good and the room lasts; `in` NULL writes what the encoding holds back. */
static int step(struct converter *converter, char **in, size_t *left, struct buffer *out)
{
	char *to = out->data + out->size;
	size_t room = out->capacity - out->size - 1, converted;

	converted = iconv(converter->state, in, left, &to, &room);
	out->size = (size_t)(to - out->data);
	out->data[out->size] = '\0';
	return converted == (size_t)-1 ? errno : 0;
}

static bool replace(char **in, size_t *left, size_t size, struct buffer *out, uint64_t *replaced)
{
	*in += size;
	*left -= size;
	++*replaced;
	return buffer_add(out, "\xEF\xBF\xBD", 3);
}

/* Deals with what stopped a step. *wait: the rest is the beginning of a character. */
static bool go_on(struct converter *converter, int why, bool last, char **in, size_t *left, struct buffer *out,
                  uint64_t *replaced, bool *wait)
{
	size_t unit;

	if (why == E2BIG || *left == 0)
		return true;
	if (converter->unit == 0)
		converter->unit = find_unit(converter->name);
	unit = *left < converter->unit ? *left : converter->unit;
	if (why != EINVAL)
		return replace(in, left, unit, out, replaced);
	*wait = !last && *left < LONGEST_CHARACTER;
	return *wait || replace(in, left, last ? *left : unit, out, replaced);
}

bool converter_feed(struct converter *converter, const char *data, size_t size, bool last, struct buffer *out,
                    uint64_t *replaced)
{
	struct buffer *waiting = &converter->waiting;
	bool added = buffer_add(waiting, data, size), wait = false;
	char *in = waiting->data;
	size_t left = waiting->size;

	while (added && left > 0 && !wait) {
		int why = buffer_reserve(out, left + ROOM) ? step(converter, &in, &left, out) : ENOMEM;

		added = why != ENOMEM && (why == 0 || go_on(converter, why, last, &in, &left, out, replaced, &wait));
	}
	if (added && last)
		added = buffer_reserve(out, ROOM) && (step(converter, NULL, NULL, out), true);
	if (left > 0)
		memmove(waiting->data, in, left);
	waiting->size = left;
	return added;
}

bool convert_text(const char *name, const char *data, size_t size, struct buffer *out, uint64_t *replaced,
                  struct error *error)
{
	struct converter *converter = converter_open(name, error);
	bool converted = converter && converter_feed(converter, data, size, true, out, replaced);

	if (converter && !converted)
		error_memory(error, "converting text");
	converter_close(converter);
	return converted;
}
