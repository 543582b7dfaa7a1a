#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The table of make bench-gpu: skipped in one line where there is no GPU, and in its small form whole on the emulated device.
. "${REVUE_SOURCE:-.}/tests/cli/tap.sh"
build=$(cd "$(dirname "$revue")" && pwd)
bench=$build/tests/bench/bench_gpu
emulated=$build/tests/cuda/backend_cuda.so

REVUE_CUDA_MODULE=$work/none.so "$bench" >out 2>err
is "without a GPU it is skipped" 77 $?
is "which one line says" "1 1" "$(wc -l <out | tr -d ' ') $(grep -c '^bench_gpu: skipped: .*none.so' out)"
is "and nothing else" "" "$(cat err)"
if [ ! -f "$emulated" ]; then
	skip "its small form on the emulated device" "no C++ compiler, so no emulated device"
	done_testing
	exit
fi
REVUE_CUDA_MODULE=$emulated
export REVUE_CUDA_MODULE
succeeds "its small form runs on the emulated device" "$bench" --tiny
cp out table
matches "what a product reaches is told for both precisions" '^emulated device; one product .*: +f32 [0-9.]+ TFLOP/s +bf16 [0-9.]+ TFLOP/s$' "$(cat table)"
is "each precision has its line, with all eight figures" 2 "$(awk '$1 == "speck" && ($2 == "f32" || $2 == "bf16") {
	gsub(/%/, ""); if (NF == 13 && $6 > 0 && $10 > 0 && $12 > 0 && $13 > 0) n++ } END { print n + 0 }' table)"
is "a step is a graph that few calls start" 2 "$(awk '$1 == "speck" { gsub(/%/, ""); if ($10 <= 8 && $9 > 5 * $10) n++ }
	END { print n + 0 }' table)"
REVUE_CUDA_GRAPHS=no "$bench" --tiny >out 2>err
is "unless they are switched off" 2 "$(awk '$1 == "speck" { gsub(/%/, ""); if ($10 > 50) n++ } END { print n + 0 }' out)"
done_testing
