/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The completion of bash: functions of bash, after tables as case statements. A reply is made of what compgen offers, of
 * which, where some of it is of the kind that is wanted, only that stays. */
#include "src/completion.h"

static const char head[] =
	"# bash completion for revue, made by `revue completion bash` -*- shell-script -*-\n"
	"\n"
	"_revue_words() { # WORDS: those that begin as what is typed\n"
	"\tlocal IFS=$' \\t\\n' one\n"
	"\tfor one in $1; do\n"
	"\t\t[[ $one == \"$word\"* ]] && COMPREPLY+=(\"$one\")\n"
	"\tdone\n"
	"}\n"
	"_revue_paths() { # f|d TEST: paths that pass it; where none does, all of them\n"
	"\tlocal one all=() good=()\n"
	"\twhile IFS= read -r one; do\n"
	"\t\tall+=(\"$one\")\n"
	"\t\t\"$2\" \"${one/#\\~/$HOME}\" && good+=(\"$one\")\n"
	"\tdone < <(compgen \"-$1\" -- \"$word\")\n"
	"\t((${#good[@]})) && all=(\"${good[@]}\")\n"
	"\tCOMPREPLY+=(\"${all[@]}\")\n"
	"\tcompopt -o filenames 2>/dev/null\n"
	"}\n"
	"_revue_there() { [[ -f $1 ]]; } # also for a pattern that matched nothing\n"
	"_revue_is_run() { [[ -f $1/run.json ]] || _revue_there \"$1\"/*/run.json; }\n"
	"_revue_is_model() { [[ -f $1/config.json || -f $1/adapter_config.json ]] || _revue_there \"$1\"/*/config.json; }\n"
	"_revue_files() { _revue_paths f true; }\n"
	"_revue_folders() { _revue_paths d true; }\n"
	"_revue_data() { _revue_paths f _revue_is_data; }\n"
	"_revue_models() { _revue_paths d _revue_is_model; }\n"
	"_revue_runs() { _revue_paths d _revue_is_run; }\n";

static const char tail[] =
	"\n"
	"_revue() {\n"
	"\tlocal word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} command=- place=0 i=1\n"
	"\tCOMPREPLY=()\n"
	"\tif ((COMP_CWORD > 1)) && [[ \" $_revue_names \" == *\" ${COMP_WORDS[1]} \"* ]]; then\n"
	"\t\tcommand=${COMP_WORDS[1]} i=2\n"
	"\tfi\n"
	"\t# --name=value is three words to bash.\n"
	"\tif [[ $word == = ]]; then\n"
	"\t\tword=\n"
	"\telif [[ $before == = ]]; then\n"
	"\t\tbefore=${COMP_WORDS[COMP_CWORD - 2]}\n"
	"\tfi\n"
	"\tif [[ $before == -?* ]] && ! _revue_is_flag \"$before\"; then\n"
	"\t\t_revue_value \"$before\"\n"
	"\t\treturn\n"
	"\tfi\n"
	"\tif [[ $word == -* ]]; then\n"
	"\t\t_revue_options\n"
	"\t\treturn\n"
	"\tfi\n"
	"\tfor (( ; i < COMP_CWORD; i++)); do\n"
	"\t\tif [[ ${COMP_WORDS[i]} != -?* ]]; then\n"
	"\t\t\t((++place))\n"
	"\t\telif [[ ${COMP_WORDS[i + 1]} == = ]]; then\n"
	"\t\t\t((i += 2))\n"
	"\t\telif ! _revue_is_flag \"${COMP_WORDS[i]}\"; then\n"
	"\t\t\t((++i))\n"
	"\t\tfi\n"
	"\tdone\n"
	"\t_revue_operand\n"
	"\tif ((COMP_CWORD == 1)); then\n"
	"\t\t_revue_commands\n"
	"\tfi\n"
	"}\n"
	"complete -F _revue revue\n";

static void write_entries(FILE *out, enum completion_kind kind)
{
	const char *word, *help;

	fprintf(out, "_revue_%s() { _revue_words '", completion_functions[kind]);
	for (int i = 0; completion_entry(kind, i, &word, &help); i++)
		fprintf(out, "%s%s", i ? " " : "", word);
	fputs("'; }\n", out);
}

/* "\tPATTERN) ... ;;" of a case, in which all that can be offered is. */
static void write_offers(FILE *out, const struct completion_value *value)
{
	for (unsigned kind = 0; kind < COMPLETION_KIND_COUNT; kind++)
		if (value->kinds >> kind & 1)
			fprintf(out, " _revue_%s;", completion_functions[kind]);
	if (value->words[0])
		fprintf(out, " _revue_words '%s';", value->words);
	fputs(";\n", out);
}

static bool can_offer(const struct completion_value *value)
{
	return value->kinds || value->words[0];
}

static void write_pattern(FILE *out, const struct command *command, const struct completion_option *option)
{
	fprintf(out, "\t%s:--%s", completion_command_name(command), option->name);
	if (option->letter)
		fprintf(out, " | %s:-%c", completion_command_name(command), option->letter);
	fputc(')', out);
}

static void write_values(FILE *out)
{
	struct completion_option option;

	fputs("_revue_value() { # OPTION\n\tcase $command:$1 in\n", out);
	for (int c = 0; c < command_count; c++)
		for (int i = 0; completion_option(&commands[c], i, &option); i++)
			if (!option.flag && can_offer(&option.value)) {
				write_pattern(out, &commands[c], &option);
				write_offers(out, &option.value);
			}
	fputs("\tesac\n}\n", out);
}

static void write_flags(FILE *out)
{
	struct completion_option option;

	fputs("_revue_is_flag() { # OPTION\n\tcase $command:$1 in\n", out);
	for (int c = 0; c < command_count; c++)
		for (int i = 0; completion_option(&commands[c], i, &option); i++)
			if (option.flag) {
				write_pattern(out, &commands[c], &option);
				fputs(" return 0 ;;\n", out);
			}
	fputs("\tesac\n\treturn 1\n}\n", out);
}

static void write_options(FILE *out)
{
	struct completion_option option;

	fputs("_revue_options() {\n\tcase $command in\n", out);
	for (int c = 0; c < command_count; c++) {
		fprintf(out, "\t%s) _revue_words '", completion_command_name(&commands[c]));
		for (int i = 0; completion_option(&commands[c], i, &option); i++)
			fprintf(out, "%s--%s", i ? " " : "", option.name);
		fputs("' ;;\n", out);
	}
	fputs("\tesac\n}\n", out);
}

static void write_operands(FILE *out)
{
	struct completion_value operand;
	bool rest;

	fputs("_revue_operand() {\n\tcase $command:$place in\n", out);
	for (int c = 0; c < command_count; c++)
		for (int i = 0; completion_operand(&commands[c], i, &operand, &rest); i++) {
			if (!can_offer(&operand))
				continue;
			fprintf(out, "\t%s:", completion_command_name(&commands[c]));
			fprintf(out, rest ? "*)" : "%d)", i);
			write_offers(out, &operand);
		}
	fputs("\tesac\n}\n", out);
}

static void write_suffixes(FILE *out)
{
	fputs("_revue_is_data() {\n\t[[ -d $1 ]] && return\n\tcase $1 in\n\t", out);
	for (int i = 0; dataset_suffix(i); i++)
		fprintf(out, "%s*%s", i ? " | " : "", dataset_suffix(i));
	fputs(") return 0 ;;\n\tesac\n\treturn 1\n}\n", out);
}

void completion_bash(FILE *out)
{
	const char *word, *help;

	fputs(head, out);
	write_suffixes(out);
	fputs("_revue_names='", out);
	for (int i = 0; completion_entry(COMPLETION_COMMANDS, i, &word, &help); i++)
		fprintf(out, "%s%s", i ? " " : "", word);
	fputs("'\n", out);
	for (enum completion_kind kind = COMPLETION_RECIPES; kind < COMPLETION_KIND_COUNT; kind++)
		write_entries(out, kind);
	write_flags(out);
	write_options(out);
	write_values(out);
	write_operands(out);
	fputs(tail, out);
}
