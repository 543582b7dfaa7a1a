/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * MinHash with one hash of each shingle, from which DOUBLES_HASHES others are made by multiplying and adding: minima of
 * a_i h + b_i, whose upper halves are kept (Dietzfelbinger's multiply-shift). */
#include "engine/doubles.h"

#define FNV_START UINT64_C(14695981039346656037)
#define FNV_PRIME UINT64_C(1099511628211)

/* splitmix64 (Steele, Lea, Flood 2014), final part. */
static uint64_t mix(uint64_t value)
{
	value = (value ^ value >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	value = (value ^ value >> 27) * UINT64_C(0x94d049bb133111eb);
	return value ^ value >> 31;
}

/* Of a word's letter the byte that counts; 0: it belongs to no word. */
static unsigned char letter(char byte)
{
	const unsigned char plain = (unsigned char)byte;

	if (plain >= 'A' && plain <= 'Z')
		return (unsigned char)(plain | 0x20);
	return plain >= 0x80 || (plain >= 'a' && plain <= 'z') || (plain >= '0' && plain <= '9') ? plain : 0;
}

/* The hash of the next word at or after *at, which moves beyond it; 0: there is none. */
static uint64_t next_word(struct span text, size_t *at)
{
	uint64_t hash = FNV_START;

	while (*at < text.size && letter(text.data[*at]) == 0)
		++*at;
	if (*at == text.size)
		return 0;
	for (; *at < text.size && letter(text.data[*at]) != 0; ++*at)
		hash = (hash ^ letter(text.data[*at])) * FNV_PRIME;
	return mix(hash) | 1;
}

/* The a_i, which are odd. */
static void make_factors(uint64_t factors[DOUBLES_HASHES])
{
	uint64_t factor = UINT64_C(0x9e3779b97f4a7c15);

	for (int i = 0; i < DOUBLES_HASHES; i++) {
		factors[i] = factor;
		factor = mix(factor + (uint64_t)i) | 1;
	}
}

static void add_shingle(struct double_sketch *sketch, const uint64_t factors[DOUBLES_HASHES], uint64_t hash)
{
	for (int i = 0; i < DOUBLES_HASHES; i++) {
		const uint32_t value = (uint32_t)((hash * factors[i] + (factors[i] << 7)) >> 32);

		sketch->minima[i] = value < sketch->minima[i] ? value : sketch->minima[i];
	}
}

void double_sketch_make(struct double_sketch *sketch, struct span text)
{
	uint64_t factors[DOUBLES_HASHES], last[DOUBLES_SHINGLE] = {0}, word, all = FNV_START;
	size_t at = 0;

	make_factors(factors);
	sketch->words = 0;
	memset(sketch->minima, 0xff, sizeof sketch->minima);
	while ((word = next_word(text, &at)) != 0) {
		uint64_t shingle = 0;

		memmove(last, last + 1, (DOUBLES_SHINGLE - 1) * sizeof *last);
		last[DOUBLES_SHINGLE - 1] = word;
		all = mix(all ^ word);
		sketch->words++;
		for (int i = 0; i < DOUBLES_SHINGLE; i++)
			shingle = mix(shingle ^ last[i]);
		if (sketch->words >= DOUBLES_SHINGLE)
			add_shingle(sketch, factors, shingle);
	}
	if (sketch->words > 0 && sketch->words < DOUBLES_SHINGLE)
		add_shingle(sketch, factors, all);
	sketch->exact = sketch->words > 0 ? all | 1 : 0;
}

bool double_is_exact(const struct double_sketch *a, const struct double_sketch *b)
{
	return a->exact != 0 && a->exact == b->exact && a->words == b->words;
}

float double_similarity(const struct double_sketch *a, const struct double_sketch *b)
{
	int same = 0;

	if (a->exact == 0 || b->exact == 0)
		return 0;
	for (int i = 0; i < DOUBLES_HASHES; i++)
		same += a->minima[i] == b->minima[i];
	return (float)same / DOUBLES_HASHES;
}

uint64_t double_key(struct span text)
{
	uint64_t word, words = 0, all = FNV_START;
	size_t at = 0;

	while ((word = next_word(text, &at)) != 0) {
		all = mix(all ^ word);
		words++;
	}
	return words > 0 ? mix(all + words) | 1 : 0;
}
