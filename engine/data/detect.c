/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/data/detect.h"

#include "engine/data/suggest.h"

#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#define EVIDENCE_BLOCKS 8
#define EVIDENCE_BLOCK ((size_t)128 << 10) /* with the head 2 MB in all: a few milliseconds */
#define UTF16_LOOK ((size_t)64 << 10)      /* bytes that are tried as UTF-16 */
#define OTHERS "GB18030, Windows-1251, ..."

/* Looks at the head and at some other blocks spread over the file. */
static bool gather_evidence(const struct opening *opening, struct encoding_evidence *evidence, struct error *error)
{
	const struct source *source = opening->source;
	size_t size = opening->head.size;
	char *block;
	bool read = true;

	encoding_observe(evidence, opening->head.data, size);
	if (source->size <= size)
		return true;
	block = malloc(EVIDENCE_BLOCK);
	if (!block)
		return error_memory(error, "opening a file");
	for (uint64_t i = 1; read && i <= EVIDENCE_BLOCKS; i++) {
		uint64_t offset = size + (source->size - size) / (EVIDENCE_BLOCKS + 1) * i;
		size_t here = source->size - offset < EVIDENCE_BLOCK ? (size_t)(source->size - offset) : EVIDENCE_BLOCK;

		read = source_read(source, block, here, offset, error);
		if (read)
			encoding_observe(evidence, block, here);
	}
	free(block);
	return read;
}

static bool note(bool added, struct error *error)
{
	return added || error_memory(error, "opening a file");
}

static void convert_from(struct opening *opening, struct shape *shape, const char *name)
{
	opening->encoding = ENCODING_NAMED;
	snprintf(shape->encoding_name, sizeof shape->encoding_name, "%s", name);
}

static const char *encoding_word(const struct opening *opening, const struct shape *shape)
{
	static const char *const words[] = {
		[ENCODING_UTF8] = "UTF-8", [ENCODING_UTF16LE] = "UTF-16LE", [ENCODING_UTF16BE] = "UTF-16BE",
	};

	return opening->encoding == ENCODING_NAMED ? shape->encoding_name : words[opening->encoding];
}

/* The mark decides, also against its user: whoever names a file's encoding usually names it for many. */
static bool take_mark(struct opening *opening, struct shape *shape, struct error *error)
{
	const char *wanted = opening->options->dialect.encoding, *found;
	struct span head = opening->head;

	if (head.size >= 4 && memcmp(head.data, "\xFF\xFE\0\0", 4) == 0)
		convert_from(opening, shape, "UTF-32LE");
	else if (head.size >= 4 && memcmp(head.data, "\0\0\xFE\xFF", 4) == 0)
		convert_from(opening, shape, "UTF-32BE");
	else
		opening->mark = encoding_mark(head.data, head.size, &opening->encoding);
	if (opening->encoding == ENCODING_NAMED)
		opening->mark = 4;
	if (opening->mark == 0 || !*wanted)
		return true;
	found = encoding_word(opening, shape);
	return strncasecmp(wanted, found, 5) == 0 || strcasecmp(wanted, "utf8") == 0 ||
	       note(notices_add(&shape->notices, "begins with the byte order mark of %s and is read so, not as %s", found, wanted),
	            error);
}

static bool guess_utf16(const struct opening *opening, enum dataset_encoding *encoding)
{
	struct span head = opening->head;

	return encoding_guess_utf16(head.data, head.size < UTF16_LOOK ? head.size : UTF16_LOOK, encoding);
}

/* The encoding that was named, in a file without a mark. */
static void take_named(struct opening *opening, struct shape *shape)
{
	const char *wanted = opening->options->dialect.encoding;

	if (encoding_of_name(wanted, &opening->encoding))
		return;
	if (strcasecmp(wanted, "utf-16") != 0 && strcasecmp(wanted, "utf16") != 0)
		convert_from(opening, shape, wanted);
	else if (!guess_utf16(opening, &opening->encoding))
		opening->encoding = ENCODING_UTF16LE; /* what has no mark comes from Windows */
}

static bool refuse_foreign(const char *path, struct span sample, struct error *error)
{
	struct suggestion suggestion;
	size_t nuls = 0;

	for (size_t i = 0; i < sample.size; i++)
		nuls += sample.data[i] == 0;
	RETURN_IF(nuls > sample.size / 100, error, ERROR_DATA,
	          "%s: is not text but some binary file; CSV, TSV, JSON lines or text is needed", path);
	if (!suggest_encoding(sample.data, sample.size, &suggestion))
		return error_memory(error, "opening a file");
	RETURN_IF(suggestion.name, error, ERROR_DATA,
	          "%s: is neither UTF-8 nor Latin-1 text, probably %s: --encoding %s reads it", path, suggestion.name,
	          suggestion.name);
	return error_set(error, ERROR_DATA,
	                 "%s: is neither UTF-8 nor Latin-1 text; --encoding NAME reads another (" OTHERS ")", path);
}

/* What was chosen by weak evidence is told, with what else it may be. */
static bool tell_choice(struct span sample, bool latin1, struct notices *notices)
{
	struct suggestion suggestion;

	if (!suggest_encoding(sample.data, sample.size, &suggestion))
		return false;
	if (!latin1)
		return !suggestion.name || notices_add(notices, "read as UTF-8, but is probably %s: --encoding %s reads it so",
		                                       suggestion.name, suggestion.name);
	if (suggestion.name)
		return notices_add(notices, "read as Windows-1252, but many letters are unusual for it, probably it is %s: "
		                   "--encoding %s reads it so", suggestion.name, suggestion.name);
	if (suggestion.doubtful)
		return notices_add(notices, "read as Windows-1252, but many letters are unusual for it; --encoding NAME reads "
		                   "another (" OTHERS ")");
	return notices_add(notices, "read as Windows-1252");
}

bool detect_by_evidence(const char *path, const struct encoding_evidence *evidence, struct span sample,
                        enum dataset_encoding *encoding, struct notices *notices, struct error *error)
{
	if (encoding_looks_foreign(evidence))
		return refuse_foreign(path, sample, error);
	*encoding = encoding_choose(evidence);
	return (*encoding != ENCODING_LATIN1 && evidence->invalid <= evidence->sequences) ||
	       tell_choice(sample, *encoding == ENCODING_LATIN1, notices) || error_memory(error, "opening a file");
}

/* ISO-2022-JP is ASCII to the eye: escape sequences switch to the characters of JIS X 0208. */
static bool holds_jis(struct span text)
{
	const char *at = text.data, *end = text.data + text.size;

	for (; (at = memchr(at, '\x1B', (size_t)(end - at))); at++)
		if (end - at >= 3 && at[1] == '$' && (at[2] == 'B' || at[2] == '@'))
			return true;
	return false;
}

static bool guess(struct opening *opening, struct shape *shape, struct error *error)
{
	struct encoding_evidence evidence = {0};

	if (holds_jis(opening->head) &&
	    !note(notices_add(&shape->notices, "is probably ISO-2022-JP: --encoding ISO-2022-JP reads it so"), error))
		return false;
	if (guess_utf16(opening, &opening->encoding))
		return note(notices_add(&shape->notices, "read as %s by its bytes: it has no byte order mark",
		                        encoding_word(opening, shape)), error);
	return gather_evidence(opening, &evidence, error) &&
	       detect_by_evidence(opening->source->path, &evidence, opening->head, &opening->encoding, &shape->notices, error);
}

bool detect_encoding(struct opening *opening, struct shape *shape, struct error *error)
{
	if (!take_mark(opening, shape, error))
		return false;
	if (opening->mark > 0)
		return true;
	if (!opening->options->dialect.encoding[0])
		return guess(opening, shape, error);
	take_named(opening, shape);
	return true;
}
