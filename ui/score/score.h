/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The state of the Score screen, and what its parts do with it. */
#ifndef REVUE_UI_SCORE_SCORE_H
#define REVUE_UI_SCORE_SCORE_H

#include "ui/app.h"
#include "ui/score/words.h"

#define KEPT_MAX 1000
#define KEPT_NAME_MAX 64

struct kept_review {
	uint64_t id; /* counts from 1 */
	char *text;
	char *note;    /* NULL: none */
	char expected[KEPT_NAME_MAX]; /* the label that it should have; "": nobody said */
	bool pending;  /* its score has not come */
	int32_t label; /* -1: there is none */
	float score;
	float *scores; /* [num_labels] of the model that scored it; NULL: there are none */
	char name[KEPT_NAME_MAX]; /* of the label */
};

enum score_pane { SCORE_KEPT_LIST, SCORE_WORD_LIST, SCORE_TOKEN_LIST };

/* A second model beside the first. */
struct score_rival {
	struct job *job;         /* that opens it; NULL: none */
	struct scoring scoring;
	uint64_t asked_generation; /* of its model, for the text that was posted last */
};

struct score_state {
	bool typing;
	bool helping; /* the help page was asked for while typing, which then goes on */
	char *text; /* what stands in the box; while typing readline has it */
	size_t size;
	uint64_t model_generation; /* that has been asked to score it */
	uint64_t kept_generation;  /* of the model that the kept reviews are scored by */

	uint64_t last_id, asked; /* ids: of the newest kept review, of the one being scored or 0 */
	uint64_t asked_generation; /* of the model that was asked */

	struct kept_review kept[KEPT_MAX];
	int kept_count;
	uint64_t kept_changes, saved_changes; /* of the list and its notes; as many there were when it was last in a file */
	char *lesson_path; /* of a lesson that is opened if the answer is that what is kept may go */
	struct list list;
	int page;

	struct score_words words;
	uint64_t words_taken;   /* of scoring.words_taken */
	int32_t explained;      /* 1 + the label whose words are shown; 0: the predicted one */
	enum score_pane pane;
	struct list pane_list;  /* of words or tokens */

	struct score_rival rival;
	struct job *file_job;   /* a lesson is read or written */
};

/* What stands in the box, borrowed until it is edited; and has it scored and its words weighed, where it or the model
 * is another (post.c). */
struct span score_text(const struct app *app, const struct score_state *score);
void score_post(struct app *app, struct score_state *score, bool anew);

/* Kept reviews (kept.c) */
struct kept_review *score_keep(struct app *app, struct score_state *score, const char *text);
void score_use_model(struct app *app, struct score_state *score); /* those of another model are scored again */
void score_take_kept(struct app *app, struct score_state *score);
void score_ask_kept(struct app *app, struct score_state *score);
void score_forget(struct score_state *score);
/* Whether what is kept is in no file as it is: reviews; with notes and labels. A tour leaves nothing. */
bool score_is_unsaved(const struct app *app, const struct score_state *score);
bool score_has_unsaved_notes(const struct app *app, const struct score_state *score);
void score_ask_forget(struct app *app, struct score_state *score); /* asks before, where something would be lost */
void score_ask_unsaved(struct app *app, const struct score_state *score, const struct app_choice *choices,
                       void (*chosen)(struct app *app, int key));
void score_draw_kept(struct app *app, const struct score_state *score, struct rect rect);
void score_note(struct app *app, struct score_state *score, const char *note);
void score_expect(struct app *app, struct score_state *score, const char *label);

/* Lessons (lesson.c): kept reviews with notes and the labels that they should have, a line of JSON each. */
void score_save_lesson(struct app *app, struct score_state *score, const char *path);
void score_open_lesson(struct app *app, struct score_state *score, const char *path);
void score_take_lesson(struct app *app, struct score_state *score);

/* Words (word_list.c) */
void score_style_words(const struct score_state *score, const struct scrubbed *text, struct text_lines *lines,
                       struct text_span unread);
void score_pane_title(const struct app *app, const struct score_state *score, char *title, size_t capacity);
void score_draw_pane(struct app *app, const struct score_state *score, struct rect rect);
uint64_t score_pane_count(const struct app *app, const struct score_state *score);
bool score_words_action(struct app *app, struct score_state *score, enum action action, const char *argument);
void score_pane_moved(struct score_state *score);

/* A second model (rival.c) */
void score_compare(struct app *app, struct score_state *score, const char *folder); /* "": no longer */
void score_rival_post(struct score_state *score, struct span text);
bool score_rival_wake(struct app *app, struct score_state *score); /* whether a model came that has no text yet */
bool score_rival_draws(const struct score_state *score);
void score_draw_rival(struct app *app, const struct score_state *score, struct rect rect);
void score_rival_close(struct score_rival *rival);

#endif
