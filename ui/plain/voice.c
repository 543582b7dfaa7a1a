/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/plain/voice.h"

#include "engine/scrub.h"
#include "ui/terminal/outlet.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SAID_MAX ((size_t)1 << 20) /* bytes that are kept to be repeated */
#define PATIENCE_SECONDS 1.0

struct voice {
	struct outlet *outlet;
	bool echo, ascii;
	bool inside;    /* of a line: the next one begins with a line feed */
	char *shown;    /* the line that is typed as it stands there; NULL: it does not */
	char *said;     /* [said_size] and a NUL */
	size_t said_size, said_capacity;
};

struct voice *voice_new(bool echo, bool ascii, struct error *error)
{
	struct voice *voice = calloc(1, sizeof *voice);

	if (voice)
		voice->outlet = outlet_open_stream(STDOUT_FILENO);
	if (!voice || !voice->outlet) {
		free(voice);
		error_memory(error, "opening the output");
		return NULL;
	}
	voice->echo = echo;
	voice->ascii = ascii;
	return voice;
}

void voice_free(struct voice *voice)
{
	if (!voice)
		return;
	if (voice->inside)
		outlet_add(voice->outlet, "\n", 1);
	outlet_flush(voice->outlet, PATIENCE_SECONDS);
	outlet_close(voice->outlet);
	free(voice->shown);
	free(voice->said);
	free(voice);
}

void voice_begin(struct voice *voice)
{
	voice->said_size = 0;
	if (voice->said)
		voice->said[0] = '\0';
}

const char *voice_said(const struct voice *voice)
{
	return voice->said ? voice->said : "";
}

/* What is too long to be repeated, or has no room, is not kept. */
static void keep(struct voice *voice, const char *text, size_t size)
{
	const size_t needed = voice->said_size + size + 2;

	if (needed > SAID_MAX)
		return;
	if (needed > voice->said_capacity) {
		char *memory = realloc(voice->said, 2 * needed);

		if (!memory)
			return;
		voice->said = memory;
		voice->said_capacity = 2 * needed;
	}
	memcpy(voice->said + voice->said_size, text, size);
	memcpy(voice->said + voice->said_size + size, "\n", 2);
	voice->said_size += size + 1;
}

static void forget_shown(struct voice *voice)
{
	free(voice->shown);
	voice->shown = NULL;
}

void voice_enter(struct voice *voice)
{
	if (voice->inside)
		outlet_add(voice->outlet, "\n", 1);
	voice->inside = false;
	forget_shown(voice);
}

void voice_say(struct voice *voice, const char *text)
{
	const size_t size = strlen(text);

	voice_enter(voice);
	outlet_add(voice->outlet, text, size);
	outlet_add(voice->outlet, "\n", 1);
	keep(voice, text, size);
}

/* Wipes out the end of what is shown, from byte `from` on. */
static void take_back(struct voice *voice, size_t from)
{
	struct scrubbed glyphs = {0};

	if (scrub_text(&glyphs, span_of(voice->shown + from), (struct scrub_options){SCRUB_NEWLINE_SYMBOL, voice->ascii}))
		for (size_t i = 0; i < glyphs.count; i++)
			for (int column = 0; column < glyphs.glyphs[i].width; column++)
				outlet_add(voice->outlet, "\b \b", 3);
	scrubbed_free(&glyphs);
}

/* The whole line: prompt and text, scrubbed. NULL: out of memory. */
static char *whole_line(const struct voice *voice, const char *prompt, struct span typed)
{
	struct scrubbed text = {0};
	char *line = NULL;

	if (scrub_text(&text, typed, (struct scrub_options){SCRUB_NEWLINE_SYMBOL, voice->ascii})
	    && asprintf(&line, "%s%s", prompt, text.text) < 0)
		line = NULL;
	scrubbed_free(&text);
	return line;
}

/* What is changed in the middle is written anew in a line of its own: nothing that stands there is written over. */
static void show(struct voice *voice, char *line)
{
	const char *before = voice->shown ? voice->shown : "";
	const size_t had = strlen(before), has = strlen(line);

	if (had <= has && memcmp(before, line, had) == 0) {
		outlet_add(voice->outlet, line + had, has - had);
	} else if (memcmp(before, line, has < had ? has : had) == 0) {
		take_back(voice, has);
	} else {
		outlet_add(voice->outlet, "\n", 1);
		outlet_add(voice->outlet, line, has);
	}
	forget_shown(voice);
	voice->shown = line;
	voice->inside = has > 0;
}

void voice_prompt(struct voice *voice, const char *prompt, struct span typed, bool wake)
{
	char *line;

	if (!voice->echo || (!voice->shown && !wake && typed.size == 0))
		return;
	line = whole_line(voice, prompt, typed);
	if (line)
		show(voice, line);
}

void voice_send(struct voice *voice)
{
	outlet_send(voice->outlet);
}

int voice_busy_fd(const struct voice *voice)
{
	return outlet_busy_fd(voice->outlet);
}

bool voice_is_gone(const struct voice *voice)
{
	return outlet_is_gone(voice->outlet);
}
