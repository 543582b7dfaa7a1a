/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Pickles of torch.save that are wrong in one place, in an archive that is right and in the old form; and the words
 * that each is refused with. */
#include "tests/unit/craft_torch.h"

#include "engine/clock.h"

static void expect_archive(const char *what, const void *pickle, size_t size, size_t storage, const char *fragment)
{
	static const char zeros[256];
	const struct craft_entry entries[] = {
		{.name = "m/data.pkl", .data = pickle, .size = size, .flags = 0x808},
		{.name = "m/data/0", .data = zeros, .size = storage, .flags = 0x808, .extra = 30},
		{.name = "m/version", .data = "3\n", .size = 2, .flags = 0x808},
	};
	struct buffer bytes = {.maximum = CRAFT_MAX};

	craft_zip(&bytes, entries, 3, &(struct craft_zip){.end64 = true});
	expect(what, &bytes, fragment);
	buffer_free(&bytes);
}

struct row {
	const char *what, *pickle;
	size_t size;
	const char *fragment;
};
#define P(what, text, fragment) {what, text, sizeof(text) - 1, fragment}

static void expect_rows(const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++)
		expect_archive(rows[i].what, rows[i].pickle, rows[i].size, 24, rows[i].fragment);
}
#define EXPECT_ROWS(rows) expect_rows(rows, sizeof rows / sizeof *rows)

static void what_torch_save_writes_is_read(void **state)
{
	static const struct row rows[] = {
		P("a dict", PROTO "}" NAME TENSOR "s.", NULL),
		P("an OrderedDict", PROTO ORDERED ")R(" NAME TENSOR "u.", NULL),
		P("attributes of an OrderedDict", PROTO ORDERED ")R" NAME TENSOR "s}" TEXT("\1", "m") ORDERED ")Rsb.", NULL),
		P("state_dict beside numbers", PROTO "}(" TEXT("\x05", "epoch") "K\3" TEXT("\4", "loss") "G\x3f\xf0\0\0\0\0\0\0"
		  TEXT("\x0a", "state_dict") "}" NAME TENSOR "su.", NULL),
		P("model", PROTO "}" TEXT("\5", "model") "}" NAME TENSOR "ss.", NULL),
		P("a parameter", PROTO "}" NAME "ctorch._utils\n_rebuild_parameter\n(" TENSOR "\x88" ORDERED ")RtRs.", NULL),
		P("a size object", PROTO "}" NAME REBUILD "(" STORAGE "K\0ctorch\nSize\n(K\2K\3t\x85RK\3K\1\x86" REST "tRs.", NULL),
		P("transposed", PROTO "}" NAME TENSOR_OF("K\0", "K\3K\2\x86", "K\1K\3\x86") "s.", NULL),
		P("a slice", PROTO "}" NAME TENSOR_OF("K\4", "K\2\x85", "K\1\x85") "s.", NULL),
		P("a scalar", PROTO "}" NAME TENSOR_OF("K\5", ")", ")") "s.", NULL),
		P("an empty tensor", PROTO "}" NAME TENSOR_OF("K\6", "K\0K\7\x86", "K\7K\1\x86") "s.", NULL),
		P("two of one storage", PROTO "}(" NAME TENSOR TEXT("\1", "v") TENSOR "u.", NULL),
		P("metadata argument", PROTO "}" NAME REBUILD "(" STORAGE "K\0K\6\x85K\1\x85" REST "}tRs.", NULL),
		P("Python 2 pairs", PROTO ORDERED "](](" NAME TENSOR "ee\x85R.", NULL),
		P("memo and protocol 4", "\x80\x04\x95\x01\0\0\0\0\0\0\0}\x94" NAME "\x8c\x0ctorch._utils\x94\x8c\x12_rebuild_tensor_v2\x93"
		  "(" STORAGE "K\0K\6\x85K\1\x85" REST "tR\x94sh\0" "\x85" "0", "opcode POP"),
	};

	(void)state;
	EXPECT_ROWS(rows);
}

static void names_that_tensors_do_not_need_are_refused_and_told(void **state)
{
	static const struct row rows[] = {
		P("os.system", PROTO "cos\nsystem\n" TEXT("\2", "id") "\x85R.", "byte 2: GLOBAL: the name os.system is not one"),
		P("posix", PROTO "cposix\nsystem\n.", "the name posix.system"),
		P("nt", PROTO "cnt\nsystem\n.", "the name nt.system"),
		P("builtins", PROTO "cbuiltins\neval\n.", "the name builtins.eval"),
		P("__builtin__", PROTO "c__builtin__\nexec\n.", "the name __builtin__.exec"),
		P("subprocess", PROTO "csubprocess\nPopen\n.", "the name subprocess.Popen"),
		P("runpy", PROTO "crunpy\n_run_code\n.", "the name runpy._run_code"),
		P("pip", PROTO "cpip\nmain\n.", "the name pip.main"),
		P("pkgutil", PROTO "cpkgutil\nresolve_name\n.", "the name pkgutil.resolve_name"),
		P("torch.load", PROTO "ctorch\nload\n.", "the name torch.load"),
		P("a dotted way out", PROTO "ctorch._utils\n_rebuild_tensor_v2.__globals__\n.", "__globals__ is not one"),
		P("another tensor maker", PROTO "ctorch._utils\n_rebuild_sparse_tensor\n.", "_rebuild_sparse_tensor"),
		P("another storage", PROTO "ctorch\nComplexFloatStorage\n.", "torch.ComplexFloatStorage"),
		P("a prefix", PROTO "ccollections\nOrderedDic\n.", "collections.OrderedDic is not"),
		P("NUL in a name", PROTO "ccollections\nOrderedDict\0\n.", "is not one that tensors need"),
		P("STACK_GLOBAL", "\x80\x04\x8c\x05posix\x8c\x06system\x93.", "byte 17: STACK_GLOBAL: the name posix.system"),
		P("STACK_GLOBAL of numbers", "\x80\x04K\1K\2\x93.", "is used on a whole number and a whole number"),
		P("a name without end", PROTO "ccollections", "byte 2: GLOBAL: ends in the middle"),
		P("a long name", PROTO "c0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567"
		  "89012345678901234567890123456789012345678901234567890123456789\n.", "a name of more than 127 bytes"),
	};

	(void)state;
	EXPECT_ROWS(rows);
}

static void opcodes_that_tables_do_not_need_are_refused_by_name(void **state)
{
	static const struct {
		unsigned char code;
		const char *name;
	} codes[] = {
		{'0', "POP"}, {'1', "POP_MARK"}, {'2', "DUP"}, {'F', "FLOAT"}, {'I', "INT"}, {'L', "LONG"}, {'P', "PERSID"},
		{'S', "STRING"}, {'T', "BINSTRING"}, {'V', "UNICODE"}, {'d', "DICT"}, {'g', "GET"}, {'i', "INST"},
		{'l', "LIST"}, {'o', "OBJ"}, {'p', "PUT"}, {0x81, "NEWOBJ"}, {0x82, "EXT1"}, {0x83, "EXT2"}, {0x84, "EXT4"},
		{0x8b, "LONG4"}, {'B', "BINBYTES"}, {'C', "SHORT_BINBYTES"}, {0x8d, "BINUNICODE8"}, {0x8e, "BINBYTES8"},
		{0x8f, "EMPTY_SET"}, {0x90, "ADDITEMS"}, {0x91, "FROZENSET"}, {0x92, "NEWOBJ_EX"}, {0x96, "BYTEARRAY8"},
		{0x97, "NEXT_BUFFER"}, {0x98, "READONLY_BUFFER"}, {0, "unknown"}, {'z', "unknown"}, {0xff, "unknown"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
		char pickle[] = PROTO "}X\xff\xff\xff\xff", fragment[100];
		pickle[3] = (char)codes[i].code;
		snprintf(fragment, sizeof fragment, "data.pkl: byte 3: opcode %s (0x%02x) is not one", codes[i].name,
		         codes[i].code);
		expect_archive(codes[i].name, pickle, sizeof pickle - 1, 24, fragment);
	}
}

static void operands_of_the_wrong_type_are_refused(void **state)
{
	static const struct row rows[] = {
		P("SETITEM on a tensor", PROTO TENSOR NAME "K\1s.", "SETITEM: is used on a tensor"),
		P("SETITEM on a tuple", PROTO ")" NAME "K\1s.", "SETITEM: is used on a tuple"),
		P("SETITEM on a list", PROTO "]" NAME "K\1s.", "SETITEM: is used on a list"),
		P("SETITEMS on a name", PROTO ORDERED "(" NAME "K\1u.", "SETITEMS: is used on a name"),
		P("SETITEMS of three", PROTO "}(" NAME "K\1" NAME "u.", "SETITEMS: a key without a value"),
		P("SETITEMS without a mark", PROTO "}" NAME "K\1u.", "SETITEMS: there is no mark"),
		P("a list as key", PROTO "}](K\1es.", "is empty"),
		P("a tensor as key", PROTO "}" TENSOR "K\1s.", "a tensor as the key of a dict"),
		P("APPEND on a dict", PROTO "}K\1a.", "APPEND: is used on a dict"),
		P("APPENDS on a text", PROTO NAME "(K\1e.", "APPENDS: is used on a text"),
		P("APPENDS without a mark", PROTO "]K\1e.", "APPENDS: there is no mark"),
		P("TUPLE without a mark", PROTO "K\1t.", "TUPLE: there is no mark"),
		P("TUPLE2 of one", PROTO "K\1\x86.", "TUPLE2: the stack is empty"),
		P("TUPLE1 over a mark", PROTO "K\1(\x85.", "TUPLE1: the stack is empty"),
		P("APPEND of nothing", PROTO "a.", "APPEND: the stack is empty"),
		P("SETITEM over a mark", PROTO "}(" NAME "s.", "the stack is empty"),
		P("REDUCE on a number", PROTO "K\1)R.", "REDUCE: is used on a whole number and a tuple"),
		P("REDUCE on a tensor", PROTO TENSOR ")R.", "REDUCE: is used on a tensor and a tuple"),
		P("REDUCE of a list", PROTO ORDERED "]R.", "REDUCE: is used on a name and a list"),
		P("REDUCE of a storage type", PROTO "ctorch\nFloatStorage\n)R.", "a storage type cannot be called"),
		P("an OrderedDict of a number", PROTO ORDERED "K\1\x85R.", "an OrderedDict of something other than a list"),
		P("an OrderedDict of triples", PROTO ORDERED "](](K\1K\2K\3ee\x85R.", "something other than pairs"),
		P("an OrderedDict of texts", PROTO ORDERED "](" NAME "e\x85R.", "something other than pairs"),
		P("a Size of a number", PROTO "ctorch\nSize\nK\1\x85R.", "a torch.Size of something other than a tuple"),
		P("a parameter of a dict", PROTO "ctorch._utils\n_rebuild_parameter\n(}\x88}tR.", "a parameter of something"),
		P("BUILD on a tensor", PROTO TENSOR "}b.", "BUILD: is used on a tensor"),
		P("BUILD on a list", PROTO "]}b.", "BUILD: is used on a list"),
		P("BUILD with a tuple", PROTO "})b.", "BUILD: with a tuple"),
		P("BUILD with a tensor", PROTO "}" TENSOR "b.", "BUILD: with a tensor"),
		P("BINPERSID of a number", PROTO "K\1Q.", "BINPERSID: something other than a storage"),
		P("BINPERSID of a text", PROTO NAME "Q.", "something other than a storage"),
		P("BINPERSID of four", PROTO "(" TEXT("\7", "storage") "ctorch\nFloatStorage\n" NAME NAME "tQ.",
		  "something other than a storage"),
		P("BINPERSID of another kind", PROTO "(" TEXT("\7", "mystery") "ctorch\nFloatStorage\n" NAME NAME "K\1tQ.",
		  "something other than a storage"),
		P("a storage of a text type", PROTO "(" TEXT("\7", "storage") NAME NAME NAME "K\1tQ.", "the wrong types"),
		P("a storage of an OrderedDict", PROTO "(" TEXT("\7", "storage") ORDERED NAME NAME "K\1tQ.", "the wrong types"),
		P("a storage with a number as key", PROTO "(" TEXT("\7", "storage") "ctorch\nFloatStorage\nK\1" NAME "K\1tQ.",
		  "the wrong types"),
		P("a storage of -1 elements", PROTO ID("0", "J\xff\xff\xff\xff") ".", "the wrong types"),
		P("a storage of a text count", PROTO ID("0", NAME) ".", "the wrong types"),
	};

	(void)state;
	EXPECT_ROWS(rows);
}

static void pickles_that_do_not_end_as_they_should_are_refused(void **state)
{
	static const struct row rows[] = {
		P("nothing", "", "pickle without STOP"),
		P("no PROTO", "}.", "byte 0: not the start of a pickle"),
		P("protocol 1", "\x80\x01}.", "PROTO: protocol 1"),
		P("protocol 9", "\x80\x09}.", "PROTO: protocol 9"),
		P("PROTO twice", PROTO PROTO "}.", "byte 2: PROTO: not at the start"),
		P("no STOP", PROTO "}" NAME TENSOR "s", "pickle without STOP: ends in the middle"),
		P("STOP on nothing", PROTO ".", "STOP: 0 values and 0 marks are left"),
		P("STOP on two", PROTO "}}.", "STOP: 2 values and 0 marks are left"),
		P("STOP on a mark", PROTO "}(.", "STOP: 1 values and 1 marks are left"),
		P("two pickles", PROTO "}" NAME TENSOR "s." PROTO "}.", "data.pkl: 4 bytes after its end"),
		P("bytes after STOP", PROTO "}" NAME TENSOR "s.x", "data.pkl: 1 bytes after its end"),
		P("a number as root", PROTO "K\1.", "holds no dict of tensors"),
		P("a list as root", PROTO "](" TENSOR "e.", "holds no dict of tensors"),
		P("a tensor as root", PROTO TENSOR ".", "holds no dict of tensors"),
		P("no tensors", PROTO "}.", "holds no tensors"),
		P("a number for a tensor", PROTO "}" NAME "K\1s.", "entry w is not a tensor"),
		P("a storage for a tensor", PROTO "}" NAME STORAGE "s.", "entry w is not a tensor"),
		P("a number for a name", PROTO "}K\1" TENSOR "s.", "whose name is not a text"),
		P("a name twice", PROTO "}(" NAME TENSOR NAME TENSOR "u.", "tensor w occurs twice"),
		P("an empty name", PROTO "}X\0\0\0\0" TENSOR "s.", "a tensor's name of 0 bytes"),
		P("ESC in a name", PROTO "}" TEXT("\2", "\33c") TENSOR "s.", "a tensor's name of 2 bytes"),
		P("a name that is not UTF-8", PROTO "}" TEXT("\1", "\xff") TENSOR "s.", "text is not UTF-8"),
		P("a short text that is not UTF-8", PROTO "}U\1\xff" TENSOR "s.", "text is not UTF-8"),
		P("a text of 2^31 - 1", PROTO "}X\xff\xff\xff\x7f" "a", "a text of 2147483647 bytes"),
		P("a text beyond the end", PROTO "}X\xff\0\0\0a", "BINUNICODE: ends in the middle"),
		P("a number cut short", PROTO "J\1\2", "BININT: ends in the middle"),
		P("a long number", PROTO "\x8a\x09\1\1\1\1\1\1\1\1\1.", "LONG1: a number of 9 bytes"),
		P("a frame beyond the end", "\x80\x04\x95\xff\xff\xff\xff\xff\xff\xff\xff}.", "a frame that is longer than the file"),
		P("memo never put", PROTO "h\0.", "BINGET: memo slot 0 was never put"),
		P("memo far away", PROTO "j\xff\xff\xff\xff.", "memo slot 4294967295 was never put"),
		P("memo put far away", PROTO "}r\xff\xff\xff\xff.", "LONG_BINPUT: memo slot 4294967295"),
		P("memo put at the limit", PROTO "}r\x40\x42\x0f\0.", "LONG_BINPUT: memo slot 1000000"),
		P("memo put of nothing", PROTO "q\0.", "BINPUT: the stack is empty"),
	};

	(void)state;
	EXPECT_ROWS(rows);
}

static void tensors_that_reach_out_of_their_storage_are_refused(void **state)
{
	static const struct row rows[] = {
		P("offset too far", PROTO "}" NAME TENSOR_OF("K\1", "K\2K\3\x86", "K\3K\1\x86") "s.", "reaches beyond its storage of 6"),
		P("a negative offset", PROTO "}" NAME TENSOR_OF("J\xff\xff\xff\xff", "K\1\x85", "K\1\x85") "s.", "whole numbers from 0"),
		P("one too many", PROTO "}" NAME TENSOR_OF("K\0", "K\7\x85", "K\1\x85") "s.", "reaches beyond its storage"),
		P("a long stride", PROTO "}" NAME TENSOR_OF("K\0", "K\2\x85", "K\6\x85") "s.", "reaches beyond its storage"),
		P("a huge stride", PROTO "}" NAME TENSOR_OF("K\0", "K\3\x85", HUGE "\x85") "s.", "reaches beyond its storage"),
		P("strides beyond 2^64", PROTO "}" NAME TENSOR_OF("K\0", "K\6\x85", HUGE "\x85") "s.", "multiply beyond 2^64"),
		P("a negative stride", PROTO "}" NAME TENSOR_OF("K\5", "K\2\x85", "J\xff\xff\xff\xff\x85") "s.", "whole numbers from 0"),
		P("a negative size", PROTO "}" NAME TENSOR_OF("K\0", "J\xff\xff\xff\xff\x85", "K\1\x85") "s.", "whole numbers from 0"),
		P("stride 0", PROTO "}" NAME TENSOR_OF("K\0", "K\7\x85", "K\0\x85") "s.", "an expanded tensor of 7 elements"),
		P("stride 0, huge", PROTO "}" NAME TENSOR_OF("K\0", HUGE "\x85", "K\0\x85") "s.", "an expanded tensor"),
		P("huge sizes", PROTO "}" NAME TENSOR_OF("K\0", HUGE HUGE "\x86", "K\0K\0\x86") "s.", "multiplies beyond 2^63"),
		P("sizes and strides differ", PROTO "}" NAME TENSOR_OF("K\0", "K\2K\3\x86", "K\1\x85") "s.", "2 sizes and 1 strides"),
		P("rank 9", PROTO "}" NAME TENSOR_OF("K\0", "(K\1K\1K\1K\1K\1K\1K\1K\1K\1t", "(K\1K\1K\1K\1K\1K\1K\1K\1K\1t") "s.",
		  "9 sizes and 9 strides; at most 8"),
		P("sizes as a list", PROTO "}" NAME TENSOR_OF("K\0", "](K\6e", "K\1\x85") "s.", "the wrong types"),
		P("sizes of texts", PROTO "}" NAME TENSOR_OF("K\0", NAME "\x85", "K\1\x85") "s.", "whole numbers from 0"),
		P("sizes of booleans", PROTO "}" NAME TENSOR_OF("K\0", "\x88\x85", "K\1\x85") "s.", "whole numbers from 0"),
		P("offset as a text", PROTO "}" NAME TENSOR_OF(NAME, "K\1\x85", "K\1\x85") "s.", "the wrong types"),
		P("five arguments", PROTO "}" NAME REBUILD "(" STORAGE "K\0K\1\x85K\1\x85\x89tRs.", "6 or 7 arguments"),
		P("eight arguments", PROTO "}" NAME REBUILD "(" STORAGE "K\0K\1\x85K\1\x85" REST "}}tRs.", "6 or 7 arguments"),
		P("a tensor as storage", PROTO "}" NAME REBUILD "(" TENSOR "K\0K\1\x85K\1\x85" REST "tRs.", "the wrong types"),
		P("a number as storage", PROTO "}" NAME REBUILD "(K\0K\0K\1\x85K\1\x85" REST "tRs.", "the wrong types"),
		P("requires_grad as a number", PROTO "}" NAME REBUILD "(" STORAGE "K\0K\1\x85K\1\x85K\1}tRs.", "the wrong types"),
	};

	(void)state;
	EXPECT_ROWS(rows);
}

static void storages_must_be_what_their_records_are(void **state)
{
	static const char of_two_types[] = PROTO "}(" NAME TENSOR TEXT("\1", "v") REBUILD
		"((" TEXT("\7", "storage") "ctorch\nIntStorage\n" TEXT("\1", "0") TEXT("\3", "cpu") "K\6tQK\0K\6\x85K\1\x85" REST
		"tRu.";
	static const char of_two_sizes[] = PROTO "}(" NAME TENSOR TEXT("\1", "v") REBUILD "(" ID("0", "K\5")
		"K\0K\1\x85K\1\x85" REST "tRu.";
	static const char up[] = PROTO "}" NAME REBUILD "((" TEXT("\7", "storage") "ctorch\nFloatStorage\n"
		TEXT("\x05", "../..") TEXT("\3", "cpu") "K\6tQK\0K\6\x85K\1\x85" REST "tRs.";
	static const char nul[] = PROTO "}" NAME REBUILD "((" TEXT("\7", "storage") "ctorch\nFloatStorage\n"
		TEXT("\3", "0\0x") TEXT("\3", "cpu") "K\6tQK\0K\6\x85K\1\x85" REST "tRs.";
	static const char empty[] = PROTO "}" NAME REBUILD "((" TEXT("\7", "storage") "ctorch\nFloatStorage\n"
		"X\0\0\0\0" TEXT("\3", "cpu") "K\6tQK\0K\6\x85K\1\x85" REST "tRs.";
	static const char absent[] = PROTO "}" NAME REBUILD "(" ID("9", "K\6") "K\0K\6\x85K\1\x85" REST "tRs.";
	static const char plain[] = PROTO "}" NAME TENSOR "s.";
	static const char huge[] = PROTO "}" NAME REBUILD "(" ID("0", HUGE) "K\0K\6\x85K\1\x85" REST "tRs.";
	static const char graphics[] = PROTO "}" NAME REBUILD "((" TEXT("\7", "storage") "ctorch\nFloatStorage\n"
		TEXT("\1", "0") TEXT("\x07", "cuda:99") "K\6tQK\0K\6\x85K\1\x85" REST "tRs.";
	static const char six[] = PROTO "}" NAME REBUILD "((" TEXT("\7", "storage") "ctorch\nFloatStorage\n"
		TEXT("\1", "0") TEXT("\3", "cpu") "K\6NtQK\0K\6\x85K\1\x85" REST "tRs.";

	(void)state;
	expect_archive("two types", of_two_types, sizeof of_two_types - 1, 24, "storage 0 is described in two ways");
	expect_archive("two sizes", of_two_sizes, sizeof of_two_sizes - 1, 24, "storage 0 is described in two ways");
	expect_archive("a key with ..", up, sizeof up - 1, 24, "storage ../.. has no record");
	expect_archive("a key with NUL", nul, sizeof nul - 1, 24, "has no record");
	expect_archive("an empty key", empty, sizeof empty - 1, 24, "a storage's key of 0 bytes");
	expect_archive("no record", absent, sizeof absent - 1, 24, "storage 9 has no record");
	expect_archive("a longer record", plain, sizeof plain - 1, 25, "storage 0 of 6 elements of F32 has a record of 25");
	expect_archive("a shorter record", plain, sizeof plain - 1, 20, "has a record of 20 bytes");
	expect_archive("an empty record", plain, sizeof plain - 1, 0, "has a record of 0 bytes");
	expect_archive("a huge count", huge, sizeof huge - 1, 24, "has a record of 24 bytes");
	expect_archive("a graphics card", graphics, sizeof graphics - 1, 24, NULL);
	expect_archive("a view in a zip", six, sizeof six - 1, 24, "something other than a storage");
}

/* A pickle of `times` repetitions between a start and an end. */
static void expect_repeated(const char *what, struct span start, struct span again, size_t times, struct span end,
                            const char *fragment)
{
	struct buffer pickle = {.maximum = CRAFT_MAX};

	craft_add(&pickle, start.data, start.size);
	for (size_t i = 0; i < times; i++)
		craft_add(&pickle, again.data, again.size);
	craft_add(&pickle, end.data, end.size);
	expect_archive(what, pickle.data, pickle.size, 24, fragment);
	buffer_free(&pickle);
}
#define SPAN(text) ((struct span){text, sizeof(text) - 1})

static void floods_are_stopped_by_limits(void **state)
{
	static const struct {
		const char *what;
		struct span start, again;
		size_t times;
		const char *fragment;
	} rows[] = {
		{"marks", {PROTO, 2}, {"(", 1}, 1000000, "more than 1000 marks"},
		{"lists", {PROTO, 2}, {"]", 1}, 1000000, "more than 10000 values wait on the stack"},
		{"tuples in tuples", {PROTO ")", 3}, {"\x85", 1}, 1000000, "tuples nest deeper than 100"},
		{"doubled tuples", {PROTO "K\1\x85q\0", 7}, {"h\0h\0\x86q\0", 7}, 1000000, "more than 1000000 items in all"},
		{"puts", {PROTO "}", 3}, {"q\0", 2}, 1000000, "more than 1000000 opcodes"},
		{"opcodes", {PROTO "](", 4}, {"Ne(", 3}, 10000000, "more than 1000000 opcodes"},
	};
	double start = clock_seconds();

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		expect_repeated(rows[i].what, rows[i].start, rows[i].again, rows[i].times, SPAN("."), rows[i].fragment);
	assert_true(clock_seconds() - start < 60);
}

/* 300 times a list of 10,000 pairs is 24 kB in the file and three million rows when it is copied. */
static void a_list_that_is_copied_again_and_again_is_stopped(void **state)
{
	struct buffer pickle = {.maximum = CRAFT_MAX};

	(void)state;
	craft_add(&pickle, PROTO "]q\0", 5);
	craft_add(&pickle, "](K\1K\2eq\1a", 10);
	for (int i = 0; i < 9999; i++)
		craft_add(&pickle, "h\1a", 3);
	craft_add(&pickle, "\x85q\2", 3);
	for (int i = 0; i < 300; i++)
		craft_add(&pickle, ORDERED "h\2R", sizeof ORDERED "h\2R" - 1);
	craft_add(&pickle, ".", 1);
	expect_archive("copied lists", pickle.data, pickle.size, 24, "lists and dicts of more than 1000000 items");
	buffer_free(&pickle);
}

/* The old form: magic number, version, machine, object, keys, storages. */
#define MAGIC PROTO "\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19."
#define OLD_VERSION PROTO "M\xe9\x03."
#define MACHINE PROTO "}" TEXT("\x0d", "little_endian") "\x88s."
#define OLD_ID(view) "(" TEXT("\7", "storage") "ctorch\nFloatStorage\n" TEXT("\1", "5") TEXT("\3", "cpu") "K\2" view "tQ"
#define OBJECT(view) PROTO "}" NAME REBUILD "(" OLD_ID(view) "K\0K\2\x85K\1\x85" REST "tRs."
#define KEYS PROTO "](" TEXT("\1", "5") "e."
#define COUNT "\2\0\0\0\0\0\0\0"
#define DATA "\0\0\0\0\0\0\0\0"

static void old_files_that_are_wrong_in_one_place_are_refused(void **state)
{
	static const struct row rows[] = {
		P("right", MAGIC OLD_VERSION MACHINE OBJECT("N") KEYS COUNT DATA, NULL),
		P("version 1002", MAGIC PROTO "M\xea\x03." MACHINE OBJECT("N") KEYS COUNT DATA, "not version 1001"),
		P("version as a text", MAGIC PROTO NAME "." MACHINE OBJECT("N") KEYS COUNT DATA, "not version 1001"),
		P("big-endian", MAGIC OLD_VERSION PROTO "}" TEXT("\x0d", "little_endian") "\x89s." OBJECT("N") KEYS COUNT DATA,
		  "does not say that its numbers are little-endian"),
		P("no byte order", MAGIC OLD_VERSION PROTO "}." OBJECT("N") KEYS COUNT DATA, "does not say that its numbers"),
		P("machine as a number", MAGIC OLD_VERSION PROTO "K\1." OBJECT("N") KEYS COUNT DATA, "does not say"),
		P("a view", MAGIC OLD_VERSION MACHINE OBJECT("(" TEXT("\1", "6") "K\0K\2t") KEYS COUNT DATA, "a view of another one"),
		P("five items", MAGIC OLD_VERSION MACHINE OBJECT("") KEYS COUNT DATA, "something other than a storage"),
		P("code", MAGIC OLD_VERSION MACHINE PROTO "cos\nsystem\n.", "the name os.system"),
		P("no keys", MAGIC OLD_VERSION MACHINE OBJECT("N") PROTO "].", "1 storages are announced, 0 are there"),
		P("another key", MAGIC OLD_VERSION MACHINE OBJECT("N") PROTO "](" TEXT("\1", "6") "e." COUNT DATA,
		  "storage 6 belongs to no tensor"),
		P("a key twice", MAGIC OLD_VERSION MACHINE OBJECT("N") PROTO "](" TEXT("\1", "5") TEXT("\1", "5") "e." COUNT DATA COUNT
		  DATA, "storage 5 is listed twice"),
		P("a number as key", MAGIC OLD_VERSION MACHINE OBJECT("N") PROTO "](K\5e." COUNT DATA, "key is not a text"),
		P("keys as a dict", MAGIC OLD_VERSION MACHINE OBJECT("N") PROTO "}." COUNT DATA, "no list of storages"),
		P("another count", MAGIC OLD_VERSION MACHINE OBJECT("N") KEYS "\1\0\0\0\0\0\0\0" DATA, "is announced with 2"),
		P("a negative count", MAGIC OLD_VERSION MACHINE OBJECT("N") KEYS "\xff\xff\xff\xff\xff\xff\xff\xff" DATA,
		  "is announced with 2"),
		P("no count", MAGIC OLD_VERSION MACHINE OBJECT("N") KEYS "\2\0", "ends in the middle"),
		P("too few bytes", MAGIC OLD_VERSION MACHINE OBJECT("N") KEYS COUNT "\0\0\0\0\0\0\0", "is truncated: storage 5 has 8 bytes, 7"),
		P("too many bytes", MAGIC OLD_VERSION MACHINE OBJECT("N") KEYS COUNT DATA "\0", "1 bytes after the last storage"),
		P("only a magic number", MAGIC, "pickle without STOP"),
		P("half of it", MAGIC OLD_VERSION MACHINE, "pickle without STOP"),
	};
	struct buffer bytes = {.maximum = CRAFT_MAX};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		bytes.size = 0;
		craft_add(&bytes, rows[i].pickle, rows[i].size);
		expect(rows[i].what, &bytes, rows[i].fragment);
	}
	bytes.size = 0;
	craft_add(&bytes, rows[0].pickle, rows[0].size);
	while (--bytes.size > sizeof MAGIC - 1)
		expect("cut", &bytes, "");
	buffer_free(&bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_torch_save_writes_is_read),
		TEST(names_that_tensors_do_not_need_are_refused_and_told),
		TEST(opcodes_that_tables_do_not_need_are_refused_by_name),
		TEST(operands_of_the_wrong_type_are_refused),
		TEST(pickles_that_do_not_end_as_they_should_are_refused),
		TEST(tensors_that_reach_out_of_their_storage_are_refused),
		TEST(storages_must_be_what_their_records_are),
		TEST(floods_are_stopped_by_limits),
		TEST(a_list_that_is_copied_again_and_again_is_stopped),
		TEST(old_files_that_are_wrong_in_one_place_are_refused),
	};

	return cmocka_run_group_tests_name("hostile torch files", tests, make_folder, remove_folder);
}
