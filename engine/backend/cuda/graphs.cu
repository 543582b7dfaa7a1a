/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A tape that comes the first time is remembered, the second time captured, from then on replayed: shapes that come once cost
 * nothing but a copy of the tape. No node is ever edited; tapes are compared as a whole, so that a graph does what the tape
 * would do, whatever was freed, moved or reserved in between. */
#include "engine/backend/cuda/graphs.h"

#include <cstdlib>
#include <cstring>
#include <new>

#define GRAPHS 64 /* kept; the one that was not wanted for longest goes */

struct graph {
	unsigned char *tape;
	size_t bytes;
	cudaGraphExec_t exec;
	uint64_t wanted; /* when, by graphs->clock */
	bool refused;    /* it cannot be captured */
};

struct graphs {
	struct graph kept[GRAPHS];
	uint64_t clock;
};

struct graphs *graphs_open()
{
	const char *word = getenv("REVUE_CUDA_GRAPHS");

	return word && strcmp(word, "no") == 0 ? nullptr : new (std::nothrow) graphs();
}

static void forget(struct graph *g)
{
	if (g->exec)
		cudaGraphExecDestroy(g->exec);
	free(g->tape);
	*g = {};
}

void graphs_close(struct graphs *graphs)
{
	for (auto &g : graphs->kept)
		forget(&g);
	delete graphs;
}

static struct graph *find(struct graphs *graphs, const struct tape *tape)
{
	for (auto &g : graphs->kept)
		if (g.bytes == tape->used && memcmp(g.tape, tape->bytes, g.bytes) == 0)
			return &g;
	return nullptr;
}

static struct graph *oldest(struct graphs *graphs)
{
	struct graph *oldest = &graphs->kept[0];

	for (auto &g : graphs->kept)
		if (g.wanted < oldest->wanted)
			oldest = &g;
	return oldest;
}

/* In the place of the oldest, which may be at work. */
static void remember(struct cuda *c, struct graphs *graphs, const struct tape *tape)
{
	struct graph *g = oldest(graphs);

	if (g->exec && !cuda_check(c, cudaStreamSynchronize(c->stream), "waiting for it"))
		return;
	forget(g);
	g->tape = static_cast<unsigned char *>(malloc(tape->used));
	if (!g->tape)
		return;
	memcpy(g->tape, tape->bytes, tape->used);
	g->bytes = tape->used;
	g->wanted = graphs->clock;
}

/* Nothing is started, and a failure while the stream is captured is none of the device. */
static bool capture(struct cuda *c, const struct tape *tape, cudaGraph_t *graph)
{
	const uint64_t launches = c->backend.launches;

	*graph = nullptr;
	if (cudaStreamBeginCapture(c->stream, cudaStreamCaptureModeThreadLocal) != cudaSuccess)
		return false;
	tape_run(c, tape);
	const cudaError_t result = cudaStreamEndCapture(c->stream, graph);
	const bool whole = result == cudaSuccess && !c->failed;

	c->failed = false;
	c->backend.launches = launches;
	return whole;
}

static void make(struct cuda *c, const struct tape *tape, struct graph *g)
{
	cudaGraph_t graph;

	if (!capture(c, tape, &graph) || cudaGraphInstantiate(&g->exec, graph, 0) != cudaSuccess) {
		cudaGetLastError();
		g->exec = nullptr;
		g->refused = true;
	}
	if (graph)
		cudaGraphDestroy(graph);
}

bool graphs_replay(struct cuda *c, struct graphs *graphs, const struct tape *tape)
{
	struct graph *g;

	if (c->failed)
		return false;
	graphs->clock++;
	g = find(graphs, tape);
	if (!g) {
		remember(c, graphs, tape);
		return false;
	}
	g->wanted = graphs->clock;
	if (!g->exec && !g->refused)
		make(c, tape, g);
	if (!g->exec)
		return false;
	c->backend.launches++;
	c->backend.replays++;
	cuda_check(c, cudaGraphLaunch(g->exec, c->stream), "starting a step");
	return true;
}
