/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "src/reading.h"

#include <math.h>

static bool belongs(bool said, const char *option, enum truncation to, enum truncation is, struct error *error)
{
	RETURN_IF(said && to != is, error, ERROR_USAGE, "--%s belongs to --truncation %s, and this is %s", option,
	          truncation_name(to), truncation_name(is));
	return true;
}

static bool check(const struct reading_arguments *arguments, enum truncation truncation, struct error *error)
{
	RETURN_IF(arguments->stride > 1 && arguments->stride != floor(arguments->stride), error, ERROR_USAGE,
	          "--stride is a share of --max-length up to 1 and above it a whole number of tokens");
	return belongs(arguments->head_tokens >= 0, "head-tokens", TRUNCATION_HEAD_TAIL, truncation, error) &&
	       belongs(arguments->stride > 0, "stride", TRUNCATION_WINDOWS, truncation, error) &&
	       belongs(arguments->pooling, "pooling", TRUNCATION_WINDOWS, truncation, error) &&
	       belongs(arguments->max_windows >= 0, "max-windows", TRUNCATION_WINDOWS, truncation, error);
}

bool reading_take(const struct reading_arguments *arguments, struct model_reading *reading, struct error *error)
{
	if (arguments->truncation)
		truncation_find(arguments->truncation, &reading->cut.truncation);
	if (arguments->head_tokens >= 0)
		reading->cut.head_tokens = (int32_t)arguments->head_tokens;
	if (arguments->stride > 0)
		reading->cut.stride = arguments->stride;
	if (arguments->pooling)
		pooling_find(arguments->pooling, &reading->pooling);
	if (arguments->max_windows >= 0)
		reading->cut.max_windows = (int32_t)arguments->max_windows;
	return check(arguments, reading->cut.truncation, error);
}

bool reading_use(const struct reading_arguments *arguments, struct model *model, struct error *error)
{
	struct model_reading reading = *model_reading(model);
	bool said = arguments->truncation || arguments->pooling || arguments->head_tokens >= 0 || arguments->max_windows >= 0 ||
	            arguments->stride > 0;

	RETURN_IF(said && !model_has_network(model), error, ERROR_USAGE, "%s reads all of a review: --truncation and its like mean "
	          "nothing to it", model_folder(model));
	if (!reading_take(arguments, &reading, error))
		return false;
	model_set_reading(model, &reading);
	return true;
}
