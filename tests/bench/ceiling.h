/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What this machine can do, measured now: every speed is told as a share of it. */
#ifndef REVUE_BENCH_CEILING_H
#define REVUE_BENCH_CEILING_H

struct ceiling {
	double peak;  /* GFLOP/s of independent f32 multiply-adds in registers, all threads */
	double sgemm; /* GFLOP/s of OpenBLAS, X[2048,384] W[1536,384]^T, split by rows over the program's pool */
	int threads;
};

/* Best of many short runs on that many threads, so that a neighbour counts little. */
double ceiling_peak(int threads);

/* Both on all processors of this process. */
struct ceiling ceiling_measure(void);

#endif
