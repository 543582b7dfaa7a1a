/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The Train screen before a training: the form on the screen, and what its keys do. */
#ifndef REVUE_UI_FORM_PAGE_H
#define REVUE_UI_FORM_PAGE_H

#include "ui/app.h"
#include "ui/train/train_form.h"

struct form_page {
	struct train_form form;
	struct list list;
	int rows;           /* fields on a page */
	char *command;      /* the command line that would do the same, while it is shown; else NULL */
	const struct dataset *dataset; /* whose columns a prompt completes; NULL: none */
	struct error noted; /* why there is no estimate, as it was kept among the messages */
};

/* End with form_page_free. */
void form_page_init(struct form_page *page, const char *model, const char *probes);
void form_page_free(struct form_page *page);

void form_page_wake(struct app *app, struct form_page *page);
void form_page_settle(struct app *app, struct form_page *page, struct rect body);

/* An action of IN_FORM; false: not one of the form's. */
bool form_page_act(struct app *app, struct form_page *page, enum action action, const char *argument);

int form_page_field(const struct form_page *page); /* that is chosen */

/* form_draw.c */
void form_page_draw(struct app *app, const struct form_page *page, struct rect body);

#endif
