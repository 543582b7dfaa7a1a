/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The names under which the weights of a model folder are looked for. */
#ifndef REVUE_FORMAT_WEIGHTS_FORM_H
#define REVUE_FORMAT_WEIGHTS_FORM_H

#include <stdbool.h>

struct weights_form {
	const char *name;
	bool index; /* JSON that lists shards */
	bool torch; /* files of torch.save; else safetensors */
};

/* The first that is there, in the order in which transformers looks: model.safetensors, model.safetensors.index.json,
 * pytorch_model.bin, pytorch_model.bin.index.json. NULL: none is. */
const struct weights_form *weights_form_find(const char *folder);

#endif
