/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The options of a training as an object of JSON, as it stands in run.json and in each checkpoint. */
#ifndef REVUE_TRAIN_OPTIONS_JSON_H
#define REVUE_TRAIN_OPTIONS_JSON_H

#include "engine/options.h"

#include <jansson.h>

/* The option's key, which is Hugging Face's: with '_' for '-'. */
void option_json_key(const struct option_row *row, char out[64]);

/* A new reference; NULL: no memory, or a text that is not UTF-8. */
json_t *options_to_json(const struct train_options *options);

/* Options that the object does not name, of a newer or an older version, keep their defaults. False with ERROR_DATA, which
 * names `path`, for a value that is none of its option. */
bool options_from_json(const json_t *object, struct train_options *options, const char *path, struct error *error);

/* An option that is not what it was. The values are cut after some hundred bytes. */
struct option_change {
	char key[64], before[100], now[100];
	bool allowed; /* it does not change what the steps compute */
};

/* Finds the next option, from row *next on, that `object` names with another value than `now` has. Start with *next 0.
 * False: there is none. */
bool options_next_change(const json_t *object, const struct train_options *now, int *next, struct option_change *change);

#endif
