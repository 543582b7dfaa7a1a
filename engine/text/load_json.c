/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/text/load_json.h"

#include "engine/base/names.h"
#include "engine/text/bert_normal.h"
#include "engine/text/steps.h"

static const char *type_of(const json_t *part)
{
	const char *type = json_string_value(json_object_get(part, "type"));

	return type ? type : "without a type";
}

/* The row for a part; -1 and an error where none has its name. */
static int find_row(const struct step_rows *rows, const json_t *part, const char *what, struct error *error)
{
	int row = steps_find(rows, type_of(part));
	char known[256];

	if (row < 0) {
		names_list(known, sizeof known, rows->count, rows->name, NULL);
		error_set(error, ERROR_DATA, "%s %.64s is not known, only %s", what, type_of(part), known);
	}
	return row;
}

/* A part may stand alone or as the only one of a Sequence; *part is NULL when there is none. */
static bool unwrap(const json_t **part, const char *list, const struct step_rows *rows, int *row, struct error *error)
{
	if (!*part || json_is_null(*part)) {
		*part = NULL;
		return true;
	}
	if (strcmp(type_of(*part), "Sequence") == 0) {
		const json_t *parts = json_object_get(*part, list);

		for (size_t i = 0; i < json_array_size(parts); i++)
			if (find_row(rows, json_array_get(parts, i), list, error) < 0)
				return false;
		RETURN_IF(json_array_size(parts) != 1, error, ERROR_DATA, "a Sequence of %zu %s, only of one is known",
		          json_array_size(parts), list);
		*part = json_array_get(parts, 0);
	}
	*row = find_row(rows, *part, list, error);
	return *row >= 0;
}

/* No normalizer is BertNormalizer with everything off. */
static bool load_normalizer(struct tokenizer *tokenizer, const json_t *document, struct error *error)
{
	const json_t *part = json_object_get(document, "normalizer");
	int row = 0;

	if (!unwrap(&part, "normalizers", &normaliser_rows, &row, error))
		return false;
	tokenizer->normal = (struct normal){.step = part ? normalisers[row] : &bert_normaliser};
	return !part || tokenizer->normal.step->read(&tokenizer->normal, part, error);
}

static bool load_pretokenizer(struct tokenizer *tokenizer, const json_t *document, bool rebuild, struct error *error)
{
	const json_t *part = json_object_get(document, "pre_tokenizer");
	int row = 0;

	if (!unwrap(&part, "pretokenizers", &splitter_rows, &row, error))
		return false;
	RETURN_IF(!part && !rebuild, error, ERROR_DATA, "there is no pre_tokenizer, only BertPreTokenizer is known");
	if (part)
		tokenizer->splitter = splitters[row];
	return true;
}

static bool load_processor(struct tokenizer *tokenizer, const json_t *document, bool rebuild, struct error *error)
{
	const json_t *part = json_object_get(document, "post_processor");

	if (rebuild && (!part || json_is_null(part)))
		return true;
	RETURN_IF(!part || json_is_null(part), error, ERROR_DATA, "there is no post_processor that adds [CLS] and [SEP]");
	return template_read(&tokenizer->template, part, error);
}

static bool load_model(struct tokenizer *tokenizer, const json_t *document, struct error *error)
{
	const json_t *part = json_object_get(document, "model");
	const char *type = json_string_value(json_object_get(part, "type"));
	char known[256];
	int row;

	RETURN_IF(!json_is_object(part), error, ERROR_DATA, "there is no \"model\": not a tokenizer.json");
	/* Old files leave the type out; then only WordPiece has a limit for words. */
	if (!json_object_get(part, "type") && json_object_get(part, "max_input_chars_per_word"))
		type = "WordPiece";
	row = steps_find(&piece_step_rows, type ? type : "");
	names_list(known, sizeof known, piece_step_rows.count, piece_step_rows.name, NULL);
	RETURN_IF(row < 0, error, ERROR_DATA, "a tokenizer of kind %.64s; only %s is known", type_of(part), known);
	tokenizer->model.step = piece_steps[row];
	return tokenizer->model.step->read(&tokenizer->model, part, error);
}

bool tokenizer_load_json(struct tokenizer *tokenizer, const json_t *document, bool rebuild, struct error *error)
{
	return load_model(tokenizer, document, error) && load_normalizer(tokenizer, document, error) &&
	       load_pretokenizer(tokenizer, document, rebuild, error) &&
	       load_processor(tokenizer, document, rebuild, error);
}
