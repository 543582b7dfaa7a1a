#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# revue train: strategies, early stopping, the best model; what is refused; kills in the middle.
. "${REVUE_SOURCE:-.}/tests/cli/tap.sh"
make_model

# stopping RUN: ends early by itself, far from the end that it was given.
stopping="--num-train-epochs 60 --max-length 24 --learning-rate 1e-3 --eval-strategy steps --eval-steps 10
	--load-best-model-at-end true --eval-on-start --early-stopping-patience 3 --save-total-limit 1"
# shellcheck disable=SC2086
"$revue" train "$reviews" -m tiny -o early $stopping >out 2>err
is "early stopping: succeeds" 0 $?
matches "early stopping: the last line tells the best step and its figures" \
	'^finished after [0-9]+ steps in .*; best at step [0-9]+: validation loss [0-9.]+, accuracy [0-9.]+, F1 [0-9.]+; the model is in early/model$' \
	"$(cat out)"
matches "early stopping: why it ended" \
	'finished early after step [0-9]+, as eval_loss did not improve in 3 evaluations, [0-9]+ held-out reviews? mended and [0-9]+ broken: the model of step [0-9]+, the best with eval_loss [0-9.]+, is in early/model$' \
	"$(tail -n 3 early/metrics.jsonl | grep finished | sed 's/"}$//')"
best=$(sed -E 's/.*best at step ([0-9,]+):.*/\1/' out | tr -d ,)
is "early stopping: RUN/model is the best checkpoint's" "" \
	"$(cmp early/model/model.safetensors "early/checkpoint-$(printf %06d "$best")/model.safetensors" 2>&1)"
is "early stopping: the best and the last checkpoint stay with a limit of 1" 2 "$(find early -name 'checkpoint-*' | wc -l | tr -d ' ')"
matches "early stopping: trainer_state.json names the best" "/checkpoint-0*$best\"\$" \
	"$("$parse" json best_model_checkpoint <early/trainer_state.json)"
matches "watch: tells it, too" "^early: finished after [0-9]+ steps in .*; best at step $best: validation loss" \
	"$("$revue" watch early 2>/dev/null </dev/null)"
is "info: the run has finished" 1 "$("$revue" info early | grep -c "^state *finished after .*; best at step $best:")"

# The last model, though another was better: each evaluation's step and figure from the log, and what the end says of them.
"$revue" train "$reviews" -m tiny -o last --num-train-epochs 30 --max-length 24 --learning-rate 1e-2 --eval-strategy steps \
	--eval-steps 5 --metric-for-best-model loss >out 2>err
grep '"type":"evaluation"' last/metrics.jsonl | sed -E 's/.*"step":([0-9]+).*"loss":([0-9.e+-]+).*/\1 \2/' >losses
better=$(awk 'NR == 1 || $2 < least { least = $2; step = $1 } { last = $2; last_step = $1 }
	END { if (step < last_step) printf "step %d was better (loss %.4f, not %.4f)", step, least, last }' losses)
[ -n "$better" ]
is "the last model is kept: another was better" 0 $?
is "that is said, and what keeps it" 1 "$(grep -cF "finished; $better, which --load-best-model-at-end keeps: the last model is in last/model" err)"

# Killed again and again

# killed_after SECONDS COMMAND...: counts in `kills` the times when that was too short.
kills=0
killed_after() {
	timeout -s KILL "$@" >/dev/null 2>&1
	[ $? != 137 ] || kills=$((kills + 1))
}
# shellcheck disable=SC2086
killed_after 0.3 "$revue" train "$reviews" -m tiny -o killed $stopping --save-steps 7
for seconds in 0.11 0.23 0.17 0.31 0.05 0.4; do
	[ ! -e killed/run.json ] || killed_after $seconds "$revue" train --resume killed
done
if [ $kills = 0 ]; then
	skip "kills" "the training was faster"
fi
"$revue" train --resume killed >/dev/null 2>&1
is "kills: the same model as without them" "" "$(cmp early/model/model.safetensors killed/model/model.safetensors 2>&1)"
is "kills: the same evaluations" "$(grep -o '"step":[0-9]*,"epoch":[0-9.]*\|"loss":[0-9.e-]*' early/metrics.jsonl | sort | uniq | sha256sum)" \
	"$(grep -o '"step":[0-9]*,"epoch":[0-9.]*\|"loss":[0-9.e-]*' killed/metrics.jsonl | sort | uniq | sha256sum)"

# Refused

refused() {
	said=$1
	shift
	"$revue" train "$reviews" -m tiny -o refused "$@" >/dev/null 2>err
	is "refused: $*" "2 1 1" "$? $(grep -c -- "$said" err) $(grep -c . err)"
}
refused '--save-strategy to be that of --eval-strategy' --load-best-model-at-end true --save-strategy steps
refused '--save-steps to be a multiple of --eval-steps' --load-best-model-at-end true --eval-strategy steps \
	--save-strategy steps --eval-steps 4 --save-steps 6
refused '--early-stopping-patience needs evaluations' --early-stopping-patience 2 --eval-strategy no
refused '--early-stopping-patience needs evaluations' --early-stopping-patience 2 --validation 0
refused '--load-best-model-at-end needs evaluations' --load-best-model-at-end true --eval-strategy no --save-strategy no
refused '--save-strategy best needs evaluations' --save-strategy best --eval-strategy no
refused '--save-strategy best needs --metric-for-best-model' --save-strategy best
refused 'reduce_lr_on_plateau follows evaluations' --lr-scheduler-type reduce_lr_on_plateau --eval-strategy no
refused 'constant_with_warmup has a warm-up' --lr-scheduler-type constant --warmup-steps 5
refused 'no figure "charm": loss, accuracy, f1' --metric-for-best-model eval_charm
refused 'has no "num_cycles"' --lr-scheduler-kwargs '{"num_cycles": 2}'
refused 'is neither pairs like num_cycles=2' --lr-scheduler-kwargs '3'
refused 'is neither pairs like num_cycles=2' --lr-scheduler-kwargs '{3'
refused 'power is no number from 0' --lr-scheduler-type polynomial --lr-scheduler-kwargs '{"power": -1}'
refused 'decay_type is not one of linear|cosine|1-sqrt' --lr-scheduler-type warmup_stable_decay \
	--lr-scheduler-kwargs '{"decay_type": "steep"}'
refused 'whole numbers, or below 1 a share' --eval-steps 2.5
refused '--max-steps 0 trains nothing' --max-steps 0
refused 'nothing without --early-stopping-patience' --early-stopping-threshold 0.1
"$revue" train "$reviews" -m tiny -o refused --lr-scheduler-type warmup_stable_decay >/dev/null 2>err
matches "refused: a decay of no length" 'needs num_decay_steps' "$(tail -n 1 err)"

# Strategies

"$revue" train "$reviews" -m tiny -o quiet --max-length 16 --max-steps 9 --eval-strategy no --save-strategy no \
	--logging-strategy no --train-sampling-strategy group_by_length >out 2>err
matches "no logs, no evaluation, no checkpoint: it finishes all the same" '^finished after 9 steps in .*; the model is in quiet/model$' "$(cat out)"
is "no logs, no evaluation, no checkpoint: none is there" "0 0" \
	"$(grep -c '"type":"\(step\|evaluation\)"' quiet/metrics.jsonl) $(find quiet -name 'checkpoint-*' | wc -l | tr -d ' ')"
"$revue" train "$reviews" -m tiny -o started --max-length 16 --max-steps 4 --eval-on-start true --logging-strategy epoch \
	--lr-scheduler-type cosine_with_restarts --lr-scheduler-kwargs num_cycles=2 >/dev/null 2>err
matches "measured before the first step" '^revue: step 0, epoch 0.00: validation loss' "$(cat err)"
is "cosine_with_restarts: the rate of its second wave's end" 1 "$(grep -c '"learning_rate":2.5' started/metrics.jsonl)"

done_testing
