#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# revue search, and revue train with --seeds and --folds: what is trained, what is told, that a study that was killed goes on
# as if it had not been.
. "${REVUE_SOURCE:-.}/tests/cli/tap.sh"
make_model

cat >space.json <<'END'
{"learning_rate": {"min": 1e-4, "max": 1e-2, "log": true}, "per_device_train_batch_size": [8, 16, 32]}
END
settings="--num-train-epochs 2 --max-length 16 --baseline false"

# shellcheck disable=SC2086
"$revue" search "$reviews" -m tiny -o whole --space space.json --max-trials 4 --reduction-factor 2 $settings >out 2>err
is "search: succeeds" 0 $?
is "search: four trials to a quarter, two to a half, one to the end" "25.0 25.0 50.0 100.0" \
	"$(awk '/^trial-/ { print $3 }' out | sort -n | tr '\n' ' ' | sed 's/ $//')"
best=$(sed -n 's/^best: \(trial-[0-9]*\), eval_accuracy 0[.][0-9]* with .*; the model is in whole.*/\1/p' out)
is "search: the best one has a model" yes "$([ -f "whole/$best/model/model.safetensors" ] && echo yes)"
is "search: what is out has no checkpoints" "$best" "$(cd whole && find . -name 'checkpoint-*' | cut -d/ -f2 | sort -u)"
is "search: results.csv has a line each, with their settings" "trial,learning-rate,per-device-train-batch-size,state,share 5" \
	"$(head -n 1 whole/results.csv | cut -d, -f1-5) $(grep -c . whole/results.csv)"
is "search: revue runs lists them" 4 "$("$revue" runs whole | grep -c '^trial-')"

# The one that was drawn, trained alone without a break.
alone=$(awk -F, -v best="$best" '$1 == best { print "--learning-rate " $2 " --per-device-train-batch-size " $3 }' whole/results.csv)
# shellcheck disable=SC2086
"$revue" train "$reviews" -m tiny -o alone $settings --metric-for-best-model eval_accuracy $alone >/dev/null 2>&1
is "search: its best trial is the same training to the bit" "" \
	"$(cmp alone/model/model.safetensors "whole/$best/model/model.safetensors" 2>&1)"

# shellcheck disable=SC2086
"$revue" search "$reviews" -m tiny -o whole --space space.json --max-trials 4 --reduction-factor 2 $settings >again 2>err
is "search: asked again it has nothing to train" "$(cat out)" "$(cat again)"
is "search: and did not" 0 "$(grep -c -e '-- trial' err)"
# shellcheck disable=SC2086
"$revue" search "$reviews" -m tiny -o whole --space space.json --max-trials 5 $settings >/dev/null 2>err
is "search: another question does not fit into its folder" "2 1" "$? $(grep -c 'asks something else' err)"

# Other objectives: of the loss the least is best, in each rung and at the end; of F1 the greatest.
objective() { # NAME COLUMN sort's options: the trials in the order of a rung that has ended in results.csv
	# shellcheck disable=SC2086
	"$revue" search "$reviews" -m tiny -o "by_$1" --space space.json --max-trials 4 --reduction-factor 2 $settings --objective "$1" \
		>"by_$1.out" 2>/dev/null
	is "search by $1: succeeds" 0 $?
	is "search by $1: is a column of its table" "$1" "$(head -n 1 "by_$1/results.csv" | cut -d, -f6)"
	# What each measured at the end of the first rung: the better two of the four went on.
	for trial in 1 2 3 4; do
		printf '%s %s\n' "$(grep '"type":"evaluation"' "by_$1/trial-00$trial/metrics.jsonl" | head -n 1 | grep -o "\"${1#eval_}\":[0-9.e-]*" |
			cut -d: -f2)" "trial-00$trial"
	done | sort $2 -s -k 1,1 | awk '{ print $2 }' | head -n 2 | sort >"by_$1.first"
	is "search by $1: a rung keeps those that are best by it" "$(cat "by_$1.first")" \
		"$(awk -F, 'NR > 1 && $5 > 0.25 { print $1 }' "by_$1/results.csv" | sort)"
	kept=$(tail -n +2 "by_$1/results.csv" | awk -F, '$4 == "finished" { print $1 " " $6 }')
	matches "search by $1: the best is told by it" "^best: ${kept% *}, $1 $(printf %.4f "${kept#* }") with " "$(cat "by_$1.out")"
}
objective eval_loss -g
objective eval_f1 -gr
is "search by eval_loss: which another training measures the same" "$(awk -F, '$4 == "finished" { print $6 == $7 }' by_eval_loss/results.csv)" 1

kills=0
killed_after() {
	timeout -s KILL "$@" >/dev/null 2>&1
	[ $? != 137 ] || kills=$((kills + 1))
}
# shellcheck disable=SC2086
killed_after 0.4 "$revue" search "$reviews" -m tiny -o killed --space space.json --max-trials 4 --reduction-factor 2 $settings
for seconds in 0.23 0.31 0.17 0.4 0.27; do
	[ ! -e killed/study.json ] || killed_after $seconds "$revue" search --resume killed
done
if [ $kills = 0 ]; then
	skip "kills" "the search was faster"
else
	"$revue" search --resume killed >/dev/null 2>&1
	is "kills: the same table as without them" "$(cat whole/results.csv)" "$(cat killed/results.csv)"
	is "kills: the same model" "" "$(cmp "whole/$best/model/model.safetensors" "killed/$best/model/model.safetensors" 2>&1)"
fi

# Seeds and folds that were killed have the same table as those that were not.
killed_study() { # NAME OPTIONS
	what=$1
	shift
	# shellcheck disable=SC2086
	"$revue" train "$reviews" -m tiny -o "$what.whole" "$@" $settings >"$what.out" 2>/dev/null
	kills=0
	# shellcheck disable=SC2086
	killed_after 0.4 "$revue" train "$reviews" -m tiny -o "$what.killed" "$@" $settings
	for seconds in 0.23 0.31 0.17 0.4; do
		[ ! -e "$what.killed/study.json" ] || killed_after $seconds "$revue" train --resume "$what.killed"
	done
	if [ $kills = 0 ]; then
		skip "$what: kills" "the trainings were faster"
		return
	fi
	# shellcheck disable=SC2086
	"$revue" train "$reviews" -m tiny -o "$what.killed" "$@" $settings >"$what.again" 2>/dev/null
	is "$what: killed and gone on with it has the same table" "$(cat "$what.whole/results.csv")" "$(cat "$what.killed/results.csv")"
	is "$what: and tells the same" "$(cat "$what.out")" "$(cat "$what.again")"
}
killed_study seeds --seeds 1,2,3
killed_study folds --folds 3

# A trial that diverges costs only itself.
echo '{"learning_rate": [1e-3, 10]}' >wild.json
# shellcheck disable=SC2086
"$revue" search "$reviews" -m tiny -o wild --space wild.json $settings --max-grad-norm 0 --optim sgd --max-steps 40 \
	--warmup-steps 0 >out 2>err
is "search: goes on whatever becomes of a trial" 0 $?
matches "search: and has a best one" '^best: trial-00[12], ' "$(cat out)"

# shellcheck disable=SC2086
"$revue" train "$reviews" -m tiny -o seeds --seeds 1,2,3 $settings >out 2>err
is "seeds: succeeds" 0 $?
matches "seeds: mean and deviation" '^mean and sample deviation: accuracy 0[.][0-9]+ [+]- 0[.][0-9]+, F1 .*, loss .* [(]3 seeds[)]$' "$(cat out)"
is "seeds: the mean is that of the table" "$(awk -F, 'NR > 1 { sum += $7 } END { printf "%.4f", sum / 3 }' seeds/results.csv)" \
	"$(sed -n 's/^mean.*accuracy \([0-9.]*\) .*/\1/p' out)"
# shellcheck disable=SC2086
"$revue" train "$reviews" -m tiny -o words --task masked_lm --seeds 1,2 --max-length 16 --max-steps 2 >words.out 2>err
matches "seeds: masked words have no F1, and none is told" \
	'^mean and sample deviation: accuracy 0[.][0-9]+ [+]- 0[.][0-9]+, loss [0-9.]+ [+]- [0-9.]+ [(]2 seeds[)]$' "$(cat words.out)"
is "seeds: all measure on the same rows" "42 42 42 " "$(cat seeds/seed-*/run.json | grep -o '"split_seed": [0-9-]*' | grep -o '[0-9-]*$' | tr '\n' ' ')"
rm -r seeds/seed-2
"$revue" train --resume seeds >again 2>err
is "seeds: what is missing is trained again, to the same table" "$(cat out)" "$(cat again)"
is "seeds: that alone" 1 "$(grep -c -e '^revue: -- seed-' err)"

# shellcheck disable=SC2086
"$revue" train "$reviews" -m tiny -o folds --folds 3 $settings --num-train-epochs 1 >out 2>err
is "folds: succeeds" 0 $?
is "folds: each row is held out once" 377 "$(for fold in 1 2 3; do
	"$parse" json rows.validation <folds/fold-$fold/run.json
done | awk '{ sum += $1 } END { print sum }')"

"$revue" find-rate "$reviews" -m tiny --max-length 16 --steps 60 -o rates >out 2>err
is "find-rate: succeeds" 0 $?
is "find-rate: the rates grow by the same factor from the least to the greatest" "59 1e-06 1" "$(grep -o '"learning_rate":[0-9.e-]*' \
	rates/metrics.jsonl | cut -d: -f2 | awk '{ if (NR == 1) { first = $1 } else { factor = $1 / last; if (NR > 2 && (factor / before > 1.001 || before / factor > 1.001)) bad = 1; before = factor } last = $1 }
		END { printf "%d %.3g %d", NR, first, !bad }')"
matches "find-rate: tells what it found" '^(suggested: --learning-rate [0-9.e-]+, a tenth|no suggestion: )' "$(cat out)"
is "find-rate: leaves no model" no "$([ -e rates/model ] && echo yes || echo no)"
TMPDIR=$work/aside && mkdir "$TMPDIR" && export TMPDIR
"$revue" find-rate "$reviews" -m tiny --max-length 16 --steps 60 >again 2>/dev/null
is "find-rate: the same again, and nothing is left" "$(cat out) 0" "$(cat again) $(find "$TMPDIR" -mindepth 1 | grep -c .)"
unset TMPDIR

refused() {
	said=$1
	shift
	"$@" >/dev/null 2>err
	is "refused: $said" "2 1 1" "$? $(grep -c -- "$said" err) $(grep -c . err)"
}
echo '{"lerning_rate": [1]}' >bad.json
refused 'which settings?' "$revue" search "$reviews" -m tiny
refused 'no option of a training' "$revue" search "$reviews" -m tiny -o no --space "$work/bad.json"
refused 'two to 1000 seeds' "$revue" train "$reviews" -m tiny -o no --seeds 1
refused 'stands there twice' "$revue" train "$reviews" -m tiny -o no --seeds 1,1
refused '"x" is no seed' "$revue" train "$reviews" -m tiny -o no --seeds 1,x
refused '2 to 1000 folds' "$revue" train "$reviews" -m tiny -o no --folds 1
refused 'one of them at a time' "$revue" train "$reviews" -m tiny -o no --folds 2 --seeds 1,2
refused 'leave one of them out' "$revue" train "$reviews" -m tiny -o no --folds 2 --validation 0.2
refused 'no fold' "$revue" train "$reviews" -m tiny -o no --validation 6/5
refused 'is no study' "$revue" search --resume alone
refused 'leave the other options out' "$revue" train --resume seeds --num-train-epochs 9
is "what is refused leaves no folder" "" "$(ls -d no 2>/dev/null)"
done_testing
