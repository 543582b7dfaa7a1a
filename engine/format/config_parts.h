/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * config.json as it is read, and what reading and writing it share, and where each value goes. */
#ifndef REVUE_FORMAT_CONFIG_PARTS_H
#define REVUE_FORMAT_CONFIG_PARTS_H

#include "engine/base/notices.h"
#include "engine/format/architecture.h"
#include "engine/format/tensors.h"

#include <jansson.h>
#include <stddef.h>

#define CONFIG_BYTES_MAX ((size_t)16 << 20)

struct hf_config {
	struct model_config model;
	char **labels;    /* [model.num_labels], NULL when the file has no id2label (LABEL_0.. are then meant) */
	char **ignored;   /* keys that were not understood */
	int ignored_count;
	struct notices notices; /* what was guessed or set right */
	json_t *document; /* the whole file, for writing it back */
};

/* Where a number of config.json goes in struct model_config, and what it may be: minimum..maximum for whole numbers,
 * minimum <= value < limit for the others. How it is spelled is the architecture's. */
struct config_size_place {
	size_t offset; /* of the int32_t */
	int32_t minimum, maximum;
};
extern const struct config_size_place config_size_places[SIZE_COUNT];

struct config_real_place {
	size_t offset; /* of the float */
	double minimum, limit;
};
extern const struct config_real_place config_real_places[REAL_COUNT];

#endif
