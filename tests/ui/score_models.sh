#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The Score screen after a training that was left by way of the screens Train and Reviews: the text in the box and the kept
# reviews have the scores of the new model.
. "${REVUE_SOURCE:-.}/tests/ui/played.sh"
told='said before after'

# Labels the wrong way round: what was positive is negative for the model that learns from them.
awk 'BEGIN {
	print "text,label"
	for (i = 1; i <= 60; i++) printf "a wonderful film %d,negative\na terrible film %d,positive\n", i, i
}' > reversed.csv

cat > keys <<'KEYS'
wait idle
key 4
type a wonderful film
wait idle
key Enter
type a terrible film
key Esc
wait idle
save-screen before
key 3
do setting num-train-epochs
key Enter Ctrl-U
type 4
key Enter
do setting learning-rate
key Enter Ctrl-U
type 1e-3
key Enter s 2
wait text trained: Score and Reviews now use
wait idle
key q q
wait idle
save-screen after
KEYS

timeout 100 "$REVUE" --script keys reversed.csv > said 2>&1
report $? "the screens train and go back to Score"
grep -q '^positive  *[0-9.]* %  *a wonderful film' before
report $? "a kept review has the label of the first model"
grep -q 'Review for run-1/model' after
report $? "after the training Score uses its model"
[ "$(grep -c '^[a-z]* *[0-9.]* % [^ ]' after)" = 2 ]
report $? "the text in the box has the bars of that model at once"
grep -q '^negative  *[0-9.]* %  *a wonderful film' after
report $? "a kept review has the label of that model"
finish
