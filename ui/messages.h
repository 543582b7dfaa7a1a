/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What was said to the person: the last 200 messages, so that each can be read again, and which of them are still to be
 * shown. Pure: knows no terminal. */
#ifndef REVUE_UI_MESSAGES_H
#define REVUE_UI_MESSAGES_H

#include <stdbool.h>
#include <stdint.h>

#define MESSAGES_MAX 200

enum message_kind {
	MESSAGE_SAID,  /* an answer to a key */
	MESSAGE_GOOD,  /* news that something has come to its end */
	MESSAGE_NOTE,  /* news of what was guessed, set right or left out: it stands until a key */
	MESSAGE_ERROR,
};

struct message {
	double time; /* of the last time that it was said, in seconds since 1970 */
	int times;   /* how often in a row */
	enum message_kind kind;
	bool waits;  /* it has not been shown */
	bool silent; /* it stands elsewhere, and is only to be read again: it is not told where messages are told */
	int more;    /* as many kept after it belong to it, and are not shown by themselves */
	char *text;
};

/* Oldest first. Start with {0}, end with messages_free. */
struct messages {
	struct message kept[MESSAGES_MAX];
	int count;
	uint64_t said; /* counts all, those that were dropped too */
};

void messages_free(struct messages *messages);

/* The command line says --learning-rate and --resume, the screens learning-rate and :resume: so does `text` afterwards, but in a
 * whole command, as "revue train --resume r1", which is there to be copied. A command ends with its clause. */
void messages_name_settings(char *text);

/* A copy of `text` that speaks so, for what is drawn or told where it is kept. */
struct message_words {
	char text[1200];
};
struct message_words messages_words(const char *text);

/* Keeps a copy; the oldest is dropped where there are too many. The same text again right after itself counts up. `waits`:
 * it cannot be shown now. Where memory is short nothing is kept. */
void messages_add(struct messages *messages, enum message_kind kind, const char *text, bool waits);

/* The same of what stands on a screen, perhaps cut: it is kept and shown by itself nowhere. */
void messages_keep(struct messages *messages, enum message_kind kind, const char *text);

/* What was added last begins so many that belong together: this one stands for the `more` that follow. */
void messages_begin_group(struct messages *messages, int more);

/* The message to show next, as far as any waits: the oldest error, or else the oldest note, or else the newest. What waited
 * before it waits no longer. NULL: none waits. Borrowed until the next messages_add. */
const struct message *messages_next(struct messages *messages);

bool messages_has_error(const struct messages *messages); /* that waits */

#endif
