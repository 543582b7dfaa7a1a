/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A part of the Data screen: what a training of the file would meet (engine/outlook.h), at a length that keys change. */
#ifndef REVUE_UI_OUTLOOK_PAGE_H
#define REVUE_UI_OUTLOOK_PAGE_H

#include "engine/outlook.h"
#include "ui/app.h"

struct outlook_page {
	bool shown;
	int32_t max_length;      /* where reviews are cut; 0: nobody chose yet */
	char other[PATH_MAX];    /* the file that it is compared with; "": none */
	struct outlook outlook;  /* of `generation` and `compared` */
	bool made;
	uint64_t generation;     /* of the dataset that it is, or is being, made of */
	char compared[PATH_MAX], model[PATH_MAX];
	struct job *job;
	struct error error;
};

void outlook_page_free(struct outlook_page *page);
void outlook_page_wake(struct app *app, struct outlook_page *page);
void outlook_page_draw(struct app *app, const struct outlook_page *page, struct rect body);
bool outlook_page_is_busy(const struct outlook_page *page);

/* OUTLOOK, OVERLAP, LONGER and SHORTER; false: none of these. */
bool outlook_page_act(struct app *app, struct outlook_page *page, enum action action, const char *argument);

#endif
