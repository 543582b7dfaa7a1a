/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The parameters as the encoder sees them: matrices and vectors found by their role, and the matrices' packed copies. */
#ifndef REVUE_MODEL_BIND_H
#define REVUE_MODEL_BIND_H

#include "engine/model/inside.h"

/* The network's views after an arena was taken, moved or given up; packed copies go. */
void network_bind(struct model *model);

/* Packed copies of all matrices, where there is memory for them. Nothing when they are those of the values already. */
void network_pack(struct model *model);
void network_unpack(struct model *model);

/* Bytes of the packed copies of all matrices as they are bound; UINT64_MAX: overflow. */
uint64_t network_packed_bytes(struct model *model);

/* MATRIX_BIT of each type that a bound matrix has. */
unsigned network_matrix_types(struct model *model);

#endif
