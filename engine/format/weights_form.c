/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/format/weights_form.h"

#include "engine/base/file.h"

#include <limits.h>

static const struct weights_form forms[] = {
	{.name = "model.safetensors"},
	{.name = "model.safetensors.index.json", .index = true},
	{.name = "pytorch_model.bin", .torch = true},
	{.name = "pytorch_model.bin.index.json", .index = true, .torch = true},
};

const struct weights_form *weights_form_find(const char *folder)
{
	char path[PATH_MAX];

	for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
		if (path_join(path, sizeof path, folder, forms[i].name, NULL) && file_exists(path))
			return forms + i;
	return NULL;
}
