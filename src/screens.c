/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * `revue [FILE]`: opens the screens. */
#include "src/screens.h"
#include "engine/run.h"
#include "engine/share.h"
#include "src/command.h"
#include "src/input.h"
#include "src/output.h"
#include "ui/ui.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define AT(field) offsetof(struct screens_arguments, field)
const struct argument_row screens_options[] = {
	{'m', "model", ARGUMENT_FOLDER, "MODEL", .offset = AT(model),
	 .help = "folder of the model; the one that ships where not given"},
	{0, "ascii", ARGUMENT_FLAG, .offset = AT(ascii),
	 .help = "draw with ASCII only"},
	{0, "no-color", ARGUMENT_FLAG, .offset = AT(no_color),
	 .help = "no colours; NO_COLOR in the environment says the same"},
	{0, "plain", ARGUMENT_FLAG, .offset = AT(plain),
	 .help = "no screen: everything as lines, for screen readers and pipes"},
	{0, "max-rate", ARGUMENT_INTEGER, "N", .minimum = 1, .maximum = 1e9, .offset = AT(max_rate),
	 .help = "write at most so many bytes a second of what moves, for slow lines; keys are answered at once"},
	{0, "read-only", ARGUMENT_FLAG, .offset = AT(read_only),
	 .help = "look only: no file is changed, and nothing is told to a training"},
	{0, "probes", ARGUMENT_FILE, "FILE", .offset = AT(probes),
	 .help = "sentences that trainings begun here follow, one a line, eight at most"},
	{0, "text-column", ARGUMENT_TEXT, "NAME", .offset = AT(text_column),
	 .help = "column with the review, by its name or number; guessed where not given"},
	{0, "label-column", ARGUMENT_TEXT, "NAME", .offset = AT(label_column),
	 .help = "column with the label, or several of 0 and 1 with commas between, by name or number; guessed where not given"},
	DIALECT_ROWS(INPUT_DIALECT_ROW)
	{0, "script", ARGUMENT_FILE, "FILE", .offset = AT(script),
	 .help = "play keys and commands from a file instead of the keyboard, for tests"},
	{.name = NULL},
};

static bool has_terminal(void)
{
	return isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1;
}

static const char *terminal_type(void)
{
	const char *type = getenv("TERM");

	return type ? type : "";
}

bool screens_possible(void)
{
	return has_terminal() && ui_can_draw(terminal_type());
}

bool screens_check(const struct screens_arguments *arguments, struct error *error)
{
	RETURN_IF(arguments->plain && arguments->script, error, ERROR_USAGE,
	          "--plain takes its lines from standard input: it does not go with --script");
	RETURN_IF(arguments->plain && arguments->max_rate > 0, error, ERROR_USAGE,
	          "--plain draws nothing that --max-rate could bound: leave it out; :set announce says how often lines come");
	RETURN_IF(arguments->read_only && arguments->probes, error, ERROR_USAGE,
	          "--read-only begins no training: leave --probes out");
	RETURN_IF(!arguments->script && !arguments->plain && !has_terminal(), error, ERROR_USAGE,
	          "the screens need a terminal; without one there is \"revue --plain\", which takes commands as lines, and "
	          "\"revue score FILE\" (revue --help lists the rest)");
	return true;
}

/* What cannot be drawn is told. */
static bool is_plain(const struct screens_arguments *arguments)
{
	if (arguments->script || arguments->plain || ui_can_draw(terminal_type()))
		return arguments->plain;
	message_note("this terminal (TERM=%s) cannot move its cursor: the screens are told in lines, as with --plain", terminal_type());
	return true;
}

static bool wants_no_color(void)
{
	const char *value = getenv("NO_COLOR");

	return value && *value;
}

bool screens_open(const struct screens_arguments *arguments, struct error *error)
{
	char pocket[PATH_MAX], samples[PATH_MAX], probes[OPTION_TEXT_MAX] = "", farewell[UI_FAREWELL_MAX];
	struct ui_request request = {
		.data = arguments->data,
		.dialect = arguments->dialect,
		.text_column = arguments->text_column,
		.label_column = arguments->label_column,
		.model = arguments->model,
		.run = arguments->run,
		.read_only = arguments->read_only,
		.tour = arguments->tour,
		.ascii = arguments->ascii || locale_is_ascii(),
		.color = !arguments->no_color && !wants_no_color(),
		.script = arguments->script,
		.max_rate = (int)arguments->max_rate,
	};
	bool succeeded;

	if (!screens_check(arguments, error) || (arguments->probes && !run_read_probes(arguments->probes, probes, error)))
		return false;
	request.probes = probes;
	request.plain = is_plain(arguments);
	if (share_find(SHARE_REVIEWS, samples, sizeof samples, NULL))
		request.samples = samples;
	if (share_find(SHARE_MODEL, pocket, sizeof pocket, NULL))
		request.pocket = pocket;
	succeeded = ui_run(&request, farewell, error);
	if (farewell[0])
		message_note("%s", farewell);
	return succeeded;
}

bool screens_run(int argc, char **argv, struct error *error)
{
	struct screens_arguments values = {0};
	struct arguments arguments = {.rows = screens_options, .values = &values};
	struct stat status;

	if (!arguments_parse(&arguments, argc, argv, error))
		return false;
	arguments.command = "";
	if (!arguments_expect(&arguments, 0, 1, "FILE", error))
		return false;
	if (arguments.operand_count == 1) {
		values.data = arguments.operands[0];
		if (stat(values.data, &status) < 0)
			return strpbrk(values.data, "./") ? error_errno(error, "open", values.data)
			                                  : command_unknown(values.data, error);
	}
	return screens_open(&values, error);
}
