/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/terminal/kept_stderr.h"

#include "engine/scrub.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

void kept_stderr_begin(struct kept_stderr *keep)
{
	keep->kept = memfd_create("revue-stderr", MFD_CLOEXEC);
	keep->before = keep->kept < 0 ? -1 : fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
	if (keep->before >= 0)
		dup2(keep->kept, STDERR_FILENO);
}

static void kept_stderr_print(int kept)
{
	char *text = malloc(KEPT_STDERR_MAX);
	const ssize_t size = text ? pread(kept, text, KEPT_STDERR_MAX, 0) : -1;
	struct scrubbed scrubbed = {0};

	if (size > 0
	    && scrub_text(&scrubbed, (struct span){text, (size_t)size}, (struct scrub_options){SCRUB_NEWLINE_KEEP, true}))
		fputs(scrubbed.text, stderr);
	scrubbed_free(&scrubbed);
	free(text);
}

void kept_stderr_end(struct kept_stderr *keep, bool reads)
{
	if (keep->before >= 0) {
		fflush(stderr);
		if (reads || !isatty(keep->before))
			dup2(keep->before, STDERR_FILENO);
		close(keep->before);
		kept_stderr_print(keep->kept);
	}
	if (keep->kept >= 0)
		close(keep->kept);
	*keep = KEPT_STDERR_NONE;
}
