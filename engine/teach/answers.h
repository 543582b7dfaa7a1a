/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a teacher says of texts: its logits, in the order of its own labels, kept in a file so that epochs, seeds and runs
 * cost them once. An answer is known by the teacher's content, by how it cuts texts, and by the text; where one of them is
 * another, so is the answer, and nothing is ever out of date. */
#ifndef REVUE_TEACH_ANSWERS_H
#define REVUE_TEACH_ANSWERS_H

#include "engine/base/kept_records.h"
#include "engine/model.h"

#define ANSWERS_FILES 16 /* that are kept at most, a teacher each */

/* Start with {0}, end with answers_close. */
struct answers {
	struct kept_records *records; /* NULL: nothing is kept */
	int32_t labels;
	char origin[65];
};

/* The answers of a model of which `hash` is what model_open told, in $XDG_CACHE_HOME/revue/answers (else ~/.cache/...).
 * Nothing is kept where there is no place for it, or REVUE_HISTORY is off. *damaged: there was a file that cannot be used. */
bool answers_open(struct answers *answers, const struct model *teacher, const char hash[65], bool *damaged, struct error *error);
void answers_close(struct answers *answers);

struct record_key answers_key(struct span text);

/* logits [labels]. False: it was not asked yet. */
bool answers_find(const struct answers *answers, struct record_key key, float *logits);
void answers_put(struct answers *answers, struct record_key key, const float *logits);

/* Writes the file where there is something new. */
bool answers_save(struct answers *answers, struct error *error);

/* Where the file lies, and its bytes; "" and 0 where nothing is kept. */
const char *answers_path(const struct answers *answers);
uint64_t answers_bytes(const struct answers *answers);

#endif
