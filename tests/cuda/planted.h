/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Faults planted for the emulated device, each with a twin in which all is right. */
#ifndef REVUE_TESTS_CUDA_PLANTED_H
#define REVUE_TESTS_CUDA_PLANTED_H

#include <cstddef>

struct planted {
	const char *name;
	/* Runs it, with the fault or without. What is wrong with what came out: "" where nothing is. */
	const char *(*run)(bool wrong);
	const char *told; /* part of what is said of the fault, by the device or by `run` */
};

void planted_full_stack(); /* a kernel that calls itself for ever */

extern const struct planted planted[];
extern const size_t planted_count;

#endif
