#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# A model of five labels on a screen that has no room for so many bars: as many as there is room for, the highest first,
# and how many more there are. Another model scores what was kept, and the list names it.
. "${REVUE_SOURCE:-.}/tests/ui/played.sh"
told='train.log said reviews other'

awk 'BEGIN {
	print "text,label"
	for (i = 1; i <= 40; i++) printf "film number %d of many,%d star\n", i, i % 5
}' > stars.csv
"$REVUE" new stars.csv -o base --vocab-size 100 --hidden-size 32 --num-hidden-layers 1 --num-attention-heads 2 \
	--intermediate-size 64 > new.log 2>&1
"$REVUE" train stars.csv -m base -o run --num-train-epochs 1 > train.log 2>&1

cat > keys <<KEYS
wait idle
key 2
wait idle
save-screen reviews
key 4
type a film
wait idle
key Enter Esc
do model $share/models/pocket
wait idle
save-screen other
KEYS

timeout 100 "$REVUE" -m run/model --script keys stars.csv > said 2>&1
report $? "the script plays to its end"
[ "$(grep -c '^[0-4] star  *[0-9.]* %' reviews)" = 2 ]
report $? "two bars of five labels fit below the reviews"
grep -q '^[0-4] star .* %.*+3 more$' reviews
report $? "the last one says how many more there are"
grep -q 'Kept, scored by the shipped model' other
report $? "the list of kept reviews names the model whose scores it shows"
finish
