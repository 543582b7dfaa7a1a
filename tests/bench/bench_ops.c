/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How fast the numeric operations are, beside what this machine could do: the peak of fused multiply-adds, measured
 * first, and OpenBLAS at the same shapes. Best of several runs, so that a neighbour's load counts little.
 *
 *   bench_ops [THREADS [nf4]]   else one for each processor; nf4: weights in four bits instead, on one thread; REVUE_CPU chooses the path
 *                               as always */
#include "engine/backend/cpu/paths.h"
#include "engine/base/four_bits.h"
#include "engine/clock.h"
#include "engine/system.h"
#include "tests/bench/ceiling.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define TOKENS 2048
#define SECONDS 0.1 /* for a measurement, at most, after its first run */

struct bench {
	struct backend *b, *openblas;
	int threads;
	double peak; /* GFLOP/s of all threads */
};

static struct backend *open_path(int threads)
{
	const struct backend_needs needs = {
		.rows = TOKENS, .features = 3072, .longest = 512, .head_size = 64, .types = MATRIX_BIT(MATRIX_F32) | MATRIX_BIT(MATRIX_NF4), .training = true,
	};
	struct error error = {0};
	struct backend *b = backend_cpu_open(threads, &error);

	if (!b || !b->ops->reserve(b, &needs, &error)) {
		fprintf(stderr, "bench_ops: %s\n", error.text);
		exit(1);
	}
	return b;
}

/* ---- measuring */

static float *floats(struct backend *b, size_t count)
{
	float *x = b->ops->alloc(b, count * sizeof *x);

	if (!x) {
		fputs("bench_ops: out of memory\n", stderr);
		exit(1);
	}
	for (size_t i = 0; i < count; i++)
		x[i] = (float)((int)(i * 2654435761u >> 20 & 1023) - 512) * 0.002f;
	return x;
}

/* What one measurement works on. */
struct job {
	struct backend *b;
	struct matrix w;
	float *x, *y, *dy, *dw, *bias, *m, *v, *lse;
	const struct attention *attention;
	const struct stack *stack;
	int32_t rows, columns;
};

static double seconds_of(void (*run)(const struct job *job), const struct job *job)
{
	double best = 1e9, end;

	run(job);
	end = clock_seconds() + SECONDS;
	for (int i = 0; i < 200 && (i < 3 || clock_seconds() < end); i++) {
		double start = clock_seconds();

		run(job);
		best = fmin(best, clock_seconds() - start);
	}
	return best;
}

/* ---- products */

static void run_forward(const struct job *j)
{
	j->b->ops->linear_forward(j->b, j->y, NULL, j->x, &j->w, j->bias, j->rows, ACTIVATION_NONE);
}

static void run_backward_input(const struct job *j)
{
	j->b->ops->linear_backward_input(j->b, j->x, j->dy, &j->w, j->rows, false);
}

static void run_backward_weight(const struct job *j)
{
	j->b->ops->linear_backward_weight(j->b, j->dw, j->bias, j->dy, j->x, j->rows, j->w.rows, j->w.columns);
}

static void print_rate(const struct bench *bench, double work, double seconds)
{
	double rate = work / seconds * 1e-9;

	printf(" %7.1f %3.0f%%", rate, 100 * rate / bench->peak);
}

static void bench_product(const struct bench *bench, struct backend *b, int32_t in, int32_t out, int32_t rows)
{
	const size_t weights = (size_t)in * (size_t)out;
	struct job j = {
		.b = b, .w = {floats(b, weights), out, in, NULL, MATRIX_F32, 1}, .rows = rows,
		.x = floats(b, (size_t)rows * (size_t)in), .y = floats(b, (size_t)rows * (size_t)out),
		.dy = floats(b, (size_t)rows * (size_t)out), .dw = floats(b, weights), .bias = floats(b, (size_t)out),
	};
	double work = 2.0 * rows * in * out;
	float *memory[] = {j.w.data, j.x, j.y, j.dy, j.dw, j.bias};

	printf("%5d -> %-5d %5d  %-9s", in, out, rows, b->ops->name);
	print_rate(bench, work, seconds_of(run_forward, &j));
	if (b->ops->pack(b, &j.w) && j.w.packed)
		print_rate(bench, work, seconds_of(run_forward, &j));
	else
		printf(" %7s     ", "-");
	b->ops->unpack(b, &j.w);
	print_rate(bench, work, seconds_of(run_backward_input, &j));
	print_rate(bench, work, seconds_of(run_backward_weight, &j));
	putchar('\n');
	for (size_t i = 0; i < sizeof memory / sizeof *memory; i++)
		b->ops->release(b, memory[i]);
}

static void bench_products(const struct bench *bench)
{
	static const int32_t shapes[][2] = {
		{128, 128}, {128, 512}, {312, 312}, {312, 1200}, {384, 384}, {384, 1536}, {1536, 384}, {768, 768}, {768, 3072},
		{3072, 768},
	};
	static const int32_t rows[] = {16, 128, TOKENS};

	puts("linear layers, GFLOP/s and share of the peak");
	puts("   in -> out    rows  path           forward  forward packed    dX           dW");
	for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++)
		for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
			if (strcmp(bench->b->ops->name, "openblas") != 0)
				bench_product(bench, bench->openblas, shapes[s][0], shapes[s][1], rows[r]);
			bench_product(bench, bench->b, shapes[s][0], shapes[s][1], rows[r]);
		}
	putchar('\n');
}

/* ---- weights in four bits beside floats */

static struct matrix four_bits(struct backend *b, const float *values, int32_t out, int32_t in)
{
	size_t count = (size_t)out * (size_t)in;
	uint8_t *data = (uint8_t *)floats(b, four_bits_size(count) / sizeof(float));

	four_bits_quantise(FOUR_BITS_NF4, values, count, data, (float *)(void *)(data + four_bits_scales_at(count)));
	return (struct matrix){data, out, in, NULL, MATRIX_NF4, 1};
}

/* Processor time, which whoever else uses the machine cannot take away. */
static double processor_seconds(void (*run)(const struct job *job), const struct job *job)
{
	struct timespec start, end;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &start);
	run(job);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
	return (double)(end.tv_sec - start.tv_sec) + (double)(end.tv_nsec - start.tv_nsec) * 1e-9;
}

/* Of the two in turns, so that both see the same load: how many times longer the second takes, the best of each. */
static double ratio_of(void (*run)(const struct job *job), const struct job *before, const struct job *after)
{
	double first = 1e9, second = 1e9, spent = 0;

	for (int i = 0; i < 300 && (i < 4 || spent < 0.4); i++) {
		double one = processor_seconds(run, before), other = processor_seconds(run, after);

		spent += one + other;
		first = fmin(first, one);
		second = fmin(second, other);
	}
	return second / first;
}

#define MODEL_BYTES ((size_t)32 << 20)

/* As a model has them: matrix after matrix, together more than fits in a cache. All are the same here. */
struct stack {
	struct backend *b;
	struct matrix *matrices;
	size_t count;
};

static struct stack stack_of(struct backend *b, const struct matrix *w, size_t bytes, size_t count)
{
	struct stack s = {b, calloc(count, sizeof *s.matrices), count};

	for (size_t i = 0; s.matrices && i < count; i++) {
		s.matrices[i] = *w;
		s.matrices[i].data = floats(b, bytes / sizeof(float));
		s.matrices[i].packed = NULL;
		memcpy(s.matrices[i].data, w->data, bytes);
		b->ops->pack(b, &s.matrices[i]);
	}
	return s;
}

static void stack_free(struct stack *s)
{
	for (size_t i = 0; s->matrices && i < s->count; i++) {
		s->b->ops->unpack(s->b, &s->matrices[i]);
		s->b->ops->release(s->b, s->matrices[i].data);
	}
	free(s->matrices);
}

static void run_stack(const struct job *j)
{
	for (size_t i = 0; i < j->stack->count; i++)
		j->b->ops->linear_forward(j->b, j->y, NULL, j->x, &j->stack->matrices[i], j->bias, j->rows, ACTIVATION_NONE);
}

static void bench_four_bits_stack(const struct job *f32, const struct job *nf4)
{
	size_t weights = (size_t)f32->w.rows * (size_t)f32->w.columns, count = MODEL_BYTES / (weights * sizeof(float)) + 1;
	struct stack one = stack_of(f32->b, &f32->w, weights * sizeof(float), count);
	struct stack other = stack_of(f32->b, &nf4->w, four_bits_size(weights), count);
	struct job before = *f32, after = *nf4;

	before.stack = &one;
	after.stack = &other;
	if (one.matrices && other.matrices)
		printf("  %8.2f", ratio_of(run_stack, &before, &after));
	stack_free(&one);
	stack_free(&other);
}

static void bench_four_bits_shape(struct backend *b, int32_t in, int32_t out, int32_t rows)
{
	const size_t weights = (size_t)in * (size_t)out;
	struct job f32 = {
		.b = b, .w = {floats(b, weights), out, in, NULL, MATRIX_F32, 1}, .rows = rows,
		.x = floats(b, (size_t)rows * (size_t)in), .y = floats(b, (size_t)rows * (size_t)out),
		.dy = floats(b, (size_t)rows * (size_t)out), .bias = floats(b, (size_t)out),
	}, nf4 = f32;
	float *memory[] = {f32.w.data, f32.x, f32.y, f32.dy, f32.bias};

	nf4.w = four_bits(b, f32.w.data, out, in);
	printf("%5d -> %-5d %5d  %8.2f", in, out, rows, ratio_of(run_forward, &f32, &nf4));
	b->ops->pack(b, &f32.w);
	b->ops->pack(b, &nf4.w);
	printf("  %8.2f", ratio_of(run_forward, &f32, &nf4));
	b->ops->unpack(b, &f32.w);
	b->ops->unpack(b, &nf4.w);
	if (rows < TOKENS)
		bench_four_bits_stack(&f32, &nf4);
	else
		printf("  %8s", "-");
	printf("  %8.2f\n", ratio_of(run_backward_input, &f32, &nf4));
	fflush(stdout);
	for (size_t i = 0; i < sizeof memory / sizeof *memory; i++)
		b->ops->release(b, memory[i]);
	b->ops->release(b, nf4.w.data);
}

static void bench_four_bits(void)
{
	struct backend *b = open_path(1);
	static const int32_t shapes[][2] = {{312, 312}, {1200, 312}, {384, 384}, {384, 1536}, {1536, 384}, {768, 768}, {768, 3072}};
	static const int32_t rows[] = {1, 6, 16, 32, 64, TOKENS};

	puts("nf4, processor time of f32 = 1, one thread");
	puts("   in -> out    rows   forward    packed  in a model      dX");
	for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++)
		for (size_t r = 0; r < sizeof rows / sizeof *rows; r++)
			bench_four_bits_shape(b, shapes[s][0], shapes[s][1], rows[r]);
	putchar('\n');
	b->ops->close(b);
}

/* ---- attention */

static void run_attention_forward(const struct job *j)
{
	j->b->ops->attention_forward(j->b, j->y, j->lse, j->x, j->m, j->v, j->attention);
}

static void run_attention_backward(const struct job *j)
{
	j->b->ops->attention_backward(j->b, j->dw, j->dw + j->rows * j->columns, j->dw + 2 * j->rows * j->columns, j->dy, j->y,
	                              j->lse, j->x, j->m, j->v, j->attention);
}

/* Sequences of one length that make about TOKENS tokens. */
static void bench_attention(const struct bench *bench, int32_t length, int32_t heads, int32_t size, float p)
{
	struct backend *b = bench->b;
	int32_t sequences = TOKENS / length, starts[TOKENS + 1], width = heads * size;
	const struct attention a = {
		.queries = {starts, sequences}, .keys = {starts, sequences}, .heads = heads, .head_size = size, .q_stride = width,
		.kv_stride = width, .out_stride = width, .scale = 1 / sqrtf((float)size), .dropout = {.p = p, .seed = 1},
	};
	const size_t count = (size_t)(TOKENS * width);
	struct job j = {
		.b = b, .x = floats(b, count), .m = floats(b, count), .v = floats(b, count), .y = floats(b, count),
		.dy = floats(b, count), .dw = floats(b, 3 * count), .lse = floats(b, (size_t)(heads * TOKENS)), .attention = &a,
		.rows = sequences * length, .columns = width,
	};
	double work = 4.0 * sequences * heads * length * length * size;
	float *memory[] = {j.x, j.m, j.v, j.y, j.dy, j.dw, j.lse};

	for (int32_t s = 0; s <= sequences; s++)
		starts[s] = s * length;
	printf("%8d %5d x %-3d  %.1f ", length, heads, size, (double)p);
	print_rate(bench, work, seconds_of(run_attention_forward, &j));
	print_rate(bench, 2.5 * work, seconds_of(run_attention_backward, &j));
	putchar('\n');
	for (size_t i = 0; i < sizeof memory / sizeof *memory; i++)
		b->ops->release(b, memory[i]);
}

static void bench_attentions(const struct bench *bench)
{
	static const int32_t lengths[] = {16, 64, 256, 512};

	puts("attention, GFLOP/s of its products and share of the peak");
	puts("  length  heads x size  dropout   forward       backward");
	for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
		bench_attention(bench, lengths[i], 12, 32, 0);
		bench_attention(bench, lengths[i], 12, 32, 0.1f);
		bench_attention(bench, lengths[i], 12, 26, 0);
		bench_attention(bench, lengths[i], 12, 64, 0);
	}
	putchar('\n');
}

/* ---- the rest */

static void run_gelu(const struct job *j)
{
	j->b->ops->activation_forward(j->b, j->y, j->x, (size_t)j->rows * (size_t)j->columns, ACTIVATION_GELU);
}

static void run_gelu_backward(const struct job *j)
{
	j->b->ops->activation_backward(j->b, j->y, j->x, (size_t)j->rows * (size_t)j->columns, ACTIVATION_GELU);
}

static void run_norm(const struct job *j)
{
	j->b->ops->norm_forward(j->b, j->y, j->v, j->lse, j->lse + j->rows, j->x, j->dy, j->bias, j->bias, j->rows, j->columns,
	                        1e-12f, (struct dropout){0});
}

static void run_norm_backward(const struct job *j)
{
	j->b->ops->norm_backward(j->b, j->y, j->m, j->bias, j->bias + j->columns, j->dy, j->v, j->lse, j->lse + j->rows, j->bias,
	                         j->rows, j->columns, (struct dropout){0});
}

static void run_dropout(const struct job *j)
{
	j->b->ops->dropout(j->b, j->y, (size_t)j->rows * (size_t)j->columns, (struct dropout){.p = 0.1f, .seed = 1});
}

/* One review of as many windows: more than there ever are. */
static void run_pooling(const struct job *j)
{
	const struct packing groups = {(const int32_t[]){0, j->rows}, 1};

	j->b->ops->pooling_forward(j->b, j->y, j->x, &groups, j->columns, POOLING_MEAN);
}

static void run_pooling_backward(const struct job *j)
{
	const struct packing groups = {(const int32_t[]){0, j->rows}, 1};

	j->b->ops->pooling_backward(j->b, j->y, j->dy, j->x, &groups, j->columns, POOLING_MAX);
}

static void run_clip(const struct job *j)
{
	const struct segment all = {.gradient = j->x, .count = (size_t)j->rows * (size_t)j->columns};

	j->b->ops->clip(j->b, (struct clipping *)(void *)j->lse, &all, 1, 1);
}

static void run_adamw(const struct job *j)
{
	const struct adamw step = {5e-5, 0.9, 0.999, 1e-8, 0.01, 0.1, 0.001, NULL};
	const struct segment all = {j->y, j->m, j->v, j->x, (size_t)j->rows * (size_t)j->columns, true, 1,
	                            j->rows, j->columns};

	j->b->ops->adamw(j->b, &all, 1, &step);
}

static void run_sgd(const struct job *j)
{
	const struct sgd step = {5e-5, 0.9, 0, 0.01, false, false, NULL};
	const struct segment all = {j->y, j->m, j->v, j->x, (size_t)j->rows * (size_t)j->columns, true, 1, j->rows, j->columns};

	j->b->ops->sgd(j->b, &all, 1, &step);
}

static void run_lion(const struct job *j)
{
	const struct lion step = {5e-5, 0.9, 0.99, 0.01, NULL};
	const struct segment all = {j->y, j->m, j->v, j->x, (size_t)j->rows * (size_t)j->columns, true, 1, j->rows, j->columns};

	j->b->ops->lion(j->b, &all, 1, &step);
}

static void run_adafactor(const struct job *j)
{
	const struct adafactor step = {5e-5, 0.9, 0.01, NULL};
	const struct segment all = {j->y, j->m, j->v, j->x, (size_t)j->rows * (size_t)j->columns, true, 1, j->rows, j->columns};

	j->b->ops->adafactor(j->b, &all, 1, &step);
}

static void run_noise(const struct job *j)
{
	j->b->ops->noise(j->b, j->y, (size_t)j->rows * (size_t)j->columns, (struct noise){0.01f, 1, 2, 3});
}

static void run_zero(const struct job *j)
{
	j->b->ops->zero(j->b, j->y, (size_t)j->rows * (size_t)j->columns * sizeof(float));
}

static void bench_flat(const struct bench *bench, int32_t rows, int32_t columns)
{
	static const struct {
		const char *name;
		void (*run)(const struct job *job);
	} runs[] = {
		{"GELU", run_gelu}, {"GELU backward", run_gelu_backward}, {"norm", run_norm}, {"norm backward", run_norm_backward},
		{"dropout", run_dropout}, {"pooling", run_pooling}, {"pooling backward", run_pooling_backward},
		{"clipping", run_clip}, {"AdamW", run_adamw},
		{"SGD", run_sgd}, {"Lion", run_lion}, {"Adafactor", run_adafactor}, {"noise", run_noise}, {"zero", run_zero},
	};
	struct backend *b = bench->b;
	const size_t count = (size_t)rows * (size_t)columns;
	struct job j = {
		.b = b, .x = floats(b, count), .y = floats(b, count), .m = floats(b, count), .v = floats(b, count),
		.dy = floats(b, count), .bias = floats(b, 2 * (size_t)columns), .lse = floats(b, 2 * (size_t)rows), .rows = rows,
		.columns = columns,
	};
	float *memory[] = {j.x, j.y, j.m, j.v, j.dy, j.bias, j.lse};

	for (size_t i = 0; i < count; i++)
		j.v[i] *= j.v[i];
	printf("%d x %d, ns for an element\n", rows, columns);
	for (size_t i = 0; i < sizeof runs / sizeof *runs; i++)
		printf("  %-16s %6.3f\n", runs[i].name, seconds_of(runs[i].run, &j) / (double)count * 1e9);
	for (size_t i = 0; i < sizeof memory / sizeof *memory; i++)
		b->ops->release(b, memory[i]);
}

int main(int argc, char **argv)
{
	struct bench bench = {.threads = argc > 1 ? (int)strtol(argv[1], NULL, 10) : system_processors()};

	bool alone = argc > 2 && strcmp(argv[2], "nf4") == 0;

	if (bench.threads < 1 || bench.threads > 1024) {
		fputs("usage: bench_ops [THREADS [nf4]]\n", stderr);
		return 2;
	}
	if (alone) {
		bench_four_bits();
		return 0;
	}
	bench.b = open_path(bench.threads);
	setenv("REVUE_CPU", "openblas", 1);
	bench.openblas = open_path(bench.threads);
	bench.peak = ceiling_peak(bench.threads);
	printf("peak of f32 multiply-adds, threads %d: %.1f GFLOP/s\n\n", bench.threads, bench.peak);
	bench_products(&bench);
	bench_attentions(&bench);
	bench_flat(&bench, TOKENS, 384);
	bench_flat(&bench, 30522, 384);
	bench.b->ops->close(bench.b);
	bench.openblas->ops->close(bench.openblas);
	return 0;
}
