/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/model/kinds.h"

#include "engine/model/ngram.h"

static const struct model_kind *const kinds[] = {&ngram_kind};

bool model_kind_find(const char *folder, const struct model_kind **kind, struct error *error)
{
	*kind = NULL;
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds && !*kind; i++) {
		bool is = false;

		if (!kinds[i]->is(folder, &is, error))
			return false;
		*kind = is ? kinds[i] : NULL;
	}
	return true;
}

bool model_check_trainable(const char *folder, struct error *error)
{
	const struct model_kind *kind;

	if (!model_kind_find(folder, &kind, error))
		return false;
	RETURN_IF(kind, error, ERROR_USAGE, "%s is %s (model_type %s), which has no network to train further: start from another "
	          "model, or make a new one of it from the data with revue baseline", folder, kind->title, kind->type);
	return true;
}
