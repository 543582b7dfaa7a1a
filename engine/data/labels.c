/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/data/labels.h"

#include "engine/base/names.h"
#include "engine/base/number.h"
#include "engine/base/size.h"

#include <sys/random.h>

#define SLOTS (2 * LABELS_MAX)            /* half full at most, so that a search ends soon */
#define BYTES_MAX ((size_t)16 << 20)      /* of all names together */
#define FIRST_CAPACITY 16
#define DIGITS_MAX 40                     /* bytes of a number whose spellings are one label; longer ones are words */

/* A multiply and fold, as in wyhash. */
static uint64_t fold(uint64_t a, uint64_t b)
{
	__extension__ typedef unsigned __int128 wide;
	wide product = (wide)a * b;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* A decimal number as the one text of its value, without a sign that says nothing, zeros before and after it, and a point
 * that ends it; as text because a double would take long ids of different values for one. */
struct decimal {
	char text[DIGITS_MAX + 2];
	size_t size; /* 0: the label is no such number */
};

static size_t count_digits(struct span label, size_t from)
{
	size_t i = from;

	while (i < label.size && label.data[i] >= '0' && label.data[i] <= '9')
		i++;
	return i - from;
}

static void add_digits(struct decimal *decimal, const char *digits, size_t count)
{
	memcpy(decimal->text + decimal->size, digits, count);
	decimal->size += count;
}

static void write_decimal(struct decimal *decimal, bool negative, struct span whole, struct span fraction)
{
	while (whole.size > 1 && whole.data[0] == '0')
		whole = (struct span){whole.data + 1, whole.size - 1};
	while (fraction.size > 0 && fraction.data[fraction.size - 1] == '0')
		fraction.size--;
	if (whole.size == 0)
		whole = (struct span){"0", 1};
	if (negative && (fraction.size > 0 || whole.data[0] != '0'))
		add_digits(decimal, "-", 1);
	add_digits(decimal, whole.data, whole.size);
	if (fraction.size > 0)
		add_digits(decimal, ".", 1);
	add_digits(decimal, fraction.data, fraction.size);
}

static struct decimal decimal_of(struct span label)
{
	struct decimal decimal = {.size = 0};
	size_t at = label.size > 0 && (label.data[0] == '-' || label.data[0] == '+'), whole, fraction = 0, end;

	if (label.size > DIGITS_MAX)
		return decimal;
	whole = count_digits(label, at);
	end = at + whole;
	if (end < label.size && label.data[end] == '.') {
		fraction = count_digits(label, end + 1);
		end += 1 + fraction;
	}
	if (end == label.size && whole + fraction > 0)
		write_decimal(&decimal, label.data[0] == '-', (struct span){label.data + at, whole},
		              (struct span){label.data + label.size - fraction, fraction});
	return decimal;
}

bool label_equal(struct span a, struct span b)
{
	struct decimal first, second;

	if (span_equal(a, b))
		return true;
	first = decimal_of(a);
	second = decimal_of(b);
	return first.size > 0 && span_equal((struct span){first.text, first.size}, (struct span){second.text, second.size});
}

/* Keyed at random, so that whoever wrote the file cannot make all labels collide. */
static uint64_t hash_label(const struct label_counter *counter, struct span label)
{
	struct decimal decimal = label.size > 1 ? decimal_of(label) : (struct decimal){.size = 0};
	uint64_t hash, word;
	size_t i = 0;

	if (decimal.size > 0)
		label = (struct span){decimal.text, decimal.size};
	hash = counter->key[0] ^ label.size;
	for (; i + 8 <= label.size; i += 8) {
		memcpy(&word, label.data + i, 8);
		hash = fold(hash ^ word, counter->key[1]);
	}
	word = 0;
	memcpy(&word, label.data + i, label.size - i);
	return fold(hash ^ word, counter->key[1] ^ UINT64_C(0x9E3779B97F4A7C15)); /* 2^64 / the golden ratio */
}

static bool ready(struct label_counter *counter)
{
	if (counter->slots)
		return true;
	counter->slots = calloc(SLOTS, sizeof *counter->slots);
	if (getrandom(counter->key, sizeof counter->key, 0) < 0)
		counter->key[0] = (uint64_t)(uintptr_t)counter->slots;
	counter->key[1] |= 1;
	return counter->slots != NULL;
}

static bool append(struct label_counter *counter, struct span label)
{
	size_t capacity = counter->capacity ? 2 * counter->capacity : FIRST_CAPACITY;
	struct label_count *labels;
	char *name;

	if ((size_t)counter->count == counter->capacity) {
		labels = size_realloc(counter->labels, capacity, sizeof *labels);
		if (!labels)
			return false;
		counter->labels = labels;
		counter->capacity = capacity;
	}
	name = strndup(label.data, label.size);
	if (!name)
		return false;
	counter->labels[counter->count++] = (struct label_count){name, 0};
	counter->bytes += label.size;
	return true;
}

/* A number is called by its shortest spelling, whatever row it stands in: files that are read in parts agree on it. */
static bool is_better_name(struct span label, const char *known)
{
	size_t size = strlen(known);

	return label.size != size ? label.size < size : memcmp(label.data, known, size) < 0;
}

static void name_known(struct label_count *known, struct span label)
{
	if (is_better_name(label, known->name)) {
		memcpy(known->name, label.data, label.size);
		known->name[label.size] = '\0';
	}
}

int label_counter_know(struct label_counter *counter, struct span label)
{
	uint64_t slot;

	if (!ready(counter))
		return LABEL_NO_MEMORY;
	for (slot = hash_label(counter, label) % SLOTS; counter->slots[slot]; slot = (slot + 1) % SLOTS) {
		int index = (int)counter->slots[slot] - 1;
		if (label_equal(span_of(counter->labels[index].name), label)) {
			name_known(&counter->labels[index], label);
			return index;
		}
	}
	if (counter->count == LABELS_MAX || label.size > BYTES_MAX - counter->bytes) {
		counter->too_many = true;
		return LABEL_TOO_MANY;
	}
	if (!append(counter, label))
		return LABEL_NO_MEMORY;
	counter->slots[slot] = (uint32_t)counter->count;
	return counter->count - 1;
}

int label_counter_add(struct label_counter *counter, struct span label)
{
	int index = label_counter_know(counter, label);

	if (index >= 0)
		counter->labels[index].count++;
	return index;
}

int label_counter_add_set(struct label_counter *counter, const struct span *labels, int count, int32_t *indices)
{
	int different = 0;

	if (!counter->last_row)
		counter->last_row = size_calloc(LABELS_MAX, sizeof *counter->last_row);
	if (!counter->last_row)
		return LABEL_NO_MEMORY;
	counter->sets++;
	for (int i = 0; i < count; i++) {
		int index = label_counter_know(counter, labels[i]);

		if (index < 0)
			return index;
		if (counter->last_row[index] == counter->sets)
			continue;
		counter->last_row[index] = counter->sets;
		counter->labels[index].count++;
		if (indices)
			indices[different] = index;
		different++;
	}
	return different;
}

bool label_number(const char *label, double *value)
{
	size_t size = strcspn(label, " ");
	char number[DIGITS_MAX + 1];

	if (size == 0 || size > DIGITS_MAX || (label[size] && (!label[size + 1] || strpbrk(label + size + 1, " 0123456789"))))
		return false;
	memcpy(number, label, size);
	number[size] = '\0';
	return number_parse(number, value);
}

struct placed {
	struct label_count label;
	int32_t index;
};

static int by_value(const void *a, const void *b)
{
	const char *first = ((const struct placed *)a)->label.name, *second = ((const struct placed *)b)->label.name;
	double x, y;
	bool first_is = label_number(first, &x), second_is = label_number(second, &y);

	if (first_is != second_is)
		return first_is ? -1 : 1;
	if (first_is && x < y)
		return -1;
	if (first_is && x > y)
		return 1;
	return strcmp(first, second);
}

bool label_counter_sort(struct label_counter *counter, int32_t *place_of)
{
	size_t count = (size_t)counter->count;
	struct placed *placed = size_calloc(count, sizeof *placed);

	if (!placed)
		return false;
	for (size_t i = 0; i < count; i++)
		placed[i] = (struct placed){counter->labels[i], (int32_t)i};
	qsort(placed, count, sizeof *placed, by_value);
	for (size_t i = 0; i < count; i++) {
		counter->labels[i] = placed[i].label;
		if (place_of)
			place_of[placed[i].index] = (int32_t)i;
	}
	free(placed);
	return true;
}

struct label_count *label_counter_take(struct label_counter *counter, int *count)
{
	struct label_count *labels = counter->labels;

	*count = counter->count;
	counter->labels = NULL;
	counter->count = 0;
	label_counter_free(counter);
	return labels;
}

bool label_counter_refuse(const char *path, const char *column, struct error *error)
{
	return error_set(error, ERROR_DATA,
	                 "%s: column \"%.*s\" has more than %d different values: is it the label? --label-column names another",
	                 path, NAME_ARGUMENTS(column), LABELS_MAX);
}

void label_counter_free(struct label_counter *counter)
{
	for (int i = 0; i < counter->count; i++)
		free(counter->labels[i].name);
	free(counter->labels);
	free(counter->slots);
	free(counter->last_row);
	*counter = (struct label_counter){0};
}
