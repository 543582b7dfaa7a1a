/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "src/command.h"

#include "engine/nearest.h"

#include <string.h>
#include <unistd.h>

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

static const char *command_nearest(const char *name)
{
	struct nearest nearest = {.wanted = name};

	for (int i = 0; i < command_count; i++)
		if (commands[i].name[0])
			nearest_offer(&nearest, commands[i].name);
	return nearest.name;
}

bool command_is_near(const char *name)
{
	return name[0] != '-' && !strpbrk(name, "./") && access(name, F_OK) != 0 && command_nearest(name);
}

bool command_unknown(const char *name, struct error *error)
{
	const char *nearest = command_nearest(name);

	if (nearest)
		return error_set(error, ERROR_USAGE, "\"%s\" is neither a command nor a file; did you mean \"%s\"?",
		                 name, nearest);
	return error_set(error, ERROR_USAGE, "\"%s\" is neither a command nor a file (revue --help lists the commands)",
	                 name);
}
