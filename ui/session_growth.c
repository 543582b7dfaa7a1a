/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/session_growth.h"

#include "engine/clock.h"
#include "engine/words.h"

#define WAIT_SECONDS 2 /* so long a field may stand open before it is told: whoever writes the file pauses in the middle of one */
#define COUNT_SHARE 10 /* of the time one part at most goes into counting */

void session_growth_begin(struct session_growth *growth, const struct dataset *dataset)
{
	file_watch_close(&growth->watch);
	*growth = (struct session_growth){.watch.fd = -1};
	if (!dataset || !dataset_can_follow(dataset))
		return;
	file_watch_open(&growth->watch, dataset_path(dataset));
	growth->moved = true; /* while it was being opened it may have grown */
}

static void tell_fate(const struct dataset *dataset, struct news_queue *news)
{
	static const char *const fates[] = {
		[FILE_CUT] = "was cut short",
		[FILE_CHANGED] = "was written anew",
		[FILE_REPLACED] = "is another file now",
		[FILE_GONE] = "is not there any more",
	};
	const char *path = dataset_path(dataset);

	news_add(news, NEWS_ERROR, "%s %s: open %s reads it anew", path, fates[dataset_fate(dataset)], path);
}

/* A quote that somebody forgot hides all that comes after it. */
static void tell_waiting(struct session_growth *growth, const struct dataset *dataset, struct news_queue *news)
{
	const bool json = dataset_format(dataset) == DATASET_JSONL || dataset_format(dataset) == DATASET_JSON;
	uint64_t lines;
	const uint64_t from = dataset_waits(dataset, &lines);

	if (from != growth->waits_from) {
		growth->waits_from = from;
		growth->waits_since = clock_seconds();
		growth->waits_told = false;
	}
	if (from == 0 || growth->waits_told || clock_seconds() - growth->waits_since < WAIT_SECONDS)
		return;
	growth->waits_told = true;
	news_add(news, NEWS_ERROR, "line %s: an open %s hides %s line%s: close it%s", words_count(from).text, json ? "row" : "quote",
	         words_count(lines).text, lines == 1 ? "" : "s", json ? "" : ", or :dialect quote none");
}

bool session_growth_update(struct session_growth *growth, struct dataset *dataset, struct wake *wake, struct news_queue *news)
{
	struct error ignored = {0}; /* without a thread it is looked at when something happens again */
	bool complete;

	if (!dataset || !growth->watch.active)
		return false;
	if (dataset_fate(dataset) > FILE_GREW) {
		tell_fate(dataset, news);
		file_watch_close(&growth->watch);
		growth->moved = false;
		return false;
	}
	dataset_rows(dataset, &complete);
	if (!dataset_is_indexing(dataset)) {
		growth->moved = file_watch_take(&growth->watch) || growth->moved;
		growth->moved = growth->moved && !(complete && dataset_look_start(dataset, wake, &ignored));
	}
	if (complete)
		tell_waiting(growth, dataset, news);
	if (!complete || growth->growths == dataset_growths(dataset))
		return false;
	growth->growths = dataset_growths(dataset);
	growth->stale = growth->counting || growth->counted;
	return true;
}

void session_growth_counting(struct session_growth *growth)
{
	growth->stale = false;
	growth->counting = true;
	growth->started = clock_seconds();
}

void session_growth_forget_counts(struct session_growth *growth)
{
	growth->stale = growth->counting = growth->counted = false;
}

void session_growth_counted(struct session_growth *growth, bool good)
{
	const double now = clock_seconds();

	growth->counting = false;
	growth->counted = good;
	growth->stale = growth->stale && good;
	growth->due = now + COUNT_SHARE * (now - growth->started);
}

bool session_growth_wants_count(const struct session_growth *growth)
{
	return growth->stale && !growth->counting && clock_seconds() >= growth->due;
}

int session_growth_fd(const struct session_growth *growth, const struct dataset *dataset)
{
	return growth->watch.active && !dataset_is_indexing(dataset) ? growth->watch.fd : -1;
}

/* Not while rows are being found, whose end makes a sound, nor of a file that is not followed any more. */
static bool may_tell_waiting(const struct session_growth *growth, const struct dataset *dataset)
{
	return growth->watch.active && growth->waits_from > 0 && !growth->waits_told && !dataset_is_indexing(dataset);
}

int session_growth_timeout(const struct session_growth *growth, const struct dataset *dataset)
{
	const double left = growth->due - clock_seconds();
	const double wait = growth->waits_since + WAIT_SECONDS - clock_seconds();

	if (may_tell_waiting(growth, dataset) && !(growth->stale && !growth->counting && left < wait))
		return wait > 0 ? (int)(wait * 1000) + 1 : 0;
	if (growth->stale && !growth->counting)
		return left > 0 ? (int)(left * 1000) + 1 : 0;
	return growth->watch.active && growth->watch.fd < 0 && !dataset_is_indexing(dataset) ? FILE_WATCH_MS : -1;
}
