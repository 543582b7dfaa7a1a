/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Steps. Between step_begin and step_end operations start nothing: what they would start is noted on a tape, and arrays of the
 * host are gathered in pinned memory. At the end all arrays go to the device in one copy, and the tape is done. A tape that is,
 * byte for byte, one that was seen before is a graph by then, and one call starts all of it: whatever differs from step to step
 * must therefore lie in staged memory, of a size that depends on the shape of the step alone. */
#ifndef REVUE_BACKEND_CUDA_STEPS_H
#define REVUE_BACKEND_CUDA_STEPS_H

#include "engine/backend/cuda/tape.h"

#define STEPS 4              /* that may be on their way */
#define FETCHES 8            /* of a step; what is more waits */
#define BACK_BYTES (size_t{64} << 10)

/* A step: where its arrays are gathered and what it fetches. */
struct step {
	struct area area;
	unsigned char *back; /* pinned: what is on its way to the host */
	size_t back_used;
	struct {
		void *host;
		size_t at, bytes;
	} fetches[FETCHES];
	int fetched;
	cudaEvent_t copied, done;
	uint64_t number;
	bool busy; /* it ended, and nobody waited for it yet */
};

struct graphs; /* graphs.cu */

struct steps {
	struct step ring[STEPS];
	uint64_t number;  /* of the last that began */
	uint32_t counter; /* of its dropout */
	cudaStream_t copies;
	struct tape tape;
	bool noting; /* a step is being noted down */
	struct graphs *graphs; /* NULL: none are made */
};

/* Events, streams, memory; false with the failure kept. Areas are taken with the staging memory (reserve.cu). */
bool steps_open(struct cuda *c);
void steps_close(struct cuda *c);

/* Does what was noted: before the host waits or copies. */
void steps_submit(struct cuda *c);

/* Notes a call down; false: there is no step. */
bool steps_note(struct cuda *c, cuda_function function, const void *what, size_t bytes);

#endif
