/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A ring of steps: the host gathers the arrays of one while the device copies those of the one before on a stream of its own
 * and computes the one before that. */
#include "engine/backend/cuda/steps.h"

#include "engine/backend/cuda/graphs.h"
#include "engine/backend/cuda/operations.h"

#include <cstring>
#include <new>

bool steps_note(struct cuda *c, cuda_function function, const void *what, size_t bytes)
{
	struct steps *steps = c->steps;

	if (!steps->noting)
		return false;
	if (tape_add(&steps->tape, function, what, bytes))
		return true;
	steps_submit(c);
	return tape_add(&steps->tape, function, what, bytes);
}

/* ---- what goes to the device */

static struct step *step_now(struct cuda *c)
{
	return &c->steps->ring[c->steps->number % STEPS];
}

/* What was gathered since the last time. */
static void send_area(struct cuda *c, struct step *step)
{
	struct area *area = &step->area;
	const size_t from = area->sent, bytes = area->used - from;

	if (bytes == 0)
		return;
	area->sent = area->used;
	c->backend.launches++;
	if (cuda_check(c, cudaMemcpyAsync(area->staged + from, area->pinned + from, bytes, cudaMemcpyHostToDevice, c->steps->copies),
	               "copying to it") &&
	    cuda_check(c, cudaEventRecord(step->copied, c->steps->copies), "marking a copy"))
		cuda_check(c, cudaStreamWaitEvent(c->stream, step->copied, 0), "waiting for a copy");
}

void steps_submit(struct cuda *c)
{
	struct steps *steps = c->steps;

	if (!steps->noting || steps->tape.used == 0)
		return;
	send_area(c, step_now(c));
	if (!steps->graphs || !graphs_replay(c, steps->graphs, &steps->tape))
		tape_run(c, &steps->tape);
	steps->tape.used = 0;
}

/* ---- steps */

/* Waits for a step that ended, and hands out what it fetched. */
static void finish(struct cuda *c, struct step *step)
{
	if (!step->busy)
		return;
	step->busy = false;
	if (c->failed || !cuda_check(c, cudaEventSynchronize(step->copied), "waiting for a copy") ||
	    !cuda_check(c, cudaEventSynchronize(step->done), "waiting for a step"))
		return;
	for (int i = 0; i < step->fetched; i++)
		memcpy(step->fetches[i].host, step->back + step->fetches[i].at, step->fetches[i].bytes);
}

/* The counter of the step's dropout stands first in its area, where kernels find it in every step. */
void cuda_step_begin(struct backend *b, uint64_t counter)
{
	struct cuda *c = cuda_of(b);
	struct steps *steps = c->steps;
	struct step *step;

	steps->number++;
	step = step_now(c);
	finish(c, step);
	step->number = steps->number;
	step->fetched = 0;
	step->back_used = 0;
	if (!step->area.pinned) /* nobody reserved for training: all is done at once */
		return;
	steps->counter = static_cast<uint32_t>(counter);
	memcpy(step->area.pinned, &steps->counter, sizeof steps->counter);
	step->area.sent = 0;
	step->area.used = AREA_HEAD;
	c->area = &step->area;
	steps->tape.used = 0;
	steps->noting = true;
}

uint64_t cuda_step_end(struct backend *b)
{
	struct cuda *c = cuda_of(b);
	struct step *step = step_now(c);

	steps_submit(c);
	c->steps->noting = false;
	c->area = &c->usual;
	if (!c->failed)
		cuda_check(c, cudaEventRecord(step->done, c->stream), "marking a step");
	step->busy = true;
	return step->number;
}

bool cuda_settle(struct backend *b, uint64_t number)
{
	struct cuda *c = cuda_of(b);

	for (uint64_t n = c->steps->number < STEPS ? 1 : c->steps->number - STEPS + 1; n <= number; n++)
		finish(c, &c->steps->ring[n % STEPS]);
	return !c->failed;
}

/* ---- what comes to the host */

struct back_copy {
	void *to;
	const void *from;
	size_t bytes;
};

static void copy_back(struct cuda *c, const void *what)
{
	const struct back_copy *copy = static_cast<const struct back_copy *>(what);

	cuda_check(c, cudaMemcpyAsync(copy->to, copy->from, copy->bytes, cudaMemcpyDeviceToHost, c->stream), "copying from it");
}

void cuda_fetch(struct backend *b, void *host, const void *device, size_t bytes)
{
	struct cuda *c = cuda_of(b);
	struct step *step = step_now(c);
	struct back_copy copy = {step->back + step->back_used, device, bytes};

	if (!c->steps->noting || step->fetched == FETCHES || staged_bytes(bytes) > BACK_BYTES - step->back_used) {
		cuda_download(b, host, device, bytes);
		return;
	}
	step->fetches[step->fetched++] = {host, step->back_used, bytes};
	step->back_used += staged_bytes(bytes);
	cuda_do(c, copy_back, &copy, sizeof copy);
}

/* About a sixteenth of the rows: fewer shapes come again sooner, and rows that nobody reads cost time. */
int32_t cuda_row_step(struct backend *, int32_t rows)
{
	int32_t step = 32;

	while (step < 512 && step < rows / 16)
		step *= 2;
	return step;
}

/* ---- */

static bool open_step(struct cuda *c, struct step *step)
{
	return cuda_check(c, cudaEventCreateWithFlags(&step->copied, cudaEventDisableTiming), "making an event") &&
	       cuda_check(c, cudaEventCreateWithFlags(&step->done, cudaEventDisableTiming), "making an event") &&
	       cuda_check(c, cudaMallocHost(reinterpret_cast<void **>(&step->back), BACK_BYTES), "taking memory of the host");
}

bool steps_open(struct cuda *c)
{
	struct steps *steps = new (std::nothrow) struct steps();

	c->steps = steps;
	if (!steps || !tape_open(&steps->tape)) {
		cuda_fail(c, "no memory of the host");
		return false;
	}
	steps->graphs = graphs_open();
	for (auto &step : steps->ring)
		if (!open_step(c, &step))
			return false;
	return cuda_check(c, cudaStreamCreateWithFlags(&steps->copies, cudaStreamNonBlocking), "making a stream");
}

void steps_close(struct cuda *c)
{
	struct steps *steps = c->steps;

	if (!steps)
		return;
	if (steps->graphs)
		graphs_close(steps->graphs);
	for (auto &step : steps->ring) {
		area_free(&step.area);
		cudaFreeHost(step.back);
		if (step.copied)
			cudaEventDestroy(step.copied);
		if (step.done)
			cudaEventDestroy(step.done);
	}
	if (steps->copies)
		cudaStreamDestroy(steps->copies);
	tape_close(&steps->tape);
	delete steps;
	c->steps = nullptr;
}
