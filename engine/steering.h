/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a training can be told while it is at work. One table: the trainer, its control socket, `revue control` with its help and
 * completion, and the `:` line of the screens read it. Implemented in engine/train/options/steering.c. */
#ifndef REVUE_ENGINE_STEERING_H
#define REVUE_ENGINE_STEERING_H

#include "engine/error.h"

#include <stddef.h>

/* X(id, name, argument, option, help)
 *   argument  what is to be said with it; "": nothing
 *   option    the option of a training that the argument is another value of: its range is that of the option */
#define RUN_COMMANDS(X) \
	X(PAUSE, "pause", "", "", "wait before the next batch, with what was done on the disk") \
	X(RESUME, "resume", "", "", "go on; a full disk is tried again at once") \
	X(SAVE, "save", "", "", "write a checkpoint now") \
	X(EVALUATE, "evaluate", "", "", "measure on the held-out rows now; the best model and early stopping do not count it") \
	X(STOP, "stop", "", "", "end after a checkpoint, from which --resume goes on") \
	X(RATE, "rate", "RATE", "learning-rate", "another peak learning rate from now on; the schedule keeps its shape") \
	X(EPOCHS, "epochs", "EPOCHS", "num-train-epochs", \
	  "another number of epochs in all; what is left of the schedule is stretched to it")

enum run_command {
#define X(id, ...) RUN_COMMAND_##id,
	RUN_COMMANDS(X)
#undef X
	RUN_COMMAND_COUNT
};

struct run_command_row {
	const char *name, *argument, *option, *help;
};
extern const struct run_command_row run_command_rows[RUN_COMMAND_COUNT];

struct run_order {
	enum run_command command;
	double value; /* of its argument; 0: it takes none */
};

#define RUN_ORDER_MAX 64 /* bytes of an order as text */

/* "rate 2e-5". False with one line: there is no such command, its argument is missing or out of range, or it takes none. */
bool run_order_parse(const char *text, struct run_order *order, struct error *error);
void run_order_format(const struct run_order *order, char out[RUN_ORDER_MAX]);

/* Lists what a command takes: "RATE (0 to 10, above 0)"; "" where it takes nothing. */
void run_command_range(enum run_command command, char *out, size_t capacity);

/* What was changed by hand; 0: it is as the options say. */
struct run_steering {
	double rate, epochs;
};

#endif
