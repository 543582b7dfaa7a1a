#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The models of a run beside its result, on the screens and from the command line: its checkpoints one after the other, the
# weights of a training that is paused; and sentences that are followed while the model learns.
. "${REVUE_SOURCE:-.}/tests/ui/played.sh"
told='said *.screen'

# Labels the wrong way round, so that each epoch changes what the model says.
awk 'BEGIN {
	print "text,label"
	for (i = 1; i <= 60; i++) printf "a wonderful film %d,negative\na terrible film %d,positive\n", i, i
}' > reversed.csv

"$REVUE" train reversed.csv -o run --num-train-epochs 2 --learning-rate 1e-3 --save-steps 0 --baseline=no \
	--probe "a wonderful film" --probe "a terrible film" > said 2>&1
report $? "a training follows two sentences"
first=$(ls -d run/checkpoint-* | head -n 1)
last=$(ls -d run/checkpoint-* | tail -n 1)

steps=$(grep -c '"type":"step"' run/metrics.jsonl)
[ "$(grep -c '"type":"probe"' run/metrics.jsonl)" = $((2 * (1 + steps))) ]
report $? "each has a line before the first step and at every step that is logged"

score() { # model
	"$REVUE" score -m "$1" --format tsv "a wonderful film" 2>> said | cut -f1,2
}
[ -n "$(score "$first")" ] && [ "$(score "$first")" != "$(score "$last")" ] && [ "$(score "$last")" = "$(score run/model)" ]
report $? "a checkpoint is a model, the last one that of the result"

cat > keys <<KEYS
wait idle
key 4
type a wonderful film
wait idle
key Esc [
wait text Reviews use run/$(basename "$last")
wait idle
key [
wait text Reviews use run/$(basename "$first")
wait idle
save-screen first.screen
key [
wait text this is the first of 2 checkpoints
key ] ]
wait text Reviews use run/model
wait idle
save-screen result.screen
KEYS
timeout 100 "$REVUE" --script keys -m run/model reversed.csv > said 2>&1
report $? "[ and ] go through the checkpoints and to the result"
grep -q "Review for run/$(basename "$first")" first.screen && grep -q "Review for run/model" result.screen &&
	[ "$(grep '^negative' first.screen | head -n 1)" != "$(grep '^negative' result.screen | head -n 1)" ]
report $? "each says what it said then"

cat > keys <<'KEYS'
wait idle
key 4
type a wonderful film
wait idle
save-screen before.screen
key Esc 3
do setting num-train-epochs
key Enter Ctrl-U
type 400
key Enter
do setting learning-rate
key Enter Ctrl-U
type 1e-3
key Enter
do probe a wonderful film
key s
wait text epoch 2.
do chart probes
wait text Probes
key p
wait text go on
do try
wait text use the weights after step
key 4 Esc
wait idle
save-screen tried.screen
key 3 s y
wait text stopped
KEYS
timeout 100 "$REVUE" --script keys reversed.csv > said 2>&1
report $? "a training that is paused lends its weights"
grep -q "Review for .* after step [1-9]" tried.screen
report $? "the screen names them"

cat > keys <<'KEYS'
wait idle
do try
wait text no training goes on here, and none is watched
KEYS
timeout 100 "$REVUE" --script keys reversed.csv > said 2>&1
report $? "without a training there are none"

finish
