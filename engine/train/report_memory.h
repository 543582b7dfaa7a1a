/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Of the report before the first step the memory. */
#ifndef REVUE_TRAIN_REPORT_MEMORY_H
#define REVUE_TRAIN_REPORT_MEMORY_H

#include "engine/train/training.h"

#include <jansson.h>

#define REPORT_MEMORY_LINE 1000

/* Bytes. */
struct report_memory {
	struct network_usage usage;
	uint64_t moments, tokens, copies; /* copies: those that are written as checkpoints */
	uint64_t teacher;                 /* of one whose inside is imitated; 0: none is */
	uint64_t rest, total, available;  /* total: all of it */
	const struct backend *device;     /* what computes, where it has memory of its own; else NULL */
	uint64_t on_device;               /* of the total */
};

/* Memory for the steps was taken. */
void report_memory_gather(struct report_memory *memory, const struct training *training);

/* What the process has beside model and token ids goes into rest_bytes; to be asked when the data was read and closed. */
void report_memory_note_rest(struct training *training);

/* A line, and one of what the host has where a device computes, else "". */
void report_memory_tell(const struct report_memory *memory, char line[REPORT_MEMORY_LINE], char beside[REPORT_MEMORY_LINE]);

/* See training_report.h. NULL: out of memory. */
json_t *report_memory_to_json(const struct report_memory *memory);

#endif
