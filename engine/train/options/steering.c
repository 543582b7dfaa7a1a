/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/steering.h"

#include "engine/base/number.h"
#include "engine/nearest.h"
#include "engine/options.h"

#include <stdio.h>
#include <string.h>

const struct run_command_row run_command_rows[RUN_COMMAND_COUNT] = {
#define X(id, name, argument, option, help) [RUN_COMMAND_##id] = {name, argument, option, help},
	RUN_COMMANDS(X)
#undef X
};

void run_command_range(enum run_command command, char *out, size_t capacity)
{
	const struct option_row *row = train_option_find(run_command_rows[command].option);

	out[0] = '\0';
	if (row)
		snprintf(out, capacity, "%s%g to %g", row->minimum > 0 ? "" : "above ", row->minimum, row->maximum);
}

static bool find_command(struct span name, enum run_command *out, struct error *error)
{
	char word[RUN_ORDER_MAX];
	struct nearest nearest = {.wanted = word};

	snprintf(word, sizeof word, "%.*s", (int)name.size, name.data);
	for (int i = 0; i < RUN_COMMAND_COUNT; i++) {
		*out = (enum run_command)i;
		if (strcmp(word, run_command_rows[i].name) == 0)
			return true;
		nearest_offer(&nearest, run_command_rows[i].name);
	}
	return error_set(error, ERROR_USAGE, "unknown command \"%s\"%s%s%s: pause, resume, save, evaluate, stop, rate RATE or epochs "
	                 "EPOCHS", word, nearest.name ? ", did you mean \"" : "", nearest.name ? nearest.name : "",
	                 nearest.name ? "\"?" : "");
}

/* The bounds of an option include its least value, which 0 is of the rate: pause is the way not to learn. */
static bool read_value(enum run_command command, const char *text, double *value, struct error *error)
{
	const struct run_command_row *row = &run_command_rows[command];
	const struct option_row *option = train_option_find(row->option);
	char range[64];

	run_command_range(command, range, sizeof range);
	RETURN_IF(!text[0], error, ERROR_USAGE, "%s needs a number: %s %s, %s", row->name, row->name, row->argument, range);
	RETURN_IF(!number_parse(text, value) || !(*value > 0) || !(*value >= option->minimum) || !(*value <= option->maximum), error,
	          ERROR_USAGE, "%s \"%.40s\": is no number from %s", row->name, text, range);
	return true;
}

bool run_order_parse(const char *text, struct run_order *order, struct error *error)
{
	const size_t size = strcspn(text, " ");
	const char *argument = text + size + strspn(text + size, " ");

	*order = (struct run_order){.value = 0};
	RETURN_IF(strlen(text) >= RUN_ORDER_MAX, error, ERROR_USAGE, "\"%.40s...\" is not a command", text);
	if (!find_command((struct span){text, size}, &order->command, error))
		return false;
	if (run_command_rows[order->command].argument[0])
		return read_value(order->command, argument, &order->value, error);
	RETURN_IF(*argument, error, ERROR_USAGE, "%s takes nothing: \"%.40s\" is too much", run_command_rows[order->command].name,
	          argument);
	return true;
}

void run_order_format(const struct run_order *order, char out[RUN_ORDER_MAX])
{
	char number[NUMBER_TEXT] = "";

	if (run_command_rows[order->command].argument[0])
		number_format(number, order->value);
	snprintf(out, RUN_ORDER_MAX, "%s%s%s", run_command_rows[order->command].name, number[0] ? " " : "", number);
}
