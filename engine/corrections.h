/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Labels that a person has set right, in a file beside the data, which itself is never changed. A line of JSON for each time:
 *
 *   {"row": "HASH", "old": "negative", "new": "positive", "time": "2026-11-29T17:11:02Z"}
 *
 * HASH is the first half of the SHA-256 of the label as the data have it, a zero byte, and the text: so a row is known again
 * wherever it stands, and not any more once its label or text is another. The last line of a row counts; "new": null takes
 * the correction back. A last line that a crash has cut short does not count. Implemented in engine/data/corrections.c.
 *
 * Threads: any may find; one adds. */
#ifndef REVUE_ENGINE_CORRECTIONS_H
#define REVUE_ENGINE_CORRECTIONS_H

#include "engine/error.h"
#include "engine/span.h"

#include <stdint.h>

#define CORRECTIONS_ENDING ".corrections.jsonl" /* after the name of the data file, where the screens write them */

struct corrections;

/* What PATH holds; nothing where there is no such file and none is `needed`. NULL with one line: it cannot be read, or the
 * line that is no correction. */
struct corrections *corrections_open(const char *path, bool needed, struct error *error);
void corrections_free(struct corrections *corrections); /* NULL is allowed */

/* Rows that have a correction. */
uint64_t corrections_count(struct corrections *corrections);
const char *corrections_path(const struct corrections *corrections);

/* The label that a row with this text and label should have; NULL: no other. Stays until corrections_free. */
const char *corrections_find(struct corrections *corrections, struct span text, struct span label);

/* Changes a hash of the data, 64 hex digits, where there are corrections: data with others are other data. */
void corrections_mix(struct corrections *corrections, char hash[65]);

/* Appends a line, which is on the disk when this has succeeded. `to` NULL: takes the row's correction back. */
bool corrections_add(struct corrections *corrections, struct span text, struct span label, const char *to, struct error *error);

#endif
