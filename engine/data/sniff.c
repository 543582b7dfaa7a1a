/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/data/sniff.h"

#include "engine/base/file.h"
#include "engine/data/detect.h"
#include "engine/data/encoding.h"
#include "engine/data/marks.h"
#include "engine/data/other_files.h"
#include "engine/words.h"

#include <stdlib.h>

#define DATASET_BLOCK ((size_t)256 << 10)  /* bytes indexed at a time: they stay in the second-level cache */

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

static const struct reader *reader_of_name(const struct reader *const *readers, const char *path)
{
	for (; *readers; readers++)
		for (const char *const *suffix = (*readers)->suffixes; suffix && *suffix; suffix++)
			if (file_has_suffix(path, *suffix))
				return *readers;
	return NULL;
}

/* `named` is the reader that the name speaks for, NULL: none. It stays where it fits well, and unless another one does, or
 * fits at all where it does not. */
static bool reader_of_text(const struct reader *const *readers, struct sample *sample, const struct reader *named,
                           const struct reader **found)
{
	int best = FITS_NOT, own = named && named->fits_text ? named->fits_text(sample) : FITS_NOT;

	for (; own >= FITS_NOT && own < FITS_WELL && *readers; readers++) {
		int fits = *readers == named ? own : (*readers)->fits_text ? (*readers)->fits_text(sample) : FITS_NOT;

		if (fits == FITS_NO_MEMORY)
			return false;
		if (fits > best) {
			best = fits;
			*found = *readers;
		}
	}
	if (named && (best < (own == FITS_NOT ? FITS_PERHAPS : FITS_WELL) || best <= own))
		*found = named;
	return own != FITS_NO_MEMORY;
}

/* Who names a delimiter, a quote, an escape or the line of a header means a table, where the name does not say what the
 * file is or only that it is text. */
static bool means_table(const struct dataset_dialect *said, const struct reader *named)
{
	return (!named || named->format == DATASET_LINES) &&
	       (said->delimiter || said->quote || said->escape || said->header > 0);
}

/* What bytes or the user said stays; else the contents decide, and the name is a hint. */
static bool choose_for_text(const struct reader *const *readers, const struct opening *opening, const struct reader *named,
                            const struct reader **found, struct error *error)
{
	if (!*found && means_table(&opening->options->dialect, named))
		*found = reader_of_format(readers, DATASET_CSV);
	if (!*found && !reader_of_text(readers, opening->sample, named, found))
		return error_memory(error, "opening a file");
	RETURN_IF(!*found, error, ERROR_DATA, "%s: is in no format that can be read", opening->source->path);
	return true;
}

/* Formats of JSON share their endings. */
static bool is_json(enum dataset_format format)
{
	return format == DATASET_JSON || format == DATASET_JSONL;
}

/* Whoever said how the table is written knows that it is one. */
static bool note_other_format(const struct reader *named, const struct dataset_dialect *said, struct shape *shape)
{
	enum dataset_format format = shape->format;

	if (!named || means_table(said, named) || named->format == format || (is_json(format) && is_json(named->format)) ||
	    (named->format == DATASET_LINES && format == DATASET_FASTTEXT) ||
	    (named->format == DATASET_CSV && format == DATASET_TSV)) /* marks_tell tells its delimiter */
		return true;
	if (format == DATASET_CSV || format == DATASET_TSV)
		return notices_add(&shape->notices, "is a table separated by %s, whatever its name says",
		                   marks_delimiter_name(shape->dialect.delimiter));
	return notices_add(&shape->notices, "is %s, whatever its name says", dataset_format_name(format));
}

static bool open_with(const struct reader *reader, const struct opening *opening, struct opened *opened,
                      struct error *error)
{
	opened->reader = reader;
	opened->shape.format = reader->format;
	opened->shape.encoding = opened->shape.encoding_name[0] ? ENCODING_NAMED : opening->encoding;
	opened->state = reader->open(opening, &opened->shape, error);
	return opened->state != NULL;
}

static bool open_text(struct opening *opening, const struct reader *const *readers, const struct reader *reader,
                      struct opened *opened, struct error *error)
{
	const struct reader *named = reader ? NULL : reader_of_name(readers, opening->source->path);
	bool done;

	opening->sample = calloc(1, sizeof *opening->sample);
	if (!opening->sample)
		return error_memory(error, "opening a file");
	done = make_sample(opening, opening->sample, error) &&
	       other_texts_check(opening->source->path, opening->sample->text, error) &&
	       choose_for_text(readers, opening, named, &reader, error) &&
	       open_with(reader, opening, opened, error) &&
	       (note_other_format(named, &opening->options->dialect, &opened->shape) || error_memory(error, "opening a file"));
	sample_free(opening->sample);
	free(opening->sample);
	return done;
}

/* `head` has room for SAMPLE_HEAD bytes. */
static bool read_head(const struct source *source, char *head, struct opening *opening, struct error *error)
{
	opening->head = (struct span){head, source->size < SAMPLE_HEAD ? (size_t)source->size : SAMPLE_HEAD};
	return opening->head.size == 0 || source_read(source, head, opening->head.size, 0, error);
}

/* From here on the file is one of UTF-8. */
static bool convert(struct source *source, struct opening *opening, char *head, struct shape *shape, struct error *error)
{
	uint64_t replaced = 0;

	if (!source_convert(source, shape->encoding_name, opening->mark, opening->options, &replaced, error) ||
	    !read_head(source, head, opening, error))
		return false;
	opening->encoding = ENCODING_UTF8;
	opening->mark = encoding_mark(head, opening->head.size, &opening->encoding);
	return replaced == 0 ||
	       notices_add(&shape->notices, "%s %s not valid %s: U+FFFD stands there", words_count(replaced).text,
	                   replaced == 1 ? "sequence is" : "sequences are", shape->encoding_name) ||
	       error_memory(error, "opening a file");
}

static bool open_head(struct source *source, char *head, struct opening *opening, const struct reader *const *readers,
                      struct opened *opened, struct error *error)
{
	const struct reader *reader = reader_of_bytes(readers, opening);

	if (!reader)
		reader = reader_of_format(readers, opening->options->dialect.format);
	if (reader && !reader->text)
		return open_with(reader, opening, opened, error);
	return other_files_check(opening, error) && detect_encoding(opening, &opened->shape, error) &&
	       (opening->encoding != ENCODING_NAMED || convert(source, opening, head, &opened->shape, error)) &&
	       open_text(opening, readers, reader, opened, error);
}

bool sniff_open(struct source *source, const struct dataset_options *options,
                const struct reader *const *readers, struct opened *opened, struct error *error)
{
	struct opening opening = {
		.source = source,
		.options = options,
		.block_size = options->block_size ? options->block_size : DATASET_BLOCK,
	};
	char *head = malloc(SAMPLE_HEAD);
	bool done;

	if (!head)
		return error_memory(error, "opening a file");
	done = read_head(source, head, &opening, error) && open_head(source, head, &opening, readers, opened, error);
	free(head);
	return done;
}
