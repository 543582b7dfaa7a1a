#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# A GPU that is lost in the midst of a training, and a run that goes on on another device than the one that it began on. On the
# emulated device, whose n-th call fails (tests/cuda/runtime.cc).
. "${REVUE_SOURCE:-.}/tests/cli/tap.sh"
need_emulated "a training whose device is lost"
REVUE_CUDA_MODULE=$emulated
export REVUE_CUDA_MODULE
make_base 2

# train RUN DEVICE OPTION...
train() {
	run=$1 device=$2
	shift 2
	"$revue" train few.csv -m base -o "$run" --max-length 24 --per-device-train-batch-size 4 --learning-rate 1e-3 --seed 1 \
		--num-train-epochs 3 --logging-steps 2 --save-strategy steps --save-steps 6 --save-total-limit 9 --validation 0.2 --eval-strategy no \
		--device "$device" "$@" >out 2>err
}
losses() {
	sed -n 's/.*"type":"step","step":\([0-9]*\).*"loss":\([^,]*\),.*/\1 \2/p' "$1/metrics.jsonl"
}
# near RUN RUN: how many logged losses there are, and how many of them are no nearer to each other than 1e-4.
near() {
	losses "$1" >one
	losses "$2" >two
	paste -d ' ' one two | awk '{ d = $2 - $4; far += $1 != $3 || d > 1e-4 || d < -1e-4 } END { print NR, far + 0 }'
}

train gpu cuda
is "a run on the GPU" 0 $?
is "run.json says what computed, and how much memory it has" '"emulated device" 8589934592' \
	"$("$parse" json machine.device <gpu/run.json) $("$parse" json machine.device_memory <gpu/run.json)"
train processor cpu
is "one on the processor" 0 $?
is "which both draw the same dropout and come to about the same losses" "8 0" "$(near gpu processor)"

REVUE_CUDA_EMULATE_LOST=2000 train lost cuda
is "a device that is lost ends the run" 1 $?
is "with one line that names the checkpoint and the ways to go on" \
	"revue: the GPU was lost (WHAT: unspecified launch failure); checkpoint-000006 stands: go on in a new process with revue train --resume lost, without the GPU with --device cpu" \
	"$(grep 'was lost' err | sed 's/lost ([a-z ]*/lost (WHAT/')"
is "so says its state" 1 "$(grep -c '"state":"failed".*the GPU was lost.*checkpoint-000006 stands' lost/metrics.jsonl)"
is "the checkpoint is that of a run whose device stays" 0 "$(cmp -s lost/checkpoint-000006/model.safetensors gpu/checkpoint-000006/model.safetensors; echo $?)"
REVUE_CUDA_EMULATE_LOST=1350 train copied cuda
is "one that is lost while a checkpoint is copied leaves none" "1 nothing was saved yet: no" \
	"$? $(grep -o 'nothing was saved yet:' err) $([ -e copied/checkpoint-000006 ] && echo yes || echo no)"
REVUE_CUDA_EMULATE_LOST=3 REVUE_CUDA_EMULATE_LOST_AS=46 train gone cuda
is "one that another process has for itself is told" 1 "$(grep -c 'the GPU is busy: another process has it for itself' err)"
is "and no run is begun" no "$([ -e gone/run.json ] && echo yes || echo no)"
"$revue" info >out 2>err
is "one that was there for info and is gone for a training" "1 1" "$(grep -c '^cuda  *emulated device' out) $(
	REVUE_CUDA_EMULATE_DEVICES=0 train vanished cuda
	grep -c -- '--device cuda: no NVIDIA GPU is here, or CUDA_VISIBLE_DEVICES hides it' err)"

cp -r lost again
"$revue" train --resume lost --device cpu >out 2>err
is "it goes on on the processor" 0 $?
is "says what differs" "revue: it computed on emulated device until here and goes on on the processor: numbers differ in their last digits" \
	"$(grep computed err)"
is "and comes to about the same losses" "8 0" "$(near gpu lost)"
"$revue" train --resume again >out 2>err
is "on the GPU it goes on to the bit" "0 0" "$? $(cmp -s again/model/model.safetensors gpu/model/model.safetensors; echo $?)"
"$revue" train --resume processor --num-train-epochs 4 --device cuda >out 2>err
is "a run of the processor goes on on the GPU" 0 $?
is "which is said" 1 "$(grep -c 'computed on the processor until here and goes on on emulated device: numbers' err)"
"$revue" train --resume gpu --num-train-epochs 4 >out 2>err
is "and is near one of the GPU" "11 0" "$(near processor gpu)"
done_testing
