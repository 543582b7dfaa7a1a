/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/data/json_members.h"

#include "engine/data/column_names.h"

#include <stdio.h>

#define PATH_DEPTH 4 /* how deep in objects an array of rows is looked for */

/* While the events go by. */
struct walk {
	struct json_scan *scan;
	struct json_members *members;
	uint64_t opened;             /* brackets */
	struct span path[PATH_DEPTH];
	bool objects[PATH_DEPTH]; /* the bracket at this depth is an object */
	size_t member;               /* where the value of the member begins */
	enum json_event kind;        /* of that value; EVENT_END: it has not begun */
	bool known;                  /* it is called as columns usually are */
	bool inside;                 /* it has not ended */
	uint64_t container, elements; /* the array of objects that is open at `array_depth`; 0: none */
	int array_depth;
	enum json_event element;     /* the first of the list that is the member's value */
	uint64_t list;               /* its length */
	uint64_t keys;               /* of the object that is the member's value */
	struct span first_inner;     /* the first key of the first such object */
};

static bool is_number_name(struct span token)
{
	for (size_t i = 0; i < token.size; i++)
		if (token.data[i] < '0' || token.data[i] > '9')
			return false;
	return token.size > 0;
}

static void begin_member(struct walk *walk)
{
	struct json_members *members = walk->members;
	struct span key = walk->scan->token;

	walk->path[0] = key;
	walk->list = walk->keys = 0;
	walk->kind = walk->element = EVENT_END;
	walk->inside = true;
	members->numbered = members->count == 0 ? is_number_name(key) : members->numbered;
	walk->known = column_name_known(key);
	members->known = members->known || walk->known;
	members->count++;
}

static void see_inner_key(struct walk *walk)
{
	struct json_members *members = walk->members;
	struct span key = walk->scan->token;

	if (members->objects == 1 && walk->keys == 0) {
		walk->first_inner = key;
		members->inner_numbered = is_number_name(key);
	}
	members->same += walk->keys++ == 0 && (span_equal(key, walk->first_inner) ||
	                                       (members->inner_numbered && is_number_name(key)));
	if (members->objects == 1) {
		members->inner++;
		members->inner_known = members->inner_known || column_name_known(key);
	}
}

static void write_name(const struct walk *walk, int depth, char out[JSON_NAME_MAX])
{
	size_t used = 0;

	out[0] = '\0';
	for (int i = 0; i < depth && used < JSON_NAME_MAX; i++)
		used += (size_t)snprintf(out + used, JSON_NAME_MAX - used, "%s%.*s", i ? "." : "",
		                         (int)(walk->path[i].size < 60 ? walk->path[i].size : 60), walk->path[i].data);
}

/* An array of objects is being counted; the longest one is kept, the first at a tie. */
static void count_rows(struct walk *walk)
{
	struct json_members *members = walk->members;

	if (walk->elements <= members->rows)
		return;
	members->rows = walk->elements;
	if (members->container != walk->container)
		write_name(walk, walk->array_depth - 1, members->name);
	members->container = walk->container;
}

/* An object or array begins, at `depth` brackets; it is the value of a member or of something inside. */
static void see_bracket(struct walk *walk, enum json_event event, int depth)
{
	struct json_members *members = walk->members;
	bool in_objects = depth <= PATH_DEPTH;

	walk->opened++;
	for (int i = 0; in_objects && i < depth - 1; i++)
		in_objects = walk->objects[i];
	if (depth <= PATH_DEPTH)
		walk->objects[depth - 1] = event == EVENT_OBJECT;
	if (event == EVENT_ARRAY && in_objects && walk->container == 0) {
		walk->container = walk->opened;
		walk->array_depth = depth;
		walk->elements = 0;
	} else if (event == EVENT_OBJECT && walk->container > 0 && depth == walk->array_depth + 1) {
		members->row_arrays += walk->elements++ == 0;
		count_rows(walk);
	}
	if (event == EVENT_ARRAY && depth == 2 && span_equal(walk->path[0], span_of("data")))
		members->data = walk->opened;
}

static void end_bracket(struct walk *walk, int depth)
{
	if (walk->container > 0 && depth < walk->array_depth)
		walk->container = 0;
}

static void end_member(struct walk *walk)
{
	struct json_members *members = walk->members;
	bool list = walk->kind == EVENT_ARRAY && walk->element != EVENT_OBJECT;

	if (list && span_equal(walk->path[0], span_of("columns")) && walk->element == EVENT_STRING)
		members->columns = (struct span){walk->scan->text.data + walk->member, walk->scan->at - walk->member};
	members->lists += list;
	members->known_list = members->known_list || (list && walk->list > 1 && walk->known);
	if (list && walk->list > members->longest_list)
		members->longest_list = walk->list;
	members->known_string = members->known_string || (walk->kind == EVENT_STRING && walk->known);
	walk->inside = false;
}

/* The text ends inside a member: if nothing of it was seen, it does not count. */
static void cut_member(struct walk *walk)
{
	struct json_members *members = walk->members;
	bool empty_object = walk->kind == EVENT_OBJECT && walk->keys == 0;

	if (!walk->inside)
		return;
	members->cut_list = walk->kind == EVENT_ARRAY;
	if (walk->kind != EVENT_END && !empty_object) {
		end_member(walk);
		return;
	}
	members->objects -= empty_object;
	members->count--;
}

/* `depth`: brackets around this event's value or key. */
static void see_event(struct walk *walk, enum json_event event, int depth)
{
	if (event == EVENT_KEY && depth == 1)
		begin_member(walk);
	else if (event == EVENT_KEY && depth == 2 && walk->kind == EVENT_OBJECT)
		see_inner_key(walk);
	if (event == EVENT_KEY) {
		if (depth <= PATH_DEPTH)
			walk->path[depth - 1] = walk->scan->token;
		return;
	}
	if (depth == 1 && event != EVENT_OBJECT_END && event != EVENT_ARRAY_END) {
		walk->kind = event;
		walk->member = walk->scan->start;
		walk->members->objects += event == EVENT_OBJECT;
	}
	if (depth == 2 && walk->kind == EVENT_ARRAY && event != EVENT_ARRAY_END) {
		walk->element = walk->list == 0 ? event : walk->element;
		walk->list++;
	}
	walk->members->nested = walk->members->nested || (depth == 2 && walk->kind == EVENT_OBJECT &&
	                        (event == EVENT_OBJECT || event == EVENT_ARRAY));
}

static enum json_event walk_members(struct walk *walk)
{
	for (;;) {
		enum json_event event = json_scan_next(walk->scan);
		bool opens = event == EVENT_OBJECT || event == EVENT_ARRAY;
		bool closes = event == EVENT_OBJECT_END || event == EVENT_ARRAY_END;
		int depth = walk->scan->depth - opens;

		if (event == EVENT_FAULT)
			cut_member(walk);
		walk->members->opened = walk->opened;
		if (event == EVENT_FAULT || event == EVENT_END)
			return event;
		see_event(walk, event, closes ? depth + 1 : depth);
		if (opens)
			see_bracket(walk, event, walk->scan->depth);
		if (closes)
			end_bracket(walk, walk->scan->depth);
		if (depth == 1 && !opens && event != EVENT_KEY)
			end_member(walk);
	}
}

enum json_event json_members_find(struct json_scan *scan, struct span text, struct json_members *members)
{
	struct walk walk = {.scan = scan, .members = members};

	*members = (struct json_members){0};
	json_scan_begin(scan, text, true);
	return walk_members(&walk);
}
