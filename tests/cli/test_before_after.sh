#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# revue train --eval-on-start: which held-out reviews were mended and broken, also over a break.
. "${REVUE_SOURCE:-.}/tests/cli/tap.sh"
make_model

train() { # RUN, options
	run=$1
	shift
	"$revue" train "$reviews" -m tiny -o "$run" --validation 0.4 --eval-on-start true --learning-rate 5e-3 --max-length 32 \
		--num-train-epochs 6 "$@" >out 2>log
}

# The share of rows that are right in a column.
share() {
	awk -F, -v column="$2" 'NR > 1 { rows++; right += $column == "right" } END { printf "%.4f\n", right / rows }' "$1/held_out.csv"
}

# The accuracy of the first evaluation in the log, or of the last one.
accuracy() {
	grep '"type":"evaluation"' "$1/metrics.jsonl" | "$2" -n 1 | sed 's/.*"accuracy":\([^,}]*\).*/\1/' | awk '{ printf "%.4f\n", $1 }'
}

train whole
is "before and after: succeeds" 0 $?
is "before: as many are right as the first evaluation says" "$(accuracy whole head)" "$(share whole 2)"
is "after: as many are right as the last evaluation says" "$(accuracy whole tail)" "$(share whole 3)"
mended=$(grep -c ',wrong,right$' whole/held_out.csv)
broken=$(grep -c ',right,wrong$' whole/held_out.csv)
is "the end tells how many were mended and broken" 1 \
	"$(grep -c "\"finished, $mended held-out reviews* mended and $broken broken\(; step [0-9]* was better .*\)*: the \(last \)*model is in" whole/metrics.jsonl)"

# Stopped after half of it, and gone on with.
train broken_off --save-strategy epoch &
pid=$!
tries=0
until grep -qs '"checkpoint-' broken_off/metrics.jsonl || [ $tries = 400 ] || ! kill -0 $pid 2>/dev/null; do
	sleep 0.02
	tries=$((tries + 1))
done
kill -9 "$(cut -d' ' -f1 broken_off/lock)" 2>/dev/null
wait $pid
"$revue" train --resume broken_off >out 2>log
is "a run that was killed has the same story in the end" "$(sha256sum <whole/held_out.csv)" "$(sha256sum <broken_off/held_out.csv)"

"$revue" train "$reviews" -m tiny -o plain --validation 0.4 --max-length 32 --num-train-epochs 1 >out 2>log
is "without an evaluation at the start there is no story" "no" "$([ -e plain/held_out.csv ] && echo yes || echo no)"
done_testing
