/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/data/json_form.h"

#include "engine/data/brackets.h"
#include "engine/data/field.h"
#include "engine/data/reader.h"

#include <stdio.h>

/* All members are objects: whether each is a row (pandas' orient="index"), or a column (its to_json). */
static bool members_are_rows(const struct json_members *members)
{
	if (members->numbered != members->inner_numbered)
		return members->numbered;
	if (members->inner_known != members->known)
		return members->inner_known;
	return (uint64_t)members->count > members->inner;
}

static bool are_alike(const struct json_members *members)
{
	return members->count > 1 && members->same == (uint64_t)members->objects;
}

/* Whether that is beyond doubt, so that arrays inside are parts of rows. */
static bool members_are_surely_rows(const struct json_members *members)
{
	return members->objects == members->count && members_are_rows(members) &&
	       (members->numbered || (are_alike(members) && members->inner_known));
}

static void form_of_objects(const struct json_members *members, struct json_form *form)
{
	bool rows = members_are_surely_rows(members) || (members_are_rows(members) && are_alike(members));
	bool columns = !members_are_rows(members) && !members->nested && (are_alike(members) || members->inner_numbered);

	if (!rows && !columns)
		return;
	form->layout = rows ? JSON_INSIDE : JSON_COLUMNS;
	form->container = rows;
	form->keyed = rows;
}

static void form_of_members(const struct json_members *members, bool whole, struct json_form *form)
{
	/* Where the text ends in "index", which stands between, "data" is the next array. */
	uint64_t data = members->data == 0 && members->cut_list ? members->opened + 1 : members->data;

	if (members->columns.size > 0 && data > 0) {
		form->layout = JSON_INSIDE;
		form->container = data;
		form->arrays = true;
		form->names = members->columns;
	} else if (members->count > 0 && members_are_surely_rows(members)) {
		form_of_objects(members, form);
	} else if (members->rows > 1 || (members->rows > 0 && (!members->known_string || !whole))) {
		form->layout = JSON_INSIDE;
		form->container = members->container;
		form->others = members->row_arrays > 1;
		snprintf(form->name, sizeof form->name, "%s", members->name);
	} else if (members->lists > 0 &&
	           (members->lists == members->count || members->known_list)) {
		form->layout = JSON_COLUMNS;
	} else if (members->objects == members->count && members->count > 0) {
		form_of_objects(members, form);
	}
}

/* The length of the value at the start of the text, with a comma after it; `line`: of its first line, where it is none. */
static size_t value_size(struct span text, bool *value)
{
	struct json_scan scan;
	const char *line_end = memchr(text.data, '\n', text.size);

	json_scan_begin(&scan, text, true);
	*value = json_scan_next(&scan) != EVENT_FAULT && (scan.depth == 0 || json_scan_skip(&scan));
	if (*value)
		return scan.at + (scan.at < text.size && text.data[scan.at] == ',');
	return line_end ? (size_t)(line_end - text.data) + 1 : text.size;
}

/* Whether some row of a sequence that is sound goes over a line end. */
static bool has_long_rows(struct span text)
{
	for (int rows = 0; rows < SAMPLE_ROWS && text.size > 0; rows++) {
		bool value;
		size_t size;

		text = span_trim(text);
		size = value_size(text, &value);
		if (value && memchr(text.data, '\n', size))
			return true;
		text = (struct span){text.data + size, text.size - size};
	}
	return false;
}

/* Whether a bracket of this kind comes right after the value that ended where the scan stands. */
static bool another_follows(struct json_scan *scan, char bracket)
{
	return !json_scan_rest_is(scan, ",") && scan->text.data[scan->at] == bracket;
}

static void find_in_object(struct span text, bool whole, bool lines, struct json_form *form)
{
	struct json_members members;
	struct json_scan scan;
	enum json_event end = json_members_find(&scan, text, &members);

	if (lines || (end == EVENT_FAULT && !scan.cut) || (end == EVENT_END && another_follows(&scan, '{')))
		return;
	form->sound = true;
	form_of_members(&members, whole && end == EVENT_END, form);
}

static enum json_event pass_elements(struct json_scan *scan, enum json_event event)
{
	while (event != EVENT_ARRAY_END && event != EVENT_FAULT) {
		if ((event == EVENT_OBJECT || event == EVENT_ARRAY) && !json_scan_skip(scan))
			return EVENT_FAULT;
		event = json_scan_next(scan);
	}
	return event;
}

/* Whether an object begins after the first bracket, whatever comes later. */
static bool begins_object(struct span text)
{
	struct json_scan scan;

	json_scan_begin(&scan, text, true);
	json_scan_next(&scan);
	return json_scan_next(&scan) == EVENT_OBJECT && json_scan_next(&scan) != EVENT_FAULT;
}

/* False: it is one of several, each of them a row. */
static bool find_in_array(struct span text, struct json_form *form)
{
	struct json_scan scan;
	enum json_event first, end;

	json_scan_begin(&scan, text, true);
	json_scan_next(&scan);
	first = json_scan_next(&scan);
	end = pass_elements(&scan, first);
	form->sound = end != EVENT_FAULT || scan.cut;
	form->arrays = first != EVENT_OBJECT;
	if (form->arrays && end != EVENT_FAULT && another_follows(&scan, '['))
		return false;
	if (begins_object(text) || (form->sound && (first == EVENT_ARRAY || first == EVENT_STRING || first == EVENT_ARRAY_END)))
		form->layout = JSON_INSIDE;
	form->container = 1;
	return true;
}

void json_form_find(const struct sample *sample, bool lines, struct json_form *form)
{
	struct span text = span_trim(sample->text);
	char first = text.size > 0 ? text.data[0] : '\0';

	bool arrays;

	*form = (struct json_form){.layout = JSON_NOTHING};
	arrays = first == '[' && !find_in_array(text, form);
	if (first == '{')
		find_in_object(text, sample->whole, lines, form);
	if (form->layout == JSON_NOTHING)
		*form = (struct json_form){.layout = JSON_SEQUENCE, .line_bound = !has_long_rows(text), .arrays = arrays};
}

void json_form_cut(struct sample *sample, const struct json_form *form)
{
	struct brackets brackets = {
		.container = form->container, .keyed = form->keyed, .line_bound = form->line_bound,
	};

	sample->rows = 0;
	sample->full = false;
	brackets_begin(&brackets, 0);
	if (brackets_feed(&brackets, sample->text.data, sample->text.size, sample_keep_row, sample) && sample->whole)
		brackets_finish(&brackets, sample_keep_row, sample);
	if (!sample->full)
		sample->starts[sample->rows] = (size_t)brackets.end;
}

/* An object with a key, or an array with a text in it. */
static bool is_row(struct span bytes, bool array)
{
	struct json_scan scan;
	enum json_event event;
	bool filled = false;

	json_scan_begin(&scan, bytes, true);
	if (json_scan_next(&scan) != (array ? EVENT_ARRAY : EVENT_OBJECT))
		return false;
	while ((event = json_scan_next(&scan)) != EVENT_END) {
		if (event == EVENT_FAULT)
			return false;
		filled = filled || event == (array ? EVENT_STRING : EVENT_KEY);
	}
	return filled && json_scan_rest_is(&scan, ",");
}

static int sequence_fits(struct sample *sample, const struct json_form *form)
{
	int good = 0;
	bool first = false;

	json_form_cut(sample, form);
	for (int i = 0; i < sample->rows; i++) {
		bool row = is_row(sample_row(sample, i), form->arrays);
		first = i == 0 ? row : first;
		good += row;
	}
	if (good == 0)
		return FITS_NOT;
	return good == sample->rows ? FITS_SURELY : first || 2 * good >= sample->rows ? FITS_WELL : FITS_NOT;
}

int json_form_fits(struct sample *sample, bool sequence)
{
	struct json_form form;

	json_form_find(sample, false, &form);
	if ((form.layout == JSON_SEQUENCE) != sequence)
		return FITS_NOT;
	return form.layout == JSON_SEQUENCE ? sequence_fits(sample, &form) : form.sound ? FITS_SURELY : FITS_WELL;
}
