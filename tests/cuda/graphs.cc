/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Graphs: the work of a stream while it is captured, done in its order whenever the graph is launched. */
#include "tests/cuda/emulator.h"

#include <map>
#include <vector>

/* The node of a graph stands for the one of the same number in whatever was made of that graph. */
struct cuda_graph_node {
	size_t number;
	cudaGraphNodeType type;
	std::function<cudaError_t()> work; /* of copies */
	struct kernel_launch kernel;
};

struct cuda_graph {
	std::vector<cuda_graph_node> nodes;
	bool broken; /* something happened that a capture does not allow */
};

struct cuda_graph_exec {
	std::vector<cuda_graph_node> nodes;
};

static std::map<cudaStream_t, cuda_graph *> captured;

bool stream_captures(cudaStream_t stream)
{
	const auto at = captured.find(stream);

	if (at == captured.end())
		return false;
	at->second->broken = true; /* only what is forbidden asks */
	return true;
}

bool stream_any_captures()
{
	for (auto &c : captured)
		c.second->broken = true;
	return !captured.empty();
}

bool stream_keeps(cudaStream_t stream, cudaGraphNodeType type, const std::function<cudaError_t()> &work)
{
	const auto at = captured.find(stream);

	if (at == captured.end())
		return false;
	at->second->nodes.push_back({at->second->nodes.size(), type, work, {}});
	return true;
}

bool stream_keeps_kernel(cudaStream_t stream, const struct kernel_launch *k)
{
	if (!stream_keeps(stream, cudaGraphNodeTypeKernel, nullptr))
		return false;
	captured[stream]->nodes.back().kernel = *k;
	return true;
}

cudaError_t cudaStreamBeginCapture(cudaStream_t stream, cudaStreamCaptureMode)
{
	const std::lock_guard<std::recursive_mutex> lock(emulator_lock);

	if (!stream || captured.count(stream) == 1)
		return runtime_result(cudaErrorStreamCaptureUnsupported);
	captured[stream] = new cuda_graph();
	return runtime_call();
}

cudaError_t cudaStreamEndCapture(cudaStream_t stream, cudaGraph_t *graph)
{
	const std::lock_guard<std::recursive_mutex> lock(emulator_lock);
	const auto at = captured.find(stream);

	*graph = nullptr;
	if (at == captured.end())
		return runtime_result(cudaErrorInvalidValue);
	*graph = at->second;
	captured.erase(at);
	if (!(*graph)->broken)
		return runtime_call();
	delete *graph;
	*graph = nullptr;
	return runtime_result(cudaErrorStreamCaptureInvalidated);
}

cudaError_t cudaStreamIsCapturing(cudaStream_t stream, cudaStreamCaptureStatus *status)
{
	const std::lock_guard<std::recursive_mutex> lock(emulator_lock);
	const auto at = captured.find(stream);

	*status = at == captured.end()  ? cudaStreamCaptureStatusNone
	          : at->second->broken ? cudaStreamCaptureStatusInvalidated
	                               : cudaStreamCaptureStatusActive;
	return runtime_call();
}

cudaError_t cudaGraphInstantiate(cudaGraphExec_t *exec, cudaGraph_t graph, unsigned long long)
{
	*exec = new cuda_graph_exec{graph->nodes};
	return runtime_call();
}

cudaError_t cudaGraphLaunch(cudaGraphExec_t exec, cudaStream_t stream)
{
	const std::lock_guard<std::recursive_mutex> lock(emulator_lock);
	cudaError_t result = runtime_call();

	for (auto &node : exec->nodes) {
		if (result != cudaSuccess)
			break;
		stream_begin(stream);
		result = node.type == cudaGraphNodeTypeKernel ? runtime_launch(&node.kernel) : node.work();
	}
	return result;
}

cudaError_t cudaGraphDestroy(cudaGraph_t graph)
{
	delete graph;
	return runtime_call();
}

cudaError_t cudaGraphExecDestroy(cudaGraphExec_t exec)
{
	delete exec;
	return runtime_call();
}

/* `nodes` NULL: only how many there are. */
cudaError_t cudaGraphGetNodes(cudaGraph_t graph, cudaGraphNode_t *nodes, size_t *count)
{
	if (nodes)
		for (size_t i = 0; i < *count && i < graph->nodes.size(); i++)
			nodes[i] = &graph->nodes[i];
	else
		*count = graph->nodes.size();
	return runtime_call();
}

cudaError_t cudaGraphNodeGetType(cudaGraphNode_t node, cudaGraphNodeType *type)
{
	*type = node->type;
	return runtime_call();
}

/* Without the arguments, whose places CUDA keeps to itself here. */
cudaError_t cudaGraphKernelNodeGetParams(cudaGraphNode_t node, cudaKernelNodeParams *params)
{
	if (node->type != cudaGraphNodeTypeKernel)
		return runtime_result(cudaErrorInvalidValue);
	*params = {const_cast<void *>(node->kernel.kernel), node->kernel.grid, node->kernel.block,
	           static_cast<unsigned>(node->kernel.shared), nullptr, nullptr};
	return runtime_call();
}

cudaError_t cudaGraphExecKernelNodeSetParams(cudaGraphExec_t exec, cudaGraphNode_t node, const cudaKernelNodeParams *params)
{
	struct kernel_launch *k = &exec->nodes[node->number].kernel;

	if (node->type != cudaGraphNodeTypeKernel || params->func != k->kernel || !params->kernelParams)
		return runtime_result(cudaErrorInvalidValue);
	k->bind(params->kernelParams, &k->arguments);
	k->grid = params->gridDim;
	k->block = params->blockDim;
	k->shared = params->sharedMemBytes;
	return runtime_call();
}
