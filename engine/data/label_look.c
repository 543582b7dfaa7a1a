/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/data/label_look.h"

#include "engine/data/field.h"
#include "engine/data/missing.h"
#include "engine/data/row_labels.h"
#include "engine/dialect.h"

#include <stdlib.h>

#define LABEL_BYTES 64      /* longer pieces are texts */
#define PIECES_MAX 1024     /* different pieces that are told apart; with more it is no column of labels */
#define SLOTS (2 * PIECES_MAX)

/* What stands between separators. A name that has the separator in it shows by its parts: they never come apart. */
struct piece {
	uint64_t hash;      /* 0: the slot is empty */
	uint64_t field;     /* in which it was met first */
	uint32_t rows;      /* that have it beside others */
	bool elsewhere;     /* it was met in another field too, alone or beside others */
};

struct separator {
	char character;
	double share;       /* of the pieces in joined fields that must stand elsewhere, too */
	uint32_t joined;    /* fields that have it */
	uint32_t twice;     /* and more than once */
	bool words;         /* a piece is no number */
	bool full;          /* too many different pieces, or longer ones than labels are */
	int pieces;
	struct piece of[SLOTS];
};

struct label_look {
	uint32_t fields;    /* that are not missing */
	uint32_t brackets;  /* fields in brackets, */
	uint32_t lists;     /* and those of words and numbers among them */
	uint32_t vectors;   /* lists of 0 and 1 */
	uint32_t repeats;   /* vectors that hold a value twice, as no list of different labels does */
	int elements;       /* of each list; -1: they differ */
	struct separator separators[3];
};

struct label_look *label_look_begin(void)
{
	static const struct {
		char character;
		double share;
	} known[] = {{'|', 0.5}, {';', 0.9}, {',', 0.95}};
	struct label_look *look = calloc(1, sizeof *look);

	for (int i = 0; look && i < 3; i++) {
		look->separators[i].character = known[i].character;
		look->separators[i].share = known[i].share;
	}
	return look;
}

static struct piece *find_piece(struct separator *separator, uint64_t hash)
{
	size_t slot = hash % SLOTS;

	while (separator->of[slot].hash != 0 && separator->of[slot].hash != hash)
		slot = (slot + 1) % SLOTS;
	if (separator->of[slot].hash == 0) {
		if (separator->pieces == PIECES_MAX)
			return NULL;
		separator->pieces++;
		separator->of[slot].hash = hash;
	}
	return &separator->of[slot];
}

static void add_piece(struct separator *separator, struct span text, uint64_t field, bool joined)
{
	struct piece *piece = find_piece(separator, field_hash(text) | 1);
	double value;

	if (!piece || text.size > LABEL_BYTES) {
		separator->full = true;
		return;
	}
	if (piece->field == 0)
		piece->field = field;
	piece->elsewhere = piece->elsewhere || piece->field != field;
	piece->rows += joined;
	separator->words = separator->words || !field_number(text, &value);
}

static void add_pieces(struct separator *separator, struct span text)
{
	uint64_t field = field_hash(text) | 1;
	uint32_t found = 0;
	bool joined = memchr(text.data, separator->character, text.size) != NULL;

	while (text.size > 0 && !separator->full) {
		const char *end = memchr(text.data, separator->character, text.size);
		size_t size = end ? (size_t)(end - text.data) : text.size;
		struct span piece = span_trim((struct span){text.data, size});

		if (piece.size > 0)
			add_piece(separator, piece, field, joined);
		found += end != NULL;
		size += end != NULL;
		text = (struct span){text.data + size, text.size - size};
	}
	separator->joined += found > 0;
	separator->twice += found > 1;
}

static void add_list(struct label_look *look, struct list_scan *scan)
{
	int elements = 0, zeros = 0, ones = 0;
	struct span element;
	char quoted;
	bool yes;

	while (list_next(scan, &element, &quoted)) {
		elements++;
		if (label_flag(element, &yes))
			*(yes ? &ones : &zeros) += 1;
	}
	if (scan->failed)
		return;
	look->elements = look->lists == 0 || look->elements == elements ? elements : -1;
	look->lists++;
	look->vectors += elements > 0 && zeros + ones == elements;
	look->repeats += zeros > 1 || ones > 1;
}

void label_look_add(struct label_look *look, struct span field)
{
	struct list_scan scan;

	field = span_trim(field);
	if (missing_find(field) >= 0)
		return;
	look->fields++;
	if (list_begin(&scan, field)) {
		look->brackets++;
		add_list(look, &scan);
		return;
	}
	for (int i = 0; i < 3; i++)
		add_pieces(&look->separators[i], field);
}

/* Decimal commas: numbers, one comma each. */
static bool is_decimal(const struct separator *separator)
{
	return separator->character == ',' && !separator->words && separator->twice == 0;
}

static bool separates(const struct separator *separator)
{
	uint64_t all = 0, elsewhere = 0;

	if (separator->joined == 0 || separator->full || is_decimal(separator))
		return false;
	for (int i = 0; i < SLOTS; i++) {
		all += separator->of[i].rows;
		elsewhere += separator->of[i].elsewhere ? separator->of[i].rows : 0;
	}
	return all > 0 && (double)elsewhere >= separator->share * (double)all;
}

static void settle_lists(const struct label_look *look, struct columns *columns)
{
	bool vectors = look->vectors == look->fields && look->elements > 1 && look->repeats > 0;

	columns->form = vectors ? LABELS_VECTOR : LABELS_LIST;
	columns->vector_size = vectors ? look->elements : 0;
}

static void settle_separator(const struct label_look *look, struct columns *columns)
{
	for (int i = 0; i < 3 && columns->form == LABELS_ONE; i++)
		if (separates(&look->separators[i])) {
			columns->form = LABELS_JOINED;
			columns->separator = look->separators[i].character;
			columns->separator_guessed = true;
		}
}

void label_look_end(struct label_look *look, struct columns *columns, char said)
{
	char separator = said ? said : columns->traits[columns->label].separator;

	columns->form = LABELS_ONE;
	columns->separator_guessed = false;
	if (said != DIALECT_NONE && look->lists > 0 && look->brackets == look->fields) {
		settle_lists(look, columns);
	} else if (separator && separator != DIALECT_NONE) {
		columns->form = LABELS_JOINED;
		columns->separator = separator;
	} else if (!separator && look->lists > 0 && 2 * look->brackets > look->fields) {
		settle_lists(look, columns);
	} else if (!separator) {
		settle_separator(look, columns);
	}
	free(look);
}
