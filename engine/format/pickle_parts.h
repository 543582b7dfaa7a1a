/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the opcodes (pickle.c) and what they build of torch's (pickle_torch.c) share. */
#ifndef REVUE_FORMAT_PICKLE_PARTS_H
#define REVUE_FORMAT_PICKLE_PARTS_H

#include "engine/format/pickle.h"

/* `rows` with room for one row more than `count`, perhaps moved; NULL: out of memory, and `rows` stays valid. */
void *pickle_room(void *rows, size_t count, size_t *capacity, size_t size);

/* A new value of this kind, zero otherwise; its index in *index. */
bool pickle_value_new(struct pickle *pickle, enum pickle_kind kind, uint32_t *index, struct error *error);

/* A tuple of `count` values. */
bool pickle_tuple_new(struct pickle *pickle, const uint32_t *values, size_t count, uint32_t *index,
                      struct error *error);

/* Appends to a list (key unused) or a dict, whose keys must be text or whole numbers. */
bool pickle_link_add(struct pickle *pickle, uint32_t container, uint32_t key, uint32_t value, struct error *error);

/* One of the names that are allowed. */
bool pickle_name_new(struct pickle *pickle, struct span module, struct span name, uint32_t *index,
                     struct error *error);

/* A storage from the tuple of a persistent id. */
bool pickle_storage_new(struct pickle *pickle, uint32_t tuple, uint32_t *index, struct error *error);

/* What the named thing makes of its arguments. */
bool pickle_reduce(struct pickle *pickle, uint32_t name, uint32_t arguments, uint32_t *index, struct error *error);

const char *pickle_kind_name(const struct pickle_value *value);

#endif
