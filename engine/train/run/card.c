/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/train/run/card.h"

#include "engine/base/file.h"
#include "engine/scrub.h"
#include "engine/system.h"
#include "engine/train/optimize/optimizer_options.h"
#include "engine/train/options/options_json.h"
#include "engine/train/run/run_figures.h"

#include <math.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#define LABELS_SHOWN 50
#define EVALUATIONS_SHOWN 100
#define CLEAN_MAX 2048
#define HUB_NAME_MAX 96 /* of either half: huggingface_hub, validate_repo_id */

/* Pieces of text */

static const char identifier_characters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";

static void card_put(struct card_text *card, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void card_put(struct card_text *card, const char *format, ...)
{
	char text[4096];
	va_list arguments;
	int size;

	va_start(arguments, format);
	size = vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	card->made = card->made && size >= 0 && (size_t)size < sizeof text && buffer_add_text(&card->text, text);
}

static void clean(char out[CLEAN_MAX], const char *text)
{
	scrub_line(out, CLEAN_MAX, CARD_TEXT_COLUMNS, span_of(text), (struct scrub_options){SCRUB_NEWLINE_SPACE, false});
}

void card_put_quoted(struct card_text *card, const char *text)
{
	char line[CLEAN_MAX];

	clean(line, text);
	card_put(card, "\"");
	for (const char *c = line; *c; c++)
		card_put(card, "%s%c", *c == '"' || *c == '\\' ? "\\" : "", *c);
	card_put(card, "\"");
}

static size_t longest_run(const char *text, char of)
{
	size_t longest = 0, run = 0;

	for (; *text; text++) {
		run = *text == of ? run + 1 : 0;
		longest = run > longest ? run : longest;
	}
	return longest;
}

/* CommonMark 6.1: a fence longer than any run of backquotes inside; the blanks beside it are not part of the
 * text. */
void card_put_code(struct card_text *card, const char *text)
{
	char line[CLEAN_MAX];
	size_t inside, size;
	const char *pad;

	clean(line, text);
	inside = longest_run(line, '`');
	size = strlen(line);
	pad = inside > 0 || size == 0 || line[0] == ' ' || line[size - 1] == ' ' ? " " : "";
	for (size_t i = 0; i <= inside; i++)
		card_put(card, "`");
	card_put(card, "%s%s%s", pad, line, pad);
	for (size_t i = 0; i <= inside; i++)
		card_put(card, "`");
}

void card_put_identifier(struct card_text *card, const char *text)
{
	size_t size = 0;

	for (; text[size] && size < HUB_NAME_MAX; size++)
		card_put(card, "%c", strchr(identifier_characters, text[size]) ? text[size] : '-');
	if (size == 0)
		card_put(card, "data");
}

static bool is_identifier(const char *text, size_t size)
{
	return size > 0 && size <= HUB_NAME_MAX && text[0] != '.' && text[0] != '-' &&
	       strspn(text, identifier_characters) >= size;
}

bool card_is_hub_name(const char *text)
{
	const char *slash = strchr(text, '/');

	return slash && is_identifier(text, (size_t)(slash - text)) && is_identifier(slash + 1, strlen(slash + 1));
}

const char *card_base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* What is known */

static bool masks_words(const struct card *card)
{
	return !train_options_need_labels(&card->record->options);
}

/* The measure of the weights that were saved; NULL: they were not measured. */
static const struct run_evaluation *final_evaluation(const struct card *card)
{
	for (size_t i = card->evaluation_count; i-- > 0;)
		if (card->evaluations[i].step == card->step)
			return &card->evaluations[i];
	return NULL;
}

static bool measured_on_file(const struct run_record *record)
{
	return record->validation.path[0] != '\0';
}

static const char *measured_on(const struct run_record *record)
{
	return card_base_name(measured_on_file(record) ? record->validation.path : record->data.path);
}

/* What F1 and its like are a mean over; NULL: they are those of label 1. */
static const char *average_of(const struct card *card, const struct run_figure *figure)
{
	if (!figure->averaged || figure->average)
		return figure->average;
	return card->independent_labels ? "micro" : card->record->label_count == 2 ? NULL : "macro";
}

struct figure_words {
	char text[48];
};

/* "F1 (micro)" */
static struct figure_words figure_words(const struct card *card, const struct run_figure *figure)
{
	const char *average = average_of(card, figure);
	bool accuracy = strcmp(figure->name, "accuracy") == 0;
	const char *of = !accuracy                 ? ""
	                 : masks_words(card)       ? " (masked tokens)"
	                 : card->independent_labels ? " (every label right)"
	                                            : "";
	struct figure_words words;

	snprintf(words.text, sizeof words.text, "%s%s%s%s", figure->words, average ? " (" : of, average ? average : "",
	         average ? ")" : "");
	return words;
}

/* Of the table of evaluations. */
static struct figure_words f1_words(const struct card *card)
{
	int i = 0;

	while (strcmp(run_figures[i].name, "f1") != 0)
		i++;
	return figure_words(card, &run_figures[i]);
}

/* The front matter */

/* In the Hub's words. */
static const char *task_of(const struct card *card)
{
	return masks_words(card) ? "fill-mask" : "text-classification";
}

/* What the Hub's pages show of a result: task, data set, metrics; of these type, value, name and arguments. */
static void put_metric(struct card_text *out, const struct card *card, const struct run_evaluation *evaluation,
                       const struct run_figure *figure)
{
	const char *average = average_of(card, figure);

	card_put(out, "    - type: %s\n      value: %.4f\n      name: %s\n", figure->type, run_figure_value(evaluation, figure),
	         figure_words(card, figure).text);
	if (average)
		card_put(out, "      args:\n        average: %s\n", average);
}

static bool is_metric(const struct run_evaluation *evaluation, const struct run_figure *figure)
{
	return figure->type && run_figure_is_there(evaluation, figure) && isfinite(run_figure_value(evaluation, figure));
}

/* Each type once, however many figures are of it. The loss is no metric of the Hub's list. */
static void put_metric_types(struct card_text *out, const struct run_evaluation *evaluation)
{
	card_put(out, "metrics:\n");
	for (int i = 0; i < run_figure_count; i++) {
		const struct run_figure *figure = &run_figures[i];
		if (is_metric(evaluation, figure) && !figure->average && strcmp(figure->type, "loss") != 0)
			card_put(out, "- %s\n", figure->type);
	}
}

/* The Hub drops a result that lacks a task, a data set or metrics. */
static void put_index(struct card_text *out, const struct card *card, const struct run_evaluation *evaluation)
{
	put_metric_types(out, evaluation);
	card_put(out, "model-index:\n- name: ");
	card_put_quoted(out, card->name);
	card_put(out, "\n  results:\n  - task:\n      type: %s\n      name: %s\n    dataset:\n      name: ", task_of(card),
	         masks_words(card) ? "Fill-Mask" : "Text Classification");
	card_put_quoted(out, measured_on(card->record));
	card_put(out, "\n      type: \"");
	card_put_identifier(out, measured_on(card->record));
	card_put(out, "\"\n      split: validation\n    metrics:\n");
	for (int i = 0; i < run_figure_count; i++)
		if (is_metric(evaluation, &run_figures[i]))
			put_metric(out, card, evaluation, &run_figures[i]);
}

/* base_model is a link on the Hub: the name of a folder would lead to somebody else's model. */
static void put_front_matter(struct card_text *out, const struct card *card)
{
	const struct run_evaluation *evaluation = final_evaluation(card);

	card_put(out, "---\nlibrary_name: transformers\npipeline_tag: %s\ntags:\n- %s\n- generated_from_trainer\n- revue\n",
	         task_of(card), task_of(card));
	if (card->origin[0])
		card_put(out, "base_model: \"%s\"\n", card->origin);
	if (evaluation && isfinite(evaluation->accuracy) && (isfinite(evaluation->f1) || masks_words(card)))
		put_index(out, card, evaluation);
	card_put(out, "---\n\n");
}

/* The body */

static void put_json_code(struct card_text *out, const json_t *text)
{
	card_put_code(out, json_is_string(text) ? json_string_value(text) : "");
}

static void put_baseline_words(struct card_text *out, const json_t *labels)
{
	size_t i, k;
	const json_t *label, *word;

	for (i = 0; i < json_array_size(labels) && i < LABELS_SHOWN; i++) {
		label = json_array_get(labels, i);
		card_put(out, "- ");
		put_json_code(out, json_object_get(label, "label"));
		json_array_foreach (json_object_get(label, "words"), k, word) {
			card_put(out, k ? ", " : ": ");
			put_json_code(out, json_object_get(word, "text"));
		}
		card_put(out, "\n");
	}
	if (i > 0)
		card_put(out, "\n");
}

/* What a linear model on words makes of the same reviews. */
static void put_baseline(struct card_text *out, const struct run_record *record)
{
	const json_t *labels = json_object_get(json_object_get(record->report, "baseline"), "labels");
	struct run_baseline baseline;

	if (!run_record_read_baseline(record, &baseline))
		return;
	card_put(out, "A linear model on words, fitted to %lld of the rows that trained, has on these accuracy %.4f, F1 %.4f and "
	              "loss %.4f%s\n\n", baseline.training, baseline.accuracy, baseline.f1, baseline.loss,
	         json_array_size(labels) > 0 ? "; its strongest words:" : ".");
	put_baseline_words(out, labels);
}

static void put_results(struct card_text *out, const struct card *card)
{
	const struct run_evaluation *evaluation = final_evaluation(card);
	const struct run_record *record = card->record;

	if (!evaluation) {
		card_put(out, "These weights were not measured on reviews kept out of training.\n\n");
		return;
	}
	card_put(out, "It achieves the following results on %llu reviews %s ", (unsigned long long)record->held_out,
	         measured_on_file(record) ? "of" : "kept out of");
	card_put_code(out, measured_on(record));
	card_put(out, ":\n\n");
	for (int i = 0; i < run_figure_count; i++)
		if (run_figures[i].words && run_figure_is_there(evaluation, &run_figures[i]))
			card_put(out, "- %s: %.4f\n", figure_words(card, &run_figures[i]).text,
			         run_figure_value(evaluation, &run_figures[i]));
	card_put(out, "\n");
	put_baseline(out, record);
}

static void put_summary(struct card_text *out, const struct card *card)
{
	const struct run_record *record = card->record;

	card_put(out, "<!-- This model card was generated by %s from the record of the training. -->\n\n# ",
	         system_version());
	card_put_code(out, card->name);
	card_put(out, "\n\nThis model is a %s version of ", masks_words(card) ? "further pre-trained" : "fine-tuned");
	if (card->origin[0])
		card_put(out, "[%s](https://huggingface.co/%s) (folder ", card->origin, card->origin);
	card_put_code(out, card_base_name(record->model.path));
	card_put(out, "%s on the reviews in ", card->origin[0] ? ")" : "");
	card_put_code(out, card_base_name(record->data.path));
	card_put(out, ".\n");
	put_results(out, card);
}

static void put_labels(struct card_text *out, const struct run_record *record)
{
	for (int i = 0; i < record->label_count && i < LABELS_SHOWN; i++) {
		card_put(out, "- %d: ", i);
		card_put_code(out, record->labels[i]);
		card_put(out, "\n");
	}
	if (record->label_count > LABELS_SHOWN)
		card_put(out, "- and %d more\n", record->label_count - LABELS_SHOWN);
	card_put(out, "\n");
}

static void put_masked(struct card_text *out, const struct card *card)
{
	card_put(out, "## Model description\n\nA model for masked words (architecture %s, %llu parameters): it tells what stood in the "
	              "place of [MASK]%s.\n\n## Intended uses & limitations\n\nA base to fine-tune on the same kind of text, and a filler "
	              "of masks. It read %lld tokens of a text at most.\n\n", card->architecture,
	         (unsigned long long)card->parameters, card->record->fresh_head ? ", with a head that was new when the training began" : "",
	         (long long)card->record->max_length);
}

static void put_limits(struct card_text *out, const struct run_record *record)
{
	struct model_reading reading = train_options_reading(&record->options, (int32_t)record->max_length);

	reading.cut.max_length = (int32_t)record->max_length;
	card_put(out, "## Intended uses & limitations\n\nIt gives a review a score for each of the labels and reads %s of "
	              "it%s.\nHow it does on other kinds of text than those it was trained on was not measured.\n\n",
	         reading_words(&reading.cut, reading.pooling).text,
	         reading.cut.truncation == TRUNCATION_WINDOWS && reading.cut.max_windows == 0 ? "" : ", no more");
}

static void put_description(struct card_text *out, const struct card *card)
{
	const struct run_record *record = card->record;

	if (masks_words(card)) {
		put_masked(out, card);
		return;
	}
	card_put(out, "## Model description\n\nA text classifier (architecture %s, %llu parameters) with %d labels%s%s:\n\n",
	         card->architecture, (unsigned long long)card->parameters, record->label_count,
	         card->independent_labels ? ", of which a review may have any number," : "",
	         record->fresh_head ? " and a classification head that was new when the training began" : "");
	put_labels(out, record);
	put_limits(out, record);
}

static void put_source(struct card_text *out, const char *what, const struct record_source *source)
{
	card_put(out, "- %s: ", what);
	card_put_code(out, card_base_name(source->path));
	card_put(out, ", SHA-256 `%s`\n", source->hash);
}

static void put_data(struct card_text *out, const struct run_record *record)
{
	card_put(out, "## Training and evaluation data\n\n");
	put_source(out, "training data", &record->data);
	if (measured_on_file(record))
		put_source(out, "validation data", &record->validation);
	put_source(out, "base model", &record->model);
	card_put(out, "- rows: %llu, of which %llu have %s\n- trained on: %llu reviews\n"
	              "- measured on: %llu reviews\n- truncated: %llu reviews\n\n", (unsigned long long)record->rows,
	         (unsigned long long)record->rows_used,
	         train_options_need_labels(&record->options) ? "a review and a label" : "a text", (unsigned long long)record->training,
	         (unsigned long long)record->held_out, (unsigned long long)record->truncated);
}

/* Options whose value is, or may be, a path; of several a line each. */
static bool is_path(const struct option_row *row)
{
	return strncmp(row->choices, "FILE", 4) == 0 || row->offset == offsetof(struct train_options, teacher);
}

static void put_paths(struct card_text *out, const char *lines)
{
	for (const char *at = lines; *at;) {
		const size_t size = strcspn(at, "\n");
		char path[OPTION_TEXT_MAX];

		snprintf(path, sizeof path, "%.*s", (int)size, at);
		card_put(out, at == lines ? "" : ", ");
		card_put_code(out, card_base_name(path));
		at += size + (at[size] == '\n');
	}
}

/* The value of a text option may be anything. */
static void put_option(struct card_text *out, const struct run_record *record, const struct option_row *row)
{
	const char *text = (const char *)&record->options + row->offset;
	char key[64], value[64];

	if (row->kind == OPTION_TEXT && text[0] == '\0')
		return;
	option_json_key(row, key);
	card_put(out, "- %s: ", key);
	if (row->kind == OPTION_TEXT) {
		if (is_path(row))
			put_paths(out, text);
		else
			card_put_code(out, text);
	} else {
		train_option_format(&record->options, row, value, sizeof value);
		card_put(out, "%s", value);
	}
	card_put(out, "\n");
}

static void put_optimizer(struct card_text *out, const struct train_options *options)
{
	struct optimizer_plan plan;

	if (!optimizer_plan_read(&plan, options, NULL))
		return;
	card_put(out, "- optimizer: ");
	switch (plan.kind) {
	case OPTIMIZER_ADAMW:
		card_put(out, "AdamW with betas=(%g,%g) and epsilon=%g", plan.beta1, plan.beta2, plan.epsilon);
		break;
	case OPTIMIZER_SGD:
		card_put(out, "SGD with momentum=%g, dampening=%g and nesterov=%s", plan.momentum, plan.dampening,
		         plan.nesterov ? "true" : "false");
		break;
	case OPTIMIZER_LION:
		card_put(out, "Lion with betas=(%g,%g)", plan.beta1, plan.beta2);
		break;
	case OPTIMIZER_ADAFACTOR:
		card_put(out, "Adafactor");
		break;
	}
	card_put(out, "\n\n");
}

static void put_hyperparameters(struct card_text *out, const struct run_record *record)
{
	const struct train_options *options = &record->options;

	card_put(out, "## Training procedure\n\n### Training hyperparameters\n\n");
	for (int i = 0; i < train_option_count; i++)
		put_option(out, record, &train_option_rows[i]);
	card_put(out, "- total_train_batch_size: %lld\n",
	         (long long)(options->per_device_train_batch_size * options->gradient_accumulation_steps));
	put_optimizer(out, options);
}

/* The loss that was logged last before an evaluation; `next` goes along with the evaluations. */
static double loss_before(const struct card *card, uint64_t step, size_t *next)
{
	while (*next < card->point_count && card->points[*next].step <= step)
		(*next)++;
	return *next > 0 ? card->points[*next - 1].loss : NAN;
}

static void put_table(struct card_text *out, const struct card *card)
{
	size_t next = 0, first = 0;

	if (card->evaluation_count == 0)
		return;
	card_put(out, "### Training results\n\n| Training Loss | Epoch | Step | Validation Loss | Accuracy | %s |\n"
	              "|:-:|:-:|:-:|:-:|:-:|:-:|\n", masks_words(card) ? "Perplexity" : f1_words(card).text);
	if (card->evaluation_count > EVALUATIONS_SHOWN)
		first = card->evaluation_count - EVALUATIONS_SHOWN;
	for (size_t i = first; i < card->evaluation_count; i++) {
		const struct run_evaluation *evaluation = &card->evaluations[i];
		card_put(out, "| %.4f | %.2f | %llu | %.4f | %.4f | %.4f |\n", loss_before(card, evaluation->step, &next),
		         evaluation->epoch, (unsigned long long)evaluation->step, evaluation->loss, evaluation->accuracy,
		         masks_words(card) ? evaluation->perplexity : evaluation->f1);
	}
	if (first > 0)
		card_put(out, "\nThe last %d of %zu evaluations.\n", EVALUATIONS_SHOWN, card->evaluation_count);
	card_put(out, "\n");
}

bool card_format(const struct card *card, struct buffer *out, struct error *error)
{
	struct card_text text = {.text = *out, .made = true};

	put_front_matter(&text, card);
	put_summary(&text, card);
	put_description(&text, card);
	put_data(&text, card->record);
	put_hyperparameters(&text, card->record);
	put_table(&text, card);
	card_put(&text, "### Framework versions\n\n- %s\n", system_version());
	*out = text.text;
	return text.made || error_memory(error, "writing the model card");
}

bool card_write(const struct card *card, const char *folder, struct error *error)
{
	struct buffer text = {.maximum = CARD_BYTES_MAX};
	char path[4096];
	bool done = path_join(path, sizeof path, folder, "README.md", error) && card_format(card, &text, error) &&
	            file_replace(path, text.data, text.size, error);

	buffer_free(&text);
	return done;
}
