#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# A model of five labels on a screen that has no room for so many bars: as many as there is room for, the highest first,
# and how many more there are. Another model scores what was kept, and the list names it. Of the labels of a file those that
# stand in most rows are listed first.
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

awk 'BEGIN {
	print "text,label"
	for (i = 0; i < 96; i++) printf "film %d,%s\n", i, i % 3 ? sprintf("label %02d", i % 32) : "zest"
}' > topics.csv
printf 'wait idle\nsave-screen topics\n' > keys
timeout 60 "$REVUE" --script keys topics.csv > said 2>&1
report $? "a file of many labels is opened"
[ "$(sed -n '/^ Label /{n;s/  .*//;p;}' topics)" = " zest" ] && grep -q '^ and [0-9]* more' topics
report $? "the label of most rows stands first where not all can be listed"
{ sleep 2; echo quit; } | timeout 60 "$REVUE" --plain topics.csv > told 2>&1
grep '^Label ' told | head -n 1 | grep -q '^Label zest: 32 reviews'
report $? "it is the first that is told"
finish
