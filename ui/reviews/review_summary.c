/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/reviews/review_summary.h"

#include "engine/words.h"

#include <stdarg.h>
#include <stdio.h>

#define LABEL_BYTES 24

__attribute__((format(printf, 3, 4)))
static void add(char *out, size_t capacity, const char *format, ...)
{
	const size_t used = strlen(out);
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(out + used, capacity - used, format, arguments);
	va_end(arguments);
}

static void add_judgement(const struct review_summary *summary, char *out, size_t capacity)
{
	const struct prediction_counts *counts = &summary->predictions;
	const bool ended = counts->done == counts->rows;

	if (counts->judged == 0) {
		add(out, capacity, "  %s predicted%s", words_count(counts->predicted).text, ended ? "" : " so far");
		return;
	}
	add(out, capacity, "  %s %s  accuracy %.1f %% of %s%s", words_count(counts->errors).text,
	    counts->errors == 1 ? "error" : "errors",
	    100.0 * (double)(counts->judged - counts->errors) / (double)counts->judged, words_count(counts->judged).text,
	    ended ? "" : " so far");
}

void review_summary_write(const struct review_summary *summary, char *out, size_t capacity)
{
	out[0] = '\0';
	add(out, capacity, "%s %s%s", words_count(summary->rows).text, summary->rows == 1 ? "row" : "rows",
	    summary->complete ? "" : " so far");
	if (summary->part)
		add(out, capacity, "  %s found", words_count(summary->listed).text);
	if (summary->of > 0)
		add(out, capacity, summary->part ? " among the first %s" : "  the first %s are listed", words_count(summary->of).text);
	if (summary->searched && summary->match > 0)
		add(out, capacity, "  %s of %s match", words_count(summary->match).text, words_count(summary->matches).text);
	else if (summary->searched)
		add(out, capacity, "  %s match", words_count(summary->matches).text);
	if (summary->marked > 0)
		add(out, capacity, "  %s marked", words_count(summary->marked).text);
	if (summary->work && summary->work_total > 0)
		add(out, capacity, "  %s %u %%", summary->work,
		    (unsigned)(100.0 * (double)summary->work_done / (double)summary->work_total));
	else if (summary->work)
		add(out, capacity, "  %s", summary->work);
	if (summary->predictions.rows > 0 && summary->other)
		add(out, capacity, "  ? not judged: %s", summary->other);
	else if (summary->predictions.rows > 0)
		add_judgement(summary, out, capacity);
}

static void add_name(char *out, size_t capacity, int place, const char *name)
{
	const struct span shown = span_prefix(span_of(name), LABEL_BYTES);

	add(out, capacity, "%s%.*s", place > 0 ? ", " : "", (int)shown.size, shown.data);
}

/* Of many labels those that stand in most rows. */
static void add_file_labels(char *out, size_t capacity, const struct survey *survey, int shown)
{
	const bool many = survey->label_count > shown;
	int label = -1;

	for (int i = 0; i < survey->label_count && i < shown; i++) {
		label = many ? survey_label_after(survey, label) : i;
		add_name(out, capacity, i, survey->labels[label].name);
	}
	if (many)
		add(out, capacity, ", ...");
}

static void add_own_labels(char *out, size_t capacity, const struct model *model, int shown)
{
	const int count = model_config(model)->num_labels;

	for (int i = 0; i < count && i < shown; i++)
		add_name(out, capacity, i, model_label(model, i));
	if (count > shown)
		add(out, capacity, ", ...");
}

void review_summary_labels(const struct survey *survey, const struct model *model, int shown, char *out, size_t capacity)
{
	out[0] = '\0';
	add(out, capacity, "the file has ");
	add_file_labels(out, capacity, survey, shown);
	add(out, capacity, "; the model ");
	add_own_labels(out, capacity, model, shown);
}
