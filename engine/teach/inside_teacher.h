/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A teacher whose inside is imitated: it computes each batch beside the student. */
#ifndef REVUE_TEACH_INSIDE_TEACHER_H
#define REVUE_TEACH_INSIDE_TEACHER_H

#include "engine/model/network.h"
#include "engine/teach/teacher.h"
#include "engine/teach/word_match.h"

/* What is asked for. */
struct inside_wish {
	float attention, hidden; /* weights; 0: not imitated */
	bool scores;             /* see struct imitation */
	bool relations;          /* of hidden states of another width, else they are projected */
	int32_t heads;           /* relation heads; 0: as many as the student has heads */
};

/* What a model of one shape imitates then of a teacher of another. Nothing is checked: inside_teacher_open does that. */
struct imitation inside_wish_imitation(const struct inside_wish *wish, const struct model_config *teacher,
                                       const struct model_config *student);

/* Start with {0}, end with inside_teacher_close. */
struct inside_teacher {
	struct model *model;
	struct imitation imitation;
	struct revealed revealed;
	float *arena; /* [floats] of what is revealed */
	size_t floats;
	bool other_tokens; /* it cuts texts otherwise than the student: its rows are matched with the student's, word by word */
	const struct tokenizer *student; /* borrowed */
	struct word_match match;
};

/* Opens it for a student, and for batches of up to so many tokens and sequences. False with one line: a model without a
 * network, sizes or heads that do not fit; both models are named. */
bool inside_teacher_open(struct inside_teacher *teacher, const char *path, const struct teacher_options *options,
                         const struct inside_wish *wish, struct model *student, const struct progress *progress,
                         struct error *error);
/* What it shows takes so many floats, for so many tokens of the student and `own` of the teacher. 0: overflow. */
size_t inside_teacher_floats(const struct imitation *imitation, size_t tokens, size_t own, bool other_tokens);

/* Sequences are no longer than the teacher can read. */
bool inside_teacher_reserve(struct inside_teacher *teacher, int32_t tokens, int32_t sequences, int32_t longest,
                            struct error *error);
void inside_teacher_close(struct inside_teacher *teacher);

/* Computes the first `sequences` of a batch; batch->teacher is set then, until the next. NULL: there are none of these. */
bool inside_teacher_reveal(struct inside_teacher *teacher, struct batch *batch, int32_t sequences, struct error *error);

#endif
