/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/text/template.h"

#include "engine/text/pieces.h"

struct template template_of_two(int32_t before, int32_t after)
{
	return (struct template){.before = {before}, .before_count = 1, .after = {after}, .after_count = 1};
}

/* -1: not an id that a piece may have. */
static int32_t read_id(const json_t *value)
{
	json_int_t id = json_is_integer(value) ? json_integer_value(value) : -1;

	return id >= 0 && id < PIECES_MAX ? (int32_t)id : -1;
}

/* The ids of a special token by its name; false where they are missing or do not fit. */
static bool add_ids(const json_t *processor, const char *name, int32_t *ids, int32_t *count)
{
	const json_t *token = json_object_get(json_object_get(processor, "special_tokens"), name);
	const json_t *list = json_object_get(token, "ids");

	for (size_t i = 0; i < json_array_size(list); i++) {
		int32_t id = read_id(json_array_get(list, i));

		if (id < 0 || *count == TEMPLATE_SIDE_MAX)
			return false;
		ids[(*count)++] = id;
	}
	return json_array_size(list) > 0;
}

/* One place of a template: {"SpecialToken": {"id": NAME, "type_id": 0}} or {"Sequence": {"id": "A", "type_id": 0}}. A
 * review has one type of tokens only, so others are refused. */
static bool add_place(struct template *template, const json_t *processor, const json_t *place, bool *has_text)
{
	const json_t *token = json_object_get(place, "SpecialToken"), *text = json_object_get(place, "Sequence");
	const char *name = json_string_value(json_object_get(token, "id"));

	if (json_integer_value(json_object_get(token ? token : text, "type_id")) != 0 || (text && *has_text))
		return false;
	*has_text = *has_text || text;
	if (text)
		return true;
	return name && (*has_text ? add_ids(processor, name, template->after, &template->after_count)
	                          : add_ids(processor, name, template->before, &template->before_count));
}

static bool read_template(struct template *template, const json_t *processor, struct error *error)
{
	const json_t *places = json_object_get(processor, "single");
	bool has_text = false;

	*template = (struct template){0};
	for (size_t i = 0; i < json_array_size(places); i++)
		RETURN_IF(!add_place(template, processor, json_array_get(places, i), &has_text), error, ERROR_DATA,
		          "place %zu of the template is neither the text nor a special token with at most %d ids, all of type 0",
		          i + 1, TEMPLATE_SIDE_MAX);
	RETURN_IF(!has_text, error, ERROR_DATA, "the template has no place for the text");
	return true;
}

static bool read_bert(struct template *template, const json_t *processor, struct error *error)
{
	int32_t cls = read_id(json_array_get(json_object_get(processor, "cls"), 1));
	int32_t sep = read_id(json_array_get(json_object_get(processor, "sep"), 1));

	RETURN_IF(cls < 0 || sep < 0, error, ERROR_DATA,
	          "BertProcessing should have \"cls\" and \"sep\", each a token and its id");
	*template = template_of_two(cls, sep);
	return true;
}

bool template_read(struct template *template, const json_t *processor, struct error *error)
{
	const char *type = json_string_value(json_object_get(processor, "type"));

	if (type && strcmp(type, "BertProcessing") == 0)
		return read_bert(template, processor, error);
	if (type && strcmp(type, "TemplateProcessing") == 0)
		return read_template(template, processor, error);
	return error_set(error, ERROR_DATA,
	                 "post_processor %.64s is not known, only TemplateProcessing and BertProcessing",
	                 type ? type : "without a type");
}
