/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Sources: NVIDIA's data sheets of each product (of tensor cores they tell the figures with sparsity, which are twice those
 * here), and for the GeForce cards the appendices of the whitepapers "NVIDIA Ampere GA102 GPU Architecture" and "NVIDIA Ada GPU
 * Architecture", FP16 and BF16 with FP32 accumulate. f32 is that of the CUDA cores: products in f32 take no tensor cores. */
#include "engine/backend/peak.h"

#include <ctype.h>
#include <stddef.h>
#include <string.h>

/* A name counts for all that begin so and go on with another word, or for itself alone: a mobile or export version of a
 * card has more words and is slower. */
static const struct {
	const char *name;
	bool alone;
	double f32, tf32, half; /* TFLOP/s */
} peaks[] = {
	{"NVIDIA H200", false, 66.9, 494.7, 989.4},
	{"NVIDIA H100 PCIe", true, 51.2, 378, 756},
	{"NVIDIA H100 NVL", true, 60, 417.5, 835},
	{"NVIDIA H100 80GB HBM3", true, 66.9, 494.7, 989.4},
	{"NVIDIA A100", false, 19.5, 156, 312},
	{"NVIDIA A30", true, 10.3, 82, 165},
	{"NVIDIA A40", true, 37.4, 74.8, 149.7},
	{"NVIDIA A10", true, 31.2, 62.5, 125},
	{"NVIDIA L4", true, 30.3, 60, 121},
	{"NVIDIA L40", true, 90.5, 90.5, 181},
	{"NVIDIA L40S", true, 91.6, 183, 362},
	{"NVIDIA GeForce RTX 3090", true, 35.6, 35.6, 71},
	{"NVIDIA GeForce RTX 4090", true, 82.6, 82.6, 165.2},
};

static bool is_of(const char *device, const char *name, bool alone)
{
	const size_t size = strlen(name);

	return strncmp(device, name, size) == 0 && (device[size] == '\0' || (!alone && !isalnum((unsigned char)device[size])));
}

double backend_peak(const char *device, enum precision precision)
{
	if (strstr(device, " MIG ")) /* a slice of one */
		return 0;
	for (size_t i = 0; i < sizeof peaks / sizeof *peaks; i++)
		if (is_of(device, peaks[i].name, peaks[i].alone))
			return 1e12 * (precision_is_half(precision) ? peaks[i].half
			               : precision == PRECISION_TF32 ? peaks[i].tf32
			                                             : peaks[i].f32);
	return 0;
}
