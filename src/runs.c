/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * `revue runs`: the table of the Runs screen, for scripts. */
#include "engine/runs.h"
#include "engine/nearest.h"
#include "src/command.h"
#include "src/output.h"
#include "src/signals.h"
#include "src/study.h"

#include <stdlib.h>
#include <string.h>

#define COLUMNS_MAX 256

struct runs_arguments {
	const char *format, *columns, *sort;
	bool reverse;
};

#define AT(field) offsetof(struct runs_arguments, field)
const struct argument_row runs_options[] = {
	{0, "format", ARGUMENT_CHOICE, "text|csv|json", "text", .offset = AT(format),
	 .help = "how it is printed: for people, as CSV, or as an array of JSON with all columns"},
	{0, "columns", ARGUMENT_TEXT, "NAMES", .offset = AT(columns),
	 .help = "the columns, with commas between: results such as accuracy, and options such as learning-rate"},
	{0, "sort", ARGUMENT_TEXT, "COLUMN", .offset = AT(sort),
	 .help = "in the order of this column instead of that of the names; what has nothing there comes last"},
	{0, "reverse", ARGUMENT_FLAG, .offset = AT(reverse),
	 .help = "the other way round, as the greatest accuracy first"},
	{.name = NULL},
};

static const char columns_of_text[] = "name,state,step,steps,validation_loss,accuracy,f1,num-train-epochs,learning-rate,"
                                      "per-device-train-batch-size,note";

struct runs {
	struct run_row **rows;
	size_t count, capacity;
	bool full; /* there was no memory for one */
	int columns[COLUMNS_MAX], column_count;
	int sort;
	bool reverse;
};

static void take_row(void *context, struct run_row *row)
{
	struct runs *runs = context;

	if (runs->count == runs->capacity) {
		const size_t more = runs->capacity ? runs->capacity * 2 : 64;
		struct run_row **bigger = realloc(runs->rows, more * sizeof *bigger);

		runs->full = !bigger;
		if (!bigger) {
			run_row_free(row);
			return;
		}
		runs->rows = bigger;
		runs->capacity = more;
	}
	runs->rows[runs->count++] = row;
}

static void runs_free(struct runs *runs)
{
	for (size_t i = 0; i < runs->count; i++)
		run_row_free(runs->rows[i]);
	free(runs->rows);
}

/* Columns */

static bool find_column(const char *name, int *out, struct error *error)
{
	struct nearest nearest = {.wanted = name};

	*out = run_column_find(name);
	if (*out >= 0)
		return true;
	for (int i = 0; i < run_column_count(); i++)
		nearest_offer(&nearest, run_column_name(i));
	if (nearest.name)
		return error_set(error, ERROR_USAGE, "there is no column \"%.64s\": did you mean \"%s\"?", name, nearest.name);
	return error_set(error, ERROR_USAGE, "there is no column \"%.64s\": results such as accuracy, or a training option", name);
}

static bool read_columns(struct runs *runs, const char *list, struct error *error)
{
	while (*list) {
		const size_t size = strcspn(list, ",");
		char name[128];

		RETURN_IF(runs->column_count == COLUMNS_MAX, error, ERROR_USAGE, "--columns: more than %d", COLUMNS_MAX);
		snprintf(name, sizeof name, "%.*s", (int)(size < sizeof name ? size : sizeof name - 1), list);
		if (!find_column(name, &runs->columns[runs->column_count++], error))
			return error_prefix(error, "--columns");
		list += size + (list[size] == ',');
	}
	return true;
}

/* Order */

static int compare_cells(const struct run_row *a, const struct run_row *b, int column, bool reverse)
{
	struct run_cell left, right;
	int order;

	run_column_value(a, column, &left);
	run_column_value(b, column, &right);
	if (!left.there || !right.there)
		return (int)right.there - (int)left.there;
	order = left.is_number && right.is_number ? (left.number > right.number) - (left.number < right.number)
	                                          : strcmp(left.text, right.text);
	return reverse ? -order : order;
}

static int compare_rows(const void *a, const void *b, void *context)
{
	const struct runs *runs = context;
	const struct run_row *left = *(struct run_row *const *)a, *right = *(struct run_row *const *)b;
	const int order = compare_cells(left, right, runs->sort, runs->reverse);

	return order ? order : strcmp(left->name, right->name);
}

/* Printing */

static struct span span_of_cell(const struct run_cell *cell)
{
	return (struct span){cell->text, strlen(cell->text)};
}

static int width_of(const struct runs *runs, int column)
{
	int width = (int)strlen(run_column_name(column));

	for (size_t i = 0; i < runs->count; i++) {
		struct run_cell cell;

		run_column_value(runs->rows[i], column, &cell);
		width = (int)strlen(cell.text) > width ? (int)strlen(cell.text) : width;
	}
	return width > 40 ? 40 : width;
}

static void print_text(FILE *out, const struct runs *runs)
{
	int widths[COLUMNS_MAX];

	for (int c = 0; c < runs->column_count; c++) {
		const char *name = run_column_name(runs->columns[c]);

		widths[c] = width_of(runs, runs->columns[c]);
		write_column(out, (struct span){name, strlen(name)}, widths[c]);
		fputs(c + 1 < runs->column_count ? "  " : "\n", out);
	}
	for (size_t i = 0; i < runs->count; i++) {
		for (int c = 0; c < runs->column_count; c++) {
			struct run_cell cell;

			run_column_value(runs->rows[i], runs->columns[c], &cell);
			write_column(out, span_of_cell(&cell), widths[c]);
			fputs(c + 1 < runs->column_count ? "  " : "\n", out);
		}
	}
}

static void print_csv(FILE *out, const struct runs *runs)
{
	for (int c = 0; c < runs->column_count; c++)
		fprintf(out, "%s%s", c ? "," : "", run_column_name(runs->columns[c]));
	fputc('\n', out);
	for (size_t i = 0; i < runs->count; i++) {
		for (int c = 0; c < runs->column_count; c++) {
			struct run_cell cell;

			run_column_value(runs->rows[i], runs->columns[c], &cell);
			fputs(c ? "," : "", out);
			if (cell.there)
				write_csv_field(out, span_of_cell(&cell));
		}
		fputc('\n', out);
	}
}

static void print_json_row(FILE *out, const struct runs *runs, const struct run_row *row)
{
	for (int c = 0; c < runs->column_count; c++) {
		struct run_cell cell;
		const char *name = run_column_name(runs->columns[c]);

		run_column_value(row, runs->columns[c], &cell);
		fputs(c ? ", " : "  {", out);
		write_json_string(out, (struct span){name, strlen(name)});
		fputs(": ", out);
		if (cell.there && cell.is_number)
			write_json_number(out, cell.number);
		else if (cell.there)
			write_json_string(out, span_of_cell(&cell));
		else
			fputs("null", out);
	}
	fputc('}', out);
}

static void print_json(FILE *out, const struct runs *runs)
{
	fputs("[\n", out);
	for (size_t i = 0; i < runs->count; i++) {
		print_json_row(out, runs, runs->rows[i]);
		fputs(i + 1 < runs->count ? ",\n" : "\n", out);
	}
	fputs("]\n", out);
}

static bool print(const struct runs *runs, const char *format, struct error *error)
{
	const bool text = strcmp(format, "text") == 0;
	struct output output;

	if (!output_open(&output, text, error))
		return false;
	if (text)
		print_text(output.record, runs);
	else if (strcmp(format, "csv") == 0)
		print_csv(output.record, runs);
	else
		print_json(output.record, runs);
	output_commit(&output);
	return output_close(&output, true, error);
}

static bool go_on(void *context, const char *what, uint64_t done, uint64_t total)
{
	(void)context;
	(void)what;
	(void)done;
	(void)total;
	return !signals_stopped();
}

static bool choose_columns(struct runs *runs, const struct runs_arguments *values, struct error *error)
{
	if (values->columns)
		return read_columns(runs, values->columns, error);
	if (strcmp(values->format, "json") != 0)
		return read_columns(runs, columns_of_text, error);
	for (int i = 0; i < run_column_count() && i < COLUMNS_MAX; i++)
		runs->columns[runs->column_count++] = i;
	return true;
}

/* A study is told as its own table, where nobody asks for something of the runs. */
static bool is_asked_as_study(const struct runs_arguments *values, const char *folder)
{
	return strcmp(values->format, "text") == 0 && !values->columns && !values->sort && study_is_there(folder);
}

static bool print_study(const char *folder, struct error *error)
{
	struct study *study = study_open(folder, error);
	struct output output;
	bool done = study && output_open(&output, true, error);

	if (done) {
		study_look(study);
		study_print(study, output.record);
		output_commit(&output);
		done = output_close(&output, true, error);
	}
	study_close(study);
	return done;
}

bool runs_run(int argc, char **argv, struct error *error)
{
	const struct progress progress = {go_on, NULL};
	struct runs_arguments values = {0};
	struct arguments arguments = {.rows = runs_options, .values = &values};
	struct runs runs = {0};
	bool done;

	if (!arguments_parse(&arguments, argc, argv, error) || !arguments_expect(&arguments, 0, 1, "FOLDER", error) ||
	    !choose_columns(&runs, &values, error) ||
	    (values.sort && !find_column(values.sort, &runs.sort, error) && !error_prefix(error, "--sort")))
		return false;
	if (arguments.operand_count && is_asked_as_study(&values, arguments.operands[0]))
		return print_study(arguments.operands[0], error);
	runs.reverse = values.reverse;
	signals_catch(false);
	done = runs_find(arguments.operand_count ? arguments.operands[0] : ".", take_row, &runs, &progress, error);
	if (done && runs.full)
		done = error_memory(error, "listing runs");
	if (done && runs.count > 1)
		qsort_r(runs.rows, runs.count, sizeof *runs.rows, compare_rows, &runs);
	done = done && print(&runs, values.format, error);
	runs_free(&runs);
	return done;
}
