/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The keys of JSON rows as a tree, and which column each is. A value inside objects has the keys that lead to it, with
 * points between, as the name of its column: {"reviews": {"text": "good"}} has the column reviews.text. */
#ifndef REVUE_DATA_JSON_KEYS_H
#define REVUE_DATA_JSON_KEYS_H

#include "engine/base/json_scan.h"
#include "engine/data/columns.h"

#define JSON_KEY_MAX 1024     /* bytes; what has a longer key is no column */
#define JSON_KEY_DEPTH 8      /* objects in objects; what lies deeper is shown as short JSON */
#define JSON_COLUMNS_MAX 4096 /* the keys of a row; a file with more has its data in its keys */

/* Numbered in the order of appearance, a parent before its children. */
struct json_key {
	char *name;      /* owned, not terminated: [size] */
	size_t size;
	int parent;      /* -1: none */
	int depth;       /* 0: a member of the row itself */
	int column;      /* -1: only objects stand there, whose members have columns */
	bool leaf;       /* something else than an object or null was seen there */
	bool inner;      /* it has children */
};

/* Starts as {0}, ends with json_keys_free. */
struct json_keys {
	struct json_key *keys; /* [count] */
	int count;
	int *sorted;           /* [count] by parent, size, bytes */
	bool full;             /* there were more */
};

/* Adds the keys of an object, which is JSON text. What is no object, or broken, adds what stands before the fault. False:
 * out of memory. */
bool json_keys_learn(struct json_keys *keys, struct span object);

/* Numbers the columns and adds their names. False: out of memory. */
bool json_keys_name(struct json_keys *keys, struct columns *columns);

/* The number of a key, -1: there is none. `likely`: where to look first. */
int json_keys_find(const struct json_keys *keys, int parent, struct span name, int likely);

void json_keys_free(struct json_keys *keys);

#endif
