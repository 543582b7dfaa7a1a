/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Writing config.json of a Hugging Face model folder. */
#ifndef REVUE_FORMAT_CONFIG_WRITE_H
#define REVUE_FORMAT_CONFIG_WRITE_H

#include "engine/model.h"

#include <jansson.h>

/* Writes FOLDER/config.json: the keys of `base` (may be NULL) with those of `model` and `labels` over them. */
bool hf_config_write(const char *folder, const struct model_config *model, const char *const *labels,
                     const json_t *base, struct error *error);

/* Sets id2label and label2id; labels NULL: LABEL_0 and so on. False: names that could not be read again, no memory. */
bool config_set_labels(json_t *out, const struct model_config *model, const char *const *labels, struct error *error);

/* Writes a config.json by file_replace. */
bool config_write_document(const char *path, const json_t *document, struct error *error);

#endif
