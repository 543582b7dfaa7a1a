/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a shell can complete on a command line of revue: worked out from the tables of commands and options and from what a
 * synopsis calls its operands. completion_bash.c, completion_zsh.c and completion_fish.c write it down for their shells. */
#ifndef REVUE_SRC_COMPLETION_H
#define REVUE_SRC_COMPLETION_H

#include "src/command.h"

#include <stdio.h>

/* C(kind, function): what a word of the command line may be besides some fixed words. Each script has a function that
 * offers such words. */
#define COMPLETION_KINDS(C) \
	C(FILES, "files") \
	C(FOLDERS, "folders") \
	C(DATA, "data") \
	C(MODELS, "models") \
	C(RUNS, "runs") \
	C(RECIPES, "recipes") \
	C(COMMANDS, "commands") \
	C(TOPICS, "topics") \
	C(ORDERS, "orders")

enum completion_kind {
#define C(kind, function) COMPLETION_##kind,
	COMPLETION_KINDS(C)
#undef C
	COMPLETION_KIND_COUNT
};

extern const char *const completion_functions[COMPLETION_KIND_COUNT];

#define COMPLETION_WORDS_MAX 512

/* What a value or an operand may be; nothing at all where it is a number or a free text. */
struct completion_value {
	unsigned kinds;                   /* a bit for each completion_kind */
	char words[COMPLETION_WORDS_MAX]; /* separated by spaces: letters, digits and "+-_." */
	char hint[COMPLETION_WORDS_MAX];  /* what --help calls it, with the range of a number */
};

struct completion_option {
	char letter; /* 0: none */
	const char *name, *help;
	bool flag;   /* takes no value */
	bool again;  /* may be given several times */
	struct completion_value value;
};

/* Number `index` of a command's options, those of trainings included, and --help at last. False: there are no more. */
bool completion_option(const struct command *command, int index, struct completion_option *option);

/* Operand number `index`; the last one of a command that takes any number of them stands for the rest, too. False: there
 * are no more. */
bool completion_operand(const struct command *command, int index, struct completion_value *operand, bool *rest);

/* Word number `index` of the kinds that have fixed words, with what it is. False: there are no more. */
bool completion_entry(enum completion_kind kind, int index, const char **word, const char **help);

/* How a command is called in the scripts: "-" for the screens. */
const char *completion_command_name(const struct command *command);

/* `text` in quotes that all three shells read alike. */
void completion_quote(FILE *out, const char *text);

void completion_bash(FILE *out);
void completion_zsh(FILE *out);
void completion_fish(FILE *out);

#endif
