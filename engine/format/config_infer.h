/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What names and shapes of tensors tell where config.json is silent. `tensors` may be NULL: then they tell nothing. */
#ifndef REVUE_FORMAT_CONFIG_INFER_H
#define REVUE_FORMAT_CONFIG_INFER_H

#include "engine/format/architecture.h"
#include "engine/format/tensors.h"

/* Whether the tensors are named as this architecture names them. */
bool config_infer_fits(const struct tensor_file *tensors, const struct architecture *architecture);

/* The first architecture whose names the tensors have; NULL: none. */
const struct architecture *config_infer_architecture(const struct tensor_file *tensors);

/* A size from the tensors' shapes; 0: they do not tell. */
int32_t config_infer_size(const struct tensor_file *tensors, const struct architecture *architecture,
                          enum config_size size);

/* Rows of the classifier; 0: there is none. */
int32_t config_infer_labels(const struct tensor_file *tensors, const struct architecture *architecture);

#endif
