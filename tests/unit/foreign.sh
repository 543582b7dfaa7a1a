#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The unit tests of model and train once more, on a backend whose memory the host cannot touch (tests/unit/foreign.h).
# Real models would take it long: their tests are skipped here.
programs="test_attribution test_backend test_golden test_lora test_masked test_model test_model_forms test_model_labels test_model_weights test_network
	test_optimizer test_quantize test_score test_train test_train_choices test_train_commands test_train_faults test_train_lending test_train_parts
	test_checkpoints test_checkpoint_writer test_train_masked
	test_resume_elsewhere"
waiting=test_resume # waits for disks more than it works: beside the others
REVUE_TEST_BACKEND=foreign
export REVUE_TEST_BACKEND
unset REVUE_MODELS
folder=$(mktemp -d) || exit 99
trap 'rm -rf "$folder"' EXIT
number=0

run() {
	[ ! -x "tests/unit/$1" ] || "tests/unit/$1" >"$folder/$1" 2>"$folder/$1.errors"
	echo $? >"$folder/$1.status"
}

# Prints what a program printed: its lines go on with our numbers, and a skipped test is no failure.
tell() {
	if [ ! -f "$folder/$1" ]; then
		echo "ok $((number += 1)) # SKIP $1 was not built"
		return
	fi
	sed 's/^/# /' "$folder/$1.errors"
	sed -n -e 's/^not ok \([0-9]* # SKIP\)/ok \1/' -e '/^1\.\./!p' "$folder/$1" |
		awk -v number="$number" -v program="$1" '
			/^(not )?ok [0-9]+/ { sub(/ok [0-9]+/, "ok " ++number); sub(/ - /, " - " program ": ") }
			{ print }'
	number=$((number + $(grep -cE '^(not )?ok [0-9]' "$folder/$1") + 1))
	status=$(cat "$folder/$1.status")
	if [ "$status" -gt 128 ]; then
		echo "not ok $number - $1 comes to its end (signal $((status - 128)))"
	else
		echo "ok $number - $1 comes to its end"
	fi
}

run $waiting &
for program in $programs; do
	run "$program"
done
wait
for program in $programs $waiting; do
	tell "$program"
done
echo "1..$number"
