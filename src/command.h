/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The one table of commands. A row drives dispatch, --help, `revue help`, the shell completion (which reads operands out of
 * the synopsis: src/completion.c knows its words in capitals) and the test of the man pages. To add a command: a row here, a
 * file that defines NAME_run and NAME_options, a man page. */
#ifndef REVUE_SRC_COMMAND_H
#define REVUE_SRC_COMMAND_H

#include "engine/error.h"
#include "src/args.h"

/* X(id, name, which of TRAIN_OPTIONS it takes, synopsis, help)
 *   name      "" for the screens, which open when no command is named
 *   synopsis  what comes after the name */
#define COMMANDS(X) \
	X(screens, "", ARGUMENTS_NO_TRAINING, "[-m MODEL] [FILE]", \
	  "open the screens: browse reviews, train, score what is typed") \
	X(tour, "tour", ARGUMENTS_NO_TRAINING, "", \
	  "ten minutes in which you browse reviews, train a model on them and test it; nothing of it stays") \
	X(score, "score", ARGUMENTS_NO_TRAINING, "[-m MODEL] [TEXT... | FILE | -]", \
	  "print the label and the score of each review") \
	X(train, "train", ARGUMENTS_TRAINING, "DATA [-m MODEL] [-o RUN] | --resume RUN", \
	  "fine-tune a model on labelled reviews") \
	X(pretrain, "pretrain", ARGUMENTS_TRAINING, "DATA [-m MODEL] [-o RUN] | --resume RUN", \
	  "teach a model the words of texts without labels: those that are masked it has to tell") \
	X(search, "search", ARGUMENTS_TRAINING, "DATA --space FILE [-m MODEL] [-o STUDY] | --resume STUDY", \
	  "train with many settings, and find those that measure best") \
	X(find_rate, "find-rate", ARGUMENTS_TRAINING, "DATA [-m MODEL] [-o RUN]", \
	  "a short training whose learning rate grows, and the rate that it suggests") \
	X(new, "new", ARGUMENTS_NO_TRAINING, "DATA -o MODEL", \
	  "make an untrained BERT whose vocabulary is learned from reviews") \
	X(eval, "eval", ARGUMENTS_NO_TRAINING, "DATA [-m MODEL]", \
	  "measure a model on labelled reviews") \
	X(compare, "compare", ARGUMENTS_NO_TRAINING, "A B DATA", \
	  "measure two models on the same labelled reviews, and tell where they differ") \
	X(baseline, "baseline", ARGUMENTS_TRAINING_ROWS, "DATA [-o MODEL]", \
	  "fit a linear model on words to labelled reviews, and measure it: what a training has to beat") \
	X(merge, "merge", ARGUMENTS_NO_TRAINING, "ADAPTER [-m BASE] -o MODEL", \
	  "add a LoRA adapter to its base and write the whole model") \
	X(watch, "watch", ARGUMENTS_NO_TRAINING, "RUN", \
	  "watch a training of another process") \
	X(control, "control", ARGUMENTS_NO_TRAINING, "RUN ORDER [ARGUMENT]", \
	  "tell a training of another process what to do: pause, another learning rate, a checkpoint") \
	X(runs, "runs", ARGUMENTS_NO_TRAINING, "[FOLDER]", \
	  "list all runs below a folder with their settings and results") \
	X(info, "info", ARGUMENTS_NO_TRAINING, "[MODEL | RUN | DATA]", \
	  "tell what a model, a run, a file of reviews or this machine is") \
	X(tokens, "tokens", ARGUMENTS_NO_TRAINING, "[-m MODEL] [FILE | -]", \
	  "print what the tokenizer makes of each line") \
	X(completion, "completion", ARGUMENTS_NO_TRAINING, "bash|zsh|fish", \
	  "print what makes a shell complete the words of these commands") \
	X(help, "help", ARGUMENTS_NO_TRAINING, "[COMMAND | TOPIC]", \
	  "show what revue or one command does, or explain a topic")

struct command {
	const char *name;
	enum arguments_train train_options;
	const char *synopsis, *help;
	const struct argument_row *options;
	/* argv[0] is the command's name. False with one line; its kind is the exit status. */
	bool (*run)(int argc, char **argv, struct error *error);
};

#define X(id, ...) \
	extern const struct argument_row id##_options[]; \
	bool id##_run(int argc, char **argv, struct error *error);
COMMANDS(X)
#undef X

extern const struct command commands[];
extern const int command_count;

/* NULL: there is no such command. */
const struct command *command_find(const char *name);

/* Whether a command is called nearly so, which is no file: a word that was mistyped. */
bool command_is_near(const char *name);

/* "there is no command NAME", with the nearest one. Returns false. */
bool command_unknown(const char *name, struct error *error);

/* Prints the help of one command, or of the program where `command` is NULL, on standard output. */
bool help_show(const struct command *command, struct error *error);

#endif
