/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What computes a model, and how exactly: the options --device, --tf32, --bf16 and --fp16. Part of the engine's face;
 * implemented in engine/backend/open.c. */
#ifndef REVUE_ENGINE_DEVICE_H
#define REVUE_ENGINE_DEVICE_H

#include <stdbool.h>

#define DEVICE_WORDS "auto|cpu|cuda"

enum device {
	DEVICE_AUTO, /* the best that this build and this machine have */
	DEVICE_CPU,
	DEVICE_CUDA, /* an NVIDIA GPU; where there is none, opening it fails and says why */
};

/* The device of one word of DEVICE_WORDS; DEVICE_AUTO for any other, and for NULL. */
enum device device_find(const char *word);

/* The numbers that products of matrices and attention read; their sums, and everything else, are f32 always. */
enum precision {
	PRECISION_F32,
	PRECISION_TF32, /* f32 with 10 bits of mantissa where the device is faster with them: NVIDIA's tensor cores */
	PRECISION_BF16,
	PRECISION_F16,
};

/* What these options of the Trainer come to: what is in 16 bits anyway has no use for TF32. At most one of bf16 and fp16. */
enum precision precision_of(bool tf32, bool bf16, bool fp16);

static inline bool precision_is_half(enum precision precision)
{
	return precision >= PRECISION_BF16;
}

#endif
