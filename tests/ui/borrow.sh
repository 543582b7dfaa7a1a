#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# A training of another process is tried on Score and Reviews: it is asked for a checkpoint, which is used; who only looks uses
# the newest that there is. Checkpoints of adapters are gone through as others are.
. "${REVUE_SOURCE:-.}/tests/ui/played.sh"
told='said err *.screen'

awk 'BEGIN {
	print "text,label"
	for (i = 1; i <= 60; i++) printf "a wonderful film %d,positive\na terrible film %d,negative\n", i, i
}' > films.csv

# begin RUN [OPTION...]: a training that goes on until it is told to stop, and has made its first steps.
begin() {
	run=$1
	shift
	"$REVUE" train films.csv -o "$run" --num-train-epochs 100000 --save-steps 0 --save-strategy steps --eval-strategy no \
		--baseline=no --learning-rate 1e-6 "$@" > trained 2>&1 &
	trainer=$!
	for _ in $(seq 600); do
		grep -q '"type":"step"' "$run/metrics.jsonl" 2> err && break
		sleep 0.1
	done
}
newest() {
	basename "$(ls -d "$1"/checkpoint-* | tail -n 1)" | sed 's/checkpoint-0*//'
}
try() { # RUN SCREEN
	cat > keys <<KEYS
wait idle
do watch $1
wait text tokens/s
key T
wait text scores by checkpoint-
save-screen $2.screen
key 4
type a wonderful film
wait idle
save-screen $2-score.screen
KEYS
	timeout 100 "$REVUE" --script keys films.csv > said 2>&1
}

# It is told in lines here: only looking is an option of watch, which takes no script.
look() {
	{
		echo try
		for _ in $(seq 100); do
			grep -q 'checkpoint' said && break
			sleep 0.1
		done
		echo quit
	} | timeout 60 "$REVUE" watch --read-only --plain live > said 2> err
}

begin live
: > said
look
grep -q 'live has no checkpoint yet, and none is asked for: it is only looked at' said && ! ls -d live/checkpoint-* > err 2>&1
report $? "who only looks asks for none"
try live tried
report $? "a training of another process is asked for a checkpoint"
grep -q "scores by checkpoint-$(newest live), saved for this" tried.screen
report $? "one line says which one, and why"
grep -q "Review for live/checkpoint-0*$(newest live)" tried-score.screen && grep -q "^positive" tried-score.screen
report $? "a review is scored by it"
kill -0 $trainer && ! grep -q paused live/metrics.jsonl
report $? "the training goes on as it did"

before=$(newest live)
look
grep -q "scores by checkpoint-$before, the newest there is" said && [ "$(newest live)" = "$before" ]
report $? "who only looks uses the newest that there is"

"$REVUE" control live pause 2> err
for _ in $(seq 300); do
	grep -q '"state":"paused"' live/metrics.jsonl && break
	sleep 0.1
done
try live once
first=$(newest live)
try live twice
grep -q "scores by checkpoint-$first, saved for this" once.screen && [ "$(newest live)" = "$first" ] &&
	grep -q "scores by checkpoint-$first, where it is paused" twice.screen
report $? "of a paused one the checkpoint of its step is saved once"
"$REVUE" control live resume 2> err

cat > keys <<'KEYS'
wait idle
do runs .
wait text live
key T
wait text scores by checkpoint-
save-screen runs.screen
KEYS
timeout 100 "$REVUE" --script keys films.csv > said 2>&1
[ "$(newest live)" -gt "$first" ] && grep -q "scores by checkpoint-$(newest live), saved for this" runs.screen
report $? "so is one that is chosen on the Runs screen"
kill -TERM $trainer
wait $trainer

begin adapters --lora-r 2 --learning-rate 1e-3
try adapters adapters
report $? "a training of adapters too"
kill -TERM $trainer
wait $trainer
cat > keys <<'KEYS'
wait idle
do watch adapters
wait text tokens/s
key T
wait text adapters is over
key [
wait text Reviews use adapters/checkpoint-
save-screen last.screen
key [
wait text Reviews use adapters/checkpoint-
save-screen before.screen
KEYS
timeout 100 "$REVUE" --script keys films.csv > said 2>&1
report $? "[ goes through its checkpoints"
grep -q "checkpoint-0*$(newest adapters)" last.screen && ! grep -q "checkpoint-0*$(newest adapters)" before.screen
report $? "from the last one back"
finish
