/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A model that is asked about texts: any that revue opens, an adapter with its base, or one of words alone. It reads a text as
 * it does in `revue score`, whatever the student reads of it. */
#ifndef REVUE_TEACH_TEACHER_H
#define REVUE_TEACH_TEACHER_H

#include "engine/teach/answers.h"
#include "engine/teach/teacher_wish.h"

/* Start with {0}, end with teacher_close. */
struct teacher {
	struct model *model;
	struct answers answers;
	char hash[65];       /* of its content, as model_hash tells, of an adapter with its base's */
	int32_t *label_of;   /* [labels of the student] */
	int32_t labels;
	bool damaged;        /* what was kept of it could not be used */
	struct error unkept; /* why its answers could not be written; ERROR_NONE: they were */
	uint64_t kept, asked; /* texts whose answer was there, and those that it was asked about */
	double seconds;      /* that it took to answer those */
};

/* How a teacher computes: as the student. */
struct teacher_options {
	enum device device;
	int threads;
};

/* Opens it for a student whose labels are settled. */
bool teacher_open(struct teacher *teacher, const char *path, const struct teacher_options *options, const struct model *student,
                  const struct progress *progress, struct error *error);
void teacher_close(struct teacher *teacher);

/* Texts one after the other; `read` gives text `index`, good until the next. */
struct teacher_texts {
	bool (*read)(void *context, uint32_t index, struct span *text, struct error *error);
	void *context;
	uint32_t count;
};

/* Asks about the texts of these lengths and marks them in answered [texts->count]; logits [texts->count][labels of the
 * student], in the student's order, stay as they are where it was not asked. What was computed when it is stopped is kept; that
 * it cannot be costs time at the next visit and nothing else. */
bool teacher_ask(struct teacher *teacher, const struct teacher_texts *texts, struct text_lengths lengths,
                 float *logits, bool *answered, const struct progress *progress, struct error *error);

#endif
