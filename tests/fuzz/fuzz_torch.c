/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Files of torch.save from a grammar, the zip form and the old one, against an oracle that knows which storages
 * and views were meant. Opcodes are drawn among those that say the same. */
#include "tests/fuzz/fuzz.h"

enum { STORAGES = 3, VIEWS = 5, RANK_WRITTEN = 10, RECORD_MAX = 4096 };

static const struct {
	const char *name;
	int size;
} types[] = {{"FloatStorage", 4}, {"BFloat16Storage", 2}, {"HalfStorage", 2}, {"DoubleStorage", 8}, {"LongStorage", 8},
	     {"ByteStorage", 1}};

struct storage {
	int type;
	__int128 count;
	size_t record; /* bytes in the file */
	bool used;
};

struct view {
	int name, storage, rank;
	__int128 offset, size[RANK_WRITTEN], stride[RANK_WRITTEN];
	int stride_rank;
};

struct plan {
	struct storage storages[STORAGES];
	struct view views[VIEWS];
	int storage_count, view_count;
	bool legacy, wrapped, ordered, protocol4;
	bool wrong_name, wrong_opcode, wrong_end; /* each makes the file wrong */
};

/* The pickle while it is being written; memo slots of the names that were said, 0: not yet. */
struct writer {
	struct fuzz *fuzz;
	struct buffer *out;
	bool protocol4;
	int slots[16], next_slot;
};

static void byte(struct writer *w, int value)
{
	craft_number(w->out, (uint64_t)value, 1);
}

static void memoize(struct writer *w, int *slot)
{
	*slot = ++w->next_slot;
	if (fuzz_one_in(w->fuzz, 2)) {
		byte(w, 'q');
		byte(w, *slot);
	} else {
		byte(w, 'r');
		craft_number(w->out, (uint64_t)*slot, 4);
	}
}

static bool recall(struct writer *w, int slot)
{
	if (!slot || fuzz_one_in(w->fuzz, 3))
		return false;
	byte(w, 'h');
	byte(w, slot);
	return true;
}

/* In any of the forms that hold the value. */
static void number(struct writer *w, __int128 value)
{
	uint64_t form = fuzz_below(w->fuzz, 4);

	if (value >= 0 && value < 256 && form < 2) {
		byte(w, 'K');
		byte(w, (int)value);
	} else if (value >= 0 && value < 65536 && form < 3) {
		byte(w, 'M');
		craft_number(w->out, (uint64_t)value, 2);
	} else if (value >= INT32_MIN && value <= INT32_MAX && form < 3) {
		byte(w, 'J');
		craft_number(w->out, (uint64_t)value, 4);
	} else {
		int size = value >= INT64_MIN && value <= INT64_MAX ? 8 : 9;
		byte(w, 0x8a);
		byte(w, size);
		craft_number(w->out, (uint64_t)value, 8);
		if (size == 9)
			byte(w, 0);
	}
}

static void text(struct writer *w, const char *value)
{
	if (w->protocol4 && fuzz_one_in(w->fuzz, 2)) {
		byte(w, 0x8c);
		byte(w, (int)strlen(value));
	} else {
		byte(w, 'X');
		craft_number(w->out, strlen(value), 4);
	}
	craft_add(w->out, value, strlen(value));
}

static void name(struct writer *w, const char *module, const char *value, int memo)
{
	if (recall(w, w->slots[memo]))
		return;
	if (w->protocol4 && fuzz_one_in(w->fuzz, 2)) {
		text(w, module);
		text(w, value);
		byte(w, 0x93);
	} else {
		buffer_format(w->out, "c%s\n%s\n", module, value);
	}
	if (fuzz_one_in(w->fuzz, 2))
		memoize(w, &w->slots[memo]);
}

static void tuple(struct writer *w, const __int128 *values, int count)
{
	bool mark = count > 3 || (count > 0 && fuzz_one_in(w->fuzz, 2));

	if (mark)
		byte(w, '(');
	for (int i = 0; i < count; i++)
		number(w, values[i]);
	byte(w, mark ? 't' : count == 0 ? ')' : 0x84 + count);
}

static void storage(struct writer *w, const struct plan *plan, int index)
{
	const struct storage *s = &plan->storages[index];
	char key[16];

	byte(w, '(');
	text(w, "storage");
	name(w, "torch", types[s->type].name, 2 + s->type);
	snprintf(key, sizeof key, "%d", index);
	text(w, key);
	text(w, fuzz_one_in(w->fuzz, 2) ? "cpu" : "cuda:0");
	number(w, s->count);
	if (plan->legacy)
		byte(w, 'N');
	byte(w, 't');
	byte(w, 'Q');
}

static void view(struct writer *w, const struct plan *plan, const struct view *v)
{
	name(w, "torch._utils", "_rebuild_tensor_v2", 0);
	byte(w, '(');
	storage(w, plan, v->storage);
	number(w, v->offset);
	tuple(w, v->size, v->rank);
	tuple(w, v->stride, v->stride_rank);
	byte(w, fuzz_one_in(w->fuzz, 2) ? 0x88 : 0x89);
	name(w, "collections", "OrderedDict", 1);
	craft_add(w->out, ")R", 2);
	if (fuzz_one_in(w->fuzz, 8))
		byte(w, '}');
	craft_add(w->out, "tR", 2);
}

static void view_name(char out[8], const struct view *v)
{
	snprintf(out, 8, "t%d", v->name);
}

static void table(struct writer *w, const struct plan *plan)
{
	bool items = fuzz_one_in(w->fuzz, 2);
	char key[8];

	if (plan->ordered) {
		name(w, "collections", "OrderedDict", 1);
		craft_add(w->out, ")R", 2);
	} else {
		byte(w, '}');
	}
	if (items)
		byte(w, '(');
	for (int i = 0; i < plan->view_count; i++) {
		view_name(key, &plan->views[i]);
		text(w, key);
		view(w, plan, &plan->views[i]);
		if (!items)
			byte(w, 's');
	}
	if (items)
		byte(w, 'u');
}

static void start(struct writer *w)
{
	byte(w, 0x80);
	byte(w, w->protocol4 ? 4 : 2);
}

static void write_object(struct fuzz *fuzz, struct buffer *out, const struct plan *plan)
{
	static const char *const refused[] = {"cos\nsystem\n0", "2", "\x81", "i", "o", "C\1a"};
	struct writer w = {.fuzz = fuzz, .out = out, .protocol4 = plan->protocol4};

	start(&w);
	if (plan->wrapped) {
		byte(&w, '}');
		text(&w, fuzz_one_in(fuzz, 2) ? "state_dict" : "model");
	}
	table(&w, plan);
	if (plan->wrapped)
		byte(&w, 's');
	if (plan->wrong_opcode)
		buffer_add_text(out, refused[fuzz_below(fuzz, 6)]);
	if (plan->wrong_name)
		buffer_add_text(out, "cposix\nsystem\n");
	if (plan->wrong_end)
		byte(&w, '}');
	byte(&w, '.');
}

/* Byte i of the record of a storage. */
static unsigned char record_byte(int index, size_t i)
{
	return (unsigned char)(i * 29 + (size_t)index * 101 + 7);
}

static void write_record(struct buffer *out, const struct storage *s, int index)
{
	for (size_t i = 0; i < s->record; i++)
		craft_number(out, record_byte(index, i), 1);
}

static void write_legacy(struct fuzz *fuzz, const struct plan *plan, const struct buffer *object)
{
	static const char head[] = "\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19." "\x80\x02M\xe9\x03."
		"\x80\x02}X\x0d\0\0\0little_endian\x88s.";
	struct writer w = {.fuzz = fuzz, .out = &fuzz->file};
	char key[16];

	craft_add(&fuzz->file, head, sizeof head - 1);
	craft_add(&fuzz->file, object->data, object->size);
	start(&w);
	byte(&w, ']');
	for (int i = 0; i < plan->storage_count; i++) {
		if (!plan->storages[i].used)
			continue;
		snprintf(key, sizeof key, "%d", i);
		text(&w, key);
		byte(&w, 'a');
	}
	byte(&w, '.');
	for (int i = 0; i < plan->storage_count; i++) {
		if (!plan->storages[i].used)
			continue;
		craft_number(&fuzz->file, (uint64_t)plan->storages[i].count, 8);
		write_record(&fuzz->file, &plan->storages[i], i);
	}
}

static void write_zip(struct fuzz *fuzz, const struct plan *plan, const struct buffer *object)
{
	struct craft_entry entries[STORAGES + 2] = {{.name = "r/data.pkl", .data = object->data, .size = object->size},
	                                            {.name = "r/version", .data = "3\n", .size = 2}};
	static const char *const keys[STORAGES] = {"r/data/0", "r/data/1", "r/data/2"};
	struct buffer records[STORAGES];

	for (int i = 0; i < plan->storage_count; i++) {
		records[i] = (struct buffer){.maximum = CRAFT_MAX};
		craft_add(&records[i], "", 0);
		write_record(&records[i], &plan->storages[i], i);
		entries[2 + i] = (struct craft_entry){.name = keys[i], .data = records[i].data, .size = records[i].size};
	}
	for (int i = 0; i < plan->storage_count + 2; i++) {
		entries[i].flags = (uint16_t)((fuzz_one_in(fuzz, 2) ? 8 : 0) | (fuzz_one_in(fuzz, 2) ? 0x800 : 0));
		entries[i].zip64 = fuzz_one_in(fuzz, 4);
		entries[i].extra = fuzz_one_in(fuzz, 2) ? fuzz_below(fuzz, 64) : 0;
	}
	craft_zip(&fuzz->file, entries, (size_t)plan->storage_count + 2, &(struct craft_zip){.end64 = fuzz_one_in(fuzz, 2)});
	for (int i = 0; i < plan->storage_count; i++)
		buffer_free(&records[i]);
}

/* Elements of a view; -1: it must be refused. */
static __int128 view_count(const struct plan *plan, const struct view *v)
{
	__int128 available = plan->storages[v->storage].count, count = 1, last = 0;

	if (v->rank > TENSOR_RANK_MAX || v->stride_rank != v->rank || v->offset < 0 || v->offset > INT64_MAX)
		return -1;
	for (int i = 0; i < v->rank; i++) {
		if (v->size[i] < 0 || v->size[i] > INT64_MAX || v->stride[i] < 0 || v->stride[i] > INT64_MAX ||
		    (count *= v->size[i]) > INT64_MAX)
			return -1;
	}
	for (int i = 0; i < v->rank && count > 0; i++) {
		last += (v->size[i] - 1) * v->stride[i];
		if (last >= available)
			return -1;
	}
	return v->offset + (count > 0 ? last + 1 : 0) > available || count > available ? -1 : count;
}

static bool plan_is_right(const struct plan *plan)
{
	if (plan->view_count == 0 || plan->wrong_name || plan->wrong_opcode || plan->wrong_end)
		return false;
	for (int i = 0; i < plan->storage_count; i++) {
		const struct storage *s = &plan->storages[i];
		if (s->used && (s->count < 0 || s->count > INT64_MAX || s->count * types[s->type].size != (__int128)s->record))
			return false;
	}
	for (int i = 0; i < plan->view_count; i++) {
		if (view_count(plan, &plan->views[i]) < 0)
			return false;
		for (int j = 0; j < i; j++)
			if (plan->views[i].name == plan->views[j].name)
				return false;
	}
	return true;
}

static void make_view(struct fuzz *fuzz, struct plan *plan, struct view *v, int index)
{
	__int128 stride = 1;

	*v = (struct view){.name = fuzz_one_in(fuzz, 30) ? 0 : index, .storage = (int)fuzz_below(fuzz, (uint64_t)plan->storage_count)};
	v->rank = v->stride_rank = (int)fuzz_below(fuzz, fuzz_one_in(fuzz, 30) ? RANK_WRITTEN + 1 : 4);
	for (int i = v->rank - 1; i >= 0; i--) {
		v->size[i] = fuzz_one_in(fuzz, 30) ? fuzz_boundary(fuzz) : (__int128)fuzz_below(fuzz, 4);
		v->stride[i] = fuzz_one_in(fuzz, 30) ? fuzz_boundary(fuzz) : stride;
		stride = v->size[i] > 0 && v->size[i] < 1000 && stride < 100000 ? stride * v->size[i] : stride;
	}
	v->offset = fuzz_one_in(fuzz, 30) ? fuzz_boundary(fuzz) : (__int128)fuzz_below(fuzz, 8);
	if (fuzz_one_in(fuzz, 60))
		v->offset = -1;
	if (v->rank > 0 && fuzz_one_in(fuzz, 40))
		v->stride[0] = -1;
	if (v->rank > 0 && fuzz_one_in(fuzz, 60))
		v->stride_rank--;
	if (v->rank > 1 && fuzz_one_in(fuzz, 3)) { /* transposed */
		__int128 size = v->size[0], kept = v->stride[0];
		v->size[0] = v->size[1];
		v->size[1] = size;
		v->stride[0] = v->stride[1];
		v->stride[1] = kept;
	}
	if (v->rank > 0 && fuzz_one_in(fuzz, 40)) { /* expanded */
		v->size[0] = plan->storages[v->storage].count + (int)fuzz_below(fuzz, 3) - 1;
		v->stride[0] = 0;
	}
	plan->storages[v->storage].used = true;
}

static void make_plan(struct fuzz *fuzz, struct plan *plan)
{
	plan->legacy = fuzz_one_in(fuzz, 3);
	plan->wrapped = fuzz_one_in(fuzz, 4);
	plan->ordered = fuzz_one_in(fuzz, 2);
	plan->protocol4 = fuzz_one_in(fuzz, 2);
	plan->wrong_name = fuzz_one_in(fuzz, 60);
	plan->wrong_opcode = fuzz_one_in(fuzz, 60);
	plan->wrong_end = fuzz_one_in(fuzz, 60);
	plan->storage_count = 1 + (int)fuzz_below(fuzz, STORAGES);
	for (int i = 0; i < plan->storage_count; i++) {
		struct storage *s = &plan->storages[i];
		s->type = (int)fuzz_below(fuzz, 6);
		s->count = fuzz_one_in(fuzz, 30) ? fuzz_boundary(fuzz) : 60 + (__int128)fuzz_below(fuzz, 20);
		s->record = s->count * types[s->type].size <= RECORD_MAX ? (size_t)s->count * (size_t)types[s->type].size : RECORD_MAX;
		if (fuzz_one_in(fuzz, 40))
			s->record += fuzz_one_in(fuzz, 2) ? 1 : s->record > 0 ? (size_t)-1 : 0;
		/* What wraps to the record's size in 64 bits. */
		if (fuzz_one_in(fuzz, 60))
			s->count += (((__int128)1 << 64) / types[s->type].size);
	}
	plan->view_count = (int)fuzz_below(fuzz, VIEWS + 1);
	for (int i = 0; i < plan->view_count; i++)
		make_view(fuzz, plan, &plan->views[i], i);
}

/* The f32 that lies at element `at` of a storage of one of the two types whose conversion is a matter of bytes. */
static uint32_t element_bits(int index, int type, size_t at)
{
	uint32_t bits = 0;

	for (size_t i = 0; i < (size_t)types[type].size; i++)
		bits |= (uint32_t)record_byte(index, at * (size_t)types[type].size + i) << 8 * i;
	return type == 1 ? bits << 16 : bits;
}

static void check_view(struct fuzz *fuzz, struct tensor_file *file, const struct plan *plan, const struct view *v)
{
	size_t count = (size_t)view_count(plan, v);
	const struct tensor *tensor;
	struct error error = {0};
	char key[8];
	float *out;

	view_name(key, v);
	tensor = tensor_file_find(file, key);
	if (!tensor || tensor->rank != v->rank || tensor->count != count)
		fuzz_fail(fuzz, "shape of %s", key);
	if (plan->storages[v->storage].type > 1)
		return;
	out = malloc(count * sizeof *out + 1);
	if (!out || !tensor_file_read(file, tensor, out, &error))
		fuzz_fail(fuzz, "%s was not read: %s", key, error.text);
	for (size_t i = 0; i < count; i++) {
		size_t rest = i, at = (size_t)v->offset;
		uint32_t bits;
		for (int axis = v->rank - 1; axis >= 0; axis--) {
			at += rest % (size_t)v->size[axis] * (size_t)v->stride[axis];
			rest /= (size_t)v->size[axis];
		}
		memcpy(&bits, &out[i], sizeof bits);
		if (bits != element_bits(v->storage, plan->storages[v->storage].type, at))
			fuzz_fail(fuzz, "element %zu of %s", i, key);
	}
	free(out);
}

static void play_round(struct fuzz *fuzz)
{
	struct buffer object = {.maximum = CRAFT_MAX};
	struct plan plan = {0};
	struct tensor_file *file;

	make_plan(fuzz, &plan);
	write_object(fuzz, &object, &plan);
	for (int damaged = 0; damaged < 2; damaged++) {
		fuzz->file.size = 0;
		if (plan.legacy)
			write_legacy(fuzz, &plan, &object);
		else
			write_zip(fuzz, &plan, &object);
		if (damaged) {
			fuzz_open_damaged(fuzz);
			break;
		}
		file = fuzz_open(fuzz, plan_is_right(&plan));
		for (int i = 0; file && i < plan.view_count; i++)
			check_view(fuzz, file, &plan, &plan.views[i]);
		tensor_file_close(file);
		if (!fuzz_one_in(fuzz, 2))
			break;
		/* A damaged pickle in an archive that is right, and a damaged archive. */
		fuzz_damage(fuzz, &fuzz->file, 4);
		fuzz_open_damaged(fuzz);
		fuzz_damage(fuzz, &object, 2);
	}
	buffer_free(&object);
}

int main(int argc, char **argv)
{
	return fuzz_main(argc, argv, "torch", play_round);
}
