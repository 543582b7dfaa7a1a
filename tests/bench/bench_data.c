/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How fast files are opened, indexed and surveyed. Without an argument it writes two files of its own to $TMPDIR: a
 * million short reviews (115 MB) and reviews of the length of IMDb's (64 MB); with arguments it reads those files.
 * Prints for each file: time to the first screen, then index and survey in seconds of this thread's processor time and
 * bytes a second, best of several. */
#include "engine/clock.h"
#include "engine/dataset.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define REPEATS 5
#define SCREEN_ROWS 50

static double thread_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

struct times {
	double open, index, survey;
	uint64_t rows, size;
	char said[300];
};

/* Opens a file, reads the rows of a screen, indexes and surveys it. */
static bool measure(const char *path, struct times *times, struct error *error)
{
	double start = clock_seconds();
	struct dataset *dataset = dataset_open(path, NULL, error);
	struct row *row = row_new(error);
	struct survey survey = {0};
	bool done = dataset && row;

	for (uint64_t i = 0; done && i < SCREEN_ROWS && i < dataset_rows(dataset, NULL); i++)
		done = dataset_read(dataset, i, row, error);
	times->open = clock_seconds() - start;
	start = thread_seconds();
	done = done && dataset_index(dataset, NULL, error);
	times->index = thread_seconds() - start;
	start = thread_seconds();
	done = done && dataset_survey(dataset, &survey, NULL, error);
	times->survey = thread_seconds() - start;
	if (done) {
		times->rows = dataset_rows(dataset, NULL);
		times->size = dataset_file_size(dataset);
		survey_describe(&survey, times->said, sizeof times->said);
	}
	survey_free(&survey);
	row_free(row);
	dataset_close(dataset);
	return done;
}

static double least(double a, double b)
{
	return a < b ? a : b;
}

static bool bench(const char *path)
{
	struct times best = {.open = 1e9, .index = 1e9, .survey = 1e9}, times;
	struct error error = {0};

	for (int i = 0; i < REPEATS; i++) {
		if (!measure(path, &times, &error)) {
			fprintf(stderr, "bench_data: %s\n", error.text);
			return false;
		}
		times.open = least(times.open, best.open);
		times.index = least(times.index, best.index);
		times.survey = least(times.survey, best.survey);
		best = times;
	}
	printf("%s: %.0f MB\n"
	       "  first screen %.1f ms, index %.3f s (%.2f GB/s, %.1f M rows/s), survey %.2f s (%.0f MB/s)\n"
	       "  %s\n",
	       path, (double)best.size / 1e6, 1e3 * best.open, best.index, (double)best.size / best.index / 1e9,
	       (double)best.rows / best.index / 1e6, best.survey, (double)best.size / best.survey / 1e6, best.said);
	return true;
}

/* `rows` reviews of `words` words; every second one has quotes, commas and a line end, as reviews have. */
static bool write_reviews(const char *path, int rows, int words)
{
	static const char *const vocabulary[] = {"the", "film", "was", "good", "great", "plot,", "acting", "boring", "and",
	                                         "I", "liked", "really", "not", "watch", "it", "again"};
	FILE *file = fopen(path, "w");
	uint32_t state = 1;
	bool written;

	if (!file)
		return false;
	fputs("review,sentiment\n", file);
	for (int i = 0; i < rows; i++) {
		fputc('"', file);
		for (int w = 0; w < words; w++) {
			state = state * 1664525 + 1013904223;
			fputs(vocabulary[state >> 28], file);
			fputs(w % 40 == 39 ? " \"\"so\"\" " : w % 90 == 89 ? "\n" : " ", file);
		}
		fputs(i % 2 ? "\",positive\n" : "\",negative\n", file);
	}
	written = !ferror(file);
	return fclose(file) == 0 && written;
}

static int bench_own_files(void)
{
	static const struct {
		const char *name;
		int rows, words;
	} files[] = {{"short.csv", 1000000, 20}, {"long.csv", 50000, 250}};
	const char *base = getenv("TMPDIR");
	char folder[512], path[600];
	bool done = true;

	snprintf(folder, sizeof folder, "%s/revue-bench-XXXXXX", base && *base ? base : "/tmp");
	if (!mkdtemp(folder))
		return EXIT_FAILURE;
	for (size_t i = 0; done && i < sizeof files / sizeof *files; i++) {
		snprintf(path, sizeof path, "%s/%s", folder, files[i].name);
		done = write_reviews(path, files[i].rows, files[i].words) && bench(path);
		unlink(path);
	}
	rmdir(folder);
	return done ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(int count, char **arguments)
{
	if (count < 2)
		return bench_own_files();
	for (int i = 1; i < count; i++)
		if (!bench(arguments[i]))
			return EXIT_FAILURE;
	return EXIT_SUCCESS;
}
