/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * `revue completion SHELL`, and what its three writers stand on. */
#include "src/completion.h"
#include "src/control.h"
#include "src/output.h"
#include "src/topics.h"

#include <ctype.h>
#include <string.h>

const struct argument_row completion_options[] = {
	{.name = NULL},
};

const char *const completion_functions[COMPLETION_KIND_COUNT] = {
#define C(kind, function) function,
	COMPLETION_KINDS(C)
#undef C
};

/* What the words in capitals mean by which the tables call values and operands. Others are numbers and free texts. */
static const struct {
	const char *word;
	enum completion_kind kind;
} placeholders[] = {
	{"DATA", COMPLETION_DATA},       {"FILE", COMPLETION_FILES},     {"FOLDER", COMPLETION_FOLDERS},
	{"MODEL", COMPLETION_MODELS},    {"BASE", COMPLETION_MODELS},    {"A", COMPLETION_MODELS},
	{"B", COMPLETION_MODELS},        {"ADAPTER", COMPLETION_MODELS}, {"RUN", COMPLETION_RUNS},
	{"COMMAND", COMPLETION_COMMANDS}, {"TOPIC", COMPLETION_TOPICS},  {"ORDER", COMPLETION_ORDERS},
};

static bool is_word_character(char c)
{
	return isalnum((unsigned char)c) || strchr("+-_.", c);
}

/* Adds one of the words of a table: a placeholder's kind, or the word itself. */
static void value_add(struct completion_value *value, const char *text, size_t size)
{
	const size_t used = strlen(value->words);

	for (size_t i = 0; i < sizeof placeholders / sizeof *placeholders; i++)
		if (strlen(placeholders[i].word) == size && memcmp(placeholders[i].word, text, size) == 0)
			value->kinds |= 1u << placeholders[i].kind;
	if (size == 0 || isupper((unsigned char)*text) || used + size + 2 > sizeof value->words)
		return;
	for (size_t i = 0; i < size; i++)
		if (!is_word_character(text[i]))
			return;
	snprintf(value->words + used, sizeof value->words - used, "%s%.*s", used ? " " : "", (int)size, text);
}

static void value_read(struct completion_value *value, const char *words)
{
	*value = (struct completion_value){.kinds = 0};
	snprintf(value->hint, sizeof value->hint, "%s", words);
	for (; *words; words += *words == '|') {
		const size_t size = strcspn(words, "|");

		value_add(value, words, size);
		words += size;
	}
}

static void hint_range(struct completion_value *value, double minimum, double maximum)
{
	snprintf(value->hint, sizeof value->hint, "a number from %.10g to %.10g", minimum, maximum);
}

static void read_argument(const struct argument_row *row, struct completion_option *option)
{
	*option = (struct completion_option){.letter = row->letter, .name = row->name, .help = row->help,
	                                     .flag = row->kind == ARGUMENT_FLAG, .again = row->kind == ARGUMENT_FILES};
	if (row->value)
		value_read(&option->value, row->value);
	if (row->kind == ARGUMENT_INTEGER || row->kind == ARGUMENT_REAL)
		hint_range(&option->value, row->minimum, row->maximum);
	if (row->kind == ARGUMENT_OPTIONS)
		option->value.kinds |= 1u << COMPLETION_RECIPES;
	if (row->kind == ARGUMENT_FOLDER && !option->value.kinds)
		option->value.kinds = 1u << COMPLETION_FOLDERS;
	if (row->kind == ARGUMENT_FILE && !option->value.kinds)
		option->value.kinds = 1u << COMPLETION_FILES;
}

static void read_train_option(const struct option_row *row, struct completion_option *option)
{
	*option = (struct completion_option){.name = row->name, .help = row->help, .flag = row->kind == OPTION_BOOLEAN,
	                                     .again = row->kind == OPTION_TEXT && row->maximum > 1};
	value_read(&option->value, row->choices);
	if (row->kind == OPTION_INTEGER || row->kind == OPTION_REAL)
		hint_range(&option->value, row->minimum, row->maximum);
	if (!option->value.hint[0])
		snprintf(option->value.hint, sizeof option->value.hint, "TEXT");
}

bool completion_option(const struct command *command, int index, struct completion_option *option)
{
	const struct argument_row *row = command->options;

	for (; row->name && index > 0; row++)
		index--;
	if (row->name) {
		read_argument(row, option);
		return true;
	}
	for (int i = 0; i < train_option_count; i++) {
		if (!arguments_take(command->train_options, &train_option_rows[i]))
			continue;
		if (index-- == 0) {
			read_train_option(&train_option_rows[i], option);
			return true;
		}
	}
	*option = (struct completion_option){.letter = 'h', .name = "help", .help = "show this help", .flag = true};
	return index == 0;
}

/* Goes to the next word of a synopsis that is an operand, past options with their values. Words with '|' between them are one
 * operand. NULL: there are no more. */
static const char *next_operand(const char *text, size_t *size)
{
	bool value = false; /* of the option before */

	for (;; text += *size) {
		text += strspn(text, " []");
		*size = strcspn(text, " []");
		if (*size == 0)
			return NULL;
		if (*text == '-' && *size > 1)
			value = text[*size] != ']';
		else if (value)
			value = false;
		else if (*text != '|' && *text != '-')
			return text;
	}
}

/* Adds what stands after an operand as its alternatives, and tells whether "..." says that there may be more. */
static const char *read_alternatives(struct completion_value *operand, const char *text, size_t size, bool *rest)
{
	for (;;) {
		const size_t word = size > 3 && strncmp(text + size - 3, "...", 3) == 0 ? size - 3 : size;

		*rest = *rest || word < size;
		for (size_t from = 0; from < word; from += strcspn(text + from, "|") + 1)
			value_add(operand, text + from, strcspn(text + from, "| .]"));
		snprintf(operand->hint + strlen(operand->hint), sizeof operand->hint - strlen(operand->hint), "%s%.*s",
		         operand->hint[0] ? " or " : "", (int)word, text);
		text += size;
		if (strncmp(text, " | ", 3) != 0 || text[3] == '-')
			return text;
		text += 3;
		size = strcspn(text, " []");
	}
}

bool completion_operand(const struct command *command, int index, struct completion_value *operand, bool *rest)
{
	const char *text = command->synopsis;
	size_t size;

	*rest = false;
	for (text = next_operand(text, &size); text; text = next_operand(text, &size)) {
		*operand = (struct completion_value){.kinds = 0};
		text = read_alternatives(operand, text, size, rest);
		if (index-- == 0)
			return true;
	}
	return false;
}

static bool command_entry(int index, const char **word, const char **help)
{
	for (int i = 0; i < command_count; i++)
		if (commands[i].name[0] && index-- == 0) {
			*word = commands[i].name;
			*help = commands[i].help;
			return true;
		}
	return false;
}

bool completion_entry(enum completion_kind kind, int index, const char **word, const char **help)
{
	*word = *help = NULL;
	if (kind == COMPLETION_COMMANDS)
		return command_entry(index, word, help);
	if (kind == COMPLETION_TOPICS && topics[index].name) {
		*word = topics[index].name;
		*help = topics[index].help;
	} else if (kind == COMPLETION_ORDERS) {
		*word = control_word(index);
		*help = control_help(index);
	} else if (kind == COMPLETION_RECIPES) {
		*word = train_recipe_name(index);
		*help = "a recipe that ships";
	}
	return *word != NULL;
}

const char *completion_command_name(const struct command *command)
{
	return command->name[0] ? command->name : "-";
}

void completion_quote(FILE *out, const char *text)
{
	fputc('\'', out);
	for (; *text; text++)
		fputs(*text == '\'' ? "'\\''" : (char[]){*text, '\0'}, out);
	fputc('\'', out);
}

static const struct {
	const char *name;
	void (*write)(FILE *out);
} shells[] = {{"bash", completion_bash}, {"zsh", completion_zsh}, {"fish", completion_fish}};

bool completion_run(int argc, char **argv, struct error *error)
{
	struct arguments arguments = {.rows = completion_options, .values = NULL};
	struct output output;
	size_t shell = 0;

	if (!arguments_parse(&arguments, argc, argv, error) || !arguments_expect(&arguments, 1, 1, "the name of a shell", error))
		return false;
	while (shell < sizeof shells / sizeof *shells && strcmp(arguments.operands[0], shells[shell].name) != 0)
		shell++;
	RETURN_IF(shell == sizeof shells / sizeof *shells, error, ERROR_USAGE,
	          "there is no completion for \"%s\": bash, zsh and fish have one", arguments.operands[0]);
	if (!output_open(&output, false, error))
		return false;
	shells[shell].write(output.record);
	output_commit(&output);
	return output_close(&output, true, error);
}
