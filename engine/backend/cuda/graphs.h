/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Tapes that were seen, and the graphs that were made of those that came again. */
#ifndef REVUE_BACKEND_CUDA_GRAPHS_H
#define REVUE_BACKEND_CUDA_GRAPHS_H

#include "engine/backend/cuda/tape.h"

struct graphs;

struct graphs *graphs_open(); /* NULL: no memory, or REVUE_CUDA_GRAPHS=no */
void graphs_close(struct graphs *graphs);

/* Starts the graph of what is on the tape. False: there is none, and nothing was started. */
bool graphs_replay(struct cuda *c, struct graphs *graphs, const struct tape *tape);

#endif
