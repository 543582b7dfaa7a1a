/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * `revue new`: an untrained BERT whose vocabulary is learned from reviews. */
#include "engine/words.h"
#include "src/command.h"
#include "src/input.h"
#include "src/output.h"
#include "src/progress.h"
#include "src/signals.h"

#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>

struct new_arguments {
	const char *output, *text_column, *label_column, *embeddings;
	struct dataset_dialect dialect;
	int64_t vocab_size, min_frequency, hidden_size, num_hidden_layers, num_attention_heads, intermediate_size;
	int64_t max_position_embeddings, seed;
	double hidden_dropout_prob, attention_probs_dropout_prob;
};

#define AT(field) offsetof(struct new_arguments, field)
const struct argument_row new_options[] = {
	{'o', "output-dir", ARGUMENT_FOLDER, "MODEL", .offset = AT(output),
	 .help = "folder that is made; it must not hold a model yet"},
	{0, "vocab-size", ARGUMENT_INTEGER, "N", "8192", 6, 16777216, AT(vocab_size),
	 "pieces of words that are learned, the five special ones included"},
	{0, "min-frequency", ARGUMENT_INTEGER, "N", "2", 1, 1e9, AT(min_frequency),
	 "times a pair of pieces must occur to become one piece"},
	{0, "hidden-size", ARGUMENT_INTEGER, "N", "128", 1, 65536, AT(hidden_size),
	 "numbers that stand for a token; a multiple of the heads"},
	{0, "num-hidden-layers", ARGUMENT_INTEGER, "N", "2", 1, 1024, AT(num_hidden_layers),
	 "layers of the encoder"},
	{0, "num-attention-heads", ARGUMENT_INTEGER, "N", "2", 1, 1024, AT(num_attention_heads),
	 "attention heads of a layer"},
	{0, "intermediate-size", ARGUMENT_INTEGER, "N", "512", 1, 262144, AT(intermediate_size),
	 "width of the feed-forward part of a layer"},
	{0, "max-position-embeddings", ARGUMENT_INTEGER, "N", "512", 2, 65536, AT(max_position_embeddings),
	 "tokens of a review that the model can read"},
	{0, "hidden-dropout-prob", ARGUMENT_REAL, "P", "0.1", 0, 0.95, AT(hidden_dropout_prob),
	 "share of the hidden values, and of the classifier's, that training drops"},
	{0, "attention-probs-dropout-prob", ARGUMENT_REAL, "P", "0.1", 0, 0.95, AT(attention_probs_dropout_prob),
	 "share of the attention probabilities that training drops"},
	{0, "embeddings", ARGUMENT_FOLDER, "MODEL", .offset = AT(embeddings),
	 .help = "a model whose embeddings of words this one's begin as, projected on their principal components where it is narrower"},
	{0, "seed", ARGUMENT_INTEGER, "N", "42", 0, 4294967295.0, AT(seed),
	 "decides the initial parameters"},
	{0, "text-column", ARGUMENT_TEXT, "NAME", .offset = AT(text_column),
	 .help = "column with the review, by its name or number; guessed where not given"},
	{0, "label-column", ARGUMENT_TEXT, "NAME", .offset = AT(label_column),
	 .help = "column with the label, whose words become the model's labels; guessed where not given"},
	DIALECT_ROWS(INPUT_DIALECT_ROW)
	{.name = NULL},
};

static bool check_output(const char *output, struct error *error)
{
	char path[PATH_MAX];
	struct stat status;

	RETURN_IF(!output, error, ERROR_USAGE, "-o MODEL is missing: the folder to make");
	RETURN_IF(stat(output, &status) == 0 && !S_ISDIR(status.st_mode), error, ERROR_IO, "%s: not a folder", output);
	RETURN_IF((size_t)snprintf(path, sizeof path, "%s/config.json", output) >= sizeof path, error, ERROR_USAGE,
	          "the path of the model is too long");
	RETURN_IF(stat(path, &status) == 0, error, ERROR_USAGE,
	          "%s holds a model already; name another folder, or remove it first", output);
	return true;
}

static bool add_texts(struct vocabulary_trainer *trainer, struct dataset *dataset, struct progress_line *line,
                      struct error *error)
{
	struct row *row = row_new(error);
	bool complete, done = row != NULL;
	uint64_t rows = dataset_rows(dataset, &complete);

	for (uint64_t i = 0; done && i < rows; i++) {
		done = dataset_read(dataset, i, row, error) &&
		       (row->status != ROW_OK || vocabulary_trainer_add(trainer, row->text, error));
		if (done && i % 256 == 0 && !progress_report(&line->progress, "counting words", i, rows))
			done = error_set(error, ERROR_INTERRUPTED, "interrupted");
	}
	row_free(row);
	return done;
}

static struct tokenizer *learn_vocabulary(struct dataset *dataset, const struct new_arguments *values,
                                          struct progress_line *line, struct error *error)
{
	struct vocabulary_trainer *trainer =
		vocabulary_trainer_new((int32_t)values->vocab_size, (int32_t)values->min_frequency, error);
	struct tokenizer *tokenizer = NULL;

	if (!trainer)
		return NULL;
	if (add_texts(trainer, dataset, line, error))
		tokenizer = vocabulary_trainer_finish(trainer, &line->progress, error);
	vocabulary_trainer_free(trainer);
	return tokenizer;
}

static bool set_labels(struct model *model, const struct survey *survey, uint64_t seed, struct error *error)
{
	const char **names;
	bool done;

	if (survey->label_count < 2 || survey->too_many_labels)
		return true;
	names = calloc((size_t)survey->label_count, sizeof *names);
	if (!names)
		return error_memory(error, "naming the labels");
	for (int i = 0; i < survey->label_count; i++)
		names[i] = survey->labels[i].name;
	done = model_set_labels(model, names, survey->label_count, seed, error);
	free(names);
	return done;
}

/* Takes ownership of `tokenizer`. */
static struct model *make_model(const struct new_arguments *values, struct tokenizer *tokenizer,
                                const struct survey *survey, struct error *error)
{
	const struct model_config config = {
		.architecture = architecture_find("bert"),
		.vocab_size = tokenizer_vocab_size(tokenizer),
		.hidden_size = (int32_t)values->hidden_size,
		.num_hidden_layers = (int32_t)values->num_hidden_layers,
		.num_attention_heads = (int32_t)values->num_attention_heads,
		.intermediate_size = (int32_t)values->intermediate_size,
		.max_position_embeddings = (int32_t)values->max_position_embeddings,
		.type_vocab_size = 2,
		.hidden_act = ACTIVATION_GELU,
		.layer_norm_eps = 1e-12f,
		.initializer_range = 0.02f,
		.hidden_dropout_prob = (float)values->hidden_dropout_prob,
		.attention_probs_dropout_prob = (float)values->attention_probs_dropout_prob,
		.classifier_dropout = (float)values->hidden_dropout_prob,
		.pad_token_id = tokenizer_find(tokenizer, "[PAD]"),
	};
	struct model *model;

	/* Without it Hugging Face takes texts that are longer than the model has positions. */
	tokenizer_set_model_max_length(tokenizer, config.max_position_embeddings);
	model = model_new(&config, tokenizer, (uint64_t)values->seed, error);
	if (model && !set_labels(model, survey, (uint64_t)values->seed, error)) {
		model_close(model);
		return NULL;
	}
	return model;
}

static bool report(const struct model *model, const char *folder, struct error *error)
{
	const struct model_config *config = model_config(model);
	struct output output;

	if (!output_open(&output, true, error))
		return false;
	fprintf(output.record, "%s: untrained BERT, %s pieces, %s parameters", folder,
	        words_count((uint64_t)config->vocab_size).text, words_count(model_parameter_count(model)).text);
	for (int32_t i = 0; i < config->num_labels; i++)
		fprintf(output.record, "%s%s", i ? ", " : "; labels: ", model_label(model, i));
	fputc('\n', output.record);
	output_commit(&output);
	return output_close(&output, true, error);
}

/* A label column with fewer than two labels is none; its rows still count. */
static bool survey_rows(struct dataset *dataset, struct survey *survey, struct progress_line *line,
                        struct error *error)
{
	char text[512];

	if (!dataset_check_columns(dataset, false, error) || !dataset_survey(dataset, survey, &line->progress, error))
		return false;
	if (dataset_label_column(dataset) >= 0 && survey->label_count < 2) {
		survey_free(survey);
		*survey = (struct survey){0};
		dataset_set_label_column(dataset, -1);
		if (!dataset_survey(dataset, survey, &line->progress, error))
			return false;
	}
	progress_clear(line);
	if (survey->used == 0)
		return survey_refuse(survey, dataset_path(dataset), "no row can be used", error);
	input_show_columns(dataset);
	survey_describe(survey, text, sizeof text);
	message_note("%s", text);
	return true;
}

static bool take_embeddings(struct model *model, const char *path, struct progress_line *line, struct error *error)
{
	struct embeddings_taken taken;
	struct model *from = model_open(path, &(struct model_options){.device = DEVICE_CPU}, &line->progress, error);
	bool done = from && model_take_embeddings(model, from, &taken, error);

	progress_clear(line);
	if (done)
		message_note("embeddings of %s: %s pieces are the same there, %s are means of parts, %s are new; "
		             "%d of %d numbers keep %.0f %% of the variance",
		             path, words_count((uint64_t)taken.same).text, words_count((uint64_t)taken.parts).text,
		             words_count((uint64_t)taken.none).text, (int)model_config(model)->hidden_size,
		             (int)model_config(from)->hidden_size, 100 * taken.kept);
	model_close(from);
	return done;
}

static bool make(struct dataset *dataset, const struct new_arguments *values, struct progress_line *line,
                 struct error *error)
{
	struct survey survey = {0};
	struct tokenizer *tokenizer = NULL;
	struct model *model = NULL;
	bool done = survey_rows(dataset, &survey, line, error);

	dataset_set_label_column(dataset, -1); /* a text without a label teaches words, too */
	if (done)
		tokenizer = learn_vocabulary(dataset, values, line, error);
	progress_clear(line);
	if (tokenizer)
		model = make_model(values, tokenizer, &survey, error);
	survey_free(&survey);
	done = model && (!values->embeddings || take_embeddings(model, values->embeddings, line, error)) &&
	       model_save(model, values->output, error) && report(model, values->output, error);
	model_close(model);
	return done;
}

bool new_run(int argc, char **argv, struct error *error)
{
	struct new_arguments values = {0};
	struct arguments arguments = {.rows = new_options, .values = &values};
	struct dataset_options options = {0};
	struct progress_line line;
	struct dataset *dataset;
	bool done;

	if (!arguments_parse(&arguments, argc, argv, error) || !arguments_expect(&arguments, 1, 1, "DATA", error) ||
	    !check_output(values.output, error))
		return false;
	RETURN_IF(values.hidden_size % values.num_attention_heads, error, ERROR_USAGE,
	          "--hidden-size %d is no multiple of --num-attention-heads %d", (int)values.hidden_size,
	          (int)values.num_attention_heads);
	signals_catch(false);
	progress_begin(&line);
	options = (struct dataset_options){.dialect = values.dialect, .text_column = values.text_column,
	                                   .label_column = values.label_column};
	dataset = input_dataset_open(arguments.operands[0], &options, &line.progress, error);
	if (!dataset)
		return false;
	done = make(dataset, &values, &line, error);
	progress_clear(&line);
	dataset_close(dataset);
	return done;
}
