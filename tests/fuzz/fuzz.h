/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the format fuzzers share. Each makes files from a grammar whose numbers are boundary values, knows for each
 * file by its own arithmetic in 128 bits whether it must be taken and what its tensors hold, and compares.
 * Every second file is then damaged byte by byte, where only the invariants of what is taken can be checked.
 *
 * Arguments: ROUNDS [SEED]. A failure prints the round and the seed and leaves the file in fuzz-failure.bin. */
#ifndef REVUE_TESTS_FUZZ_H
#define REVUE_TESTS_FUZZ_H

#ifndef FUZZ_ROUNDS
#define FUZZ_ROUNDS 20000 /* where no argument says otherwise */
#endif

#include "tests/unit/craft.h"

#include "engine/format/tensors.h"

#include <stdarg.h>
#include <sys/mman.h>
#include <unistd.h>

struct fuzz {
	uint64_t state;       /* of the random numbers (splitmix64) */
	uint64_t seed, round;
	int fd;               /* a file in memory; its path can be opened like any other */
	char path[64];
	struct buffer file;
	long taken, refused, damaged_taken;
};

static inline uint64_t fuzz_random(struct fuzz *fuzz)
{
	uint64_t z = fuzz->state += 0x9E3779B97F4A7C15u;

	z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
	z = (z ^ z >> 27) * 0x94D049BB133111EBu;
	return z ^ z >> 31;
}

static inline uint64_t fuzz_below(struct fuzz *fuzz, uint64_t limit)
{
	return fuzz_random(fuzz) % limit;
}

static inline bool fuzz_one_in(struct fuzz *fuzz, uint64_t n)
{
	return fuzz_below(fuzz, n) == 0;
}

/* A number at which arithmetic goes wrong, or one beside it. */
static inline __int128 fuzz_boundary(struct fuzz *fuzz)
{
	static const int exponents[] = {0, 1, 2, 3, 8, 15, 16, 24, 31, 32, 33, 53, 60, 61, 62, 63, 64};
	int exponent = exponents[fuzz_below(fuzz, sizeof exponents / sizeof *exponents)];

	return ((__int128)1 << exponent) + (int)fuzz_below(fuzz, 3) - 1;
}

__attribute__((format(printf, 2, 3), noreturn))
static inline void fuzz_fail(const struct fuzz *fuzz, const char *format, ...)
{
	va_list arguments;

	craft_write("fuzz-failure.bin", fuzz->file.data, fuzz->file.size);
	printf("not ok 1 - round %llu of seed %llu, file in fuzz-failure.bin: ", (unsigned long long)fuzz->round,
	       (unsigned long long)fuzz->seed);
	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
	printf("\n1..1\n");
	exit(1);
}

/* The bytes of fuzz->file as a file of that path. */
static inline void fuzz_write(struct fuzz *fuzz)
{
	size_t done = 0;

	if (ftruncate(fuzz->fd, 0) != 0)
		abort();
	while (done < fuzz->file.size) {
		ssize_t put = pwrite(fuzz->fd, fuzz->file.data + done, fuzz->file.size - done, (off_t)done);
		if (put <= 0)
			abort();
		done += (size_t)put;
	}
}

/* Flips, overwrites, removes or doubles some bytes between `from` and the end. */
static inline void fuzz_damage(struct fuzz *fuzz, struct buffer *bytes, size_t from)
{
	for (uint64_t times = 1 + fuzz_below(fuzz, 4); times > 0 && bytes->size > from + 8; times--) {
		size_t at = from + fuzz_below(fuzz, bytes->size - from - 8), size = 1 + fuzz_below(fuzz, 8);
		switch (fuzz_below(fuzz, 5)) {
		case 0:
			bytes->data[at] = (char)(bytes->data[at] ^ 1 << fuzz_below(fuzz, 8));
			break;
		case 1:
			bytes->data[at] = (char)fuzz_random(fuzz);
			break;
		case 2:
			memset(bytes->data + at, fuzz_one_in(fuzz, 2) ? 0xff : 0, size);
			break;
		case 3:
			memmove(bytes->data + at, bytes->data + at + size, bytes->size - at - size);
			bytes->size -= size;
			break;
		default:
			bytes->size = at;
		}
	}
}

/* Whatever was taken: sizes that agree with each other in 128 bits and fit in the file, every tensor readable into
 * exactly the memory that its count asks for (the sanitizers watch), names in order. */
static inline void fuzz_check_table(struct fuzz *fuzz, struct tensor_file *file)
{
	struct error error = {0};

	for (size_t i = 0; i < tensor_file_count(file); i++) {
		const struct tensor *tensor = tensor_file_at(file, i);
		__int128 count = 1;
		float *out;
		for (int axis = 0; axis < tensor->rank; axis++)
			count *= tensor->shape[axis];
		if (tensor->rank < 0 || tensor->rank > TENSOR_RANK_MAX || count != tensor->count)
			fuzz_fail(fuzz, "count of %s", tensor->name);
		if (i > 0 && strcmp(tensor_file_at(file, i - 1)->name, tensor->name) >= 0)
			fuzz_fail(fuzz, "order of %s", tensor->name);
		if (dtype_size(tensor->dtype) * count > (__int128)fuzz->file.size)
			fuzz_fail(fuzz, "size of %s", tensor->name);
		if (tensor->dtype > DTYPE_F64)
			continue;
		out = malloc((size_t)tensor->count * sizeof *out + 1);
		if (!out)
			abort();
		tensor_file_read(file, tensor, out, &error);
		free(out);
	}
}

/* Opens fuzz->file; `expected` is what the oracle says. The caller closes the result. */
static inline struct tensor_file *fuzz_open(struct fuzz *fuzz, bool expected)
{
	struct error error = {0};
	struct tensor_file *file;

	fuzz_write(fuzz);
	file = tensor_file_open(fuzz->path, &error);
	if (file && !expected)
		fuzz_fail(fuzz, "taken, though it must be refused");
	if (!file && expected)
		fuzz_fail(fuzz, "refused: %s", error.text);
	if (!file && (error.kind == ERROR_NONE || !error.text[0] || strchr(error.text, '\n')))
		fuzz_fail(fuzz, "refused without one line that says why");
	fuzz->taken += file != NULL;
	fuzz->refused += file == NULL;
	if (file)
		fuzz_check_table(fuzz, file);
	return file;
}

/* The same for a file that was damaged: nobody knows whether it is still right. */
static inline void fuzz_open_damaged(struct fuzz *fuzz)
{
	struct error error = {0};
	struct tensor_file *file;

	fuzz_write(fuzz);
	file = tensor_file_open(fuzz->path, &error);
	if (!file)
		return;
	fuzz->damaged_taken++;
	fuzz_check_table(fuzz, file);
	tensor_file_close(file);
}

static inline int fuzz_main(int argc, char **argv, const char *name, void (*round)(struct fuzz *))
{
	struct fuzz fuzz = {.file.maximum = CRAFT_MAX, .seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 1};
	uint64_t rounds = argc > 1 ? strtoull(argv[1], NULL, 10) : FUZZ_ROUNDS;

	fuzz.fd = memfd_create("fuzz", MFD_CLOEXEC);
	if (fuzz.fd < 0) {
		printf("1..0 # SKIP no files in memory here\n");
		return 0;
	}
	snprintf(fuzz.path, sizeof fuzz.path, "/proc/self/fd/%d", fuzz.fd);
	for (fuzz.round = 0; fuzz.round < rounds; fuzz.round++) {
		fuzz.state = fuzz.seed * 0xD1342543DE82EF95u + fuzz.round;
		round(&fuzz);
	}
	printf("# %ld taken, %ld refused, %ld taken after damage\n", fuzz.taken, fuzz.refused, fuzz.damaged_taken);
	printf("%s 1 - %s: %llu files are taken or refused as the oracle says\n1..1\n",
	       rounds >= 1000 && (fuzz.taken * 50 < (long)rounds || fuzz.refused * 50 < (long)rounds) ? "not ok" : "ok",
	       name, (unsigned long long)rounds);
	buffer_free(&fuzz.file);
	close(fuzz.fd);
	return 0;
}

#endif
