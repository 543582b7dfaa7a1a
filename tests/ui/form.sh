#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The form of a training: a wrong value is told while it is typed, by the words of the command line; choices by keys; what a
# training would take; the command line that does the same.
. "${REVUE_SOURCE:-.}/tests/ui/played.sh"

cp "$share/../tests/ui/reviews.csv" .
ln -s "$share/models/pocket" pocket
for i in 1 2 3 4 5 6 7 8; do tail -n +2 reviews.csv; done >more
cat reviews.csv more >"it's.csv"

# play LINES...: the form after them, joined into one line for grep, since it is wrapped.
play() {
	{
		printf 'wait idle\nkey 3\nwait idle\n'
		cat
		printf 'wait idle\nsave-screen screen\n'
	} >keys
	"$REVUE" --script keys -m "${model:-pocket}" "${data:-reviews.csv}" >said 2>&1
	tr -s '\n ' ' ' <screen
}

# shows NAME TEXT: the lines on standard input lead to a screen with TEXT.
shows() {
	play >screens
	grep -qF -e "$2" screens
	report $? "$1"
}
told="said screen"

shows "a learning rate of 5 is told to be far above the usual while it is typed" \
	"learning-rate 5 is far above what a model of this size is usually trained with, 0.0001 to 0.0005" <<'END'
do setting learning-rate
key Enter Ctrl-U
type 5
END
shows "what is out of range is told" "learning-rate: 50 is out of range: from 0 to 10 are allowed" <<'END'
do setting learning-rate
key Enter Ctrl-U
type 50
END
shows "a validation of 1.5 is told" "1.5 is no share" <<'END'
do setting validation
key Enter Ctrl-U
type 1.5
END
shows "a validation file that is not there is told" "nosuch.csv: could not open: No such file or directory" <<'END'
do setting validation
key Enter Ctrl-U
type nosuch.csv
END
shows "a data file that is not there is told" "nosuch.csv: there is no such file" <<'END'
key Enter Ctrl-U
type nosuch.csv
END
shows "a folder that is no model is told" ". holds no weights" <<'END'
key Down Enter Ctrl-U
type .
END
shows "an unknown column is told" "no column is called sta" <<'END'
do setting label-column
key Enter Ctrl-U
type sta
END
shows "a LoRA target that matches nothing is told" "the model has no linear layer that is called quer" <<'END'
do setting lora-r
key Enter Ctrl-U
type 8
key Enter
do setting target-modules
key Enter
type quer
END
shows "an option that says nothing without another is told" "lora-dropout says nothing without lora-r: give the rank of the adapters" <<'END'
do setting lora-dropout
key Enter Ctrl-U
type 0.1
END
shows "a batch that needs more memory than there is is told" "of memory are more than the" <<'END'
do setting per-device-train-batch-size
key Enter Ctrl-U
type 65536
END
shows "after Esc the estimate is that of the settings again" "the first steps tell the time" <<'END'
do setting per-device-train-batch-size
key Enter Ctrl-U
type 65536
wait idle
key Esc
END
shows "Tab completes a column" "label-column: sentiment" <<'END'
do setting label-column
key Enter Ctrl-U
type sen
key Tab
END
shows "the words of a choice are a list, in which a key goes on" "linear [cosine] cosine_with_restarts" <<'END'
do setting lr-scheduler-type
key Right
END
shows "and back" "reduce_lr_on_plateau [exponential]" <<'END'
do setting lr-scheduler-type
key Left
END
shows "a truth value is one of two words" "false [true]" <<'END'
do setting fp16
key Right
END
shows "a recipe is chosen by its name" "recipe distilbert-4000" <<'END'
do setting recipe
key Right Right
END
shows "a number has its range, a learning rate what is usual" "(0 to 10; usual for this model: 0.0001 to 0.0005, as 0.0002)" <<'END'
do setting learning-rate
END
data="it's.csv"
shows "the command line is quoted for a shell" \
	"revue train 'it'\\''s.csv' -m pocket -o run-1 --text-column review --label-column sentiment --lr-scheduler-type cosine" <<'END'
do setting lr-scheduler-type
key Right
key y
END
shows "y again leads back to the form" "A new training." <<'END'
key y y
END
# The command line says the same in its report, and the next training of this kind is known by its pace.
grep -o "revue train .*" screens >/dev/null
"$REVUE" train "it's.csv" -m pocket -o run-1 --num-train-epochs 2 --per-device-train-batch-size 4 --learning-rate 1 >said 2>&1
grep -q "warning: --learning-rate 1 is far above" said
report $? "revue train warns of such a learning rate, too"
shows "an earlier run like it tells the time" "at the pace of" <<'END'
do setting per-device-train-batch-size
key Enter Ctrl-U
type 4
key Enter
END
shows "one with another batch does not, and one as short is not timed" "the first steps tell the time" <<'END'
do setting per-device-train-batch-size
key Enter Ctrl-U
type 2
key Enter
END

# A training of which no run tells: two steps are timed, once for each kind.
data=$share/samples/reviews.csv
matches() { # NAME PATTERN
	play >screens
	grep -qE -e "$2" screens
	report $? "$1"
}
matches "a step of a training of a new kind is timed" "177 steps, about [0-9.]+ (s|min|h)[^(]* \(2 steps timed\)" </dev/null
{
	printf 'wait idle\nkey 3\nwait idle\ndo setting num-train-epochs\nkey Enter Ctrl-U\ntype 6\nkey Enter\nwait text 354 steps\n'
	echo 'save-screen screen'
} >keys
"$REVUE" --script keys -m pocket "$data" >said 2>&1
grep -qE -e "354 steps, about .* \(2 steps timed\)" screen
report $? "more epochs of it are told without another one"
matches "a value that is only typed is not timed" "1,413 steps, the first steps tell the time" <<'END'
do setting per-device-train-batch-size
key Enter Ctrl-U
type 2
END
matches "what teachers say takes a time that is not guessed" "steps, the first steps tell the time" <<'END'
do setting freeze-layers
key Enter Ctrl-U
type 0
key Enter
END

# Too short a training is not timed; with more epochs it is. What it reads of each review is as long as it may be, and a model that
# learnt words alone has no labels yet.
model=tiny
data=long.csv
awk 'BEGIN { print "text,label"; for (i = 0; i < 600; i++) {
	for (j = 0; j < 1900; j++) printf "word%d ", j % 50
	print i "," (i % 2 ? "good" : "bad") } }' >long.csv
"$REVUE" new reviews.csv -o tiny --vocab-size 300 --hidden-size 16 --intermediate-size 32 --num-hidden-layers 1 \
	--max-position-embeddings 2048 >said 2>&1 &&
	"$REVUE" pretrain reviews.csv -m tiny -o words --num-train-epochs 1 --max-length 32 >said 2>&1
report $? "there are models"
matches "a step of long reviews is timed" "steps, about [0-9.]+ (ms|s|min|h)[^(]* \(2 steps timed\)" <<'END'
do setting max-length
key Enter Ctrl-U
type 2048
key Enter
END
model=words/model
matches "a step of a model without labels is timed" "steps, about [0-9.]+ (ms|s|min|h)[^(]* \(2 steps timed\)" </dev/null
model=tiny
data=few.csv
head -n 61 "$share/samples/reviews.csv" >few.csv
matches "too short a training is not timed" "steps, the first steps tell the time" </dev/null
matches "with more epochs it is" "steps, about [0-9.]+ (ms|s|min|h)[^(]* \(2 steps timed\)" <<'END'
do setting num-train-epochs
key Enter Ctrl-U
type 400
key Enter
END
matches "a base in 4 bits is another kind" "steps, the first steps tell the time" <<'END'
do setting num-train-epochs
key Enter Ctrl-U
type 400
key Enter
wait idle
do setting lora-r
key Enter Ctrl-U
type 4
key Enter
wait idle
do setting load-in-4bit
key Right
END
model=pocket

# A key that leaves is the last: a training that the next one began would go on in what is being taken apart.
printf 'wait idle\nkey 3\nwait idle\ntype Qs\n' >keys
rm -rf run-2
"$REVUE" --script keys -m pocket "it's.csv" >said 2>&1 && [ ! -e run-2 ]
report $? "what is typed after the key that leaves begins no training"

# Nothing is changed until a person changes it.
play >screens </dev/null
! grep -q 'changed' screens
report $? "a fresh form says of nothing that it is changed"
matches "the command line has what the form chose all the same" "--eval-on-start" <<'END'
key y
END
matches "what is changed is counted" "the best model \(13 settings, 1 changed\)" <<'END'
do setting eval-on-start
do edit false
do setting num-train-epochs
END
matches "its default is that of the form" "the best model \(13 settings\)" <<'END'
do setting eval-on-start
do edit false
key d
do setting num-train-epochs
END
matches "a column that was chosen on the Data screen is" "held out \([0-9]+ settings, 2 changed\)" <<'END'
key 1 Down t t 3
END
finish
