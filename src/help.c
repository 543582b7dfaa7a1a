/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * `revue help`, --help, and the list of all options that the shell completion and the test of the man pages read. */
#include "engine/nearest.h"
#include "engine/system.h"
#include "src/command.h"
#include "src/control.h"
#include "src/output.h"
#include "src/synonyms.h"
#include "src/topics.h"

#include <string.h>

struct help_arguments {
	bool list;
};

const struct argument_row help_options[] = {
	{.name = "list", .kind = ARGUMENT_FLAG, .offset = offsetof(struct help_arguments, list),
	 .help = "every command and option, a line each, for programs"},
	{.name = NULL},
};

/* What may be one of some words or something else besides, which is written in capitals, is a text. */
static const char *values_word(const char *values)
{
	return strpbrk(values, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") ? "text" : values;
}

static const char *kind_word(const struct argument_row *row)
{
	switch (row->kind) {
	case ARGUMENT_FLAG:
		return "flag";
	case ARGUMENT_INTEGER:
		return "integer";
	case ARGUMENT_REAL:
		return "real";
	case ARGUMENT_CHOICE:
		return row->value;
	case ARGUMENT_DIALECT:
		return values_word(row->value);
	case ARGUMENT_TEXT:
		return "text";
	case ARGUMENT_FILE:
	case ARGUMENT_FILES:
		return "file";
	case ARGUMENT_OPTIONS:
		return "arguments";
	case ARGUMENT_FOLDER:
		return "folder";
	}
	return "";
}

static const char *train_kind_word(const struct option_row *row)
{
	switch (row->kind) {
	case OPTION_BOOLEAN:
		return "flag";
	case OPTION_INTEGER:
		return "integer";
	case OPTION_REAL:
		return "real";
	case OPTION_CHOICE:
		return row->choices;
	case OPTION_TEXT:
		return row->choices[0] ? values_word(row->choices) : "text";
	}
	return "";
}

static void list_command(FILE *out, const struct command *command)
{
	const char *name = command->name[0] ? command->name : "-";

	fprintf(out, "command\t%s\t%s\n", name, command->help);
	for (const struct argument_row *row = command->options; row->name; row++) {
		fprintf(out, "option\t%s\t--%s\t%s", name, row->name, kind_word(row));
		fprintf(out, row->letter ? "\t-%c\n" : "\t\n", row->letter);
	}
	for (int i = 0; i < train_option_count; i++)
		if (arguments_take(command->train_options, &train_option_rows[i]))
			fprintf(out, "option\t%s\t--%s\t%s\t\n", name, train_option_rows[i].name,
			        train_kind_word(&train_option_rows[i]));
}

/* "  --name VALUE" on a line of its own, the help below: it never has to be aligned. */
static void show_row(FILE *out, const struct argument_row *row)
{
	fputs("  ", out);
	if (row->letter)
		fprintf(out, "-%c, ", row->letter);
	fprintf(out, "--%s", row->name);
	if (row->value)
		fprintf(out, " %s", row->value);
	fprintf(out, "\n        %s", row->help);
	if (row->preset && row->preset[0])
		fprintf(out, " [%s]", row->preset);
	fputc('\n', out);
}

static void show_train_row(FILE *out, const struct option_row *row)
{
	static const char *const values[] = {[OPTION_BOOLEAN] = "", [OPTION_INTEGER] = " N", [OPTION_REAL] = " X",
	                                     [OPTION_CHOICE] = "", [OPTION_TEXT] = " TEXT"};

	fprintf(out, "  --%s%s%s\n        %s", row->name, row->choices[0] ? " " : values[row->kind], row->choices,
	        row->help);
	if (row->default_text[0] && row->kind != OPTION_BOOLEAN)
		fprintf(out, " [%s]", row->default_text);
	fputc('\n', out);
}

static void show_options(FILE *out, const struct command *command)
{
	const struct option_row *last = NULL;

	for (const struct argument_row *row = command->options; row->name; row++)
		show_row(out, row);
	for (int i = 0; i < train_option_count; i++) {
		const struct option_row *row = &train_option_rows[i];

		if (!arguments_take(command->train_options, row))
			continue;
		if (!last || row->theme != last->theme)
			fprintf(out, "\n%s:\n", option_theme_titles[row->theme]);
		show_train_row(out, row);
		last = row;
	}
	fputs(command->train_options ? "\n" : "", out);
	fputs("  -h, --help\n        show this help\n", out);
}

static void show_command(FILE *out, const struct command *command)
{
	fprintf(out, "usage: revue %s%s%s\n\n%s\n\noptions:\n", command->name, command->name[0] ? " " : "",
	        command->synopsis, command->help);
	show_options(out, command);
	if (command->run == control_run)
		control_print_commands(out);
}

static void show_program(FILE *out)
{
	const struct command *screens = command_find("");

	fprintf(out, "%s: browse reviews, fine-tune a model on them, score what is typed\n\nusage:\n",
	        system_version());
	for (int i = 0; i < command_count; i++)
		fprintf(out, "  revue %s%s%s\n        %s\n", commands[i].name, commands[i].name[0] ? " " : "",
		        commands[i].synopsis, commands[i].help);
	if (screens) {
		fputs("\noptions of the screens:\n", out);
		show_options(out, screens);
	}
	fputs("\ntopics of `revue help TOPIC`:\n", out);
	for (const struct topic *topic = topics; topic->name; topic++)
		fprintf(out, "  %-14s %s\n", topic->name, topic->help);
	fputs("\n  -V, --version\n        show the version\n"
	      "\n`revue COMMAND --help` shows the options of a command, `man revue` tells more.\n"
	      "Exit status: 0 done, 1 failed, 2 wrong usage, 65 bad data, 74 input or output error, 130 interrupted.\n",
	      out);
}

bool help_show(const struct command *command, struct error *error)
{
	struct output output;

	if (!output_open(&output, false, error))
		return false;
	if (command)
		show_command(output.record, command);
	else
		show_program(output.record);
	output_commit(&output);
	return output_close(&output, true, error);
}

static bool list_all(struct error *error)
{
	struct output output;

	if (!output_open(&output, false, error))
		return false;
	for (int i = 0; i < command_count; i++)
		list_command(output.record, &commands[i]);
	for (const struct topic *topic = topics; topic->name; topic++)
		fprintf(output.record, "topic\t%s\t%s\n", topic->name, topic->help);
	for (const struct synonym *synonym = synonyms; synonym->name; synonym++)
		fprintf(output.record, "synonym\t%s\t%s\n", synonym->name, synonym->options);
	for (int i = 0; control_word(i); i++)
		fprintf(output.record, "order\t%s\n", control_word(i));
	for (int i = 0; train_recipe_name(i); i++)
		fprintf(output.record, "recipe\t%s\n", train_recipe_name(i));
	output_commit(&output);
	return output_close(&output, true, error);
}

static const struct topic *topic_find(const char *name)
{
	const struct topic *topic = topics;

	while (topic->name && strcmp(topic->name, name) != 0)
		topic++;
	return topic->name ? topic : NULL;
}

static bool topic_show(const struct topic *topic, struct error *error)
{
	struct output output;

	if (!output_open(&output, false, error))
		return false;
	fputs(topic->text, output.record);
	output_commit(&output);
	return output_close(&output, true, error);
}

static bool topic_unknown(const char *name, struct error *error)
{
	struct nearest nearest = {.wanted = name};

	for (int i = 0; i < command_count; i++)
		if (commands[i].name[0])
			nearest_offer(&nearest, commands[i].name);
	for (const struct topic *topic = topics; topic->name; topic++)
		nearest_offer(&nearest, topic->name);
	if (nearest.name)
		return error_set(error, ERROR_USAGE, "\"%s\" is neither a command nor a topic; did you mean \"%s\"?", name, nearest.name);
	return error_set(error, ERROR_USAGE, "\"%s\" is neither a command nor a topic (revue --help lists both)", name);
}

bool help_run(int argc, char **argv, struct error *error)
{
	struct help_arguments values = {0};
	struct arguments arguments = {.rows = help_options, .values = &values};
	const struct command *command = NULL;

	if (!arguments_parse(&arguments, argc, argv, error) ||
	    !arguments_expect(&arguments, 0, 1, "a command or topic", error))
		return false;
	if (values.list)
		return list_all(error);
	if (arguments.operand_count == 1) {
		command = command_find(arguments.operands[0]);
		if (topic_find(arguments.operands[0]))
			return topic_show(topic_find(arguments.operands[0]), error);
		if (!command || !command->name[0])
			return topic_unknown(arguments.operands[0], error);
	}
	return help_show(command, error);
}
