/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/share.h"
#include "engine/base/file.h"
#include "engine/base/proc.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool try_folder(const char *folder, const char *name, char *out, size_t capacity)
{
	return folder[0] && path_join(out, capacity, folder, name, NULL) && file_exists(out);
}

static bool try_beside_program(const char *name, char *out, size_t capacity)
{
	static const char *const places[] = {"share", "../share/revue"};
	char program[PATH_MAX], folder[PATH_MAX];

	proc_program_folder(program, sizeof program);
	if (!program[0])
		return false;
	for (size_t i = 0; i < sizeof places / sizeof *places; i++)
		if (path_join(folder, sizeof folder, program, places[i], NULL) &&
		    try_folder(folder, name, out, capacity))
			return true;
	return false;
}

bool share_find(const char *name, char *out, size_t capacity, struct error *error)
{
	const char *wanted = getenv("REVUE_SHARE");

	if (wanted && wanted[0]) {
		if (try_folder(wanted, name, out, capacity))
			return true;
		return error_set(error, ERROR_IO, "%s/%s: not there (REVUE_SHARE names this folder)", wanted, name);
	}
	if (try_beside_program(name, out, capacity) || try_folder(REVUE_PKGDATADIR, name, out, capacity))
		return true;
	return error_set(error, ERROR_IO, "%s/%s: not there; install revue, or set REVUE_SHARE to its share folder",
	                 REVUE_PKGDATADIR, name);
}
