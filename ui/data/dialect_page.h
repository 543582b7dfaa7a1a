/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A part of the Data screen: how the file is written, as a form with a preview of its first rows, and what its keys do. */
#ifndef REVUE_UI_DIALECT_PAGE_H
#define REVUE_UI_DIALECT_PAGE_H

#include "ui/app.h"
#include "ui/data/dialect_form.h"
#include "ui/data/dialect_preview.h"
#include "ui/form.h"

struct dialect_page {
	bool shown;
	uint64_t generation;         /* of the dataset that the form began with: another one ends it */
	struct list list;            /* of fields */
	int rows;                    /* fields on a page */
	struct dialect_form form;
	struct dialect_form tried;   /* the form, or with what is being typed: what `job`, or else `preview` or `error`, is of */
	struct job *job;             /* makes the preview; NULL: it is made */
	struct dialect_preview *preview; /* the last one that could be made; NULL: none */
	bool stale;                  /* ... of something else than `tried` */
	struct error error;          /* why the file cannot be read so */
	struct error typed;          /* why what is being typed would be refused */
	bool wanted;                 /* the file is to be read so as soon as the preview shows that it can */
	char *command;               /* the command line that would do the same, while it is shown; else NULL */
};

void dialect_page_free(struct dialect_page *page);

/* Shows the form, or does what `words` say at once: "delimiter ;" changes a field of the form that is shown, or reads the file
 * anew; "header" goes to that field; "auto" takes all back to being guessed. */
void dialect_page_show(struct app *app, struct dialect_page *page, const char *words);
void dialect_page_hide(struct dialect_page *page);

void dialect_page_wake(struct app *app, struct dialect_page *page);
void dialect_page_settle(struct app *app, struct dialect_page *page, struct rect body);

/* An action of IN_DIALECT; false: not one of the form's. */
bool dialect_page_act(struct app *app, struct dialect_page *page, enum action action, const char *argument);

/* What a field is, "comma", and how that came about: "" where it was said, "(guessed)", "(found)" by its
 * name. */
#define DIALECT_ORIGIN_MAX 32
void dialect_page_value(const struct dialect_page *page, int field, char out[OPTION_TEXT_MAX], char origin[DIALECT_ORIGIN_MAX]);

/* What the chosen field can be. */
struct form_choices dialect_page_choices(const struct dialect_page *page);

/* In a line what the file would be, or why it cannot be read so: true. */
bool dialect_page_describe(const struct dialect_page *page, char *out, size_t capacity);

/* Rows of the preview that are shown; NULL: none. */
const struct dialect_preview *dialect_page_preview(const struct dialect_page *page);

/* dialect_draw.c */
void dialect_page_draw(struct app *app, const struct dialect_page *page, struct rect body);

#endif
