/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * engine/model in bf16 and f16 against torch.autocast: the logits of tests/golden/make_precision.py. Autocast rounds what
 * products write, too, so that it is no nearer to f32: a model here is as near to it as both can be to f32, and not further from
 * f32 than autocast may be. */
#include "tests/unit/numeric.h"
#include "tests/unit/roberta.h"

#include "engine/base/json.h"
#include "engine/format/config.h"

static const struct format_row {
	const char *name;
	enum precision precision;
	double epsilon; /* of the format; a model of some layers has so many roundings on its way that a logit may be off by four */
} formats[] = {
	{"bf16", PRECISION_BF16, 0x1p-8},
	{"f16", PRECISION_F16, 0x1p-11},
};
#define FORMATS (sizeof formats / sizeof *formats)

struct table {
	double *values;
	size_t count;
};

static struct table table_of(const json_t *rows)
{
	size_t columns = json_array_size(json_array_get(rows, 0));
	struct table t = {calloc(json_array_size(rows) * columns + 1, sizeof(double)), 0};

	assert_non_null(t.values);
	for (size_t r = 0; r < json_array_size(rows); r++)
		for (size_t c = 0; c < columns; c++)
			t.values[t.count++] = json_number_value(json_array_get(json_array_get(rows, r), c));
	assert_true(t.count > 0);
	return t;
}

/* Relative to the norm of b. */
static double distance(const double *a, const double *b, size_t count)
{
	double difference = 0, squares = 0;

	for (size_t i = 0; i < count; i++) {
		difference += (a[i] - b[i]) * (a[i] - b[i]);
		squares += b[i] * b[i];
	}
	return sqrt(difference / squares);
}

static struct model *open_model(const char *name, int32_t labels, enum precision precision)
{
	struct error error = {0};
	struct hf_config config = {0};
	struct model *model;
	char folder[128];

	snprintf(folder, sizeof folder, "tests/golden/numeric/%s", name);
	if (!hf_config_read(check_source(folder), NULL, &config, &error))
		fail_msg("%s", error.text);
	config.model.num_labels = labels;
	model = numeric_model(&config.model);
	hf_config_free(&config);
	model_backend(model)->precision = precision; /* that of the processor is not offered for f16, but computes it */
	return model;
}

/* The lengths of the sequences, as in expected.json. */
static struct numeric_batch batch_of(const char *name, const struct model *model)
{
	struct error error = {0};
	int32_t lengths[8], count;
	struct numeric_batch batch;
	char path[160];
	json_t *expected, *list;

	snprintf(path, sizeof path, "tests/golden/numeric/%s/expected.json", name);
	expected = json_read(check_source(path), 1 << 22, &error);
	assert_non_null(expected);
	list = json_object_get(expected, "lengths");
	count = (int32_t)json_array_size(list);
	assert_in_range(count, 1, 8);
	for (int32_t s = 0; s < count; s++)
		lengths[s] = (int32_t)json_integer_value(json_array_get(list, (size_t)s));
	json_decref(expected);
	batch = numeric_batch(model_config(model)->vocab_size, model_config(model)->num_labels, lengths, count, 0);
	return batch;
}

static void score(struct model *model, const char *name, double *out, size_t count)
{
	struct numeric_batch batch = batch_of(name, model);
	float *logits = calloc(count, sizeof *logits);

	assert_non_null(logits);
	numeric_reserve(model, &batch, false);
	network_score(model, &batch.batch, logits);
	for (size_t i = 0; i < count; i++)
		out[i] = (double)logits[i];
	free(logits);
	numeric_batch_free(&batch);
}

static void check_format(const char *name, const json_t *golden, const struct format_row *format)
{
	struct table exact = table_of(json_object_get(golden, "f32")), torch = table_of(json_object_get(golden, format->name));
	int32_t labels = (int32_t)json_array_size(json_array_get(json_object_get(golden, "f32"), 0));
	struct model *model = open_model(name, labels, format->precision);
	double *got = calloc(exact.count, sizeof *got), limit = 4 * format->epsilon;

	assert_non_null(got);
	score(model, name, got, exact.count);
	if (!(distance(got, torch.values, exact.count) <= limit))
		fail_msg("%s: %.3g from torch, %.3g allowed", format->name, distance(got, torch.values, exact.count), limit);
	if (!(distance(got, exact.values, exact.count) <= limit))
		fail_msg("%s: %.3g from f32, %.3g allowed", format->name, distance(got, exact.values, exact.count), limit);
	if (!(distance(got, exact.values, exact.count) >= format->epsilon / 32))
		fail_msg("%s: as exact as f32", format->name);
	model_close(model);
	free(got);
	free(exact.values);
	free(torch.values);
}

static void logits_are_those_of_autocast(void **state)
{
	const char *name = *state;
	struct error error = {0};
	json_t *all = json_read(check_source("tests/golden/numeric/precision.json"), 1 << 22, &error);

	assert_non_null(all);
	for (size_t f = 0; f < FORMATS; f++)
		check_format(name, json_object_get(all, name), &formats[f]);
	json_decref(all);
}

int main(void)
{
	static char names[][32] = {"bert-26", "bert-32", "bert-64", "distilbert-26", "distilbert-32", "distilbert-64",
	                           "roberta-26"};
	enum { COUNT = sizeof names / sizeof names[0] };
	struct CMUnitTest tests[COUNT];
	char titles[COUNT][96];

	architecture_try(&roberta);
	check_filter();
	for (int i = 0; i < COUNT; i++) {
		snprintf(titles[i], sizeof titles[i], "%.31s: logits in bf16 and f16 are those of autocast", names[i]);
		tests[i] = (struct CMUnitTest){titles[i], logits_are_those_of_autocast, NULL, NULL, names[i]};
	}
	return cmocka_run_group_tests_name("golden_precision", tests, NULL, NULL);
}
