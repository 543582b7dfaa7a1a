/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/model/freeze.h"

#include "engine/base/number.h"
#include "engine/format/modules.h"

#include <regex.h>
#include <stdio.h>
#include <string.h>

#define WORD_MAX 512

/* One word of --freeze, ready to be compared with tensors. */
struct choice {
	char word[WORD_MAX];
	enum { CHOICE_EMBEDDINGS, CHOICE_ENCODER, CHOICE_HEAD, CHOICE_NAME, CHOICE_EXPRESSION } kind;
	regex_t expression;
};

/* Whether the pattern fits the name from its first to its last character, or to one before a dot. The last star that was
 * met takes one character more each time the rest does not fit. */
static bool name_fits(const char *pattern, const char *name)
{
	const char *star = NULL, *resume = NULL;

	for (;;) {
		if (*pattern == '*') {
			star = ++pattern;
			resume = name;
		} else if (*pattern == '\0' && (*name == '\0' || *name == '.')) {
			return true;
		} else if (*name && (*pattern == '?' || *pattern == *name)) {
			pattern++;
			name++;
		} else if (star && *resume) {
			pattern = star;
			name = ++resume;
		} else {
			return false;
		}
	}
}

static bool choice_fits(const struct choice *choice, const struct parameter *parameter)
{
	switch (choice->kind) {
	case CHOICE_EMBEDDINGS:
		return parameter->unit == UNIT_EMBEDDINGS;
	case CHOICE_ENCODER:
		return parameter->layer != OUTSIDE_LAYERS;
	case CHOICE_HEAD:
		return parameter_is_head(parameter);
	case CHOICE_NAME:
		return name_fits(choice->word, parameter->name);
	case CHOICE_EXPRESSION:
		break;
	}
	return regexec(&choice->expression, parameter->name, 0, NULL, 0) == 0;
}

/* /expression/ without its strokes. */
static bool choice_compile(struct choice *choice, struct error *error)
{
	size_t size = strlen(choice->word);
	char text[WORD_MAX], why[160];
	int code;

	RETURN_IF(size < 3 || choice->word[size - 1] != '/', error, ERROR_USAGE,
	          "--freeze: \"%.80s\": a regular expression stands between two strokes", choice->word);
	snprintf(text, sizeof text, "%.*s", (int)(size - 2), choice->word + 1);
	if (!expression_is_cheap(text, "--freeze", error)) {
		if (error)
			error->kind = ERROR_USAGE;
		return false;
	}
	code = regcomp(&choice->expression, text, REG_EXTENDED | REG_NOSUB);
	if (code == 0)
		return true;
	regerror(code, &choice->expression, why, sizeof why);
	return error_set(error, ERROR_USAGE, "--freeze: \"%.80s\" is no regular expression: %s", choice->word, why);
}

static bool choice_make(struct choice *choice, struct error *error)
{
	static const char *const words[] = {"embeddings", "encoder", "head"};

	choice->kind = choice->word[0] == '/' ? CHOICE_EXPRESSION : CHOICE_NAME;
	for (int i = 0; i < 3; i++)
		if (strcmp(choice->word, words[i]) == 0)
			choice->kind = CHOICE_EMBEDDINGS + i;
	return choice->kind != CHOICE_EXPRESSION || choice_compile(choice, error);
}

/* Takes the next word off the list, without blanks around it; one that begins with a stroke ends with one, whatever commas
 * are in it. False at the end, or with an error. */
static bool next_word(const char **list, char word[WORD_MAX], struct error *error)
{
	const char *start = *list + strspn(*list, ", "), *end = start + strcspn(start, ",");
	size_t size;

	while (start[0] == '/' && *end == ',' && (end == start + 1 || end[-1] != '/'))
		end += 1 + strcspn(end + 1, ",");
	*list = end;
	for (size = (size_t)(end - start); size > 0 && start[size - 1] == ' '; size--)
		;
	if (size >= WORD_MAX)
		return error_set(error, ERROR_USAGE, "--freeze: \"%.40s...\" is longer than %d bytes", start, WORD_MAX - 1);
	memcpy(word, start, size);
	word[size] = '\0';
	return size > 0;
}

static bool names_the_head_alone(const struct choice *choice, const struct parameter *parameters, int count)
{
	for (int i = 0; i < count; i++)
		if (!parameter_is_head(&parameters[i]) && choice_fits(choice, &parameters[i]))
			return false;
	return true;
}

static bool freeze_choice(const struct choice *choice, struct parameter *parameters, int count, bool fresh_head,
                          struct error *error)
{
	bool spares_head = fresh_head && !names_the_head_alone(choice, parameters, count);
	int fitting = 0;

	for (int i = 0; i < count; i++) {
		if (!choice_fits(choice, &parameters[i]))
			continue;
		fitting++;
		if (!spares_head || !parameter_is_head(&parameters[i]))
			parameters[i].trainable = false;
	}
	RETURN_IF(fitting == 0, error, ERROR_USAGE,
	          "--freeze: \"%.80s\" is neither embeddings, encoder nor head, and fits no tensor of the model, such as %s",
	          choice->word, parameters[count / 2].name);
	return true;
}

static bool freeze_words(struct parameter *parameters, int count, const struct freeze_request *request, struct error *error)
{
	struct choice choice;
	struct error why = {0};
	const char *list = request->what;

	while (next_word(&list, choice.word, &why)) {
		bool done = choice_make(&choice, error);

		if (!done)
			return false;
		done = freeze_choice(&choice, parameters, count, request->fresh_head, error);
		if (choice.kind == CHOICE_EXPRESSION)
			regfree(&choice.expression);
		if (!done)
			return false;
	}
	if (why.kind != ERROR_NONE && error)
		*error = why;
	return why.kind == ERROR_NONE;
}

static int64_t layer_count(const struct parameter *parameters, int count)
{
	int64_t layers = 0;

	for (int i = 0; i < count; i++)
		if (parameters[i].layer >= layers)
			layers = parameters[i].layer + 1;
	return layers;
}

/* "5" or "0-3" */
static bool read_range(char *word, int64_t *first, int64_t *last)
{
	char *dash = strchr(word, '-');

	if (dash)
		*dash = '\0';
	if (!number_parse_integer(word, first))
		return false;
	*last = *first;
	return !dash || number_parse_integer(dash + 1, last);
}

static bool freeze_layers(struct parameter *parameters, int count, const char *list, struct error *error)
{
	int64_t layers = layer_count(parameters, count), first, last;
	char word[WORD_MAX], told[WORD_MAX];
	struct error why = {0};

	while (next_word(&list, word, &why)) {
		memcpy(told, word, sizeof told);
		RETURN_IF(!read_range(word, &first, &last), error, ERROR_USAGE,
		          "--freeze-layers: \"%.40s\" is neither a number nor a range such as 0-3", told);
		RETURN_IF(first < 0 || last < first || last >= layers, error, ERROR_USAGE,
		          "--freeze-layers: \"%.40s\": the model has the layers 0 to %d", told, (int)layers - 1);
		for (int i = 0; i < count; i++)
			if (parameters[i].layer >= first && parameters[i].layer <= last)
				parameters[i].trainable = false;
	}
	RETURN_IF(why.kind != ERROR_NONE, error, ERROR_USAGE, "--freeze-layers: a number is too long");
	return true;
}

bool parameters_freeze(struct parameter *parameters, int count, const struct freeze_request *request,
                       struct freeze_counts *counts, struct error *error)
{
	*counts = (struct freeze_counts){.tensors = count};
	RETURN_IF(request->what[0] && request->what[strspn(request->what, ", ")] == '\0', error, ERROR_USAGE,
	          "--freeze names nothing: embeddings, encoder, head, or tensors by their names are wanted");
	RETURN_IF(request->layers[0] && request->layers[strspn(request->layers, ", ")] == '\0', error, ERROR_USAGE,
	          "--freeze-layers names no layer: numbers such as 0-3,5 are wanted");
	if (!freeze_words(parameters, count, request, error) ||
	    !freeze_layers(parameters, count, request->layers, error))
		return false;
	for (int i = 0; i < count; i++) {
		counts->elements += parameters[i].count;
		counts->frozen += !parameters[i].trainable;
		counts->frozen_elements += parameters[i].trainable ? 0 : parameters[i].count;
	}
	RETURN_IF(counts->frozen == count, error, ERROR_USAGE,
	          "%s: every tensor of the model is frozen: nothing is left to train",
	          request->what[0] ? request->layers[0] ? "--freeze and --freeze-layers" : "--freeze" : "--freeze-layers");
	return true;
}
