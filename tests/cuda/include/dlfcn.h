/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The system's header, but for NVIDIA's libraries, which the module opens by their names: what stands in for them is linked
 * into the emulated module (tests/cuda/libraries.cc). */
#ifndef REVUE_TESTS_CUDA_DLFCN_H
#define REVUE_TESTS_CUDA_DLFCN_H

#include_next <dlfcn.h>

void *cuda_dlopen(const char *name, int flags);
void *cuda_dlsym(void *library, const char *symbol);

#ifndef REVUE_CUDA_LIBRARIES
#define dlopen cuda_dlopen
#define dlsym cuda_dlsym
#endif

#endif
