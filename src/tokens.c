/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * `revue tokens`: what a model's tokenizer makes of each line. Lines go through as they come, so that it can
 * stand in a pipe that never ends. */
#include "src/command.h"
#include "src/input.h"
#include "src/output.h"
#include "src/reading.h"
#include "src/signals.h"

#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define IDS_MAX ((int64_t)1 << 26)

struct tokens_arguments {
	const char *model, *format;
	struct reading_arguments reading;
	int64_t max_length;
};

#define AT(field) offsetof(struct tokens_arguments, field)
const struct argument_row tokens_options[] = {
	{'m', "model", ARGUMENT_FOLDER, "MODEL", .offset = AT(model),
	 .help = "folder of the model; the one that ships where not given"},
	{0, "format", ARGUMENT_CHOICE, "ids|pieces", "ids", .offset = AT(format),
	 .help = "numbers, or the pieces of words that they stand for"},
	{0, "max-length", ARGUMENT_INTEGER, "N", "0", .maximum = 65536, .offset = AT(max_length),
	 .help = "tokens of a line that are shown, [CLS] and [SEP] included; 0: all"},
	READING_CUT_ROWS("the head")
	{.name = NULL},
};

struct tokenizing {
	struct tokenizer *tokenizer;
	struct output output;
	struct cut cut; /* max_length 0: lines are not cut */
	bool pieces;
	int32_t *ids;
	int64_t capacity;
	struct sequences sequences;
};

static bool reserve_ids(struct tokenizing *work, int64_t count, struct error *error)
{
	int32_t *ids;

	if (count <= work->capacity)
		return true;
	RETURN_IF(count > IDS_MAX, error, ERROR_DATA, "a line has more than %lld tokens", (long long)IDS_MAX);
	ids = realloc(work->ids, (size_t)count * sizeof *ids);
	if (!ids)
		return error_memory(error, "tokenising");
	work->ids = ids;
	work->capacity = count;
	return true;
}

static void write_ids(struct tokenizing *work, int32_t count)
{
	for (int32_t i = 0; i < count; i++) {
		if (i)
			fputc(' ', work->output.record);
		if (work->pieces)
			fputs(tokenizer_piece(work->tokenizer, work->ids[i]), work->output.record);
		else
			fprintf(work->output.record, "%d", work->ids[i]);
	}
}

static bool tokenize_whole(struct tokenizing *work, struct span line, struct error *error)
{
	int64_t length = tokenizer_count(work->tokenizer, line);

	if (!reserve_ids(work, length, error))
		return false;
	write_ids(work, tokenizer_encode(work->tokenizer, line, (int32_t)length, work->ids, NULL, NULL));
	return true;
}

static bool tokenize_cut(struct tokenizing *work, struct span line, struct error *error)
{
	if (!reserve_ids(work, work->cut.max_length, error))
		return false;
	if (!tokenizer_cut(work->tokenizer, line, &work->cut, &work->sequences))
		return error_memory(error, "tokenising");
	for (int32_t i = 0; i < work->sequences.count; i++) {
		if (i)
			fputc('\t', work->output.record);
		write_ids(work, tokenizer_cut_take(&work->sequences, i, work->ids));
	}
	return true;
}

/* One line of input as one line of output, its windows with tabs between them; a piece never holds white space. */
static bool tokenize_line(struct tokenizing *work, struct span line, struct error *error)
{
	if (!(work->cut.max_length ? tokenize_cut : tokenize_whole)(work, line, error))
		return false;
	fputc('\n', work->output.record);
	return output_commit(&work->output);
}

struct line {
	char *bytes;
	size_t size, capacity;
};

static bool line_add(struct line *line, int byte)
{
	if (line->size == line->capacity) {
		size_t capacity = line->capacity ? 2 * line->capacity : 4096;
		char *bytes = realloc(line->bytes, capacity);

		if (!bytes)
			return false;
		line->bytes = bytes;
		line->capacity = capacity;
	}
	line->bytes[line->size++] = (char)byte;
	return true;
}

/* A signal that asks to stop cuts a wait for input short. */
static bool input_failed(const char *verb, const char *name, struct error *error)
{
	return signals_stopped() ? error_set(error, ERROR_INTERRUPTED, "interrupted") : error_errno(error, verb, name);
}

/* Reads a line of at most DATASET_FIELD_MAX bytes, without its end. *more: there was one. */
static bool read_line(FILE *file, struct line *line, bool *more, const char *name, struct error *error)
{
	int byte;

	line->size = 0;
	while ((byte = getc_unlocked(file)) != EOF && byte != '\n') {
		RETURN_IF(line->size == DATASET_FIELD_MAX, error, ERROR_DATA, "%s: a line is longer than 16 MB", name);
		if (!line_add(line, byte))
			return error_memory(error, "reading a line");
	}
	*more = byte != EOF || line->size > 0;
	return !ferror(file) || input_failed("read", name, error);
}

static bool tokenize_file(struct tokenizing *work, FILE *file, const char *name, struct error *error)
{
	bool interactive = isatty(fileno(file)) == 1, good, more = true;
	struct line line = {0};

	while ((good = read_line(file, &line, &more, name, error)) && more) {
		good = tokenize_line(work, (struct span){line.bytes, line.size}, error) &&
		       (!interactive || output_flush(&work->output)) &&
		       (!signals_stopped() || error_set(error, ERROR_INTERRUPTED, "interrupted"));
		if (!good)
			break;
	}
	free(line.bytes);
	return good;
}

static FILE *open_input(const char *path, struct error *error)
{
	bool input = strcmp(path, "-") == 0;
	struct stat status;
	FILE *file;
	int fd;

	if (!input && stat(path, &status) == 0 && !S_ISREG(status.st_mode) && !S_ISFIFO(status.st_mode)) {
		error_set(error, ERROR_IO, "%s: neither a file nor a pipe", path);
		return NULL;
	}
	fd = input ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0) : open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		input_failed("open", path, error);
		return NULL;
	}
	file = fdopen(fd, "r");
	if (!file) {
		error_memory(error, "opening a file");
		close(fd);
	}
	return file;
}

static bool tokenize(struct tokenizing *work, const char *path, struct error *error)
{
	FILE *file = open_input(path, error);
	bool done;

	if (!file)
		return false;
	done = output_open(&work->output, false, error);
	if (done)
		done = output_close(&work->output, tokenize_file(work, file, path, error), error);
	free(work->ids);
	tokenizer_cut_free(&work->sequences);
	fclose(file);
	return done;
}

bool tokens_run(int argc, char **argv, struct error *error)
{
	struct tokens_arguments values = {.reading = READING_UNSAID};
	struct arguments arguments = {.rows = tokens_options, .values = &values};
	struct tokenizing work = {0};
	struct model_reading reading = {0};
	struct model_place place;
	char model[PATH_MAX];
	bool done;

	if (!arguments_parse(&arguments, argc, argv, error) || !arguments_expect(&arguments, 0, 1, "FILE", error))
		return false;
	RETURN_IF(values.max_length < 0 || values.max_length == 1, error, ERROR_USAGE,
	          "--max-length: there is always [CLS] and [SEP], so 0 or 2 and more");
	RETURN_IF(values.reading.truncation && !values.max_length, error, ERROR_USAGE,
	          "--truncation says how a line is cut to --max-length: give that too");
	if (!reading_take(&values.reading, &reading, error))
		return false;
	if (!input_model_path(values.model, model, sizeof model, error) || !model_find(model, &place, error))
		return false;
	if (place.notice[0])
		message_note("note: %s", place.notice);
	signals_catch(false);
	work.cut = reading.cut;
	work.cut.max_length = (int32_t)values.max_length;
	work.pieces = strcmp(values.format, "pieces") == 0;
	work.tokenizer = tokenizer_open(place.folder, error);
	if (!work.tokenizer)
		return false;
	done = tokenize(&work, arguments.operand_count ? arguments.operands[0] : "-", error);
	tokenizer_free(work.tokenizer);
	return done;
}
