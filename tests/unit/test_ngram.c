/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The linear model on words: its solver and its scales against scikit-learn's (tests/golden/make_ngram.py), how a text becomes
 * features, the model as a folder, hostile ones too, and what its scores are made of. */
#include "tests/unit/check.h"

#include "engine/attribution.h"
#include "engine/base/file.h"
#include "engine/format/tensors.h"
#include "engine/model/kinds.h"
#include "engine/model/ngram.h"
#include "engine/train/baseline/baseline_fit.h"
#include "engine/trainer.h"

#include <math.h>
#include <string.h>

enum { ROWS_MAX = 256, COLUMNS_MAX = 128, LINE_MAX_BYTES = 65536 };

/* A problem of ngram.txt with what scikit-learn makes of it. */
struct golden {
	int rows, columns, scaled;
	double c, scales[COLUMNS_MAX], weights[COLUMNS_MAX], bias;
	int8_t positive[ROWS_MAX];
	struct ngram_rows cells; /* its columns as buckets */
	struct ngram_matrix matrix;
};

static FILE *open_golden(void)
{
	FILE *file = fopen(check_source("tests/golden/ngram.txt"), "r");

	assert_non_null(file);
	return file;
}

static void read_numbers(FILE *file, double *out, int count)
{
	for (int i = 0; i < count; i++)
		assert_int_equal(fscanf(file, "%lf", &out[i]), 1);
}

static void read_rows(FILE *file, struct golden *golden)
{
	for (int i = 0; i < golden->rows; i++) {
		int label, count;
		uint32_t *room;

		assert_int_equal(fscanf(file, "%d %d", &label, &count), 2);
		golden->positive[i] = (int8_t)label;
		room = ngram_rows_room(&golden->cells, (size_t)count);
		assert_non_null(room);
		for (int k = 0; k < count; k++)
			assert_int_equal(fscanf(file, "%u", &room[k]), 1);
		ngram_rows_add(&golden->cells, (size_t)count, 0, label, 0);
	}
}

/* False: the problems are at their end. */
static bool read_golden(FILE *file, struct golden *golden)
{
	struct error error = {0};

	*golden = (struct golden){.cells.shape = {1, 8}};
	if (fscanf(file, " problem %d %d %lf %d", &golden->rows, &golden->columns, &golden->c, &golden->scaled) != 4)
		return false;
	assert_true(golden->rows <= ROWS_MAX && golden->columns <= COLUMNS_MAX);
	read_rows(file, golden);
	read_numbers(file, golden->scales, golden->columns);
	read_numbers(file, golden->weights, golden->columns);
	read_numbers(file, &golden->bias, 1);
	assert_true(ngram_matrix_make(&golden->matrix, &golden->cells, &error));
	assert_int_equal(golden->matrix.sparse.columns, golden->columns);
	return true;
}

static void golden_free(struct golden *golden)
{
	ngram_matrix_free(&golden->matrix);
	ngram_rows_free(&golden->cells);
}

static struct logistic_problem problem_of(const struct golden *golden)
{
	return (struct logistic_problem){.matrix = &golden->matrix.sparse, .scales = golden->scales, .positive = golden->positive,
	                                 .c = golden->c, .tolerance = 1e-10, .steps_max = 100};
}

static void the_solver_finds_scikit_learns_coefficients(void **state)
{
	FILE *file = open_golden();
	struct error error = {0};
	struct pool *pool = pool_new(1, &error);
	struct golden golden;
	int problems = 0;

	(void)state;
	for (; read_golden(file, &golden); problems++) {
		const struct logistic_problem problem = problem_of(&golden);
		double weights[COLUMNS_MAX];
		struct logistic_result result = {.weights = weights};

		assert_true(logistic_solve(&problem, &result, pool, NULL, &error));
		assert_true(result.reached);
		for (int j = 0; j < golden.columns; j++)
			assert_true(fabs(weights[j] - golden.weights[j]) < 1e-6);
		assert_true(fabs(result.bias - golden.bias) < 1e-6);
		golden_free(&golden);
	}
	golden_free(&golden);
	assert_int_equal(problems, 3);
	pool_free(pool);
	fclose(file);
}

static void naive_bayes_scales_are_those_of_the_formula(void **state)
{
	FILE *file = open_golden();
	struct golden golden;

	(void)state;
	while (read_golden(file, &golden)) {
		double ratios[COLUMNS_MAX];

		baseline_ratios(&golden.matrix.sparse, golden.positive, ratios);
		for (int j = 0; golden.scaled && j < golden.columns; j++)
			assert_true(fabs(ratios[j] - golden.scales[j]) < 1e-12);
		golden_free(&golden);
	}
	golden_free(&golden);
	fclose(file);
}

static void the_gradient_is_that_of_finite_differences(void **state)
{
	FILE *file = open_golden();
	struct error error = {0};
	struct pool *pool = pool_new(1, &error);
	struct golden golden;
	double at[COLUMNS_MAX + 1], gradient[COLUMNS_MAX + 1], other[COLUMNS_MAX + 1], f, above, below;

	(void)state;
	assert_true(read_golden(file, &golden));
	for (int j = 0; j <= golden.columns; j++)
		at[j] = 0.3 * sin(j + 1);
	const struct logistic_problem problem = problem_of(&golden);
	assert_true(logistic_gradient(&problem, at, &f, gradient, pool, &error));
	for (int j = 0; j <= golden.columns; j++) {
		double value = at[j];

		at[j] = value + 1e-5;
		assert_true(logistic_gradient(&problem, at, &above, other, pool, &error));
		at[j] = value - 1e-5;
		assert_true(logistic_gradient(&problem, at, &below, other, pool, &error));
		at[j] = value;
		assert_true(fabs((above - below) / 2e-5 - gradient[j]) < 1e-6 * (1 + fabs(gradient[j])));
	}
	golden_free(&golden);
	pool_free(pool);
	fclose(file);
}

/* Many rows and columns, so that work is split. */
static void make_large(struct ngram_rows *rows, int8_t *positive, uint32_t count)
{
	uint32_t draw = 1;

	for (uint32_t i = 0; i < count; i++) {
		uint32_t *room = ngram_rows_room(rows, 40);

		assert_non_null(room);
		for (uint32_t k = 0; k < 40; k++) {
			draw = draw * 1664525u + 1013904223u;
			room[k] = k * 512 + (draw >> 23);
		}
		positive[i] = (int8_t)(room[3] % 2 == (draw >> 20) % 3 % 2);
		ngram_rows_add(rows, 40, 40, positive[i], 0);
	}
}

static void two_threads_find_what_one_finds_to_the_bit(void **state)
{
	static int8_t positive[3000];
	static double scales[32768], found[2][32768];
	struct ngram_rows rows = {.shape = {1, 15}};
	struct ngram_matrix matrix = {0};
	struct logistic_result results[2];
	struct error error = {0};

	(void)state;
	make_large(&rows, positive, 3000);
	assert_true(ngram_matrix_make(&matrix, &rows, &error));
	assert_true(matrix.sparse.columns > 4096 * 2);
	baseline_ratios(&matrix.sparse, positive, scales);
	for (int i = 0; i < 2; i++) {
		const struct logistic_problem problem = {&matrix.sparse, scales, positive, 0.7, 1e-8, 100};
		struct pool *pool = pool_new(1 + 2 * i, &error);

		results[i] = (struct logistic_result){.weights = found[i]};
		assert_true(logistic_solve(&problem, &results[i], pool, NULL, &error));
		assert_true(results[i].reached && results[i].steps > 2);
		pool_free(pool);
	}
	assert_memory_equal(found[0], found[1], matrix.sparse.columns * sizeof(double));
	assert_memory_equal(&results[0].bias, &results[1].bias, sizeof(double));
	ngram_matrix_free(&matrix);
	ngram_rows_free(&rows);
}

/* Features */

struct seen {
	char text[4096];
	struct span from;
};

static bool note(void *context, const struct ngram_found *found)
{
	struct seen *seen = context;
	char text[100];
	size_t used = strlen(seen->text);

	ngram_spell((struct span){seen->from.data + found->from, found->to - found->from}, text, sizeof text);
	snprintf(seen->text + used, sizeof seen->text - used, "[%s]", text);
	return true;
}

static void assert_ngrams(int32_t words, const char *text, const char *expected)
{
	const struct ngram_shape shape = {words, 16};
	struct seen seen = {.from = span_of(text)};

	ngram_each(&shape, seen.from, note, &seen);
	assert_string_equal(seen.text, expected);
}

static void a_text_is_words_and_punctuation_in_lower_case(void **state)
{
	(void)state;
	assert_ngrams(1, "Not BAD, at all!", "[not][bad][,][at][all][!]");
	assert_ngrams(1, "don't 'quote' it's' '90s", "[don't]['][quote]['][it's][']['][90s]");
	assert_ngrams(1, "don\xe2\x80\x99t", "[don't]");
	assert_ngrams(1, "\xc3\x84RGER \xce\xa3", "[\xc3\xa4rger][\xcf\x83]");
	assert_ngrams(1, "\xe5\xa5\xbd\xe7\x9c\x8b", "[\xe5\xa5\xbd][\xe7\x9c\x8b]");
	assert_ngrams(1, "a\xff\tb\x01" "c", "[a][b][c]");
	assert_ngrams(1, " \n ", "");
	assert_ngrams(3, "a b c d", "[a][b][a b][c][b c][a b c][d][c d][b c d]");
}

static void letters_of_ascii_are_what_the_table_says(void **state)
{
	(void)state;
	for (char c = 1; c < 127; c++) {
		char text[] = {c, 'x', '\0'}, expected[16], lower = c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
		bool letter = (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9');

		snprintf(expected, sizeof expected, letter ? "[%cx]" : c <= ' ' ? "[x]" : "[%c][x]", lower);
		assert_ngrams(1, text, expected);
	}
}

static void buckets_are_each_once_in_the_order_of_the_text(void **state)
{
	const struct ngram_shape shape = {2, 24};
	struct ngram_reader reader = {0};

	(void)state;
	assert_true(ngram_read(&reader, &shape, span_of("so so so good")));
	assert_int_equal(reader.words, 4);
	assert_int_equal(reader.count, 4); /* so, so so, good, so good */
	assert_int_equal(reader.found[1].from, 0);
	assert_int_equal(reader.found[1].to, 5);
	assert_int_equal(reader.found[3].from, 6);
	assert_true(ngram_read(&reader, &shape, span_of("good")));
	assert_int_equal(reader.count, 1);
	ngram_reader_free(&reader);
}

/* The whole way */

/* What a line says after its number. */
static char *take_line(FILE *file, char *line, double *number)
{
	int used = 0;

	assert_non_null(fgets(line, LINE_MAX_BYTES, file));
	line[strcspn(line, "\n")] = '\0';
	assert_int_equal(sscanf(line, "%lf%n", number, &used), 1);
	return line[used] == ' ' ? line + used + 1 : line + used;
}

static void add_text(struct ngram_rows *rows, struct ngram_reader *reader, const char *text, int32_t label)
{
	uint32_t *room;

	assert_true(ngram_read(reader, &rows->shape, span_of(text)));
	room = ngram_rows_room(rows, reader->count);
	assert_non_null(room);
	for (size_t i = 0; i < reader->count; i++)
		room[i] = reader->found[i].bucket;
	ngram_rows_add(rows, reader->count, reader->words, label, 0);
}

static void find_whole(FILE *file)
{
	struct golden golden;

	while (read_golden(file, &golden))
		golden_free(&golden);
	golden_free(&golden);
}

static const char *const two[] = {"negative", "positive"};

/* The model of the texts in ngram.txt; the file stands before the lines that are to be scored. */
static struct model *fit_whole(FILE *file, char *line)
{
	struct error error = {0};
	struct ngram_rows rows = {0};
	struct ngram_reader reader = {0};
	struct ngram_seen *seen;
	struct ngram_shape shape = {0};
	struct model *model;
	struct baseline_fit fit;
	struct pool *pool = pool_new(2, &error);
	int count, least, used;
	double c, label;

	assert_int_equal(fscanf(file, " whole %d %d %lf %d %d %d\n", &shape.words, &shape.bits, &c, &count, &least, &used), 6);
	rows.shape = (struct ngram_shape){shape.words, NGRAM_BITS_WIDE};
	for (int i = 0; i < count; i++) {
		const char *text = take_line(file, line, &label);

		add_text(&rows, &reader, text, (int32_t)label);
	}
	seen = ngram_seen_new(&rows, UINT64_C(1) << shape.bits, &error);
	assert_int_equal(ngram_seen_least(seen), least);
	assert_true(ngram_rows_fold(&rows, shape.bits, seen, &error));
	model = ngram_new(&shape, two, 2, false, &error);
	assert_non_null(model);
	assert_true(baseline_fit(model, &(struct baseline_fit_request){&rows, NULL, c, 1e-10, pool}, &fit, NULL, &error));
	assert_int_equal(fit.features, used);
	assert_int_equal(fit.not_reached, 0);
	ngram_seen_free(seen);
	ngram_rows_free(&rows);
	ngram_reader_free(&reader);
	pool_free(pool);
	return model;
}

static void score(struct model *model, const char *text, struct score *out, float *logits, float *scores)
{
	struct span span = span_of(text);
	struct error error = {0};

	*out = (struct score){.logits = logits, .scores = scores};
	assert_true(model_score(model, &span, 1, 0, out, NULL, &error));
}

static void logits_are_those_of_the_same_way_in_scikit_learn(void **state)
{
	static char line[LINE_MAX_BYTES];
	FILE *file = open_golden();
	float logits[2], scores[2];
	struct score result;
	struct model *model;
	int count;

	(void)state;
	find_whole(file);
	model = fit_whole(file, line);
	assert_int_equal(fscanf(file, "%d\n", &count), 1);
	assert_true(count > 10);
	for (int i = 0; i < count; i++) {
		double expected;
		const char *text = take_line(file, line, &expected);

		score(model, text, &result, logits, scores);
		assert_true(fabs((double)(logits[1] - logits[0]) - expected) < 1e-5);
		assert_true(fabs((double)scores[1] - 1 / (1 + exp(-expected))) < 1e-5);
	}
	model_close(model);
	fclose(file);
}

/* Bias and parts, added in their order, are the logit. */
static void the_parts_of_a_logit_add_up_to_it(void **state)
{
	static char line[LINE_MAX_BYTES];
	static const char text[] = "Not a good film, not a good film at all; I've seen better noodles.";
	FILE *file = open_golden();
	float logits[2], scores[2];
	struct error error = {0};
	struct score result;
	struct model *model;

	(void)state;
	find_whole(file);
	model = fit_whole(file, line);
	score(model, text, &result, logits, scores);
	for (int32_t label = 0; label < 2; label++) {
		struct attribution parts;
		double sum;

		assert_true(model_attribute(model, span_of(text), &(struct attribution_request){.label = label}, &parts, NULL, &error));
		assert_int_equal(parts.method, ATTRIBUTION_EXACT);
		sum = parts.bias;
		for (size_t i = 0; i < parts.count; i++) {
			assert_true(parts.parts[i].from < parts.parts[i].to && parts.parts[i].to <= sizeof text - 1);
			sum += parts.parts[i].weight;
		}
		assert_true(parts.count > 10 && (float)sum == logits[label] && logits[label] != 0);
		assert_true((float)parts.logit == logits[label]);
		sum = parts.bias;
		for (size_t i = 0; i < parts.word_count; i++) {
			assert_true(i == 0 || parts.words[i].from >= parts.words[i - 1].to);
			sum += parts.words[i].weight;
		}
		assert_true(parts.word_count == 17 && fabs(sum - parts.logit) < 1e-9);
		attribution_free(&parts);
	}
	model_close(model);
	fclose(file);
}

/* Three labels, so that there is a row of weights for each. */
static struct model *make_three(bool independent)
{
	static const char *const names[] = {"a", "b", "c"};
	const struct ngram_shape shape = {2, 10};
	struct error error = {0};
	struct model *model = ngram_new(&shape, names, 3, independent, &error);
	struct ngram *ngram;

	assert_non_null(model);
	ngram = model_ngram(model);
	assert_int_equal(ngram->rows, 3);
	for (size_t i = 0; i < 3 << 10; i++)
		ngram->weights[i] = (float)sin((double)i) / 3;
	for (int i = 0; i < 3; i++)
		ngram->biases[i] = (float)cos(i) / 7;
	return model;
}

static void a_saved_model_scores_as_before_to_the_bit(void **state)
{
	char folder[256], hash[65], again[65];
	struct error error = {0};

	(void)state;
	for (int independent = 0; independent < 2; independent++) {
		struct model *made = make_three(independent), *opened;
		float logits[2][3], scores[2][3];
		struct score results[2];

		check_folder(folder, sizeof folder);
		assert_true(model_save(made, folder, &error));
		opened = model_open(folder, &(struct model_options){.head_needed = true, .hash = hash}, NULL, &error);
		assert_non_null(opened);
		assert_true(model_hash(folder, again, NULL, &error));
		assert_string_equal(hash, again);
		assert_false(model_has_network(opened));
		assert_null(model_tokenizer(opened));
		assert_int_equal(model_config(opened)->independent_labels, independent);
		assert_int_equal(model_parameter_count(opened), 3 * 1025);
		score(made, "a text of some words", &results[0], logits[0], scores[0]);
		score(opened, "a text of some words", &results[1], logits[1], scores[1]);
		assert_memory_equal(logits[0], logits[1], sizeof logits[0]);
		assert_memory_equal(scores[0], scores[1], sizeof scores[0]);
		assert_int_equal(results[1].tokens_read, 5);
		assert_false(results[1].truncated);
		model_close(made);
		model_close(opened);
		check_folder_remove(folder);
	}
}

static void somebody_who_types_gets_its_scores(void **state)
{
	struct error error = {0};
	struct model *model = make_three(false);
	struct wake *wake = wake_new(&error);
	struct live_scorer *scorer = live_scorer_new(model, wake, &error);
	struct live_result result;
	float logits[3], scores[3];
	struct score expected;

	(void)state;
	assert_non_null(scorer);
	assert_true(live_scorer_post(scorer, span_of("good noodles"), 7));
	while (!live_scorer_take(scorer, &result))
		;
	assert_int_equal(result.generation, 7);
	assert_int_equal(result.tokens_whole, 2);
	score(model, "good noodles", &expected, logits, scores);
	/* The scorer's own thread is idle: nothing else was posted. */
	assert_memory_equal(result.score.scores, scores, sizeof scores);
	live_scorer_free(scorer);
	wake_free(wake);
	model_close(model);
}

/* Folders that lie */

static void put_file(const char *folder, const char *name, const char *text)
{
	char path[512];
	struct error error = {0};

	assert_true(path_join(path, sizeof path, folder, name, &error));
	assert_true(file_replace(path, text, strlen(text), &error));
}

static void assert_refused(const char *folder, const char *pattern)
{
	struct error error = {0};
	struct model *model = model_open(folder, NULL, NULL, &error);

	assert_null(model);
	if (!strstr(error.text, pattern))
		fail_msg("\"%s\" does not hold \"%s\"", error.text, pattern);
	assert_null(strchr(error.text, '\n'));
}

#define LABELS3 "\"id2label\": {\"0\": \"a\", \"1\": \"b\", \"2\": \"c\"}"
#define TYPE "{\"model_type\": \"revue-ngram\", "

static void hostile_configs_are_refused_in_one_line(void **state)
{
	static const char *const cases[][2] = {
		{TYPE LABELS3 "}", "revue_ngram: an object"},
		{TYPE LABELS3 ", \"revue_ngram\": []}", "revue_ngram: an object"},
		{TYPE LABELS3 ", \"revue_ngram\": {\"version\": 2, \"words\": 2, \"buckets\": 1024}}", "version 2 is not read"},
		{TYPE LABELS3 ", \"revue_ngram\": {\"version\": 1, \"words\": 0, \"buckets\": 1024}}", "words: a whole number"},
		{TYPE LABELS3 ", \"revue_ngram\": {\"version\": 1, \"words\": 1e9, \"buckets\": 1024}}", "words: a whole number"},
		{TYPE LABELS3 ", \"revue_ngram\": {\"version\": 1, \"words\": 2, \"buckets\": 1000}}", "a power of 2"},
		{TYPE LABELS3 ", \"revue_ngram\": {\"version\": 1, \"words\": 2, \"buckets\": -1}}", "buckets: a whole number"},
		{TYPE LABELS3 ", \"revue_ngram\": {\"version\": 1, \"words\": 2, \"buckets\": 4611686018427387904}}", "buckets: a whole"},
		{TYPE LABELS3 ", \"revue_ngram\": {\"version\": 1, \"words\": 2, \"buckets\": 2048}}", "weight must be numbers of shape [3, 2048]"},
		{TYPE "\"revue_ngram\": {\"version\": 1, \"words\": 2, \"buckets\": 1024}}", "id2label is missing"},
		{TYPE "\"num_labels\": 65536, \"revue_ngram\": {\"version\": 1, \"words\": 2, \"buckets\": 67108864}}", "must be numbers of shape"},
		{TYPE "\"id2label\": {\"0\": \"a\"}, \"revue_ngram\": {\"version\": 1, \"words\": 2, \"buckets\": 1024}}", "one label"},
		{TYPE "\"problem_type\": \"regression\", " LABELS3 ", \"revue_ngram\": {\"version\": 1, \"words\": 2, \"buckets\": 1024}}", "problem_type"},
	};
	struct model *model = make_three(false);
	struct error error = {0};
	char folder[256];

	(void)state;
	check_folder(folder, sizeof folder);
	assert_true(model_save(model, folder, &error));
	model_close(model);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		put_file(folder, "config.json", cases[i][0]);
		assert_refused(folder, cases[i][1]);
	}
	check_folder_remove(folder);
}

static void write_tensors(const char *folder, const struct tensor_out *tensors, size_t count)
{
	char path[512];
	struct error error = {0};

	assert_true(path_join(path, sizeof path, folder, "model.safetensors", &error));
	assert_true(safetensors_write(path, tensors, count, &error));
}

static void hostile_weights_are_refused_in_one_line(void **state)
{
	static float zeros[3 << 10];
	const struct tensor_out good = {"weight", 2, {3, 1024}, zeros}, bias = {"bias", 1, {3}, zeros};
	const struct tensor_out narrow = {"weight", 2, {3, 1023}, zeros}, flat = {"weight", 1, {3072}, zeros};
	const struct tensor_out few = {"bias", 1, {2}, zeros}, deep = {"bias", 2, {3, 1}, zeros};
	struct model *model = make_three(false);
	struct error error = {0};
	char folder[256];

	(void)state;
	check_folder(folder, sizeof folder);
	assert_true(model_save(model, folder, &error));
	model_close(model);
	write_tensors(folder, (struct tensor_out[]){bias}, 1);
	assert_refused(folder, "the weights lack weight");
	write_tensors(folder, (struct tensor_out[]){good}, 1);
	assert_refused(folder, "the weights lack bias");
	write_tensors(folder, (struct tensor_out[]){bias, narrow}, 2);
	assert_refused(folder, "weight must be numbers of shape [3, 1024]");
	write_tensors(folder, (struct tensor_out[]){bias, flat}, 2);
	assert_refused(folder, "weight must be numbers of shape [3, 1024]");
	write_tensors(folder, (struct tensor_out[]){few, good}, 2);
	assert_refused(folder, "bias must be numbers of shape [3]");
	write_tensors(folder, (struct tensor_out[]){deep, good}, 2);
	assert_refused(folder, "bias must be numbers of shape [3]");
	put_file(folder, "model.safetensors", "\x08");
	assert_refused(folder, "model.safetensors");
	check_folder_remove(folder);
}

static void weights_that_are_no_numbers_make_no_score(void **state)
{
	struct model *model = make_three(false);
	struct span text = span_of("word");
	float numbers[6];
	struct score result = {.logits = numbers, .scores = numbers + 3};
	struct error error = {0};

	(void)state;
	model_ngram(model)->biases[1] = NAN;
	assert_false(model_score(model, &text, 1, 0, &result, NULL, &error));
	assert_int_equal(error.kind, ERROR_DATA);
	model_close(model);
}

static void too_many_weights_are_refused_before_memory_is_asked_for(void **state)
{
	static const char *names[1000];
	static char words[1000][8];
	const struct ngram_shape shape = {3, 26};
	struct error error = {0};

	(void)state;
	for (int i = 0; i < 1000; i++) {
		snprintf(words[i], sizeof words[i], "%d", i);
		names[i] = words[i];
	}
	assert_null(ngram_new(&shape, names, 1000, false, &error));
	assert_non_null(strstr(error.text, "too many weights"));
}

static void what_needs_a_network_refuses_the_model(void **state)
{
	struct model *model = make_three(false);
	struct error error = {0};
	char folder[256];

	(void)state;
	check_folder(folder, sizeof folder);
	assert_true(model_save(model, folder, &error));
	assert_false(model_check_trainable(folder, &error));
	assert_int_equal(error.kind, ERROR_USAGE);
	assert_non_null(strstr(error.text, "no network to train further"));
	assert_false(model_quantize(model, &(struct quantization){0}, &error));
	assert_null(model_open(folder, &(struct model_options){.base = folder}, NULL, &error));
	model_close(model);
	check_folder_remove(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_solver_finds_scikit_learns_coefficients),
		cmocka_unit_test(naive_bayes_scales_are_those_of_the_formula),
		cmocka_unit_test(the_gradient_is_that_of_finite_differences),
		cmocka_unit_test(two_threads_find_what_one_finds_to_the_bit),
		cmocka_unit_test(a_text_is_words_and_punctuation_in_lower_case),
		cmocka_unit_test(letters_of_ascii_are_what_the_table_says),
		cmocka_unit_test(buckets_are_each_once_in_the_order_of_the_text),
		cmocka_unit_test(logits_are_those_of_the_same_way_in_scikit_learn),
		cmocka_unit_test(the_parts_of_a_logit_add_up_to_it),
		cmocka_unit_test(a_saved_model_scores_as_before_to_the_bit),
		cmocka_unit_test(somebody_who_types_gets_its_scores),
		cmocka_unit_test(hostile_configs_are_refused_in_one_line),
		cmocka_unit_test(hostile_weights_are_refused_in_one_line),
		cmocka_unit_test(weights_that_are_no_numbers_make_no_score),
		cmocka_unit_test(too_many_weights_are_refused_before_memory_is_asked_for),
		cmocka_unit_test(what_needs_a_network_refuses_the_model),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
