/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * revue: finds the command, runs it, says in one line what went wrong. The exit status is the kind of the
 * error (engine/error.h). */
#include "engine/system.h"
#include "src/command.h"
#include "src/output.h"
#include "src/signals.h"

#include <string.h>
#include <sys/prctl.h>

static bool asks(int argc, char **argv, const char *word, const char *letter)
{
	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
		if (strcmp(argv[i], word) == 0 || strcmp(argv[i], letter) == 0)
			return true;
	return false;
}

static bool show_version(struct error *error)
{
	struct output output;

	if (!output_open(&output, true, error))
		return false;
	fprintf(output.record, "%s\n", system_version());
	output_commit(&output);
	return output_close(&output, true, error);
}

static bool dispatch(int argc, char **argv, struct error *error)
{
	const struct command *command = argc > 1 ? command_find(argv[1]) : NULL;

	if (asks(argc, argv, "--help", "-h"))
		return help_show(command, error);
	if (!command && asks(argc, argv, "--version", "-V"))
		return show_version(error);
	if (command)
		return command->run(argc - 1, argv + 1, error);
	if (argc > 1 && command_is_near(argv[1]))
		return command_unknown(argv[1], error);
	command = command_find("");
	if (command)
		return command->run(argc, argv, error);
	return argc > 1 ? command_unknown(argv[1], error) : help_show(NULL, error);
}

int main(int argc, char **argv)
{
	struct error error = {0};

	standard_streams_open();
	prctl(PR_SET_NAME, "revue"); /* the process that q leaves a training to is started as /proc/self/exe */
	locale_start();
	signals_become_errors();
	if (dispatch(argc, argv, &error))
		return 0;
	message_error(&error);
	return error.kind ? (int)error.kind : ERROR_FAILED;
}
