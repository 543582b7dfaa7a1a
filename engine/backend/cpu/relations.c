/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/backend/cpu/relations.h"

#include "engine/base/pool.h"

#include <math.h>

/* A head of a sequence, in the student or in the teacher. */
struct side {
	const float *a, *b; /* its first row */
	size_t stride, b_stride;
	int32_t size;
	double scale;       /* 1 / sqrt(size) */
};

struct task {
	float *loss, *da, *db, *work;
	const float *a, *b, *teacher_a, *teacher_b;
	const struct relation *how;
};

static float dot(const float *a, const float *b, int32_t size)
{
	float sums[8] = {0}, sum = 0;
	int32_t k = 0;

	for (; k + 8 <= size; k += 8)
		for (int lane = 0; lane < 8; lane++)
			sums[lane] += a[k + lane] * b[k + lane];
	for (; k < size; k++)
		sum += a[k] * b[k];
	for (int lane = 0; lane < 8; lane++)
		sum += sums[lane];
	return sum;
}

/* Scores of row i with all n rows. */
static void score_row(float *scores, const struct side *side, int32_t i, int32_t n)
{
	for (int32_t j = 0; j < n; j++)
		scores[j] = (float)((double)dot(side->a + (size_t)i * side->stride, side->b + (size_t)j * side->b_stride, side->size) *
		                    side->scale);
}

static double log_sum(const float *scores, int32_t n)
{
	float largest = -INFINITY;
	double sum = 0;

	for (int32_t j = 0; j < n; j++)
		largest = fmaxf(largest, scores[j]);
	for (int32_t j = 0; j < n; j++)
		sum += (double)expf(scores[j] - largest);
	return (double)largest + log(sum);
}

/* The divergence of a row; s becomes its gradient with respect to the student's scores. */
static double divide_row(float *s, const float *t, int32_t n)
{
	const double log_s = log_sum(s, n), log_t = log_sum(t, n);
	double sum = 0;

	for (int32_t j = 0; j < n; j++) {
		const double log_q = (double)s[j] - log_s, log_p = (double)t[j] - log_t;
		const double p = (double)expf((float)log_p);

		sum += p > 0 ? p * (log_p - log_q) : 0;
		s[j] = (float)((double)expf((float)log_q) - p);
	}
	return sum;
}

/* The same of the squares of the differences, divided by their number. */
static double square_row(float *s, const float *t, int32_t n)
{
	double sum = 0;

	for (int32_t j = 0; j < n; j++) {
		const double difference = (double)s[j] - (double)t[j];

		sum += difference * difference / n;
		s[j] = (float)(2 * difference / n);
	}
	return sum;
}

static void add_row(float *out, const float *x, float factor, int32_t size)
{
	for (int32_t k = 0; k < size; k++)
		out[k] += factor * x[k];
}

/* One head; its rows' losses together. work: room for two rows of scores. */
static double relate_head(const struct task *task, const struct side *student, const struct side *teacher, float *da, float *db,
                          float *work, int32_t n)
{
	const struct relation *how = task->how;
	const double gradient = (double)how->weight * (double)how->scale * student->scale / how->heads / n;
	float *s = work, *t = work + n;
	double sum = 0;

	for (int32_t i = 0; i < n; i++) {
		score_row(s, student, i, n);
		score_row(t, teacher, i, n);
		sum += (how->squares ? square_row : divide_row)(s, t, n);
		for (int32_t j = 0; j < n; j++) {
			const float factor = (float)((double)s[j] * gradient);

			add_row(da + (size_t)i * student->stride, student->b + (size_t)j * student->b_stride, factor, student->size);
			add_row(db + (size_t)j * student->b_stride, student->a + (size_t)i * student->stride, factor, student->size);
		}
	}
	return sum / how->heads / n;
}

static void relate_sequence(void *context, int index, int worker)
{
	const struct task *task = context;
	const struct relation *how = task->how;
	const int32_t first = how->tokens.starts[index], n = how->tokens.starts[index + 1] - first;
	const size_t start = (size_t)first * (size_t)how->stride, b_start = (size_t)first * (size_t)how->b_stride;
	const size_t teacher_start = (size_t)first * (size_t)how->teacher_stride;
	double sum = 0;

	(void)worker;
	for (int32_t head = 0; head < how->heads; head++) {
		const size_t column = (size_t)head * (size_t)how->size, at = teacher_start + (size_t)head * (size_t)how->teacher_size;
		const struct side student = {task->a + start + column, task->b + b_start + column, (size_t)how->stride,
		                             (size_t)how->b_stride, how->size, 1 / sqrt(how->size)};
		const struct side teacher = {task->teacher_a + at, task->teacher_b + at, (size_t)how->teacher_stride,
		                             (size_t)how->teacher_stride, how->teacher_size, 1 / sqrt(how->teacher_size)};

		sum += relate_head(task, &student, &teacher, task->da + start + column, task->db + b_start + column,
		                   task->work + RELATION_WORK * (size_t)first, n);
	}
	task->loss[index] += (float)((double)how->weight * sum);
}

void cpu_relate(struct backend *b, float *loss, float *da, float *db, float *work, const float *a, const float *other,
                const float *teacher_a, const float *teacher_b, const struct relation *how)
{
	struct task task = {loss, da, db, work, a, other, teacher_a, teacher_b, how};

	pool_run(b->pool, how->tokens.sequences, relate_sequence, &task);
}

void cpu_imitate(struct backend *b, float *loss, float *dx, const float *x, const float *teacher, const struct packing *tokens,
                 int32_t columns, const struct imitation_loss *how)
{
	(void)b;
	for (int32_t s = 0; s < tokens->sequences; s++) {
		const size_t first = (size_t)tokens->starts[s] * (size_t)columns, end = (size_t)tokens->starts[s + 1] * (size_t)columns;
		const double count = (double)(end - first), gradient = 2 * (double)how->weight * (double)how->scale / count;
		double sum = 0;

		for (size_t i = first; i < end; i++) {
			const double difference = (double)x[i] - (double)teacher[i];

			sum += difference * difference;
			dx[i] += (float)(difference * gradient);
		}
		loss[s] += (float)((double)how->weight * sum / count);
	}
}
