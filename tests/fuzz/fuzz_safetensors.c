/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Safetensors headers from a grammar, against an oracle that never reads them: it knows what was meant. */
#include "tests/fuzz/fuzz.h"

enum { TENSORS = 6, DATA_MAX = 4096, RANK_WRITTEN = 10 };

static const struct {
	const char *name;
	unsigned bits; /* 0: there is no such type */
} types[] = {
	{"F32", 32}, {"F32", 32}, {"F16", 16}, {"BF16", 16}, {"F64", 64}, {"I64", 64}, {"U8", 8}, {"BOOL", 8},
	{"F4", 4}, {"F6_E2M3", 6}, {"C64", 64}, {"F31", 0}, {"f32", 0},
};

static const struct {
	const char *json, *value; /* value NULL: not allowed */
} names[] = {
	{"a", "a"}, {"b", "b"}, {"c", "c"}, {"d.e", "d.e"}, {"\\u0061", "a"}, {"\\u00e9", "\xc3\xa9"}, {"\xc3\xa9", "\xc3\xa9"},
	{"a\\\"{[,", "a\"{[,"}, {"", NULL}, {"\\n", NULL}, {"\\u0000", NULL}, {"\\ud800", NULL}, {"x\x7f", NULL},
};

struct row {
	int name, type, rank;
	__int128 shape[RANK_WRITTEN], begin, end;
	bool real; /* a dimension is spelled with a point */
};

struct header {
	struct row rows[TENSORS];
	int count;
	bool metadata_is_wrong, space, trailing, extra_key;
};

static void add_number(struct buffer *out, __int128 value)
{
	char digits[48];
	int at = sizeof digits;
	bool negative = value < 0;

	if (negative)
		value = -value;
	do
		digits[--at] = (char)('0' + (int)(value % 10));
	while ((value /= 10) > 0);
	if (negative)
		digits[--at] = '-';
	craft_add(out, digits + at, sizeof digits - (size_t)at);
}

static void write_row(struct buffer *out, const struct row *row, bool extra_key)
{
	buffer_format(out, "\"%s\":{\"dtype\":\"%s\",\"shape\":[", names[row->name].json, types[row->type].name);
	for (int i = 0; i < row->rank; i++) {
		if (i > 0)
			buffer_add_byte(out, ',');
		add_number(out, row->shape[i]);
		if (row->real && i == 0)
			buffer_add_text(out, ".0");
	}
	buffer_add_text(out, "],\"data_offsets\":[");
	add_number(out, row->begin);
	buffer_add_byte(out, ',');
	add_number(out, row->end);
	buffer_add_text(out, extra_key ? "],\"x\":0}" : "]}");
}

/* Bytes that type and shape ask for; -1: none can be said. The limits are those of the format's readers: every
 * partial product below 2^63, the bits below 2^64. */
static __int128 row_bytes(const struct row *row)
{
	__int128 count = 1;

	if (types[row->type].bits == 0 || row->rank > TENSOR_RANK_MAX || (row->real && row->rank > 0))
		return -1;
	for (int i = 0; i < row->rank; i++) {
		if (row->shape[i] < 0 || row->shape[i] > INT64_MAX || (count *= row->shape[i]) > INT64_MAX)
			return -1;
	}
	count *= types[row->type].bits;
	return count > UINT64_MAX || count % 8 ? -1 : count / 8;
}

static bool rows_are_right(const struct header *header, size_t data)
{
	bool used[TENSORS] = {false};
	__int128 end = 0;

	for (int i = 0; i < header->count; i++) {
		const struct row *row = &header->rows[i];
		if (!names[row->name].value || row->begin < 0 || row->end < row->begin || row->end > INT64_MAX ||
		    row_bytes(row) != row->end - row->begin)
			return false;
		for (int j = 0; j < i; j++)
			if (strcmp(names[row->name].value, names[header->rows[j].name].value) == 0)
				return false;
	}
	/* Empty tensors first where several begin at one place: then each begins where another ended. */
	for (int placed = 0; placed < header->count; placed++) {
		int next = -1;
		for (int i = 0; i < header->count; i++)
			if (!used[i] && header->rows[i].begin == end &&
			    (next < 0 || header->rows[i].end < header->rows[next].end))
				next = i;
		if (next < 0)
			return false;
		used[next] = true;
		end = header->rows[next].end;
	}
	return end == (__int128)data;
}

static void make_row(struct fuzz *fuzz, struct row *row, int name, __int128 *end)
{
	*row = (struct row){.name = name, .type = (int)fuzz_below(fuzz, 8), .rank = (int)fuzz_below(fuzz, 5), .begin = *end};
	for (int i = 0; i < row->rank; i++)
		row->shape[i] = (__int128)fuzz_below(fuzz, 5);
	*end = row->end = *end + row_bytes(row);
}

/* Two dimensions whose product is 2^64, or 0 beside a negative one: nothing, for who does not look. */
static void wrap_shape(struct fuzz *fuzz, struct row *row)
{
	uint64_t exponent = 1 + fuzz_below(fuzz, 62);
	bool negative = fuzz_one_in(fuzz, 3);

	row->rank = 2;
	row->shape[0] = negative ? 0 : (__int128)1 << exponent;
	row->shape[1] = negative ? -1 : (__int128)1 << (64 - exponent);
}

/* Moves a row and all that follow it in the file. */
static void move_rows(struct header *header, int from, __int128 by)
{
	for (int i = from; i < header->count; i++) {
		header->rows[i].begin += by;
		header->rows[i].end += by;
	}
}

/* One thing that is probably wrong, in rows that stand in file order. */
static void spoil_row(struct fuzz *fuzz, struct header *header, int at)
{
	struct row *row = &header->rows[at];
	int step = 1 + (int)fuzz_below(fuzz, 8);

	switch (fuzz_below(fuzz, 13)) {
	case 0: row->begin += fuzz_one_in(fuzz, 2) ? step : -step; break;
	case 1: row->end += fuzz_one_in(fuzz, 2) ? step : -step; break;
	case 2: row->begin = fuzz_boundary(fuzz); break;
	case 3: row->end = fuzz_boundary(fuzz); break;
	case 4: move_rows(header, at, step); break;
	case 5: move_rows(header, at, -step); break;
	case 6: wrap_shape(fuzz, row); break;
	case 7: row->name = (int)fuzz_below(fuzz, sizeof names / sizeof *names); break;
	case 8: row->type = (int)fuzz_below(fuzz, sizeof types / sizeof *types); break;
	case 9: row->rank = 8 + (int)fuzz_below(fuzz, 3); break;
	case 10: row->real = true; break;
	case 11: /* so many elements more that 32 or 64 bits do not see it */
		if (row->rank > 0)
			row->shape[0] += (__int128)1 << (24 + fuzz_below(fuzz, 40));
		break;
	default: /* half bytes */
		row->type = fuzz_one_in(fuzz, 2) ? 8 : 9;
		row->rank = 1;
		row->shape[0] = (__int128)(row->end - row->begin) * 8 / types[row->type].bits + (int)fuzz_below(fuzz, 2);
		break;
	}
}

static void spoil_header(struct fuzz *fuzz, struct header *header)
{
	switch (fuzz_below(fuzz, 6)) {
	case 0: header->metadata_is_wrong = true; break;
	case 1: header->trailing = true; break;
	case 2: header->extra_key = header->count > 0; break;
	default: /* every row */
		for (int i = 0; i < header->count; i++)
			spoil_row(fuzz, header, i);
	}
}

static void make_header(struct fuzz *fuzz, struct header *header)
{
	__int128 end = 0;

	header->count = (int)fuzz_below(fuzz, TENSORS + 1);
	for (int i = 0; i < header->count; i++)
		make_row(fuzz, &header->rows[i], i < 4 ? i : i + 1, &end);
	header->space = fuzz_one_in(fuzz, 4);
	if (header->count > 0 && fuzz_one_in(fuzz, 2))
		spoil_row(fuzz, header, (int)fuzz_below(fuzz, (uint64_t)header->count));
	else if (fuzz_one_in(fuzz, 8))
		spoil_header(fuzz, header);
	for (int i = header->count - 1; i > 0; i--) {
		int j = (int)fuzz_below(fuzz, (uint64_t)i + 1);
		struct row kept = header->rows[i];
		header->rows[i] = header->rows[j];
		header->rows[j] = kept;
	}
}

static void write_header(struct fuzz *fuzz, struct buffer *out, const struct header *header)
{
	bool metadata = fuzz_one_in(fuzz, 2);

	buffer_add_text(out, header->space ? " \n{" : "{");
	if (metadata || header->metadata_is_wrong)
		buffer_add_text(out, header->metadata_is_wrong ? "\"__metadata__\":{\"format\":1}" : "\"__metadata__\":{\"format\":\"pt\"}");
	for (int i = 0; i < header->count; i++) {
		if (i > 0 || metadata || header->metadata_is_wrong)
			buffer_add_byte(out, ',');
		write_row(out, &header->rows[i], header->extra_key && i == 0);
	}
	buffer_add_text(out, header->space ? "}\t " : "}");
	if (header->trailing)
		buffer_add_byte(out, 'x');
}

/* Byte i of the data. */
static unsigned char data_byte(size_t i)
{
	return (unsigned char)(i * 37 + 11);
}

/* f32 tensors hold the very bytes that lie where their offsets say. */
static void check_values(struct fuzz *fuzz, struct tensor_file *file, const struct header *header)
{
	struct error error = {0};

	for (int i = 0; i < header->count; i++) {
		const struct row *row = &header->rows[i];
		const struct tensor *tensor = tensor_file_find(file, names[row->name].value);
		unsigned char *out;
		if (!tensor)
			fuzz_fail(fuzz, "%s is not there", names[row->name].value);
		if (tensor->dtype != DTYPE_F32)
			continue;
		out = malloc((size_t)tensor->count * 4 + 1);
		if (!out || !tensor_file_read(file, tensor, (float *)(void *)out, &error))
			fuzz_fail(fuzz, "%s was not read: %s", tensor->name, error.text);
		for (size_t j = 0; j < tensor->count * 4; j++)
			if (out[j] != data_byte((size_t)row->begin + j))
				fuzz_fail(fuzz, "byte %zu of %s", j, tensor->name);
		free(out);
	}
}

static void play_round(struct fuzz *fuzz)
{
	struct header header = {0};
	struct buffer text = {.maximum = CRAFT_MAX};
	struct tensor_file *file;
	__int128 end = 0;
	size_t data;
	uint64_t length;
	bool right;

	make_header(fuzz, &header);
	for (int i = 0; i < header.count; i++)
		end = header.rows[i].end > end ? header.rows[i].end : end;
	data = end < DATA_MAX ? (size_t)end : DATA_MAX;
	if (fuzz_one_in(fuzz, 20))
		data += fuzz_one_in(fuzz, 2) ? 1 : data > 0 ? (size_t)-1 : 0;
	write_header(fuzz, &text, &header);
	length = fuzz_one_in(fuzz, 60) ? (uint64_t)fuzz_boundary(fuzz) : text.size;
	right = length == text.size && !header.metadata_is_wrong && !header.trailing && !header.extra_key &&
	        rows_are_right(&header, data);
	fuzz->file.size = 0;
	craft_safetensors(&fuzz->file, length, text.data, text.size, 0);
	for (size_t i = 0; i < data; i++)
		craft_add(&fuzz->file, &(unsigned char){data_byte(i)}, 1);
	file = fuzz_open(fuzz, right);
	if (file)
		check_values(fuzz, file, &header);
	tensor_file_close(file);
	if (fuzz_one_in(fuzz, 2)) {
		fuzz_damage(fuzz, &fuzz->file, 0);
		fuzz_open_damaged(fuzz);
	}
	buffer_free(&text);
}

int main(int argc, char **argv)
{
	return fuzz_main(argc, argv, "safetensors", play_round);
}
