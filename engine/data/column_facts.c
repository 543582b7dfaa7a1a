/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/data/column_facts.h"

#include "engine/data/field.h"
#include "engine/data/missing.h"

#include <strings.h>

#define ID_BYTES 6    /* an identity has so many characters at least, */
#define ID_DIGITS 3   /* with so many digits: "LABEL_10" has fewer */
#define SHORT_BYTES 12 /* longer words are in none of the lists below */

/* ISO 639-1, as far as reviews come in them; "no" and "si" are left out, which are answers too. */
static const char *const languages[] = {
	"en", "de", "fr", "es", "it", "pt", "nl", "sv", "da", "fi", "nb", "nn", "pl", "cs", "sk", "hu", "ro", "bg", "el", "tr", "ru", "uk",
	"ar", "he", "fa", "hi", "bn", "ur", "ta", "te", "th", "vi", "id", "ms", "ja", "ko", "zh", "sr", "hr", "sl", "et", "lv", "lt", "ca",
};

/* Words of a scale that begins with "None". */
static const char *const degrees[] = {
	"some", "all", "any", "few", "many", "low", "medium", "high", "mild", "moderate", "severe", "minor", "major", "critical", "partial",
	"full", "slight", "strong", "weak", "both", "favor", "favour", "against", "complete",
};

static bool in_list(struct span field, const char *const *list, size_t count)
{
	for (size_t i = 0; field.size <= SHORT_BYTES && i < count; i++)
		if (strlen(list[i]) == field.size && strncasecmp(field.data, list[i], field.size) == 0)
			return true;
	return false;
}

/* "en", "en-US", "pt_BR" */
static bool is_language(struct span field)
{
	if (field.size == 5 && (field.data[2] == '-' || field.data[2] == '_'))
		field.size = 2;
	return field.size == 2 && in_list(field, languages, sizeof languages / sizeof *languages);
}

static bool is_id(struct span field)
{
	size_t digits = 0;

	for (size_t i = 0; i < field.size; i++) {
		char c = field.data[i], lower = (char)(c | 0x20);

		if (!((c >= '0' && c <= '9') || (lower >= 'a' && lower <= 'z') || c == '-' || c == '_'))
			return false;
		digits += c >= '0' && c <= '9';
	}
	return field.size >= ID_BYTES && digits >= ID_DIGITS;
}

static bool is_numeric(struct span field)
{
	for (size_t i = 0; i < field.size; i++)
		if (!memchr("0123456789+-.eE:/", field.data[i], 17))
			return false;
	return true;
}

static void observe_value(struct column_fact *fact, double value)
{
	if (value == -1) {
		fact->minus_ones++;
		return;
	}
	fact->zeros += value == 0;
	fact->ones += value == 1;
	fact->lowest = fact->measured == 0 || value < fact->lowest ? value : fact->lowest;
	fact->highest = fact->measured == 0 || value > fact->highest ? value : fact->highest;
	fact->measured++;
}

static void observe_kind(struct column_fact *fact, struct span field)
{
	static const char *const flags[] = {"true", "false"};
	double value;

	fact->numbers += is_numeric(field);
	if (field_number(field, &value))
		observe_value(fact, value);
	fact->booleans += in_list(field, flags, 2);
	fact->dates += field_is_date(field);
	fact->ids += is_id(field);
	fact->languages += is_language(field);
	fact->degrees += in_list(field, degrees, sizeof degrees / sizeof *degrees);
}

static void observe_distinct(struct column_fact *fact, uint64_t hash)
{
	for (int i = 0; i < fact->distinct; i++)
		if (fact->seen[i] == hash)
			return;
	if (fact->distinct < DISTINCT_MAX)
		fact->seen[fact->distinct++] = hash;
}

/* The same for numbers of one value, which are one label. */
static uint64_t value_hash(struct span field)
{
	double value;

	if (!field_number(field, &value))
		return field_hash(field);
	value += 0.0; /* -0 becomes 0 */
	return field_hash((struct span){(const char *)&value, sizeof value});
}

void column_fact_observe(struct column_fact *fact, struct span field)
{
	int missing;

	field = span_trim(field);
	missing = missing_find(field);
	if (missing >= 0)
		fact->missing |= UINT32_C(1) << missing;
	fact->nones += missing >= 0 && missing_is_none(missing);
	if (missing >= 0 && !missing_is_minus_one(missing))
		return;
	fact->filled++;
	fact->bytes += field.size;
	if (field.size > fact->longest)
		fact->longest = field.size;
	observe_kind(fact, field);
	observe_distinct(fact, value_hash(field));
}

bool column_fact_is_text(const struct column_fact *fact)
{
	return 2 * fact->numbers < fact->filled && 2 * fact->dates < fact->filled;
}

bool column_fact_minus_one_is_label(const struct column_fact *fact)
{
	return fact->minus_ones > 0 && fact->measured > 0 && fact->measured + fact->minus_ones == fact->filled &&
	       (fact->highest <= 1 || fact->lowest < 0);
}

bool column_fact_none_is_label(const struct column_fact *fact)
{
	return fact->nones > 0 && column_fact_is_text(fact) && (fact->distinct == 1 || fact->degrees > 0);
}

bool column_fact_is_other(const struct column_fact *fact)
{
	return fact->filled > 0 &&
	       (fact->dates == fact->filled || fact->ids == fact->filled || fact->languages == fact->filled);
}

bool column_fact_is_flag(const struct column_fact *fact)
{
	return fact->filled > 0 && fact->booleans == fact->filled;
}

bool column_fact_is_binary(const struct column_fact *fact)
{
	return fact->zeros + fact->ones > 0 && fact->zeros + fact->ones + fact->minus_ones == fact->filled;
}
