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

cp -R whole/adapter large # 0x7f7f7f7f is finite, its square is not
weights=whole/adapter/adapter_model.safetensors
header=$((8 + $(od -An -tu4 -N4 "$weights")))
head -c "$header" "$weights" >large/adapter_model.safetensors
head -c $(($(wc -c <"$weights") - header)) /dev/zero | tr '\0' '\177' >>large/adapter_model.safetensors
"$revue" merge large -o large/merged >out 2>err
is "merge: a product that is not finite is not written" "65 no" "$? $([ -e large/merged ] || echo no)"
matches "merge: which is said" "large that the layer is not finite any more" "$(cat err)"

# What is frozen belongs to an adapter too

lora frozen --max-steps 2 --freeze head >/dev/null 2>log
is "train: adapters with a frozen head" 0 $?
lora still --max-steps 2 --freeze encoder >/dev/null 2>log
is "train: frozen adapters" 0 $?
matches "train: which are saved all the same" "adapter opened again: the scores" "$(cat log)"

# A base in 4 bits

lora four --num-train-epochs 1 --load-in-4bit --bnb-4bit-quant-type nf4 --bnb-4bit-use-double-quant >/dev/null 2>log
is "train: adapters on a base in 4 bits" 0 $?
matches "train: which are opened on such a one again" "adapter opened again: the scores" "$(cat log)"
four=$("$revue" score -m four/model --format jsonl good)
is "score: and score as the merged model" "$four" "$("$revue" score -m four/adapter --format jsonl good 2>err)"
matches "score: that is said" "the adapter trained on its base in 4 bits \(nf4, double quantisation\)" "$(cat err)"
succeeds "merge: into the base in 4 bits" "$revue" merge four/adapter -o four/merged
is "merge: makes the weights of the run, to the bit" "$(sha256sum <four/model/model.safetensors)" \
	"$(sha256sum <four/merged/model.safetensors)"
is "merge: the model has no base any more" "" "$(grep load_in_4bit four/merged/config.json four/model/config.json)"
"$revue" eval "$reviews" -m four/adapter --calibrate --save >/dev/null 2>&1
matches "eval: --save leaves what else is kept" '"load_in_4bit": true' "$(cat four/adapter/config.json)"

stored=$source_folder/tests/golden/four_bits/nf4
"$revue" train "$reviews" -m "$stored" -o stored --lora-r 2 --save-adapter --max-steps 3 >/dev/null 2>log
is "train: adapters on a base that is stored in 4 bits" 0 $?
is "score: they score as the merged model" "$("$revue" score -m stored/model --format jsonl "a b")" \
	"$("$revue" score -m stored/adapter --format jsonl "a b" 2>/dev/null)"
"$revue" train "$reviews" -m "$stored" -o no --freeze encoder >out 2>err
is "train: such a base without adapters is refused" 2 $?
matches "train: by name" "its matrices are in 4 bits, which are not trained: give --lora-r" "$(cat err)"
"$revue" train "$reviews" -m base -o no --load-in-4bit >out 2>err
matches "train: so is --load-in-4bit, before anything is read" "^revue: --load-in-4bit .*--lora-r" "$(sed -n 1p err)"

# What a base keeps of its own scores, and an adapter without a config.json

cp -R base tuned
"$revue" eval "$reviews" -m tuned --calibrate --threshold best-f1 --save >/dev/null 2>&1
matches "eval: a base with a temperature" '"temperature"' "$(cat tuned/config.json)"
mkdir plain && cp whole/adapter/adapter_* plain
is "score: the temperature of the base is not the adapter's" "$wanted" \
	"$("$revue" score -m plain --base tuned --format jsonl good 2>err)"
matches "score: that is said" "temperature and thresholds that its base keeps are the base's own" "$(cat err)"
"$revue" merge plain -m tuned -o plain/merged >/dev/null 2>&1
is "merge: nor is it the merged model's" "" "$(grep '"temperature"' plain/merged/config.json)"
"$revue" eval "$reviews" -m plain --base tuned --calibrate --save >out 2>err
is "eval: --save has no place in an adapter without config.json" 2 $?
matches "eval: which is said" "^revue: plain has no config.json, .*: make a whole model of it with revue merge" "$(tail -n 1 err)"
is "eval: before the rows are scored" "" "$(cat out)"

# A checkpoint with its base is a model

last=$(ls -d whole/checkpoint-* | tail -n 1)
is "score: the last checkpoint of adapters scores as the result" "$wanted" "$("$revue" score -m "$last" --format jsonl good)"
is "score: an earlier one does not" 1 \
	"$([ "$("$revue" score -m "$(ls -d whole/checkpoint-* | head -n 1)" --format jsonl good)" = "$wanted" ]; echo $?)"
is "score: so one on a base in 4 bits" "$four" "$("$revue" score -m "$(ls -d four/checkpoint-* | tail -n 1)" --format jsonl good)"
matches "eval: a checkpoint of adapters" "^accuracy" "$("$revue" eval "$reviews" -m "$last")"

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
"$revue" score -m "$last" good >out 2>err
is "score: a checkpoint of adapters without its base" 74 $?
matches "score: says what to do" "$last/model.safetensors: its base .*/base is not on this machine: say where it is with --base FOLDER" \
	"$(cat err)"
is "score: --base says where that is" "$wanted" "$("$revue" score -m "$last" --base moved --format jsonl good)"
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
