#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# revue control: orders to a training of another process, and that a run that goes on equals one that was steered so and never
# ended; more epochs for a run that has finished.
. "${REVUE_SOURCE:-.}/tests/cli/tap.sh"
make_model

# until PATTERN FILE: waits for a line, twenty seconds at most.
until_line() {
	tries=0
	until grep -qs -e "$1" "$2" || [ $tries = 400 ]; do
		sleep 0.05
		tries=$((tries + 1))
	done
}

"$revue" train "$reviews" -m tiny -o a --num-train-epochs 40 --max-length 32 --save-steps 5 --save-total-limit 100 \
	--eval-strategy epoch --learning-rate 1e-3 >out 2>log &
pid=$!
until_line '"step":8[,}]' a/metrics.jsonl
"$revue" control a pause
is "pause: is taken" 0 $?
until_line '"state":"paused"' a/metrics.jsonl
is "status: tells that it is paused" 0 "$("$revue" control a status | grep -q '^a: paused' && echo 0)"

# What cannot be done

refused() {
	name=$1
	shift
	"$revue" control a "$@" 2>err
	is "$name: its exit status" 2 $?
	is "$name" "$expected" "$(cat err)"
}
expected='revue: rate "fast": is no number from above 0 to 10' refused "rate: a word" rate fast
expected='revue: rate "0": is no number from above 0 to 10' refused "rate: nothing" rate 0
expected='revue: rate needs a number: rate RATE, above 0 to 10' refused "rate: no number" rate
expected='revue: pause takes nothing: "now" is too much' refused "pause: with a word" pause now
expected='revue: unknown command "pauze", did you mean "pause"?: pause, resume, save, evaluate, stop, rate RATE or epochs EPOCHS' \
	refused "a wrong word" pauze
step=$(sed -n 's/.*paused after step \([0-9]*\).*/\1/p' a/metrics.jsonl | head -n 1)
"$revue" control a epochs 0.01 2>err
matches "epochs: fewer than are done" "^revue: a: epochs 0.01: step $step is done, and an epoch has [0-9]+: stop ends the training now$" "$(cat err)"

# What can, in a pause

"$revue" control a rate 2e-4
"$revue" control a epochs 5
"$revue" control a evaluate
until_line 'evaluation asked for by hand' a/metrics.jsonl
until_line "\"type\":\"evaluation\",\"step\":$step[,}]" a/metrics.jsonl
is "rate: is an event with its step and order" 1 "$(grep -c "\"step\":$step,.*\"command\":\"rate 0.0002\"" a/metrics.jsonl)"
is "epochs: likewise" 1 "$(grep -c "\"step\":$step,.*\"command\":\"epochs 5\"" a/metrics.jsonl)"
is "evaluate: a line in the log" 1 "$(grep -c "\"type\":\"evaluation\",\"step\":$step[,}]" a/metrics.jsonl)"
is "run.json: keeps what was asked for" 1 "$(grep -c '"num_train_epochs": 40' a/run.json)"
cp -r a back
for checkpoint in back/checkpoint-*; do
	[ "$(basename "$checkpoint")" = checkpoint-000005 ] || rm -r "$checkpoint"
done
"$revue" control a resume
until_line "\"step\":$((step + 8))[,}]" a/metrics.jsonl
"$revue" control a pause
until_line "paused after step $((step + 1))\\|paused after step [0-9]*.*\$" a/metrics.jsonl
tries=0
until [ "$(grep -c '"state":"paused"' a/metrics.jsonl)" = 2 ] || [ $tries = 400 ]; do
	sleep 0.05
	tries=$((tries + 1))
done
"$revue" control a save
until_line "checkpoint-$(printf %06d "$(sed -n 's/.*paused after step \([0-9]*\).*/\1/p' a/metrics.jsonl | tail -n 1)") written" a/metrics.jsonl
cp -r a copy
"$revue" control a resume
wait $pid
is "a steered training: finishes" 0 $?

# Going on equals

"$revue" train --resume back >/dev/null 2>back.log
is "back before the change: finishes" 0 $?
is "back before the change: the same bits" 0 "$(cmp a/model/model.safetensors back/model/model.safetensors && echo 0)"
sed -i '/"command"/d' copy/metrics.jsonl
"$revue" train --resume copy >/dev/null 2>copy.log
is "from a checkpoint after the change: the same bits" 0 "$(cmp a/model/model.safetensors copy/model/model.safetensors && echo 0)"
"$revue" train "$reviews" -m tiny -o plain --num-train-epochs 5 --max-length 32 --eval-strategy epoch --learning-rate 1e-3 \
	>/dev/null 2>&1
is "and others than without it" 1 "$(cmp -s a/model/model.safetensors plain/model/model.safetensors; echo $?)"
is "the steps in all are those of the new epochs" "$("$revue" info plain --format json | grep '"steps":')" \
	"$("$revue" info a --format json | grep '"steps":')"
"$revue" control a rate 1e-5 2>err
is "nobody trains: exit status" 74 $?

# More epochs for a run that has finished

"$revue" train --resume a >/dev/null 2>err
is "finished: names the way" 1 "$(grep -c 'more epochs: revue train --resume a --num-train-epochs N' err)"
"$revue" train --resume a --num-train-epochs 5 >/dev/null 2>err
is "finished: not the epochs that are done" 2 $?
"$revue" train --resume a --num-train-epochs 7 >out 2>more.log
is "finished: with more epochs it goes on" 0 $?
matches "finished: to the end of them" '"epoch":7,' "$(tail -n 5 a/metrics.jsonl)"
cp a/model/model.safetensors good.safetensors
rm -r a/model
"$revue" train --resume a >out 2>err
is "finished: a model that is gone is made of the checkpoint once more" "0 0" \
	"$? $(cmp -s a/model/model.safetensors good.safetensors; echo $?)"
cp -R a lost
rm -r lost/model lost/checkpoint-*
"$revue" train --resume lost >out 2>err
is "finished: without checkpoints, too, that is refused" "2 1 no" \
	"$? $(grep -c 'lost has finished, but neither' err) $([ -e lost/model ] && echo yes || echo no)"
"$revue" train --resume a --seed 3 2>err
is "resume: other options are refused" 2 $?

# Help

is "control --help: a line for each order" 8 "$("$revue" control --help | sed '1,/^Orders:/d' | grep -c .)"
done_testing
