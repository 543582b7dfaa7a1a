/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the parts of the emulated device tell each other. One kernel runs at a time, on the thread that launched it: whoever
 * calls the runtime holds emulator_lock. */
#ifndef REVUE_TESTS_CUDA_EMULATOR_H
#define REVUE_TESTS_CUDA_EMULATOR_H

#include <cuda_runtime.h>

#include <mutex>

#define WARP 32
#define THREADS_MAX 1024
#define SHARED_MAX (size_t{227} << 10) /* of a block, as of an H100 */
#define SHARED_USUAL (size_t{48} << 10) /* without being asked for by cudaFuncSetAttribute */
#define STACK_BYTES (size_t{128} << 10)

extern std::recursive_mutex emulator_lock;

/* --- faults.cc: one line a fault. It ends the process, unless a test asked for it. */

/* Of the thread that runs. Does not return: the kernel is given up, its launch returns cudaErrorLaunchFailure. */
[[noreturn]] void fault_kernel(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Of the host. Returns for tests alone. */
void fault_host(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* For tests: whether faults are kept instead of ending the process, and the first since that was last asked ("": none). */
void faults_keep(bool keep);
bool faults_are_kept();
const char *faults_kept();
void faults_catch_signals(); /* on this thread: guard pages, the host at device memory */

/* --- heap.cc: memory of the device */

enum heap_kind { HEAP_DEVICE, HEAP_MANAGED, HEAP_PINNED };

void *heap_alloc(enum heap_kind kind, size_t bytes); /* filled with ones: what is no number. NULL: no memory */
bool heap_free(enum heap_kind kind, void *memory);   /* false, after a fault, when it is not the start of such memory */
size_t heap_used();                                  /* bytes of device and managed memory */
bool heap_is_device(const void *at);                 /* not managed */
bool heap_is_pinned(const void *at);

/* The region of all device and managed memory; a byte for each granule: whether all of it is live. */
#define HEAP_GRANULE 256
extern uintptr_t heap_start, heap_bytes;
extern unsigned char *heap_granules;

static inline uintptr_t heap_offset(const void *at)
{
	return reinterpret_cast<uintptr_t>(at) - heap_start;
}

/* Device or managed, live or not. */
static inline bool heap_holds(const void *at)
{
	return heap_offset(at) < heap_bytes;
}

bool heap_is_live_slowly(const void *at, size_t bytes);

static inline bool heap_is_live(const void *at, size_t bytes)
{
	const uintptr_t offset = heap_offset(at);

	if (bytes <= HEAP_GRANULE && offset < heap_bytes && offset + bytes <= heap_bytes && heap_granules[offset / HEAP_GRANULE] &&
	    heap_granules[(offset + bytes - 1) / HEAP_GRANULE])
		return true;
	return heap_is_live_slowly(at, bytes);
}

/* What is wrong with it, in words. */
void heap_describe(const void *at, size_t bytes, char *out, size_t capacity);
void heap_open(bool open);             /* to whoever touches it: kernels and copies */
void heap_close();                     /* the host waited: nobody has to do with it until the next work begins */
bool heap_is_open();                   /* on this thread */

/* --- races.cc: what kernels read and write */

bool race_reserve(size_t heap_bytes); /* cells for the region of device memory */
void race_launch(); /* a launch begins: nothing done before races with it */
void race_block(size_t shared_bytes);
void race_meet();   /* all threads of the block met */

/* Of thread `thread` of the block: checked as if it were done now. */
void race_read(unsigned thread, const void *at, size_t bytes);
void race_write(unsigned thread, const void *at, size_t bytes);
/* Shared memory that cp.async will write: nobody may touch it until then. */
void race_promise(unsigned thread, const void *at, size_t bytes);
void race_keep_promise(unsigned thread, const void *at, size_t bytes); /* it is written */

/* --- fibers.cc */

struct kernel_launch {
	const void *kernel;
	cuda_binder bind;
	struct cuda_arguments arguments;
	dim3 grid, block;
	size_t shared;
};

extern thread_local bool in_kernel;
extern unsigned fiber_now;                      /* thread of the block */
extern unsigned fiber_epochs[THREADS_MAX / WARP]; /* how often each warp met for memory */

extern char *fiber_stacks;

/* On the stack of one. */
static inline bool fiber_holds(const void *at)
{
	return static_cast<size_t>(static_cast<const char *>(at) - fiber_stacks) < STACK_BYTES * THREADS_MAX;
}

void fibers_seed(uint64_t seed); /* for tests: else REVUE_CUDA_SEED's */
cudaError_t fibers_run(const struct kernel_launch *k);
[[noreturn]] void fibers_leave(); /* gives up the kernel */
const char *fibers_where();       /* "KERNEL: block 1, thread 2" */
/* Deposits `bytes` for the other lanes; gives where lane l's lie: the answer + l * stride. All lanes call it. */
const unsigned char *fibers_exchange(const void *value, size_t bytes, cuda_site site);
#define EXCHANGE_STRIDE 32

/* --- async.cc: cp.async of the thread that runs */

void async_forget(); /* a block begins */

/* --- runtime.cc */

/* What the call must return instead of being done: cudaSuccess where all is well. */
cudaError_t runtime_call();
cudaError_t runtime_result(cudaError_t result); /* kept for cudaGetLastError */
cudaError_t runtime_launch(const struct kernel_launch *k);

/* --- streams.cc */

void stream_begin(cudaStream_t stream); /* what was put off is done: a kernel or the like follows */
/* The host gives this memory up. */
void streams_forget(enum heap_kind kind, const void *memory);

/* --- graphs.cc */

/* Where the stream is captured the work is kept for its graph instead of being done: true then. */
bool stream_keeps_kernel(cudaStream_t stream, const struct kernel_launch *k);
bool stream_keeps(cudaStream_t stream, cudaGraphNodeType type, const std::function<cudaError_t()> &work);
bool stream_captures(cudaStream_t stream);
bool stream_any_captures();

#endif
