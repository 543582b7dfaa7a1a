/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The labels of config.json. */
#ifndef REVUE_FORMAT_CONFIG_LABELS_H
#define REVUE_FORMAT_CONFIG_LABELS_H

#include "engine/format/config_parts.h"

#define CONFIG_LABELS_MAX 65536
#define CONFIG_LABEL_BYTES_MAX 1024

/* config->labels and num_labels as transformers decides them: id2label counts before label2id, a num_labels of another
 * count before both; else the rows of the classifier. What disagrees becomes a notice. */
bool config_read_labels(struct hf_config *config, const struct tensor_file *tensors, struct error *error);

/* Back to a model without labels. */
void config_drop_labels(struct hf_config *config);

/* Whether names can stand in config.json; an ERROR_DATA says which cannot. */
bool hf_config_check_names(const char *const *names, int32_t count, struct error *error);

/* The same, and be told apart. */
bool hf_config_check_labels(const char *const *names, int32_t count, struct error *error);

#endif
