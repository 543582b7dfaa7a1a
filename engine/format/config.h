/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * config.json of a Hugging Face model folder. Floor: on base.
 * Config is data: unknown keys are kept and listed, no key ever names code, a path or a URL. */
#ifndef REVUE_FORMAT_CONFIG_H
#define REVUE_FORMAT_CONFIG_H

#include "engine/format/tensors.h"
#include "engine/model.h"

#include <jansson.h>

struct hf_config {
	struct model_config model;
	char **labels;    /* [model.num_labels], NULL when the file has no id2label (LABEL_0.. are then meant) */
	char **ignored;   /* keys that were not understood */
	int ignored_count;
	char **notices;   /* one line each: what was guessed or set right */
	int notice_count;
	json_t *document; /* the whole file, for writing it back */
};

/* Reads FOLDER/config.json and checks every value (ranges, hidden % heads, id2label against label2id).
 * `tensors` (may be NULL) helps where keys are missing: architecture and sizes are inferred from names and
 * shapes, heads by hidden_size / 64 with a notice. The caller frees the result with hf_config_free. */
bool hf_config_read(const char *folder, const struct tensor_file *tensors, struct hf_config *config,
                    struct error *error);
void hf_config_free(struct hf_config *config);

/* Whether names can stand in config.json and be told apart; an ERROR_DATA says which cannot. */
bool hf_config_check_labels(const char *const *names, int32_t count, struct error *error);

/* Writes FOLDER/config.json: the keys of `base` (may be NULL) with those of `model` and `labels` over them. */
bool hf_config_write(const char *folder, const struct model_config *model, const char *const *labels,
                     const json_t *base, struct error *error);

#endif
