/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * engine/model/imitate.c and reveal.c: the losses on the inside of a network, through the whole way back. */
#include "tests/unit/numeric.h"

#include "engine/teach/inside_teacher.h"

static const int32_t lengths[] = {5, 1, 33, 2, 17, 24};
enum { SEQUENCES = 6, VOCAB = 90 };

/* With the weights of a formula, or a teacher's, which are drawn. */
static struct model *make_model(int32_t layers, int32_t hidden, int32_t heads, bool drawn)
{
	struct error error = {0};
	struct model_config config = {
		.architecture = &architecture_bert, .vocab_size = VOCAB, .hidden_size = hidden, .num_hidden_layers = layers,
		.num_attention_heads = heads, .intermediate_size = 70, .max_position_embeddings = 64, .type_vocab_size = 2,
		.hidden_act = ACTIVATION_GELU, .layer_norm_eps = 1e-12f, .initializer_range = 0.2f, .hidden_dropout_prob = 0.1f,
		.attention_probs_dropout_prob = 0.1f, .classifier_dropout = 0.2f, .num_labels = 3,
	};

	return drawn ? model_new(&config, numeric_tokenizer(VOCAB), 5, &error) : numeric_model(&config);
}

/* A student, what it imitates of a teacher, and a batch of which the teacher has shown what it makes. */
struct setting {
	struct model *student;
	struct inside_teacher teacher;
	struct numeric_batch batch;
};

static void begin(struct setting *setting, struct model *student, struct model *teacher, const struct imitation *what)
{
	struct error error = {0};

	setting->student = student;
	setting->batch = numeric_batch(VOCAB, 3, lengths, SEQUENCES, 0);
	setting->teacher = (struct inside_teacher){.model = teacher, .imitation = *what};
	setting->teacher.imitation.layers = model_config(student)->num_hidden_layers;
	setting->teacher.imitation.teacher_hidden = model_config(teacher)->hidden_size;
	setting->teacher.imitation.teacher_layers = model_config(teacher)->num_hidden_layers;
	if (what->fits) {
		assert_true(model_add_fit(student, model_config(teacher)->hidden_size, &error));
		numeric_fill(student, "fit_dense");
	}
	network_prepare_reveal(teacher);
	network_imitate(student, &setting->teacher.imitation);
	numeric_reserve(student, &setting->batch, true);
	if (!inside_teacher_reserve(&setting->teacher, setting->batch.tokens, SEQUENCES, setting->batch.longest, &error) ||
	    !inside_teacher_reveal(&setting->teacher, &setting->batch.batch, SEQUENCES, &error))
		fail_msg("%s", error.text);
}

/* From here on the teacher shows what it makes of the first sequences alone. */
static void show(struct setting *setting, int32_t sequences)
{
	struct error error = {0};

	if (!inside_teacher_reveal(&setting->teacher, &setting->batch.batch, sequences, &error))
		fail_msg("%s", error.text);
}

static void end(struct setting *setting)
{
	inside_teacher_close(&setting->teacher);
	model_close(setting->student);
	numeric_batch_free(&setting->batch);
}

static double train_once(struct setting *setting)
{
	const struct train_pass pass = {.scale = 1.0f / SEQUENCES, .seed = 1, .step = 3};

	network_zero_gradients(setting->student);
	return network_train(setting->student, &setting->batch.batch, &pass);
}

/* The loss along the gradient of one parameter. */
static void check_difference(struct setting *setting, int row, const char *what)
{
	struct model *model = setting->student;
	struct parameter *p = model_parameter(model, row);
	float *values = numeric_download(model, p->value, p->count), *moved = numeric_download(model, p->value, p->count), *gradient;
	const float reach = 4e-3f;
	double norm = 0, losses[2], expected, found;

	train_once(setting);
	gradient = numeric_download(model, p->gradient, p->count);
	for (size_t i = 0; i < p->count; i++)
		norm += (double)gradient[i] * (double)gradient[i];
	norm = sqrt(norm);
	for (int side = 0; side < 2; side++) {
		for (size_t i = 0; i < p->count; i++)
			moved[i] = values[i] + (side ? -reach : reach) * (float)((double)gradient[i] / norm);
		numeric_upload(model, p->value, moved, p->count);
		network_values_changed(model);
		losses[side] = train_once(setting);
	}
	numeric_upload(model, p->value, values, p->count);
	network_values_changed(model);
	expected = norm * SEQUENCES;
	found = (losses[0] - losses[1]) / (2 * (double)reach);
	if (!numeric_ends_with(p->name, "key.bias") && !(fabs(found - expected) <= 1e-2 * expected))
		fail_msg("%s: %s: the loss changes by %.6g, the gradient says %.6g", what, p->name, found, expected);
	free(moved);
	free(values);
	free(gradient);
}

static void gradients_are_those_of_finite_differences(void **state)
{
	static const struct {
		const char *what;
		int32_t layers, hidden, heads; /* of the teacher; the student has 2, 52 and 2 */
		struct imitation imitation;
	} cases[] = {
		{"relations of a teacher of another shape", 3, 40, 4, {.attention = 20, .heads = 4}},
		{"attention scores of all layers", 4, 52, 2, {.attention = 20, .scores = true, .heads = 2}},
		{"hidden states", 2, 52, 2, {.hidden = 20, .heads = 2}},
		{"relations of hidden states", 3, 40, 4, {.hidden = 20, .heads = 2}},
		{"hidden states that are projected", 3, 40, 4, {.hidden = 20, .fits = true, .heads = 2}},
		{"all at once", 5, 40, 2, {.attention = 10, .hidden = 10, .scores = true, .heads = 2}},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct setting setting;

		begin(&setting, make_model(2, 52, 2, false), make_model(cases[i].layers, cases[i].hidden, cases[i].heads, true),
		      &cases[i].imitation);
		for (int row = 0; row < model_parameter_rows(setting.student); row++)
			check_difference(&setting, row, cases[i].what);
		end(&setting);
	}
}

/* Who imitates itself has nothing to learn; with dropout it would. */
static void of_itself_nothing_is_learnt(void **state)
{
	static const struct imitation cases[] = {
		{.attention = 100, .heads = 2}, {.attention = 100, .scores = true, .heads = 2}, {.hidden = 100, .heads = 2}};
	const struct train_pass pass = {.scale = 1, .seed = 1, .step = 3, .no_dropout = true};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct setting setting;
		double with, without;

		begin(&setting, make_model(2, 52, 2, false), make_model(2, 52, 2, false), &cases[i]);
		with = network_train(setting.student, &setting.batch.batch, &pass);
		setting.batch.batch.teacher = NULL;
		without = network_train(setting.student, &setting.batch.batch, &pass);
		if (!(fabs(with - without) < 1e-4))
			fail_msg("case %zu: %.9g, not %.9g", i, with, without);
		end(&setting);
	}
}

static void take_losses(struct setting *setting, float losses[SEQUENCES])
{
	const struct train_pass pass = {.scale = 1, .seed = 1, .step = 3};
	struct error error = {0};

	network_zero_gradients(setting->student);
	if (!network_settle(setting->student, network_train_begin(setting->student, &setting->batch.batch, &pass, losses), &error))
		fail_msg("%s", error.text);
}

/* Of the first four sequences the losses are those of a batch that is imitated whole, of the others those of one that is not. */
static void what_a_teacher_does_not_show_is_not_imitated(void **state)
{
	enum { SHOWN = 4 };
	static const struct imitation cases[] = {
		{.attention = 20, .heads = 4}, {.attention = 20, .scores = true, .heads = 2}, {.hidden = 20, .fits = true, .heads = 2}};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		float whole[SEQUENCES], part[SEQUENCES], none[SEQUENCES];
		struct setting setting;

		begin(&setting, make_model(2, 52, 2, false), make_model(2, 40, 2, true), &cases[i]);
		take_losses(&setting, whole);
		show(&setting, 0);
		assert_null(setting.batch.batch.teacher);
		take_losses(&setting, none);
		show(&setting, SHOWN);
		take_losses(&setting, part);
		for (int s = 0; s < SEQUENCES; s++) {
			assert_true(s == 1 || whole[s] > none[s]); /* the second is one token, which has no relations */
			assert_true(fabsf(part[s] - (s < SHOWN ? whole[s] : none[s])) < 1e-5f * whole[s]);
		}
		for (int row = 0; row < model_parameter_rows(setting.student); row++)
			check_difference(&setting, row, "a part of the batch");
		end(&setting);
	}
}

/* What frozen layers would have to learn is not asked of them. */
static void nothing_goes_below_what_trains(void **state)
{
	const struct imitation all = {.attention = 1, .hidden = 1, .heads = 2};
	struct model *student = make_model(2, 52, 2, false);
	struct setting setting;

	(void)state;
	for (int row = 0; row < model_parameter_rows(student); row++)
		if (model_parameter(student, row)->layer < 1 || model_parameter(student, row)->layer == OUTSIDE_LAYERS)
			model_parameter(student, row)->trainable = model_parameter(student, row)->role >= ROLE_FIRST_OF_HEAD &&
			                                           model_parameter(student, row)->layer == OUTSIDE_LAYERS;
	begin(&setting, student, make_model(2, 52, 2, true), &all);
	assert_true(isfinite(train_once(&setting)));
	for (int row = 0; row < model_parameter_rows(student); row++)
		if (model_parameter(student, row)->gradient)
			check_difference(&setting, row, "frozen below");
	end(&setting);
}

/* A teacher with the same pieces, read as one with others: what it shows is the same to the bit. */
static void words_that_are_cut_alike_are_shown_alike(void **state)
{
	static const struct imitation cases[] = {
		{.attention = 1, .hidden = 1, .heads = 4}, {.hidden = 1, .heads = 4}, {.attention = 1, .scores = true, .heads = 2}};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const size_t bytes = (5 + 1 + 33 + 2 + 17 + 24) * (size_t)52 * sizeof(float);
		struct inside_teacher words = {.model = make_model(4, 52, 2, true), .imitation = cases[i], .other_tokens = true};
		struct error error = {0};
		struct setting setting;

		begin(&setting, make_model(2, 52, 2, false), make_model(4, 52, 2, true), &cases[i]);
		words.imitation = setting.teacher.imitation;
		words.student = model_tokenizer(setting.student);
		network_prepare_reveal(words.model);
		if (!inside_teacher_reserve(&words, setting.batch.tokens, SEQUENCES, setting.batch.longest, &error) ||
		    !inside_teacher_reveal(&words, &setting.batch.batch, SEQUENCES, &error))
			fail_msg("%s", error.text);
		for (int32_t layer = 0; layer < 2; layer++) {
			if (cases[i].hidden > 0)
				assert_memory_equal(words.revealed.inputs[layer], setting.teacher.revealed.inputs[layer], bytes);
			if (imitates_attention(&words.imitation, layer))
				assert_memory_equal(words.revealed.projections[layer], setting.teacher.revealed.projections[layer], 3 * bytes);
		}
		inside_teacher_close(&words);
		end(&setting);
	}
}

/* The mean of two tokens' rows, in a teacher's batch where a word is two of them. */
static void a_row_is_the_mean_of_those_that_answer_to_it(void **state)
{
	enum { HIDDEN = 52, OWN = 7 };
	static const int32_t ids[OWN] = {2, 9, 10, 11, 12, 13, 3}, starts[] = {0, OWN};
	static const struct matched matched[] = {{0, 1}, {1, 2}, {3, 3}, {6, 1}};
	const struct imitation what = {.attention = 1, .hidden = 1, .heads = 2, .layers = 2, .teacher_hidden = HIDDEN, .teacher_layers = 2};
	const struct batch batch = {.ids = ids, .starts = starts, .sequences = 1};
	float inputs[2][OWN * HIDDEN], projection[OWN * 3 * HIDDEN], means[2][4 * HIDDEN], mean[4 * 3 * HIDDEN], room[OWN * 6 * HIDDEN];
	float *rows[] = {inputs[0], inputs[1]}, *projections[] = {NULL, projection};
	float *mean_rows[] = {means[0], means[1]}, *mean_projections[] = {NULL, mean};
	const struct revealed all = {1, rows, projections, NULL, 0, room}, some = {1, mean_rows, mean_projections, matched, 4, room};
	struct model *teacher = make_model(2, HIDDEN, 2, true);
	struct error error = {0};

	(void)state;
	network_prepare_reveal(teacher);
	assert_true(network_reserve(teacher, OWN, 1, OWN, false, 0, &error));
	network_reveal(teacher, &batch, &what, &all);
	network_reveal(teacher, &batch, &what, &some);
	for (int t = 0; t < 4; t++)
		for (int k = 0; k < 3 * HIDDEN; k++) {
			double sums[3] = {0};

			for (int i = 0; i < matched[t].count; i++) {
				sums[0] += k < HIDDEN ? (double)inputs[0][(matched[t].first + i) * HIDDEN + k] : 0;
				sums[1] += k < HIDDEN ? (double)inputs[1][(matched[t].first + i) * HIDDEN + k] : 0;
				sums[2] += (double)projection[(matched[t].first + i) * 3 * HIDDEN + k];
			}
			for (int of = 0; of < 3; of++)
				sums[of] /= matched[t].count;
			assert_true(k >= HIDDEN || fabs((double)means[0][t * HIDDEN + k] - sums[0]) < 1e-5);
			assert_true(k >= HIDDEN || fabs((double)means[1][t * HIDDEN + k] - sums[1]) < 1e-5);
			assert_true(fabs((double)mean[t * 3 * HIDDEN + k] - sums[2]) < 1e-5);
		}
	model_close(teacher);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gradients_are_those_of_finite_differences),
		cmocka_unit_test(of_itself_nothing_is_learnt),
		cmocka_unit_test(what_a_teacher_does_not_show_is_not_imitated),
		cmocka_unit_test(nothing_goes_below_what_trains),
		cmocka_unit_test(words_that_are_cut_alike_are_shown_alike),
		cmocka_unit_test(a_row_is_the_mean_of_those_that_answer_to_it),
	};

	return cmocka_run_group_tests_name("imitation", tests, NULL, NULL);
}
