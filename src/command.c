/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "src/command.h"

#include <string.h>

const struct command commands[] = {
#define X(id, name, train, synopsis, help) {name, train, synopsis, help, id##_options, id##_run},
	COMMANDS(X)
#undef X
};
const int command_count = (int)(sizeof commands / sizeof *commands);

const struct command *command_find(const char *name)
{
	for (int i = 0; i < command_count; i++)
		if (strcmp(commands[i].name, name) == 0)
			return &commands[i];
	return NULL;
}

bool command_unknown(const char *name, struct error *error)
{
	struct nearest nearest = {.wanted = name};

	for (int i = 0; i < command_count; i++)
		if (commands[i].name[0])
			nearest_offer(&nearest, commands[i].name);
	if (nearest.name)
		return error_set(error, ERROR_USAGE, "\"%s\" is neither a command nor a file; did you mean \"%s\"?",
		                 name, nearest.name);
	return error_set(error, ERROR_USAGE, "\"%s\" is neither a command nor a file (revue --help lists the commands)",
	                 name);
}
