/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Vectors of four floats, for any processor. */
#include "engine/backend/cpu/conventions.h"
#include "engine/backend/cpu/kernels.h"
#include "engine/base/random.h"

#define LANES 4
#define TILE_VECTORS 2
#define KERNELS kernels_generic
#define KERNELS_NAME "generic"
#include "engine/backend/cpu/lanes.h"
#include "engine/backend/cpu/lanes_four_bits.h"
#include "engine/backend/cpu/lanes_math.h"
#include "engine/backend/cpu/lanes_product.h"
#include "engine/backend/cpu/lanes_rows.h"
