/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * config.json of a Hugging Face model folder. Floor: on base.
 * Config is data: unknown keys are kept and listed, no key ever names code, a path or a URL. */
#ifndef REVUE_FORMAT_CONFIG_H
#define REVUE_FORMAT_CONFIG_H

#include "engine/format/config_parts.h"

/* Reads FOLDER/config.json and checks every value (ranges, hidden % heads, id2label against label2id).
 * `tensors` (may be NULL) helps where keys are missing: architecture and sizes are inferred from names and
 * shapes, heads by hidden_size / 64 with a notice. The caller frees the result with hf_config_free. */
bool hf_config_read(const char *folder, const struct tensor_file *tensors, struct hf_config *config,
                    struct error *error);
void hf_config_free(struct hf_config *config);

#endif
