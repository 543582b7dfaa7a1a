/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * engine/model/freeze: which tensors the words of --freeze mean, and what freezing them saves. */
#include "tests/unit/check.h"

#include "engine/format/architecture.h"
#include "engine/model/freeze.h"

enum { LAYERS = 6, PER_LAYER = 16, EMBEDDINGS = 5, HEAD = 4, ALL = EMBEDDINGS + LAYERS * PER_LAYER + HEAD };

static const struct model_config config = {
	.architecture = &architecture_bert, .vocab_size = 100, .hidden_size = 8, .num_hidden_layers = LAYERS,
	.num_attention_heads = 2, .intermediate_size = 16, .max_position_embeddings = 32, .type_vocab_size = 2,
	.num_labels = 2,
};

static struct parameter *table(int *count)
{
	struct error error = {0};
	struct parameter *parameters = parameters_new(&config, count, &error);

	assert_non_null(parameters);
	assert_int_equal(*count, ALL);
	return parameters;
}

static int frozen_by(const char *what, const char *layers, bool fresh_head)
{
	const struct freeze_request request = {what, layers, fresh_head};
	struct freeze_counts counts;
	struct error error = {0};
	int count, frozen = 0;
	struct parameter *parameters = table(&count);

	if (!parameters_freeze(parameters, count, &request, &counts, &error))
		fail_msg("%s", error.text);
	for (int i = 0; i < count; i++)
		frozen += !parameters[i].trainable;
	assert_int_equal(frozen, counts.frozen);
	free(parameters);
	return frozen;
}

static void words_and_names_freeze_what_they_say(void **state)
{
	static const struct {
		const char *what, *layers;
		int tensors;
	} cases[] = {
		{"", "", 0},
		{"embeddings", "", EMBEDDINGS},
		{"encoder", "", LAYERS * PER_LAYER},
		{"head", "", HEAD},
		{" embeddings , head,", "", EMBEDDINGS + HEAD},
		{"bert.embeddings", "", EMBEDDINGS},
		{"bert.embeddings.word_embeddings.weight", "", 1},
		{"bert.encoder.layer.1", "", PER_LAYER},
		{"bert.encoder.layer.*.output", "", LAYERS * 8 /* the attention's too */},
		{"bert.encoder.layer.*.attention.self.?uery.bias", "", LAYERS},
		{"*LayerNorm*", "", 2 + LAYERS * 4},
		{"/layer\\.[0-2]\\.|word_embeddings/", "", 3 * PER_LAYER + 1},
		{"/bias$/,classifier", "", 1 + LAYERS * 8 + 2 + 1},
		{"/(query,|y.{1,2}bias)/", "", LAYERS * 2},
		{"", "0", PER_LAYER},
		{"", "0-3,5", 5 * PER_LAYER},
		{"", "1, 1-2", 2 * PER_LAYER},
		{"embeddings", "0-5", EMBEDDINGS + 6 * PER_LAYER},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		if (frozen_by(cases[i].what, cases[i].layers, false) != cases[i].tensors)
			fail_msg("\"%s\" \"%s\": %d tensors, not %d", cases[i].what, cases[i].layers,
			         frozen_by(cases[i].what, cases[i].layers, false), cases[i].tensors);
}

static void a_new_head_is_frozen_only_where_it_alone_is_meant(void **state)
{
	(void)state;
	assert_int_equal(frozen_by("bert", "", false), ALL - 2);
	assert_int_equal(frozen_by("bert", "", true), ALL - HEAD); /* bert.pooler is of the head */
	assert_int_equal(frozen_by("*", "", true), ALL - HEAD);
	assert_int_equal(frozen_by("*,bert.pooler", "", true), ALL - 2);
	assert_int_equal(frozen_by("head", "", true), HEAD);
	assert_int_equal(frozen_by("/^classifier/", "", true), 2);
}

static void assert_refused(const char *what, const char *layers, const char *said)
{
	const struct freeze_request request = {what, layers, false};
	struct freeze_counts counts;
	struct error error = {0};
	int count;
	struct parameter *parameters = table(&count);

	assert_false(parameters_freeze(parameters, count, &request, &counts, &error));
	if (!strstr(error.text, said))
		fail_msg("\"%s\" does not say \"%s\"", error.text, said);
	assert_int_equal(error.kind, ERROR_USAGE);
	assert_false(parameters_freeze(parameters, count, &request, &counts, NULL));
	free(parameters);
}

static void what_fits_nothing_is_refused_by_name(void **state)
{
	char longer[700];

	(void)state;
	assert_refused("bert.embed", "", "--freeze: \"bert.embed\" is neither embeddings, encoder nor head, and fits no tensor");
	assert_refused("distilbert.*", "", "fits no tensor of the model, such as bert.encoder.layer.");
	assert_refused("/(/", "", "--freeze: \"/(/\" is no regular expression: ");
	assert_refused("/bias", "", "stands between two strokes");
	assert_refused("/", "", "stands between two strokes");
	assert_refused("/((((((((((((((((((((a+)+)+)+)+)+)+)+)+)+)+)+)+)+)+)+)+)+)+)+/", "", "--freeze: \"((((");
	assert_refused("/a{1,255}{1,255}{1,255}/", "", "repeats what is repeated already");
	assert_refused(" , ", "", "--freeze names nothing");
	assert_refused("", ",,", "--freeze-layers names no layer");
	assert_refused("", "6", "--freeze-layers: \"6\": the model has the layers 0 to 5");
	assert_refused("", "0-6", "\"0-6\": the model has the layers 0 to 5");
	assert_refused("", "3-2", "\"3-2\": the model has");
	assert_refused("", "-1", "\"-1\" is neither a number nor a range");
	assert_refused("", "two", "--freeze-layers: \"two\" is neither a number nor a range such as 0-3");
	memset(longer, 'a', sizeof longer);
	longer[sizeof longer - 1] = '\0';
	assert_refused(longer, "", "is longer than 511 bytes");
	assert_refused("", longer, "--freeze-layers: a number is too long");
}

static void everything_frozen_is_refused(void **state)
{
	(void)state;
	assert_refused("*", "", "--freeze: every tensor of the model is frozen: nothing is left to train");
	assert_refused("embeddings,head", "0-5", "--freeze and --freeze-layers: every tensor");
}

static void a_pattern_of_many_stars_ends(void **state)
{
	(void)state;
	assert_refused("*e*e*e*e*e*e*e*e*e*e*e*e*e*e*e*e*e*e*e*z", "", "fits no tensor");
}

static void frozen_units_take_no_memory_for_gradients(void **state)
{
	const struct freeze_request request = {"encoder", "", false};
	struct freeze_counts counts;
	struct error error = {0};
	int count;
	struct parameter *parameters = table(&count);
	uint64_t all = parameters_place(parameters, count, NULL, true), some;

	(void)state;
	assert_true(parameters_freeze(parameters, count, &request, &counts, &error));
	some = parameters_place(parameters, count, NULL, true);
	assert_true(all - some >= counts.frozen_elements);
	assert_int_equal(counts.tensors, ALL);
	free(parameters);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_and_names_freeze_what_they_say),
		cmocka_unit_test(a_new_head_is_frozen_only_where_it_alone_is_meant),
		cmocka_unit_test(what_fits_nothing_is_refused_by_name),
		cmocka_unit_test(everything_frozen_is_refused),
		cmocka_unit_test(a_pattern_of_many_stars_ends),
		cmocka_unit_test(frozen_units_take_no_memory_for_gradients),
	};

	return cmocka_run_group_tests_name("freeze", tests, NULL, NULL);
}
