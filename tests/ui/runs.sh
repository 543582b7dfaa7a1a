#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The Runs screen, on runs that are trained here: the table, marks, order and filter, the pages of figures, the reviews of a cell,
# notes, another name, removing; and the keys that steer a training.
. "${REVUE_SOURCE:-.}/tests/ui/played.sh"
told='said *.txt'

awk '{ print; quotes += gsub(/"/, "") } quotes % 2 == 0 && ++records > 300 { exit }' "$share/samples/reviews.csv" > data.csv
train() { # name, options
	name=$1
	shift
	"$REVUE" train data.csv -o "runs/$name" --max-length 48 --eval-on-start "$@" > "$name.out" 2> "$name.log"
}

shows() { # file, pattern, name
	grep -qE -e "$2" "$1.txt"
	report $? "$3"
}

train weak --num-train-epochs 1 --learning-rate 1e-7 && train strong --num-train-epochs 3 --learning-rate 3e-4 &&
	train other --num-train-epochs 1 --seed 7 --learning-rate 1e-7
report $? "three runs are trained"
mkdir runs/broken && echo '{' > runs/broken/run.json

cat > keys <<'KEYS'
key 5
wait idle
save-screen table.txt
do sort learning-rate reverse
save-screen sorted.txt
do filter finished learning-rate<1e-6
save-screen filtered.txt
do filter accuracyy<1
save-screen wrong.txt
key Esc
do sort name
key g Down Down x x
key d
save-screen difference.txt
key t
wait idle
save-screen mcnemar.txt
key q u g Down x Down x t
wait idle
save-screen refused.txt
key q u
do sort learning-rate reverse
key g Enter
wait idle
save-screen confusion.txt
key Down Right Enter
wait idle
save-screen cell.txt
key M
save-screen model.txt
key q
key 5 Tab
save-screen labels.txt
key Tab
save-screen calibration.txt
key Tab Right
save-screen cut.txt
key Tab
save-screen worst.txt
key q +
wait idle
save-screen mended.txt
key 5
do note a lucky one
save-screen note.txt
do rename best
save-screen rename.txt
key D
save-screen question.txt
key n D y
wait idle
save-screen deleted.txt
KEYS
timeout 100 "$REVUE" --script keys data.csv > said 2>&1
report $? "the keys are played"
shows table '^4 runs below runs' "all runs are listed"
shows table 'broken .*not valid' "one that cannot be read says why"
shows sorted ', by learning-rate reverse' "sorted by a setting"
[ "$(sed -n 4p sorted.txt | cut -c3-8)" = strong ]
report $? "the greatest stands first"
shows filtered '^4 runs below runs, 2 with finished learning-rate<1e-6' "filtered by a state and a result"
shows wrong 'did you mean "accuracy"' "a name that is nearly one is suggested"
shows difference '^learning-rate  *1e-07 |^learning-rate  *0.0003 ' "the settings that differ"
shows mcnemar 'p = [01]\.[0-9]* \(two-sided, exact binomial of the [0-9]+ that differ\)' "McNemar's test on the same rows"
shows refused 'hold out different rows|keeps no scores' "and not on different rows"
shows confusion '^positive +[0-9]+ +[0-9]+' "a confusion matrix"
cell=$(sed -n 's/^positive *[0-9]* *\([0-9]*\).*/\1/p' confusion.txt)
shows cell "^300 rows .* $cell shown|1 of $cell shown" "a cell opens just its reviews"
shows cell "$cell reviews truly positive and found to be positive" "and says which these are"
shows labels '^positive +[01]\.[0-9]+ +[01]\.[0-9]+ +[01]\.[0-9]+ +[0-9]+' "figures of each label"
shows calibration 'expected calibration error [0-9.]+' "calibration"
shows confusion '^accuracy [0-9.]+, F1 [0-9.]+, macro F1 [0-9.]+, loss [0-9.]+$' "none of the figures is cut"
shows calibration 'Brier [0-9.]+; ideal: right as often as sure$' "nor what calibration is"
shows cut 'best F1 [0-9.]+ from [0-9.]+ \(Left, Right: next label\)$' "nor the best cut"
shows cut '^0\.50 +[01]\.[0-9]+' "cuts of a score"
shows worst 'row +loss' "the worst errors"
shows model 'Reviews use .*strong/model' "the reviews of a run are looked at with its model"
shows mended 'reviews? that this run mended' "what was mended opens in Reviews"
shows note 'noted' "a note is taken"
shows rename 'it is runs/best now' "another name"
shows question 'Delete runs/best for good\?' "deleting asks"
shows deleted 'runs/best is deleted' "and deletes"
[ ! -e runs/best ] && [ -e runs/weak ]
report $? "that run and no other"

# What a search for the learning rate leaves, as a chart

"$REVUE" find-rate data.csv -o rates --max-length 48 --steps 40 > rates.out 2> rates.log
report $? "a learning rate is looked for"
cat > keys <<'KEYS'
do watch rates
wait text stopped after step
do axis learning_rate
do chart loss
key Enter
save-screen rates.txt
do log-axis
key Left
save-screen read.txt
KEYS
timeout 100 "$REVUE" --script keys data.csv > said 2>&1
report $? "and its run is looked at"
shows rates '^\[Loss\] [0-9.]+' "the loss is drawn"
shows rates '^learning 0 +0\.' "over the learning rate"
shows read 'step [0-9]+  loss [0-9.]+' "and read off"

# Steering

cat > keys <<'KEYS'
key 3
do setting num-train-epochs
key Enter Ctrl-U
type 2000
key Enter s
wait text step 3
key p
wait text paused after
do rate 3e-4
wait text peak learning rate is 0.0003
save-screen rate.txt
do epochs 9999999
save-screen epochs.txt
do rate
save-screen ask.txt
key Esc
do evaluate
wait text evaluation asked for by hand
key p
wait 300
key s y
wait text stopped after
save-screen stopped.txt
KEYS
timeout 100 "$REVUE" --script keys data.csv > said 2>&1
report $? "a training is steered by keys"
shows rate 'peak learning rate is 0.0003 from here on' "another rate"
shows rate 'w words? ?[01]?' "the linear model on words has a line"
shows rate '^\[Loss\] train [0-9.]+ o [0-9.]+ w [0-9.]+ ' "marks stand for their names where these do not fit into the title"
shows epochs 'is no number from 0.001 to 1e\+06' "no epochs out of their range"
shows ask 'rate \(above 0 to 10\):' "what an order needs is asked for with its range"
grep -q '"command":"rate 0.0003"' run-1/metrics.jsonl
report $? "the change stands in the log"

# More epochs for a run that is over

cat > keys <<'KEYS'
do watch runs/other
wait text finished
do pause
save-screen over.txt
do epochs
save-screen ask.txt
type 1
key Enter y
wait idle
save-screen done.txt
do epochs many
save-screen many.txt
key Esc
do epochs 2
save-screen more.txt
key y
wait text epoch 2.00
wait text runs/other  finished
do resume runs/weak
save-screen elsewhere.txt
do resume runs/other
save-screen again.txt
key M
save-screen finished.txt
KEYS
timeout 100 "$REVUE" --script keys data.csv > said 2>&1
report $? "a run that has finished is given more epochs"
shows over 'this training is over; :epochs N goes on to N in all, n sets up another' "what else can be done is said"
shows over 'broken: .*… \(M: all of it\)$' "where an event does not fit a key shows all of it"
shows finished ' held-out reviews? mended' "and does"
shows ask 'epochs \(0.001 to 1e\+06\):' "how many is asked"
shows done '^num-train-epochs 1: runs/other has made step' "as many as it had are refused, in the words of the screens"
shows many 'epochs "many": is no number from 0.001' "what is no number, too"
shows more 'This training is over. Go on with it to 2 epochs in all\?' "it asks before it goes on"
grep -q '"epoch":2,' runs/other/metrics.jsonl
report $? "and makes them"
grep -q '"text":"2 epochs in all from here on, which makes [0-9]* steps; there were to be [0-9]*"' runs/other/metrics.jsonl
report $? "the event says how many steps that makes, and how many there were to be"
shows again 'runs/other has finished; :epochs N goes on to N in all, n sets up another' "one that has finished names what the screens can do"
! grep -qE -e '--num-train-epochs' finished.txt
report $? "and no option of the command line"
shows elsewhere 'runs/weak has finished; :watch runs/weak, then :epochs N goes on' "one that is not shown is to be looked at first"
finish
