/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The object "revue" of a config.json: struct model_own of engine/model.h. Floor: on base. */
#ifndef REVUE_FORMAT_CONFIG_OWN_H
#define REVUE_FORMAT_CONFIG_OWN_H

#include "engine/model.h"

#include <jansson.h>

#define CONFIG_OWN_KEY "revue"

/* Reads the object where `document`, a whole config.json, has one. A member that is missing is 0, one that no
 * version of this program knows is passed over; a value that cannot be is refused by name. */
bool config_own_read(const json_t *document, struct model_own *own, struct error *error);

/* Whether there are as many thresholds as the labels of `model` want. */
bool config_own_fits(const struct model_config *model, struct error *error);

/* Puts it into `document` in the place of the one that is there; without a member that is not 0 there is
 * none. False: no memory. */
bool config_own_set(json_t *document, const struct model_own *own);

#endif
