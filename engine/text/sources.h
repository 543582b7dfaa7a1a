/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The JSON files of a model folder that speak of its tokenizer. */
#ifndef REVUE_TEXT_SOURCES_H
#define REVUE_TEXT_SOURCES_H

#include "engine/error.h"

#include <jansson.h>

/* A member is NULL where there is no such file. */
struct sources {
	json_t *json;   /* tokenizer.json */
	json_t *config; /* tokenizer_config.json */
	json_t *map;    /* special_tokens_map.json */
	json_t *added;  /* added_tokens.json */
	json_t *model;  /* config.json, which may name the class */
};

/* Start with {0}; sources_free afterwards, also after failure. */
bool sources_read(struct sources *sources, const char *folder, struct error *error);
void sources_free(struct sources *sources);

/* What the files say of a special token, by its key ("cls_token"): special_tokens_map.json goes first where
 * tokenizer_config.json is of the old kind. NULL: nothing. */
const json_t *sources_token(const struct sources *sources, const char *key);

/* A special token is given by its name, or by an object with "content". NULL: it is null, or neither. */
const char *token_name(const json_t *value);

#endif
