/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Steps, and what stays on the device in them: what is put off is what would have been done, to the bit, in the tenth step of a
 * shape as in the first; what is fetched is there when the step is settled, and not overtaken by later steps; clipping. */
#include "tests/unit/ops.h"

/* ---- a pass of one layer over batches of one shape */

enum { ROWS = 96, SEQUENCES = 3, HEADS = 2, SIZE = 16, HIDDEN = HEADS * SIZE, WORDS = 29, LABELS = 3, BATCHES = 12 };

struct pass {
	float *word, *position, *x, *projected, *context, *lse, *sum, *mean, *rstd, *out, *first, *logits, *losses;
	float *dlogits, *dfirst, *dx, *dprojected, *dcontext, *dweight, *dbias, *dgamma, *dword, *dposition, *gamma, *bias;
	struct matrix w, head;
};

/* Everything is zero but the weights: a pass adds to the gradients. */
static struct pass take_pass(void)
{
	return (struct pass){
		.word = ops_random(WORDS * HIDDEN, 1, 1), .position = ops_random(ROWS * HIDDEN, 1, 2), .x = ops_zeros(ROWS * HIDDEN),
		.projected = ops_zeros(3 * ROWS * HIDDEN), .context = ops_zeros(ROWS * HIDDEN), .lse = ops_zeros(HEADS * ROWS),
		.sum = ops_zeros(ROWS * HIDDEN), .mean = ops_zeros(ROWS), .rstd = ops_zeros(ROWS), .out = ops_zeros(ROWS * HIDDEN),
		.first = ops_zeros(SEQUENCES * HIDDEN), .logits = ops_zeros(SEQUENCES * LABELS), .losses = ops_zeros(SEQUENCES),
		.dlogits = ops_zeros(SEQUENCES * LABELS), .dfirst = ops_zeros(SEQUENCES * HIDDEN), .dx = ops_zeros(ROWS * HIDDEN),
		.dprojected = ops_zeros(3 * ROWS * HIDDEN), .dcontext = ops_zeros(ROWS * HIDDEN),
		.dweight = ops_zeros(3 * HIDDEN * HIDDEN), .dbias = ops_zeros(3 * HIDDEN), .dgamma = ops_zeros(2 * HIDDEN),
		.dword = ops_zeros(WORDS * HIDDEN), .dposition = ops_zeros(ROWS * HIDDEN), .gamma = ops_random(2 * HIDDEN, 1, 3),
		.bias = ops_random(3 * HIDDEN, 1, 4),
		.w = {ops_random(3 * HIDDEN * HIDDEN, 0.3f, 5), 3 * HIDDEN, HIDDEN, NULL, MATRIX_F32, 1},
		.head = {ops_random(LABELS * HIDDEN, 0.3f, 6), LABELS, HIDDEN, NULL, MATRIX_F32, 1},
	};
}

struct rows {
	int32_t starts[SEQUENCES + 1], ids[ROWS], positions[ROWS], labels[SEQUENCES];
};

/* Batches that have nothing in common but their number of rows and sequences. */
static struct rows draw_rows(uint32_t number)
{
	const int32_t cut = 1 + (int32_t)(number * 29 % 40);
	struct rows rows = {.starts = {0, cut, cut + 40 - (int32_t)number, ROWS}};

	for (int32_t s = 0; s < SEQUENCES; s++) {
		rows.labels[s] = (s + (int32_t)number) % LABELS;
		for (int32_t t = rows.starts[s]; t < rows.starts[s + 1]; t++) {
			rows.ids[t] = (t * t + (int32_t)number * 7) % (3 + (int32_t)number * 2);
			rows.positions[t] = t - rows.starts[s];
		}
	}
	return rows;
}

static void forward(struct backend *b, struct pass *p, const struct rows *rows, const struct attention *a, struct dropout dropout)
{
	b->ops->embedding_forward(b, p->x, p->word, p->position, NULL, rows->ids, rows->positions, ROWS, HIDDEN);
	b->ops->dropout(b, p->x, ROWS * HIDDEN, dropout);
	b->ops->noise(b, p->x, ROWS * HIDDEN, (struct noise){0.1f, dropout.seed, dropout.step, 5});
	b->ops->linear_forward(b, p->projected, NULL, p->x, &p->w, p->bias, ROWS, ACTIVATION_NONE);
	b->ops->attention_forward(b, p->context, p->lse, p->projected, p->projected + HIDDEN, p->projected + 2 * HIDDEN, a);
	b->ops->norm_forward(b, p->out, p->sum, p->mean, p->rstd, p->context, p->x, p->gamma, p->gamma + HIDDEN, ROWS, HIDDEN, 1e-5f,
	                     dropout);
	b->ops->gather_rows(b, p->first, p->out, rows->starts, SEQUENCES, HIDDEN);
	b->ops->linear_forward(b, p->logits, NULL, p->first, &p->head, p->bias, SEQUENCES, ACTIVATION_NONE);
	b->ops->cross_entropy(b, p->losses, p->dlogits, p->logits, rows->labels, SEQUENCES, LABELS, &(struct loss){.scale = 0.5f});
}

static void backward(struct backend *b, struct pass *p, const struct rows *rows, const struct attention *a,
                     struct dropout dropout)
{
	b->ops->linear_backward_input(b, p->dfirst, p->dlogits, &p->head, SEQUENCES, false);
	b->ops->zero(b, p->dcontext, ROWS * HIDDEN * sizeof(float));
	b->ops->scatter_rows_add(b, p->dcontext, p->dfirst, rows->starts, SEQUENCES, HIDDEN);
	b->ops->norm_backward(b, p->dcontext, p->dx, p->dgamma, p->dgamma + HIDDEN, p->dcontext, p->sum, p->mean, p->rstd, p->gamma,
	                      ROWS, HIDDEN, dropout);
	b->ops->attention_backward(b, p->dprojected, p->dprojected + HIDDEN, p->dprojected + 2 * HIDDEN, p->dcontext, p->context,
	                           p->lse, p->projected, p->projected + HIDDEN, p->projected + 2 * HIDDEN, a);
	b->ops->linear_backward_weight(b, p->dweight, p->dbias, p->dprojected, p->x, ROWS, 3 * HIDDEN, HIDDEN);
	b->ops->linear_backward_input(b, p->dx, p->dprojected, &p->w, ROWS, true);
	b->ops->embedding_backward(b, p->dword, p->dposition, NULL, p->dx, rows->ids, rows->positions, ROWS, HIDDEN);
}

static void run_pass(struct backend *b, struct pass *p, uint32_t number)
{
	const struct rows rows = draw_rows(number);
	const struct dropout dropout = {.p = 0.2f, .seed = 4, .step = number, .site = 3};
	const struct packing packing = {rows.starts, SEQUENCES};
	const struct attention a = {packing, packing, HEADS, SIZE, 3 * HIDDEN, 3 * HIDDEN, HIDDEN, 0.25f, dropout};

	forward(b, p, &rows, &a, dropout);
	backward(b, p, &rows, &a, dropout);
}

static void compare_gradients(const struct pass *got, const struct pass *want)
{
	ops_same("weights", got->dweight, want->dweight, 3 * HIDDEN * HIDDEN);
	ops_same("biases", got->dbias, want->dbias, 3 * HIDDEN);
	ops_same("norms", got->dgamma, want->dgamma, 2 * HIDDEN);
	ops_same("words", got->dword, want->dword, WORDS * HIDDEN);
	ops_same("positions", got->dposition, want->dposition, ROWS * HIDDEN);
}

static struct backend *open_for_training(const char *path)
{
	struct backend *b = ops_open(path, 2);
	struct error error = {0};

	if (!b->ops->reserve(b, &(struct backend_needs){.rows = ROWS, .features = 3 * HIDDEN, .longest = ROWS, .head_size = SIZE,
	                                                .types = MATRIX_BIT(MATRIX_F32), .training = true}, &error))
		fail_msg("%s", error.text);
	return b;
}

static bool makes_graphs(const char *path)
{
	const char *word = getenv("REVUE_CUDA_GRAPHS");

	return strcmp(path, "cuda") == 0 && !(word && strcmp(word, "no") == 0);
}

/* Only `losses` may be fetched late: the next pass begins at once. */
static void steps_of_a_shape_compute_what_their_operations_do(const char *path)
{
	struct backend *b = open_for_training(path);
	struct pass got = take_pass(), want = take_pass();
	float losses[BATCHES][SEQUENCES], wanted[SEQUENCES];
	uint64_t steps[BATCHES];

	for (uint32_t i = 0; i < BATCHES; i++) {
		b->ops->step_begin(b, i);
		run_pass(b, &got, i);
		b->ops->fetch(b, losses[i], got.losses, sizeof losses[i]);
		steps[i] = b->ops->step_end(b);
		if (i >= 2)
			assert_true(b->ops->settle(b, steps[i - 2]));
	}
	assert_true(b->ops->settle(b, steps[BATCHES - 1]));
	b->ops->sync(b);
	assert_true(makes_graphs(path) == (b->replays > 0));
	for (uint32_t i = 0; i < BATCHES; i++) {
		run_pass(b, &want, i);
		b->ops->download(b, wanted, want.losses, sizeof wanted);
		assert_memory_equal(losses[i], wanted, sizeof wanted);
	}
	compare_gradients(&got, &want);
	b->ops->close(b);
}

/* The host waits for something in the middle: it gets it, and the step goes on. */
static void a_step_may_be_waited_for_in_its_midst(const char *path)
{
	struct backend *b = open_for_training(path);
	struct pass got = take_pass(), want = take_pass();

	for (uint32_t i = 0; i < 3; i++) {
		float early[SEQUENCES], late[SEQUENCES];
		const float one = 1.5f;
		uint64_t step;

		b->ops->step_begin(b, 7); /* not the counter of all that is in it */
		run_pass(b, &got, i);
		b->ops->download(b, early, got.losses, sizeof early);
		b->ops->upload(b, got.losses, &one, sizeof one);
		run_pass(b, &got, i + 7);
		b->ops->fetch(b, late, got.losses, sizeof late);
		step = b->ops->step_end(b);
		assert_true(b->ops->settle(b, step));
		run_pass(b, &want, i);
		b->ops->sync(b);
		assert_memory_equal(early, want.losses, sizeof early);
		run_pass(b, &want, i + 7);
		b->ops->sync(b);
		assert_memory_equal(late, want.losses, sizeof late);
	}
	compare_gradients(&got, &want);
	b->ops->close(b);
}

static void fetches_are_of_their_own_time(const char *path)
{
	enum { COUNT = 20, STEPS = 9 };
	struct backend *b = open_for_training(path);
	float *x = ops_zeros(COUNT), *y = ops_zeros(COUNT), *one = ops_random(COUNT, 1, 1), found[STEPS][COUNT], twice[STEPS][COUNT];
	uint64_t steps[STEPS];

	for (int i = 0; i < STEPS; i++) {
		b->ops->step_begin(b, 0);
		b->ops->add(b, x, one, COUNT);
		b->ops->fetch(b, found[i], x, sizeof found[i]);
		b->ops->activation_forward(b, y, x, COUNT, ACTIVATION_NONE);
		b->ops->add(b, x, y, COUNT);
		for (int k = 0; k < 12; k++) /* more than may wait */
			b->ops->fetch(b, twice[i], x, sizeof twice[i]);
		steps[i] = b->ops->step_end(b);
	}
	assert_true(b->ops->settle(b, steps[STEPS - 1]));
	for (int i = 0; i < STEPS; i++) {
		assert_true(twice[i][0] == 2 * found[i][0] && found[i][0] == (i > 0 ? twice[i - 1][0] : 0) + one[0]);
		assert_true(twice[i][COUNT - 1] == 2 * found[i][COUNT - 1]);
	}
	b->ops->fetch(b, found[0], one, sizeof found[0]); /* outside of a step: at once */
	assert_memory_equal(found[0], one, sizeof found[0]);
	b->ops->close(b);
}

/* ---- clipping */

static void gradients_are_clipped_as_torch_does(const char *path)
{
	struct backend *b = ops_open(path, 2);
	const float values[] = {3, -4, 0, 12};
	const struct segment segments[] = {{.gradient = ops_copy(values, 2), .count = 2},
	                                   {.gradient = ops_copy(values + 2, 2), .count = 2}};
	const struct clipping free_ = ops_clip(b, segments, 2, 0), large = ops_clip(b, segments, 2, 100),
	                      small = ops_clip(b, segments, 2, 0.5);

	assert_true(free_.squares == 169 && free_.norm == 13 && free_.scale == 1 && free_.finite);
	assert_true(large.norm == 13 && large.scale == 1 && large.finite);
	assert_true(small.norm == 13 && small.scale == (float)(0.5 / (13 + 1e-6)) && small.finite);
	b->ops->close(b);
}

static void step_each(struct backend *b, const struct segment *s, const struct clipping *clipping)
{
	b->ops->adamw(b, s, 1, &(struct adamw){1e-3, 0.9, 0.999, 1e-8, 0.1, 0.1, 0.001, clipping});
	b->ops->sgd(b, s, 1, &(struct sgd){1e-3, 0.9, 0, 0.1, false, false, clipping});
	b->ops->lion(b, s, 1, &(struct lion){1e-3, 0.9, 0.99, 0.1, clipping});
	b->ops->adafactor(b, s, 1, &(struct adafactor){1e-3, 0.9, 0.1, clipping});
}

static void a_gradient_that_is_no_number_changes_nothing(const char *path)
{
	enum { N = 60 };
	static const float bad[] = {INFINITY, -INFINITY, NAN, 3e38f};
	struct backend *b = open_for_training(path);
	float *memory = ops_random(3 * N, 1, 1), *before = ops_copy(memory, 3 * N), *gradient = ops_random(N, 1, 2);
	struct clipping *clipping = (struct clipping *)(void *)ops_zeros(sizeof *clipping / sizeof(float));
	struct segment s = {memory, memory + N, memory + 2 * N, gradient, N, true, 1, 6, 10};

	for (size_t i = 0; i < 3 * N; i++)
		memory[i] = before[i] = fabsf(memory[i]);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		gradient[N - 1] = bad[i];
		b->ops->clip(b, clipping, &s, 1, 1);
		b->ops->sync(b);
		if (i < 3) {
			assert_false(clipping->finite);
			s.columns = i == 2 ? 0 : 10;
			step_each(b, &s, clipping);
			ops_same("weights and moments", memory, before, 3 * N);
		} else { /* its square is finite in double */
			assert_true(clipping->finite && clipping->norm > 2e38);
		}
	}
	gradient[N - 1] = 1;
	step_each(b, &s, NULL);
	b->ops->sync(b);
	assert_true(memory[0] != before[0] && memory[N] != before[N]);
	b->ops->close(b);
}

int main(void)
{
	static const struct ops_test tests[] = {
		{"steps of a shape compute what their operations do", steps_of_a_shape_compute_what_their_operations_do},
		{"a step may be waited for in its midst", a_step_may_be_waited_for_in_its_midst},
		{"fetches are of their own time", fetches_are_of_their_own_time},
		{"gradients are clipped as torch does", gradients_are_clipped_as_torch_does},
		{"a gradient that is no number changes nothing", a_gradient_that_is_no_number_changes_nothing},
	};

	return ops_run("ops_steps", tests, sizeof tests / sizeof *tests);
}
