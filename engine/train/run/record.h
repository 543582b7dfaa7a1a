/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * run.json: what a run was asked for and what it was made from. The trainer writes it when a run starts and again
 * when its data has been read; everybody else only reads it. */
#ifndef REVUE_TRAIN_RECORD_H
#define REVUE_TRAIN_RECORD_H

#include "engine/options.h"
#include "engine/run.h"

#include <jansson.h>
#include <stdint.h>
#include <sys/stat.h>

#define RECORD_FILE "run.json"
#define RECORD_PATH_MAX 4096
#define BASE_FOLDER "base" /* see training_base.h */

/* A file or folder that the run depends on. `hash` is its SHA-256 in hex, "" as long as it is not known. */
struct record_source {
	char path[RECORD_PATH_MAX];
	char first_path[RECORD_PATH_MAX]; /* where it lay when the run began; "": it still does */
	char hash[65];
	bool given; /* not written: the path was given to this resume, which must find the same content there */
};

/* Start with {0}, end with run_record_free. Zero and NULL mean: not known yet. */
struct run_record {
	struct record_source data, model, validation; /* validation.path "": a share of data, or none */
	char base_hash[65]; /* of RUN/base, see training_base.h; "": there is none */
	struct train_options options;
	char **labels;
	int label_count;
	bool fresh_head;
	uint64_t rows, rows_used, training, held_out, truncated;
	char examples_hash[65]; /* see examples.h; "": not known, or the run is of an earlier version */
	uint64_t steps, steps_per_epoch;
	uint64_t part;       /* rows of a batch that are computed at once, where the device has no room for all; else 0 */
	char device[128];        /* what computes, as its driver spells it; "": the processor */
	uint64_t device_memory;  /* bytes that it has */
	uint64_t model_step; /* of the weights in RUN/model; 0: they are not there yet */
	int64_t max_length; /* the one that is used: the option's or the model's */
	int64_t started;    /* seconds since 1970 (UTC) */
	json_t *teaching;   /* hashes of teachers and of files without labels, see training_teach.h; NULL: there are none */
	json_t *exclude;    /* [SHA-256 of each file of --exclude]; NULL: there are none, or they were not read yet */
	json_t *report;     /* see training_report.h; NULL: none was made */
};

/* Whether `directory` is one of a run: it has a run.json, of which *status tells. False with one line: why not. */
bool run_record_find(const char *directory, struct stat *status, struct error *error);

bool run_record_read(const char *directory, struct run_record *record, struct error *error);
bool run_record_write(const char *directory, const struct run_record *record, struct error *error);

/* Whether it could be written: a path that is not UTF-8 cannot stand in JSON (RFC 8259). */
bool run_record_check(const struct run_record *record, struct error *error);

/* Notes that the run starts now. */
void run_record_note_start(struct run_record *record);

void run_record_free(struct run_record *record);

/* Strongest words of labels, the first of them, as struct run_baseline has them; `labels` is the report's baseline.labels. */
void run_record_tell_words(const json_t *labels, char out[RUN_BASELINE_WORDS]);

/* The baseline of the report. False: it has none. Takes no memory. */
bool run_record_read_baseline(const struct run_record *record, struct run_baseline *out);

/* Replaces the labels by copies. */
bool run_record_set_labels(struct run_record *record, const char *const *labels, int count, struct error *error);

#endif
