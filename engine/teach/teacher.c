/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/teach/teacher.h"

#include "engine/base/buffer.h"
#include "engine/base/size.h"
#include "engine/clock.h"
#include "engine/teach/teacher_labels.h"

#include <stdlib.h>
#include <string.h>

#define CHUNK_TEXTS 256u
#define CHUNK_BYTES ((size_t)8 << 20) /* of texts, beyond which a chunk takes no more */
#define SAVE_SECONDS 30.0

bool teacher_open(struct teacher *teacher, const char *path, const struct teacher_options *options, const struct model *student,
                  const struct progress *progress, struct error *error)
{
	const struct model_options opening = {.device = options->device, .threads = options->threads, .hash = teacher->hash,
	                                      .head_needed = true};

	teacher->labels = model_config(student)->num_labels;
	teacher->model = model_open(path, &opening, progress, error);
	if (!teacher->model)
		return error_prefix(error, "--teacher");
	teacher->label_of = size_calloc((size_t)teacher->labels, sizeof *teacher->label_of);
	if (!teacher->label_of)
		return error_memory(error, "asking a teacher");
	return (teacher_labels(teacher->model, student, teacher->label_of, error) || error_prefix(error, "--teacher")) &&
	       answers_open(&teacher->answers, teacher->model, teacher->hash, &teacher->damaged, error);
}

void teacher_close(struct teacher *teacher)
{
	model_close(teacher->model);
	answers_close(&teacher->answers);
	free(teacher->label_of);
	*teacher = (struct teacher){0};
}

/* Asking */

/* Texts that it has not answered yet, as many as are computed together. */
struct chunk {
	struct teacher *teacher;
	const struct progress *progress;
	struct text_lengths lengths;
	float *logits;                   /* of all texts, in the student's order */
	bool *answered;
	struct buffer text;              /* one after the other */
	size_t sizes[CHUNK_TEXTS];
	uint32_t places[CHUNK_TEXTS];    /* which of the texts they are */
	struct record_key keys[CHUNK_TEXTS];
	struct span spans[CHUNK_TEXTS];
	struct score scores[CHUNK_TEXTS];
	float *numbers;                  /* [CHUNK_TEXTS][2][labels]: logits and scores, in the teacher's order */
	float *answer;                   /* [labels] of one text */
	uint32_t count, done, total;
	double saved;                    /* when the file was last written */
};

static bool chunk_init(struct chunk *chunk, struct teacher *teacher, struct error *error)
{
	const size_t labels = (size_t)teacher->labels;

	chunk->teacher = teacher;
	chunk->text.maximum = SIZE_MAX / 4;
	chunk->saved = clock_seconds();
	chunk->numbers = size_calloc(CHUNK_TEXTS * 2 * labels, sizeof *chunk->numbers);
	chunk->answer = size_calloc(labels, sizeof *chunk->answer);
	for (size_t i = 0; chunk->numbers && i < CHUNK_TEXTS; i++) {
		chunk->scores[i].logits = chunk->numbers + i * 2 * labels;
		chunk->scores[i].scores = chunk->numbers + (i * 2 + 1) * labels;
	}
	return (chunk->numbers && chunk->answer) || error_memory(error, "asking a teacher");
}

static void chunk_free(struct chunk *chunk)
{
	buffer_free(&chunk->text);
	free(chunk->numbers);
	free(chunk->answer);
	free(chunk);
}

static bool report(void *context, const char *what, uint64_t done, uint64_t total)
{
	const struct chunk *chunk = context;

	(void)what;
	(void)total;
	return progress_report(chunk->progress, "asking a teacher", chunk->done + done, chunk->total);
}

static void give(const struct teacher *teacher, const float *logits, float *out)
{
	for (int32_t i = 0; i < teacher->labels; i++)
		out[i] = logits[teacher->label_of[i]];
}

static void save(struct teacher *teacher)
{
	teacher->unkept = (struct error){0};
	answers_save(&teacher->answers, &teacher->unkept);
}

static void save_now_and_then(struct chunk *chunk)
{
	if (clock_seconds() - chunk->saved < SAVE_SECONDS)
		return;
	chunk->saved = clock_seconds();
	save(chunk->teacher);
}

/* Computes the chunk, and empties it. */
static bool flush(struct chunk *chunk, struct error *error)
{
	struct teacher *teacher = chunk->teacher;
	const struct progress progress = {report, chunk};
	const char *at = chunk->text.data;

	for (uint32_t i = 0; i < chunk->count; i++) {
		chunk->spans[i] = (struct span){at, chunk->sizes[i]};
		at += chunk->sizes[i];
	}
	if (!model_score(teacher->model, chunk->spans, chunk->count, 0, chunk->scores, &progress, error))
		return false;
	for (uint32_t i = 0; i < chunk->count; i++) {
		answers_put(&teacher->answers, chunk->keys[i], chunk->scores[i].logits);
		give(teacher, chunk->scores[i].logits, chunk->logits + (size_t)chunk->places[i] * (size_t)teacher->labels);
	}
	teacher->asked += chunk->count;
	chunk->count = 0;
	chunk->text.size = 0;
	save_now_and_then(chunk);
	return true;
}

/* Whether it is as long as those that the teacher is asked about. */
static bool has_length(struct text_lengths lengths, struct span text)
{
	uint32_t words = 0;
	bool inside = false;

	if (lengths.least == 0 && lengths.most == UINT32_MAX)
		return true;
	for (size_t i = 0; i < text.size; i++) {
		const bool space = memchr(" \t\n\r\f\v", text.data[i], 6) != NULL;

		words += !space && !inside;
		inside = !space;
	}
	return words >= lengths.least && words <= lengths.most;
}

static bool ask_one(struct chunk *chunk, const struct teacher_texts *texts, uint32_t index, struct error *error)
{
	struct teacher *teacher = chunk->teacher;
	struct record_key key;
	struct span text;

	if (!texts->read(texts->context, index, &text, error))
		return false;
	if (!has_length(chunk->lengths, text))
		return true;
	chunk->answered[index] = true;
	key = answers_key(text);
	if (answers_find(&teacher->answers, key, chunk->answer)) {
		give(teacher, chunk->answer, chunk->logits + (size_t)index * (size_t)teacher->labels);
		teacher->kept++;
		return true;
	}
	if (!buffer_add(&chunk->text, text.data, text.size))
		return error_memory(error, "asking a teacher");
	chunk->sizes[chunk->count] = text.size;
	chunk->places[chunk->count] = index;
	chunk->keys[chunk->count++] = key;
	return (chunk->count < CHUNK_TEXTS && chunk->text.size < CHUNK_BYTES) || flush(chunk, error);
}

static bool ask_all(struct chunk *chunk, const struct teacher_texts *texts, struct error *error)
{
	chunk->total = texts->count;
	for (uint32_t i = 0; i < texts->count; i++) {
		chunk->done = i - chunk->count;
		RETURN_IF(i % CHUNK_TEXTS == 0 && !progress_report(chunk->progress, "asking a teacher", chunk->done, texts->count), error,
		          ERROR_INTERRUPTED, "stopped while asking a teacher");
		if (!ask_one(chunk, texts, i, error))
			return false;
	}
	chunk->done = texts->count - chunk->count;
	return chunk->count == 0 || flush(chunk, error);
}

bool teacher_ask(struct teacher *teacher, const struct teacher_texts *texts, struct text_lengths lengths,
                 float *logits, bool *answered, const struct progress *progress, struct error *error)
{
	struct chunk *chunk = size_calloc(1, sizeof *chunk);
	const double start = clock_seconds();
	bool done;

	if (!chunk)
		return error_memory(error, "asking a teacher");
	chunk->progress = progress;
	chunk->lengths = lengths;
	chunk->logits = logits;
	chunk->answered = answered;
	done = chunk_init(chunk, teacher, error) && ask_all(chunk, texts, error);
	save(teacher);
	teacher->seconds += clock_seconds() - start;
	chunk_free(chunk);
	return done;
}
