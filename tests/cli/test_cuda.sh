#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# What is said of the module for GPUs: by a fake one that a build makes (tests/unit/fake_module.c), and by the real one where
# nvcc built it and there is no driver.
. "${REVUE_SOURCE:-.}/tests/cli/tap.sh"
build=$(dirname "$revue")
fake=$build/tests/unit/fake_module.so
model=$REVUE_SHARE/models/pocket

# line WRONG: what revue info says of a fake module with which that is wrong.
line() {
	REVUE_CUDA_MODULE=$fake REVUE_FAKE_MODULE=$1 "$revue" info | sed -n 's/^cuda  *//p'
}

# score WRONG DEVICE: standard output in `out`, what is said in `err`, with the fake module.
score() {
	REVUE_CUDA_MODULE=$fake REVUE_FAKE_MODULE=$1 "$revue" score -m "$model" --device "$2" --format tsv fine >out 2>err
	echo $?
}

is "a module of another version is named with both" 1 "$(line version | grep -c 'versions are 2 and [0-9]*, this program needs 1 and [0-9]*: build both from the same sources$')"
is "so is one whose operations are others" 1 "$(line operations | grep -c 'versions are 1 and [0-9]*, this program needs 1 and [0-9]*: build')"
is "why there is no device is told" "the fake device is lost" "$(line probe)"
is "a device is told by its name, which is scrubbed" "1 0" "$(line '' | grep -c '^a fake .*device$') $(line '' | grep -c "$(printf '\033')")"
is "its memory, driver, compute capability, watts and temperature" '8000000000 7500000000 "580.1, for CUDA 13.1" "9.0" 70.5 33' "$(
	REVUE_CUDA_MODULE=$fake "$revue" info --format json >info.json
	for key in cuda_memory cuda_memory_available cuda_driver cuda_compute_capability cuda_watts cuda_celsius; do
		"$parse" json "$key" <info.json
	done | paste -sd ' ')"
echo text >none.so
is "what is no library is told with its name" 1 "$(REVUE_CUDA_MODULE=$PWD/none.so "$revue" info | grep -c '^cuda .*could not be opened: .*none.so: ')"
is "and what is not there" 1 "$(REVUE_CUDA_MODULE=$PWD/nothing.so "$revue" info | grep -c '^cuda .*could not be opened: .*nothing.so: ')"

is "cuda by its name ends with the line" 1 "$(score open cuda)"
is "which says the option" "revue: $model: --device cuda: the fake device does not open" "$(cat err)"
is "a table that lacks an operation is not taken" 1 "$(score table cuda)"
is "which is told" 1 "$(grep -c ': --device cuda: the backend fake lacks operation 1 of its table$' err)"
is "auto computes on the processor then" 0 "$(score open auto)"
is "and says why" "revue: note: computes on the processor: the fake device does not open" "$(grep computes err)"
mv out with_module
is "without a module auto says nothing" "0 0" "$("$revue" score -m "$model" --device cpu --format tsv fine >out 2>err; echo $?) $(grep -c computes err)"
is "and the scores are the same" "" "$(diff out with_module)"

# emulated FAULT: what revue info says of the emulated device with a fault that tests/cuda/runtime.cc plans.
emulated=$build/tests/cuda/backend_cuda.so
emulated() {
	env REVUE_CUDA_MODULE="$emulated" REVUE_CUDA_EMULATE_"$1" "$revue" info | sed -n 's/^cuda  *//p'
}
if [ ! -f "$emulated" ]; then
	skip "the reasons of a device" "no C++ compiler, so no emulated device"
else
	is "no driver" "no NVIDIA driver is here, or it does not answer: nvidia-smi tells more" "$(emulated DRIVER=0)"
	is "a driver that is too old, and which would do" \
		"the NVIDIA driver is too old: it does CUDA 12.2, this module needs driver 580 or newer, for CUDA 13" "$(emulated DRIVER=12020)"
	is "no device" "no NVIDIA GPU is here, or CUDA_VISIBLE_DEVICES hides it" "$(emulated DEVICES=0)"
	is "a device that the module has no code for" \
		"emulated device has compute capability 7.5, this module needs 8.0 or newer" "$(emulated COMPUTE=7.5)"
	is "a device that is lost" "the GPU was lost (taking it into use: unspecified launch failure)" "$(emulated LOST=1)"
	REVUE_CUDA_MODULE=$emulated REVUE_CUDA_EMULATE_FAIL_ALLOC=1 "$revue" score -m "$model" --device cuda fine >out 2>err
	is "one without memory" "revue: $model: --device cuda: the GPU has no memory left (taking memory: out of memory): 8589 MB of 8589 are free, the rest is taken by this program and others (nvidia-smi tells which)" "$(cat err)"
	is "and auto computes on the processor then" "$(cut -f 1-3 with_module)" "$(
		REVUE_CUDA_MODULE=$emulated REVUE_CUDA_EMULATE_FAIL_ALLOC=1 "$revue" score -m "$model" --format tsv fine 2>err | cut -f 1-3)"
	REVUE_CUDA_MODULE=$emulated "$revue" score -m "$model" --format tsv fine >out 2>err
	is "auto takes a device that works" "revue: note: computes on emulated device" "$(grep computes err)"
	is "with the same label" "$(cut -f 1 with_module)" "$(cut -f 1 out)"
	is "its watts and temperature are told" "71.5 33" "$(REVUE_CUDA_MODULE=$emulated "$revue" info | sed -n 's/^cuda_[wc][ae][tl][a-z]*  *//p' | paste -sd ' ')"
fi

module=$build/backend_cuda.so
if [ ! -f "$module" ]; then
	skip "the real module exports its entry and nothing else" "nvcc was not here to build it"
	skip "the real module opens without a driver" "nvcc was not here to build it"
else
	is "the real module exports its entry and nothing else" revue_cuda_module "$(nm -D --defined-only "$module" | sed 's/.* //')"
	if [ -e /dev/nvidiactl ] || [ -e /dev/dxg ]; then
		skip "the real module opens without a driver" "there is one here"
	else
		is "the real module opens without a driver" "no NVIDIA driver is here, or it does not answer: nvidia-smi tells more" \
			"$(REVUE_CUDA_MODULE=$module "$revue" info | sed -n 's/^cuda  *//p')"
	fi
fi
done_testing
