/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Scoring while somebody types: one thread, one place for a text that waits, one for a result. Who posts
 * never waits for a score; who types faster than the model computes sees the newest text scored. Other threads may have
 * many texts scored in between, a batch at a time. */
#include "engine/model/inside.h"

#include "engine/base/size.h"
#include "engine/clock.h"
#include "engine/model/network.h"
#include "engine/thread.h"

#include <stdlib.h>
#include <string.h>

/* Text that grows with what is typed. */
struct text {
	char *data;
	size_t size, capacity;
};

/* A result with the arrays that its score points to. */
struct outcome {
	struct live_result result;
	float *logits, *scores; /* [labels] */
};

struct live_scorer {
	struct model *model;
	struct wake *wake;
	pthread_t thread;
	pthread_mutex_t lock; /* guards what follows */
	pthread_cond_t changed;
	bool stopping, waiting, ready; /* waiting: `next` is to be scored; ready: `done` was not taken yet */
	bool busy; /* some thread has the model */
	struct text next;
	uint64_t next_generation;
	struct outcome done;

	struct text working_text;  /* the thread's own */
	struct outcome working;
	struct outcome taken;      /* the taker's own */
};

static void swap_outcomes(struct outcome *a, struct outcome *b)
{
	struct outcome c = *a;

	*a = *b;
	*b = c;
}

static bool outcome_init(struct outcome *outcome, int32_t labels)
{
	outcome->logits = size_calloc((size_t)labels, sizeof *outcome->logits);
	outcome->scores = size_calloc((size_t)labels, sizeof *outcome->scores);
	outcome->result.score.logits = outcome->logits;
	outcome->result.score.scores = outcome->scores;
	return outcome->logits && outcome->scores;
}

/* Whoever waits for the text gets an answer also when memory was short. */
static void outcome_clear(struct outcome *outcome, int32_t labels)
{
	memset(outcome->logits, 0, (size_t)labels * sizeof *outcome->logits);
	memset(outcome->scores, 0, (size_t)labels * sizeof *outcome->scores);
	outcome->result.score = (struct score){.label = -1, .logits = outcome->logits, .scores = outcome->scores};
}

static void outcome_free(struct outcome *outcome)
{
	free(outcome->logits);
	free(outcome->scores);
}

/* Waits for a text and moves it to working_text; false: it is time to end. */
static bool next_text(struct live_scorer *scorer)
{
	struct text text;

	pthread_mutex_lock(&scorer->lock);
	while ((!scorer->waiting || scorer->busy) && !scorer->stopping)
		pthread_cond_wait(&scorer->changed, &scorer->lock);
	if (scorer->stopping) {
		pthread_mutex_unlock(&scorer->lock);
		return false;
	}
	text = scorer->working_text;
	scorer->working_text = scorer->next;
	scorer->next = text;
	scorer->working.result.generation = scorer->next_generation;
	scorer->waiting = false;
	scorer->busy = true;
	pthread_mutex_unlock(&scorer->lock);
	return true;
}

static void give_model_back(struct live_scorer *scorer)
{
	pthread_mutex_lock(&scorer->lock);
	scorer->busy = false;
	pthread_cond_broadcast(&scorer->changed);
	pthread_mutex_unlock(&scorer->lock);
}

/* Between two batches of a long text: a newer one, or the end, does not wait for the rest. What is complete is kept. */
static bool live_goes_on(void *context, const char *what, uint64_t done, uint64_t total)
{
	struct live_scorer *scorer = context;
	bool wanted;

	(void)what;
	pthread_mutex_lock(&scorer->lock);
	wanted = done == total || (!scorer->waiting && !scorer->stopping);
	pthread_mutex_unlock(&scorer->lock);
	return wanted;
}

static void *live_run(void *context)
{
	struct live_scorer *scorer = context;
	const struct progress progress = {live_goes_on, scorer};

	while (next_text(scorer)) {
		struct error error = {0};
		struct live_result *result = &scorer->working.result;
		struct span text = {scorer->working_text.data, scorer->working_text.size};
		double start = clock_seconds();
		const bool good = model_score(scorer->model, &text, 1, 0, &result->score, &progress, &error);

		give_model_back(scorer);
		if (!good) {
			if (error.kind == ERROR_INTERRUPTED)
				continue;
			outcome_clear(&scorer->working, scorer->model->config.num_labels);
		}
		result->tokens_whole = result->score.truncated ? tokenizer_count(scorer->model->tokenizer, text)
		                                               : result->score.tokens_read;
		result->seconds = clock_seconds() - start;
		pthread_mutex_lock(&scorer->lock);
		swap_outcomes(&scorer->working, &scorer->done);
		scorer->ready = true;
		pthread_mutex_unlock(&scorer->lock);
		wake_signal(scorer->wake);
	}
	return NULL;
}

static void live_free_memory(struct live_scorer *scorer)
{
	outcome_free(&scorer->done);
	outcome_free(&scorer->working);
	outcome_free(&scorer->taken);
	free(scorer->next.data);
	free(scorer->working_text.data);
	pthread_cond_destroy(&scorer->changed);
	pthread_mutex_destroy(&scorer->lock);
	free(scorer);
}

/* Takes the memory of the network that a text may need; the rest is little. */
static bool live_prepare(struct live_scorer *scorer, struct error *error)
{
	struct model *model = scorer->model;
	int32_t labels = model->config.num_labels;

	RETURN_IF(labels == 0, error, ERROR_DATA,
	          "%s has no trained classification head: train it first with revue train", model->folder);
	if (!outcome_init(&scorer->done, labels) || !outcome_init(&scorer->working, labels) ||
	    !outcome_init(&scorer->taken, labels))
		return error_memory(error, "scoring");
	return model_score_reserve(model, error);
}

struct live_scorer *live_scorer_new(struct model *model, struct wake *wake, struct error *error)
{
	struct live_scorer *scorer = size_calloc(1, sizeof *scorer);

	if (!scorer) {
		error_memory(error, "scoring");
		return NULL;
	}
	scorer->model = model;
	scorer->wake = wake;
	pthread_mutex_init(&scorer->lock, NULL);
	pthread_cond_init(&scorer->changed, NULL);
	if (live_prepare(scorer, error) && thread_start(&scorer->thread, live_run, scorer, "scoring", error))
		return scorer;
	live_free_memory(scorer);
	return NULL;
}

void live_scorer_free(struct live_scorer *scorer)
{
	if (!scorer)
		return;
	pthread_mutex_lock(&scorer->lock);
	scorer->stopping = true;
	pthread_cond_broadcast(&scorer->changed);
	pthread_mutex_unlock(&scorer->lock);
	pthread_join(scorer->thread, NULL);
	live_free_memory(scorer);
}

bool live_scorer_score(struct live_scorer *scorer, const struct span *texts, size_t count, struct score *scores,
                       const struct progress *progress, struct error *error)
{
	bool good;

	pthread_mutex_lock(&scorer->lock);
	while (scorer->busy || (scorer->waiting && !scorer->stopping))
		pthread_cond_wait(&scorer->changed, &scorer->lock);
	scorer->busy = true;
	pthread_mutex_unlock(&scorer->lock);
	good = model_score(scorer->model, texts, count, 0, scores, progress, error);
	give_model_back(scorer);
	return good;
}

/* False: no memory; the text before stays. */
static bool text_set(struct text *text, struct span from)
{
	if (from.size > text->capacity || !text->data) {
		char *data = size_realloc(text->data, from.size + 1, 2);

		if (!data)
			return false;
		text->data = data;
		text->capacity = from.size * 2 + 2;
	}
	if (from.size)
		memcpy(text->data, from.data, from.size);
	text->size = from.size;
	return true;
}

bool live_scorer_post(struct live_scorer *scorer, struct span text, uint64_t generation)
{
	bool posted;

	pthread_mutex_lock(&scorer->lock);
	posted = text_set(&scorer->next, text);
	if (posted) {
		scorer->next_generation = generation;
		scorer->waiting = true;
		pthread_cond_broadcast(&scorer->changed);
	}
	pthread_mutex_unlock(&scorer->lock);
	return posted;
}

bool live_scorer_take(struct live_scorer *scorer, struct live_result *result)
{
	bool ready;

	pthread_mutex_lock(&scorer->lock);
	ready = scorer->ready;
	if (ready) {
		swap_outcomes(&scorer->done, &scorer->taken);
		scorer->ready = false;
	}
	pthread_mutex_unlock(&scorer->lock);
	if (ready)
		*result = scorer->taken.result;
	return ready;
}
