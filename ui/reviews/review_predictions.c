/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/reviews/review_predictions.h"

#include "engine/clock.h"
#include "engine/evaluate.h"

#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>

#define CHUNK_ROWS 64
#define CHUNK_SECONDS 0.008     /* who types waits as long at most, unless one text takes longer */
#define CHUNK_BYTES 512         /* of text, in the first chunk */
#define CHUNK_BYTES_MAX 65536
#define SAVE_SECONDS 60         /* between two times that the cache is written */
#define ROWS_MAX ((uint64_t)1 << 32)

/* Rows without a text have a label of -1. */
struct prediction_table {
	int holders; /* counted on the UI thread */
	uint64_t rows;
	_Atomic bool ended; /* no more will come */
	_Atomic bool only_reads; /* the cache is not written */
	_Atomic uint64_t done, predicted, judged, errors;
	struct prediction predictions[]; /* [rows]; those before `done` are not written any more */
};

/* One chunk of rows that are to be scored together. */
struct chunk {
	size_t count, bytes, wanted; /* bytes of text there are, and are wanted */
	uint64_t rows[CHUNK_ROWS];
	struct prediction_key keys[CHUNK_ROWS];
	char *texts[CHUNK_ROWS];
	struct span spans[CHUNK_ROWS];
	int32_t *truths; /* [CHUNK_ROWS][labels] the labels that each row has */
	size_t truth_counts[CHUNK_ROWS];
	struct score scores[CHUNK_ROWS];
	float *numbers;  /* [CHUNK_ROWS][2][labels] */
};

struct prophet {
	struct source *source;
	struct lent_model *lent;
	struct prediction_table *table;
	struct prediction_table *before; /* held: it is right where a row's text is not `changed`; NULL: there is none */
	uint64_t before_rows; /* of its first rows */
	char *changed; /* NULL: no text is */
	size_t changed_size;
	bool judge, remember;
	int32_t labels;
	struct prediction_cache *cache; /* NULL: nothing is remembered */
	struct chunk chunk;
	struct row *row;
	double saved;
};

/* The table */

struct prediction_table *prediction_table_hold(struct prediction_table *table)
{
	if (table)
		table->holders++;
	return table;
}

void prediction_table_drop(struct prediction_table *table)
{
	if (table && --table->holders == 0)
		free(table);
}

static struct prediction_table *table_new(uint64_t rows, struct error *error)
{
	struct prediction_table *table;

	if (rows > ROWS_MAX) {
		error_set(error, ERROR_FAILED, "the file has too many rows to predict all of them");
		return NULL;
	}
	table = calloc(1, sizeof *table + (size_t)rows * sizeof *table->predictions);
	if (!table) {
		error_memory(error, "predicting all rows");
		return NULL;
	}
	table->holders = 1;
	table->rows = rows;
	return table;
}

enum prediction_state prediction_table_row(const struct prediction_table *table, uint64_t row, struct prediction *out)
{
	const bool ended = atomic_load(&table->ended); /* before `done` is read: no row comes after it */

	if (row >= atomic_load(&table->done))
		return ended || row >= table->rows ? PREDICTION_ABSENT : PREDICTION_PENDING;
	*out = table->predictions[row];
	return out->label < 0 ? PREDICTION_ABSENT : PREDICTION_KNOWN;
}

static void table_put(struct prediction_table *table, uint64_t row, const struct prediction *prediction)
{
	table->predictions[row] = *prediction;
	if (prediction->label < 0)
		return;
	atomic_fetch_add(&table->predicted, 1);
	if (prediction->verdict != VERDICT_NONE)
		atomic_fetch_add(&table->judged, 1);
	if (prediction->verdict == VERDICT_WRONG)
		atomic_fetch_add(&table->errors, 1);
}

/* One row */

/* The model's labels that the row has, each once and ascending; false: it is not judged. */
static bool find_truths(const struct prophet *prophet, const struct row *row, int32_t *truths, size_t *count)
{
	const bool sets = model_config(prophet->lent->model)->independent_labels;

	*count = 0;
	if (!prophet->judge || row->status != ROW_OK || (!sets && row->label_count != 1))
		return false;
	for (int i = 0; i < row->label_count; i++) {
		const int32_t label = label_match(prophet->lent->model, row->labels[i]);
		size_t at = *count;

		if (label < 0) {
			*count = 0;
			return false;
		}
		while (at > 0 && truths[at - 1] > label)
			at--;
		if (at > 0 && truths[at - 1] == label)
			continue;
		memmove(truths + at + 1, truths + at, (*count - at) * sizeof *truths);
		truths[at] = label;
		++*count;
	}
	return sets || *count == 1;
}

/* An empty set of independent labels is a truth as well; its key is that of a row which is not judged. */
static bool is_judged(const struct prophet *prophet, size_t count)
{
	return prophet->judge && (count > 0 || model_config(prophet->lent->model)->independent_labels);
}

static double loss_of_set(const struct prophet *prophet, const struct score *score, const int32_t *truths, size_t count,
                          bool *right)
{
	double loss = 0;
	size_t next = 0;

	*right = true;
	for (int32_t i = 0; i < prophet->labels; i++) {
		const bool has = next < count && truths[next] == i;
		const double p = (double)score->scores[i];

		next += has;
		loss -= log(fmax(has ? p : 1 - p, 1e-12));
		*right = *right && has == score_has_label(prophet->lent->model, score, i);
	}
	return loss / prophet->labels;
}

/* The loss is the one that training and eval take: cross-entropy, of independent labels its mean over them. */
static struct prediction predict(const struct prophet *prophet, const struct score *score, const int32_t *truths, size_t count,
                                 bool judged)
{
	struct prediction prediction = {score->label, score->score, NAN, VERDICT_NONE};
	bool right;

	if (!judged)
		return prediction;
	if (model_config(prophet->lent->model)->independent_labels) {
		prediction.loss = (float)loss_of_set(prophet, score, truths, count, &right);
	} else {
		right = truths[0] == score->label;
		prediction.loss = (float)-log(fmax((double)score->scores[truths[0]], 1e-12));
	}
	prediction.loss = fmaxf(prediction.loss, 0); /* not -0 */
	prediction.verdict = right ? VERDICT_RIGHT : VERDICT_WRONG;
	return prediction;
}

/* The chunk */

static bool chunk_init(struct chunk *chunk, int32_t labels)
{
	chunk->wanted = CHUNK_BYTES;
	chunk->truths = calloc(CHUNK_ROWS * ((size_t)labels + 1), sizeof *chunk->truths);
	chunk->numbers = calloc(CHUNK_ROWS * 2 * (size_t)labels, sizeof *chunk->numbers);
	for (size_t i = 0; chunk->numbers && i < CHUNK_ROWS; i++) {
		chunk->scores[i].logits = chunk->numbers + 2 * i * (size_t)labels;
		chunk->scores[i].scores = chunk->scores[i].logits + labels;
	}
	return chunk->truths && chunk->numbers;
}

static void chunk_empty(struct chunk *chunk)
{
	for (size_t i = 0; i < chunk->count; i++)
		free(chunk->texts[i]);
	chunk->count = chunk->bytes = 0;
}

/* The size that takes about CHUNK_SECONDS. */
static void chunk_adapt(struct chunk *chunk, double seconds)
{
	if (seconds < CHUNK_SECONDS / 2 && chunk->wanted < CHUNK_BYTES_MAX)
		chunk->wanted *= 2;
	else if (seconds > CHUNK_SECONDS && chunk->wanted > CHUNK_BYTES / 8)
		chunk->wanted /= 2;
}

static bool chunk_score(struct prophet *prophet, const struct progress *progress, struct error *error)
{
	struct chunk *chunk = &prophet->chunk;
	const double start = clock_seconds();

	if (chunk->count == 0)
		return true;
	if (!live_scorer_score(prophet->lent->scorer, chunk->spans, chunk->count, chunk->scores, progress, error))
		return false;
	for (size_t i = 0; i < chunk->count; i++) {
		const struct prediction prediction = predict(prophet, &chunk->scores[i], chunk->truths + i * (size_t)prophet->labels,
		                                             chunk->truth_counts[i], is_judged(prophet, chunk->truth_counts[i]));

		table_put(prophet->table, chunk->rows[i], &prediction);
		if (prophet->cache)
			prediction_cache_put(prophet->cache, chunk->keys[i], &prediction);
	}
	chunk_adapt(chunk, clock_seconds() - start);
	chunk_empty(chunk);
	return true;
}

static bool chunk_add(struct prophet *prophet, uint64_t row, struct span text, struct prediction_key key, size_t truths,
                      struct error *error)
{
	struct chunk *chunk = &prophet->chunk;
	char *copy = malloc(text.size + 1);

	if (!copy)
		return error_memory(error, "predicting");
	if (text.size > 0)
		memcpy(copy, text.data, text.size);
	chunk->rows[chunk->count] = row;
	chunk->keys[chunk->count] = key;
	chunk->texts[chunk->count] = copy;
	chunk->spans[chunk->count] = (struct span){copy, text.size};
	chunk->truth_counts[chunk->count] = truths;
	chunk->count++;
	chunk->bytes += text.size + 16;
	return true;
}

/* The job */

/* From the cache, or into the chunk. */
static bool prophet_row(struct prophet *prophet, uint64_t index, struct error *error)
{
	static const struct prediction unusable = {.label = -1};
	struct chunk *chunk = &prophet->chunk;
	int32_t *truths = chunk->truths + chunk->count * (size_t)prophet->labels;
	struct row *row = prophet->row;
	struct prediction_key key;
	struct prediction known;
	size_t count;
	bool judged;

	const bool before = prophet->before && index < prophet->before_rows;

	if (before && !prophet->changed && prediction_table_row(prophet->before, index, &known) == PREDICTION_KNOWN) {
		table_put(prophet->table, index, &known);
		return true;
	}
	if (!dataset_read(prophet->source->dataset, index, row, error))
		return false;
	if (row->status != ROW_OK && row->status != ROW_NO_LABEL) {
		table_put(prophet->table, index, &unusable);
		return true;
	}
	if (before && prophet->changed && !span_equal(row->text, (struct span){prophet->changed, prophet->changed_size}) &&
	    prediction_table_row(prophet->before, index, &known) == PREDICTION_KNOWN) {
		table_put(prophet->table, index, &known);
		return true;
	}
	judged = find_truths(prophet, row, truths, &count);
	key = prediction_key_of(row->text, truths, count);
	if (!prophet->cache || !prediction_cache_find(prophet->cache, key, &known) ||
	    (known.verdict != VERDICT_NONE) != judged)
		return chunk_add(prophet, index, row->text, key, count, error);
	table_put(prophet->table, index, &known);
	return true;
}

static void prophet_save(struct prophet *prophet)
{
	struct error ignored = {0};

	if (prophet->cache && !atomic_load(&prophet->table->only_reads))
		prediction_cache_save(prophet->cache, &ignored); /* what cannot be written is computed again */
	prophet->saved = clock_seconds();
}

static bool prophet_rows(struct prophet *prophet, const struct progress *progress, struct error *error)
{
	struct prediction_table *table = prophet->table;
	const struct chunk *chunk = &prophet->chunk;

	for (uint64_t i = 0; i < table->rows; i++) {
		if (!prophet_row(prophet, i, error))
			return false;
		if (chunk->count > 0 && chunk->count < CHUNK_ROWS && chunk->bytes < chunk->wanted && i + 1 < table->rows)
			continue;
		if (!chunk_score(prophet, progress, error))
			return false;
		atomic_store(&table->done, i + 1);
		if (!progress_report(progress, "predicting", i + 1, table->rows))
			return true;
		if (clock_seconds() - prophet->saved > SAVE_SECONDS)
			prophet_save(prophet);
	}
	return true;
}

/* A model that differs in nothing but weights that no probe touches has other files. */
static bool prophet_open_cache(struct prophet *prophet, const struct progress *progress, struct error *error)
{
	static const char *const probes[] = {"good", "a bad film", "I would not come again, and the waitress was rude."};
	const size_t count = sizeof probes / sizeof *probes;
	char folder[4096], id[65];

	if (!prophet->remember || !prediction_cache_folder(folder, sizeof folder) || !*model_folder(prophet->lent->model))
		return true;
	for (size_t i = 0; i < count; i++)
		prophet->chunk.spans[i] = span_of(probes[i]);
	if (!live_scorer_score(prophet->lent->scorer, prophet->chunk.spans, count, prophet->chunk.scores, progress, error))
		return false;
	if (!prediction_model_id(model_folder(prophet->lent->model), prophet->chunk.numbers, count * 2 * (size_t)prophet->labels, id,
	                         progress, error)) {
		*error = (struct error){0}; /* the folder has gone: the model that is in memory still predicts */
		return true;
	}
	prophet->cache = prediction_cache_open(folder, id, prophet->labels, error);
	return prophet->cache;
}

static bool prophet_work(void *context, const struct progress *progress, struct error *error)
{
	struct prophet *prophet = context;
	bool good;

	prophet->row = row_new(error);
	good = prophet->row && (chunk_init(&prophet->chunk, prophet->labels) || error_memory(error, "predicting")) &&
	       prophet_open_cache(prophet, progress, error);
	prophet->saved = clock_seconds();
	good = good && prophet_rows(prophet, progress, error);
	prophet_save(prophet);
	atomic_store(&prophet->table->ended, true);
	return good;
}

static void prophet_free(void *context)
{
	struct prophet *prophet = context;

	atomic_store(&prophet->table->ended, true);
	chunk_empty(&prophet->chunk);
	free(prophet->chunk.truths);
	free(prophet->chunk.numbers);
	prediction_cache_free(prophet->cache);
	row_free(prophet->row);
	prediction_table_drop(prophet->table);
	prediction_table_drop(prophet->before);
	free(prophet->changed);
	lent_model_drop(prophet->lent);
	source_end_reading(prophet->source);
	free(prophet);
}

/* The UI thread's side */

void review_predictions_init(struct review_predictions *predictions, struct jobs *jobs, bool remember)
{
	*predictions = (struct review_predictions){.jobs = jobs, .remember = remember};
}

static void predictions_forget_before(struct review_predictions *predictions)
{
	prediction_table_drop(predictions->before);
	free(predictions->changed);
	predictions->before = NULL;
	predictions->changed = NULL;
}

static void predictions_forget(struct review_predictions *predictions)
{
	job_let_go(&predictions->job);
	predictions_forget_before(predictions);
	prediction_table_drop(predictions->table);
	lent_model_drop(predictions->lent);
	predictions->table = NULL;
	predictions->lent = NULL;
}

void review_predictions_write(struct review_predictions *predictions, bool write)
{
	predictions->only_reads = !write;
	if (predictions->table)
		atomic_store(&predictions->table->only_reads, !write);
}

void review_predictions_free(struct review_predictions *predictions)
{
	predictions_forget(predictions);
}

/* Whether some label of the file is none of the model's. */
static bool labels_differ(const struct session *session)
{
	const struct survey *survey = &session->survey;

	if (dataset_label_column(session->dataset) < 0 || !session->survey_ready)
		return false;
	for (int i = 0; i < survey->label_count; i++) {
		if (label_match(session->scoring.model, span_of(survey->labels[i].name)) < 0)
			return true;
	}
	return survey->too_many_labels;
}

static struct job *predictions_start(struct review_predictions *predictions, struct session *session, struct error *error)
{
	static const struct job_kind predicting = {"predicting", prophet_work, prophet_free};
	struct prophet *prophet = calloc(1, sizeof *prophet);

	if (!prophet) {
		error_memory(error, predicting.name);
		return NULL;
	}
	prophet->source = source_begin_reading(session->source);
	prophet->lent = lent_model_hold(predictions->lent);
	prophet->table = prediction_table_hold(predictions->table);
	atomic_store(&prophet->table->only_reads, predictions->only_reads);
	prophet->before = predictions->before;
	prophet->before_rows = predictions->before_rows;
	prophet->changed = predictions->changed;
	prophet->changed_size = predictions->changed_size;
	predictions->before = NULL;
	predictions->changed = NULL;
	prophet->labels = model_config(prophet->lent->model)->num_labels;
	prophet->judge = dataset_label_column(session->dataset) >= 0 && session->survey_ready && !predictions->labels_differ;
	prophet->remember = predictions->remember;
	return job_start(predictions->jobs, &predicting, prophet, error);
}

/* Everything is there, and nothing is going to change. */
static bool predictions_can_start(const struct review_predictions *predictions, const struct session *session)
{
	bool complete = false;

	if (session->dataset)
		dataset_rows(session->dataset, &complete);
	return complete && !predictions->halted && session->scoring.scorer && !session_is_training(session) &&
	       !session->columns_wait && dataset_text_column(session->dataset) >= 0 &&
	       (session->survey_ready || session->survey_given_up || session->survey_error.kind);
}

static bool predictions_are_current(const struct review_predictions *predictions, const struct session *session)
{
	return predictions->dataset_generation == session->dataset_generation &&
	       predictions->model_generation == session->scoring.model_generation;
}

/* The file has rows that the table has no place for, and all of them are counted. */
static bool predictions_are_short(const struct review_predictions *predictions, const struct session *session)
{
	return predictions->table && !predictions->job && !predictions->halted &&
	       predictions->growths != session->growth.growths && !session->growth.stale && !session->survey_job &&
	       predictions_can_start(predictions, session);
}

/* Makes room for them; what is known of the others stays, unless it was judged by other labels. */
static void predictions_make_room(struct review_predictions *predictions, const struct session *session)
{
	struct prediction_table *before = prediction_table_hold(predictions->table);
	const uint64_t settled = predictions->settled;

	predictions_forget(predictions);
	if (labels_differ(session) != predictions->labels_differ) {
		prediction_table_drop(before);
		return;
	}
	predictions->before = before;
	predictions->before_rows = settled;
}

bool review_predictions_update(struct review_predictions *predictions, struct session *session, struct error *error)
{
	bool complete;

	if (!predictions_are_current(predictions, session))
		predictions_forget(predictions);
	if (job_finished(predictions->job)) {
		const struct error *failed = job_error(predictions->job);

		if (failed)
			*error = *failed;
		job_let_go(&predictions->job);
		return !failed;
	}
	if (session_is_training(session) && predictions->job)
		predictions_forget(predictions);
	if (predictions_are_short(predictions, session))
		predictions_make_room(predictions, session);
	if (predictions->table || !predictions_can_start(predictions, session))
		return true;
	predictions->growths = session->growth.growths;
	predictions->settled = dataset_settled_rows(session->dataset);
	predictions->dataset_generation = session->dataset_generation;
	predictions->model_generation = session->scoring.model_generation;
	predictions->labels_differ = labels_differ(session);
	predictions->lent = lent_model_hold(session->scoring.lent);
	predictions->table = table_new(dataset_rows(session->dataset, &complete), error);
	if (predictions->table)
		predictions->job = predictions_start(predictions, session, error);
	predictions->halted = !predictions->job;
	return predictions->job;
}

void review_predictions_changed(struct review_predictions *predictions, struct span text)
{
	struct prediction_table *before = prediction_table_hold(predictions->table);
	char *copy = malloc(text.size + 1);

	predictions_forget(predictions);
	if (!before || !copy || predictions->halted) {
		prediction_table_drop(before);
		free(copy);
		return;
	}
	if (text.size > 0)
		memcpy(copy, text.data, text.size);
	predictions->before = before;
	predictions->before_rows = before->rows;
	predictions->changed = copy;
	predictions->changed_size = text.size;
}

void review_predictions_halt(struct review_predictions *predictions, bool halt)
{
	predictions->halted = halt;
	if (predictions->job || !halt)
		job_let_go(&predictions->job);
	if (!halt)
		predictions_forget(predictions);
}

bool review_predictions_is_busy(const struct review_predictions *predictions)
{
	return job_is_working(predictions->job);
}

struct prediction_counts review_predictions_counts(const struct review_predictions *predictions)
{
	const struct prediction_table *table = predictions->table;

	if (!table)
		return (struct prediction_counts){0};
	return (struct prediction_counts){table->rows, atomic_load(&table->done), atomic_load(&table->predicted),
	                                  atomic_load(&table->judged), atomic_load(&table->errors)};
}

bool review_predictions_row(const struct review_predictions *predictions, uint64_t row, struct prediction *out)
{
	return predictions->table && prediction_table_row(predictions->table, row, out) == PREDICTION_KNOWN;
}
