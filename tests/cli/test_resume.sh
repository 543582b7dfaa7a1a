#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# revue train --resume: what it says, and files that lie elsewhere by now.
. "${REVUE_SOURCE:-.}/tests/cli/tap.sh"
make_model

# until_step RUN STEP: waits for it while the job runs.
until_step() {
	tries=0
	until grep -qs "\"step\":$2[,}]" "$1/metrics.jsonl" || [ $tries = 400 ] || ! kill -0 $pid 2>/dev/null; do
		sleep 0.05
		tries=$((tries + 1))
	done
}

# The job gets SIGINT back, which a background job of a shell ignores.
stopped_run() {
	cp "$reviews" data.csv
	cp -r tiny base
	(trap - INT; exec "$revue" train data.csv -m base -o "$1" --num-train-epochs 12 --max-length 32 >out 2>log) &
	pid=$!
	until_step "$1" 70
	kill -TERM $pid
	wait $pid
}

# A log that is appended to

"$revue" train "$reviews" -m tiny -o whole --num-train-epochs 12 --max-length 32 >/dev/null 2>whole.log
stopped_run run1
if grep -q '^finished' out; then
	skip "a resumed run" "the training was faster than the signal"
	done_testing
	exit
fi
cp -r run1 run2
cp -r run1 run3
cp -r run1 run4
"$revue" train --resume run1 >/dev/null 2>>log
is "resume: succeeds" 0 $?
is "resume: the first line tells where it goes on" "revue: goes on from checkpoint-" "$(
	sed '1,/^revue: stopped after/d' log | head -n 1 | sed 's/[0-9]*$//')"
is "resume: an appended log holds each evaluation once" "$(grep -c 'validation loss' whole.log)" "$(grep -c 'validation loss' log)"
is "resume: and each line about the data once" 1 "$(grep -c 'reviews to train on' log)"
is "resume: and no line twice" "" "$(grep -v 'checkpoint-.* written' log | sort | uniq -d)"

# Killed: what comes after the last checkpoint is computed and told again

"$revue" train "$reviews" -m tiny -o killed --num-train-epochs 400 --max-length 32 --save-steps 0 >/dev/null 2>killed.log &
pid=$!
until_step killed 75
kill -KILL $pid
wait $pid 2>/dev/null
"$revue" train --resume killed >/dev/null 2>again.log &
pid=$!
tries=0
until [ -s again.log ] || [ $tries = 400 ]; do
	sleep 0.05
	tries=$((tries + 1))
done
kill -TERM $pid
wait $pid
matches "resume after a kill: the first line tells where it goes on" '^revue: goes on from checkpoint-' "$(head -n 1 again.log)"

# Elsewhere

mv data.csv moved.csv
"$revue" train --resume run2 >/dev/null 2>err
is "resume: data that is not where it was ends it" 74 $?
matches "resume: and it says what to give" '^revue: run2: its data is no longer .*/data.csv: say where it is with revue train --resume run2 --data FILE$' "$(cat err)"
"$revue" train --resume run2 --data "$reviews.not" >/dev/null 2>err
is "resume: the file that is given must be there" 74 $?
cp "$reviews" other.csv
echo 'more,positive' >>other.csv
"$revue" train --resume run2 other.csv >/dev/null 2>err
is "resume: other data is refused" 65 $?
matches "resume: by its name" 'other.csv is not the data of run2: its hash differs$' "$(tail -n 1 err)"
rm -r base
"$revue" train --resume run2 --data moved.csv >/dev/null 2>err
is "resume: data at another place is taken, and the base is not needed" 0 $?
is "resume: and the bits are those of an uninterrupted run" "" \
	"$(cmp whole/model/model.safetensors run2/model/model.safetensors 2>&1)"
matches "resume: run.json names the new place" '/moved.csv"' "$("$parse" json data.path <run2/run.json)"
matches "resume: and the first one" '/data.csv"' "$("$parse" json data.first_path <run2/run.json)"
"$revue" train --resume run3 moved.csv -m tiny >/dev/null 2>err
is "resume: the data may be the operand, and the base is looked at where it is given" 0 $?

# run.json that was edited

mv moved.csv data.csv
sed 's/"num_train_epochs": *12.0/"num_train_epochs": 20/' run4/run.json >edited
mv edited run4/run.json
"$revue" train --resume run4 >/dev/null 2>err
is "resume: an option that was edited is refused" 65 $?
matches "resume: by its name" 'run4: run.json says num_train_epochs 20, but checkpoint-[0-9]+ was made with 12: put that back' "$(cat err)"

# Options

for options in "--seed 3" "-o other" "--validation 0.1" "--threads 2 --validation held.csv"; do
	# shellcheck disable=SC2086
	"$revue" train --resume run4 $options >/dev/null 2>err
	is "resume: does not take $options" 2 $?
done
"$revue" train --resume run4 --validation other.csv >/dev/null 2>err
matches "resume: a validation file where the run has a share is refused" 'measures on a share of its data' "$(cat err)"
"$revue" train --data data.csv -m tiny >/dev/null 2>err
is "--data goes with --resume" 2 $?
"$revue" train data.csv -m tiny --paused >/dev/null 2>err
is "--paused goes with --resume" 2 $?

# Few descriptors

(exec 3<&- 4<&- 5<&- 6<&- 7<&- 8<&- 9<&-; ulimit -n 12; exec timeout -k 5 60 "$revue" train "$reviews" -m tiny -o narrow --max-length 16 >out 2>err)
is "few descriptors: it ends by itself" 1 $?
matches "few descriptors: with a line that says what to do" '\(ulimit -n\)$' "$(tail -n 1 err)"
is "few descriptors: and without a folder" 1 "$(test -e narrow; echo $?)"

done_testing
