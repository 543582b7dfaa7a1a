#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# A study on the Runs screen, on one that is trained here: its one table, from its folder and from a run in it, while it goes on,
# and in lines.
. "${REVUE_SOURCE:-.}/tests/ui/played.sh"
told='said different.txt'

awk '{ print; quotes += gsub(/"/, "") } quotes % 2 == 0 && ++records > 200 { exit }' "$share/samples/reviews.csv" > data.csv
echo '{"learning_rate": [1e-3, 2e-3, 4e-3, 8e-3], "seed": [1]}' > space.json
"$REVUE" new data.csv -o tiny --hidden-size 32 --num-hidden-layers 1 --num-attention-heads 2 --intermediate-size 64 > new.out 2>&1 &&
	"$REVUE" search data.csv -m tiny -o studies/rates --space space.json --reduction-factor 2 --num-train-epochs 2 \
		--max-length 16 --baseline false > search.out 2> search.log &&
	"$REVUE" train data.csv -m tiny -o studies/seeds --seeds 1,2 --num-train-epochs 1 --max-length 16 --baseline false \
		> seeds.out 2> seeds.log
report $? "a search and two seeds are trained"

shows() { # file, pattern, name
	grep -qE -e "$2" "$1.txt"
	report $? "$3"
}

# is NAME EXPECTED ACTUAL
is() {
	[ "$2" = "$3" ]
	status=$?
	[ $status = 0 ] || printf 'expected:\n%s\ngot:\n%s\n' "$2" "$3" > different.txt
	report $status "$1"
	rm -f different.txt
}

# Which trial is best the processor decides; what stands around that does not change.
plain_table() {
	sed -E '1d; s/^best /     /; s/trial-00[1-4]/trial-N/g; s/[0-9]+\.[0-9]{4}/F/g; s/learning-rate [0-9.e-]+/learning-rate R/; s/ *$//' "$1.txt" |
		sed -n '1,6p; /^trial-N:/p; /^best:/p' | LC_ALL=C sort
}

cp -r studies/rates going
mv going/trial-004 aside
(for _ in $(seq 600); do
	[ -e before.txt ] && break
	sleep 0.1
done
sleep 0.5
mv aside going/trial-004) &

cat > keys <<'KEYS'
do runs studies/rates
wait idle
save-screen folder.txt
key Down Down Enter
wait idle
save-screen figures.txt
key q
wait idle
save-screen back.txt
key q
wait idle
save-screen table.txt
do runs studies
wait idle
do sort name
key g Down Enter
wait idle
save-screen entered.txt
do runs studies/seeds
wait idle
save-screen seeds.txt
do runs .
wait idle
do runs going
wait idle
save-screen before.txt
key G Enter
save-screen waiting.txt
wait text 4 trials of a search: 1 finished, 3 out by halving
save-screen after.txt
KEYS
timeout 100 "$REVUE" --script keys data.csv > said 2>&1
report $? "the table of a study is looked at"
is "its folder opens the table: state, steps, rung, figures and settings of each trial, the best, what halving stopped" \
"     trial      state       steps    rung  accuracy    loss      F1  settings
     trial-N  finished  100.0 %  3 of 3    F  F  F  learning-r…
     trial-N  out        25.0 %  1 of 3    F  F  F  learning-r…
     trial-N  out        25.0 %  1 of 3    F  F  F  learning-r…
     trial-N  out        50.0 %  2 of 3    F  F  F  learning-r…
best: trial-N, eval_accuracy F with learning-rate R, seed 1
studies/rates, 4 trials of a search: 1 finished, 3 out by halving
trial-N: learning-rate R, seed 1" "$(plain_table folder)"
best=$(sed -n 's/^best: \(trial-[0-9]*\),.*/\1/p' search.out)
shows folder "^best $best +finished" "the best one is marked, and is the one that the search told"
is "its figures are those that the search told" "$(grep '^trial-' search.out | sed 's/  learning.*//')" \
	"$(sed -nE 's/^.{5}(trial-[0-9]+ .*)  learning-r.*/\1/p' folder.txt)"
shows figures '^trial-003: confusion matrix' "Enter opens the figures of a trial"
is "q goes back to the table of the study" "$(plain_table folder)" "$(plain_table back)"
shows table '^4 runs below studies/rates' "and from there to all runs"
shows entered '^studies/rates, 4 trials of a search' "Enter on a run of a study opens the table of the study"
shows entered '^trial-002: ' "with the run's line chosen"
shows seeds '^studies/seeds, 2 seeds: 2 finished' "seeds have such a table"
is "with mean and deviation as they were told, and no best one" "$(tail -n 1 seeds.out) 0" \
	"$(grep -A 1 '^mean and sample deviation' seeds.txt | tr -s '\n ' ' ' | sed 's/ $//') $(grep -c '^best' seeds.txt)"
shows before '4 trials of a search: .*1 waiting' "what has not begun is said to wait"
shows waiting 'this trial has not begun' "and has no figures"
shows after '3 out by halving' "the table follows a study that another process goes on with"

"$REVUE" runs studies/rates > runs.txt 2>&1
is "revue runs STUDY prints the same" "$(cat search.out)" "$(cat runs.txt)"
"$REVUE" runs studies/rates --columns name,state > columns.txt 2>&1
is "but for columns of the runs" 4 "$(grep -cE '^trial-00[1-4] +(finished|stopped) *$' columns.txt)"
cp -r studies/rates whole
mkdir -p "whole/$(grep ' out ' search.out | sed -n '1s/ .*//p')/checkpoint-1" && "$REVUE" runs whole > /dev/null 2>&1
[ "$(find whole -name checkpoint-1 | grep -c .)" = 1 ]
report $? "who looks at a study removes nothing in it"

printf 'look\n2\n' | timeout 60 "$REVUE" --plain studies/rates > plain.txt 2>&1
report $? "revue STUDY --plain tells the table"
shows plain '^Runs, study studies/rates\.$' "by its name"
shows plain "^[1-4]\\. $best, best: finished, steps 100\\.0 %, rung 3 of 3, accuracy 0\\.[0-9]{4}, .*learning-rate " "the best one"
shows plain '^[1-4]\. trial-00[1-4]: out by halving, steps 25\.0 %' "what halving stopped"
shows plain '^best: trial-00[1-4], eval_accuracy' "what came of it"
shows plain '^Runs, confusion matrix of trial-002' "and a number opens a trial"
finish
