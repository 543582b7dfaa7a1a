#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# LoRA adapters on the command line: trained, gone on with, scored, told of, merged.
. "${REVUE_SOURCE:-.}/tests/cli/tap.sh"
make_model

# lora RUN OPTIONS...: a training of adapters on the model of make_model, with dropout of its own.
lora() {
	run=$1
	shift
	"$revue" train "$reviews" -m base -o "$run" --max-length 32 --learning-rate 5e-3 --lora-r 4 --lora-alpha 8 \
		--lora-dropout 0.1 --target-modules all-linear --save-adapter "$@"
}

cp -R run/model base && rm base/README.md
lora whole --num-train-epochs 3 --save-steps 20 >/dev/null 2>log
is "train: adapters" 0 $?
matches "train: what trains is told" "LoRA: rank 4, scale 2, on 7 matrices; .* parameters train" "$(cat log)"
matches "train: the merged model was opened again" "model opened again: the scores of [0-9]+ held-out rows are the same" "$(cat log)"
matches "train: and the adapter" "adapter opened again: the scores of [0-9]+ held-out rows are the same" "$(cat log)"
is "train: a checkpoint is smaller than the base" 1 "$(($(wc -c <whole/checkpoint-*20/model.safetensors) * 2 < $(wc -c <base/model.safetensors)))"

wanted=$("$revue" score -m whole/model --format jsonl good)
is "score: an adapter scores as the merged model" "$wanted" "$("$revue" score -m whole/adapter --format jsonl good)"
is "eval: likewise" "$("$revue" eval "$reviews" -m whole/model | sed '/seconds/d;/tokens/d')" \
	"$("$revue" eval "$reviews" -m whole/adapter | sed '/seconds/d;/tokens/d')"
matches "info: the rank" "^lora_r +4$" "$("$revue" info whole/adapter)"
matches "info: the scale" "^lora_alpha +8$" "$("$revue" info whole/adapter)"
matches "info: the base" "^base +$(pwd -P)/base$" "$("$revue" info whole/adapter)"
matches "info: the layers" "^target_modules +bert.pooler.dense, bert.encoder.layer.0.attention.self.query" \
	"$("$revue" info whole/adapter)"

# Merging

"$revue" merge whole/adapter -o merged >out 2>err
is "merge: succeeds" 0 $?
matches "merge: says what it made" "^merged: $(pwd -P)/base with an adapter of rank 4 on 7 matrices" "$(cat out)"
is "merge: makes the weights of the run, to the bit" "$(sha256sum <whole/model/model.safetensors)" \
	"$(sha256sum <merged/model.safetensors)"
is "merge: the merged model scores as the adapter" "$wanted" "$("$revue" score -m merged --format jsonl good)"
"$revue" merge whole/adapter -o merged >out 2>err
is "merge: a folder that holds a model is kept" 2 $?
matches "merge: and said so" "merged holds a model already" "$(cat err)"
"$revue" merge base -o other >out 2>err
matches "merge: a whole model is no adapter" "base is a whole model, no adapter" "$(cat err)"

# Going on: with the base, to the bit

lora parts --num-train-epochs 3 --save-steps 7 --save-total-limit 100 >/dev/null 2>&1
is "train: how often is saved changes nothing" "$(sha256sum <whole/adapter/adapter_model.safetensors)" \
	"$(sha256sum <parts/adapter/adapter_model.safetensors)"
rm -rf parts/model parts/adapter parts/trainer_state.json "$(find parts -name 'checkpoint-*' | sort | tail -n 1)"
sed -i '/"state":"finished"/d' parts/metrics.jsonl
mv base moved
"$revue" train --resume parts >out 2>err
is "resume: without its base it is refused" 74 $?
matches "resume: and says what to do" "its model is no longer .*/base: say where it is with revue train --resume parts -m MODEL" \
	"$(cat err)"
is "resume: in one line" 1 "$(wc -l <err)"
"$revue" train --resume parts -m tiny >out 2>err
matches "resume: another base is refused" "tiny is not the model that parts began with" "$(cat err)"
"$revue" train --resume parts -m moved >out 2>err
is "resume: with the base where it is now" 0 $?
is "resume: is exact to the bit" "$(sha256sum <whole/adapter/adapter_model.safetensors)" \
	"$(sha256sum <parts/adapter/adapter_model.safetensors)"
is "resume: the merged model too" "$(sha256sum <whole/model/model.safetensors)" "$(sha256sum <parts/model/model.safetensors)"

# A base that is missing

"$revue" score -m whole/adapter good >out 2>err
is "score: an adapter without its base" 74 $?
matches "score: says what to do" "whole/adapter: its base .*/base is not on this machine: say where it is with --base FOLDER" \
	"$(cat err)"
is "score: --base says where it is" "$wanted" "$("$revue" score -m whole/adapter --base moved --format jsonl good)"
succeeds "eval: --base" "$revue" eval "$reviews" -m whole/adapter --base moved
matches "info: --base" "^base +moved$" "$("$revue" info whole/adapter --base moved)"
succeeds "merge: -m" "$revue" merge whole/adapter -m moved -o merged2
"$revue" score -m moved --base tiny good >out 2>err
matches "score: --base of a whole model is refused" "moved is no adapter" "$(cat err)"
"$revue" train "$reviews" -m whole/adapter -o on >out 2>err
matches "train: an adapter is no base" "whole/adapter holds a LoRA adapter only .*: merge it into its base model first, with revue merge" \
	"$(cat err)"

# What cannot be

"$revue" train "$reviews" -m moved -o no --target-modules query >out 2>err
is "train: --target-modules alone is refused" 2 $?
matches "train: both options are named" "--target-modules says nothing without --lora-r" "$(cat err)"
"$revue" train "$reviews" -m moved -o no --lora-r 4 --target-modules nothing >out 2>err
matches "train: a layer that is not there is named" "no linear layer that is called nothing" "$(cat err)"
sed -i 's/"use_dora": false/"use_dora": true/' whole/adapter/adapter_config.json
"$revue" score -m whole/adapter --base moved good >out 2>err
matches "score: DoRA is refused by name" "\"use_dora\" is not understood" "$(cat err)"
done_testing
