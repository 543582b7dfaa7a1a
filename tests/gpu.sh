#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# gpu.sh TEST...: the tests that elsewhere run on the emulated device (tests/cuda), unchanged, on the GPU of this machine, in a
# build folder whose module nvcc built; then what a program does with it as a whole; then compute-sanitizer, where it is. Exit
# status 77 and one line where there is no GPU. TAP: a line a test program.
module=$(pwd)/backend_cuda.so
revue=$(pwd)/revue
source_folder=${REVUE_SOURCE:-.}
number=0
failed=0
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT

skip_all() {
	echo "1..0 # SKIP $1"
	exit 77
}

# test_of NAME COMMAND...
test_of() {
	name=$1
	shift
	number=$((number + 1))
	if "$@" >"$work/log" 2>&1; then
		echo "ok $number - $name"
	else
		failed=1
		echo "not ok $number - $name"
	fi
	grep -E '^(not ok|#)|# SKIP' "$work/log" | sed 's/^/# /'
}

on_gpu() {
	env REVUE_TEST_PATH=cuda REVUE_TEST_BACKEND=cuda CMOCKA_MESSAGE_OUTPUT=TAP "${SHELL:-sh}" "$source_folder/tests/unit/run" "$@"
}

# train_to RUN OPTION...: on a model of two layers, with dropout.
train_to() {
	run=$1
	shift
	"$revue" train "$reviews" -m "$work/base" -o "$work/$run" --max-length 64 --learning-rate 1e-3 --seed 1 --num-train-epochs 2 \
		--device cuda "$@"
}

same_model() {
	cmp "$work/$1/model/model.safetensors" "$work/$2/model/model.safetensors"
}

twice_the_same() {
	train_to one && train_to two && same_model one two
}

# twice_the_same_in --bf16 | --fp16
twice_the_same_in() {
	train_to one "$1" && train_to two "$1" && same_model one two && ! grep -q 'computed in f32' "$work/one/metrics.jsonl"
	status=$?
	rm -rf "$work/one" "$work/two"
	return $status
}

# Stopped by --max-steps in the midst of it, then told to go on.
resumed_the_same() {
	train_to three --save-strategy steps --save-steps 10 &&
		rm -rf "$work/three/model" && find "$work/three" -name 'checkpoint-*' | sort | tail -n +2 | xargs rm -rf &&
		"$revue" train --resume "$work/three" --device cuda && same_model one three
}

scores_as_the_processor() {
	for device in cuda cpu; do
		"$revue" score "$reviews" -m "$work/one/model" --device $device --format csv >"$work/$device.csv" || return
	done
	paste -d, "$work/cuda.csv" "$work/cpu.csv" | awk -F, '
		NR == 1 { for (i = 1; i <= NF / 2; i++) if ($i == "score") column = i; next }
		{ d = $column - $(column + NF / 2); if (d < 0) d = -d; if (d > 1e-4) bad++ }
		END { if (!column || NR < 2 || bad) { print bad + 0 " scores of " NR - 1 " are others"; exit 1 } }'
}

[ -f "$module" ] || skip_all "there is no backend_cuda.so: nvcc was not here when this was configured"
REVUE_CUDA_MODULE=$module
export REVUE_CUDA_MODULE
"$revue" info --format json | grep -q '"cuda_memory"' || skip_all "$("$revue" info | sed -n 's/^cuda  *//p')"
echo "# $("$revue" info | sed -n 's/^cuda[a-z_]*  *//p' | paste -sd '|' | sed 's/|/, /g')"

for test in "$@"; do
	test_of "$test on the GPU" on_gpu "$test"
done
reviews=$(cd "$source_folder" && pwd)/share/samples/reviews.csv
test_of "a model is made" "$revue" new "$reviews" -o "$work/base" --vocab-size 1000 --hidden-size 64 --intermediate-size 128 \
	--num-hidden-layers 2 --max-position-embeddings 64
for precision in --bf16 --fp16; do
	test_of "the same training twice with $precision gives the same model to the bit" twice_the_same_in $precision
done
test_of "the same training twice gives the same model to the bit" twice_the_same
test_of "a training that was resumed, too" resumed_the_same
test_of "scores are those of the processor within 1e-4" scores_as_the_processor
if command -v compute-sanitizer >/dev/null; then
	for tool in memcheck racecheck synccheck; do
		for test in test_ops test_ops_precision; do
			test_of "compute-sanitizer $tool finds nothing in tests/unit/$test" on_gpu compute-sanitizer --tool $tool \
				--error-exitcode 9 tests/unit/$test
		done
	done
else
	number=$((number + 1))
	echo "ok $number - compute-sanitizer finds nothing # SKIP it is not here"
fi
echo "1..$number"
exit $failed
