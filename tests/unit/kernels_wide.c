/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The kernels with the vectors and tiles of AVX-512 on a processor with AVX2: what the AVX-512 path does, but for the few
 * words of engine/backend/cpu/lanes.h that name its instructions, is tested everywhere. */
#include "engine/backend/cpu/conventions.h"
#include "engine/backend/cpu/kernels.h"
#include "engine/base/random.h"

extern const struct kernels kernels_wide;

#if defined(__x86_64__)
#include <immintrin.h>
#include <math.h>
#include <string.h>

#pragma GCC target("avx2,fma")
#define LANES_AVX2
#define LANES 16
#define TILE_VECTORS 4
#define KERNELS kernels_wide
#define KERNELS_NAME "wide"
#include "engine/backend/cpu/lanes.h"
#include "engine/backend/cpu/lanes_four_bits.h"
#include "engine/backend/cpu/lanes_math.h"
#include "engine/backend/cpu/lanes_product.h"
#include "engine/backend/cpu/lanes_rows.h"
#else
const struct kernels kernels_wide = {0};
#endif
