/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/format/table.h"

bool torch_read_zip(struct tensor_file *file, size_t source, struct error *error)
{
	return error_set(error, ERROR_FAILED, "%s: reading torch files is being built", file->sources[source].path);
}

bool torch_read_legacy(struct tensor_file *file, size_t source, struct error *error)
{
	return torch_read_zip(file, source, error);
}
