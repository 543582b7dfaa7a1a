/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * `revue control`: an order to a training of another process, from a script. The orders are those of engine/steering.h. */
#include "engine/steering.h"
#include "engine/words.h"
#include "src/command.h"
#include "src/control.h"
#include "src/follow.h"
#include "src/output.h"
#include "src/signals.h"

#include <string.h>

#define STATUS "status" /* asked of the run's files and not of the trainer */
#define STATUS_HELP "how it stands, in a line"

struct control_arguments {
	bool nothing;
};

const struct argument_row control_options[] = {
	{.name = NULL},
};

const char *control_word(int index)
{
	return index < RUN_COMMAND_COUNT ? run_command_rows[index].name : index == RUN_COMMAND_COUNT ? STATUS : NULL;
}

const char *control_help(int index)
{
	return index < RUN_COMMAND_COUNT ? run_command_rows[index].help : index == RUN_COMMAND_COUNT ? STATUS_HELP : NULL;
}

void control_print_commands(FILE *out)
{
	char word[32], range[64];

	fprintf(out, "\nOrders:\n");
	for (int i = 0; i < RUN_COMMAND_COUNT; i++) {
		const struct run_command_row *row = &run_command_rows[i];

		snprintf(word, sizeof word, "%s %s", row->name, row->argument);
		run_command_range((enum run_command)i, range, sizeof range);
		fprintf(out, "  %-16s %s%s%s%s\n", word, row->help, range[0] ? " (" : "", range, range[0] ? ")" : "");
	}
	fprintf(out, "  %-16s %s\n", STATUS, STATUS_HELP);
}

static bool print_status(const char *directory, struct error *error)
{
	struct run *run = run_open(directory, error);
	struct output output;
	char text[256];

	if (!run)
		return false;
	follow_summary(run, text, sizeof text);
	if (!output_open(&output, true, error)) {
		run_close(run);
		return false;
	}
	fprintf(output.record, "%s: %s\n", directory, text);
	run_close(run);
	output_commit(&output);
	return output_close(&output, true, error);
}

/* "rate" and "2e-5", or both in one word. */
static bool join(char out[RUN_ORDER_MAX], char **words, int count, struct error *error)
{
	const int size = snprintf(out, RUN_ORDER_MAX, "%s%s%s", words[0], count > 1 ? " " : "", count > 1 ? words[1] : "");

	RETURN_IF(size < 0 || size >= RUN_ORDER_MAX, error, ERROR_USAGE, "\"%.40s...\" is not a command", words[0]);
	return true;
}

bool control_run(int argc, char **argv, struct error *error)
{
	struct control_arguments values = {0};
	struct arguments arguments = {.rows = control_options, .values = &values};
	char text[RUN_ORDER_MAX];
	struct run_order order;

	if (!arguments_parse(&arguments, argc, argv, error) || !arguments_expect(&arguments, 2, 3, "RUN and ORDER", error))
		return false;
	if (strcmp(arguments.operands[1], STATUS) == 0 && arguments.operand_count == 2)
		return print_status(arguments.operands[0], error);
	return join(text, arguments.operands + 1, arguments.operand_count - 1, error) && run_order_parse(text, &order, error) &&
	       run_send(arguments.operands[0], text, error);
}
