/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * RUN/model/README.md: the model card that the Hugging Face Hub shows, made from what the run knows. It holds
 * names of files and folders, never where they lie on the user's machine.
 *
 * Source: the model card specification of the Hub (huggingface_hub, modelcard_template.md and its metadata), the
 * card of transformers' Trainer, and for quoting YAML 1.2 and CommonMark 0.31. */
#ifndef REVUE_TRAIN_CARD_H
#define REVUE_TRAIN_CARD_H

#include "engine/base/buffer.h"
#include "engine/run.h"
#include "engine/train/run/record.h"

#define CARD_BYTES_MAX ((size_t)1 << 20)

/* All of it borrowed. */
struct card {
	const char *name;   /* of the model */
	const char *origin; /* OWNER/NAME of the base on the Hub; "" where it is not known */
	const char *architecture;
	uint64_t parameters;
	bool independent_labels;
	uint64_t step;      /* of the weights that were saved */
	const struct run_record *record;
	const struct run_point *points; /* ascending, like the evaluations */
	size_t point_count;
	const struct run_evaluation *evaluations;
	size_t evaluation_count;
};

/* Puts the whole card into `out`. The figures are those of the evaluation at `step`; without one there is no
 * model-index. Shown for tests. */
bool card_format(const struct card *card, struct buffer *out, struct error *error);

/* Replaces FOLDER/README.md. */
bool card_write(const struct card *card, const char *folder, struct error *error);

/* Pieces of text. Names and labels come from strangers: each is scrubbed and shortened before it is quoted, as YAML or
 * as Markdown wants it. */

#define CARD_TEXT_COLUMNS 120 /* of a name or label that are shown */

/* A text that is put together: `made` turns false, for good, when a piece finds no room. */
struct card_text {
	struct buffer text;
	bool made;
};

/* "..." with escapes: always a text, never a number, a boolean or the start of something else. Shown for tests. */
void card_put_quoted(struct card_text *card, const char *text);

/* `...`: nothing in it is Markdown or HTML, backquotes neither. Not for tables, where '|' still counts. Shown for
 * tests. */
void card_put_code(struct card_text *card, const char *text);

/* "imdb-1": only letters, digits, '.', '_' and '-', as identifiers on the Hugging Face Hub have. Shown for tests. */
void card_put_identifier(struct card_text *card, const char *text);

/* Whether it reads as OWNER/NAME on the Hugging Face Hub. */
bool card_is_hub_name(const char *text);

/* What follows the last '/'; "" stays "". */
const char *card_base_name(const char *path);

#endif
