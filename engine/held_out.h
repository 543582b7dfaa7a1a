/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * RUN/held_out.scores: what the weights that are, or would be, the result of a run say of each held-out review, so that how good
 * they are can be looked at in any way without the model. Implemented in engine/train/run/held_out.c.
 *
 * The file is one line of JSON and then four arrays, little-endian, one after the other without gaps:
 *
 *   {"format":1,"step":24,"rows":37,"labels":["negative","positive"],"sets":false,"validation":false}
 *   uint64 number[rows]   the row of the data (or of the validation file, where "validation" says so), from 0
 *   uint64 place[rows]    the line that it begins on; of a folder its number from 1
 *   int32 truth[rows]     the place of its label in "labels"; where "sets", uint8 target[rows][labels] in its place
 *   float32 logit[rows][labels] */
#ifndef REVUE_ENGINE_HELD_OUT_H
#define REVUE_ENGINE_HELD_OUT_H

#include "engine/insight.h"
#include "engine/options.h"

#define HELD_OUT_FILE "held_out.scores"
#define HELD_OUT_CELLS_MAX ((size_t)1 << 24) /* rows times labels: above that a training keeps none */

/* Start with {0}, end with held_out_free. */
struct held_out {
	uint64_t step;
	size_t rows;
	int32_t labels;
	bool sets;        /* reviews have sets of labels: `targets` count and no truths */
	bool validation;  /* the rows are of a validation file */
	char **names;     /* [labels]; not scrubbed */
	uint64_t *numbers, *places; /* [rows] each */
	int32_t *truths;  /* [rows] */
	uint8_t *targets; /* [rows][labels] */
	float *logits;    /* [rows][labels] */

	/* Made of these by held_out_read. */
	double *scores;       /* [rows][labels] probabilities */
	int32_t *predictions; /* [rows]: the first of the highest */
	/* The file that the rows are of, and how it is read, from run.json. */
	char path[4096], hash[65];
	char text_column[OPTION_TEXT_MAX], label_column[OPTION_TEXT_MAX];
	struct dataset_dialect dialect;
};

/* False with one line: the run has none (of an earlier version, or nothing was measured yet), or it is damaged. */
bool held_out_read(const char *run, struct held_out *out, struct error *error);
void held_out_free(struct held_out *held_out);

/* Writes it whole or not at all. `names` are UTF-8. */
bool held_out_write(const char *run, const struct held_out *held_out, struct error *error);

/* The rows with their scores; borrowed. */
struct scored_rows held_out_scored(const struct held_out *held_out);

/* Whether both are of the same rows with the same truths, so that two runs can be compared row by row. False with one line. */
bool held_out_check_same(const struct held_out *a, const struct held_out *b, struct error *error);

/* RUN/held_out.csv: the reviews that became right, or wrong, between the first step and the result. Their rows of the data, into
 * numbers[held_out->rows]; returns how many. False: *count is 0 and there is no such file, or it is of other rows. */
bool held_out_changed(const char *run, const struct held_out *held_out, bool mended, uint64_t *numbers, size_t *count,
                      struct error *error);

#endif
