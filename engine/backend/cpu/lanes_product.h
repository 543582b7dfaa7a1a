/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Matrix products: packing, and tiles of TILE_ROWS rows by up to TILE_VECTORS vectors whose sums stay in
 * registers. Part of a kernels_*.c, after lanes.h; TILE_VECTORS is 2 (16 registers) or 4 (32 registers). */

#define PANEL (TILE_VECTORS * (size_t)LANES)

/* The width of the panel that begins at column i of n, rounded up to whole vectors. */
static size_t panel_width(size_t i, size_t n)
{
	size_t left = n - i;

	return left >= PANEL ? PANEL : (left + LANES - 1) / LANES * LANES;
}

/* ---- packing */

static void pack_columns_straight(float *out, const float *b, size_t b_k, size_t k, size_t n)
{
	for (size_t i = 0; i < n; i += PANEL) {
		size_t width = panel_width(i, n);

		for (size_t j = 0; j < k; j++)
			for (size_t v = 0; v < width; v += LANES, out += LANES)
				v_store(out, v_load_some(b + j * b_k + i + v, n - i - v));
	}
}

typedef float quad __attribute__((vector_size(16)));
typedef float quad_at __attribute__((vector_size(16), aligned(4), may_alias));
typedef int32_t quad_index __attribute__((vector_size(16)));

/* out[j * width + i] = b[i * b_n + j], 4 x 4 */
WORD void transpose_quad(float *out, size_t width, const float *b, size_t b_n)
{
	const quad_index low = {0, 4, 1, 5}, high = {2, 6, 3, 7}, front = {0, 1, 4, 5}, back = {2, 3, 6, 7};
	quad r0 = *(const quad_at *)b, r1 = *(const quad_at *)(b + b_n);
	quad r2 = *(const quad_at *)(b + 2 * b_n), r3 = *(const quad_at *)(b + 3 * b_n);
	quad a01 = __builtin_shuffle(r0, r1, low), b01 = __builtin_shuffle(r0, r1, high);
	quad a23 = __builtin_shuffle(r2, r3, low), b23 = __builtin_shuffle(r2, r3, high);

	*(quad_at *)out = __builtin_shuffle(a01, a23, front);
	*(quad_at *)(out + width) = __builtin_shuffle(a01, a23, back);
	*(quad_at *)(out + 2 * width) = __builtin_shuffle(b01, b23, front);
	*(quad_at *)(out + 3 * width) = __builtin_shuffle(b01, b23, back);
}

/* One panel of `count` columns, `width` wide. */
static void pack_panel_transposed(float *out, const float *b, size_t b_n, size_t k, size_t count, size_t width)
{
	size_t fours = count / 4 * 4, i, j;

	for (j = 0; j + 4 <= k; j += 4)
		for (i = 0; i < fours; i += 4)
			transpose_quad(out + j * width + i, width, b + i * b_n + j, b_n);
	for (; j < k; j++)
		for (i = 0; i < fours; i++)
			out[j * width + i] = b[i * b_n + j];
	for (i = fours; i < width; i++)
		for (j = 0; j < k; j++)
			out[j * width + i] = i < count ? b[i * b_n + j] : 0;
}

static void pack_columns_transposed(float *out, const float *b, size_t b_n, size_t k, size_t n)
{
	for (size_t i = 0; i < n; i += PANEL) {
		size_t width = panel_width(i, n), count = n - i < width ? n - i : width;

		pack_panel_transposed(out, b + i * b_n, b_n, k, count, width);
		out += k * width;
	}
}

static void pack_columns(float *out, const float *b, size_t b_k, size_t b_n, size_t k, size_t n)
{
	if (b_n == 1)
		pack_columns_straight(out, b, b_k, k, n);
	else
		pack_columns_transposed(out, b, b_n, k, n);
}

/* Blocks of k keep the lines that two strips share in the first cache. The rest of the last strip is never read. */
static void pack_rows(float *out, const float *a, size_t a_k, size_t m, size_t k)
{
	for (size_t from = 0; from < k; from += 8) {
		size_t to = k - from < 8 ? k : from + 8;

		for (size_t i = 0; i < m; i += TILE_ROWS) {
			float *strip = out + i * k;
			size_t size = m - i < TILE_ROWS ? (m - i) * sizeof *out : TILE_ROWS * sizeof *out;

			for (size_t j = from; j < to; j++)
				if (size == TILE_ROWS * sizeof *out)
					memcpy(strip + j * TILE_ROWS, a + i + j * a_k, TILE_ROWS * sizeof *out);
				else
					memcpy(strip + j * TILE_ROWS, a + i + j * a_k, size);
		}
	}
}

/* ---- tiles
 *
 * DEFINE_TILE(R, V) makes tile_R_V: R rows by V vectors. The sums are named one by one (c00, c01, ...), since an array
 * of them is sometimes spilled to memory. */

#define FOR_VECTORS_1(X, r) X(r, 0)
#define FOR_VECTORS_2(X, r) FOR_VECTORS_1(X, r) X(r, 1)
#define FOR_VECTORS_3(X, r) FOR_VECTORS_2(X, r) X(r, 2)
#define FOR_VECTORS_4(X, r) FOR_VECTORS_3(X, r) X(r, 3)
#define FOR_ROWS_1(X, V) X(0, V)
#define FOR_ROWS_2(X, V) FOR_ROWS_1(X, V) X(1, V)
#define FOR_ROWS_3(X, V) FOR_ROWS_2(X, V) X(2, V)
#define FOR_ROWS_4(X, V) FOR_ROWS_3(X, V) X(3, V)
#define FOR_ROWS_5(X, V) FOR_ROWS_4(X, V) X(4, V)
#define FOR_ROWS_6(X, V) FOR_ROWS_5(X, V) X(5, V)

#define TILE_ZERO(r, v) vf c##r##v = {0};
#define TILE_ZERO_ROW(r, V) FOR_VECTORS_##V(TILE_ZERO, r) const float *a##r = a + r * p->a_row;
#define TILE_LOAD(r, v) vf b##v = v_load(b + v * LANES);
#define TILE_STEP(r, v) c##r##v = v_fma(x, b##v, c##r##v);
#define TILE_STEP_ROW(r, V) { vf x = v_set(*a##r); FOR_VECTORS_##V(TILE_STEP, r) a##r += a_k; }
#define TILE_STORE(r, v) tile_store(p, c + r * p->c_row, bias, c##r##v, v * LANES, n);
#define TILE_STORE_ROW(r, V) FOR_VECTORS_##V(TILE_STORE, r)

#define DEFINE_TILE(R, V)                                                                                       \
	static void tile_##R##_##V(const struct product *p, const float *a, const float *b, float *c,           \
	                           const float *bias, size_t n)                                                 \
	{                                                                                                       \
		const size_t a_k = p->a_k;                                                                      \
		FOR_ROWS_##R(TILE_ZERO_ROW, V)                                                                  \
		for (size_t j = p->k; j > 0; j--, b += V * LANES) {                                             \
			FOR_VECTORS_##V(TILE_LOAD, 0)                                                           \
			FOR_ROWS_##R(TILE_STEP_ROW, V)                                                          \
		}                                                                                               \
		FOR_ROWS_##R(TILE_STORE_ROW, V)                                                                 \
	}

/* c = start + sum, for the vector at column i of a row of n */
WORD void tile_store(const struct product *p, float *c, const float *bias, vf sum, size_t i, size_t n)
{
	const float *start = p->add ? c : bias;

	if (start)
		sum = v_load_some(start + i, n - i) + sum;
	v_store_some(c + i, sum, n - i);
}

#define DEFINE_TILES(V) \
	DEFINE_TILE(1, V) DEFINE_TILE(2, V) DEFINE_TILE(3, V) DEFINE_TILE(4, V) DEFINE_TILE(5, V) DEFINE_TILE(6, V)
#define TILES(V) {tile_1_##V, tile_2_##V, tile_3_##V, tile_4_##V, tile_5_##V, tile_6_##V}

typedef void tile_function(const struct product *p, const float *a, const float *b, float *c, const float *bias,
                           size_t n);

DEFINE_TILES(1)
DEFINE_TILES(2)
#if TILE_VECTORS > 2
DEFINE_TILES(3)
DEFINE_TILES(4)
#endif

static tile_function *const tiles[TILE_VECTORS][TILE_ROWS] = {
	TILES(1), TILES(2),
#if TILE_VECTORS > 2
	TILES(3), TILES(4),
#endif
};

/* A panel of b stays in the first cache while all rows of a pass by it. */
static void product(const struct product *p)
{
	const float *b = p->b;

	for (size_t i = 0; i < p->n; i += PANEL) {
		size_t width = panel_width(i, p->n);
		tile_function *const *tile = tiles[width / LANES - 1];
		const float *a = p->a;

		for (size_t r = 0; r < p->m; r += TILE_ROWS, a += p->a_strip) {
			size_t rows = p->m - r < TILE_ROWS ? p->m - r : TILE_ROWS;

			tile[rows - 1](p, a, b, p->c + r * p->c_row + i, p->bias ? p->bias + i : NULL, p->n - i);
		}
		b += width * p->k;
	}
}

/* ---- weights in four bits
 *
 * The first strip of rows decodes a panel as it goes: between its multiply-adds of one unit it puts the floats of the next into
 * memory, so that the processor does both at a time. What strips follow find the panel in floats. */

/* A panel as a tile reads it. */
struct codes_tile {
	const v_codes *codes;
	const float *scales;
	const uint8_t *units;
	size_t group_bits, offset;
	float *panel;
	size_t places; /* all ones; 1 where no strip follows: then two units' floats take turns */
};

/* Rows j .. of a panel. Where the last unit has only half its steps, the scales of the other half are no scales, and nothing
 * reads what comes of them. */
WORD struct code_unit codes_unit(const struct codes_tile *w, size_t j, size_t vectors)
{
	const size_t width = vectors * LANES;

	return (struct code_unit){
		.bytes = w->units + j / 2 * width,
		.codes = w->codes,
		.first = w->scales + ((w->offset + j) >> w->group_bits) * width,
		.second = w->scales + ((w->offset + j + CODE_STEPS / 2) >> w->group_bits) * width,
	};
}

WORD float *codes_floats(const struct codes_tile *w, size_t j, size_t vectors)
{
	return w->panel + (j / CODE_STEPS & w->places) * (CODE_STEPS * vectors * LANES);
}

#define CODES_STEPS(R, V, COUNT)                                                                                \
	for (size_t s = 0; s < (COUNT); s++, b += V * LANES) {                                                  \
		FOR_VECTORS_##V(TILE_LOAD, 0)                                                                   \
		FOR_ROWS_##R(TILE_STEP_ROW, V)                                                                  \
	}

#define DEFINE_CODES_TILE(R, V)                                                                                 \
	static void codes_tile_##R##_##V(const struct product *p, const float *a, const struct codes_tile *w,   \
	                                 float *c, const float *bias, size_t n)                                 \
	{                                                                                                       \
		const size_t a_k = p->a_k;                                                                      \
		struct code_unit unit = codes_unit(w, 0, V);                                                    \
		const float *b = w->panel;                                                                      \
		size_t j = CODE_STEPS;                                                                          \
		FOR_ROWS_##R(TILE_ZERO_ROW, V)                                                                  \
		for (int piece = 0; piece < 4; piece++)                                                         \
			decode_piece(w->panel, &unit, V, piece);                                                \
		for (; j < p->k; j += CODE_STEPS) {                                                             \
			float *next = codes_floats(w, j, V);                                                    \
			unit = codes_unit(w, j, V);                                                             \
			UNROLLED for (int piece = 0; piece < 4; piece++) {                                      \
				decode_piece(next, &unit, V, piece);                                            \
				UNROLLED CODES_STEPS(R, V, 2)                                                   \
			}                                                                                       \
			b = next;                                                                               \
		}                                                                                               \
		CODES_STEPS(R, V, p->k + CODE_STEPS - j)                                                        \
		FOR_ROWS_##R(TILE_STORE_ROW, V)                                                                 \
	}
#define DEFINE_CODES_TILES(V)                                                                                   \
	DEFINE_CODES_TILE(1, V) DEFINE_CODES_TILE(2, V) DEFINE_CODES_TILE(3, V) DEFINE_CODES_TILE(4, V)         \
	DEFINE_CODES_TILE(5, V) DEFINE_CODES_TILE(6, V)
#define CODES_TILES(V) \
	{codes_tile_1_##V, codes_tile_2_##V, codes_tile_3_##V, codes_tile_4_##V, codes_tile_5_##V, codes_tile_6_##V}

typedef void codes_tile_function(const struct product *p, const float *a, const struct codes_tile *w, float *c,
                                 const float *bias, size_t n);

DEFINE_CODES_TILES(1)
DEFINE_CODES_TILES(2)
#if TILE_VECTORS > 2
DEFINE_CODES_TILES(3)
DEFINE_CODES_TILES(4)
#endif

static codes_tile_function *const codes_tiles[TILE_VECTORS][TILE_ROWS] = {
	CODES_TILES(1), CODES_TILES(2),
#if TILE_VECTORS > 2
	CODES_TILES(3), CODES_TILES(4),
#endif
};

/* The strips of one panel. */
static void codes_panel(const struct product *p, const struct codes_tile *w, size_t width, size_t i)
{
	const float *a = p->a, *bias = p->bias ? p->bias + i : NULL;

	for (size_t r = 0; r < p->m; r += TILE_ROWS, a += p->a_strip) {
		size_t rows = p->m - r < TILE_ROWS ? p->m - r : TILE_ROWS;
		float *c = p->c + r * p->c_row + i;

		if (r == 0)
			codes_tiles[width / LANES - 1][rows - 1](p, a, w, c, bias, p->n - i);
		else
			tiles[width / LANES - 1][rows - 1](p, a, w->panel, c, bias, p->n - i);
	}
}

static void product_codes(const struct product *p, const struct code_panels *w)
{
	const v_codes codes = v_codes_of(w->codes);

	for (size_t i = 0; i < p->n; i += PANEL) {
		const uint8_t *bytes = w->bytes + i * w->column_bytes;
		size_t width = panel_width(i, p->n), scales = w->scale_rows * width;

		codes_panel(p, &(struct codes_tile){
			.codes = &codes,
			.scales = (const float *)(const void *)bytes,
			.units = bytes + scales * sizeof(float),
			.group_bits = w->group_bits,
			.offset = w->offset,
			.panel = w->panel,
			.places = p->m > TILE_ROWS ? SIZE_MAX : 1,
		}, width, i);
	}
}
