/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/format/container.h"

#include "engine/base/file.h"
#include "engine/format/safetensors.h"
#include "engine/format/torch_legacy.h"
#include "engine/format/torch_zip.h"

#include <stdio.h>

bool container_identify(const struct tensor_file *file, size_t source, enum content *content, struct error *error)
{
	const struct tensor_source *from = &file->sources[source];
	char start[IDENTIFY_BYTES];
	size_t size = from->size < sizeof start ? (size_t)from->size : sizeof start;
	const char *what;

	if (!file_read_at(from->fd, start, size, 0, from->path, error))
		return false;
	*content = content_identify((struct span){start, size}, from->size, &what);
	RETURN_IF(*content == CONTENT_WRONG, error, ERROR_DATA, "%s %s", from->path, what);
	return true;
}

bool container_read(struct tensor_file *file, size_t source, enum content content, struct error *error)
{
	switch (content) {
	case CONTENT_SAFETENSORS:
		snprintf(file->container, sizeof file->container, "safetensors");
		return safetensors_read_table(file, source, error);
	case CONTENT_TORCH_ZIP:
		snprintf(file->container, sizeof file->container, "torch zip");
		return torch_read_zip(file, source, error);
	case CONTENT_TORCH_LEGACY:
		snprintf(file->container, sizeof file->container, "torch legacy");
		return torch_read_legacy(file, source, error);
	default:
		return error_set(error, ERROR_DATA, "%s is neither safetensors nor a file of torch.save: download it again",
		                 file->sources[source].path);
	}
}
