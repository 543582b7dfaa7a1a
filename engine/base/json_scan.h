/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * JSON (RFC 8259) in memory as a sequence of events. Nothing is allocated and nothing recurses, so that reading cannot fail
 * for another reason than the text. Whoever wants a document builds it from the events (engine/base/json.h); the rows of
 * a data set are taken from them directly.
 *
 * With `python`, what Python's json module reads beyond the standard is taken too: NaN, Infinity, -Infinity. */
#ifndef REVUE_BASE_JSON_SCAN_H
#define REVUE_BASE_JSON_SCAN_H

#include "engine/span.h"

#include <stdbool.h>
#include <stdint.h>

#define JSON_SCAN_DEPTH 1024 /* brackets open at once; Python's json module gives up near 1,000 */

enum json_event {
	EVENT_END,          /* the value has ended; what follows it was not looked at */
	EVENT_FAULT,        /* scan->fault says why, scan->at where */
	EVENT_OBJECT,
	EVENT_OBJECT_END,
	EVENT_ARRAY,
	EVENT_ARRAY_END,
	EVENT_KEY,          /* its value comes next */
	EVENT_STRING,
	EVENT_NUMBER,
	EVENT_TRUE,
	EVENT_FALSE,
	EVENT_NULL,
};

struct json_scan {
	struct span text;   /* borrowed */
	bool python;
	size_t at;          /* the first byte that was not looked at */
	size_t start;       /* where the last event's characters begin */
	struct span token;  /* of a key or string: between its quotes, escapes as they stand; of a number: its characters */
	bool escaped;       /* the token has escapes */
	bool whole;         /* the number has neither point nor exponent */
	int depth;          /* brackets that are open */
	unsigned char expected;
	uint64_t objects[JSON_SCAN_DEPTH / 64]; /* bit d: bracket number d + 1 is a brace */
	const char *fault;  /* a constant text */
	bool cut;           /* the text ended too early; as far as it goes it is right */
};

/* Before the first event of the value that `text` begins with, after white space. */
void json_scan_begin(struct json_scan *scan, struct span text, bool python);

enum json_event json_scan_next(struct json_scan *scan);

/* After EVENT_OBJECT or EVENT_ARRAY: goes on until that bracket is closed. False: a fault. */
bool json_scan_skip(struct json_scan *scan);

/* After EVENT_END: whether only white space, and bytes of `more`, follow. scan->at is where something else stands. */
bool json_scan_rest_is(struct json_scan *scan, const char *more);

/* What a token could not say in UTF-8 and in C strings: U+FFFD stands there instead. */
struct json_replaced {
	uint32_t surrogates; /* half a pair */
	uint32_t nuls;       /* \u0000 */
};

/* The characters of a key's or string's token, without its escapes: at most token.size bytes. Adds to *replaced. */
size_t json_scan_unescape(struct span token, char *out, struct json_replaced *replaced);

/* Line, and characters from the line's beginning, of a place in the text; both from 1. Invalid UTF-8 counts by bytes. */
void json_scan_place(struct span text, size_t at, size_t *line, size_t *column);

#endif
