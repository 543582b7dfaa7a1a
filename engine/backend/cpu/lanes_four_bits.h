/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Weights in four bits back to floats. Part of a kernels_*.c, after lanes.h. As bitsandbytes stores them: a block's sixteen
 * codes are multiplied by its scale once; then each vector is a look-up by one or two permutations. In the order of panels
 * (engine/backend/cpu/codes.h) each lane has a scale of its own: decode_piece writes a quarter of CODE_STEPS rows of a panel,
 * so that a tile has something to do between one quarter and the next. */

/* ---- the words that differ: the products of codes and scale, and a vector of them by LANES codes */

#if defined(LANES_AVX512)

typedef struct { __m512 all; } v_table;

WORD v_table v_table_of(const float *codes, float scale)
{
	return (v_table){_mm512_mul_ps(_mm512_loadu_ps(codes), _mm512_set1_ps(scale))};
}

/* Each lane gets the four bytes that hold its code, and shifts it down; what stands above the code does not count. */
WORD vf v_decode(v_table table, const uint8_t *bytes)
{
	const __m512i halves = _mm512_setr_epi32(0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1);
	const __m512i shifts = _mm512_setr_epi32(4, 0, 12, 8, 20, 16, 28, 24, 4, 0, 12, 8, 20, 16, 28, 24);
	uint64_t word;
	__m512i places;

	memcpy(&word, bytes, sizeof word);
	places = _mm512_permutexvar_epi32(halves, _mm512_set1_epi64((long long)word));
	return (vf)_mm512_permutexvar_ps(_mm512_srlv_epi32(places, shifts), table.all);
}

typedef v_table v_codes;

/* Units of all vectors of a panel side by side: struct code_panels of kernels.h. */
struct code_unit {
	const uint8_t *bytes;
	const v_codes *codes;
	const float *first, *second; /* scales of the first and the second half of the steps */
};

WORD v_codes v_codes_of(const float *codes)
{
	return v_table_of(codes, 1);
}

/* A lane is the four bytes of its column. */
static void pack_unit(uint8_t *out, const uint8_t *bytes)
{
	memcpy(out, bytes, LANES * 4);
}

/* Two rows of each vector. */
WORD void decode_piece(float *out, const struct code_unit *u, size_t vectors, int piece)
{
	UNROLLED for (size_t v = 0; v < vectors; v++)
		UNROLLED for (int step = 2 * piece; step < 2 * piece + 2; step++) {
			__m512i words = _mm512_loadu_si512(u->bytes + v * LANES * 4);
			__m512i places = _mm512_srli_epi32(words, (unsigned)(step / 2 * 8 + (step % 2 ? 0 : 4)));
			vf scale = v_load((step < 4 ? u->first : u->second) + v * LANES);

			v_store(out + ((size_t)step * vectors + v) * LANES, (vf)_mm512_permutexvar_ps(places, u->codes->all) * scale);
		}
}

#elif defined(LANES_AVX2)

typedef struct { __m256 low, high; } v_table;

WORD v_table v_table_of(const float *codes, float scale)
{
	return (v_table){_mm256_mul_ps(_mm256_loadu_ps(codes), _mm256_set1_ps(scale)),
	                 _mm256_mul_ps(_mm256_loadu_ps(codes + 8), _mm256_set1_ps(scale))};
}

/* A permutation looks at the lower three bits of a code; the fourth chooses between the two halves of the table. */
WORD vf v_decode(v_table table, const uint8_t *bytes)
{
	const __m256i shifts = _mm256_setr_epi32(4, 0, 12, 8, 20, 16, 28, 24);
	union lanes_halves out;

	for (int i = 0; i < LANES / 8; i++) {
		int32_t word;
		__m256i places;

		memcpy(&word, bytes + 4 * i, sizeof word);
		places = _mm256_srlv_epi32(_mm256_set1_epi32(word), shifts);
		out.half[i] = _mm256_blendv_ps(_mm256_permutevar8x32_ps(table.low, places),
		                               _mm256_permutevar8x32_ps(table.high, places),
		                               _mm256_castsi256_ps(_mm256_slli_epi32(places, 28)));
	}
	return out.whole;
}

/* The n-th bytes of the sixteen codes, in both halves: what a look-up of bytes takes, 32 at a time. */
typedef struct { __m256i plane[4]; } v_codes;

/* Units of all vectors of a panel side by side: struct code_panels of kernels.h. */
struct code_unit {
	const uint8_t *bytes;
	const v_codes *codes;
	const float *first, *second; /* scales of the first and the second half of the steps */
};

WORD v_codes v_codes_of(const float *codes)
{
	uint8_t bytes[4][16];
	v_codes out;

	for (int i = 0; i < 16; i++) {
		uint32_t word;

		memcpy(&word, codes + i, sizeof word);
		for (int n = 0; n < 4; n++)
			bytes[n][i] = (uint8_t)(word >> 8 * n);
	}
	for (int n = 0; n < 4; n++)
		out.plane[n] = _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)(const void *)bytes[n]));
	return out;
}

/* Of four columns each: their first bytes, their second, ... So the floats come out of interleaving column by column. */
static void pack_unit(uint8_t *out, const uint8_t *bytes)
{
	for (int i = 0; i < LANES * 4; i++)
		out[i / 16 * 16 + i % 4 * 4 + i % 16 / 4] = bytes[i];
}

/* 32 codes, one a byte, become four rows of eight floats: four bytes of each, interleaved twice. */
WORD void decode_bytes(float *out, size_t out_row, __m256i places, const v_codes *codes, __m256 first, __m256 second)
{
	__m256i b0 = _mm256_shuffle_epi8(codes->plane[0], places), b1 = _mm256_shuffle_epi8(codes->plane[1], places);
	__m256i low01 = _mm256_unpacklo_epi8(b0, b1), high01 = _mm256_unpackhi_epi8(b0, b1);
	__m256i b2 = _mm256_shuffle_epi8(codes->plane[2], places), b3 = _mm256_shuffle_epi8(codes->plane[3], places);
	__m256i low23 = _mm256_unpacklo_epi8(b2, b3), high23 = _mm256_unpackhi_epi8(b2, b3);

	_mm256_storeu_ps(out, (__m256)_mm256_unpacklo_epi16(low01, low23) * first);
	_mm256_storeu_ps(out + out_row, (__m256)_mm256_unpackhi_epi16(low01, low23) * first);
	_mm256_storeu_ps(out + 2 * out_row, (__m256)_mm256_unpacklo_epi16(high01, high23) * second);
	_mm256_storeu_ps(out + 3 * out_row, (__m256)_mm256_unpackhi_epi16(high01, high23) * second);
}

/* Eight columns are two jobs, the upper and the lower halves of their bytes: the steps 0, 2, 4, 6 and 1, 3, 5, 7. */
WORD void decode_piece(float *out, const struct code_unit *u, size_t vectors, int piece)
{
	const size_t eights = vectors * (LANES / 8), row = vectors * LANES;

	UNROLLED for (size_t job = 2 * eights * (size_t)piece / 4; job < 2 * eights * (size_t)(piece + 1) / 4; job++) {
		size_t column = job / 2 * 8;
		__m256i bytes = _mm256_loadu_si256((const __m256i *)(const void *)(u->bytes + 4 * column));
		__m256i places = _mm256_and_si256(job % 2 ? bytes : _mm256_srli_epi16(bytes, 4), _mm256_set1_epi8(15));

		decode_bytes(out + job % 2 * row + column, 2 * row, places, u->codes, _mm256_loadu_ps(u->first + column),
		             _mm256_loadu_ps(u->second + column));
	}
}

#else

typedef struct { float all[16]; } v_table;

WORD v_table v_table_of(const float *codes, float scale)
{
	v_table table;

	for (int i = 0; i < 16; i++)
		table.all[i] = codes[i] * scale;
	return table;
}

WORD vf v_decode(v_table table, const uint8_t *bytes)
{
	vf v;

	for (int i = 0; i < LANES; i++)
		v[i] = table.all[i % 2 ? bytes[i / 2] & 15 : bytes[i / 2] >> 4];
	return v;
}

typedef v_table v_codes;

/* Units of all vectors of a panel side by side: struct code_panels of kernels.h. */
struct code_unit {
	const uint8_t *bytes;
	const v_codes *codes;
	const float *first, *second; /* scales of the first and the second half of the steps */
};

WORD v_codes v_codes_of(const float *codes)
{
	return v_table_of(codes, 1);
}

/* Four bytes a column, as they come. */
static void pack_unit(uint8_t *out, const uint8_t *bytes)
{
	memcpy(out, bytes, LANES * 4);
}

/* Two rows of each vector. */
WORD void decode_piece(float *out, const struct code_unit *u, size_t vectors, int piece)
{
	const size_t row = vectors * LANES;

	for (size_t i = 0; i < row; i++) {
		uint8_t byte = u->bytes[4 * i + (size_t)piece];
		float scale = piece < 2 ? u->first[i] : u->second[i];

		out[(size_t)piece * 2 * row + i] = u->codes->all[byte >> 4] * scale;
		out[((size_t)piece * 2 + 1) * row + i] = u->codes->all[byte & 15] * scale;
	}
}

#endif

/* ---- words made of these */

WORD float four_bits_at(const uint8_t *data, size_t i, const float *codes, float scale)
{
	return codes[i % 2 ? data[i / 2] & 15 : data[i / 2] >> 4] * scale;
}

/* Elements first .. end-1, all of one block. */
WORD void dequantise_run(float *out, const uint8_t *data, size_t first, size_t end, const float *codes, float scale)
{
	const v_table table = v_table_of(codes, scale);
	size_t i = first;

	if (i % 2 && i < end) {
		*out++ = four_bits_at(data, i, codes, scale);
		i++;
	}
	for (; i + LANES <= end; i += LANES, out += LANES)
		v_store(out, v_decode(table, data + i / 2));
	for (; i < end; i++)
		*out++ = four_bits_at(data, i, codes, scale);
}

static void dequantise(float *out, size_t out_row, const struct four_bits *w, size_t row, size_t rows, size_t column,
                       size_t columns)
{
	const uint8_t *data = w->data + row / w->part_rows * w->part_bytes;
	size_t left = w->part_rows - row % w->part_rows; /* rows of the part that is at work */
	size_t first = row % w->part_rows * w->columns + column;

	for (; rows > 0; rows--, out += out_row, first += w->columns, left--) {
		const float *scales;
		size_t done = 0;

		if (left == 0) {
			data += w->part_bytes;
			left = w->part_rows;
			first = column;
		}
		scales = (const float *)(const void *)(data + w->scales_at);
		while (done < columns) {
			size_t i = first + done, block = i / 64, end = (block + 1) * 64;

			end = end < first + columns ? end : first + columns;
			dequantise_run(out + done, data, i, end, w->codes, scales[block]);
			done = end - first;
		}
	}
}
