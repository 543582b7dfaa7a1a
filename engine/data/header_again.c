/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/data/header_again.h"

#include "engine/data/column_names.h"
#include "engine/data/field.h"

#include <strings.h>

#define MARK "\xEF\xBB\xBF"

/* How the fields of a row compare with the names. */
struct comparison {
	int names;  /* columns that have one */
	int equal;  /* fields that are the name, */
	int sure;   /* a usual one of a text or a label, to the letter */
	int known;  /* others that are a usual name */
	bool names_only; /* every field could be a name */
};

/* Without the byte order mark that the second file began with, and the quotes that it left in mid-field. */
static struct span bare_name(struct span field)
{
	bool marked = field.size >= 3 && memcmp(field.data, MARK, 3) == 0;

	field = span_trim(field);
	if (marked && field.size >= 2 && field.data[0] == '"' && field.data[field.size - 1] == '"')
		return (struct span){field.data + 1, field.size - 2};
	return field;
}

bool header_reads_like_name(struct span field)
{
	int words = 1;

	field = span_trim(field);
	if (field.size > HEADER_BYTES)
		return false;
	for (size_t i = 0; i < field.size; i++)
		words += field.data[i] == ' ';
	return words <= HEADER_WORDS && !(field.size > 0 && memchr(field.data, '\n', field.size));
}

bool header_is_own_name(const struct columns *columns, int column, struct span field)
{
	const char *name = columns->names[column];

	if (field.size == 0 || ((field.data[0] ^ name[0]) & ~0x20 & 0x7F && field.data[0] > ' '))
		return false; /* as nearly all are */
	field = bare_name(field);
	return field.size > 0 && strlen(name) == field.size && strncasecmp(name, field.data, field.size) == 0;
}

static bool is_sure(const struct columns *columns, int column, struct span field)
{
	struct span name = span_of(columns->names[column]);

	return span_equal(name, bare_name(field)) && column_name_known(name);
}

/* Columns where names are usual values, as a box that was ticked holds what stands beside it, say nothing. */
static bool says_nothing(const struct columns *columns, int column, struct span field)
{
	return columns->traits[column].holds_own_name || (columns->traits[column].numbered && span_trim(field).size == 0);
}

static struct comparison compare(const struct columns *columns, const struct span *fields, int count, int first)
{
	struct comparison all = {.names_only = true};
	double value;

	for (int i = 0; i < count; i++) {
		if (says_nothing(columns, i + first, fields[i]))
			continue;
		all.names += !columns->traits[i + first].numbered;
		if (header_is_own_name(columns, i + first, fields[i])) {
			all.equal++;
			all.sure += is_sure(columns, i + first, fields[i]);
			continue;
		}
		all.known += column_name_known(bare_name(fields[i]));
		all.names_only = all.names_only && header_reads_like_name(fields[i]) && !field_number(fields[i], &value);
		if (!all.names_only)
			break;
	}
	return all;
}

static bool has_own_name(const struct columns *columns, const struct span *fields, int count)
{
	for (int i = 0; i < count; i++)
		if (header_is_own_name(columns, i, fields[i]) ||
		    (count < columns->count && header_is_own_name(columns, i + 1, fields[i])))
			return true;
	return false;
}

/* Hardly any row of data holds a name of its column, and a review is longer than one. */
static bool cannot_be(const struct columns *columns, const struct span *fields, int count)
{
	int text = columns->text;

	return !columns->named || count == 0 || count > columns->count || count < columns->count - 1 ||
	       !has_own_name(columns, fields, count) ||
	       (count == columns->count && text >= 0 && !header_reads_like_name(fields[text]) &&
	        !header_is_own_name(columns, text, fields[text]));
}

/* The one word of a table with one name must be that name as it stands there: "review" is also a short review. */
static bool is_exact(const struct columns *columns, const struct span *fields, int count, int first)
{
	struct comparison all = compare(columns, fields, count, first);

	return all.names_only && all.equal == all.names && all.equal > 0 && (all.equal > 1 || all.sure > 0);
}

bool header_again_exactly(const struct columns *columns, const struct span *fields, int count)
{
	if (cannot_be(columns, fields, count))
		return false;
	return is_exact(columns, fields, count, 0) || (count < columns->count && is_exact(columns, fields, count, 1));
}

bool header_again(const struct columns *columns, const struct span *fields, int count)
{
	struct comparison all;

	if (cannot_be(columns, fields, count))
		return false;
	if (header_again_exactly(columns, fields, count))
		return true;
	if (count != columns->count)
		return false;
	all = compare(columns, fields, count, 0);
	return all.names_only && all.equal > 0 && all.names > 1 &&
	       (all.equal + all.known >= all.names || (all.equal >= 2 && 2 * all.equal >= all.names));
}
