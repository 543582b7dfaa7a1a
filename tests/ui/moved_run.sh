#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# A run whose data has moved is gone on with from the screens: they ask where it lies now. The footer of the charts shows
# what can be done with a run that was stopped, and with one that has finished; a run that is named as a model is told.
. "${REVUE_SOURCE:-.}/tests/ui/played.sh"
told='said stopped asked wrong over said-again'

awk 'BEGIN {
	print "text,label"
	for (i = 1; i <= 200; i++) printf "a wonderful film %d,good\na terrible film %d,bad\n", i, i
}' > reviews.csv
cp reviews.csv other.csv

cat > keys <<'KEYS'
wait idle
key 3
wait idle
key s
wait text step 1
key p
wait text paused
key s y
wait text stopped
wait text go on
save-screen stopped
KEYS
timeout 60 "$REVUE" --script keys reviews.csv > said 2>&1
report $? "a training is stopped on the screens"
tail -n 1 stopped | grep -q '^r resume  i report  n new  Tab chart  Enter large  ? help'
report $? "the footer of a stopped run offers to resume it and a new one"

mv reviews.csv moved.csv
cat > keys <<'KEYS'
wait idle
do resume run-1
save-screen asked
key Ctrl-U
type nowhere.csv
key Enter
save-screen wrong
do resume run-1
key Ctrl-U
type moved.csv
key Enter
wait text trained: Score
wait idle
key Z
save-screen over
KEYS
timeout 100 "$REVUE" --script keys other.csv > said 2>&1
report $? "a run whose data has moved is gone on with"
grep -q '^the data has moved to: .*reviews.csv$' asked
report $? "the screens ask where the data lies now"
grep -q 'nowhere.csv' wrong
report $? "a place where nothing is, is refused"
grep -q 'finished' over && tail -n 1 over | grep -q '^i report  n new  Tab chart  Enter large  ? help'
report $? "the footer of a finished run offers a new one only"
grep -q '"moved.csv"\|/moved.csv"' run-1/run.json
report $? "the run knows the new place"

cat > keys <<'KEYS'
wait idle
do model run-1
wait idle
save-screen over
key M
save-screen said-again
KEYS
timeout 60 "$REVUE" --script keys other.csv > said 2>&1
grep -q '^run-1: .*run-1/model' over
report $? "what is taken for a model is said in the line above the keys"
grep -q 'Score and Reviews use run-1' said-again && grep -q 'run-1: .*run-1/model' said-again
report $? "and stands among the messages"
finish
