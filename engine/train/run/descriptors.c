/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/train/run/descriptors.h"

#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

#define MOST 64

bool descriptors_check(int count, struct error *error)
{
	int opened[MOST], got = 0;
	struct rlimit limit = {0};

	while (got < count && got < MOST && (opened[got] = eventfd(0, EFD_CLOEXEC)) >= 0)
		got++;
	for (int i = 0; i < got; i++)
		close(opened[i]);
	if (got >= count)
		return true;
	getrlimit(RLIMIT_NOFILE, &limit);
	return error_set(error, ERROR_FAILED,
	                 "a training opens %d files, and only %d more may be opened: raise the limit of %llu (ulimit -n)", count,
	                 got, (unsigned long long)limit.rlim_cur);
}
