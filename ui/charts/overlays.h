/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Other runs that are laid over the charts of the one that is shown. */
#ifndef REVUE_UI_OVERLAYS_H
#define REVUE_UI_OVERLAYS_H

#include "engine/job.h"
#include "engine/run.h"

#include <limits.h>

#define OVERLAYS_MAX 6

/* A run keeps its place, and with it its letter and colour, until it is taken away. */
struct overlay {
	char path[PATH_MAX]; /* "": the place is free */
	struct run *run;     /* NULL: it is being read */
	struct job *job;
};

/* Start with {.baseline = -1}. */
struct overlays {
	struct overlay runs[OVERLAYS_MAX];
	int baseline; /* the one that the others are compared with; -1: none is pinned */
};

/* Begins to read a run, or takes one away that is there already, of which *added tells. The place; -1 with one line. */
int overlays_toggle(struct overlays *overlays, struct jobs *jobs, const char *path, bool *added, struct error *error);

/* The place of a run; -1: it is not laid over. */
int overlays_find(const struct overlays *overlays, const char *path);

/* Looks whether one was read, and what has come since in those that live. True: something has changed. False with an error
 * that is set: one could not be read, and its place is free again. */
bool overlays_update(struct overlays *overlays, struct error *error);
bool overlays_busy(const struct overlays *overlays);

void overlays_clear(struct overlays *overlays);

/* 'A' and so on. */
char overlays_letter(int place);

/* The last part of its path. */
const char *overlays_name(const struct overlay *overlay);

#endif
