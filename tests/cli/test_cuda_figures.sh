#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# What a GPU tells of itself, in revue info, in the log of a training and at its end: with the driver's library of management,
# without it, and of a GPU whose peak is known. On the emulated device, whose library (tests/cuda/nvml.cc) tells fixed figures.
. "${REVUE_SOURCE:-.}/tests/cli/tap.sh"
need_emulated "the figures of a device"
mkdir alone && cp "$emulated" "$build/tests/cuda/libcublasLt.so.13" alone
make_base 1

# train RUN MODULE DEVICE OPTION...
train() {
	run=$1 module=$2 device=$3
	shift 3
	REVUE_CUDA_MODULE=$module "$revue" train few.csv -m base -o "$run" --max-length 24 --per-device-train-batch-size 4 --seed 1 \
		--max-steps 2 --logging-steps 1 --validation 0 --device "$device" "$@" >out 2>err
}
# of RUN KEY: whether the last step of its log has a number of that name, and which.
of() {
	sed -n "s/.*\"type\":\"step\".*\"$2\":\([^,}]*\).*/\1/p" "$1/metrics.jsonl" | tail -1
}

train known "$emulated" cuda
is "memory, watts and temperature stand in the log" "1073741824 71.5 33" \
	"$(of known device_memory) $(of known watts) $(of known celsius)"
is "no share of a peak that nobody knows" "" "$(of known peak_share)"
is "the end tells them" "revue: emulated device: at most 1.1 GB of 8.6 GB were used, 71.5 W, 33 degrees Celsius" \
	"$(grep 'at most' err | sed 's/ 72 W/ 71.5 W/')"
train silent "$PWD/alone/backend_cuda.so" cuda
is "without the driver's library memory alone" "yes  " \
	"$([ "$(of silent device_memory)" -gt 1000000 ] && echo yes) $(of silent watts) $(of silent celsius)"
is "and the end tells it" 1 "$(grep -c '^revue: emulated device: at most [0-9.]* MB of 8.6 GB were used$' err)"
is "nor are they in revue info" 0 "$(REVUE_CUDA_MODULE=$PWD/alone/backend_cuda.so "$revue" info | grep -c 'cuda_watts\|cuda_celsius\|cuda_memory_used')"
train none "$emulated" cpu
is "of the processor nothing is told" "  0" "$(of none device_memory) $(of none peak_share) $(grep -c 'at most' err)"

REVUE_CUDA_EMULATE_NAME="NVIDIA H200"
export REVUE_CUDA_EMULATE_NAME
is "revue info knows what an H200 multiplies at most" "66.9 989.4" "$(
	REVUE_CUDA_MODULE=$emulated "$revue" info | sed -n 's/^cuda_peak_[a-z0-9_]*  *//p' | paste -sd ' ')"
train share "$emulated" cuda
is "a training says which share that is" "yes yes" "$(of share peak_share | awk '{ print ($1 > 0 && $1 < 1 ? "yes" : "no") }') $(
	grep -q '^revue: NVIDIA H200: at most .* % of what it multiplies at most$' err && echo yes)"
is "as many operations as tokens a second have" 6 "$(
	# a layer: 4 * 16 * 16 + 2 * 16 * 32 weights; 2 * 16 * tokens in attention, of 24 at most
	awk -v share="$(of share peak_share)" -v speed="$(of share tokens_per_second)" 'BEGIN {
		most = share * 66.9e12 / speed
		print (most > 6 * 2048 && most <= 6 * (2048 + 2 * 16 * 24) ? 6 : most / 2048) }')"
train frozen "$emulated" cuda --freeze embeddings
is "not where less is computed" "0 " "$? $(of frozen peak_share)"
done_testing
