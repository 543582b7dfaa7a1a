/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The losses of distillation: against torch, whose numbers tests/golden/make_distil.py made, against the reference, and cut
 * among threads. */
#include "tests/unit/numeric.h"
#include "tests/unit/ops.h"

#include "engine/base/json.h"

static json_t *golden_part(const char *part, const char *name)
{
	static json_t *golden;
	struct error error = {0};

	if (!golden)
		golden = json_read(check_source("tests/golden/distil.json"), 1 << 20, &error);
	if (!golden)
		fail_msg("%s", error.text);
	return json_object_get(json_object_get(golden, part), name);
}

static void compare_sum(const char *name, const json_t *want, const float *loss, size_t count, double mean)
{
	const double expected = json_number_value(json_object_get(want, "loss"));
	double sum = 0;

	for (size_t r = 0; r < count; r++)
		sum += (double)loss[r];
	if (!(fabs(sum * mean - expected) < 2e-6 * (1 + fabs(expected))))
		fail_msg("%s: the loss is %.9g, not %.9g", name, sum * mean, expected);
}

static void compare_gradient(const char *name, const json_t *want, size_t which, const float *got, size_t count)
{
	const json_t *list = json_array_get(json_object_get(want, "gradients"), which);

	assert_int_equal(json_array_size(list), count);
	for (size_t i = 0; i < count; i++) {
		const double expected = json_number_value(json_array_get(list, i));

		if (!(fabs((double)got[i] - expected) < 2e-6))
			fail_msg("%s: gradient %zu is %.9g, not %.9g", name, i, (double)got[i], expected);
	}
}

static float *golden_values(const char *name, size_t count, float scale)
{
	float *values = ops_zeros(count);

	numeric_weights(name, values, count);
	for (size_t i = 0; i < count; i++)
		values[i] *= scale / numeric_scale(name);
	return values;
}

/* ---- what teachers say */

enum { ROWS = 6, COLUMNS = 5 };

static const int32_t labels[ROWS] = {0, 3, 4, 1, 1, 2};

static void fill_targets(float *targets, bool independent, double temperature)
{
	float *teacher = golden_values("teacher", ROWS * COLUMNS, 4);

	for (size_t r = 0; r < ROWS; r++) {
		double sum = 0;

		for (size_t c = 0; c < COLUMNS; c++)
			sum += exp((double)teacher[r * COLUMNS + c] / temperature);
		for (size_t c = 0; c < COLUMNS; c++) {
			const double e = exp((double)teacher[r * COLUMNS + c] / temperature);

			targets[r * COLUMNS + c] = (float)(independent ? e / (1 + e) : e / sum);
		}
	}
}

static void fill(float *out, size_t count, float value)
{
	for (size_t i = 0; i < count; i++)
		out[i] = value;
}

static void check_soft(struct backend *b, const char *name, float alpha, float temperature, bool independent)
{
	const float *logits = golden_values("logits", ROWS * COLUMNS, 4), *signs = golden_values("targets", ROWS * COLUMNS, 1);
	const struct loss hard = {.scale = 1.0f / ROWS};
	float *loss = ops_zeros(ROWS), *d = ops_zeros(ROWS * COLUMNS), targets[ROWS * COLUMNS], shares[ROWS], sets[ROWS * COLUMNS];

	fill_targets(targets, independent, (double)temperature);
	fill(shares, ROWS, alpha);
	for (size_t i = 0; i < ROWS * COLUMNS; i++)
		sets[i] = signs[i] > 0;
	if (independent)
		b->ops->binary_cross_entropy(b, loss, d, logits, sets, ROWS, COLUMNS, &hard);
	else
		b->ops->cross_entropy(b, loss, d, logits, labels, ROWS, COLUMNS, &hard);
	b->ops->soften(b, loss, d, logits, targets, shares, ROWS, COLUMNS, &(struct soft_loss){1.0f / ROWS, temperature, independent});
	compare_sum(name, golden_part("soft", name), loss, ROWS, 1.0 / ROWS);
	compare_gradient(name, golden_part("soft", name), 0, d, ROWS * COLUMNS);
}

static void what_teachers_say_counts_as_in_torch(const char *path)
{
	static const struct {
		const char *name;
		float alpha, temperature;
		bool independent;
	} cases[] = {{"all", 1, 2, false}, {"half", 0.5f, 4, false}, {"cold", 0.3f, 0.5f, false},
	             {"all-independent", 1, 2, true}, {"half-independent", 0.5f, 4, true}, {"cold-independent", 0.3f, 0.5f, true}};
	struct backend *b = ops_open(path, 2);

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		check_soft(b, cases[i].name, cases[i].alpha, cases[i].temperature, cases[i].independent);
	b->ops->close(b);
}

/* Where teachers count alone, what stands there of a label does not matter; where they do not count, all of it stays. */
static void a_row_has_its_own_share_of_teachers(const char *path)
{
	static const float x[] = {1, 2, 3, 4}, p[] = {0.5f, 0.5f, 0.25f, 0.75f}, shares[] = {1, 0};
	struct backend *b = ops_open(path, 1);
	float *logits = ops_copy(x, 4), *loss = ops_zeros(2), *d = ops_zeros(4);
	const double q = 1 / (1 + exp(-1.0));

	loss[0] = d[0] = d[1] = NAN;
	loss[1] = 7;
	d[2] = -3;
	d[3] = 3;
	b->ops->soften(b, loss, d, logits, p, shares, 2, 2, &(struct soft_loss){1, 1, false});
	assert_true(fabs((double)loss[0] - (log(0.5) - 0.5 * log(q) - 0.5 * log(1 - q))) < 1e-6);
	assert_true(fabs((double)d[0] - (0.5 - q)) < 1e-6 && fabs((double)d[1] - (q - 0.5)) < 1e-6);
	assert_true(loss[1] == 7 && d[2] == -3 && d[3] == 3);
	b->ops->soften(b, loss, NULL, logits, p, shares, 2, 2, &(struct soft_loss){1, 1, false});
	b->ops->close(b);
}

static void what_is_certain_makes_no_nonsense(const char *path)
{
	static const float x[] = {1000, -1000, -1000, 1000}, p[] = {1, 0, 1, 0}, shares[] = {1, 1};
	struct backend *b = ops_open(path, 1);

	for (int independent = 0; independent < 2; independent++) {
		float *logits = ops_copy(x, 4), *loss = ops_zeros(2), *d = ops_zeros(4);

		b->ops->soften(b, loss, d, logits, p, shares, 2, 2, &(struct soft_loss){1, 1, independent});
		assert_true(loss[0] == 0 && isfinite(loss[1]) && loss[1] >= 1000);
		assert_true(d[0] == 0 && d[1] == 0 && fabsf(d[2]) > 0.4f && fabsf(d[3]) > 0.4f);
	}
	b->ops->close(b);
}

/* More rows and labels than a device takes at once. */
static void many_rows_agree_with_the_reference(const char *path)
{
	enum { MANY = 300, WIDE = 131 };
	struct backend *b = ops_open(path, 2), *oracle = ops_open("reference", 1);
	const float *logits = ops_random(MANY * WIDE, 3, 1);
	float *loss = ops_zeros(MANY), *d = ops_zeros(MANY * WIDE), *want = ops_zeros(MANY), *dwant = ops_zeros(MANY * WIDE);
	float *targets = ops_zeros(MANY * WIDE), *shares = ops_zeros(MANY);

	for (size_t r = 0; r < MANY; r++) {
		shares[r] = (float)(r % 5) / 4;
		for (size_t c = 0; c < WIDE; c++)
			targets[r * WIDE + c] = 1.0f / WIDE;
	}
	for (int independent = 0; independent < 2; independent++) {
		const struct soft_loss how = {0.25f, 3, independent};

		fill(loss, MANY, 2);
		fill(want, MANY, 2);
		fill(d, MANY * WIDE, 0.1f);
		fill(dwant, MANY * WIDE, 0.1f);
		b->ops->soften(b, loss, d, logits, targets, shares, MANY, WIDE, &how);
		oracle->ops->soften(oracle, want, dwant, logits, targets, shares, MANY, WIDE, &how);
		ops_close("loss", loss, want, MANY, 1e-6);
		ops_close("dlogits", d, dwant, MANY * WIDE, 1e-6);
	}
	b->ops->close(b);
	oracle->ops->close(oracle);
}

/* ---- what happens inside */

enum { TOKENS = 9, HEADS = 2, SIZE = 3, TEACHER_SIZE = 4, WIDTH = HEADS * SIZE, TEACHER_WIDTH = HEADS * TEACHER_SIZE };

static const int32_t starts[] = {0, 3, 4, 9};
enum { SEQUENCES = sizeof starts / sizeof *starts - 1 };

static struct relation golden_relation(bool squares)
{
	return (struct relation){
		.tokens = {starts, SEQUENCES}, .heads = HEADS, .size = SIZE, .stride = WIDTH, .b_stride = WIDTH, .teacher_size = TEACHER_SIZE,
		.teacher_stride = TEACHER_WIDTH, .squares = squares, .weight = 1, .scale = 1.0f / SEQUENCES,
	};
}

static void relations_are_those_of_torch(const char *path)
{
	struct backend *b = ops_open(path, 2);
	const float *a = golden_values("student.a", TOKENS * WIDTH, 3), *other = golden_values("student.b", TOKENS * WIDTH, 3);
	const float *ta = golden_values("teacher.a", TOKENS * TEACHER_WIDTH, 3);
	const float *tb = golden_values("teacher.b", TOKENS * TEACHER_WIDTH, 3);
	float *work = ops_zeros(RELATION_WORK * HEADS * TOKENS);

	for (int squares = 0; squares < 2; squares++) {
		const struct relation how = golden_relation(squares);
		float *loss = ops_zeros(SEQUENCES), *da = ops_zeros(TOKENS * WIDTH), *db = ops_zeros(TOKENS * WIDTH);
		const char *name = squares ? "mse" : "kl";

		b->ops->relate(b, loss, da, db, work, a, other, ta, tb, &how);
		compare_sum(name, golden_part("relations", name), loss, SEQUENCES, 1.0 / SEQUENCES);
		compare_gradient(name, golden_part("relations", name), 0, da, TOKENS * WIDTH);
		compare_gradient(name, golden_part("relations", name), 1, db, TOKENS * WIDTH);
	}
	b->ops->close(b);
}

static void rows_that_shall_be_a_teachers_count_as_in_torch(const char *path)
{
	const struct packing tokens = {starts, SEQUENCES};
	struct backend *b = ops_open(path, 2);
	const float *x = golden_values("student.a", TOKENS * WIDTH, 1), *t = golden_values("teacher.a", TOKENS * WIDTH, 1);
	float *loss = ops_zeros(SEQUENCES), *dx = ops_zeros(TOKENS * WIDTH);

	b->ops->imitate(b, loss, dx, x, t, &tokens, WIDTH, &(struct imitation_loss){1, 1.0f / SEQUENCES});
	compare_sum("mse", golden_part("hidden", "mse"), loss, SEQUENCES, 1.0 / SEQUENCES);
	compare_gradient("mse", golden_part("hidden", "mse"), 0, dx, TOKENS * WIDTH);
	b->ops->imitate(b, loss, dx, x, x, &tokens, WIDTH, &(struct imitation_loss){1, 1});
	compare_sum("of itself nothing comes", golden_part("hidden", "mse"), loss, SEQUENCES, 1.0 / SEQUENCES);
	b->ops->close(b);
}

/* Long sequences in wide arrays, values with values; what was there before stays in the sums. */
static void long_relations_agree_with_the_reference(const char *path)
{
	enum { ALL = 170, STRIDE = 3 * 24, LONG = ALL * STRIDE };
	static const int32_t long_starts[] = {0, 67, 68, 170};
	struct backend *b = ops_open(path, 2), *oracle = ops_open("reference", 1);
	const float *x = ops_random(LONG, 2, 1), *t = ops_random(LONG, 2, 2);
	float *work = ops_zeros(RELATION_WORK * 4 * ALL), *dx = ops_zeros(LONG), *want = ops_zeros(LONG), *loss, *wanted;

	for (int squares = 0; squares < 2; squares++) {
		const struct relation how = {.tokens = {long_starts, 3}, .heads = 4, .size = 6, .stride = STRIDE, .b_stride = STRIDE, .teacher_size = 12,
		                             .teacher_stride = 48, .squares = squares, .weight = 0.5f, .scale = 3};

		loss = ops_zeros(3);
		wanted = ops_zeros(3);
		fill(dx, LONG, 0.25f);
		fill(want, LONG, 0.25f);
		fill(loss, 3, 1);
		fill(wanted, 3, 1);
		b->ops->relate(b, loss, dx, dx, work, x, x, t, t, &how);
		oracle->ops->relate(oracle, wanted, want, want, work, x, x, t, t, &how);
		ops_close("loss", loss, wanted, 3, 1e-5);
		ops_close("gradient", dx, want, LONG, 1e-5);
		assert_true(dx[24] == 0.25f); /* columns beside the heads stay */
	}
	b->ops->close(b);
	oracle->ops->close(oracle);
}

/* The rows of b stand further apart than those of a. */
static void two_arrays_may_have_two_strides(const char *path)
{
	const struct relation close = golden_relation(false);
	struct relation apart = close;
	struct backend *b = ops_open(path, 2);
	const float *a = golden_values("student.a", TOKENS * WIDTH, 3), *other = golden_values("student.b", TOKENS * WIDTH, 3);
	const float *t = golden_values("teacher.a", TOKENS * TEACHER_WIDTH, 3);
	float *work = ops_zeros(RELATION_WORK * HEADS * TOKENS), *wide = ops_zeros(2 * TOKENS * WIDTH), *loss = ops_zeros(SEQUENCES);
	float *da = ops_zeros(TOKENS * WIDTH), *db = ops_zeros(TOKENS * WIDTH), *dwide = ops_zeros(2 * TOKENS * WIDTH);
	float *da_again = ops_zeros(TOKENS * WIDTH);

	apart.b_stride = 2 * WIDTH;
	for (size_t i = 0; i < TOKENS * WIDTH; i++)
		wide[i / WIDTH * 2 * WIDTH + i % WIDTH] = other[i];
	b->ops->relate(b, loss, da, db, work, a, other, t, t, &close);
	b->ops->relate(b, loss, da_again, dwide, work, a, wide, t, t, &apart);
	b->ops->sync(b);
	ops_same("da", da_again, da, TOKENS * WIDTH);
	for (size_t i = 0; i < 2 * TOKENS * WIDTH; i++)
		assert_true(dwide[i] == (i / WIDTH % 2 ? 0 : db[i / WIDTH / 2 * WIDTH + i % WIDTH]));
	b->ops->close(b);
}

static void relations_do_not_depend_on_the_threads_to_the_bit(const char *path)
{
	enum { ALL = 60, STRIDE = 16, LONG = ALL * STRIDE };
	static const int32_t many_starts[] = {0, 9, 20, 33, 60};
	const struct relation how = {.tokens = {many_starts, 4}, .heads = 2, .size = 8, .stride = STRIDE, .b_stride = STRIDE, .teacher_size = 8,
	                             .teacher_stride = STRIDE, .weight = 1, .scale = 1};
	const float *x = ops_random(LONG, 1, 1), *y = ops_random(LONG, 1, 2), *t = ops_random(LONG, 1, 3);
	float *work = ops_zeros(RELATION_WORK * 2 * ALL), *found[2][3];

	for (int threads = 1; threads <= 2; threads++) {
		struct backend *b = ops_open(path, threads);
		float **out = found[threads - 1];

		out[0] = ops_zeros(4);
		out[1] = ops_zeros(LONG);
		out[2] = ops_zeros(LONG);
		b->ops->relate(b, out[0], out[1], out[2], work, x, y, t, t, &how);
		b->ops->sync(b);
		b->ops->close(b);
	}
	ops_same("loss", found[0][0], found[1][0], 4);
	ops_same("da", found[0][1], found[1][1], LONG);
	ops_same("db", found[0][2], found[1][2], LONG);
}

int main(void)
{
	static const struct ops_test tests[] = {
		{"what teachers say counts as in torch", what_teachers_say_counts_as_in_torch},
		{"a row has its own share of teachers", a_row_has_its_own_share_of_teachers},
		{"what is certain makes no nonsense", what_is_certain_makes_no_nonsense},
		{"many rows agree with the reference", many_rows_agree_with_the_reference},
		{"relations are those of torch", relations_are_those_of_torch},
		{"rows that shall be a teacher's count as in torch", rows_that_shall_be_a_teachers_count_as_in_torch},
		{"long relations agree with the reference", long_relations_agree_with_the_reference},
		{"two arrays may have two strides", two_arrays_may_have_two_strides},
		{"relations do not depend on the threads to the bit", relations_do_not_depend_on_the_threads_to_the_bit},
	};

	return ops_run("ops_distil", tests, sizeof tests / sizeof *tests);
}
