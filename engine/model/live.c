/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Scoring while somebody types: one thread, one place for a text that waits, one for a result. Who posts
 * never waits for a score; who types faster than the model computes sees the newest text scored. Other threads may have
 * many texts scored in between, a batch at a time. */
#include "engine/model/inside.h"

#include "engine/attribution.h"
#include "engine/base/size.h"
#include "engine/clock.h"
#include "engine/model/network.h"
#include "engine/thread.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define REST_SECONDS 0.35      /* without a new text until gradients are integrated */
#define OCCLUSION_PASSES 64    /* copies of a text, so that a long one is no slower by its words too */

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

/* The text whose words are to be weighed, and how far that is. */
struct explaining {
	enum { EXPLAIN_NOTHING, EXPLAIN_OCCLUSION, EXPLAIN_GRADIENTS } stage; /* what comes next */
	struct text text;
	int32_t label;
	uint64_t generation;
	struct timespec rest; /* when gradients may begin */
	bool ready;           /* `done` was not taken yet */
	struct live_attribution done;
	struct text working;  /* this and the rest: the thread's own */
	struct attribution_request working_request;
	uint64_t working_generation;
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
	struct explaining explaining;

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

/* Whoever waits for the text gets an answer also when it could not be scored. */
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

/* Whether gradients may begin; until then the thread waits for as long, or for something else to do. */
static bool has_rested(struct live_scorer *scorer)
{
	struct timespec now;

	if (scorer->explaining.stage != EXPLAIN_GRADIENTS)
		return true;
	clock_gettime(CLOCK_MONOTONIC, &now);
	if (now.tv_sec > scorer->explaining.rest.tv_sec ||
	    (now.tv_sec == scorer->explaining.rest.tv_sec && now.tv_nsec >= scorer->explaining.rest.tv_nsec))
		return true;
	pthread_cond_timedwait(&scorer->changed, &scorer->lock, &scorer->explaining.rest);
	return false;
}

enum work { WORK_END, WORK_TEXT, WORK_WORDS };

/* Under the lock: waits until the model is free and something is to be done with it. */
static enum work wait_for_work(struct live_scorer *scorer)
{
	for (;;) {
		if (scorer->stopping)
			return WORK_END;
		if (scorer->busy || (!scorer->waiting && scorer->explaining.stage == EXPLAIN_NOTHING))
			pthread_cond_wait(&scorer->changed, &scorer->lock);
		else if (scorer->waiting)
			return WORK_TEXT;
		else if (has_rested(scorer))
			return WORK_WORDS;
	}
}

static bool text_set(struct text *text, struct span from);

/* A network's words are masked first; gradients follow where there is one sequence. */
static struct attribution_request request_of(const struct explaining *explaining)
{
	return (struct attribution_request){
		.method = explaining->stage == EXPLAIN_GRADIENTS ? ATTRIBUTION_GRADIENTS : ATTRIBUTION_OCCLUSION,
		.label = explaining->label, .passes = OCCLUSION_PASSES,
	};
}

/* Takes what is to be done: of a text it is moved to working_text. */
static enum work next_work(struct live_scorer *scorer)
{
	struct explaining *explaining = &scorer->explaining;
	struct text text;
	enum work work;

	pthread_mutex_lock(&scorer->lock);
	work = wait_for_work(scorer);
	if (work == WORK_TEXT) {
		text = scorer->working_text;
		scorer->working_text = scorer->next;
		scorer->next = text;
		scorer->working.result.generation = scorer->next_generation;
		scorer->waiting = false;
	} else if (work == WORK_WORDS) {
		explaining->working_generation = explaining->generation;
		explaining->working_request = request_of(explaining);
		if (!text_set(&explaining->working, (struct span){explaining->text.data, explaining->text.size}))
			explaining->stage = EXPLAIN_NOTHING;
	}
	scorer->busy = work != WORK_END;
	pthread_mutex_unlock(&scorer->lock);
	return work;
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

static void score_text(struct live_scorer *scorer)
{
	const struct progress progress = {live_goes_on, scorer};
	struct error error = {0};
	struct live_result *result = &scorer->working.result;
	struct span text = {scorer->working_text.data, scorer->working_text.size};
	double start = clock_seconds();
	const bool good = model_score(scorer->model, &text, 1, 0, &result->score, &progress, &error);

	give_model_back(scorer);
	if (!good) {
		if (error.kind == ERROR_INTERRUPTED)
			return;
		outcome_clear(&scorer->working, scorer->model->config.num_labels);
	}
	result->error = error;
	result->tokens_whole = result->score.truncated ? tokenizer_count(scorer->model->tokenizer, text)
	                                               : result->score.tokens_read;
	result->seconds = clock_seconds() - start;
	pthread_mutex_lock(&scorer->lock);
	swap_outcomes(&scorer->working, &scorer->done);
	scorer->ready = true;
	pthread_mutex_unlock(&scorer->lock);
	wake_signal(scorer->wake);
}

/* The weights of words are no longer wanted, or a text is, which goes first. */
static bool words_go_on(void *context, const char *what, uint64_t done, uint64_t total)
{
	struct live_scorer *scorer = context;
	bool wanted;

	(void)what;
	(void)done;
	(void)total;
	pthread_mutex_lock(&scorer->lock);
	wanted = !scorer->waiting && !scorer->stopping &&
	         scorer->explaining.generation == scorer->explaining.working_generation;
	pthread_mutex_unlock(&scorer->lock);
	return wanted;
}

/* Under the lock: what was found out is kept for who takes it, and the next stage begins. */
static void keep_words(struct live_scorer *scorer, struct live_attribution *found, bool good)
{
	struct explaining *explaining = &scorer->explaining;

	found->failed = !good;
	found->more = good && explaining->stage == EXPLAIN_OCCLUSION && !scorer->model->kind && found->attribution.word_count > 0;
	if (!good)
		attribution_free(&found->attribution);
	explaining->stage = found->more ? EXPLAIN_GRADIENTS : EXPLAIN_NOTHING;
	if (explaining->ready && !good) /* nobody has seen yet what was found before */
		found->attribution = explaining->done.attribution;
	else
		attribution_free(&explaining->done.attribution);
	found->failed = found->failed && !(explaining->ready && found->attribution.parts);
	explaining->done = *found;
	explaining->ready = true;
}

static void weigh_words(struct live_scorer *scorer)
{
	struct explaining *explaining = &scorer->explaining;
	const struct progress progress = {words_go_on, scorer};
	struct live_attribution found = {.generation = explaining->working_generation};
	struct error error = {0};
	const double start = clock_seconds();
	const bool good = model_attribute(scorer->model, (struct span){explaining->working.data, explaining->working.size},
	                            &explaining->working_request,
	                            &found.attribution, &progress, &error);
	bool kept;

	found.seconds = clock_seconds() - start;
	give_model_back(scorer);
	pthread_mutex_lock(&scorer->lock);
	kept = (good || error.kind != ERROR_INTERRUPTED) && explaining->generation == explaining->working_generation;
	if (kept)
		keep_words(scorer, &found, good);
	pthread_mutex_unlock(&scorer->lock);
	if (kept)
		wake_signal(scorer->wake);
	else
		attribution_free(&found.attribution);
}

static void *live_run(void *context)
{
	struct live_scorer *scorer = context;
	enum work work;

	while ((work = next_work(scorer)) != WORK_END) {
		if (work == WORK_TEXT)
			score_text(scorer);
		else
			weigh_words(scorer);
	}
	return NULL;
}

static void live_free_memory(struct live_scorer *scorer)
{
	outcome_free(&scorer->done);
	outcome_free(&scorer->working);
	outcome_free(&scorer->taken);
	attribution_free(&scorer->explaining.done.attribution);
	free(scorer->explaining.text.data);
	free(scorer->explaining.working.data);
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

/* Waits by a clock that nobody sets. */
static void init_condition(pthread_cond_t *condition)
{
	pthread_condattr_t attributes;

	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(condition, &attributes);
	pthread_condattr_destroy(&attributes);
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
	init_condition(&scorer->changed);
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
	while (scorer->busy ||
	       ((scorer->waiting || scorer->explaining.stage == EXPLAIN_OCCLUSION) && !scorer->stopping))
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

bool live_scorer_explain(struct live_scorer *scorer, struct span text, int32_t label, uint64_t generation)
{
	struct explaining *explaining = &scorer->explaining;
	bool posted;

	pthread_mutex_lock(&scorer->lock);
	posted = text_set(&explaining->text, text);
	explaining->label = label;
	explaining->generation = generation;
	explaining->ready = false;
	explaining->stage = posted && text.size > 0 ? EXPLAIN_OCCLUSION : EXPLAIN_NOTHING;
	clock_gettime(CLOCK_MONOTONIC, &explaining->rest);
	explaining->rest.tv_nsec += (long)(REST_SECONDS * 1e9);
	if (explaining->rest.tv_nsec >= 1000000000) {
		explaining->rest.tv_nsec -= 1000000000;
		explaining->rest.tv_sec++;
	}
	pthread_cond_broadcast(&scorer->changed);
	pthread_mutex_unlock(&scorer->lock);
	return posted;
}

bool live_scorer_take_attribution(struct live_scorer *scorer, struct live_attribution *taken)
{
	struct explaining *explaining = &scorer->explaining;
	bool ready;

	pthread_mutex_lock(&scorer->lock);
	ready = explaining->ready;
	if (ready) {
		*taken = explaining->done;
		explaining->done.attribution = (struct attribution){0};
		explaining->ready = false;
	}
	pthread_mutex_unlock(&scorer->lock);
	return ready;
}
