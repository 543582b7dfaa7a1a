#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Training on the emulated device: steps that are replayed as graphs compute what they do without, to the bit, and a device that
# is lost in the midst of them ends the run with its line.
. "${REVUE_SOURCE:-.}/tests/cli/tap.sh"
need_emulated "training with graphs and without"
REVUE_CUDA_MODULE=$emulated
export REVUE_CUDA_MODULE
make_base 2

# train RUN OPTION...
train() {
	run=$1
	shift
	"$revue" train few.csv -m base -o "$run" --max-length 24 --per-device-train-batch-size 3 --gradient-accumulation-steps 2 \
		--learning-rate 1e-3 --seed 1 --num-train-epochs 3 --logging-steps 4 --eval-strategy no --device cuda "$@" >out 2>err
}

train with
is "a run with graphs" 0 $?
REVUE_CUDA_GRAPHS=no train without
is "a run without" 0 $?
is "both give the same model to the bit" 0 "$(cmp -s with/model/model.safetensors without/model/model.safetensors; echo $?)"
points() {
	sed -n 's/.*"type":"step".*"loss":\([^,]*\),.*"grad_norm":\([^,]*\),.*/\1 \2/p' "$1/metrics.jsonl"
}
is "and log the same losses and norms" "$(points without)" "$(points with)"
is "which are finite numbers" 0 "$(points with | grep -vc '^[0-9.]* [0-9.e-]*$')"
REVUE_CUDA_EMULATE_LOST=900 train lost
is "a device that is lost ends the run" 1 $?
is "with its line" 1 "$(grep -c 'the GPU was lost' err)"
done_testing
