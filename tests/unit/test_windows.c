/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reviews of several windows in engine/model: their logits pooled, forward and backward, and scored in whatever batches. */
#include "tests/unit/numeric.h"

#include "engine/base/json.h"
#include "engine/format/config.h"

#include <poll.h>
#include <unistd.h>

enum { VOCAB = 60, LABELS = 3, POSITIONS = 40, TEXTS = 12 };

static struct model *windows_model(enum pooling pooling)
{
	static const struct model_config config = {
		.architecture = &architecture_distilbert, .vocab_size = VOCAB, .hidden_size = 32, .num_hidden_layers = 2,
		.num_attention_heads = 2, .intermediate_size = 48, .max_position_embeddings = POSITIONS,
		.hidden_act = ACTIVATION_GELU, .layer_norm_eps = 1e-12f, .initializer_range = 0.02f, .num_labels = LABELS,
	};
	struct model *model = numeric_model(&config);

	model_set_reading(model, &(struct model_reading){
		{.truncation = TRUNCATION_WINDOWS, .max_length = 20, .stride = 11}, pooling});
	return model;
}

static bool is_exact(struct model *model)
{
	return model_backend(model)->ops->rows_alone;
}

/* Against torch. */

static struct model *golden_model(const json_t *golden, int32_t lengths[8], int32_t *sequences)
{
	const char *name = json_string_value(json_object_get(golden, "model"));
	struct error error = {0};
	struct hf_config config = {0};
	char path[256];
	struct model_reading reading = {{.truncation = TRUNCATION_WINDOWS}, POOLING_MEAN};
	json_t *expected, *list;
	struct model *model;

	snprintf(path, sizeof path, "tests/golden/numeric/%s", name);
	assert_true(hf_config_read(check_source(path), NULL, &config, &error));
	snprintf(path, sizeof path, "tests/golden/numeric/%s/expected.json", name);
	expected = json_read(check_source(path), 1 << 22, &error);
	list = json_object_get(expected, "lengths");
	*sequences = (int32_t)json_array_size(list);
	for (int32_t s = 0; s < *sequences; s++)
		lengths[s] = (int32_t)json_integer_value(json_array_get(list, (size_t)s));
	config.model.num_labels = (int32_t)json_array_size(json_array_get(json_object_get(golden, "logits"), 0));
	model = numeric_model(&config.model);
	assert_true(pooling_find(json_string_value(json_object_get(golden, "pooling")), &reading.pooling));
	model_set_reading(model, &reading);
	hf_config_free(&config);
	json_decref(expected);
	return model;
}

static void check_gradient(struct model *model, const struct parameter *p, const json_t *golden, double all)
{
	double norm = json_number_value(json_object_get(golden, "norm")), sum = 0;
	float *got = numeric_download(model, p->gradient, p->count);

	for (size_t i = 0; i < p->count; i++)
		sum += (double)got[i] * (double)got[i];
	if (!(fabs(sqrt(sum) - norm) <= 1e-5 * norm + 1e-7 * all))
		fail_msg("gradient of %s has norm %.9g, torch's %.9g", p->name, sqrt(sum), norm);
	for (size_t i = 0; i < 8 && i < p->count; i++)
		assert_true(fabs((double)got[i] - json_number_value(json_array_get(json_object_get(golden, "first"), i))) <=
		            1e-5 * norm + 1e-7 * all);
	free(got);
}

static void check_pooled(const json_t *golden)
{
	int32_t lengths[8], reviews[8], labels[8], count, sequences;
	struct model *model = golden_model(golden, lengths, &sequences);
	const json_t *starts = json_object_get(golden, "reviews"), *logits = json_object_get(golden, "logits");
	struct numeric_batch b;
	double loss, all = 0;
	float got[64];

	count = (int32_t)json_array_size(starts) - 1;
	for (int32_t r = 0; r <= count; r++)
		reviews[r] = (int32_t)json_integer_value(json_array_get(starts, (size_t)r));
	b = numeric_batch(model_config(model)->vocab_size, model_config(model)->num_labels, lengths, reviews[count], 0);
	for (int32_t r = 0; r < count; r++)
		labels[r] = r % model_config(model)->num_labels;
	b.batch.reviews = reviews;
	b.batch.review_count = count;
	b.batch.labels = labels;
	numeric_reserve(model, &b, true);
	network_score(model, &b.batch, got);
	for (int32_t i = 0; i < count * model_config(model)->num_labels; i++) {
		const json_t *row = json_array_get(logits, (size_t)(i / model_config(model)->num_labels));

		assert_true(fabs((double)got[i] - json_number_value(json_array_get(row, (size_t)(i % model_config(model)->num_labels)))) <=
		            2e-5);
	}
	network_zero_gradients(model);
	loss = network_train(model, &b.batch, &(struct train_pass){.scale = 1.0f / (float)count, .no_dropout = true}) / count;
	assert_true(fabs(loss - json_number_value(json_object_get(golden, "loss"))) <= 2e-5);
	for (int row = 0; row < model_parameter_rows(model); row++)
		all += json_number_value(json_object_get(json_object_get(json_object_get(golden, "gradients"),
		                                                         model_parameter(model, row)->name), "norm"));
	for (int row = 0; row < model_parameter_rows(model); row++) {
		const struct parameter *p = model_parameter(model, row);

		check_gradient(model, p, json_object_get(json_object_get(golden, "gradients"), p->name), all);
	}
	numeric_batch_free(&b);
	model_close(model);
}

static void pooled_logits_and_gradients_are_those_of_torch(void **state)
{
	struct error error = {0};
	json_t *golden = json_read(check_source("tests/golden/long/pooled.json"), 1 << 22, &error);

	(void)state;
	assert_int_equal(json_array_size(golden), 4);
	for (size_t i = 0; i < json_array_size(golden); i++)
		check_pooled(json_array_get(golden, i));
	json_decref(golden);
}

/* Scoring */

struct texts {
	char data[TEXTS][4000];
	struct span spans[TEXTS];
	struct score scores[TEXTS];
	float logits[TEXTS][LABELS], softmax[TEXTS][LABELS];
};

/* Texts of 0 to 900 words: none, one and many windows. */
static struct texts *make_texts(void)
{
	static const int words[TEXTS] = {18, 0, 19, 900, 1, 29, 30, 300, 18, 17, 777, 5};
	struct texts *texts = calloc(1, sizeof *texts);

	assert_non_null(texts);
	for (uint32_t i = 0; i < TEXTS; i++) {
		size_t size = 0;

		for (uint32_t w = 0; w < (uint32_t)words[i]; w++)
			size += (size_t)snprintf(texts->data[i] + size, 4000 - size, "w%u ", 5 + numeric_mix(i * 1024 + w) % (VOCAB - 5));
		texts->spans[i] = (struct span){texts->data[i], size};
		texts->scores[i].logits = texts->logits[i];
		texts->scores[i].scores = texts->softmax[i];
	}
	return texts;
}

/* What the network gives for the windows of one text as a batch of its own, pooled by the backend. */
static void score_by_network(struct model *model, struct span text, float out[LABELS])
{
	const struct cut cut = model_cut(model, 0);
	struct sequences s = {0};
	int32_t *ids, *starts, reviews[2] = {0};
	struct batch batch;
	struct error error = {0};

	assert_true(tokenizer_cut(model_tokenizer(model), text, &cut, &s));
	ids = calloc((size_t)(s.count * cut.max_length), sizeof *ids);
	starts = calloc((size_t)s.count + 1, sizeof *starts);
	for (int32_t i = 0; i < s.count; i++)
		starts[i + 1] = starts[i] + tokenizer_cut_take(&s, i, ids + starts[i]);
	reviews[1] = s.count;
	batch = (struct batch){.ids = ids, .starts = starts, .sequences = s.count, .reviews = reviews, .review_count = 1};
	assert_true(network_reserve(model, starts[s.count], s.count, cut.max_length, false, 0, &error));
	network_score(model, &batch, out);
	free(ids);
	free(starts);
	tokenizer_cut_free(&s);
}

static void check_scores(enum pooling pooling)
{
	struct error error = {0};
	struct model *model = windows_model(pooling);
	struct texts *together = make_texts(), *alone = make_texts();
	double allowed = is_exact(model) ? 0 : 1e-5;
	float network[LABELS];

	assert_true(model_score(model, together->spans, TEXTS, 0, together->scores, NULL, &error));
	assert_int_equal(together->scores[3].windows, 1 + (900 - 18 + 10) / 11);
	assert_int_equal(together->scores[3].tokens_read, 902);
	assert_true(together->scores[3].tokens > 902);
	assert_int_equal(together->scores[8].windows, 1);
	for (int i = 0; i < TEXTS; i++) {
		assert_true(model_score(model, &alone->spans[i], 1, 0, &alone->scores[i], NULL, &error));
		score_by_network(model, alone->spans[i], network);
		assert_false(together->scores[i].truncated);
		for (int l = 0; l < LABELS; l++) {
			assert_true(fabs((double)together->logits[i][l] - (double)alone->logits[i][l]) <= allowed);
			assert_true(fabs((double)together->logits[i][l] - (double)network[l]) <= allowed);
		}
	}
	free(together);
	free(alone);
	model_close(model);
}

static void scores_of_windows_do_not_depend_on_batches(void **state)
{
	(void)state;
	check_scores(POOLING_MEAN);
	check_scores(POOLING_MAX);
}

static void a_limit_of_windows_is_told(void **state)
{
	struct error error = {0};
	struct model *model = windows_model(POOLING_MEAN);
	struct model_reading reading = *model_reading(model);
	struct texts *texts = make_texts();
	struct cut cut;

	(void)state;
	reading.cut.max_windows = 2;
	model_set_reading(model, &reading);
	assert_true(model_score(model, texts->spans, TEXTS, 0, texts->scores, NULL, &error));
	assert_true(texts->scores[3].truncated);
	assert_int_equal(texts->scores[3].tokens_read, 18 + 11 + 2);
	assert_int_equal(texts->scores[3].unread_to, texts->spans[3].size);
	assert_false(texts->scores[5].truncated); /* 29 words: two windows to the word */
	assert_true(texts->scores[6].truncated);
	cut = model_cut(model, 0);
	assert_string_equal(reading_words(&cut, reading.pooling).text,
	                    "at most 2 windows of 20 tokens, stride 11, mean of their logits");
	assert_int_equal(model_cut(model, 100000).max_length, POSITIONS);
	free(texts);
	model_close(model);
}

/* A newer text does not wait for all windows of an older one. */
static void a_newer_text_replaces_one_between_its_windows(void **state)
{
	enum { WORDS_LONG = 400000 };
	struct error error = {0};
	struct model *model = windows_model(POOLING_MEAN);
	struct wake *wake = wake_new(&error);
	struct live_scorer *scorer = live_scorer_new(model, wake, &error);
	struct pollfd poller = {.fd = wake_fd(wake), .events = POLLIN};
	struct live_result result;
	char *text = malloc(3 * WORDS_LONG);

	(void)state;
	assert_non_null(scorer);
	assert_non_null(text);
	for (int i = 0; i < WORDS_LONG; i++)
		memcpy(text + 3 * i, "w7 ", 3);
	assert_true(live_scorer_post(scorer, (struct span){text, 3 * WORDS_LONG}, 1)); /* 36,000 windows */
	usleep(200000);
	assert_true(live_scorer_post(scorer, span_of("w7 w8"), 2));
	assert_int_equal(poll(&poller, 1, 60000), 1);
	wake_clear(wake);
	assert_true(live_scorer_take(scorer, &result));
	assert_int_equal(result.generation, 2);
	assert_int_equal(result.score.tokens, 4);
	assert_true(live_scorer_post(scorer, (struct span){text, 3 * WORDS_LONG}, 3));
	live_scorer_free(scorer); /* does not wait for them either */
	wake_free(wake);
	free(text);
	model_close(model);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pooled_logits_and_gradients_are_those_of_torch),
		cmocka_unit_test(scores_of_windows_do_not_depend_on_batches),
		cmocka_unit_test(a_limit_of_windows_is_told),
		cmocka_unit_test(a_newer_text_replaces_one_between_its_windows),
	};

	return cmocka_run_group_tests_name("windows", tests, NULL, NULL);
}
