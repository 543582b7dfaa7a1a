/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Sixty-four bytes at a time: each function answers with a mask whose bit i speaks of byte i. SSE2 where the
 * processor is an x86-64 (it always has it), plain C elsewhere. */
#ifndef REVUE_DATA_BYTES_H
#define REVUE_DATA_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BYTES_BLOCK 64

#ifdef __SSE2__
#include <emmintrin.h>

/* Bytes that are LF, CR or `other`. */
static inline uint64_t bytes_line_ends_or(const char *block, char other)
{
	const __m128i lf = _mm_set1_epi8('\n'), cr = _mm_set1_epi8('\r'), third = _mm_set1_epi8(other);
	uint64_t mask = 0;

	for (int i = 0; i < 4; i++) {
		__m128i v = _mm_loadu_si128((const __m128i *)(const void *)(block + 16 * i));
		__m128i hit = _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(v, lf), _mm_cmpeq_epi8(v, cr)),
		                           _mm_cmpeq_epi8(v, third));
		mask |= (uint64_t)(unsigned)_mm_movemask_epi8(hit) << (16 * i);
	}
	return mask;
}

/* Bytes that are `wanted`. */
static inline uint64_t bytes_equal(const char *block, char wanted)
{
	const __m128i one = _mm_set1_epi8(wanted);
	uint64_t mask = 0;

	for (int i = 0; i < 4; i++) {
		__m128i v = _mm_loadu_si128((const __m128i *)(const void *)(block + 16 * i));
		mask |= (uint64_t)(unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(v, one)) << (16 * i);
	}
	return mask;
}

/* Bytes that are white space: space, TAB, LF, VT, FF, CR. */
static inline uint64_t bytes_spaces(const char *block)
{
	const __m128i space = _mm_set1_epi8(' '), tab = _mm_set1_epi8('\t'), four = _mm_set1_epi8(4);
	uint64_t mask = 0;

	for (int i = 0; i < 4; i++) {
		__m128i v = _mm_loadu_si128((const __m128i *)(const void *)(block + 16 * i));
		__m128i after = _mm_sub_epi8(v, tab); /* 0..4 for TAB..CR, as unsigned bytes */
		__m128i hit = _mm_or_si128(_mm_cmpeq_epi8(v, space), _mm_cmpeq_epi8(_mm_min_epu8(after, four), after));
		mask |= (uint64_t)(unsigned)_mm_movemask_epi8(hit) << (16 * i);
	}
	return mask;
}

/* Bytes that are quotes, backslashes, brackets of JSON, LF or CR; also bars, which mean nothing there. */
static inline uint64_t bytes_json(const char *block)
{
	const __m128i lf = _mm_set1_epi8('\n'), cr = _mm_set1_epi8('\r'), quote = _mm_set1_epi8('"');
	const __m128i low = _mm_set1_epi8(0x20), first = _mm_set1_epi8('{'), two = _mm_set1_epi8(2);
	uint64_t mask = 0;

	for (int i = 0; i < 4; i++) {
		__m128i v = _mm_loadu_si128((const __m128i *)(const void *)(block + 16 * i));
		__m128i after = _mm_sub_epi8(_mm_or_si128(v, low), first); /* 0..2 for [ \ ] and { | }, as unsigned bytes */
		__m128i hit = _mm_or_si128(_mm_cmpeq_epi8(_mm_min_epu8(after, two), after), _mm_cmpeq_epi8(v, quote));
		hit = _mm_or_si128(hit, _mm_or_si128(_mm_cmpeq_epi8(v, lf), _mm_cmpeq_epi8(v, cr)));
		mask |= (uint64_t)(unsigned)_mm_movemask_epi8(hit) << (16 * i);
	}
	return mask;
}
#else
static inline uint64_t bytes_line_ends_or(const char *block, char other)
{
	uint64_t mask = 0;

	for (int i = 0; i < BYTES_BLOCK; i++)
		mask |= (uint64_t)(block[i] == '\n' || block[i] == '\r' || block[i] == other) << i;
	return mask;
}

static inline uint64_t bytes_equal(const char *block, char wanted)
{
	uint64_t mask = 0;

	for (int i = 0; i < BYTES_BLOCK; i++)
		mask |= (uint64_t)(block[i] == wanted) << i;
	return mask;
}

static inline uint64_t bytes_spaces(const char *block)
{
	uint64_t mask = 0;

	for (int i = 0; i < BYTES_BLOCK; i++)
		mask |= (uint64_t)(block[i] == ' ' || (block[i] >= '\t' && block[i] <= '\r')) << i;
	return mask;
}

static inline uint64_t bytes_json(const char *block)
{
	uint64_t mask = 0;

	for (int i = 0; i < BYTES_BLOCK; i++) {
		char c = block[i];
		mask |= (uint64_t)(c == '"' || c == '\n' || c == '\r' || (c | 0x20) == '{' || (c | 0x20) == '}' ||
		                   c == '\\') << i;
	}
	return mask;
}
#endif

#endif
