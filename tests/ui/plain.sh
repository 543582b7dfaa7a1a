#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# revue --plain, told what to do by lines of a pipe: every screen in lines, what is said of changes and of a training, how it ends.
. "${REVUE_SOURCE:-.}/tests/ui/played.sh"
told='said heard'

# lines NAME: what stands on standard input is typed; what was heard is in `heard` and, for when a test fails, all of it is shown.
hear() {
	timeout 100 "$REVUE" --plain "$@" > heard 2> said
}

heard() { # pattern, name
	grep -qE -e "$1" heard
	report $? "$2"
}

unheard() { # pattern, name
	! grep -qE -e "$1" heard
	report $? "$2"
}

printf 'text,label,stars\nA fine film,positive,5\nNever again,negative,1\nGood value,positive,4\nA "bad" \033[31mevening,negative,2\n' > data.csv

hear data.csv < /dev/null
report $? "where the input ends at once, so does the program"
heard '^1\. Column text, the text; first row: A fine film$' "the columns have numbers and say what they are for"
heard '^Label negative: 2 reviews, 50 percent\.$' "labels have their share"
printf 'reviews\n3\nj\n/value\n/nothing like it\nfilter stars>3\nclear\nsort stars reverse\nnonsense\n999\n' | hear data.csv
report $? "reviews are looked at"
heard '^2\. label negative; the model says [a-z]+, [0-9.]+ percent(, wrong)?: Never again$' "a row is a line"
heard '^3\. label positive; the model says' "a number opens its line"
heard '^Scores: (negative|positive) [0-9.]+ percent, (negative|positive) [0-9.]+ percent\.$' "with the scores, the highest first"
heard 'evening$' "a key by its name moves"
heard '^found "value"; next and previous go on\.$' "/ and a text search"
heard '"nothing like it" is not found\.' "what is not found is said"
heard '^Reviews, only stars above 3\.$' "a filter is another list, which is told"
heard '^Reviews, by stars reverse\.$' "and so is an order"
heard '^no action here is called "nonsense"' "what is no command is said"
heard '^There are lines 1 to 4\.$' "and that a number is too high"
[ "$(tr -d '\n\040-\176' < heard | wc -c)" = "$(grep -o '[^ -~]' heard | tr -d '\n' | wc -c)" ] && ! grep -q "$(printf '[\001-\011\013-\037]')" heard
report $? "nothing but text comes out, whatever a review holds"

printf 'dialect\n2\nnonsense\n2\nsemicolon\ncopy-command\ncopy-command\nlabel-column\ndialect text-column 9\nreread\ndialect text-column auto\nreread\n' |
	hear data.csv
report $? "the form of a dialect is gone through"
heard '^2\. delimiter: comma \(guessed\)$' "it says what is guessed"
heard '^Line 3: text: Never again; label: negative; stars: 1$' "and how the first rows are read"
heard '^Error: delimiter "nonsense": must be auto' "what a field cannot be is said"
heard '^2\. delimiter: semicolon$' "a number and a word change it"
heard '^The command line that does the same: revue data\.csv --delimiter semicolon$' "the command line that does the same is told"
heard '^Not as it stands: data\.csv: has no column "9"; it has: text,label,stars\.$' "why the file cannot be read so, too"
heard '^1\. Column text,label,stars, the text; first row: A fine film,positive,5$' "at last it is read as the form says"

awk 'BEGIN {
	for (row = 0; row < 3; row++)
		for (i = 0; i < 200; i++)
			printf "%s%d%s", row ? "value " : "column_number_", i, i < 199 ? "," : "\n"
}' > wide.csv
printf 'dialect\ndown\ndown\ndown\ndown\ndown\ndown\ndown\n' | hear wide.csv
heard '^It can be: auto, column_number_0, .*, column_number_56, and 143 more\.$' "of very many choices the rest is counted"

told_by_now() { # waits for the pattern
	tries=0
	until grep -qE -e "$1" heard 2>/dev/null || [ $((tries += 1)) -gt 600 ]; do sleep 0.1; done
}

cp data.csv gone.csv
: > heard
{
	printf 'dialect\n'
	told_by_now '^2\. delimiter: comma'
	mv gone.csv back.csv
	printf 'dialect delimiter ;\n'
	told_by_now '^Not as it stands: .*No such file'
	mv back.csv gone.csv
	printf 'reread\n'
	told_by_now '^opened gone'
} | hear gone.csv
heard '^opened gone\.csv\.$' "a file that is there again is read, when the form had not found it"

printf 'score\nA wonderful film\nwonderful\n\nlook\n2\ntake-back\n\nweights\n' | hear data.csv
report $? "reviews are typed"
heard '^(negative|positive) [0-9.]+ percent, (negative|positive) [0-9.]+ percent\.$' "the labels come in their order"
heard '^What counts most for (positive|negative): .*wonderful' "and the words that count most"
heard '^2\. .*A wonderful film$' "what was typed is kept"
heard '^Typing has ended' "an empty line ends typing"
heard '^1\. wonderful, for, [0-9.]+$' "what each word counts is a list"

cat > keys <<'KEYS'
train
setting num-train-epochs
5
3
setting metric-for-best-model
edit accuracy
set announce 1
start
quit
b
wait
look
chart loss
report
repeat
runs
1
figures
score
Fine
:quit
KEYS
awk 'NR == 1 || NR % 4 == 0' "$share/samples/stars.csv" > stars.csv
hear stars.csv < keys
report $? "a training is started, watched and asked about"
heard '^6\. learning-rate: 5 times 10 to the minus 5$' "no exponent is left to a voice, which says no minus"
heard '^It will make [0-9,]+ steps and take about' "the form tells what it will take"
heard '^num-train-epochs: ' "what a setting asks is told"
heard '^A training is running\. Answer l, leave it running; s, stop after a checkpoint; b, go back\.$' "leaving it asks"
heard '^Step [0-9]+ of [0-9]+: loss [0-9.]+.*; validation loss [0-9.]+, accuracy [0-9.]+ percent' "evaluations are sentences"
heard '^Training finished after [0-9,]+ steps: validation loss [0-9.]+, accuracy [0-9.]+ percent, F1 [0-9.]+; [0-9]+ held-out reviews? mended and [0-9]+ broken.*: the (last )?model is in ' \
	"and so is the end"
heard '^1\. Loss: .*first [0-9.]+ at step 1, last [0-9.]+ at step [0-9]+; least [0-9.]+ at step [0-9]+, greatest' "a chart is a sentence"
heard '^Step [0-9]+: [0-9.]+; held out [0-9.]+\.$' "and a small table"
unheard '^[0-9]+\. Best by' "what the best model goes by has no second chart"
[ "$(grep -c '^labels: ' heard)" = 2 ]
report $? "what was said last is said again"
heard '^1\. Truly ' "a confusion matrix is sentences"
heard '^Scored by run-1/model\.$' "the model that was trained scores"

printf 'look\n' | timeout 60 "$REVUE" watch --plain run-1 > heard 2> said
report $? "a run is watched in lines"
heard '^Run run-1: finished\.$' "how it stands is told"
unheard '^Error' "and nothing that concerns another screen"

printf 'train\nsetting num-train-epochs\nedit\n1000\nstart\nquit\ns\n' | hear stars.csv
report $? "stopping is the answer to leaving"
grep -q 'run-2' said && [ -e run-2/metrics.jsonl ]
report $? "and is told as it is after the screens"
printf 'train\nsetting num-train-epochs\nedit 2\nstart now\nstart\n' | hear stars.csv
report $? "a training is awaited when the input ends"
heard '^5\. num-train-epochs: 2, changed$' "a value may stand behind edit"
heard '^"start" takes nothing after its name: nothing was done\.$' "what takes nothing is not told anything"
heard '^The input has ended; the training goes on to its end\.$' "that is said"
heard '^Training finished' "and its end as well"

mkdir stopped
printf '%s\n' '{"format": 1, "data": {"path": "a"}, "model": {"path": "b"}, "validation": {"path": ""}, "options": {},' \
	'"labels": ["x", "y"], "steps": 400, "steps_per_epoch": 50, "held_out": 9}' > stopped/run.json
printf '%s\n' '{"type":"step","step":300,"epoch":6,"time":9,"loss":0.5,"learning_rate":1e-5,"grad_norm":1,"tokens_per_second":9}' \
	'{"type":"event","step":250,"time":8,"state":"note","text":"checkpoint-000250 written"}' \
	'{"type":"event","step":300,"time":9,"state":"note","text":"checkpoint-000300 written"}' \
	'{"type":"event","step":300,"time":9,"state":"finished","text":"finished early after step 300, as eval_loss did not improve"}' \
	> stopped/metrics.jsonl
printf 'look\n' | timeout 60 "$REVUE" watch --plain stopped > heard 2> said
heard '^Marks: checkpoint at step 300, the last of 2; stopped early at step 300\.$' "the marks of the charts are told, the last of each kind"

printf 'runs\nfigures calibration\n' | hear data.csv
heard '^Expected calibration error [0-9.]+, Brier score [0-9.]+\.' "the calibration of a run"
heard '^The curve, of [0-9]+ reviews?: ([0-9]+ in bins that are (surer|less sure) than right, by [0-9.]+; )+most, [0-9]+, are from [0-9.]+ to [0-9.]+\.$' \
	"and its curve as a sentence"

printf 'help\npage-down\nfind wheel\nback\nmessages\n' | hear data.csv
report $? "help is read"
heard '^open FILE, or o: ' "an action is a line with its keys"
heard '^look, or dot: tell again' "those of this way of telling too"
printf 'text;label\ncaf\303\251;gut\n' > cafe.csv
printf 'reviews\n' | LC_ALL=C hear cafe.csv
grep -q 'caf' heard && ! LC_ALL=C grep -q "$(printf '[\200-\377]')" heard
report $? "a locale without UTF-8 gets ASCII"
awk 'BEGIN { for (i = 0; i < 300000; i++) printf "word "; print "" ; print "look" }' | { echo score; cat; } | hear data.csv
report $? "a line of 1.5 MB is taken"
heard 'too long and is cut' "and cut"
printf 'reviews\n' | "$REVUE" --plain data.csv 2> said | head -n 1 > heard
report $? "a reader that leaves ends it"
printf 'save-screen seen.txt\nopen %s\nopen nowhere.csv\n' stars.csv | hear data.csv
heard '^Error: .*nowhere.csv' "errors are said as such"
[ -s seen.txt ]
report $? "and a screen that was asked for is written"
"$REVUE" data.csv < /dev/null > heard 2> said
[ $? = 2 ] && grep -q 'revue --plain' said
report $? "without a terminal the screens point to it"
"$REVUE" --plain --max-rate 5 data.csv < /dev/null > heard 2> said
[ $? = 2 ] && grep -q 'draws nothing that --max-rate could bound' said
report $? "nor is there anything to bound of what is drawn"
"$REVUE" --plain --script keys data.csv > heard 2> said
[ $? = 2 ] && grep -q 'does not go with --script' said
report $? "a key script is another thing"
finish
