#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# A GPU that has too little memory, or of which others have most: a training computes its batches in parts, scoring takes fewer
# texts at once, and both say so or why not. On the emulated device.
. "${REVUE_SOURCE:-.}/tests/cli/tap.sh"
need_emulated "a training with little memory"
REVUE_CUDA_MODULE=$emulated
export REVUE_CUDA_MODULE
make_base 2 2048 64

# train RUN MIB: two steps where the device has that much memory.
train() {
	REVUE_CUDA_EMULATE_MEMORY=8192 REVUE_CUDA_EMULATE_TAKEN=$((8192 - $2)) "$revue" train few.csv -m base -o "$1" --max-length 64 \
		--per-device-train-batch-size 8 --max-steps 2 --logging-steps 1 --seed 1 --validation 0 --device cuda >out 2>err
}
losses() {
	sed -n 's/.*"type":"step".*"loss":\([0-9.]*\),.*/\1/p' "$1/metrics.jsonl" | cut -c 1-4 | paste -sd ' '
}

train whole 8192
is "with room for a batch" "0 " "$? $(grep parts err)"
train parts 72
is "with less" 0 $?
part=$("$parse" json rows_at_once <parts/run.json)
is "run.json keeps how many rows are computed at once" yes "$([ "$part" -gt 0 ] && [ "$part" -lt 8 ] && echo yes)"
is "it is said in one line" "revue: the GPU has no room for 8 reviews at once: batches are computed in parts of $part, their gradients are added up, and the steps stay what they are" "$(grep ' parts ' err | grep -v batches:)"
is "the report has it" 1 "$(grep -c "batches: 8 reviews in parts of $part, as the GPU has no room for more at once" parts/metrics.jsonl)"
is "the losses are about the same" "$(losses whole)" "$(losses parts)"
train none 60
is "where not one review has room the training ends" 1 $?
is "with what is free of how much" 1 "$(grep -c '^revue: emulated device: needs .* MB (activations .*), [0-9.]* MB of 8.6 GB are free: use a smaller --max-length, or --device cpu$' err)"
REVUE_CUDA_EMULATE_TAKEN=8190 "$revue" score -m whole/model --device cuda fine >out 2>err
is "so does scoring where others have it all" 1 "$(grep -c 'no memory left (taking memory: out of memory): 2 MB of 8589 are free' err)"
done_testing
