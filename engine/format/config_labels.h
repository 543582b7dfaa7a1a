/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The labels of config.json. */
#ifndef REVUE_FORMAT_CONFIG_LABELS_H
#define REVUE_FORMAT_CONFIG_LABELS_H

#include "engine/format/config_parts.h"

#define CONFIG_LABELS_MAX 65536
#define CONFIG_LABEL_BYTES_MAX 1024

/* config->labels and num_labels, from id2label, label2id, num_labels, or the rows of the classifier. */
bool config_read_labels(struct hf_config *config, const struct tensor_file *tensors, struct error *error);

/* Whether names can stand in config.json and be told apart; an ERROR_DATA says which cannot. */
bool hf_config_check_labels(const char *const *names, int32_t count, struct error *error);

#endif
