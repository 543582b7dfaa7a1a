/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Vectors of eight floats with fused multiply-add (Intel from Haswell, AMD from Zen). Only code after the pragma may
 * use these instructions: the program itself starts on any processor. */
#include "engine/backend/cpu/conventions.h"
#include "engine/backend/cpu/kernels.h"
#include "engine/base/random.h"

#if defined(__x86_64__)
#include <immintrin.h>
#include <math.h>
#include <string.h>

#pragma GCC target("avx2,fma")
#define LANES_AVX2
#define LANES 8
#define TILE_VECTORS 2
#define KERNELS kernels_avx2
#define KERNELS_NAME "avx2"
#include "engine/backend/cpu/lanes.h"
#include "engine/backend/cpu/lanes_four_bits.h"
#include "engine/backend/cpu/lanes_math.h"
#include "engine/backend/cpu/lanes_product.h"
#include "engine/backend/cpu/lanes_rows.h"
#endif
