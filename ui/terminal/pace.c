/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/terminal/pace.h"

#include <math.h>

void pace_set(struct pace *pace, double rate)
{
	if (rate != pace->rate)
		*pace = (struct pace){.rate = rate};
}

void pace_charge(struct pace *pace, size_t size, double now)
{
	if (pace->rate > 0)
		pace->free_at = fmin(fmax(pace->free_at, now) + (double)size / pace->rate, now + PACE_WAIT_MAX);
}

double pace_wait(const struct pace *pace, double now)
{
	return pace->rate > 0 ? fmax(0, pace->free_at - now) : 0;
}
