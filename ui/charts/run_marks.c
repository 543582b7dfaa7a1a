/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/charts/run_marks.h"

#include <math.h>
#include <stdlib.h>

static const struct {
	char letter;
	const char *name;
} kinds[RUN_MARK_KINDS] = {
	[RUN_MARK_EPOCH] = {'e', "epoch"},
	[RUN_MARK_CHECKPOINT] = {'c', "checkpoint"},
	[RUN_MARK_RATE] = {'l', "the learning rate jumps"},
	[RUN_MARK_STEERED] = {'h', "changed by hand"},
	[RUN_MARK_RESUME] = {'r', "resumed"},
	[RUN_MARK_EARLY] = {'s', "stopped early"},
	[RUN_MARK_BAD] = {'!', "no number"},
};

char run_mark_letter(enum run_mark_kind kind)
{
	return kinds[kind].letter;
}

const char *run_mark_name(enum run_mark_kind kind)
{
	return kinds[kind].name;
}

static void add(struct run_marks *marks, uint64_t step, enum run_mark_kind kind)
{
	if (marks->count == marks->capacity) {
		const size_t more = marks->capacity ? marks->capacity * 2 : 64;
		struct run_mark *bigger = more > SIZE_MAX / sizeof *bigger ? NULL : realloc(marks->marks, more * sizeof *bigger);

		if (!bigger)
			return;
		marks->marks = bigger;
		marks->capacity = more;
	}
	marks->marks[marks->count++] = (struct run_mark){step, kind};
}

/* Whether the rate of the middle one of three steps jumped away from that of the first, and not as a schedule goes on. */
static bool is_jump(double before, double first, double middle, double last)
{
	const double jump = fabs(middle - first), around = fmax(fabs(first - before), fabs(last - middle));

	return jump > 0.05 * fmax(fabs(first), fabs(middle)) && jump > 5 * around;
}

static void take_point(struct run_marks *marks, const struct run_point *points, size_t index)
{
	const struct run_point *point = &points[index];

	if (!isfinite(point->loss) || !isfinite(point->grad_norm))
		add(marks, point->step, RUN_MARK_BAD);
	if (index >= 3 && is_jump(point[-3].learning_rate, point[-2].learning_rate, point[-1].learning_rate,
	                          point->learning_rate))
		add(marks, point[-1].step, RUN_MARK_RATE);
}

static void take_event(struct run_marks *marks, const struct run_event *event)
{
	if (event->kind == RUN_EVENT_CHECKPOINT)
		add(marks, event->checkpoint, RUN_MARK_CHECKPOINT);
	else if (event->kind == RUN_EVENT_RESUME)
		add(marks, event->checkpoint, RUN_MARK_RESUME);
	else if (event->kind == RUN_EVENT_EARLY)
		add(marks, event->step, RUN_MARK_EARLY);
	else if (event->kind == RUN_EVENT_STEERED)
		add(marks, event->step, RUN_MARK_STEERED);
}

void run_marks_update(struct run_marks *marks, const struct run *run)
{
	size_t points, events;
	const struct run_point *point = run_points(run, &points);
	const struct run_event *event = run_events(run, &events);

	if (points < marks->points || events < marks->events ||
	    (marks->points > 0 && point[marks->points - 1].step != marks->last_step))
		marks->count = marks->points = marks->events = 0;
	for (; marks->points < points; marks->points++)
		take_point(marks, point, marks->points);
	for (; marks->events < events; marks->events++)
		take_event(marks, &event[marks->events]);
	marks->last_step = points > 0 ? point[points - 1].step : 0;
}

void run_marks_free(struct run_marks *marks)
{
	free(marks->marks);
	*marks = (struct run_marks){0};
}
