/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the files that read and write config.json share. */
#ifndef REVUE_FORMAT_CONFIG_PARTS_H
#define REVUE_FORMAT_CONFIG_PARTS_H

#include "engine/format/config.h"

#include <stddef.h>

#define CONFIG_LABELS_MAX 65536
#define CONFIG_LABEL_BYTES_MAX 1024

/* A whole number of the file: where it goes and how each architecture spells it (NULL: has none). */
struct config_integer {
	size_t offset; /* of the int32_t in struct model_config */
	const char *name[2], *alias[2]; /* by enum architecture; the alias is accepted where the name is missing */
	int32_t fallback[2], minimum, maximum;
};
extern const struct config_integer config_integers[];
extern const size_t config_integer_count;

struct config_real {
	size_t offset; /* of the float */
	const char *name[2];
	float fallback[2];
	double minimum, limit; /* minimum <= value < limit */
};
extern const struct config_real config_reals[];
extern const size_t config_real_count;

/* Adds to config->notices. */
bool config_notice(struct hf_config *config, struct error *error, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* config->labels and num_labels, from id2label, label2id, num_labels, or the rows of the classifier. */
bool config_read_labels(struct hf_config *config, const struct tensor_file *tensors, struct error *error);

/* The architecture that the tensors' names show; false: neither. */
bool config_infer_architecture(const struct tensor_file *tensors, enum architecture *architecture);

/* The size that belongs at `offset` of struct model_config, from the tensors' shapes; 0: they do not tell. */
int32_t config_infer_size(const struct tensor_file *tensors, enum architecture architecture, size_t offset);

/* Rows of the classifier; 0: there is none. */
int32_t config_infer_labels(const struct tensor_file *tensors);

#endif
