/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What computes a model: the option --device. Part of the engine's face; implemented in engine/backend/open.c. */
#ifndef REVUE_ENGINE_DEVICE_H
#define REVUE_ENGINE_DEVICE_H

#define DEVICE_WORDS "auto|cpu|cuda"

enum device {
	DEVICE_AUTO, /* the best that this build and this machine have */
	DEVICE_CPU,
	DEVICE_CUDA, /* an NVIDIA GPU; where there is none, opening it fails and says why */
};

/* The device of one word of DEVICE_WORDS; DEVICE_AUTO for any other, and for NULL. */
enum device device_find(const char *word);

#endif
