/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/train/training_report.h"

#include "engine/base/json.h"
#include "engine/base/names.h"
#include "engine/train/optimize/usual_rate.h"
#include "engine/train/report_memory.h"
#include "engine/system.h"
#include "engine/words.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define LABELS_SHOWN 8
#define TENSORS_SHOWN 6
#define FEW_ROWS 5      /* a label of fewer rows is hardly learnt */
#define MUCH_LOST 0.3   /* share of the tokens that is cut off */
#define LINE_MAX_BYTES 700

/* What a report is made of. */
struct sources {
	const struct training *training;
	const struct report_facts *facts;
	struct report_memory memory;
	uint64_t parameters, trainable, fresh; /* values; fresh: tensors */
	const struct training_time *time;
};

/* An adapter is new by its nature; what is told is what the base's files should have held. */
static bool is_new(const struct parameter *parameter)
{
	return parameter->fresh && parameter->part == PART_BASE;
}

static void sources_gather(struct sources *sources, struct training *training, const struct training_time *time)
{
	struct model *model = training->model;

	*sources = (struct sources){.training = training, .facts = &training->facts, .time = time};
	report_memory_gather(&sources->memory, training);
	for (int row = 0; row < model_parameter_rows(model); row++) {
		const struct parameter *parameter = model_parameter(model, row);

		if (parameter->part == PART_FIT) /* no part of the model */
			continue;
		sources->parameters += parameter->count;
		sources->trainable += parameter->trainable ? parameter->count : 0;
		sources->fresh += is_new(parameter);
	}
}

/* Lines */

static bool add_line(json_t *lines, const char *format, ...) __attribute__((format(printf, 2, 3)));

static bool add_line(json_t *lines, const char *format, ...)
{
	char text[LINE_MAX_BYTES];
	va_list arguments;
	size_t size;
	bool cut;

	va_start(arguments, format);
	cut = vsnprintf(text, sizeof text, format, arguments) >= (int)sizeof text;
	va_end(arguments);
	size = strlen(text);
	/* Where it was cut, half a character may stand at the end. */
	for (; cut && size > 0 && (text[size - 1] & 0x80); size--)
		text[size - 1] = '\0';
	return json_array_append_new(lines, json_string(text)) == 0;
}

/* "12 %", "0.4 %", "0 %". */
static struct words share_of(uint64_t part, uint64_t whole)
{
	struct words words;
	double share = whole ? 100.0 * (double)part / (double)whole : 0;

	snprintf(words.text, sizeof words.text, share > 0 && share < 9.95 ? "%.1f %%" : "%.0f %%", share);
	return words;
}

static void put(char *out, size_t capacity, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Adds to a text that may be full. */
static void put(char *out, size_t capacity, const char *format, ...)
{
	size_t used = strlen(out);
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(out + used, capacity - used, format, arguments);
	va_end(arguments);
}

/* The label that follows `after` (-1: the first of all) where they are listed by their rows, the most first or the fewest; those
 * of as many come in the order of the model. -1: there is none. */
static int32_t label_after(const uint64_t *rows, int32_t count, int32_t after, bool fewest)
{
	int32_t next = -1;

	for (int32_t i = 0; i < count; i++) {
		const bool behind = after < 0 || (fewest ? rows[i] > rows[after] : rows[i] < rows[after]);
		const bool follows = behind || (rows[i] == rows[after] && i > after);

		if (follows && (next < 0 || (fewest ? rows[i] < rows[next] : rows[i] > rows[next])))
			next = i;
	}
	return next;
}

static void put_labels(char *out, size_t capacity, const struct sources *sources, const struct report_side *side)
{
	int32_t count = sources->facts->label_count, label = -1;

	for (int32_t i = 0; i < LABELS_SHOWN && (label = label_after(side->labels, count, label, false)) >= 0; i++)
		put(out, capacity, "%s%.*s %s (%s)", i ? ", " : "", NAME_ARGUMENTS(model_label(sources->training->model, label)),
		    words_count(side->labels[label]).text, share_of(side->labels[label], side->rows).text);
	if (count > LABELS_SHOWN)
		put(out, capacity, ", ... (%d labels)", (int)count);
}

static bool line_of_labels(json_t *lines, const struct sources *sources)
{
	char text[LINE_MAX_BYTES] = "";

	if (!sources->training->task->labels) {
		sources->training->task->describe(sources->training, text, sizeof text);
		return add_line(lines, "%s", text);
	}
	put_labels(text, sizeof text, sources, &sources->facts->training);
	return add_line(lines, "labels: %s", text);
}

static bool line_of_validation(json_t *lines, const struct sources *sources)
{
	char text[LINE_MAX_BYTES] = "";

	if (sources->facts->held_out.rows == 0 || !sources->training->task->labels)
		return true;
	put_labels(text, sizeof text, sources, &sources->facts->held_out);
	return add_line(lines, "to measure on: %s", text);
}

/* "after 256", or to what else. */
static void describe_cut(const struct training *training, char *out, size_t capacity)
{
	const struct cut cut = model_cut(training->model, (int32_t)training->record.max_length);

	if (cut.truncation == TRUNCATION_HEAD)
		snprintf(out, capacity, "after %s", words_count((uint64_t)training->record.max_length).text);
	else
		snprintf(out, capacity, "to %s", reading_words(&cut, model_reading(training->model)->pooling).text);
}

static bool line_of_lengths(json_t *lines, const struct sources *sources)
{
	const struct report_side *training = &sources->facts->training, *held_out = &sources->facts->held_out;
	uint64_t rows = training->rows + held_out->rows, truncated = training->truncated + held_out->truncated;
	char where[200];

	if (truncated == 0)
		return add_line(lines, "tokens: median %s, longest %s; no review is cut",
		                words_count((uint64_t)report_facts_median(sources->facts)).text,
		                words_count((uint64_t)sources->facts->longest).text);
	describe_cut(sources->training, where, sizeof where);
	return add_line(lines, "tokens: median %s, longest %s; %s of the reviews are cut %s, which loses %s of all tokens",
	                words_count((uint64_t)report_facts_median(sources->facts)).text,
	                words_count((uint64_t)sources->facts->longest).text, share_of(truncated, rows).text, where,
	                share_of(training->lost + held_out->lost, training->tokens + held_out->tokens).text);
}

static bool line_of_texts(json_t *lines, const struct text_counts *counts)
{
	uint64_t empty = counts->empty + counts->empty_held_out, doubled = counts->doubled + counts->doubled_held_out;
	char text[LINE_MAX_BYTES] = "";

	if (empty > 0)
		put(text, sizeof text, "%s empty", words_count(empty).text);
	if (doubled > 0)
		put(text, sizeof text, "%s%s repeat an earlier one", text[0] ? ", " : "", words_count(doubled).text);
	return text[0] == '\0' || add_line(lines, "texts: %s", text);
}

static bool line_of_tensors(json_t *lines, const struct sources *sources)
{
	struct model *model = sources->training->model;
	char text[LINE_MAX_BYTES] = "";
	uint64_t shown = 0;

	for (int row = 0; row < model_parameter_rows(model) && shown < TENSORS_SHOWN; row++)
		if (is_new(model_parameter(model, row)))
			put(text, sizeof text, "%s%s", shown++ ? ", " : "", model_parameter(model, row)->name);
	if (sources->fresh > shown)
		put(text, sizeof text, " and %s more", words_count(sources->fresh - shown).text);
	return sources->fresh == 0 || add_line(lines, "newly initialised: %s", text);
}

static bool line_of_parameters(json_t *lines, const struct sources *sources)
{
	if (sources->trainable == sources->parameters)
		return add_line(lines, "parameters: %s, all of them trained", words_count(sources->parameters).text);
	return add_line(lines, "parameters: %s, of which %s are trained (%s)", words_count(sources->parameters).text,
	                words_count(sources->trainable).text, share_of(sources->trainable, sources->parameters).text);
}

static bool line_of_parts(json_t *lines, const struct sources *sources)
{
	const struct training *training = sources->training;

	return training->part >= training->schedule.batch ||
	       add_line(lines, "batches: %s reviews in parts of %s, as the GPU has no room for more at once",
	                words_count(training->schedule.batch).text, words_count(training->part).text);
}

static bool line_of_memory(json_t *lines, const struct sources *sources)
{
	char line[REPORT_MEMORY_LINE], beside[REPORT_MEMORY_LINE];

	report_memory_tell(&sources->memory, line, beside);
	return add_line(lines, "%s", line) && (!beside[0] || add_line(lines, "%s", beside));
}

static bool line_of_time(json_t *lines, const struct sources *sources)
{
	uint64_t steps = sources->training->schedule.steps;
	const char *words = steps == 1 ? "step" : "steps";

	if (sources->time->seconds < 0)
		return add_line(lines, "time: %s %s; the first of them show how long they take", words_count(steps).text, words);
	return add_line(lines, "time: %s %s, about %s, by %s that a probe of %s tokens took", words_count(steps).text, words,
	                words_duration(sources->time->seconds).text, words_duration(sources->time->probe_seconds).text,
	                words_count(sources->time->probe_tokens).text);
}

static bool line_of_baseline(json_t *lines, const struct sources *sources)
{
	const struct training_ngrams *ngrams = &sources->training->ngrams;
	const struct training_baseline *figures = &ngrams->figures;
	char words[RUN_BASELINE_WORDS];

	run_record_tell_words(ngrams->labels, words);
	return !ngrams->there ||
	       (add_line(lines, "baseline: a linear model on words, fitted to %s of the rows that train in %s: accuracy %.4f, F1 %.4f, "
	                "loss %.4f on those to measure on", words_count(figures->training).text,
	                words_duration(figures->seconds).text, figures->accuracy, figures->f1, figures->loss) &&
	        (words[0] == '\0' || add_line(lines, "its strongest words: %s", words)));
}

/* Each is asked about the texts of its lengths. */
static bool line_of_teachers(json_t *lines, const struct sources *sources)
{
	const struct training_teaching *teaching = &sources->training->teaching;
	const uint64_t answers = teaching->kept + teaching->asked;
	char left[160] = "";

	if (teaching->teachers == 0)
		return true;
	if (teaching->in_validation > 0)
		snprintf(left, sizeof left, "; %s more are held out, and so left out", words_count(teaching->in_validation).text);
	return add_line(lines, "teachers: %d, of %s texts, %s of them without a label%s; %s of %s answers were there, the others took %s",
	                teaching->teachers, words_count(teaching->texts).text, words_count(teaching->unlabelled).text, left,
	                words_count(teaching->kept).text, words_count(answers).text, words_duration(teaching->seconds).text);
}

/* Warnings */

static bool warn_of_rare(json_t *warnings, const struct sources *sources)
{
	const struct report_side *side = &sources->facts->training;
	char text[LINE_MAX_BYTES] = "";
	int32_t rare = 0, label = -1;

	while ((label = label_after(side->labels, sources->facts->label_count, label, true)) >= 0 && side->labels[label] < FEW_ROWS) {
		if (rare++ < 3)
			put(text, sizeof text, "%s\"%.*s\" (%s)", rare > 1 ? ", " : "",
			    NAME_ARGUMENTS(model_label(sources->training->model, label)), words_count(side->labels[label]).text);
	}
	if (rare == 0)
		return true;
	return add_line(warnings, "%d %s fewer than %d rows to train on: %s%s", (int)rare, rare == 1 ? "label has" : "labels have",
	                FEW_ROWS, text, rare > 3 ? ", ..." : "");
}

/* Dates and ids in the place of labels. */
static bool warn_of_doubt(json_t *warnings, const struct report_file *data)
{
	return !data->doubt[0] ||
	       add_line(warnings, "%s: does the label column hold ids or dates? (--label-column names another)", data->doubt);
}

static bool warn_of_texts(json_t *warnings, const struct text_counts *counts, const struct report_side *held_out)
{
	if (counts->in_both > 0 &&
	    !add_line(warnings, "%s of the %s rows to measure on have a text that is trained on too: figures will be too good",
	              words_count(counts->in_both).text, words_count(held_out->rows).text))
		return false;
	return counts->two_labels == 0 || add_line(warnings, "%s %s with more than one label",
	                                           words_count(counts->two_labels).text,
	                                           counts->two_labels == 1 ? "text stands there" : "texts stand there");
}

/* An option by its name, which this version may have or not; "" where it has none. */
static void option_text(const struct train_options *options, const char *name, char *out, size_t capacity)
{
	const struct option_row *row = train_option_find(name);

	out[0] = '\0';
	if (row)
		train_option_format(options, row, out, capacity);
}

static bool warn_of_order(json_t *warnings, const struct sources *sources)
{
	const struct train_options *options = &sources->training->record.options;
	static const char sorted[] = "the rows of the file are sorted by label";
	char sampling[OPTION_TEXT_MAX];

	if (!sources->facts->data.sorted)
		return true;
	option_text(options, "train-sampling-strategy", sampling, sizeof sampling);
	if (strcmp(sampling, "sequential") == 0)
		return add_line(warnings, "%s: with --train-sampling-strategy sequential most batches have one label", sorted);
	if (options->max_train_samples > 0)
		return add_line(warnings, "%s: its first %s rows would be of one label, so they are drawn from all of it", sorted,
		                words_count((uint64_t)options->max_train_samples).text);
	return true;
}

static bool warn_of_sizes(json_t *warnings, const struct sources *sources)
{
	const struct report_memory *memory = &sources->memory;
	const struct report_side *training = &sources->facts->training, *held_out = &sources->facts->held_out;

	if ((double)(training->lost + held_out->lost) >= MUCH_LOST * (double)(training->tokens + held_out->tokens) &&
	    training->lost > 0 &&
	    !add_line(warnings, "much of the reviews is cut off: a larger --%s keeps more, and takes longer",
	              model_reading(sources->training->model)->cut.truncation == TRUNCATION_WINDOWS ? "max-windows" : "max-length"))
		return false;
	return memory->total - memory->on_device <= memory->available ||
	       add_line(warnings, "%s of memory are more than the %s that this machine has",
	                words_bytes(memory->total - memory->on_device).text,
	                words_bytes(memory->available).text);
}

/* The options for which evaluations decide something, as ", so that ... do nothing"; "" where there are none. */
static void put_waiting(char *out, size_t capacity, const struct train_options *options)
{
	const struct {
		const char *name;
		bool waits;
	} all[] = {
		{"--early-stopping-patience", options->early_stopping_patience > 0},
		{"--load-best-model-at-end", options->load_best_model_at_end},
		{"--save-strategy best", strcmp(options->save_strategy, "best") == 0},
		{"--lr-scheduler-type reduce_lr_on_plateau", strcmp(options->lr_scheduler_type, "reduce_lr_on_plateau") == 0},
	};
	int count = 0;

	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
		if (all[i].waits)
			put(out, capacity, "%s%s", count++ ? ", " : ", so that ", all[i].name);
	if (count > 0)
		put(out, capacity, "%s nothing to choose from", count > 1 ? " have" : " has");
}

/* How often is known before the first step; and an early end or a best model needs more than one. */
static bool warn_of_evaluations(json_t *warnings, const struct sources *sources)
{
	const struct training *training = sources->training;
	const struct occasions *occasions = &training->occasions;
	const uint64_t steps = training->schedule.steps;
	const bool by_steps = occasions->evaluate == OCCASION_STEPS;
	char waiting[300] = "";

	if (training->held_out.count == 0 || occasions->evaluate == OCCASION_NO)
		return true;
	put_waiting(waiting, sizeof waiting, &training->record.options);
	if (occasions_evaluations(occasions, &training->schedule, steps) == 0)
		return add_line(warnings, "--eval-delay %g is more than the %g %s of this training: nothing is measured%s",
		                occasions->evaluate_delay, by_steps ? (double)steps : schedule_epochs(&training->schedule, steps),
		                by_steps ? "steps" : "epochs", waiting);
	return !by_steps || occasions->evaluate_steps <= steps || waiting[0] == '\0' ||
	       add_line(warnings, "--eval-steps %s is more than the %s steps of this training: it is measured once, after the last"
	                "%s", words_count(occasions->evaluate_steps).text, words_count(steps).text, waiting);
}

static bool warn_of_rate(json_t *warnings, const struct sources *sources)
{
	char text[256];

	return !usual_rate_warns(model_config(sources->training->model), &sources->training->record.options, text, sizeof text) ||
	       add_line(warnings, "%s", text);
}

/* JSON */

static json_t *make_lines(const struct sources *sources, const struct text_counts *counts)
{
	json_t *lines = json_array();

	return json_complete(lines, lines && line_of_labels(lines, sources) && line_of_validation(lines, sources) &&
	                     line_of_lengths(lines, sources) && line_of_texts(lines, counts) && line_of_tensors(lines, sources) &&
	                     line_of_parameters(lines, sources) && line_of_memory(lines, sources) &&
	                     line_of_parts(lines, sources) && line_of_time(lines, sources) &&
	                     line_of_baseline(lines, sources) && line_of_teachers(lines, sources));
}

static json_t *make_warnings(const struct sources *sources, const struct text_counts *counts)
{
	json_t *warnings = json_array();

	return json_complete(warnings, warnings && warn_of_doubt(warnings, &sources->facts->data) &&
	                     warn_of_rare(warnings, sources) && warn_of_texts(warnings, counts, &sources->facts->held_out) &&
	                     warn_of_order(warnings, sources) && warn_of_evaluations(warnings, sources) &&
	                     warn_of_rate(warnings, sources) &&
	                     warn_of_sizes(warnings, sources));
}

static json_t *make_labels(const struct sources *sources)
{
	const struct report_facts *facts = sources->facts;
	json_t *labels = json_array();
	bool done = labels != NULL;

	for (int32_t i = 0; done && i < facts->label_count; i++)
		done = json_array_append_new(labels, json_pack("{s:s, s:I, s:I}", "name", model_label(sources->training->model, i),
		                                               "training", (json_int_t)facts->training.labels[i], "validation",
		                                               (json_int_t)facts->held_out.labels[i])) == 0;
	return json_complete(labels, done);
}

static json_t *make_skipped(const struct report_file *file)
{
	json_t *skipped = json_object();
	bool done = skipped != NULL;

	for (int status = ROW_OK + 1; done && status < ROW_STATUS_COUNT; status++)
		if (file->skipped[status])
			done = json_object_set_new(skipped, row_status_name(status), json_integer((json_int_t)file->skipped[status])) == 0;
	return json_complete(skipped, done);
}

static json_t *make_rows(const struct sources *sources)
{
	const struct report_facts *facts = sources->facts;

	return json_pack("{s:I, s:I, s:I, s:I, s:o}", "read", (json_int_t)facts->data.rows, "used", (json_int_t)facts->data.used,
	                 "training", (json_int_t)facts->training.rows, "validation", (json_int_t)facts->held_out.rows, "skipped",
	                 make_skipped(&facts->data));
}

static json_t *make_validation_rows(const struct report_file *file)
{
	if (file->rows == 0)
		return json_null();
	return json_pack("{s:I, s:I, s:o}", "read", (json_int_t)file->rows, "used", (json_int_t)file->used, "skipped",
	                 make_skipped(file));
}

static json_t *make_lengths(const struct sources *sources)
{
	const struct report_side *training = &sources->facts->training, *held_out = &sources->facts->held_out;

	return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I}", "max_length", (json_int_t)sources->training->record.max_length, "median",
	                 (json_int_t)report_facts_median(sources->facts), "longest", (json_int_t)sources->facts->longest, "tokens",
	                 (json_int_t)(training->tokens + held_out->tokens), "truncated",
	                 (json_int_t)(training->truncated + held_out->truncated), "tokens_lost",
	                 (json_int_t)(training->lost + held_out->lost));
}

static json_t *make_texts(const struct text_counts *counts)
{
	return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I}", "empty", (json_int_t)counts->empty, "empty_validation",
	                 (json_int_t)counts->empty_held_out, "doubled", (json_int_t)counts->doubled, "doubled_validation",
	                 (json_int_t)counts->doubled_held_out, "in_both", (json_int_t)counts->in_both, "two_labels",
	                 (json_int_t)counts->two_labels);
}

static json_t *make_tensors(const struct sources *sources)
{
	struct model *model = sources->training->model;
	json_t *names = json_array();
	bool done = names != NULL;

	for (int row = 0; done && row < model_parameter_rows(model); row++)
		if (is_new(model_parameter(model, row)))
			done = json_array_append_new(names, json_string(model_parameter(model, row)->name)) == 0;
	return json_complete(names, done);
}

static json_t *make_baseline(const struct sources *sources)
{
	const struct training_baseline *figures = &sources->training->ngrams.figures;

	if (!sources->training->ngrams.there)
		return json_null();
	return json_pack("{s:f, s:f, s:f, s:I, s:I, s:f, s:O*}", "accuracy", figures->accuracy, "f1", figures->f1, "loss", figures->loss,
	                 "training_rows", (json_int_t)figures->training, "validation_rows", (json_int_t)figures->held_out, "seconds",
	                 figures->seconds, "labels", sources->training->ngrams.labels);
}

static json_t *make_time(const struct sources *sources)
{
	const struct training_time *time = sources->time;

	return json_pack("{s:I, s:o, s:I, s:f}", "steps", (json_int_t)sources->training->schedule.steps, "seconds",
	                 time->seconds >= 0 ? json_real(time->seconds) : json_null(), "probe_tokens",
	                 (json_int_t)time->probe_tokens, "probe_seconds", time->probe_seconds);
}

bool training_report_make(struct training *training, const struct training_time *time, struct error *error)
{
	const struct text_counts counts = text_set_count(&training->facts.texts);
	struct sources sources;

	sources_gather(&sources, training, time);
	json_decref(training->record.report);
	training->record.report = json_pack(
		"{s:o, s:o, s:o, s:o, s:o, s:o, s:{s:I, s:I}, s:o, s:o, s:o, s:o, s:o}", "labels", make_labels(&sources), "rows",
		make_rows(&sources), "validation_rows", make_validation_rows(&training->facts.validation), "lengths",
		make_lengths(&sources), "texts", make_texts(&counts), "new_tensors", make_tensors(&sources), "parameters", "total",
		(json_int_t)sources.parameters, "trainable", (json_int_t)sources.trainable, "memory",
		report_memory_to_json(&sources.memory), "time", make_time(&sources), "baseline", make_baseline(&sources), "lines",
		make_lines(&sources, &counts), "warnings", make_warnings(&sources, &counts));
	return training->record.report || error_memory(error, "making the report");
}

void training_report_tell(struct training *training)
{
	const json_t *lines = json_object_get(training->record.report, "lines");
	const json_t *warnings = json_object_get(training->record.report, "warnings");

	for (size_t i = 0; i < json_array_size(lines); i++)
		training_event(training, JOURNAL_NOTE, "%s", json_string_value(json_array_get(lines, i)));
	for (size_t i = 0; i < json_array_size(warnings); i++)
		training_event(training, JOURNAL_NOTE, "warning: %s", json_string_value(json_array_get(warnings, i)));
}
