/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/train/run/journal.h"

#include "engine/base/buffer.h"
#include "engine/base/file.h"
#include "engine/base/json.h"
#include "engine/base/number.h"
#include "engine/train/run/run_figures.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistr.h>
#include <unistd.h>

/* An event's texts, each byte of which takes six at most, and what stands around them. */
#define LINE_WRITTEN_MAX (6 * sizeof(struct journal_event) + 256)

static const char *const state_names[] = {
	[JOURNAL_NOTE] = "note",         [JOURNAL_RUNNING] = "running", [JOURNAL_PAUSED] = "paused",
	[JOURNAL_FINISHED] = "finished", [JOURNAL_STOPPED] = "stopped", [JOURNAL_FAILED] = "failed",
};

enum run_state journal_run_state(enum journal_state last, bool held)
{
	switch (last) {
	case JOURNAL_FINISHED:
		return RUN_FINISHED;
	case JOURNAL_STOPPED:
		return RUN_STOPPED;
	case JOURNAL_FAILED:
		return RUN_FAILED;
	case JOURNAL_PAUSED:
		return held ? RUN_PAUSED : RUN_DEAD;
	case JOURNAL_NOTE:
	case JOURNAL_RUNNING:
		break;
	}
	return held ? RUN_LIVE : RUN_DEAD;
}

/* Parsing */

static double number(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);

	return json_is_number(value) ? json_number_value(value) : NAN;
}

static uint64_t step_of(const json_t *object)
{
	json_int_t value = json_integer_value(json_object_get(object, "step"));

	return value > 0 ? (uint64_t)value : 0;
}

/* Whether a line tells the first key, and each of the keys, up to NULL, that is there has a number or the
 * null of one that was not finite. */
static bool is_whole(const json_t *object, const char *const *keys)
{
	if (!json_object_get(object, keys[0]))
		return false;
	for (; *keys; keys++) {
		const json_t *value = json_object_get(object, *keys);

		if (value && !json_is_number(value) && !json_is_null(value))
			return false;
	}
	return true;
}

static void parse_point(const json_t *object, struct journal_line *line)
{
	static const char *const keys[] = {"loss", "epoch", "time", "learning_rate", "grad_norm", "tokens_per_second", "memory",
	                                   "device_memory", "watts", "celsius", "peak_share", NULL};

	line->kind = step_of(object) > 0 && is_whole(object, keys) ? JOURNAL_POINT : JOURNAL_DAMAGED;
	line->point = (struct run_point){
		.step = step_of(object),
		.epoch = number(object, "epoch"),
		.time = number(object, "time"),
		.loss = number(object, "loss"),
		.learning_rate = number(object, "learning_rate"),
		.grad_norm = number(object, "grad_norm"),
		.tokens_per_second = number(object, "tokens_per_second"),
		.memory = number(object, "memory"),
		.device_memory = number(object, "device_memory"),
		.watts = number(object, "watts"),
		.celsius = number(object, "celsius"),
		.peak_share = number(object, "peak_share"),
	};
}

static void parse_evaluation(const json_t *object, struct journal_line *line)
{
	static const char *const keys[] = {"loss", "epoch", "time", "accuracy", "f1", "metric", NULL};
	json_int_t step = json_integer_value(json_object_get(object, "step"));
	bool counted = json_is_integer(json_object_get(object, "step")) && step >= 0;

	line->kind = counted && is_whole(object, keys) ? JOURNAL_EVALUATION : JOURNAL_DAMAGED;
	line->evaluation = (struct run_evaluation){
		.step = step_of(object),
		.epoch = number(object, "epoch"),
		.time = number(object, "time"),
		.metric = number(object, "metric"),
	};
	run_figures_read(&line->evaluation, object);
}

static void parse_event(const json_t *object, struct journal_line *line)
{
	const char *state = json_string_value(json_object_get(object, "state"));
	const char *text = json_string_value(json_object_get(object, "text"));
	const char *date = json_string_value(json_object_get(object, "date"));
	const char *command = json_string_value(json_object_get(object, "command"));
	struct error cut = {0};

	line->kind = state && text ? JOURNAL_EVENT : JOURNAL_DAMAGED;
	line->event = (struct journal_event){.step = step_of(object), .time = number(object, "time")};
	for (size_t i = 0; state && i < sizeof state_names / sizeof state_names[0]; i++)
		if (strcmp(state, state_names[i]) == 0)
			line->event.state = (enum journal_state)i;
	error_set(&cut, ERROR_FAILED, "%s", text ? text : "");
	memcpy(line->event.text, cut.text, sizeof line->event.text);
	snprintf(line->event.date, sizeof line->event.date, "%s", date ? date : "");
	snprintf(line->event.command, sizeof line->event.command, "%s", command ? command : "");
}

static void take_text(char *out, size_t capacity, const char *text)
{
	const struct span cut = span_prefix(span_of(text ? text : ""), capacity - 1);

	memcpy(out, cut.data, cut.size);
	out[cut.size] = '\0';
}

static void parse_probe(const json_t *object, struct journal_line *line)
{
	static const char *const keys[] = {"score", "epoch", "time", NULL};
	const json_int_t index = json_integer_value(json_object_get(object, "probe"));
	const bool whole = is_whole(object, keys) && index >= 1 && index <= RUN_PROBES_MAX;

	line->kind = whole ? JOURNAL_PROBE : JOURNAL_DAMAGED;
	line->probe = (struct journal_probe){
		.point = {step_of(object), number(object, "epoch"), number(object, "time"), number(object, "score")},
		.index = whole ? (int)index - 1 : 0,
	};
	take_text(line->probe.text, sizeof line->probe.text, json_string_value(json_object_get(object, "text")));
	take_text(line->probe.label, sizeof line->probe.label, json_string_value(json_object_get(object, "label")));
}

void journal_parse(struct span text, struct journal_line *line)
{
	struct error why = {0};
	json_t *object = text.size <= JOURNAL_LINE_MAX ? json_parse(text, JOURNAL_FILE, &why) : NULL;
	const char *type = json_string_value(json_object_get(object, "type"));

	*line = (struct journal_line){.kind = type || text.size == 0 ? JOURNAL_OTHER : JOURNAL_DAMAGED};
	if (why.kind == ERROR_FAILED)
		line->kind = JOURNAL_UNREAD;
	if (type && strcmp(type, "step") == 0)
		parse_point(object, line);
	else if (type && strcmp(type, "evaluation") == 0)
		parse_evaluation(object, line);
	else if (type && strcmp(type, "event") == 0)
		parse_event(object, line);
	else if (type && strcmp(type, "probe") == 0)
		parse_probe(object, line);
	json_decref(object);
}

/* Adding */

static bool add_number(struct buffer *line, const char *key, double value)
{
	char text[NUMBER_TEXT];

	number_format(text, value);
	return buffer_format(line, ",\"%s\":%s", key, text);
}

/* As ASCII, characters beyond the first 65,536 as a pair of surrogates (RFC 8259). A message may quote bytes of a file that are
 * not UTF-8: those become '?'. */
static bool add_character(struct buffer *line, ucs4_t c)
{
	if (c == '"' || c == '\\')
		return buffer_format(line, "\\%c", (int)c);
	if (c >= 0x20 && c < 0x7F)
		return buffer_add_byte(line, (char)c);
	if (c < 0x10000)
		return buffer_format(line, "\\u%04X", (unsigned)c);
	return buffer_format(line, "\\u%04X\\u%04X", (unsigned)(0xD800 + ((c - 0x10000) >> 10)),
	                     (unsigned)(0xDC00 + ((c - 0x10000) & 0x3FF)));
}

static bool add_text(struct buffer *line, const char *key, const char *text)
{
	size_t size = strlen(text);
	bool done = buffer_format(line, ",\"%s\":\"", key);

	for (size_t at = 0; done && at < size;) {
		ucs4_t c;
		int length = u8_mbtoucr(&c, (const uint8_t *)text + at, size - at);

		done = add_character(line, length > 0 ? c : '?');
		at += length > 0 ? (size_t)length : 1;
	}
	return done && buffer_add_byte(line, '"');
}

/* A line that went only half into the file is taken back, so that the next try starts a line again. */
static bool append(struct journal *journal, const struct buffer *line, struct error *error)
{
	off_t end;

	if (journal->torn && !file_write_all(journal->fd, "\n", 1, journal->path, error))
		return false;
	journal->torn = false;
	end = lseek(journal->fd, 0, SEEK_END);
	if (end < 0)
		return error_errno(error, "write", journal->path);
	if (file_write_all(journal->fd, line->data, line->size, journal->path, error))
		return true;
	journal->torn = ftruncate(journal->fd, end) != 0;
	return false;
}

static bool finish(struct journal *journal, struct buffer *line, bool made, struct error *error)
{
	RETURN_IF(!made || !buffer_add_text(line, "}\n"), error, ERROR_FAILED, JOURNAL_FILE ": a line is too long");
	return append(journal, line, error);
}

static bool start(struct buffer *line, const char *type, uint64_t step)
{
	return buffer_format(line, "{\"type\":\"%s\",\"step\":%llu", type, (unsigned long long)step);
}

void journal_date(char out[JOURNAL_DATE], time_t seconds)
{
	struct tm parts;

	out[0] = '\0';
	if (gmtime_r(&seconds, &parts))
		strftime(out, JOURNAL_DATE, "%Y-%m-%dT%H:%M:%SZ", &parts);
}

/* 0 where it is no date. */
static int64_t seconds_of(const char *date)
{
	struct tm parts = {0};
	const char *end = strptime(date, "%Y-%m-%dT%H:%M:%SZ", &parts);

	return end && *end == '\0' ? (int64_t)timegm(&parts) : 0;
}

void journal_name_event(const struct journal_event *event, struct run_event *out)
{
	unsigned long long step = 0;
	int end = 0;

	out->kind = event->state == JOURNAL_NOTE ? RUN_EVENT_NOTE : RUN_EVENT_STATE;
	out->when = seconds_of(event->date);
	if (event->state == JOURNAL_NOTE && sscanf(event->text, "checkpoint-%llu written%n", &step, &end) == 1 && end > 0)
		out->kind = RUN_EVENT_CHECKPOINT;
	else if (event->state == JOURNAL_RUNNING && sscanf(event->text, "goes on from checkpoint-%llu%n", &step, &end) == 1 && end > 0)
		out->kind = RUN_EVENT_RESUME;
	else
		step = 0;
	if (event->state == JOURNAL_FINISHED && strncmp(event->text, "finished early ", strlen("finished early ")) == 0)
		out->kind = RUN_EVENT_EARLY;
	if (event->command[0])
		out->kind = RUN_EVENT_STEERED;
	out->checkpoint = step;
}

static bool add_known(struct buffer *line, const char *key, double value)
{
	return !(value > 0) || add_number(line, key, value);
}

bool journal_add_point(struct journal *journal, const struct run_point *point, struct error *error)
{
	char room[LINE_WRITTEN_MAX];
	struct buffer line = buffer_of(room, sizeof room);
	bool made = start(&line, "step", point->step) && add_number(&line, "epoch", point->epoch) &&
	            add_number(&line, "time", point->time) && add_number(&line, "loss", point->loss) &&
	            add_number(&line, "learning_rate", point->learning_rate) &&
	            add_number(&line, "grad_norm", point->grad_norm) &&
	            add_number(&line, "tokens_per_second", point->tokens_per_second) &&
	            add_known(&line, "memory", point->memory) && add_known(&line, "device_memory", point->device_memory) &&
	            add_known(&line, "watts", point->watts) && add_known(&line, "celsius", point->celsius) &&
	            add_known(&line, "peak_share", point->peak_share);

	return finish(journal, &line, made, error);
}

static bool add_figures(struct buffer *line, const struct run_evaluation *evaluation)
{
	bool made = true;

	for (int i = 0; made && i < run_figure_count; i++)
		made = !run_figure_is_there(evaluation, &run_figures[i]) ||
		       add_number(line, run_figures[i].key, run_figure_value(evaluation, &run_figures[i]));
	return made;
}

bool journal_add_evaluation(struct journal *journal, const struct run_evaluation *evaluation, struct error *error)
{
	char room[LINE_WRITTEN_MAX];
	struct buffer line = buffer_of(room, sizeof room);
	bool made = start(&line, "evaluation", evaluation->step) && add_number(&line, "epoch", evaluation->epoch) &&
	            add_number(&line, "time", evaluation->time) && add_figures(&line, evaluation) &&
	            (isnan(evaluation->metric) || add_number(&line, "metric", evaluation->metric));

	return finish(journal, &line, made, error);
}

bool journal_add_probe(struct journal *journal, const struct journal_probe *probe, struct error *error)
{
	char room[LINE_WRITTEN_MAX];
	struct buffer line = buffer_of(room, sizeof room);
	bool made = start(&line, "probe", probe->point.step) && add_number(&line, "epoch", probe->point.epoch) &&
	            add_number(&line, "time", probe->point.time) && buffer_format(&line, ",\"probe\":%d", probe->index + 1) &&
	            add_number(&line, "score", probe->point.score) && add_text(&line, "label", probe->label) &&
	            add_text(&line, "text", probe->text);

	return finish(journal, &line, made, error);
}

bool journal_add_event(struct journal *journal, const struct journal_event *event, struct error *error)
{
	char room[LINE_WRITTEN_MAX];
	struct buffer line = buffer_of(room, sizeof room);
	bool made = start(&line, "event", event->step) && add_number(&line, "time", event->time) &&
	            add_text(&line, "state", state_names[event->state]) &&
	            (event->date[0] == '\0' || add_text(&line, "date", event->date)) &&
	            (event->command[0] == '\0' || add_text(&line, "command", event->command)) &&
	            add_text(&line, "text", event->text);

	return finish(journal, &line, made, error);
}

bool journal_sync(struct journal *journal, struct error *error)
{
	return fdatasync(journal->fd) == 0 || error_errno(error, "write", journal->path);
}

/* Opening and cutting */

static char *read_all(const struct journal *journal, size_t *size, struct error *error)
{
	return file_read(journal->path, SIZE_MAX / 2, size, error);
}

/* The bytes of the file up to and with its last line feed, looked for from the end. */
static bool whole_lines(int fd, uint64_t size, const char *path, uint64_t *whole, struct error *error)
{
	char block[4096];

	for (*whole = size; *whole > 0;) {
		size_t part = *whole < sizeof block ? (size_t)*whole : sizeof block;

		if (!file_read_at(fd, block, part, *whole - part, path, error))
			return false;
		for (; part > 0; part--, (*whole)--)
			if (block[part - 1] == '\n')
				return true;
	}
	return true;
}

static bool cut_torn_line(struct journal *journal, struct error *error)
{
	uint64_t size, whole;
	int fd = file_open(journal->path, &size, error);
	bool done;

	if (fd < 0)
		return false;
	done = whole_lines(fd, size, journal->path, &whole, error) &&
	       (whole == size || ftruncate(journal->fd, (off_t)whole) == 0 ||
	        error_errno(error, "cut", journal->path));
	close(fd);
	return done;
}

static bool open_file(struct journal *journal, struct error *error)
{
	journal->fd = open(journal->path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0666);
	return journal->fd >= 0 || error_errno(error, "open", journal->path);
}

bool journal_open(struct journal *journal, const char *directory, struct error *error)
{
	*journal = (struct journal){.fd = -1};
	if (!path_join(journal->path, sizeof journal->path, directory, JOURNAL_FILE, error) ||
	    !open_file(journal, error))
		return false;
	if (cut_torn_line(journal, error))
		return true;
	journal_close(journal);
	return false;
}

void journal_close(struct journal *journal)
{
	if (journal->fd >= 0)
		close(journal->fd);
	journal->fd = -1;
}

/* A run that starts again measures before its first step again. */
static bool stays(const struct journal_line *line, uint64_t step)
{
	const uint64_t measured = line->kind == JOURNAL_POINT ? line->point.step
	                          : line->kind == JOURNAL_EVALUATION ? line->evaluation.step : line->probe.point.step;
	const bool measures = line->kind == JOURNAL_POINT || line->kind == JOURNAL_EVALUATION || line->kind == JOURNAL_PROBE;

	return !measures || (step > 0 && measured <= step);
}

/* Moves the lines that stay to the front of text; *kept becomes their size. */
static bool keep_lines(char *text, size_t size, uint64_t step, size_t *kept, struct error *error)
{
	*kept = 0;
	for (size_t at = 0; at < size;) {
		char *end = memchr(text + at, '\n', size - at);
		size_t length = end ? (size_t)(end - text) + 1 - at : size - at;
		struct journal_line line = {.kind = JOURNAL_DAMAGED};

		if (end)
			journal_parse((struct span){text + at, length - 1}, &line);
		if (line.kind == JOURNAL_UNREAD)
			return error_memory(error, "reading " JOURNAL_FILE);
		if (end && stays(&line, step)) {
			memmove(text + *kept, text + at, length);
			*kept += length;
		}
		at += length;
	}
	return true;
}

bool journal_cut(struct journal *journal, uint64_t step, struct error *error)
{
	size_t size, kept;
	char *text;
	bool done;

	/* The file may have been replaced already by a try that could not open the new one. */
	if (journal->fd < 0 && !open_file(journal, error))
		return false;
	text = read_all(journal, &size, error);
	if (!text)
		return false;
	done = keep_lines(text, size, step, &kept, error) && (kept == size || file_replace(journal->path, text, kept, error));
	free(text);
	if (!done || kept == size)
		return done;
	journal_close(journal);
	return open_file(journal, error);
}
