/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Folders of n-gram models: config.json from a grammar beside weights of some shape, against an oracle that knows what was
 * meant. Then the same config.json, damaged: whatever is taken then scores a text and is closed again. */
#define FUZZ_ROUNDS 3000
#include "tests/fuzz/fuzz.h"

#include "engine/model.h"

enum { LABELS_MAX = 4, BUCKETS = 256 };

/* What a config.json says. */
struct config {
	__int128 version, words, buckets;
	int labels, rows; /* rows: of the weights that lie beside it */
	bool independent, real;
};

static char folder[256];

static void add_number(struct buffer *out, __int128 value)
{
	char digits[48];
	int at = sizeof digits;
	bool negative = value < 0;

	value = negative ? -value : value;
	do
		digits[--at] = (char)('0' + (int)(value % 10));
	while ((value /= 10) > 0);
	if (negative)
		digits[--at] = '-';
	craft_add(out, digits + at, sizeof digits - (size_t)at);
}

static void write_config(struct fuzz *fuzz, const struct config *config)
{
	struct buffer *out = &fuzz->file;

	out->size = 0;
	buffer_add_text(out, "{\"model_type\": \"revue-ngram\", \"revue_ngram\": {\"version\": ");
	add_number(out, config->version);
	buffer_add_text(out, ", \"words\": ");
	add_number(out, config->words);
	buffer_add_text(out, config->real ? ".0, \"buckets\": " : ", \"buckets\": ");
	add_number(out, config->buckets);
	buffer_format(out, "}, \"problem_type\": \"%s\", \"id2label\": {",
	              config->independent ? "multi_label_classification" : "single_label_classification");
	for (int i = 0; i < config->labels; i++)
		buffer_format(out, "%s\"%d\": \"l%d\"", i ? ", " : "", i, i);
	buffer_add_text(out, "}}");
}

static void put(const char *name, const struct buffer *bytes)
{
	char path[512];

	snprintf(path, sizeof path, "%s/%s", folder, name);
	craft_write(path, bytes->data, bytes->size);
}

static void write_weights(const struct config *config)
{
	struct buffer text = {.maximum = CRAFT_MAX}, file = {.maximum = CRAFT_MAX};
	int bias = config->rows * 4, all = bias + config->rows * BUCKETS * 4;

	buffer_format(&text, "{\"bias\":{\"dtype\":\"F32\",\"shape\":[%d],\"data_offsets\":[0,%d]},\"weight\":{\"dtype\":\"F32\",\"shape\":"
	              "[%d,%d],\"data_offsets\":[%d,%d]}}", config->rows, bias, config->rows, BUCKETS, bias, all);
	craft_safetensors(&file, text.size, text.data, text.size, (size_t)all);
	put("model.safetensors", &file);
	buffer_free(&text);
	buffer_free(&file);
}

static bool is_right(const struct config *config)
{
	int rows = config->labels == 2 && !config->independent ? 1 : config->labels;

	return config->version == 1 && config->words >= 1 && config->words <= 5 && !config->real && config->buckets == BUCKETS &&
	       config->labels >= (config->independent ? 1 : 2) && config->rows == rows;
}

static struct config make_config(struct fuzz *fuzz)
{
	struct config config = {.version = 1, .words = 1 + (int)fuzz_below(fuzz, 5), .buckets = BUCKETS,
	                        .labels = (int)fuzz_below(fuzz, LABELS_MAX + 1), .independent = fuzz_one_in(fuzz, 2)};

	config.rows = config.labels == 2 && !config.independent ? 1 : config.labels;
	switch (fuzz_below(fuzz, 12)) {
	case 0: config.version = fuzz_boundary(fuzz); break;
	case 1: config.words = fuzz_boundary(fuzz); break;
	case 2: config.buckets = fuzz_boundary(fuzz); break;
	case 3: config.buckets = -config.buckets; break;
	case 4: config.rows = (int)fuzz_below(fuzz, LABELS_MAX + 2); break;
	case 5: config.real = true; break;
	default: break;
	}
	return config;
}

/* What is taken can score. */
static void use(struct fuzz *fuzz, struct model *model)
{
	int32_t labels = model_config(model)->num_labels;
	struct span text = {"a good, \xff long film", 19};
	float *numbers = calloc((size_t)labels * 2, sizeof *numbers);
	struct score score = {.logits = numbers, .scores = numbers + labels};
	struct error error = {0};

	if (!numbers || !model_score(model, &text, 1, 0, &score, NULL, &error) || score.label < 0 || score.label >= labels)
		fuzz_fail(fuzz, "no score: %s", error.text);
	free(numbers);
}

static struct model *open_it(struct fuzz *fuzz)
{
	struct error error = {0};
	struct model *model;

	put("config.json", &fuzz->file);
	model = model_open(folder, NULL, NULL, &error);
	if (model)
		use(fuzz, model);
	else if (!error.text[0] || strchr(error.text, '\n'))
		fuzz_fail(fuzz, "refused with \"%s\"", error.text);
	return model;
}

static void play_round(struct fuzz *fuzz)
{
	struct config config = make_config(fuzz);
	struct model *model;

	write_config(fuzz, &config);
	write_weights(&config);
	model = open_it(fuzz);
	if ((model != NULL) != is_right(&config))
		fuzz_fail(fuzz, "%s", model ? "taken" : "refused");
	*(model ? &fuzz->taken : &fuzz->refused) += 1;
	model_close(model);
	if (fuzz_one_in(fuzz, 2)) {
		fuzz_damage(fuzz, &fuzz->file, 0);
		model = open_it(fuzz);
		fuzz->damaged_taken += model != NULL;
		model_close(model);
	}
}

int main(int argc, char **argv)
{
	const char *base = getenv("TMPDIR");
	char command[300];
	int status;

	snprintf(folder, sizeof folder, "%s/revue-fuzz-XXXXXX", base && *base ? base : "/tmp");
	if (!mkdtemp(folder))
		abort();
	status = fuzz_main(argc, argv, "ngram", play_round);
	snprintf(command, sizeof command, "rm -rf '%s'", folder);
	return system(command) != 0 ? 1 : status;
}
