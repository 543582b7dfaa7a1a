/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the members of a JSON object are, as far as a sample shows it: rows, columns, or the fields of one row. */
#ifndef REVUE_DATA_JSON_MEMBERS_H
#define REVUE_DATA_JSON_MEMBERS_H

#include "engine/base/json_scan.h"

#define JSON_NAME_MAX 200

struct json_members {
	int count;
	bool known_string;           /* a string, and called as columns usually are */
	int lists;                   /* arrays of something else than objects */
	uint64_t longest_list;       /* elements */
	bool known_list;             /* one of two or more is called as columns usually are */
	bool known;                  /* a member is called as columns usually are */
	bool numbered;               /* the first member's key is a number */

	int objects;
	uint64_t same;               /* objects that begin with the same key as the first one, or a number as it does */
	uint64_t inner;              /* keys of the first object */
	bool inner_known, inner_numbered; /* as above, of these keys */
	bool nested;                 /* an array or object stands in an object */

	/* The longest array of objects, the first at a tie, here or in objects inside. */
	uint64_t rows;               /* its objects; 0: there is none */
	uint64_t container;          /* the number of its bracket in the text, from 1 */
	char name[JSON_NAME_MAX];    /* the keys that lead to it */
	int row_arrays;              /* how many such arrays there are */

	/* pandas' split form */
	struct span columns;         /* the array of strings at "columns"; empty: there is none */
	uint64_t data;               /* the bracket of the array at "data"; 0: there is none */

	uint64_t opened;             /* brackets that were seen */
	bool cut_list;               /* the text ends inside an array that is a member */
};

/* Looks at the object that the text begins with. Returns how that ended: EVENT_END, the scan stands after it; or
 * EVENT_FAULT, scan->cut tells whether only the text ended. */
enum json_event json_members_find(struct json_scan *scan, struct span text, struct json_members *members);

#endif
