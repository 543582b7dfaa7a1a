/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "src/run_folder.h"

#include <errno.h>
#include <string.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define RUN_NUMBER_MAX 100000

bool run_folder_make(const char *data, char *out, size_t capacity, bool *first, struct error *error)
{
	char base[128];
	const char *end = data + strlen(data), *name, *dot;

	while (end > data && end[-1] == '/')
		end--;
	for (name = end; name > data && name[-1] != '/'; name--)
		;
	dot = memchr(name, '.', (size_t)(end - name));
	if (dot && dot > name)
		end = dot;
	snprintf(base, sizeof base, "%.*s", (int)(end - name < 100 ? end - name : 100), end > name ? name : "run");
	*first = mkdir("runs", 0777) == 0;
	if (!*first && errno != EEXIST)
		return error_errno(error, "make", "runs");
	for (int number = 1; number < RUN_NUMBER_MAX; number++) {
		snprintf(out, capacity, "runs/%s-%d", base, number);
		if (mkdir(out, 0777) == 0)
			return true;
		if (errno != EEXIST)
			return error_errno(error, "make", out);
	}
	return error_set(error, ERROR_FAILED, "runs/%s-N: every number is taken; name the run with -o", base);
}

void run_folder_unmake(const char *folder, bool first)
{
	if (rmdir(folder) == 0 && first)
		rmdir("runs"); /* fails where another training has put its folder there */
}
