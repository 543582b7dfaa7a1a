/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Options of a command, read from tables. A row of the table is the one place where an option is written down:
 * the parser, --help, `revue help --list` (which the completion asks) and the test of the man pages use it.
 *
 * `--name value`, `--name=value`, `-m value` and `-mvalue` mean the same; '_' and '-' in names are the same, so
 * that Hugging Face keys work; options and operands mix freely; `--` ends the options. */
#ifndef REVUE_SRC_ARGS_H
#define REVUE_SRC_ARGS_H

#include "engine/error.h"
#include "engine/options.h"

#include <stddef.h>
#include <stdint.h>

enum argument_kind {
	ARGUMENT_FLAG,    /* bool */
	ARGUMENT_INTEGER, /* int64_t */
	ARGUMENT_REAL,    /* double */
	ARGUMENT_CHOICE,  /* const char *: one of the words of `value`, separated by '|' */
	ARGUMENT_TEXT,    /* const char * */
	ARGUMENT_FILES,   /* struct argument_files: as ARGUMENT_FILE, once more for the next */
	ARGUMENT_FILE,    /* const char *, not empty; the completion offers files */
	ARGUMENT_DIALECT, /* struct dataset_dialect: the member that the name says (engine/dialect.h) */
	ARGUMENT_FOLDER,  /* const char *, not empty; the completion offers folders */
	ARGUMENT_OPTIONS, /* struct options_file: a file of training options, which count from its place on the line on */
};

#define ARGUMENT_FILES_MAX 8

struct argument_files {
	const char *paths[ARGUMENT_FILES_MAX];
	int count;
};

struct argument_row {
	char letter;        /* of the short form; 0: none */
	const char *name;   /* without the dashes; NULL ends a table */
	enum argument_kind kind;
	const char *value;  /* how --help calls the value; the words of a choice; NULL for a flag */
	const char *preset; /* the default as text; NULL: 0, false or NULL */
	double minimum, maximum; /* of a number */
	size_t offset;      /* of the field in the command's struct */
	const char *help;
};

/* Which of TRAIN_OPTIONS a command takes: none, all, or those that say which rows are read and what their labels are. */
enum arguments_train { ARGUMENTS_NO_TRAINING, ARGUMENTS_TRAINING, ARGUMENTS_TRAINING_ROWS };

bool arguments_take(enum arguments_train which, const struct option_row *row);

/* A command line: the tables to read it with, and what was found. Strings are borrowed from argv and the
 * tables. */
struct arguments {
	const struct argument_row *rows;
	void *values;                /* the struct that the rows' offsets point into */
	struct train_options *train; /* where TRAIN_OPTIONS go; NULL: the command does not take them */
	bool train_rows;             /* of these it takes ARGUMENTS_TRAINING_ROWS alone */
	const char *task;            /* of --task, where the line does not say; NULL: the default */
	int train_given;             /* how many of these were given */
	const char *train_named[4];  /* the first of their names, up to NULL */
	const char *command;         /* argv[0] */
	char **operands;             /* what is no option, in order */
	int operand_count;
};

/* Fills in the presets, then reads argv[1] to argv[argc - 1]; reorders argv. False with one line
 * (ERROR_USAGE): an unknown option with the nearest name, a missing or a bad value. */
bool arguments_parse(struct arguments *arguments, int argc, char **argv, struct error *error);

/* ERROR_USAGE unless there are minimum to maximum operands; `what` names them in the message. */
bool arguments_expect(const struct arguments *arguments, int minimum, int maximum, const char *what,
                      struct error *error);

#endif
