/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/plain/typed.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BLOCK 4096

void typed_free(struct typed *typed)
{
	free(typed->bytes);
	*typed = (struct typed){0};
}

static bool make_room(struct typed *typed)
{
	char *memory;

	if (typed->capacity - typed->size >= BLOCK)
		return true;
	memory = realloc(typed->bytes, typed->capacity + 4 * BLOCK);
	if (!memory)
		return false;
	typed->bytes = memory;
	typed->capacity += 4 * BLOCK;
	return true;
}

/* What is left of a line that was cut goes with it. */
static void skip(struct typed *typed)
{
	const char *end = typed->skipping ? memchr(typed->bytes, '\n', typed->size) : NULL;
	const size_t gone = end ? (size_t)(end - typed->bytes) + 1 : typed->size;

	if (!typed->skipping)
		return;
	memmove(typed->bytes, typed->bytes + gone, typed->size - gone);
	typed->size -= gone;
	typed->skipping = !end;
}

void typed_read(struct typed *typed)
{
	ssize_t got;

	if (typed->ended || typed->size > TYPED_LINE_MAX)
		return;
	if (!make_room(typed)) {
		typed->ended = true;
		return;
	}
	got = read(STDIN_FILENO, typed->bytes + typed->size, BLOCK);
	if (got > 0)
		typed->size += (size_t)got;
	else if (got == 0 || (errno != EINTR && errno != EAGAIN))
		typed->ended = true;
	skip(typed);
}

bool typed_has_line(const struct typed *typed)
{
	return typed->size > 0 && (typed->ended || typed->size > TYPED_LINE_MAX || memchr(typed->bytes, '\n', typed->size));
}

char *typed_take(struct typed *typed, bool *cut)
{
	const char *end = typed->size > 0 ? memchr(typed->bytes, '\n', typed->size) : NULL;
	const size_t size = end ? (size_t)(end - typed->bytes) : typed->size;
	size_t gone = end ? size + 1 : size;
	char *line;

	*cut = false;
	if (!typed_has_line(typed))
		return NULL;
	line = strndup(typed->bytes, size);
	*cut = !end && !typed->ended;
	typed->skipping = *cut;
	memmove(typed->bytes, typed->bytes + gone, typed->size - gone);
	typed->size -= gone;
	if (line && size > 0 && line[strlen(line) - 1] == '\r')
		line[strlen(line) - 1] = '\0';
	return line;
}

void typed_begin_keys(struct termios *before)
{
	struct termios keys;

	if (tcgetattr(STDIN_FILENO, before) != 0)
		return;
	keys = *before;
	keys.c_lflag &= ~(tcflag_t)(ICANON | ECHO | IEXTEN);
	keys.c_iflag &= ~(tcflag_t)(ICRNL | INLCR);
	keys.c_cc[VMIN] = 1;
	keys.c_cc[VTIME] = 0;
	tcsetattr(STDIN_FILENO, TCSADRAIN, &keys);
}

void typed_end_keys(const struct termios *before)
{
	tcsetattr(STDIN_FILENO, TCSADRAIN, before);
}

bool typed_is_ours(void)
{
	const pid_t group = tcgetpgrp(STDIN_FILENO);

	return group < 0 || group == getpgrp();
}
