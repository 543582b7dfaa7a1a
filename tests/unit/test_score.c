/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * engine/model.h: scoring many texts, and one while somebody types. */
#include "tests/unit/numeric.h"

#include "engine/model/inside.h"

#include <poll.h>
#include <stdatomic.h>
#include <unistd.h>

enum { VOCAB = 60, LABELS = 3, TEXTS = 700, POSITIONS = 40 };

/* The linker sends the engine's calls here (--wrap). */
void *__real_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size);
static atomic_bool no_memory;

void *__wrap_calloc(size_t count, size_t size)
{
	return atomic_load(&no_memory) ? NULL : __real_calloc(count, size);
}

/* With what revue keeps of its own of a model, and one of these kinds of labels. */
static struct model *scoring_model_with(const struct model_own *own, int32_t labels, bool independent)
{
	struct model_config config = {
		.architecture = &architecture_distilbert,
		.vocab_size = VOCAB,
		.hidden_size = 32,
		.num_hidden_layers = 2,
		.num_attention_heads = 2,
		.intermediate_size = 48,
		.max_position_embeddings = POSITIONS,
		.hidden_act = ACTIVATION_GELU,
		.layer_norm_eps = 1e-12f,
		.initializer_range = 0.02f,
		.num_labels = labels,
	};
	struct model *model = numeric_model(&config);

	model->config.own = *own;
	model->config.independent_labels = independent;
	return model;
}

static struct model *scoring_model(void)
{
	return scoring_model_with(&(struct model_own){0}, LABELS, false);
}

/* Texts of 0 to 49 words of the vocabulary, in a row. */
struct texts {
	char data[TEXTS][256];
	struct span spans[TEXTS];
	struct score scores[TEXTS];
	float logits[TEXTS][LABELS], softmax[TEXTS][LABELS];
};

static struct texts *make_texts(void)
{
	struct texts *texts = calloc(1, sizeof *texts);

	assert_non_null(texts);
	for (uint32_t i = 0; i < TEXTS; i++) {
		size_t size = 0;

		for (uint32_t w = 0; w < numeric_mix(i) % 50; w++)
			size += (size_t)snprintf(texts->data[i] + size, 256 - size, "w%u ", 5 + numeric_mix(i * 64 + w) % (VOCAB - 5));
		texts->spans[i] = (struct span){texts->data[i], size};
		texts->scores[i].logits = texts->logits[i];
		texts->scores[i].scores = texts->softmax[i];
	}
	return texts;
}

static void scores_do_not_depend_on_how_texts_are_batched(void **state)
{
	struct error error = {0};
	struct model *model = scoring_model();
	struct texts *together = make_texts(), *alone = make_texts();
	bool exact = model_backend(model)->ops->rows_alone;

	(void)state;
	assert_true(model_score(model, together->spans, TEXTS, 0, together->scores, NULL, &error));
	for (int i = 0; i < TEXTS; i++) {
		assert_true(model_score(model, &alone->spans[i], 1, 0, &alone->scores[i], NULL, &error));
		for (int l = 0; l < LABELS; l++)
			assert_true(fabs((double)together->logits[i][l] - (double)alone->logits[i][l]) <= (exact ? 0 : 1e-5));
		assert_int_equal(together->scores[i].tokens, alone->scores[i].tokens);
		assert_int_equal(together->scores[i].label, alone->scores[i].label);
	}
	free(together);
	free(alone);
	model_close(model);
}

static void a_score_is_the_softmax_of_its_logits(void **state)
{
	struct error error = {0};
	struct model *model = scoring_model();
	struct texts *texts = make_texts();

	(void)state;
	assert_true(model_score(model, texts->spans, 20, 0, texts->scores, NULL, &error));
	for (int i = 0; i < 20; i++) {
		double sum = 0, all = 0;
		const struct score *score = &texts->scores[i];

		for (int l = 0; l < LABELS; l++)
			sum += exp((double)score->logits[l]);
		for (int l = 0; l < LABELS; l++) {
			assert_true(fabs(exp((double)score->logits[l]) / sum - (double)score->scores[l]) < 1e-6);
			assert_true(score->scores[l] <= score->score);
			all += (double)score->scores[l];
		}
		assert_true(fabs(all - 1) < 1e-6);
		assert_true(score->score == score->scores[score->label]);
	}
	free(texts);
	model_close(model);
}

/* The logits and the label stay, the scores are softer above 1 and sharper below it. */
static void a_temperature_divides_the_logits(void **state)
{
	static const double temperatures[] = {0.5, 1, 3};
	struct texts *plain = make_texts(), *texts = make_texts();
	struct model *model = scoring_model();
	struct error error = {0};

	(void)state;
	assert_true(model_score(model, plain->spans, 20, 0, plain->scores, NULL, &error));
	model_close(model);
	for (size_t t = 0; t < sizeof temperatures / sizeof *temperatures; t++) {
		const double temperature = temperatures[t];
		model = scoring_model_with(&(struct model_own){.temperature = temperature}, LABELS, false);
		assert_true(model_score(model, texts->spans, 20, 0, texts->scores, NULL, &error));
		for (int i = 0; i < 20; i++) {
			const struct score *score = &texts->scores[i], *before = &plain->scores[i];
			double sum = 0;
			for (int l = 0; l < LABELS; l++)
				sum += exp((double)score->logits[l] / temperature);
			for (int l = 0; l < LABELS; l++) {
				assert_true(score->logits[l] == before->logits[l]);
				assert_true(fabs(exp((double)score->logits[l] / temperature) / sum - (double)score->scores[l]) < 1e-6);
			}
			assert_int_equal(score->label, before->label);
			assert_true(temperature == 1 ? score->score == before->score
			                             : temperature > 1 ? score->score < before->score : score->score > before->score);
		}
		model_close(model);
	}
	free(plain);
	free(texts);
}

static void a_temperature_divides_the_logits_of_independent_labels(void **state)
{
	struct model *model = scoring_model_with(&(struct model_own){.temperature = 2}, LABELS, true);
	struct texts *texts = make_texts();
	struct error error = {0};

	(void)state;
	assert_true(model_score(model, texts->spans, 20, 0, texts->scores, NULL, &error));
	for (int i = 0; i < 20; i++)
		for (int l = 0; l < LABELS; l++)
			assert_true(fabs(1 / (1 + exp(-(double)texts->logits[i][l] / 2)) - (double)texts->softmax[i][l]) < 1e-6);
	free(texts);
	model_close(model);
}

/* By the score after the temperature. */
static void a_threshold_decides_between_two_labels(void **state)
{
	struct model_own own = {.temperature = 2, .threshold_count = 1, .thresholds = {1}};
	struct texts *texts = make_texts();
	struct error error = {0};
	struct model *model = scoring_model_with(&own, 2, false);
	float some;

	(void)state;
	assert_true(model_score(model, texts->spans, 1, 0, texts->scores, NULL, &error));
	assert_int_equal(texts->scores[0].label, 0);
	assert_true(texts->scores[0].score == texts->softmax[0][0]);
	some = texts->softmax[0][1];
	model_close(model);
	own.thresholds[0] = some; /* from it on */
	model = scoring_model_with(&own, 2, false);
	assert_true(model_score(model, texts->spans, 1, 0, texts->scores, NULL, &error));
	assert_int_equal(texts->scores[0].label, 1);
	assert_true(texts->scores[0].score == some);
	model_close(model);
	free(texts);
}

static void a_long_text_is_cut_at_the_limit_and_says_where(void **state)
{
	struct error error = {0};
	struct model *model = scoring_model();
	struct texts *texts = make_texts();
	char text[400] = "";

	(void)state;
	for (int i = 0; i < 50; i++)
		memcpy(text + 3 * i, "w7 ", 4);
	texts->spans[0] = span_of(text);
	texts->spans[1] = span_of("w7 w8");
	texts->spans[2] = span_of("");
	assert_true(model_score(model, texts->spans, 3, 0, texts->scores, NULL, &error));
	assert_int_equal(texts->scores[0].tokens, POSITIONS);
	assert_true(texts->scores[0].truncated);
	assert_int_equal(texts->scores[0].unread_from, (POSITIONS - 2) * 3 - 1);
	assert_int_equal(texts->scores[0].unread_to, 150);
	assert_int_equal(texts->scores[1].tokens, 4);
	assert_false(texts->scores[1].truncated);
	assert_int_equal(texts->scores[1].unread_from, 5);
	assert_int_equal(texts->scores[1].unread_to, 5);
	assert_int_equal(texts->scores[2].tokens, 2);
	assert_int_equal(texts->scores[2].unread_from, 0);
	assert_int_equal(texts->scores[2].unread_to, 0);

	assert_true(model_score(model, texts->spans, 1, 10, texts->scores, NULL, &error));
	assert_int_equal(texts->scores[0].tokens, 10);
	assert_true(model_score(model, texts->spans, 1, 100000, texts->scores, NULL, &error));
	assert_int_equal(texts->scores[0].tokens, POSITIONS);
	free(texts);
	model_close(model);
}

static bool stop_at_once(void *context, const char *what, uint64_t done, uint64_t total)
{
	int *calls = context;

	assert_string_equal(what, "scoring");
	assert_in_range(done, 1, total);
	++*calls;
	return false;
}

static void scoring_can_be_stopped(void **state)
{
	struct error error = {0};
	struct model *model = scoring_model();
	struct texts *texts = make_texts();
	int calls = 0;
	struct progress progress = {stop_at_once, &calls};

	(void)state;
	assert_false(model_score(model, texts->spans, TEXTS, 0, texts->scores, &progress, &error));
	assert_int_equal(error.kind, ERROR_INTERRUPTED);
	assert_int_equal(calls, 1);
	free(texts);
	model_close(model);
}

/* Takes results until that of `generation` is there; how many there were. */
static int wait_for(struct live_scorer *scorer, struct wake *wake, uint64_t generation, struct live_result *result)
{
	struct pollfd poller = {.fd = wake_fd(wake), .events = POLLIN};
	uint64_t before = 0;
	int results = 0;

	do {
		assert_int_equal(poll(&poller, 1, 20000), 1);
		wake_clear(wake);
		while (live_scorer_take(scorer, result)) {
			assert_true(result->generation > before);
			before = result->generation;
			results++;
		}
	} while (before < generation);
	return results;
}

static void the_newest_text_is_scored_as_model_score_does(void **state)
{
	struct error error = {0};
	struct model *model = scoring_model();
	struct texts *texts = make_texts();
	struct wake *wake = wake_new(&error);
	struct live_scorer *scorer;
	struct live_result result;

	(void)state;
	assert_true(model_score(model, texts->spans, TEXTS, 0, texts->scores, NULL, &error));
	scorer = live_scorer_new(model, wake, &error);
	assert_non_null(scorer);
	assert_false(live_scorer_take(scorer, &result));
	for (uint64_t i = 0; i < TEXTS; i++)
		live_scorer_post(scorer, texts->spans[i], i + 1);
	assert_in_range(wait_for(scorer, wake, TEXTS, &result), 1, TEXTS);
	assert_int_equal(result.generation, TEXTS);
	for (int l = 0; l < LABELS; l++)
		assert_true(fabs((double)result.score.logits[l] - (double)texts->logits[TEXTS - 1][l]) <= 1e-5);
	assert_true(result.seconds > 0);
	assert_false(live_scorer_take(scorer, &result));
	live_scorer_free(scorer);
	wake_free(wake);
	free(texts);
	model_close(model);
}

/* The scorer computes at least one of them and never falls behind: what was overtaken is not scored. */
static void texts_that_were_overtaken_are_not_scored(void **state)
{
	enum { POSTS = 5000 };
	struct error error = {0};
	struct model *model = scoring_model();
	struct texts *texts = make_texts();
	struct wake *wake = wake_new(&error);
	struct live_scorer *scorer = live_scorer_new(model, wake, &error);
	struct live_result result;

	(void)state;
	assert_non_null(scorer);
	for (uint64_t i = 0; i < POSTS; i++)
		live_scorer_post(scorer, texts->spans[i % TEXTS], i + 1);
	assert_in_range(wait_for(scorer, wake, POSTS, &result), 1, POSTS / 2);
	live_scorer_free(scorer);
	wake_free(wake);
	free(texts);
	model_close(model);
}

static void a_result_tells_the_length_of_the_whole_text(void **state)
{
	struct error error = {0};
	struct model *model = scoring_model();
	struct wake *wake = wake_new(&error);
	struct live_scorer *scorer = live_scorer_new(model, wake, &error);
	struct live_result result;
	char text[400] = "";

	(void)state;
	for (int i = 0; i < 100; i++)
		memcpy(text + 3 * i, "w7 ", 4);
	live_scorer_post(scorer, span_of(text), 1);
	wait_for(scorer, wake, 1, &result);
	assert_int_equal(result.tokens_whole, 102);
	assert_int_equal(result.score.tokens, POSITIONS);
	live_scorer_post(scorer, span_of("w7"), 2);
	wait_for(scorer, wake, 2, &result);
	assert_int_equal(result.tokens_whole, 3);
	live_scorer_free(scorer);
	wake_free(wake);
	model_close(model);
}

static void a_text_that_finds_no_memory_is_answered_without_a_label(void **state)
{
	struct error error = {0};
	struct model *model = scoring_model();
	struct wake *wake = wake_new(&error);
	struct live_scorer *scorer = live_scorer_new(model, wake, &error);
	struct live_result result;

	(void)state;
	assert_non_null(scorer);
	atomic_store(&no_memory, true);
	live_scorer_post(scorer, span_of("w7 w8"), 1);
	wait_for(scorer, wake, 1, &result);
	assert_int_equal(result.score.label, -1);
	assert_true(result.score.scores[0] == 0);
	atomic_store(&no_memory, false);
	live_scorer_post(scorer, span_of("w7 w8"), 2);
	wait_for(scorer, wake, 2, &result);
	assert_in_range(result.score.label, 0, LABELS - 1);
	assert_int_equal(result.score.tokens, 4);
	live_scorer_free(scorer);
	wake_free(wake);
	model_close(model);
}

static void a_scorer_that_is_freed_at_once_ends(void **state)
{
	struct error error = {0};
	struct model *model = scoring_model();

	(void)state;
	for (int i = 0; i < 20; i++) {
		struct live_scorer *scorer = live_scorer_new(model, NULL, &error);

		assert_non_null(scorer);
		live_scorer_post(scorer, span_of("w7 w8"), 1);
		live_scorer_free(scorer);
	}
	model_close(model);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(scores_do_not_depend_on_how_texts_are_batched),
		cmocka_unit_test(a_score_is_the_softmax_of_its_logits),
		cmocka_unit_test(a_temperature_divides_the_logits),
		cmocka_unit_test(a_temperature_divides_the_logits_of_independent_labels),
		cmocka_unit_test(a_threshold_decides_between_two_labels),
		cmocka_unit_test(a_long_text_is_cut_at_the_limit_and_says_where),
		cmocka_unit_test(scoring_can_be_stopped),
		cmocka_unit_test(the_newest_text_is_scored_as_model_score_does),
		cmocka_unit_test(texts_that_were_overtaken_are_not_scored),
		cmocka_unit_test(a_result_tells_the_length_of_the_whole_text),
		cmocka_unit_test(a_text_that_finds_no_memory_is_answered_without_a_label),
		cmocka_unit_test(a_scorer_that_is_freed_at_once_ends),
	};

	return cmocka_run_group_tests_name("score", tests, NULL, NULL);
}
