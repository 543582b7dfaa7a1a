#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Rows that are listed by what the model says are found anew when another model comes.
. "${REVUE_SOURCE:-.}/tests/ui/played.sh"

cp "$share/../tests/ui/reviews.csv" .
ln -s "$share/models/pocket" pocket
"$REVUE" train reviews.csv -m pocket -o run --num-train-epochs 20 --learning-rate 5e-4 --validation 0 >said 2>&1
report $? "a model learns the reviews by heart"

cat >keys <<'END'
wait idle
key 2
wait idle
do filter error
wait idle
save-screen before
do model run/model
wait idle
wait 200
wait idle
save-screen after
END
timeout 60 "$REVUE" --script keys -m pocket reviews.csv >said 2>&1
report $? "the script plays to its end"
told="said before after"
grep -qE "^30 rows  [1-9][0-9]* found" before
report $? "the first model makes errors, which are listed"
errors_before=$(sed -n 's/.*  \([0-9]*\) errors*.*/\1/p' before)
errors_after=$(sed -n 's/.*  \([0-9]*\) errors*.*/\1/p' after)
[ "$errors_before" -gt "${errors_after:-0}" ]
report $? "the second one makes fewer"
grep -q "^30 rows  $errors_after found  $errors_after error" after
report $? "and as many are listed, as it makes"
finish
