/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The emulated device finds every fault that is planted for it, however threads and blocks take turns, and complains of
 * nothing else; planned faults, conversions, graphs and products do what those of CUDA do. */
#include "tests/cuda/emulator.h"
#include "tests/cuda/planted.h"

#include <cublasLt.h>
#include <cuda_bf16.h>
#include <cuda_fp16.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <sys/wait.h>
#include <unistd.h>

#define SEEDS 5

static int number;
static bool failed;

static void tell(bool good, const char *name, const char *why)
{
	printf("%s %d - %s\n", good ? "ok" : "not ok", ++number, name);
	if (!good)
		printf("# %s\n", why);
	failed = failed || !good;
}

/* ---- planted faults */

static void check_fault(const struct planted *p)
{
	char name[160], why[640] = "";

	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		fibers_seed(seed);
		faults_keep(true);
		const char *result = p->run(true), *fault = faults_kept();

		if (!strstr(fault, p->told) && !strstr(result, p->told))
			snprintf(why, sizeof why, "seed %d: \"%s\" and \"%s\" do not tell \"%s\"", static_cast<int>(seed), fault,
			         result, p->told);
	}
	snprintf(name, sizeof name, "found: %s", p->name);
	tell(!*why, name, why);
}

static void check_twin(const struct planted *p)
{
	char name[160], why[640] = "";

	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		fibers_seed(seed);
		faults_keep(true);
		const char *result = p->run(false), *fault = faults_kept();

		if (*fault || *result)
			snprintf(why, sizeof why, "seed %d: %s%s", static_cast<int>(seed), fault, result);
	}
	snprintf(name, sizeof name, "nothing wrong is found in the twin of: %s", p->name);
	tell(!*why, name, why);
}

/* ---- how it ends a process that asked for nothing else */

/* Whether `work`, in a process of its own, dies of a signal after such a line. */
static void check_end(const char *name, void (*work)(), const char *told)
{
	char said[1024] = "";
	int ends[2], status = 0;
	ssize_t got = 0, more;
	pid_t child;

	if (pipe(ends) != 0 || (child = fork()) < 0) {
		tell(false, name, "no process");
		return;
	}
	if (child == 0) {
		dup2(ends[1], STDERR_FILENO);
		faults_keep(false);
		work();
		_exit(0);
	}
	close(ends[1]);
	while (got < 1000 && (more = read(ends[0], said + got, static_cast<size_t>(1000 - got))) > 0)
		got += more;
	close(ends[0]);
	waitpid(child, &status, 0);
	tell(WIFSIGNALED(status) && strstr(said, told), name, said);
}

static void fault()
{
	planted[0].run(true);
}

/* No hook is in this file. */
static void touch()
{
	void *x = nullptr;

	cudaMalloc(&x, 400);
	cudaDeviceSynchronize();
	static_cast<volatile float *>(x)[1] = 2;
}

static void check_ends()
{
	check_end("a fault ends the process with one line", fault, "cuda: neighbour_kernel: block 0, thread ");
	check_end("so does the host at memory of the device", touch, "4 of an array of 400 bytes");
	check_end("so does a stack that is full", planted_full_stack, "deep_kernel: block 0, thread ");
}

/* ---- faults that tests plan */

static cudaError_t plan(const char *name, const char *value)
{
	int count;
	cudaError_t result;

	setenv(name, value, 1);
	result = cudaGetDeviceCount(&count);
	unsetenv(name);
	return result;
}

static void end_plan()
{
	int count;

	cudaGetDeviceCount(&count);
}

static void check_devices()
{
	tell(plan("REVUE_CUDA_EMULATE_DEVICES", "0") == cudaErrorNoDevice, "no device", "it was found");
	tell(plan("REVUE_CUDA_EMULATE_DRIVER", "12040") == cudaErrorInsufficientDriver, "an old driver", "it was taken");
	tell(plan("REVUE_CUDA_EMULATE_DRIVER", "0") == cudaErrorInsufficientDriver, "no driver", "it was taken");
	tell(strcmp(cudaGetErrorString(cudaErrorNoDevice), "no CUDA-capable device is detected") == 0, "errors as CUDA words them",
	     "other words");
	end_plan();
}

static void check_memory()
{
	void *memory[3] = {};
	size_t available, total;

	plan("REVUE_CUDA_EMULATE_MEMORY", "1");
	tell(cudaMalloc(&memory[0], 1 << 19) == cudaSuccess && cudaMalloc(&memory[1], 1 << 20) == cudaErrorMemoryAllocation &&
	             cudaMemGetInfo(&available, &total) == cudaSuccess && available <= 1 << 19 && total == 1 << 20,
	     "a device with little memory", "it gave more");
	cudaFree(memory[0]);
	plan("REVUE_CUDA_EMULATE_FAIL_ALLOC", "2");
	tell(cudaMalloc(&memory[0], 8) == cudaSuccess && cudaMalloc(&memory[1], 8) == cudaErrorMemoryAllocation &&
	             cudaMalloc(&memory[2], 8) == cudaSuccess,
	     "the second allocation fails", "another did");
	cudaFree(memory[0]);
	cudaFree(memory[2]);
	end_plan();
}

static void check_lost()
{
	void *memory;
	bool good;

	setenv("REVUE_CUDA_EMULATE_LOST_AS", "700", 1);
	plan("REVUE_CUDA_EMULATE_LOST", "2");
	good = cudaMalloc(&memory, 8) == cudaSuccess;
	for (int i = 0; i < 3; i++)
		good = good && cudaDeviceSynchronize() == cudaErrorIllegalAddress;
	tell(good && cudaGetLastError() == cudaErrorIllegalAddress, "a device that is lost stays so", "it came back");
	unsetenv("REVUE_CUDA_EMULATE_LOST_AS");
	end_plan();
	cudaFree(memory);
}

/* ---- numbers */

/* Each half is itself again; a float between two neighbours goes to the nearer, in the middle to the even one. */
static bool rounds(uint16_t bits, float (*value)(uint16_t), uint16_t (*round)(float))
{
	const float low = value(bits), high = value(static_cast<uint16_t>(bits + 1));
	const double middle = (static_cast<double>(low) + high) / 2;

	if (std::isnan(low))
		return std::isnan(value(round(low)));
	if (round(low) != bits)
		return false;
	if (!std::isfinite(high) || !std::isfinite(low))
		return true;
	return round(nextafterf(static_cast<float>(middle), low)) == bits &&
	       round(nextafterf(static_cast<float>(middle), high)) == bits + 1 &&
	       round(static_cast<float>(middle)) == (bits % 2 == 0 ? bits : bits + 1);
}

static void check_numbers()
{
	bool bf16 = true, half = true;

	for (unsigned bits = 0; bits < 0xFFFF; bits++) {
		if (bits == 0x7FFF)
			continue; /* its neighbour is -0 */
		bf16 = bf16 && rounds(static_cast<uint16_t>(bits), cuda_bf16_value, cuda_bf16_bits);
		half = half && rounds(static_cast<uint16_t>(bits), cuda_half_value, cuda_half_bits);
	}
	tell(bf16, "bfloat16 is rounded to the nearest, ties to even", "a number was not");
	tell(half && cuda_half_bits(65519.f) == 0x7BFF && cuda_half_bits(65520.f) == 0x7C00 && cuda_half_bits(1e-8f) == 0,
	     "binary16 is rounded to the nearest, ties to even", "a number was not");
}

/* ---- graphs */

static void check_graphs()
{
	cudaStream_t stream;
	cudaGraph_t graph;
	cudaGraphExec_t exec;
	float *x = nullptr, host[2] = {};
	void *memory;
	size_t nodes = 0;

	cudaMalloc(reinterpret_cast<void **>(&x), 2 * sizeof *x);
	cudaMemset(x, 0, 2 * sizeof *x);
	cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking);
	cudaStreamBeginCapture(stream, cudaStreamCaptureModeGlobal);
	cudaMemsetAsync(x, 0x40, sizeof *x, stream);
	cudaMemcpyAsync(x + 1, x, sizeof *x, cudaMemcpyDeviceToDevice, stream);
	cudaStreamEndCapture(stream, &graph);
	cudaMemcpy(host, x, sizeof host, cudaMemcpyDeviceToHost);
	tell(host[0] == 0, "what is captured is not done", "it was");
	cudaGraphGetNodes(graph, nullptr, &nodes);
	cudaGraphInstantiate(&exec, graph);
	cudaGraphLaunch(exec, stream);
	cudaStreamSynchronize(stream);
	cudaMemcpy(host, x, sizeof host, cudaMemcpyDeviceToHost);
	tell(nodes == 2 && host[1] > 3 && host[1] == host[0], "a graph does it in its order", "it did not");
	cudaGraphExecDestroy(exec);
	cudaGraphDestroy(graph);
	cudaStreamBeginCapture(stream, cudaStreamCaptureModeGlobal);
	tell(cudaMalloc(&memory, 8) == cudaErrorStreamCaptureUnsupported &&
	             cudaStreamEndCapture(stream, &graph) == cudaErrorStreamCaptureInvalidated && !graph,
	     "an allocation breaks a capture", "it did not");
	cudaStreamDestroy(stream);
	cudaFree(x);
}

/* ---- products */

static void *lay(const float *values, size_t count)
{
	void *memory = nullptr;

	cudaMalloc(&memory, count * sizeof *values);
	cudaMemcpy(memory, values, count * sizeof *values, cudaMemcpyHostToDevice);
	return memory;
}

/* d[2, 3] = 2 a^T[2, 2] b[2, 3] + d, in columns; d's are four apart. */
static cublasStatus_t multiply(float *got, int64_t rows_apart)
{
	const float a[] = {1, 2, 3, 4}, b[] = {1, 0, 0, 1, 1, 1}, c[12] = {10, 20, 0, 0, 30, 40, 0, 0, 50, 60, 0, 0}, alpha = 2, beta = 1;
	const int32_t turn = CUBLAS_OP_T;
	void *memory[] = {lay(a, 4), lay(b, 6), lay(c, 10)};
	cublasLtMatmulDescOpaque_t how;
	cublasLtMatrixLayoutOpaque_t layouts[3];
	cublasLtHandle_t handle;
	cublasStatus_t status;

	cublasLtCreate(&handle);
	cublasLtMatmulDescInit_internal(&how, sizeof how, CUBLAS_COMPUTE_32F, CUDA_R_32F);
	cublasLtMatmulDescSetAttribute(&how, CUBLASLT_MATMUL_DESC_TRANSA, &turn, sizeof turn);
	cublasLtMatrixLayoutInit_internal(&layouts[0], sizeof *layouts, CUDA_R_32F, 2, 2, 2);
	cublasLtMatrixLayoutInit_internal(&layouts[1], sizeof *layouts, CUDA_R_32F, 2, 3, 2);
	cublasLtMatrixLayoutInit_internal(&layouts[2], sizeof *layouts, CUDA_R_32F, 2, 3, rows_apart);
	status = cublasLtMatmul(handle, &how, &alpha, memory[0], &layouts[0], memory[1], &layouts[1], &beta, memory[2], &layouts[2],
	                        memory[2], &layouts[2], nullptr, nullptr, 0, nullptr);
	cudaMemcpy(got, memory[2], 10 * sizeof *got, cudaMemcpyDeviceToHost);
	cublasLtDestroy(handle);
	for (void *m : memory)
		cudaFree(m);
	return status;
}

static void check_products()
{
	const float want[10] = {12, 26, 0, 0, 34, 48, 0, 0, 56, 74};
	float got[10];

	faults_keep(true);
	tell(multiply(got, 4) == CUBLAS_STATUS_SUCCESS && memcmp(got, want, sizeof got) == 0 && !*faults_kept(),
	     "a product in columns, turned, scaled and added", "another came out");
	faults_keep(true);
	multiply(got, 5);
	tell(strstr(faults_kept(), "at byte 0 of an array of 40 bytes") != nullptr, "found: a product beyond the end of its result",
	     "it was not");
}

int main()
{
	for (size_t i = 0; i < planted_count; i++)
		check_fault(&planted[i]);
	for (size_t i = 0; i < planted_count; i++)
		check_twin(&planted[i]);
	check_ends();
	check_devices();
	check_memory();
	check_lost();
	check_numbers();
	check_graphs();
	check_products();
	printf("1..%d\n", number);
	return failed;
}
