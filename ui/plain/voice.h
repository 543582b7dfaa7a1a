/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Standard output as something that is read aloud: lines that are only ever appended, and on a terminal the line that is being
 * typed at the end. No cursor moves, but that a character that is taken back is wiped out as every terminal does it.
 * Nothing here waits for whoever takes the output. */
#ifndef REVUE_UI_PLAIN_VOICE_H
#define REVUE_UI_PLAIN_VOICE_H

#include "engine/error.h"
#include "engine/span.h"

struct voice;

/* `echo`: what is typed is shown, for a terminal that does not do that itself; `ascii`: nothing else comes out. NULL with one
 * line. */
struct voice *voice_new(bool echo, bool ascii, struct error *error);
void voice_free(struct voice *voice); /* sends what waits, unless nobody takes it for a second */

/* A line of scrubbed text. */
void voice_say(struct voice *voice, const char *text);

/* What was said since voice_begin, lines each with its line feed; "" where nothing was. Borrowed until the next line. */
void voice_begin(struct voice *voice);
const char *voice_said(const struct voice *voice);

/* The line that is typed stands at the end: what was shown of it already is not written again. `wake`: also where it is
 * empty, which a voice need not hear again after news. */
void voice_prompt(struct voice *voice, const char *prompt, struct span typed, bool wake);
void voice_enter(struct voice *voice); /* it was ended, or left: a new line begins */

void voice_send(struct voice *voice);
int voice_busy_fd(const struct voice *voice); /* to poll for POLLOUT; -1: nothing waits */
bool voice_is_gone(const struct voice *voice); /* nobody reads any more */

#endif
