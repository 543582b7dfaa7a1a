/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A task owns some columns of a group and goes through its rows once, so that the inner loops are over what lies side by
 * side. The sums are those of the reference to the bit. */
#include "engine/backend/cpu/pooling.h"

#include <math.h>

#define COLUMNS 64 /* in a task */

struct pooled {
	float *out;        /* forward [groups][columns], backward [rows][columns] */
	const float *x;    /* [rows][columns] */
	const float *dout; /* [groups][columns]; NULL forward */
	const struct packing *groups;
	size_t columns, blocks; /* blocks of columns */
	enum pooling pooling;
};

/* What a task works on. */
struct part {
	size_t group, first, end; /* rows first .. end-1 */
	size_t column, count;
};

static struct part part_of(const struct pooled *p, int index)
{
	struct part part = {.group = (size_t)index / p->blocks, .column = (size_t)index % p->blocks * COLUMNS};

	part.first = (size_t)p->groups->starts[part.group];
	part.end = (size_t)p->groups->starts[part.group + 1];
	part.count = p->columns - part.column < COLUMNS ? p->columns - part.column : COLUMNS;
	return part;
}

static void mean(const struct pooled *p, const struct part *part, float *out)
{
	double sum[COLUMNS] = {0};

	for (size_t t = part->first; t < part->end; t++)
		for (size_t c = 0; c < part->count; c++)
			sum[c] += (double)p->x[t * p->columns + part->column + c];
	for (size_t c = 0; c < part->count; c++)
		out[c] = (float)(sum[c] / (double)(part->end - part->first));
}

/* best[c] becomes the row of the first maximum, or the first that is no number. */
static void find_highest(const struct pooled *p, const struct part *part, size_t best[COLUMNS])
{
	const float *x = p->x + part->column;

	for (size_t c = 0; c < part->count; c++)
		best[c] = part->first;
	for (size_t t = part->first + 1; t < part->end; t++)
		for (size_t c = 0; c < part->count; c++) {
			float value = x[t * p->columns + c], highest = x[best[c] * p->columns + c];

			if (value > highest || (isnan(value) && !isnan(highest)))
				best[c] = t;
		}
}

static void forward_task(void *context, int index, int worker)
{
	const struct pooled *p = context;
	const struct part part = part_of(p, index);
	float *out = p->out + part.group * p->columns + part.column;
	size_t best[COLUMNS];

	(void)worker;
	if (p->pooling == POOLING_MEAN) {
		mean(p, &part, out);
		return;
	}
	find_highest(p, &part, best);
	for (size_t c = 0; c < part.count; c++)
		out[c] = p->x[best[c] * p->columns + part.column + c];
}

static void backward_task(void *context, int index, int worker)
{
	const struct pooled *p = context;
	const struct part part = part_of(p, index);
	const float *dout = p->dout + part.group * p->columns + part.column;
	const float rows = (float)(part.end - part.first);
	size_t best[COLUMNS];

	(void)worker;
	if (p->pooling == POOLING_MAX)
		find_highest(p, &part, best);
	for (size_t t = part.first; t < part.end; t++)
		for (size_t c = 0; c < part.count; c++)
			p->out[t * p->columns + part.column + c] = p->pooling == POOLING_MEAN ? dout[c] / rows
			                                           : t == best[c] ? dout[c] : 0;
}

static void run(struct backend *b, struct pooled *p, int32_t columns, void (*task)(void *, int, int))
{
	p->columns = (size_t)columns;
	p->blocks = (p->columns + COLUMNS - 1) / COLUMNS;
	pool_run(b->pool, (int)((size_t)p->groups->sequences * p->blocks), task, p);
}

void cpu_pooling_forward(struct backend *b, float *out, const float *x, const struct packing *groups, int32_t columns,
                         enum pooling pooling)
{
	struct pooled p = {.out = out, .x = x, .groups = groups, .pooling = pooling};

	run(b, &p, columns, forward_task);
}

void cpu_pooling_backward(struct backend *b, float *dx, const float *dout, const float *x, const struct packing *groups,
                          int32_t columns, enum pooling pooling)
{
	struct pooled p = {.out = dx, .x = x, .dout = dout, .groups = groups, .pooling = pooling};

	run(b, &p, columns, backward_task);
}
