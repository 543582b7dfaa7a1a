/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/text/steps.h"

#include "engine/text/bert_normal.h"
#include "engine/text/bert_split.h"
#include "engine/text/wordpiece.h"

#define COUNT(table) (int)(sizeof(table) / sizeof *(table))

const struct normaliser *const normalisers[] = {&bert_normaliser};
const struct splitter *const splitters[] = {&bert_splitter};
const struct piece_step *const piece_steps[] = {&wordpiece_step};

static const char *normaliser_name(const void *nothing, int i)
{
	(void)nothing;
	return normalisers[i]->type;
}

static const char *splitter_name(const void *nothing, int i)
{
	(void)nothing;
	return splitters[i]->type;
}

static const char *piece_step_name(const void *nothing, int i)
{
	(void)nothing;
	return piece_steps[i]->type;
}

const struct step_rows normaliser_rows = {COUNT(normalisers), normaliser_name};
const struct step_rows splitter_rows = {COUNT(splitters), splitter_name};
const struct step_rows piece_step_rows = {COUNT(piece_steps), piece_step_name};

int steps_find(const struct step_rows *rows, const char *type)
{
	for (int i = 0; i < rows->count; i++)
		if (strcmp(rows->name(NULL, i), type) == 0)
			return i;
	return -1;
}
