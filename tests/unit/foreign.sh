#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The unit tests of model and train once more, on a backend whose memory the host cannot touch (tests/unit/foreign.h).
# Real models would take it long: their tests are skipped here.
programs="test_backend test_golden test_model test_model_labels test_network test_score test_resume test_train
	test_train_faults test_train_parts"
REVUE_TEST_BACKEND=foreign
export REVUE_TEST_BACKEND
unset REVUE_MODELS
number=0

for program in $programs; do
	if [ ! -x "tests/unit/$program" ]; then
		number=$((number + 1))
		echo "ok $number # SKIP $program was not built"
		continue
	fi
	"tests/unit/$program" >"foreign-$$" 2>&1
	status=$?
	lines=$(grep -cE '^(not )?ok [0-9]' "foreign-$$")
	# Its lines go on with our numbers; a skipped test is no failure.
	sed -n -e 's/^not ok \([0-9]* # SKIP\)/ok \1/' -e '/^1\.\./!p' "foreign-$$" |
		awk -v number="$number" -v program="$program" '
			/^(not )?ok [0-9]+/ { sub(/ok [0-9]+/, "ok " ++number); sub(/ - /, " - " program ": ") }
			{ print }'
	rm -f "foreign-$$"
	number=$((number + lines + 1))
	if [ "$status" -gt 128 ]; then
		echo "not ok $number - $program ended by signal $((status - 128)): memory of the device was touched"
	else
		echo "ok $number - $program came to its end"
	fi
done
echo "1..$number"
