/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The completion of zsh: a specification for _arguments (zshcompsys(1)) for each option and operand. */
#include "src/completion.h"

#include <string.h>

static const char head[] =
	"#compdef revue\n"
	"# zsh completion for revue, made by `revue completion zsh`\n"
	"\n"
	"_revue_is_run() { local found=($REPLY/run.json(N) $REPLY/*/run.json(N)); (($#found)) }\n"
	"_revue_is_model() {\n"
	"\tlocal found=($REPLY/(adapter_|)config.json(N) $REPLY/*/config.json(N))\n"
	"\t(($#found))\n"
	"}\n"
	"_revue_files() { _files \"$@\" }\n"
	"_revue_folders() { _files -/ \"$@\" }\n"
	"_revue_models() { _path_files -g '*(-/+_revue_is_model)' \"$@\" || _files -/ \"$@\" }\n"
	"_revue_runs() { _path_files -g '*(-/+_revue_is_run)' \"$@\" || _files -/ \"$@\" }\n";

static const char tail[] =
	"\n"
	"if ((${funcstack[(I)_revue]})); then # as a file of $fpath: it is called now\n"
	"\t_revue \"$@\"\n"
	"else\n"
	"\tcompdef _revue revue\n"
	"fi\n";

/* In a specification a colon ends a part and brackets enclose the help; all of it stands in quotes of the shell. */
static void write_escaped(FILE *out, const char *text)
{
	for (; *text; text++) {
		if (strchr("[]:\\", *text))
			fputc('\\', out);
		fputs(*text == '\'' ? "'\\''" : (char[]){*text, '\0'}, out);
	}
}

static void write_entries(FILE *out, enum completion_kind kind)
{
	const char *word, *help, *name = completion_functions[kind];

	fprintf(out, "_revue_%s() {\n\tlocal -a entries=(\n", name);
	for (int i = 0; completion_entry(kind, i, &word, &help); i++) {
		fprintf(out, "\t\t'%s:", word);
		write_escaped(out, help);
		fputs("'\n", out);
	}
	fprintf(out, "\t)\n\t_describe -t %s '%.*s' entries \"$@\"\n}\n", name, (int)strlen(name) - 1, name);
}

static int kinds_of(const struct completion_value *value)
{
	int count = value->words[0] != '\0';

	for (unsigned kind = 0; kind < COMPLETION_KIND_COUNT; kind++)
		count += (int)(value->kinds >> kind & 1);
	return count;
}

/* ":message:action" */
static void write_action(FILE *out, const struct completion_value *value)
{
	fputc(':', out);
	write_escaped(out, value->hint);
	fputc(':', out);
	if (kinds_of(value) > 1)
		fputs("{ _alternative", out);
	for (unsigned kind = 0; kind < COMPLETION_KIND_COUNT; kind++)
		if (value->kinds >> kind & 1)
			fprintf(out, kinds_of(value) > 1 ? " %1$s\\:%1$s\\:_revue_%1$s" : "_revue_%1$s", completion_functions[kind]);
	if (value->words[0])
		fprintf(out, kinds_of(value) > 1 ? " \"words\\:word\\:(%s)\"" : "(%s)", value->words);
	if (kinds_of(value) > 1)
		fputs(" }", out);
	if (!kinds_of(value))
		fputc(' ', out);
}

/* '(-m --model)'{-m+,--model=}'[help]:message:action' */
static void write_option(FILE *out, const struct completion_option *option)
{
	fputs("\t\t", out);
	if (option->letter)
		fprintf(out, "'(-%c --%s)'{-%c%s,--%s%s}'[", option->letter, option->name, option->letter, option->flag ? "" : "+",
		        option->name, option->flag ? "" : "=");
	else
		fprintf(out, "'%s--%s%s[", option->again ? "*" : "", option->name, option->flag ? "" : "=");
	write_escaped(out, option->help);
	fputc(']', out);
	if (!option->flag)
		write_action(out, &option->value);
	fputs("' \\\n", out);
}

static void write_command(FILE *out, const struct command *command)
{
	struct completion_option option;
	struct completion_value operand;
	bool rest;

	fprintf(out, "\t%s)\n\t\t_arguments -s -S \\\n", completion_command_name(command));
	for (int i = 0; completion_option(command, i, &option); i++)
		write_option(out, &option);
	if (!command->name[0])
		fputs("\t\t'(- *)'{-V,--version}'[show the version]' \\\n\t\t'1: :_revue_first' ;;\n", out);
	for (int i = 0; command->name[0] && completion_operand(command, i, &operand, &rest); i++) {
		fprintf(out, rest ? "\t\t'*" : "\t\t'%d", i + 1);
		write_action(out, &operand);
		fputs("' \\\n", out);
	}
	fputs(command->name[0] ? "\t\t&& return 0 ;;\n" : "", out);
}

static void write_suffixes(FILE *out)
{
	fputs("_revue_data() { _files -g '*(", out);
	for (int i = 0; dataset_suffix(i); i++)
		fprintf(out, "%s%s", i ? "|" : "", dataset_suffix(i));
	fputs(")(-.)' \"$@\" }\n"
	      "_revue_first() { _alternative 'commands:command:_revue_commands' 'data:reviews:_revue_data' }\n", out);
}

void completion_zsh(FILE *out)
{
	fputs(head, out);
	write_suffixes(out);
	for (enum completion_kind kind = COMPLETION_RECIPES; kind < COMPLETION_KIND_COUNT; kind++)
		write_entries(out, kind);
	fputs("_revue() {\n"
	      "\tlocal curcontext=$curcontext command=- context state state_descr line\n"
	      "\ttypeset -A opt_args\n"
	      "\tif ((CURRENT > 2)) && [[ -n $words[2] && \" ", out);
	for (int i = 0; i < command_count; i++)
		fprintf(out, "%s%s", commands[i].name, commands[i].name[0] ? " " : "");
	fputs("\" == *\" $words[2] \"* ]]; then\n"
	      "\t\tcommand=$words[2]\n"
	      "\t\tshift words\n"
	      "\t\t((CURRENT--))\n"
	      "\tfi\n"
	      "\tcase $command in\n", out);
	for (int i = 0; i < command_count; i++)
		write_command(out, &commands[i]);
	fputs("\tesac\n}\n", out);
	fputs(tail, out);
}
