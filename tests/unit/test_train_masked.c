/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Learning masked words: which tokens are masked, and trainings with --task masked_lm. */
#include "tests/unit/train_check.h"

#include "engine/train/rows/masking.h"

/* Masking */

enum { SPECIAL = 5, WORDS = 60, PIECES = 40, VOCAB = SPECIAL + WORDS + PIECES, MASK = 4, LONGEST = 128 };

static struct tokenizer *piece_tokenizer(void)
{
	struct error error = {0};
	struct tokenizer *tokenizer;
	char folder[256], path[400];
	FILE *file;

	check_folder(folder, sizeof folder);
	snprintf(path, sizeof path, "%s/vocab.txt", folder);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs("[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\n", file);
	for (int i = 0; i < WORDS + PIECES; i++)
		fprintf(file, "%sw%d\n", i < WORDS ? "" : "##", i);
	fclose(file);
	tokenizer = tokenizer_open(folder, &error);
	if (!tokenizer)
		fail_msg("%s", error.text);
	check_folder_remove(folder);
	return tokenizer;
}

static struct masking make_masking(double probability, bool whole_words, uint64_t seed)
{
	struct tokenizer *tokenizer = piece_tokenizer();
	struct masking masking;
	struct error error = {0};

	if (!masking_init(&masking, tokenizer, probability, whole_words, seed, LONGEST, &error))
		fail_msg("%s", error.text);
	tokenizer_free(tokenizer);
	return masking;
}

static bool is_piece(int32_t id)
{
	return id >= SPECIAL + WORDS;
}

/* Sequence `example`: [CLS], words of one to three pieces, an [UNK] now and then, [SEP]. */
static int32_t make_sequence(uint32_t example, int32_t ids[LONGEST])
{
	uint32_t seed = example * 2654435761u + 1;
	const int32_t count = 8 + (int32_t)(example % 57);

	for (int32_t i = 0; i < count; i++) {
		seed = seed * 1103515245u + 12345u;
		const uint32_t drawn = seed >> 16;
		const bool piece = i > 1 && ids[i - 1] >= SPECIAL && drawn % 3 == 0;
		ids[i] = i == 0 ? 2 : i == count - 1 ? 3 : drawn % 29 == 7 ? 1 : (int32_t)(piece ? SPECIAL + WORDS + drawn / 3 % PIECES
		                                                                                : SPECIAL + drawn / 3 % WORDS);
	}
	return count;
}

struct fates {
	uint64_t tokens, chosen, masked, kept, other;
};

static void count_fates(struct masking *masking, uint32_t example, struct fates *fates)
{
	int32_t before[LONGEST], ids[LONGEST], rows[LONGEST], wanted[LONGEST];
	const int32_t count = make_sequence(example, before);
	int32_t found;

	memcpy(ids, before, sizeof ids);
	found = masking_apply(masking, example, 0, ids, count, rows, wanted);
	assert_int_equal(found, masking_count(masking, example, 0, before, count));
	assert_true(found >= 1);
	for (int32_t i = 0, next = 0; i < count; i++) {
		const bool chosen = next < found && rows[next] == i;

		fates->tokens += before[i] >= SPECIAL;
		if (!chosen) {
			assert_int_equal(ids[i], before[i]);
			continue;
		}
		assert_true(before[i] >= SPECIAL);
		assert_int_equal(wanted[next++], before[i]);
		fates->chosen++;
		fates->masked += ids[i] == MASK;
		fates->kept += ids[i] == before[i];
		fates->other += ids[i] != MASK && ids[i] != before[i];
		assert_true(ids[i] == MASK || ids[i] >= SPECIAL);
	}
}

static void assert_share(uint64_t part, uint64_t whole, double share, double within)
{
	const double found = (double)part / (double)whole;

	if (fabs(found - share) > within)
		fail_msg("%.4f of them, not %.4f", found, share);
}

static void shares_are_those_of_bert(void **state)
{
	(void)state;
	for (int whole = 0; whole < 2; whole++) {
		struct masking masking = make_masking(0.15, whole, 7);
		struct fates fates = {0};

		for (uint32_t example = 0; example < 20000; example++)
			count_fates(&masking, example, &fates);
		assert_true(fates.tokens > 500000);
		assert_share(fates.chosen, fates.tokens, 0.15, 0.004);
		assert_share(fates.masked, fates.chosen, 0.8, 0.005);
		assert_share(fates.other, fates.chosen, 0.1, 0.005);
		assert_share(fates.kept, fates.chosen, 0.1, 0.005);
		masking_free(&masking);
	}
}

/* Where a word begins: the token itself, or before it where it is a piece. */
static int32_t word_of(const int32_t *ids, int32_t at)
{
	while (is_piece(ids[at]) && ids[at - 1] >= SPECIAL)
		at--;
	return at;
}

static uint64_t broken_words(struct masking *masking)
{
	uint64_t broken = 0;

	for (uint32_t example = 0; example < 2000; example++) {
		int32_t before[LONGEST], ids[LONGEST], rows[LONGEST], wanted[LONGEST];
		const int32_t count = make_sequence(example, before);
		bool chosen[LONGEST] = {false};
		int32_t found;

		memcpy(ids, before, sizeof ids);
		found = masking_apply(masking, example, 0, ids, count, rows, wanted);
		for (int32_t i = 0; i < found; i++)
			chosen[rows[i]] = true;
		for (int32_t i = 1; i < count - 1; i++)
			broken += before[i] >= SPECIAL && chosen[i] != chosen[word_of(before, i)];
	}
	return broken;
}

/* But for a sequence whose share is less than any of its words, of which there are few. */
static void the_pieces_of_a_word_are_masked_together(void **state)
{
	struct masking whole = make_masking(0.15, true, 3), single = make_masking(0.15, false, 3);

	(void)state;
	assert_true(broken_words(&whole) < 20);
	assert_true(broken_words(&single) > 2000);
	masking_free(&whole);
	masking_free(&single);
}

static uint64_t same_choices(struct masking *a, struct masking *b)
{
	uint64_t same = 0;

	for (uint32_t example = 0; example < 500; example++) {
		int32_t x[LONGEST], y[LONGEST], rows[LONGEST], wanted[LONGEST];
		const int32_t count = make_sequence(example, x);

		memcpy(y, x, sizeof y);
		masking_apply(a, example, 0, x, count, rows, wanted);
		masking_apply(b, example, 0, y, count, rows, wanted);
		same += memcmp(x, y, (size_t)count * sizeof *x) == 0;
	}
	return same;
}

static void each_epoch_and_each_seed_masks_others(void **state)
{
	struct masking a = make_masking(0.15, true, 3), b = make_masking(0.15, true, 3), other = make_masking(0.15, true, 4);

	(void)state;
	assert_int_equal(same_choices(&a, &b), 500);
	b.epoch = 1;
	assert_true(same_choices(&a, &b) < 50);
	assert_true(same_choices(&a, &other) < 50);
	a.epoch = 1;
	assert_int_equal(same_choices(&a, &b), 500);
	masking_free(&a);
	masking_free(&b);
	masking_free(&other);
}

static void a_sequence_of_special_tokens_has_none(void **state)
{
	struct masking masking = make_masking(0.9, true, 3);
	int32_t ids[] = {2, 1, 1, 3}, rows[4], wanted[4];

	(void)state;
	assert_int_equal(masking_apply(&masking, 0, 0, ids, 4, rows, wanted), 0);
	assert_int_equal(masking_count(&masking, 0, 0, ids, 4), 0);
	masking_free(&masking);
}

/* Trainings */

static int setup(void **state)
{
	train_setup(state);
	train_set(&((struct train_folder *)*state)->options, "task", "masked_lm");
	return 0;
}

static const struct run_evaluation *evaluations_of(const char *path, struct run **run, size_t *count)
{
	struct error error = {0};

	*run = run_open(path, &error);
	assert_non_null(*run);
	return run_evaluations(*run, count);
}

static void the_loss_falls_and_the_figures_are_there(void **state)
{
	struct train_folder *folder = *state;
	const struct run_evaluation *evaluations;
	struct run *run;
	size_t count;

	train_set(&folder->options, "num-train-epochs", "8");
	train_set(&folder->options, "eval-on-start", "true");
	train_whole(folder, folder->run);
	evaluations = evaluations_of(folder->run, &run, &count);
	assert_int_equal(count, 9);
	assert_true(evaluations[0].loss > 2.9 && evaluations[0].loss < 3.3); /* ln 21, of a model that knows nothing, is 3.04 */
	assert_true(evaluations[8].loss < evaluations[0].loss - 0.3);
	for (size_t i = 0; i < count; i++) {
		assert_true(fabs(evaluations[i].perplexity - exp(evaluations[i].loss)) < 1e-9 * evaluations[i].perplexity);
		assert_true(evaluations[i].accuracy >= 0 && evaluations[i].accuracy <= 1 && isnan(evaluations[i].f1));
	}
	run_close(run);
}

/* With a rate of 0 nothing is learnt, and each evaluation must come to the same. */
static void rows_that_are_held_out_are_masked_once_and_for_all(void **state)
{
	struct train_folder *folder = *state;
	const struct run_evaluation *evaluations;
	struct run *run;
	size_t count;

	train_set(&folder->options, "learning-rate", "0");
	train_whole(folder, folder->run);
	evaluations = evaluations_of(folder->run, &run, &count);
	assert_int_equal(count, 2);
	assert_true(evaluations[0].loss == evaluations[1].loss && evaluations[0].accuracy == evaluations[1].accuracy);
	run_close(run);
}

static void a_stopped_run_goes_on_to_the_bit(void **state)
{
	struct train_folder *folder = *state;

	train_whole(folder, folder->run);
	train_until(folder, folder->other, 6);
	train_resume_whole(folder->other);
	train_assert_same_curves(folder->run, folder->other);
	train_assert_same_weights(folder->run, folder->other);
}

static void threads_do_not_matter(void **state)
{
	struct train_folder *folder = *state;

	train_whole(folder, folder->run);
	train_set(&folder->options, "threads", "3");
	train_whole(folder, folder->other);
	train_assert_same_curves(folder->run, folder->other);
	train_assert_same_weights(folder->run, folder->other);
}

/* The loss of a step is the mean over its masked tokens, however they are spread over micro-batches. */
static void micro_batches_weigh_by_their_masked_tokens(void **state)
{
	struct train_folder *folder = *state;
	struct run *a, *b;
	const struct run_point *p, *q;
	size_t count, same;

	train_write_model(folder->model, folder->path, 0);
	train_whole(folder, folder->run);
	train_set(&folder->options, "per-device-train-batch-size", "2");
	train_set(&folder->options, "gradient-accumulation-steps", "4");
	train_whole(folder, folder->other);
	a = run_open(folder->run, NULL);
	b = run_open(folder->other, NULL);
	p = run_points(a, &count);
	q = run_points(b, &same);
	assert_int_equal(count, same);
	for (size_t i = 0; i < count; i++) {
		assert_true(fabs(p[i].loss - q[i].loss) < 2e-3);
		assert_true(i > 2 || fabs(p[i].grad_norm - q[i].grad_norm) < 1e-3 * p[i].grad_norm);
	}
	run_close(a);
	run_close(b);
}

static void texts_need_no_label(void **state)
{
	struct train_folder *folder = *state;
	char more[400];
	FILE *file;

	snprintf(folder->data, sizeof folder->data, "%s/texts.txt", folder->path);
	snprintf(more, sizeof more, "%s/more.txt", folder->path);
	file = fopen(folder->data, "w");
	for (int i = 0; i < 40; i++)
		fprintf(file, "the film was %s and the food was good\n", train_words[i % 6]);
	fclose(file);
	file = fopen(more, "w");
	for (int i = 0; i < 20; i++)
		fprintf(file, "a %s place\n", train_words[i % 6]);
	fclose(file);
	train_set(&folder->options, "unlabelled", more);
	train_set(&folder->options, "truncation", "windows");
	train_set(&folder->options, "max-length", "6");
	train_whole(folder, folder->run);
	assert_true(train_has_event(folder->run, "unlabelled: 20 rows: 20 used"));
	assert_true(train_has_event(folder->run, "56 reviews to train on"));
	assert_true(train_has_event(folder->run, "new head for masked words"));
}

/* The result is a base like any other: for labels, and for masked words once more, whose head is no longer new. */
static void the_result_is_a_base_for_labels_and_for_more(void **state)
{
	struct train_folder *folder = *state;

	train_whole(folder, folder->run);
	snprintf(folder->model, sizeof folder->model, "%s/model", folder->run);
	train_whole(folder, folder->other);
	assert_false(train_has_event(folder->other, "new head for masked words"));
	train_set(&folder->options, "task", "classification");
	snprintf(folder->run, sizeof folder->run, "%s/classifier", folder->path);
	train_whole(folder, folder->run);
	assert_true(train_has_event(folder->run, "a masked language model (BertForMaskedLM): only its encoder is used"));
	snprintf(folder->model, sizeof folder->model, "%s/model", folder->run);
	train_set(&folder->options, "task", "masked_lm");
	snprintf(folder->run, sizeof folder->run, "%s/again", folder->path);
	train_whole(folder, folder->run);
	assert_true(train_has_event(folder->run, "tensors not used: "));
}

static void what_has_no_meaning_is_refused_by_name(void **state)
{
	static const char *const rows[][3] = {
		{"class-weights", "balanced", "--class-weights is about labels"},
		{"label-smoothing-factor", "0.1", "--label-smoothing-factor is about labels"},
		{"label-column", "label", "--label-column is about labels"},
		{"probe", "good", "--probe is about labels"},
		{"teacher", "somewhere", "--teacher is about labels"},
		{"lora-r", "4", "--lora-r leaves the embeddings as they are"},
		{"word-dropout", "0.2", "--word-dropout hides words"},
		{"stratify", "true", "--stratify true"},
		{"max-length", "2", "--max-length 2 leaves no token"},
		{"metric-for-best-model", "f1", "--metric-for-best-model is eval_loss or eval_accuracy"},
	};
	struct train_folder *folder = *state;
	const struct train_options plain = folder->options;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct error error = {0};

		folder->options = plain;
		train_set(&folder->options, rows[i][0], rows[i][1]);
		train_fails(train_start(folder, folder->run, &error), &error, ERROR_USAGE, rows[i][2]);
		assert_non_null(strstr(error.text, "--task masked_lm"));
	}
	folder->options = plain;
	train_set(&folder->options, "task", "classification");
	train_set(&folder->options, "mlm-probability", "0.3");
	struct error error = {0};
	train_fails(train_start(folder, folder->run, &error), &error, ERROR_USAGE, "--mlm-probability belongs to --task masked_lm");
}

static void a_vocabulary_without_a_mask_is_refused(void **state)
{
	struct train_folder *folder = *state;
	struct error error = {0};
	char path[1600];
	FILE *file;

	snprintf(path, sizeof path, "%s/vocab.txt", folder->model);
	file = fopen(path, "r+");
	assert_non_null(file);
	fputs("[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MOSK]\n", file);
	fclose(file);
	snprintf(path, sizeof path, "rm -f '%s/tokenizer.json' '%s/tokenizer_config.json' '%s/special_tokens_map.json'", folder->model,
	         folder->model, folder->model);
	assert_int_equal(system(path), 0);
	train_fails(train_start(folder, folder->run, &error), &error, ERROR_DATA, "has no [MASK]");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shares_are_those_of_bert),
		cmocka_unit_test(the_pieces_of_a_word_are_masked_together),
		cmocka_unit_test(each_epoch_and_each_seed_masks_others),
		cmocka_unit_test(a_sequence_of_special_tokens_has_none),
		cmocka_unit_test_setup_teardown(the_loss_falls_and_the_figures_are_there, setup, train_teardown),
		cmocka_unit_test_setup_teardown(rows_that_are_held_out_are_masked_once_and_for_all, setup, train_teardown),
		cmocka_unit_test_setup_teardown(a_stopped_run_goes_on_to_the_bit, setup, train_teardown),
		cmocka_unit_test_setup_teardown(threads_do_not_matter, setup, train_teardown),
		cmocka_unit_test_setup_teardown(micro_batches_weigh_by_their_masked_tokens, setup, train_teardown),
		cmocka_unit_test_setup_teardown(texts_need_no_label, setup, train_teardown),
		cmocka_unit_test_setup_teardown(the_result_is_a_base_for_labels_and_for_more, setup, train_teardown),
		cmocka_unit_test_setup_teardown(what_has_no_meaning_is_refused_by_name, setup, train_teardown),
		cmocka_unit_test_setup_teardown(a_vocabulary_without_a_mask_is_refused, setup, train_teardown),
	};

	check_filter();
	return cmocka_run_group_tests_name("train_masked", tests, NULL, NULL);
}
