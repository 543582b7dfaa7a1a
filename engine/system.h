/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What this machine and this build are: for `revue info`, run.json and error messages. */
#ifndef REVUE_ENGINE_SYSTEM_H
#define REVUE_ENGINE_SYSTEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct system_info {
	char processor[128]; /* "AMD EPYC" as the kernel names it */
	char isa[64];        /* "AVX2 FMA", "AVX-512 ..." */
	int processors;      /* that this process may use */
	uint64_t memory_total, memory_available; /* bytes; the cgroup's limit where that is lower */
	char kernel[128];
	char blas[128];      /* system_blas where the backend is "openblas", else "not used" */
	char backend[64];    /* path of the CPU backend: "avx2", "avx512", "openblas", "reference" */
};

/* The GPU that --device cuda would take. */
struct system_gpu {
	char why[256];       /* no GPU is used, and the reason; else "" */
	char name[128];      /* "NVIDIA H200" as its driver spells it */
	uint64_t memory_total, memory_free;
	char driver[64];     /* "580.65.06, for CUDA 13.0" */
	char capability[16]; /* "9.0" */
	uint64_t memory_used; /* by all processes, as its driver counts; 0: not known, as all that follow */
	double peak_f32, peak_half; /* operations a second in f32 and in 16 bits, at most */
	double watts;
	int temperature;     /* degrees Celsius */
};

void system_info(struct system_info *info);
void system_gpu(struct system_gpu *gpu); /* takes up to a second where there is one: never on the UI thread */
void system_blas(char *out, size_t capacity); /* version, core type and flavour; opens OpenBLAS to ask it */
int system_processors(void);
uint64_t system_memory_total(void); /* bytes of the machine, or of the control group where that has fewer */
uint64_t system_memory_available(void);
uint64_t system_memory_used(void); /* bytes of this process that lie in memory; 0: not known */
const char *system_version(void); /* "revue 0.1.0" */

#endif
