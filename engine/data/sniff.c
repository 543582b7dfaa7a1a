/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/data/sniff.h"

#include "engine/data/encoding.h"

#include <stdlib.h>
#include <strings.h>

#define EVIDENCE_BLOCKS 8
#define EVIDENCE_BLOCK ((size_t)128 << 10) /* with the head 2 MB in all: a few milliseconds */
#define UTF16_LOOK 4096                    /* bytes in which every second one is NUL */
#define DATASET_BLOCK ((size_t)256 << 10)  /* bytes indexed at a time: they stay in the second-level cache */

/* What people open by mistake, by its first bytes. */
static const struct {
	const char *magic;
	size_t size;
	const char *what;
} other_files[] = {
	{"PK\3\4", 4, "is a zip archive or a spreadsheet; unpack it or save it as CSV"},
	{"\x1F\x8B", 2, "is compressed with gzip; unpack it with gunzip"},
	{"\xFD" "7zXZ", 5, "is compressed with xz; unpack it with unxz"},
	{"BZh", 3, "is compressed with bzip2; unpack it with bunzip2"},
	{"\x28\xB5\x2F\xFD", 4, "is compressed with zstd; unpack it with unzstd"},
	{"PAR1", 4, "is a Parquet file; save it as CSV or JSON lines"},
	{"ARROW1", 6, "is an Arrow file; save it as CSV or JSON lines"},
	{"SQLite format 3", 15, "is an SQLite database; export a table as CSV"},
	{"%PDF-", 5, "is a PDF document; CSV, TSV, JSON lines or text is needed"},
	{"\xD0\xCF\x11\xE0", 4, "is an old Office file; save it as CSV"},
	{"<!DOCTYPE html", 14, "is a web page; was the download refused?"},
	{"<!doctype html", 14, "is a web page; was the download refused?"},
	{"<html", 5, "is a web page; was the download refused?"},
	{"version https://git-lfs", 23, "is a Git LFS pointer, not the file itself; fetch it with git lfs pull"},
	{"\x7F" "ELF", 4, "is a program; CSV, TSV, JSON lines or text is needed"},
	{"\xFF\xFE\0\0", 4, "is UTF-32, which is not read; convert it to UTF-8"},
	{"\0\0\xFE\xFF", 4, "is UTF-32, which is not read; convert it to UTF-8"},
};

static bool refuse_other_files(const char *path, const char *data, size_t size, struct error *error)
{
	for (size_t i = 0; i < sizeof other_files / sizeof *other_files; i++)
		RETURN_IF(size >= other_files[i].size && memcmp(data, other_files[i].magic, other_files[i].size) == 0, error,
		          ERROR_DATA, "%s: %s", path, other_files[i].what);
	return true;
}

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

static bool find_encoding(struct opening *opening, struct error *error)
{
	const char *path = opening->source->path, *data = opening->head.data;
	struct encoding_evidence evidence = {0};
	size_t size = opening->head.size;

	opening->mark = encoding_mark(data, size, &opening->encoding);
	if (opening->mark > 0)
		return true;
	RETURN_IF(encoding_looks_utf16(data, size < UTF16_LOOK ? size : UTF16_LOOK), error, ERROR_DATA,
	          "%s: looks like UTF-16 without a byte order mark; convert it to UTF-8", path);
	if (!gather_evidence(opening, &evidence, error))
		return false;
	RETURN_IF(encoding_looks_foreign(&evidence), error, ERROR_DATA,
	          "%s: is neither UTF-8 nor Latin-1 text; convert it (iconv -f ITS-ENCODING -t UTF-8)", path);
	opening->encoding = encoding_choose(&evidence);
	return true;
}

static bool make_sample(const struct opening *opening, struct sample *sample, struct error *error)
{
	struct buffer text = {.maximum = 4 * SAMPLE_HEAD};
	uint32_t replaced = 0;
	bool decoded = encoding_decode(opening->encoding, opening->head.data + opening->mark,
	                               opening->head.size - opening->mark, &text, &replaced);

	/* The sample owns the bytes from here on, also where it could not be made. */
	return (sample_init(sample, text.data, text.size, opening->head.size == opening->source->size) && decoded) ||
	       error_memory(error, "opening a file");
}

static const struct reader *reader_of_bytes(const struct reader *const *readers, const struct opening *opening)
{
	const struct reader *found = NULL;
	int best = FITS_NOT;

	for (; *readers; readers++) {
		int fits = (*readers)->fits_bytes ? (*readers)->fits_bytes(opening) : FITS_NOT;
		if (fits > best) {
			best = fits;
			found = *readers;
		}
	}
	return found;
}

static const struct reader *reader_of_format(const struct reader *const *readers, enum dataset_format format)
{
	for (; *readers; readers++)
		if (format != DATASET_AUTO && (*readers)->format == format)
			return *readers;
	return NULL;
}

static bool has_suffix(const char *path, const char *suffix)
{
	size_t length = strlen(path), tail = strlen(suffix);

	return length > tail && strcasecmp(path + length - tail, suffix) == 0;
}

static const struct reader *reader_of_name(const struct reader *const *readers, const char *path)
{
	for (; *readers; readers++)
		for (const char *const *suffix = (*readers)->suffixes; suffix && *suffix; suffix++)
			if (has_suffix(path, *suffix))
				return *readers;
	return NULL;
}

static bool reader_of_text(const struct reader *const *readers, struct sample *sample, const struct reader **found)
{
	int best = FITS_NOT;

	for (; *readers; readers++) {
		int fits = (*readers)->fits_text ? (*readers)->fits_text(sample) : FITS_NOT;

		if (fits == FITS_NO_MEMORY)
			return false;
		if (fits > best) {
			best = fits;
			*found = *readers;
		}
	}
	return true;
}

/* Who names a delimiter, a quote, an escape or the line of a header means a table, where the name does not say what the
 * file is or only that it is text. */
static bool means_table(const struct dataset_dialect *said, const struct reader *named)
{
	return (!named || named->format == DATASET_LINES) &&
	       (said->delimiter || said->quote || said->escape || said->header > 0);
}

/* `found` is what bytes or the user said, if anything; else the name decides, then the contents. */
static bool choose_for_text(const struct reader *const *readers, const struct opening *opening,
                            const struct reader **found, struct error *error)
{
	const char *path = opening->source->path;
	const bool asked = *found;

	if (!*found)
		*found = reader_of_name(readers, path);
	if (!asked && means_table(&opening->options->dialect, *found))
		*found = reader_of_format(readers, DATASET_CSV);
	if (!*found && !reader_of_text(readers, opening->sample, found))
		return error_memory(error, "opening a file");
	RETURN_IF(!*found, error, ERROR_DATA, "%s: is in no format that can be read", path);
	return true;
}

static bool open_with(const struct reader *reader, const struct opening *opening, struct opened *opened,
                      struct error *error)
{
	opened->reader = reader;
	opened->shape.format = reader->format;
	opened->shape.encoding = opening->encoding;
	opened->state = reader->open(opening, &opened->shape, error);
	return opened->state != NULL;
}

static bool open_text(struct opening *opening, const struct reader *const *readers, const struct reader *reader,
                      struct opened *opened, struct error *error)
{
	bool done;

	opening->sample = calloc(1, sizeof *opening->sample);
	if (!opening->sample)
		return error_memory(error, "opening a file");
	done = make_sample(opening, opening->sample, error) && choose_for_text(readers, opening, &reader, error) &&
	       open_with(reader, opening, opened, error);
	sample_free(opening->sample);
	free(opening->sample);
	return done;
}

static bool open_head(struct opening *opening, const struct reader *const *readers, struct opened *opened,
                      struct error *error)
{
	const struct reader *reader = reader_of_bytes(readers, opening);

	if (!reader)
		reader = reader_of_format(readers, opening->options->dialect.format);
	if (reader && !reader->text)
		return open_with(reader, opening, opened, error);
	return refuse_other_files(opening->source->path, opening->head.data, opening->head.size, error) &&
	       find_encoding(opening, error) && open_text(opening, readers, reader, opened, error);
}

bool sniff_open(const struct source *source, const struct dataset_options *options,
                const struct reader *const *readers, struct opened *opened, struct error *error)
{
	struct opening opening = {
		.source = source,
		.options = options,
		.block_size = options->block_size ? options->block_size : DATASET_BLOCK,
	};
	size_t size = source->size < SAMPLE_HEAD ? (size_t)source->size : SAMPLE_HEAD;
	char *head = malloc(size ? size : 1);
	bool done;

	if (!head)
		return error_memory(error, "opening a file");
	opening.head = (struct span){head, size};
	done = (size == 0 || source_read(source, head, size, 0, error)) && open_head(&opening, readers, opened, error);
	free(head);
	return done;
}
