/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The completion of fish: a line `complete` for each option and operand, on the condition that its command is typed. */
#include "src/completion.h"

#include <string.h>

static const char head[] =
	"# fish completion for revue, made by `revue completion fish`\n"
	"\n"
	"# The command that is typed, \"-\" for the screens, and the number of the operand at the cursor, from 0.\n"
	"function __revue_place\n"
	"\tset -l words (commandline -opc)[2..]\n"
	"\tset -l command -\n"
	"\tset -l place 0\n"
	"\tif contains -- \"$words[1]\" $__revue_names\n"
	"\t\tset command $words[1]\n"
	"\t\tset words $words[2..]\n"
	"\tend\n"
	"\twhile set -q words[1]\n"
	"\t\tswitch $words[1]\n"
	"\t\t\tcase '-?*=*'\n"
	"\t\t\tcase '-?*'\n"
	"\t\t\t\t__revue_is_flag $command $words[1]; or set words $words[2..]\n"
	"\t\t\tcase '*'\n"
	"\t\t\t\tset place (math $place + 1)\n"
	"\t\tend\n"
	"\t\tset words $words[2..]\n"
	"\tend\n"
	"\techo $command $place\n"
	"end\n"
	"function __revue_is # COMMAND [PLACE...]\n"
	"\tset -l at (string split -- ' ' (__revue_place))\n"
	"\ttest \"$at[1]\" = $argv[1]; and begin\n"
	"\t\tnot set -q argv[2]; or contains $at[2] $argv[2..]\n"
	"\tend\n"
	"end\n"
	"function __revue_paths # all that fish offers of what is typed\n"
	"\tcomplete -C '__fish_command_without_completions '(commandline -ct)\n"
	"end\n"
	"# TEST: folders that pass it; where none does, all folders.\n"
	"function __revue_having\n"
	"\tset -l all (string match -r '.*/$' -- (__revue_paths))\n"
	"\tset -l good\n"
	"\tfor one in $all\n"
	"\t\t$argv[1] (string unescape -- $one | string replace -r '^~' ~); and set -a good $one\n"
	"\tend\n"
	"\tset -q good[1]; and set all $good\n"
	"\tprintf '%s\\n' $all\n"
	"end\n"
	"function __revue_is_run\n"
	"\tset -l found $argv[1]/run.json $argv[1]/*/run.json\n"
	"\ttest -f \"$found[1]\"; or set -q found[2]\n"
	"end\n"
	"function __revue_is_model\n"
	"\tset -l found $argv[1]/*/config.json\n"
	"\ttest -f $argv[1]/config.json; or test -f $argv[1]/adapter_config.json; or set -q found[1]\n"
	"end\n"
	"function __revue_files; __revue_paths; end\n"
	"function __revue_folders; __revue_having true; end\n"
	"function __revue_models; __revue_having __revue_is_model; end\n"
	"function __revue_runs; __revue_having __revue_is_run; end\n";

static void write_entries(FILE *out, enum completion_kind kind)
{
	const char *word, *help;

	fprintf(out, "function __revue_%s\n", completion_functions[kind]);
	for (int i = 0; completion_entry(kind, i, &word, &help); i++) {
		fprintf(out, "\tprintf '%%s\\t%%s\\n' %s ", word);
		completion_quote(out, help);
		fputc('\n', out);
	}
	fputs("end\n", out);
}

static void write_flags(FILE *out)
{
	struct completion_option option;

	fputs("function __revue_is_flag # COMMAND OPTION\n\tswitch \"$argv\"\n\t\tcase", out);
	for (int c = 0; c < command_count; c++)
		for (int i = 0; completion_option(&commands[c], i, &option); i++) {
			if (option.flag)
				fprintf(out, " '%s --%s'", completion_command_name(&commands[c]), option.name);
			if (option.flag && option.letter)
				fprintf(out, " '%s -%c'", completion_command_name(&commands[c]), option.letter);
		}
	fputs("\n\t\t\treturn 0\n\tend\n\treturn 1\nend\n", out);
}

static void write_suffixes(FILE *out)
{
	fputs("function __revue_data\n\tset -l all (__revue_paths)\n\tset -l good (string match -r '.*(?:/", out);
	for (int i = 0; dataset_suffix(i); i++)
		fprintf(out, "|\\\\%s", dataset_suffix(i));
	fputs(")$' -- $all)\n\tset -q good[1]; and set all $good\n\tprintf '%s\\n' $all\nend\n", out);
}

/* -a "(__revue_runs) tsv csv" */
static void write_value(FILE *out, const struct completion_value *value)
{
	if (!value->kinds && !value->words[0])
		return;
	fputs(" -k -a '", out);
	for (unsigned kind = 0; kind < COMPLETION_KIND_COUNT; kind++)
		if (value->kinds >> kind & 1)
			fprintf(out, "(__revue_%s) ", completion_functions[kind]);
	fprintf(out, "%s'", value->words);
}

static void write_command(FILE *out, const struct command *command)
{
	const char *name = completion_command_name(command);
	struct completion_option option;
	struct completion_value operand;
	bool rest;

	for (int i = 0; completion_option(command, i, &option); i++) {
		fprintf(out, "complete -c revue -n '__revue_is %s' -l %s", name, option.name);
		if (option.letter)
			fprintf(out, " -s %c", option.letter);
		fputs(option.flag ? "" : " -x", out);
		if (!option.flag)
			write_value(out, &option.value);
		fputs(" -d ", out);
		completion_quote(out, option.help);
		fputc('\n', out);
	}
	for (int i = 0; completion_operand(command, i, &operand, &rest); i++) {
		fprintf(out, "complete -c revue -n '__revue_is %s", name);
		fprintf(out, rest ? "'" : " %d'", i);
		write_value(out, &operand);
		fputc('\n', out);
	}
}

void completion_fish(FILE *out)
{
	const char *word, *help;

	fputs(head, out);
	fputs("set -g __revue_names", out);
	for (int i = 0; completion_entry(COMPLETION_COMMANDS, i, &word, &help); i++)
		fprintf(out, " %s", word);
	fputc('\n', out);
	write_flags(out);
	write_suffixes(out);
	for (enum completion_kind kind = COMPLETION_RECIPES; kind < COMPLETION_KIND_COUNT; kind++)
		write_entries(out, kind);
	fputs("complete -c revue -f\n"
	      "complete -c revue -n '__revue_is - 0' -a '(__revue_commands)'\n", out);
	for (int i = 0; i < command_count; i++)
		write_command(out, &commands[i]);
}
