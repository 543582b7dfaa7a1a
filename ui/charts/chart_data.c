/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/charts/chart_data.h"

#include "ui/charts/measure.h"
#include "ui/charts/smooth.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void put_text(FILE *out, const char *text)
{
	fputc('"', out);
	for (; *text; text++)
		fputs(*text == '"' ? "\"\"" : (const char[]){*text, '\0'}, out);
	fputc('"', out);
}

/* What is no number stays empty. */
static void put_number(FILE *out, double value)
{
	if (isfinite(value))
		fprintf(out, ",%.17g", value);
	else
		fputc(',', out);
}

static double value_against(struct curve curve, int axis, size_t index)
{
	double x;

	curve.axis = axis;
	curve_at(&curve, index, &x);
	return x;
}

/* "training", "validation", or a sentence that is followed by its number. */
static void put_series(FILE *out, const struct curve *curve)
{
	if (curve->metric == MEASURE_PROBES)
		fprintf(out, "probe %d", curve->probe + 1);
	else
		fputs(curve->evaluated ? "validation" : "training", out);
}

static bool put_curve(FILE *out, struct chart_data *what, const char *path, const struct curve *curve)
{
	const bool smooths = what->smoothing > 0 && !curve->evaluated;
	struct smooth smooth = {0};
	bool done = true;

	smooth_begin(&smooth, what->smoothing);
	for (size_t i = 0; done && i < curve_count(curve); i++) {
		double x, y = curve_at(curve, i, &x);

		done = smooth_add(&smooth, y);
		put_text(out, path);
		fputc(',', out);
		put_series(out, curve);
		fprintf(out, ",%" PRIu64, curve_step(curve, i));
		put_number(out, value_against(*curve, MEASURE_AGAINST_EPOCH, i));
		put_number(out, value_against(*curve, MEASURE_AGAINST_TIME, i));
		put_number(out, y);
		if (what->smoothing > 0)
			put_number(out, smooths && done ? smooth.values[i] : NAN);
		fputs("\r\n", out);
		what->rows++;
	}
	smooth_free(&smooth);
	return done;
}

static bool put_run(FILE *out, struct chart_data *what, const char *path, struct error *error)
{
	struct run *run = run_open(path, error);
	bool done = run != NULL;

	for (int series = 0; done && series < (what->metric == MEASURE_PROBES ? RUN_PROBES_MAX : 2); series++) {
		const bool probe = what->metric == MEASURE_PROBES;
		const struct curve curve = {run, what->metric, MEASURE_AGAINST_STEP, !probe && series == 1, probe ? series : 0};

		if (curve_exists(&curve) && !put_curve(out, what, path, &curve))
			done = error_memory(error, "writing the data of a chart");
	}
	run_close(run);
	return done;
}

static bool write_rows(FILE *out, struct chart_data *what, struct error *error)
{
	bool done = true;

	fprintf(out, "run,series,step,epoch,time,%s%s\r\n", measures[what->metric].name,
	        what->smoothing > 0 ? ",smoothed" : "");
	for (int i = 0; done && i <= OVERLAYS_MAX; i++)
		done = what->runs[i][0] == '\0' || put_run(out, what, what->runs[i], error);
	return done;
}

static bool data_work(void *context, const struct progress *progress, struct error *error)
{
	struct chart_data *what = context;
	const int fd = open(what->file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	FILE *out = fd < 0 ? NULL : fdopen(fd, "w");
	bool done;

	(void)progress;
	if (!out) {
		const int why = errno;

		if (fd >= 0)
			close(fd);
		errno = why;
		return why == EEXIST ? error_set(error, ERROR_IO, "%s is there already: name another file", what->file)
		                     : error_errno(error, "write", what->file);
	}
	done = write_rows(out, what, error);
	if (done && (ferror(out) || fflush(out) != 0 || fsync(fd) != 0))
		done = error_errno(error, "write", what->file);
	if (fclose(out) != 0 && done)
		done = error_errno(error, "write", what->file);
	if (!done)
		unlink(what->file);
	return done;
}

struct job *chart_data_start(struct jobs *jobs, const struct chart_data *what, struct error *error)
{
	static const struct job_kind writing = {"writing the data of a chart", data_work, free};
	struct chart_data *copy = malloc(sizeof *copy);

	if (!copy) {
		error_memory(error, writing.name);
		return NULL;
	}
	*copy = *what;
	copy->rows = 0;
	return job_start(jobs, &writing, copy, error);
}
