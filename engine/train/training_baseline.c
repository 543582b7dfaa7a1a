/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/train/training_baseline.h"

#include "engine/base/json.h"
#include "engine/baseline.h"
#include "engine/clock.h"
#include "engine/train/baseline/baseline_fit.h"
#include "engine/train/baseline/baseline_words.h"

#include <stdlib.h>

static int32_t bits_of(int32_t buckets)
{
	int32_t bits = 0;

	while (1 << bits < buckets)
		bits++;
	return bits;
}

/* As many buckets as `revue baseline` takes, but of little text no more than it can fill. */
static struct ngram_shape shape_for(const struct ngram_rows *rows)
{
	struct ngram_shape shape = {.words = rows->shape.words, .bits = NGRAM_BITS_MIN};
	uint64_t cells = rows->starts[rows->count];

	while (shape.bits < bits_of(BASELINE_BUCKETS) && UINT64_C(1) << shape.bits < 4 * cells)
		shape.bits++;
	return shape;
}

/* A model of the labels that are trained. */
static struct model *new_model(const struct training *training, const struct ngram_shape *shape, struct error *error)
{
	const struct model_config *config = model_config(training->model);
	const char *names[TRAINING_BASELINE_LABELS];

	for (int32_t i = 0; i < config->num_labels; i++)
		names[i] = model_label(training->model, i);
	return ngram_new(shape, names, config->num_labels, config->independent_labels, error);
}

static bool fold(struct training_ngrams *ngrams, int32_t bits, struct error *error)
{
	struct ngram_seen *seen = ngram_seen_new(&ngrams->to_train, UINT64_C(1) << bits, error);
	bool done = seen && ngram_rows_fold(&ngrams->to_train, bits, seen, error) &&
	            ngram_rows_fold(&ngrams->held_out, bits, NULL, error);

	ngram_seen_free(seen);
	return done;
}

static bool measure(struct training *training, struct model *model, struct error *error)
{
	struct training_ngrams *ngrams = &training->ngrams;
	struct metrics metrics = {0};
	bool sets = model_config(model)->independent_labels;
	bool done = (sets ? metrics_init_sets : metrics_init)(&metrics, model_config(model)->num_labels, error) &&
	            baseline_measure(model, &ngrams->held_out, training->held_out.sets, &metrics, error);
	const struct metric_figures figures = done ? metrics_figures(&metrics) : (struct metric_figures){0};

	ngrams->figures = (struct training_baseline){.accuracy = figures.accuracy, .f1 = figures.f1, .loss = figures.loss,
	                                             .training = ngrams->to_train.count, .held_out = ngrams->held_out.count};
	metrics_free(&metrics);
	return done;
}

/* The words, for run.json */

static json_t *make_words(const struct baseline_word *words, int32_t shown)
{
	json_t *list = json_array();
	bool done = list != NULL;

	for (int32_t i = 0; done && i < shown && words[i].text; i++)
		done = json_array_append_new(list, json_pack("{s:s, s:f, s:I, s:f}", "text", words[i].text, "weight", words[i].weight,
		                                             "rows", (json_int_t)words[i].rows, "share", words[i].share)) == 0;
	return json_complete(list, done);
}

static json_t *make_labels(const struct baseline *baseline)
{
	const int32_t shown = baseline->shown;
	json_t *list = json_array();
	bool done = list != NULL;

	for (int32_t i = 0; done && i < model_config(baseline->model)->num_labels; i++)
		done = json_array_append_new(list, json_pack("{s:s, s:o}", "label", model_label(baseline->model, i), "words",
		                                             make_words(baseline->words + (size_t)i * (size_t)shown, shown))) == 0;
	return json_complete(list, done);
}

/* Where the texts cannot be read again there are no words, but the figures count. */
static void keep_words(struct training_ngrams *ngrams, struct model *model, struct dataset *dataset)
{
	struct baseline baseline = {.model = model, .shown = TRAINING_BASELINE_SHOWN};
	struct error why = {0};

	if (baseline_find_words(&baseline, &ngrams->to_train, dataset, TRAINING_BASELINE_READ, &why))
		ngrams->labels = make_labels(&baseline);
	baseline_free_words(&baseline);
}

static bool fit(struct training *training, struct dataset *dataset, struct error *error)
{
	struct training_ngrams *ngrams = &training->ngrams;
	const struct ngram_shape shape = shape_for(&ngrams->to_train);
	const struct baseline_fit_request request = {.rows = &ngrams->to_train, .sets = training->to_train.sets, .c = BASELINE_C,
	                                             .tolerance = BASELINE_TOLERANCE,
	                                             .pool = model_backend(training->model)->pool};
	struct baseline_fit came;
	struct model *model = new_model(training, &shape, error);
	bool done = model && fold(ngrams, shape.bits, error) &&
	            baseline_fit(model, &request, &came, &training->progress, error) && measure(training, model, error);

	if (done)
		keep_words(ngrams, model, dataset);
	model_close(model);
	return done;
}

bool training_fit_baseline(struct training *training, struct dataset *dataset, struct error *error)
{
	struct training_ngrams *ngrams = &training->ngrams;
	double start = clock_seconds();
	struct error why = {0};
	bool done = true;

	if (ngrams->wanted && ngrams->to_train.count > 0 && ngrams->held_out.count > 0) {
		training_set_phase(training, TRAINER_PREPARING, "fitting a baseline", 0, 0);
		ngrams->there = fit(training, dataset, &why);
		ngrams->figures.seconds = clock_seconds() - start;
		done = why.kind != ERROR_INTERRUPTED;
		if (!done && error)
			*error = why;
	}
	ngram_rows_free(&ngrams->to_train);
	ngram_rows_free(&ngrams->held_out);
	return done;
}
