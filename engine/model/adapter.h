/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Adapters in PEFT's folders: reading one into its base, writing the one that is being trained. */
#ifndef REVUE_MODEL_ADAPTER_H
#define REVUE_MODEL_ADAPTER_H

#include "engine/format/peft.h"
#include "engine/format/tensors.h"
#include "engine/model/inside.h"

/* How many labels the classifier of an adapter has; 0: it brings none. */
int32_t adapter_labels(const struct tensor_file *file);

/* Puts the adapter's own tensors in the place of the base's, and adds to each matrix its scale B A. Fills model->adapter but for
 * the base. Names what it cannot place, or what does not fit. */
bool adapter_apply(struct model *model, const struct peft_config *config, struct tensor_file *file, struct error *error);

/* Writes the folder of the adapter that is being trained, for peft: adapter_config.json, adapter_model.safetensors, and
 * beside them config.json with the labels and the tokenizer. `base` is where the base is. */
bool adapter_save(const struct model *model, const struct lora_settings *settings, const char *base, const char *folder,
                  struct error *error);

#endif
