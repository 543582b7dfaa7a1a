/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "src/output.h"

#include "engine/dataset.h"
#include "engine/words.h"
#include "src/signals.h"

#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <limits.h>
#include <locale.h>
#include <math.h>
#include <poll.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistr.h>
#include <unistd.h>

#define STALL_MILLISECONDS 200 /* how late a signal is seen that came just before a wait */
#define RECORD_KEPT ((size_t)1 << 20) /* a record's memory beyond this is given back */

void standard_streams_open(void)
{
	/* The wrong direction on purpose: reading 0 and writing 1 then fail. */
	static const int flags[] = {O_WRONLY, O_RDONLY, O_RDWR};

	for (int fd = 0; fd <= 2; fd++)
		if (fcntl(fd, F_GETFD) < 0 && errno == EBADF && open("/dev/null", flags[fd]) != fd)
			_exit(ERROR_IO);
}

/* The first that is set counts, as for setlocale. */
static const char *locale_name(void)
{
	static const char *const variables[] = {"LC_ALL", "LC_CTYPE", "LANG"};

	for (size_t i = 0; i < sizeof variables / sizeof variables[0]; i++) {
		const char *name = getenv(variables[i]);

		if (name && *name)
			return name;
	}
	return "";
}

void locale_start(void)
{
	const char *encoding = strchr(locale_name(), '.');
	bool utf8 = encoding && (strncasecmp(encoding, ".UTF-8", 6) == 0 || strncasecmp(encoding, ".utf8", 5) == 0);

	if (!setlocale(LC_CTYPE, "") && utf8 && setlocale(LC_CTYPE, "C.UTF-8"))
		setenv("LC_ALL", "C.UTF-8", 1); /* readline looks for itself */
}

bool locale_is_ascii(void)
{
	return strcmp(nl_langinfo(CODESET), "UTF-8") != 0;
}

bool standard_output_is_terminal(void)
{
	return isatty(STDOUT_FILENO) == 1;
}

int output_columns(int fd)
{
	struct winsize size;

	if (ioctl(fd, TIOCGWINSZ, &size) < 0 || size.ws_col == 0)
		return 80;
	return size.ws_col < 1000 ? size.ws_col : 1000;
}

static bool interrupted; /* the screens, which have handlers of their own, heard a signal that asks to stop */

static bool is_asked_to_stop(void)
{
	return interrupted || signals_stopped();
}

/* False when nobody reads standard error and a signal asked to stop. */
static bool standard_error_wait(void)
{
	struct pollfd fd = {STDERR_FILENO, POLLOUT, 0};

	for (;;) {
		int ready = poll(&fd, 1, is_asked_to_stop() ? 0 : STALL_MILLISECONDS);
		if (ready > 0)
			return true;
		if ((ready < 0 && errno != EINTR) || (ready == 0 && is_asked_to_stop()))
			return false;
	}
}

/* A terminal or a pipe opened a second time, since the first is shared with others and waits: what poll called ready may be
 * stopped, or full, by the time that it is written, and after the signal that ends the program there comes no other. Else
 * standard error itself; the caller closes what is another. */
static int standard_error_open(void)
{
	struct stat status;
	int again = -1;

	if (isatty(STDERR_FILENO) == 1 || (fstat(STDERR_FILENO, &status) == 0 && S_ISFIFO(status.st_mode)))
		again = open("/proc/self/fd/2", O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	return again < 0 ? STDERR_FILENO : again;
}

/* Where it could not be opened so: the signals' handlers do not restart write(2), so one that has begun and waits ends with a
 * signal. */
void standard_error_put(const char *format, ...)
{
	char text[4200];
	const int out = standard_error_open();
	size_t size, at = 0;
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	size = strlen(text);
	while (at < size && standard_error_wait()) {
		size_t some = size - at < PIPE_BUF ? size - at : PIPE_BUF; /* what a pipe that is ready takes at once */
		ssize_t put = write(out, text + at, some);
		if (put > 0)
			at += (size_t)put;
		else if (put == 0 || (errno != EINTR && errno != EAGAIN))
			break;
	}
	if (out != STDERR_FILENO)
		close(out);
}

static void message_line(const char *text)
{
	char line[4096];
	struct scrub_options options = {.newline = SCRUB_NEWLINE_SPACE,
	                                .ascii = isatty(STDERR_FILENO) == 1 && locale_is_ascii()};

	scrub_line(line, sizeof line, 0, span_of(text), options);
	standard_error_put("revue: %s\n", line);
}

void message_error(const struct error *error)
{
	interrupted = error->kind == ERROR_INTERRUPTED;
	message_line(error->text[0] ? error->text : "failed without saying why");
}

void message_note(const char *format, ...)
{
	char text[2048];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	message_line(text);
}

bool output_open(struct output *output, bool people, struct error *error)
{
	bool terminal = standard_output_is_terminal();

	*output = (struct output){.scrub = terminal || people,
	                          .options = {SCRUB_NEWLINE_KEEP, terminal && locale_is_ascii()}};
	output->record = open_memstream(&output->data, &output->size);
	return output->record || error_memory(error, "preparing the output");
}

static void write_bytes(struct output *output, struct span bytes)
{
	if (output->failure || bytes.size == 0)
		return;
	errno = 0;
	if (fwrite(bytes.data, 1, bytes.size, stdout) != bytes.size)
		output->failure = errno ? errno : EIO;
}

/* Starts the next record in the same memory, or in new memory after a huge one. */
static void reuse_record(struct output *output)
{
	if (output->size < RECORD_KEPT && fseeko(output->record, 0, SEEK_SET) == 0)
		return;
	fclose(output->record);
	free(output->data);
	output->data = NULL;
	output->record = open_memstream(&output->data, &output->size);
	if (!output->record && !output->failure)
		output->failure = ENOMEM;
}

bool output_commit(struct output *output)
{
	struct span record;

	if (!output->record || fflush(output->record) != 0) {
		output->failure = output->failure ? output->failure : ENOMEM;
		return false;
	}
	record = (struct span){output->data, output->size};
	if (output->scrub) {
		if (!scrub_text(&output->scrubbed, record, output->options))
			output->failure = ENOMEM;
		record = (struct span){output->scrubbed.text, output->scrubbed.size};
	}
	write_bytes(output, record);
	reuse_record(output);
	return output->failure == 0;
}

bool output_flush(struct output *output)
{
	if (!output->failure && fflush(stdout) != 0)
		output->failure = errno;
	return output->failure == 0;
}

bool output_close(struct output *output, bool done, struct error *error)
{
	output_flush(output);
	if (output->record)
		fclose(output->record);
	free(output->data);
	scrubbed_free(&output->scrubbed);
	if (output->failure == 0 || (!done && error->kind != ERROR_NONE))
		return done;
	if (output->failure == EPIPE)
		return true; /* the reader has what it wanted */
	errno = output->failure;
	return error_errno(error, "write", "standard output");
}

/* The character that begins here, U+FFFD for what is no UTF-8: JSON is nothing else. Returns its bytes. */
static size_t write_character(FILE *record, struct span text)
{
	ucs4_t character;
	int size = u8_mbtouc(&character, (const uint8_t *)text.data, text.size);

	if (character == 0xFFFD)
		fputs("\xEF\xBF\xBD", record);
	else
		fwrite(text.data, 1, (size_t)size, record);
	return (size_t)size;
}

void write_json_string(FILE *record, struct span text)
{
	fputc('"', record);
	for (size_t i = 0; i < text.size;) {
		unsigned char byte = (unsigned char)text.data[i];

		if (byte >= 0x80) {
			i += write_character(record, (struct span){text.data + i, text.size - i});
			continue;
		}
		i++;
		if (byte == '"' || byte == '\\')
			fprintf(record, "\\%c", byte);
		else if (byte == '\n')
			fputs("\\n", record);
		else if (byte == '\t')
			fputs("\\t", record);
		else if (byte < 0x20 || byte == 0x7F)
			fprintf(record, "\\u%04x", byte);
		else
			fputc(byte, record);
	}
	fputc('"', record);
}

void write_json_number(FILE *record, double value)
{
	fputs(isfinite(value) ? words_double(value).text : "null", record);
}

void write_json_float(FILE *record, float value)
{
	fputs(isfinite(value) ? words_float(value).text : "null", record);
}

void write_json_logit(FILE *record, float value)
{
	fputs(isfinite(value) ? words_logit(value).text : "null", record);
}

void write_csv_field(FILE *record, struct span field)
{
	if (!csv_needs_quotes(field)) {
		fwrite(field.data, 1, field.size, record);
		return;
	}
	fputc('"', record);
	for (size_t i = 0; i < field.size; i++) {
		if (field.data[i] == '"')
			fputc('"', record);
		fputc(field.data[i], record);
	}
	fputc('"', record);
}

void write_tsv_field(FILE *record, struct span field)
{
	for (size_t i = 0; i < field.size; i++) {
		char byte = field.data[i];
		fputc(byte == '\t' || byte == '\n' || byte == '\r' ? ' ' : byte, record);
	}
}

int write_cut(FILE *record, struct span text, int columns)
{
	char out[8192];
	struct scrub_options options = {.newline = SCRUB_NEWLINE_SPACE,
	                                .ascii = standard_output_is_terminal() && locale_is_ascii()};
	struct scrubbed whole = {0};
	int used, width = 0;

	if (columns < 1)
		return 0;
	if (text.size > sizeof out)
		text.size = sizeof out; /* more never fits into the columns of a terminal */
	if (scrub_text(&whole, text, options))
		for (size_t i = 0; i < whole.count; i++)
			width += whole.glyphs[i].width;
	scrubbed_free(&whole);
	used = scrub_line(out, sizeof out, width > columns && columns > 3 ? columns - 3 : columns, text, options);
	fputs(out, record);
	return used + (width > columns && columns > 3 ? fprintf(record, "...") : 0);
}

int write_column(FILE *record, struct span text, int columns)
{
	int used = write_cut(record, text, columns);

	return used + (used < columns ? fprintf(record, "%*s", columns - used, "") : 0);
}
