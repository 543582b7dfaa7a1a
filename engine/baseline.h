/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a simple model makes of the same reviews: a linear one on hashed words, pairs and triples of words, fitted in seconds
 * to the rows that a training with the same options would train on, and measured on those that it would hold out. Whoever
 * trains a network learns by it what the network is for. Implemented in engine/train (baseline_fit.h has the method). */
#ifndef REVUE_ENGINE_BASELINE_H
#define REVUE_ENGINE_BASELINE_H

#include "engine/dataset.h"
#include "engine/evaluate.h"
#include "engine/exclusion.h"
#include "engine/model.h"
#include "engine/options.h"

/* What `revue baseline` takes where nothing is said, and what a training's report tells of. */
#define BASELINE_WORDS 3
#define BASELINE_BUCKETS 2097152 /* 8 MB of weights for two labels */
#define BASELINE_C 0.3

struct baseline_request {
	const struct train_options *options; /* which rows, which columns, which labels: what a training takes of them */
	int32_t words;   /* of an n-gram, at most */
	int32_t buckets; /* a power of 2 */
	double c;        /* inverse strength of the L2 penalty, as scikit-learn's C */
	int32_t shown;   /* strongest features of each label that are wanted by name */
};

/* A feature by its name: the n-gram that most of its rows have. The strongest are those with the greatest weight times the
 * root of their rows. */
struct baseline_word {
	char *text;    /* words with blanks between; from the data: not scrubbed */
	double weight; /* what it adds to the label's logit */
	uint64_t rows; /* that train and have it */
	double share;  /* of the rows that were looked at: how many have it by this n-gram; others share its bucket */
};

struct baseline {
	struct model *model;    /* of revue's kind "revue-ngram", see engine/model.h; model_save writes it */
	uint64_t training, held_out;
	uint64_t features;      /* different n-grams that were kept, counted by their buckets */
	uint32_t least_rows;    /* that an n-gram must stand in to be kept */
	struct metrics metrics; /* of the rows held out; none where held_out is 0 */
	struct exclusion *exclusion; /* with the counts of rows of both files that --exclude left out; NULL: none are */
	struct baseline_word *words; /* [num_labels][shown], strongest first; text NULL: there are no more */
	int32_t shown;
	int steps, not_reached; /* Newton steps; labels whose fit did not reach its tolerance */
	double read_seconds, fit_seconds;
};

/* Takes over `dataset`, which was opened with train_options_dataset, also when it fails. NULL with one line. The caller closes
 * the result. */
struct baseline *baseline_make(struct dataset *dataset, const struct baseline_request *request, const struct progress *progress,
                               struct error *error);
void baseline_close(struct baseline *baseline);

/* Writes the model into a folder, which is made, and a README.md that says what it is. */
bool baseline_save(const struct baseline *baseline, const char *folder, const char *data, struct error *error);

#endif
