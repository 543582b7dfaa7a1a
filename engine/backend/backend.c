/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What all backends have in common: the names of matrix types, and what is refused before anything is computed. */
#include "engine/backend/backend.h"

#include <string.h>

const char *matrix_type_name(enum matrix_type type)
{
	static const char *const names[MATRIX_TYPES] = {"f32", "bf16", "int8", "nf4", "fp4"};

	return names[type];
}

bool backend_set_precision(struct backend *b, enum precision precision)
{
	const bool offered = b->ops->precisions & PRECISION_BIT(precision);

	b->precision = offered ? precision : PRECISION_F32;
	return offered;
}

/* From `close` on the table is pointers to functions. */
static bool check_complete(const struct backend *b, struct error *error)
{
	static const char none[sizeof b->ops->close];
	const size_t first = offsetof(struct backend_operations, close);

	for (size_t at = first; at < sizeof *b->ops; at += sizeof none)
		RETURN_IF(memcmp((const char *)b->ops + at, none, sizeof none) == 0, error, ERROR_FAILED,
		          "the backend %s lacks operation %zu of its table", b->ops->name, (at - first) / sizeof none);
	return true;
}

bool backend_check_table(const struct backend *b, struct error *error)
{
	RETURN_IF(b->ops->version != BACKEND_VERSION, error, ERROR_FAILED,
	          "the backend is of version %d, this program needs version %d: build both from the same sources",
	          b->ops->version, BACKEND_VERSION);
	return check_complete(b, error);
}

static bool check_operation(const struct backend *b, const char *operation, unsigned known, unsigned wanted,
                            struct error *error)
{
	for (int type = 0; type < MATRIX_TYPES; type++)
		RETURN_IF(wanted & ~known & MATRIX_BIT(type), error, ERROR_FAILED,
		          "%s of the backend %s does not compute with %s weights", operation, b->ops->name,
		          matrix_type_name((enum matrix_type)type));
	return true;
}

bool backend_check_types(const struct backend *b, const struct backend_needs *needs, struct error *error)
{
	return check_operation(b, "linear_forward", b->ops->forward_types, needs->types, error) &&
	       (!needs->training ||
	        check_operation(b, "linear_backward_input", b->ops->backward_types, needs->types, error));
}
