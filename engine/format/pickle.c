/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The opcodes. */
#include "engine/format/pickle.h"

#include "engine/base/little.h"
#include "engine/base/size.h"
#include "engine/format/pickle_torch.h"

#include <stdlib.h>
#include <string.h>
#include <unistr.h>

#define NO_VALUE UINT32_MAX

struct machine {
	struct pickle *pickle;
	struct stream *in;
	uint32_t stack[PICKLE_STACK_MAX];
	uint32_t depth;
	uint32_t marks[PICKLE_MARKS_MAX]; /* depth of the stack at each */
	uint32_t mark_count;
	uint32_t *memo; /* [memo_capacity], NO_VALUE where nothing was put */
	size_t memo_capacity, memo_next;
	uint64_t start;
	bool stopped;
};

static struct pickle_value *value_at(const struct machine *m, uint32_t index)
{
	return &m->pickle->values[index];
}

static bool push(struct machine *m, uint32_t index, struct error *error)
{
	RETURN_IF(m->depth == PICKLE_STACK_MAX, error, ERROR_DATA, "more than %u values wait on the stack",
	          PICKLE_STACK_MAX);
	m->stack[m->depth++] = index;
	return true;
}

/* Values above the last mark, or all. */
static uint32_t available(const struct machine *m)
{
	return m->depth - (m->mark_count ? m->marks[m->mark_count - 1] : 0);
}

static bool pop(struct machine *m, uint32_t *index, struct error *error)
{
	RETURN_IF(available(m) == 0, error, ERROR_DATA, "the stack is empty");
	*index = m->stack[--m->depth];
	return true;
}

/* Takes the last mark away; *values and *count are what was pushed since, and leave the stack. */
static bool pop_mark(struct machine *m, const uint32_t **values, uint32_t *count, struct error *error)
{
	RETURN_IF(m->mark_count == 0, error, ERROR_DATA, "there is no mark");
	*count = available(m);
	m->depth = m->marks[--m->mark_count];
	*values = m->stack + m->depth;
	return true;
}

static bool push_new(struct machine *m, enum pickle_kind kind, int64_t integer, struct error *error)
{
	uint32_t index;

	if (!pickle_value_new(m->pickle, kind, &index, error))
		return false;
	value_at(m, index)->u.integer = integer;
	return push(m, index, error);
}

static bool read_bytes(struct machine *m, unsigned char *out, size_t size, struct error *error)
{
	return stream_read(m->in, out, size, error);
}

static bool push_text(struct machine *m, uint64_t size, struct error *error)
{
	struct buffer *text = &m->pickle->text;
	size_t offset = text->size;
	uint32_t index;

	RETURN_IF(size > PICKLE_STRING_MAX, error, ERROR_DATA, "a text of %llu bytes", (unsigned long long)size);
	RETURN_IF(size > stream_left(m->in), error, ERROR_DATA, "ends in the middle: download it again");
	if (!buffer_reserve(text, (size_t)size))
		return error_memory(error, "reading a pickle");
	if (!read_bytes(m, (unsigned char *)text->data + offset, (size_t)size, error))
		return false;
	RETURN_IF(u8_check((const uint8_t *)text->data + offset, (size_t)size), error, ERROR_DATA, "text is not UTF-8");
	text->size += (size_t)size;
	if (!pickle_value_new(m->pickle, PICKLE_STRING, &index, error))
		return false;
	value_at(m, index)->u.text.offset = (uint32_t)offset;
	value_at(m, index)->u.text.size = (uint32_t)size;
	return push(m, index, error);
}

static bool op_proto(struct machine *m, struct error *error)
{
	unsigned char version;

	if (!read_bytes(m, &version, 1, error))
		return false;
	RETURN_IF(m->in->position != m->start + 2, error, ERROR_DATA, "not at the start");
	RETURN_IF(version < 2 || version > 5, error, ERROR_DATA, "protocol %u", version);
	return true;
}

static bool op_frame(struct machine *m, struct error *error)
{
	unsigned char size[8];

	if (!read_bytes(m, size, sizeof size, error))
		return false;
	RETURN_IF(little_64(size) > stream_left(m->in), error, ERROR_DATA, "a frame that is longer than the file");
	return true;
}

static bool op_stop(struct machine *m, struct error *error)
{
	RETURN_IF(m->depth != 1 || m->mark_count != 0, error, ERROR_DATA, "%u values and %u marks are left", m->depth,
	          m->mark_count);
	m->pickle->root = m->stack[0];
	m->stopped = true;
	return true;
}

static bool op_mark(struct machine *m, struct error *error)
{
	RETURN_IF(m->mark_count == PICKLE_MARKS_MAX, error, ERROR_DATA, "more than %u marks", PICKLE_MARKS_MAX);
	m->marks[m->mark_count++] = m->depth;
	return true;
}

static bool op_none(struct machine *m, struct error *error)
{
	return push_new(m, PICKLE_NONE, 0, error);
}

static bool op_true(struct machine *m, struct error *error)
{
	return push_new(m, PICKLE_BOOL, 1, error);
}

static bool op_false(struct machine *m, struct error *error)
{
	return push_new(m, PICKLE_BOOL, 0, error);
}

static bool op_binint(struct machine *m, struct error *error)
{
	unsigned char bytes[4];

	return read_bytes(m, bytes, 4, error) && push_new(m, PICKLE_INTEGER, (int32_t)little_32(bytes), error);
}

static bool op_binint1(struct machine *m, struct error *error)
{
	unsigned char byte;

	return read_bytes(m, &byte, 1, error) && push_new(m, PICKLE_INTEGER, byte, error);
}

static bool op_binint2(struct machine *m, struct error *error)
{
	unsigned char bytes[2];

	return read_bytes(m, bytes, 2, error) && push_new(m, PICKLE_INTEGER, little_16(bytes), error);
}

/* Two's complement of any length; what torch writes fits in 8 bytes. */
static bool op_long1(struct machine *m, struct error *error)
{
	unsigned char size, bytes[8];

	if (!read_bytes(m, &size, 1, error))
		return false;
	RETURN_IF(size > 8, error, ERROR_DATA, "a number of %u bytes", size);
	if (!read_bytes(m, bytes, size, error))
		return false;
	memset(bytes + size, size && bytes[size - 1] & 0x80 ? 0xff : 0, sizeof bytes - size);
	return push_new(m, PICKLE_INTEGER, (int64_t)little_64(bytes), error);
}

/* No table of tensors needs a real number: it is passed over, but may stand beside one (epoch, loss). */
static bool op_binfloat(struct machine *m, struct error *error)
{
	unsigned char bytes[8];

	return read_bytes(m, bytes, 8, error) && push_new(m, PICKLE_REAL, 0, error);
}

static bool op_binunicode(struct machine *m, struct error *error)
{
	unsigned char size[4];

	return read_bytes(m, size, 4, error) && push_text(m, little_32(size), error);
}

static bool op_short_text(struct machine *m, struct error *error)
{
	unsigned char size;

	return read_bytes(m, &size, 1, error) && push_text(m, size, error);
}

static bool push_tuple(struct machine *m, const uint32_t *values, size_t count, struct error *error)
{
	uint32_t index;

	return pickle_tuple_new(m->pickle, values, count, &index, error) && push(m, index, error);
}

static bool top_tuple(struct machine *m, uint32_t count, struct error *error)
{
	RETURN_IF(available(m) < count, error, ERROR_DATA, "the stack is empty");
	m->depth -= count;
	return push_tuple(m, m->stack + m->depth, count, error);
}

static bool op_empty_tuple(struct machine *m, struct error *error)
{
	return push_tuple(m, NULL, 0, error);
}

static bool op_tuple1(struct machine *m, struct error *error)
{
	return top_tuple(m, 1, error);
}

static bool op_tuple2(struct machine *m, struct error *error)
{
	return top_tuple(m, 2, error);
}

static bool op_tuple3(struct machine *m, struct error *error)
{
	return top_tuple(m, 3, error);
}

static bool op_tuple(struct machine *m, struct error *error)
{
	const uint32_t *values;
	uint32_t count;

	return pop_mark(m, &values, &count, error) && push_tuple(m, values, count, error);
}

static bool push_container(struct machine *m, enum pickle_kind kind, struct error *error)
{
	uint32_t index;

	if (!pickle_value_new(m->pickle, kind, &index, error))
		return false;
	value_at(m, index)->u.links.first = value_at(m, index)->u.links.last = PICKLE_END;
	return push(m, index, error);
}

static bool op_empty_list(struct machine *m, struct error *error)
{
	return push_container(m, PICKLE_LIST, error);
}

static bool op_empty_dict(struct machine *m, struct error *error)
{
	return push_container(m, PICKLE_DICT, error);
}

/* The container under what was popped; it stays on the stack. */
static bool top_is(const struct machine *m, enum pickle_kind kind, uint32_t *index, struct error *error)
{
	RETURN_IF(available(m) == 0, error, ERROR_DATA, "the stack is empty");
	*index = m->stack[m->depth - 1];
	RETURN_IF(value_at(m, *index)->kind != kind, error, ERROR_DATA, "is used on %s",
	          pickle_kind_name(value_at(m, *index)));
	return true;
}

static bool append_all(struct machine *m, const uint32_t *values, uint32_t count, struct error *error)
{
	uint32_t list = 0;

	if (!top_is(m, PICKLE_LIST, &list, error))
		return false;
	for (uint32_t i = 0; i < count; i++)
		if (!pickle_link_add(m->pickle, list, 0, values[i], error))
			return false;
	return true;
}

static bool set_all(struct machine *m, const uint32_t *values, uint32_t count, struct error *error)
{
	uint32_t dict = 0;

	RETURN_IF(count % 2 != 0, error, ERROR_DATA, "a key without a value");
	if (!top_is(m, PICKLE_DICT, &dict, error))
		return false;
	for (uint32_t i = 0; i < count; i += 2)
		if (!pickle_link_add(m->pickle, dict, values[i], values[i + 1], error))
			return false;
	return true;
}

static bool op_append(struct machine *m, struct error *error)
{
	uint32_t value;

	return pop(m, &value, error) && append_all(m, &value, 1, error);
}

static bool op_appends(struct machine *m, struct error *error)
{
	const uint32_t *values;
	uint32_t count;

	return pop_mark(m, &values, &count, error) && append_all(m, values, count, error);
}

static bool op_setitem(struct machine *m, struct error *error)
{
	uint32_t pair[2];

	return pop(m, &pair[1], error) && pop(m, &pair[0], error) && set_all(m, pair, 2, error);
}

static bool op_setitems(struct machine *m, struct error *error)
{
	const uint32_t *values;
	uint32_t count;

	return pop_mark(m, &values, &count, error) && set_all(m, values, count, error);
}

static bool grow_memo(struct machine *m, size_t needed)
{
	size_t capacity = m->memo_capacity ? m->memo_capacity : 1024;
	uint32_t *memo;

	while (capacity < needed)
		capacity *= 2;
	memo = size_realloc(m->memo, capacity, sizeof *memo);
	if (!memo)
		return false;
	for (size_t i = m->memo_capacity; i < capacity; i++)
		memo[i] = NO_VALUE;
	m->memo = memo;
	m->memo_capacity = capacity;
	return true;
}

static bool memo_put(struct machine *m, uint64_t slot, struct error *error)
{
	RETURN_IF(slot >= PICKLE_MEMO_MAX, error, ERROR_DATA, "memo slot %llu", (unsigned long long)slot);
	RETURN_IF(available(m) == 0, error, ERROR_DATA, "the stack is empty");
	if (slot >= m->memo_capacity && !grow_memo(m, (size_t)slot + 1))
		return error_memory(error, "reading a pickle");
	m->memo[slot] = m->stack[m->depth - 1];
	return true;
}

static bool memo_get(struct machine *m, uint64_t slot, struct error *error)
{
	RETURN_IF(slot >= m->memo_capacity || m->memo[slot] == NO_VALUE, error, ERROR_DATA,
	          "memo slot %llu was never put", (unsigned long long)slot);
	return push(m, m->memo[slot], error);
}

static bool op_binput(struct machine *m, struct error *error)
{
	unsigned char slot;

	return read_bytes(m, &slot, 1, error) && memo_put(m, slot, error);
}

static bool op_long_binput(struct machine *m, struct error *error)
{
	unsigned char slot[4];

	return read_bytes(m, slot, 4, error) && memo_put(m, little_32(slot), error);
}

static bool op_memoize(struct machine *m, struct error *error)
{
	return memo_put(m, m->memo_next++, error);
}

static bool op_binget(struct machine *m, struct error *error)
{
	unsigned char slot;

	return read_bytes(m, &slot, 1, error) && memo_get(m, slot, error);
}

static bool op_long_binget(struct machine *m, struct error *error)
{
	unsigned char slot[4];

	return read_bytes(m, slot, 4, error) && memo_get(m, little_32(slot), error);
}

/* A line of at most `capacity` bytes, without its end. */
static bool read_line(struct machine *m, char *out, size_t capacity, size_t *size, struct error *error)
{
	for (*size = 0; *size < capacity; ++*size) {
		if (!read_bytes(m, (unsigned char *)out + *size, 1, error))
			return false;
		if (out[*size] == '\n')
			return true;
	}
	return error_set(error, ERROR_DATA, "a name of more than %zu bytes", capacity - 1);
}

static bool push_name(struct machine *m, struct span module, struct span name, struct error *error)
{
	uint32_t index;

	return pickle_name_new(m->pickle, module, name, &index, error) && push(m, index, error);
}

static bool op_global(struct machine *m, struct error *error)
{
	char module[128], name[128];
	size_t module_size, name_size;

	return read_line(m, module, sizeof module, &module_size, error) &&
	       read_line(m, name, sizeof name, &name_size, error) &&
	       push_name(m, (struct span){module, module_size}, (struct span){name, name_size}, error);
}

static bool op_stack_global(struct machine *m, struct error *error)
{
	uint32_t module = 0, name = 0;

	if (!pop(m, &name, error) || !pop(m, &module, error))
		return false;
	RETURN_IF(value_at(m, module)->kind != PICKLE_STRING || value_at(m, name)->kind != PICKLE_STRING, error,
	          ERROR_DATA, "is used on %s and %s", pickle_kind_name(value_at(m, module)),
	          pickle_kind_name(value_at(m, name)));
	return push_name(m, pickle_text(m->pickle, value_at(m, module)), pickle_text(m->pickle, value_at(m, name)), error);
}

static bool op_binpersid(struct machine *m, struct error *error)
{
	uint32_t tuple, index;

	return pop(m, &tuple, error) && pickle_storage_new(m->pickle, tuple, &index, error) && push(m, index, error);
}

static bool op_reduce(struct machine *m, struct error *error)
{
	uint32_t arguments, name, index;

	return pop(m, &arguments, error) && pop(m, &name, error) &&
	       pickle_reduce(m->pickle, name, arguments, &index, error) && push(m, index, error);
}

/* Sets attributes of an OrderedDict (_metadata): they are not needed. */
static bool op_build(struct machine *m, struct error *error)
{
	uint32_t state = 0, dict;

	if (!pop(m, &state, error) || !top_is(m, PICKLE_DICT, &dict, error))
		return false;
	RETURN_IF(value_at(m, state)->kind != PICKLE_DICT, error, ERROR_DATA, "with %s",
	          pickle_kind_name(value_at(m, state)));
	return true;
}

/* Every opcode by its name in pickletools; those without a function are known and refused. */
static const struct opcode {
	const char *name;
	bool (*run)(struct machine *, struct error *);
} opcodes[256] = {
	[0x80] = {"PROTO", op_proto}, [0x95] = {"FRAME", op_frame}, ['.'] = {"STOP", op_stop}, ['('] = {"MARK", op_mark},
	['N'] = {"NONE", op_none}, [0x88] = {"NEWTRUE", op_true}, [0x89] = {"NEWFALSE", op_false},
	['J'] = {"BININT", op_binint}, ['K'] = {"BININT1", op_binint1}, ['M'] = {"BININT2", op_binint2},
	[0x8a] = {"LONG1", op_long1}, ['G'] = {"BINFLOAT", op_binfloat}, ['X'] = {"BINUNICODE", op_binunicode},
	[0x8c] = {"SHORT_BINUNICODE", op_short_text}, ['U'] = {"SHORT_BINSTRING", op_short_text},
	[')'] = {"EMPTY_TUPLE", op_empty_tuple}, [0x85] = {"TUPLE1", op_tuple1}, [0x86] = {"TUPLE2", op_tuple2},
	[0x87] = {"TUPLE3", op_tuple3}, ['t'] = {"TUPLE", op_tuple}, [']'] = {"EMPTY_LIST", op_empty_list},
	['}'] = {"EMPTY_DICT", op_empty_dict}, ['a'] = {"APPEND", op_append}, ['e'] = {"APPENDS", op_appends},
	['s'] = {"SETITEM", op_setitem}, ['u'] = {"SETITEMS", op_setitems}, ['q'] = {"BINPUT", op_binput},
	['r'] = {"LONG_BINPUT", op_long_binput}, [0x94] = {"MEMOIZE", op_memoize}, ['h'] = {"BINGET", op_binget},
	['j'] = {"LONG_BINGET", op_long_binget}, ['c'] = {"GLOBAL", op_global},
	[0x93] = {"STACK_GLOBAL", op_stack_global}, ['Q'] = {"BINPERSID", op_binpersid}, ['R'] = {"REDUCE", op_reduce},
	['b'] = {"BUILD", op_build},

	['0'] = {"POP", NULL}, ['1'] = {"POP_MARK", NULL}, ['2'] = {"DUP", NULL}, ['F'] = {"FLOAT", NULL},
	['I'] = {"INT", NULL}, ['L'] = {"LONG", NULL}, ['P'] = {"PERSID", NULL}, ['S'] = {"STRING", NULL},
	['T'] = {"BINSTRING", NULL}, ['V'] = {"UNICODE", NULL}, ['d'] = {"DICT", NULL}, ['g'] = {"GET", NULL},
	['i'] = {"INST", NULL}, ['l'] = {"LIST", NULL}, ['o'] = {"OBJ", NULL}, ['p'] = {"PUT", NULL},
	[0x81] = {"NEWOBJ", NULL}, [0x82] = {"EXT1", NULL}, [0x83] = {"EXT2", NULL}, [0x84] = {"EXT4", NULL},
	[0x8b] = {"LONG4", NULL}, ['B'] = {"BINBYTES", NULL}, ['C'] = {"SHORT_BINBYTES", NULL},
	[0x8d] = {"BINUNICODE8", NULL}, [0x8e] = {"BINBYTES8", NULL}, [0x8f] = {"EMPTY_SET", NULL},
	[0x90] = {"ADDITEMS", NULL}, [0x91] = {"FROZENSET", NULL}, [0x92] = {"NEWOBJ_EX", NULL},
	[0x96] = {"BYTEARRAY8", NULL}, [0x97] = {"NEXT_BUFFER", NULL}, [0x98] = {"READONLY_BUFFER", NULL},
};

static bool step(struct machine *m, struct error *error)
{
	unsigned long long at = m->in->position - (m->pickle->legacy ? 0 : m->start);
	const struct opcode *opcode;
	unsigned char code = 0;

	if (!read_bytes(m, &code, 1, error))
		return error_prefix(error, "pickle without STOP");
	RETURN_IF(m->in->position == m->start + 1 && code != 0x80, error, ERROR_DATA, "byte %llu: not the start of a pickle", at);
	opcode = &opcodes[code];
	RETURN_IF(!opcode->run, error, ERROR_DATA, "byte %llu: opcode %s (0x%02x) is not one that torch.save writes for "
	          "tensors; nothing of the file was run", at, opcode->name ? opcode->name : "unknown", code);
	return opcode->run(m, error) || error_prefix(error, "byte %llu: %s", at, opcode->name);
}

bool pickle_read(struct pickle *pickle, struct stream *in, struct error *error)
{
	struct machine *m = calloc(1, sizeof *m);
	bool done = true;

	if (!m)
		return error_memory(error, "reading a pickle");
	m->pickle = pickle;
	m->in = in;
	m->start = in->position;
	pickle->text.maximum = PICKLE_BYTES_MAX;
	for (uint32_t count = 0; done && !m->stopped; count++) {
		if (count == PICKLE_OPCODES_MAX || in->position - m->start > PICKLE_BYTES_MAX)
			done = error_set(error, ERROR_DATA, "a pickle of more than %u opcodes or %u bytes", PICKLE_OPCODES_MAX,
			                 PICKLE_BYTES_MAX);
		else
			done = step(m, error);
	}
	free(m->memo);
	free(m);
	return done;
}
