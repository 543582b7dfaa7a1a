/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What only a training asks for: optimizers, losses, noise. Against torch, transformers and bitsandbytes, whose numbers
 * tests/golden/make_optim.py made, against the reference, and cut among threads. */
#include "tests/unit/numeric.h"
#include "tests/unit/ops.h"

#include "engine/base/json.h"

#define SMOOTH 1e-6
#define STEPS 10
#define RATE 0.02
#define DECAY 0.1

static json_t *golden_part(const char *part, const char *name)
{
	static json_t *golden;
	struct error error = {0};

	if (!golden)
		golden = json_read(check_source("tests/golden/optim.json"), 1 << 20, &error);
	if (!golden)
		fail_msg("%s", error.text);
	return json_object_get(json_object_get(golden, part), name);
}

/* ---- optimizers: the tensors of make_optim.py */

static const struct tensor {
	const char *name;
	int32_t rows, columns;
	double rate;
} tensors[] = {{"embedding", 9, 7, 0.81}, {"bias", 7, 0, 1}, {"kernel", 5, 18, 1}, {"norm", 18, 0, 0.9}};
enum { TENSORS = sizeof tensors / sizeof *tensors, ELEMENTS = 63 + 7 + 90 + 18 };

struct optimizer_case {
	const char *name;
	double beta1, beta2, epsilon;        /* adamw, lion */
	double momentum, dampening;          /* sgd */
	bool nesterov;
	void (*step)(struct backend *b, struct segment *segments, const struct optimizer_case *at, int step, double rate,
	             float scale);
};

static void step_adamw(struct backend *b, struct segment *segments, const struct optimizer_case *at, int step, double rate,
                       float scale)
{
	b->ops->adamw(b, segments, TENSORS, &(struct adamw){
		rate, at->beta1, at->beta2, at->epsilon, DECAY, 1 - pow(at->beta1, step), 1 - pow(at->beta2, step), ops_clipping(scale)});
}

static void step_sgd(struct backend *b, struct segment *segments, const struct optimizer_case *at, int step, double rate,
                     float scale)
{
	b->ops->sgd(b, segments, TENSORS, &(struct sgd){rate, at->momentum, at->dampening, DECAY, at->nesterov, step == 1, ops_clipping(scale)});
}

static void step_lion(struct backend *b, struct segment *segments, const struct optimizer_case *at, int step, double rate,
                      float scale)
{
	(void)step;
	b->ops->lion(b, segments, TENSORS, &(struct lion){rate, at->beta1, at->beta2, DECAY, ops_clipping(scale)});
}

static void step_adafactor(struct backend *b, struct segment *segments, const struct optimizer_case *at, int step,
                           double rate, float scale)
{
	(void)at;
	b->ops->adafactor(b, segments, TENSORS, &(struct adafactor){rate, 1 - pow(step, -0.8), DECAY, ops_clipping(scale)});
}

static void lay_tensors(struct segment *segments)
{
	for (int i = 0; i < TENSORS; i++) {
		const struct tensor *t = &tensors[i];
		size_t count = (size_t)t->rows * (size_t)(t->columns ? t->columns : 1);

		segments[i] = (struct segment){ops_zeros(count), ops_zeros(count), ops_zeros(count), ops_zeros(count), count,
		                               t->columns > 0, t->rate, t->rows, t->columns};
		numeric_weights(t->name, segments[i].value, count);
		for (size_t k = 0; k < count; k++) /* the formula of a layer's weights is a scaled one */
			segments[i].value[k] /= numeric_scale(t->name);
	}
}

static void fill_tensor_gradients(struct segment *segments, int step)
{
	for (int i = 0; i < TENSORS; i++) {
		float *gradient = (float *)(uintptr_t)segments[i].gradient;
		char name[64];

		snprintf(name, sizeof name, "%s.%d", tensors[i].name, step);
		numeric_weights(name, gradient, segments[i].count);
		for (size_t k = 0; k < segments[i].count; k++)
			gradient[k] = gradient[k] / numeric_scale(name) * (step < 3 ? 0.01f : 1.0f);
	}
}

static void compare_values(const char *name, int step, const struct segment *segments, json_t *want)
{
	size_t at = 0;

	assert_int_equal(json_array_size(want), ELEMENTS);
	for (int i = 0; i < TENSORS; i++)
		for (size_t k = 0; k < segments[i].count; k++, at++) {
			double expected = json_number_value(json_array_get(want, at)), got = (double)segments[i].value[k];

			if (!(fabs(got - expected) < 1e-6))
				fail_msg("%s, step %d: %s[%zu] is %.9g, not %.9g", name, step, tensors[i].name, k, got, expected);
		}
}

static void check_optimizer(struct backend *b, const struct optimizer_case *at)
{
	json_t *golden = golden_part("optimizers", at->name);
	struct segment segments[TENSORS];
	char key[16];
	int compared = 0;

	lay_tensors(segments);
	for (int step = 1; step <= STEPS; step++) {
		double norm;
		json_t *want;

		fill_tensor_gradients(segments, step - 1);
		norm = ops_clip(b, segments, TENSORS, 0).norm;
		at->step(b, segments, at, step, RATE * (STEPS - step + 1) / STEPS, (float)fmin(1, 1 / (norm + 1e-6)));
		snprintf(key, sizeof key, "%d", step);
		want = json_object_get(golden, key);
		if (!want)
			continue;
		compare_values(at->name, step, segments, want);
		compared++;
	}
	assert_int_equal(compared, 3);
}

static void ten_steps_of_every_optimizer_are_those_of_torch(const char *path)
{
	static const struct optimizer_case cases[] = {
		{"adamw", 0.9, 0.999, 1e-8, 0, 0, false, step_adamw},
		{"adamw-other", 0.8, 0.95, 1e-3, 0, 0, false, step_adamw},
		{"sgd", 0, 0, 0, 0, 0, false, step_sgd},
		{"sgd-momentum", 0, 0, 0, 0.9, 0, false, step_sgd},
		{"sgd-dampening", 0, 0, 0, 0.9, 0.3, false, step_sgd},
		{"sgd-nesterov", 0, 0, 0, 0.7, 0, true, step_sgd},
		{"lion", 0.9, 0.999, 0, 0, 0, false, step_lion},
		{"adafactor", 0, 0, 0, 0, 0, false, step_adafactor},
	};
	struct backend *b = ops_open(path, 2);

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		check_optimizer(b, &cases[i]);
		ops_forget();
	}
	b->ops->close(b);
}

/* Against the reference, on sizes of many tasks, and one thread against two. */

enum { BIG_ROWS = 700, BIG_COLUMNS = 391, BIG = BIG_ROWS * BIG_COLUMNS, VECTOR = 1003, LIST = BIG + VECTOR };

struct memory {
	float *value, *average, *square;
	struct segment segments[2];
};

static struct memory take(const float *gradient)
{
	struct memory m = {ops_random(LIST, 0.1f, 1), ops_zeros(LIST), ops_zeros(LIST), {{0}}};

	m.segments[0] = (struct segment){m.value, m.average, m.square, gradient, BIG, true, 1, BIG_ROWS, BIG_COLUMNS};
	m.segments[1] = (struct segment){m.value + BIG, m.average + BIG, m.square + BIG, gradient + BIG, VECTOR, false, 0.5,
	                                 VECTOR, 0};
	return m;
}

static void steps_of_all(struct backend *b, struct memory *m)
{
	for (int step = 1; step <= 3; step++) {
		b->ops->sgd(b, m->segments, 2, &(struct sgd){0.01, 0.9, 0.1, 0.01, step == 2, step == 1, ops_clipping(0.5f)});
		b->ops->lion(b, m->segments, 2, &(struct lion){0.001, 0.9, 0.99, 0.1, ops_clipping(0.25f)});
	}
}

static void adafactor_steps(struct backend *b, struct memory *m)
{
	for (int step = 1; step <= 3; step++)
		b->ops->adafactor(b, m->segments, 2, &(struct adafactor){0.01, 1 - pow(step, -0.8), 0.1, ops_clipping(0.5f)});
}

static void compare_memory(const struct memory *got, const struct memory *want)
{
	ops_close("values", got->value, want->value, LIST, SMOOTH);
	ops_close("averages", got->average, want->average, LIST, SMOOTH);
	ops_close("squares", got->square, want->square, LIST, SMOOTH);
}

static void optimizers_agree_with_the_reference(const char *path)
{
	struct backend *b = ops_open(path, 2), *oracle = ops_open("reference", 1);
	float *gradient = ops_random(LIST, 0.01f, 9);
	struct memory got, want;

	memset(gradient + 5 * BIG_COLUMNS, 0, 3 * BIG_COLUMNS * sizeof *gradient); /* rows without a gradient */
	got = take(gradient), want = take(gradient);
	steps_of_all(b, &got);
	steps_of_all(oracle, &want);
	compare_memory(&got, &want);
	got = take(gradient), want = take(gradient);
	adafactor_steps(b, &got);
	adafactor_steps(oracle, &want);
	compare_memory(&got, &want);
	for (size_t i = BIG_ROWS; i < BIG; i++)
		assert_true(got.average[i] == 0); /* only a factor a row */
	b->ops->close(b);
	oracle->ops->close(oracle);
}

static void optimizers_do_not_depend_on_the_threads_to_the_bit(const char *path)
{
	struct backend *one = ops_open(path, 1), *three = ops_open(path, 3);
	float *gradient = ops_random(LIST, 0.01f, 9), *x = ops_random(LIST, 1, 2), *y = ops_copy(x, LIST);
	struct memory a = take(gradient), b = take(gradient);

	steps_of_all(one, &a);
	steps_of_all(three, &b);
	ops_same("values of SGD and Lion", a.value, b.value, LIST);
	a = take(gradient), b = take(gradient);
	adafactor_steps(one, &a);
	adafactor_steps(three, &b);
	ops_same("values of Adafactor", a.value, b.value, LIST);
	ops_same("rows", a.average, b.average, LIST);
	ops_same("columns", a.square, b.square, LIST);
	one->ops->noise(one, x, LIST, (struct noise){0.1f, 1, 2, 3});
	three->ops->noise(three, y, LIST, (struct noise){0.1f, 1, 2, 3});
	ops_same("noise", x, y, LIST);
	one->ops->close(one);
	three->ops->close(three);
}

static void a_tensor_without_any_gradient_keeps_its_values(const char *path)
{
	struct backend *b = ops_open(path, 2);
	float *gradient = ops_zeros(LIST), *before;
	struct memory m = take(gradient);

	m.segments[0].decay = false;
	before = ops_copy(m.value, LIST);
	steps_of_all(b, &m);
	adafactor_steps(b, &m);
	ops_same("values", m.value + BIG, before + BIG, VECTOR);
	b->ops->close(b);
}

/* ---- losses */

enum { ROWS = 6, COLUMNS = 5 };

struct loss_data {
	float *logits, weights[COLUMNS], targets[ROWS * COLUMNS];
	int32_t labels[ROWS];
};

static struct loss_data loss_data(void)
{
	struct loss_data data = {.logits = ops_zeros(ROWS * COLUMNS)};

	numeric_weights("logits", data.logits, ROWS * COLUMNS);
	for (size_t i = 0; i < ROWS * COLUMNS; i++) {
		data.logits[i] *= 4 / numeric_scale("logits");
		data.targets[i] = (float)json_integer_value(json_array_get(golden_part("losses", "targets"), i));
	}
	for (size_t i = 0; i < COLUMNS; i++)
		data.weights[i] = (float)json_number_value(json_array_get(golden_part("losses", "weights"), i));
	for (size_t i = 0; i < ROWS; i++)
		data.labels[i] = (int32_t)json_integer_value(json_array_get(golden_part("losses", "labels"), i));
	return data;
}

static void compare_loss(const char *name, const float *loss, double mean, const float *dlogits)
{
	json_t *want = golden_part("losses", name);
	double sum = 0;

	for (size_t r = 0; r < ROWS; r++)
		sum += (double)loss[r];
	if (!(fabs(sum * mean - json_number_value(json_object_get(want, "loss"))) < 1e-6))
		fail_msg("%s: the loss is %.9g, not %.9g", name, sum * mean, json_number_value(json_object_get(want, "loss")));
	for (size_t i = 0; i < ROWS * COLUMNS; i++) {
		double expected = json_number_value(json_array_get(json_object_get(want, "gradient"), i));

		if (!(fabs((double)dlogits[i] - expected) < 1e-6))
			fail_msg("%s: gradient %zu is %.9g, not %.9g", name, i, (double)dlogits[i], expected);
	}
}

static void losses_and_their_gradients_are_those_of_torch(const char *path)
{
	static const struct {
		const char *name;
		float smoothing;
		bool weighted;
	} cases[] = {{"plain", 0, false}, {"smoothed", 0.1f, false}, {"weighted", 0, true}, {"both", 0.2f, true}};
	struct backend *b = ops_open(path, 2);
	struct loss_data data = loss_data();
	double sum = 0;

	for (size_t r = 0; r < ROWS; r++)
		sum += (double)data.weights[data.labels[r]];
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		double mean = 1 / (cases[i].weighted ? sum : ROWS);
		struct loss how = {(float)mean, cases[i].smoothing, cases[i].weighted ? data.weights : NULL};
		float *loss = ops_zeros(ROWS), *d = ops_zeros(ROWS * COLUMNS);

		b->ops->cross_entropy(b, loss, d, data.logits, data.labels, ROWS, COLUMNS, &how);
		compare_loss(cases[i].name, loss, mean, d);
	}
	b->ops->close(b);
}

static void the_loss_of_independent_labels_is_that_of_torch(const char *path)
{
	struct backend *b = ops_open(path, 2);
	struct loss_data data = loss_data();

	for (int weighted = 0; weighted < 2; weighted++) {
		struct loss how = {.scale = 1.0f / ROWS, .weights = weighted ? data.weights : NULL};
		float *loss = ops_zeros(ROWS), *d = ops_zeros(ROWS * COLUMNS);

		b->ops->binary_cross_entropy(b, loss, d, data.logits, data.targets, ROWS, COLUMNS, &how);
		compare_loss(weighted ? "binary-weighted" : "binary", loss, 1.0 / ROWS, d);
		b->ops->binary_cross_entropy(b, loss, NULL, data.logits, data.targets, ROWS, COLUMNS, &how);
	}
	b->ops->close(b);
}

static void the_loss_of_independent_labels_bears_logits_of_any_size(const char *path)
{
	static const float values[] = {1000, -1000, 1000, -1000}, targets[] = {1, 0, 0, 1};
	struct backend *b = ops_open(path, 1);
	const float *logits = ops_copy(values, 4);
	float *loss = ops_zeros(2), *d = ops_zeros(4);

	b->ops->binary_cross_entropy(b, loss, d, logits, targets, 2, 2, &(struct loss){.scale = 1});
	assert_true(loss[0] == 0 && loss[1] == 1000);
	assert_true(d[0] == 0 && d[1] == 0 && d[2] == 0.5f && d[3] == -0.5f);
	b->ops->close(b);
}

/* ---- noise */

static void noise_is_uniform_and_a_function_of_its_counters(const char *path)
{
	const struct noise how = {0.25f, 7, 5, 9}, later = {0.25f, 7, 6, 9};
	struct backend *b = ops_open(path, 2), *oracle = ops_open("reference", 1);
	const size_t count = 100003;
	float *x = ops_zeros(count), *want = ops_zeros(count), *other = ops_zeros(count);
	double mean = 0, square = 0;

	b->ops->noise(b, x, count, how);
	oracle->ops->noise(oracle, want, count, how);
	ops_close("noise", x, want, count, 2e-7);
	b->ops->noise(b, other, count, later);
	for (size_t i = 0; i < count; i++) {
		assert_true(x[i] >= -0.25f && x[i] < 0.25f);
		mean += (double)x[i] / (double)count;
		square += (double)x[i] * (double)x[i] / (double)count;
	}
	assert_true(fabs(mean) < 2e-3);
	assert_true(fabs(square / (0.0625 / 3) - 1) < 0.01);
	assert_memory_not_equal(x, other, count * sizeof *x);
	for (size_t some = 0; some < 70; some++) { /* a shorter array begins alike */
		float *part = ops_zeros(some + 1);

		b->ops->noise(b, part, some, how);
		ops_same("the first elements", part, x, some);
		assert_true(part[some] == 0);
	}
	b->ops->close(b);
	oracle->ops->close(oracle);
}

int main(void)
{
	static const struct ops_test tests[] = {
		{"ten steps of every optimizer are those of torch", ten_steps_of_every_optimizer_are_those_of_torch},
		{"optimizers agree with the reference", optimizers_agree_with_the_reference},
		{"optimizers do not depend on the threads to the bit", optimizers_do_not_depend_on_the_threads_to_the_bit},
		{"a tensor without any gradient keeps its values", a_tensor_without_any_gradient_keeps_its_values},
		{"losses and their gradients are those of torch", losses_and_their_gradients_are_those_of_torch},
		{"the loss of independent labels is that of torch", the_loss_of_independent_labels_is_that_of_torch},
		{"the loss of independent labels bears logits of any size",
		 the_loss_of_independent_labels_bears_logits_of_any_size},
		{"noise is uniform and a function of its counters", noise_is_uniform_and_a_function_of_its_counters},
	};

	return ops_run("ops_training", tests, sizeof tests / sizeof *tests);
}
