#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# What people name as a model: the commands take the model that is meant and say which, and name what is none.
. "${REVUE_SOURCE:-.}/tests/cli/tap.sh"
make_model
export REVUE_SHARE="$work/share"
mkdir -p share/models share/samples && cp -R run/model share/models/pocket && cp "$reviews" share/samples/reviews.csv
mkdir trainer st && cp -R run/model trainer/checkpoint-500 && cp -R run/model trainer/checkpoint-1000 && cp -R run/model st/0_Transformer
rm trainer/checkpoint-*/README.md
wanted=$("$revue" score -m run/model --format jsonl good)

# takes NAME MODEL NOTE: the same scores, and a line that says which model was taken.
takes() {
	is "$1: the scores" "$wanted" "$("$revue" score -m "$2" --format jsonl good 2>err)"
	is "$1: a line says so" "revue: note: $3" "$(cat err)"
}

takes "a run" run "run: the model of this run, run/model, is taken"
takes "a folder of checkpoints" trainer "trainer: the newest of its checkpoints, trainer/checkpoint-1000, is taken"
takes "a sentence-transformers model" st "st: the encoder of this sentence-transformers model, st/0_Transformer, is taken"
takes "the weights" run/model/model.safetensors "run/model/model.safetensors: the folder of this file, run/model, is taken"

is "tokens: the same ids" "$("$revue" tokens -m run/model "$reviews" | sha256sum)" \
	"$("$revue" tokens -m trainer "$reviews" 2>err | sha256sum)"
is "tokens: a line says so" "revue: note: trainer: the newest of its checkpoints, trainer/checkpoint-1000, is taken" "$(cat err)"
matches "info: the folder that was taken" "^model +trainer/checkpoint-1000$" "$("$revue" info trainer)"
matches "info: a notice says so" "^notices +trainer: the newest of its checkpoints" "$("$revue" info trainer)"
matches "info: the same hash" "^sha256 +$("$revue" info run/model | sed -n 's/^sha256 *//p')$" "$("$revue" info trainer)"
succeeds "eval: a run" "$revue" eval "$reviews" -m run

# A training records what was taken, so that it can be gone on with when a newer checkpoint has come.
"$revue" train "$reviews" -m trainer -o again --num-train-epochs 0.2 --max-length 32 >/dev/null 2>err
is "train: it is done" 0 $?
matches "train: a line says what was taken" "model: trainer: the newest of its checkpoints, trainer/checkpoint-1000, is taken" "$(cat err)"
is "train: run.json names the folder that was taken" "\"$(pwd -P)/trainer/checkpoint-1000\"" \
	"$("$parse" json model.path <again/run.json)"

# Heads

cp -R run/model other && sed -i 's/BertForSequenceClassification/BertForTokenClassification/' other/config.json
is "a head for another task is not scored" \
	"revue: other is a token classification model (BertForTokenClassification): revue train makes a classifier of it" \
	"$("$revue" score -m other good 2>&1)"
is "nor measured" \
	"revue: other is a token classification model (BertForTokenClassification): revue train makes a classifier of it" \
	"$("$revue" eval "$reviews" -m other 2>&1)"
"$revue" train "$reviews" -m other -o made --num-train-epochs 0.2 --max-length 32 >/dev/null 2>err
is "train makes a classifier of it" 0 $?
matches "train: a line says so" "a token classification model \(BertForTokenClassification\): only its encoder is used" "$(cat err)"
matches "train: with a new head" "new classifier head for 2 labels" "$(cat err)"
succeeds "which scores" "$revue" score -m made/model good

# Labels with one name

cp -R run/model twins && sed -i 's/"\([01]\)": "[a-z]*tive"/"\1": "tone"/' twins/config.json
is "csv: labels with one name have their numbers" "row,label,score,truncated,score_tone (0),score_tone (1),text" \
	"$("$revue" score -m twins --format csv good 2>/dev/null | head -n 1)"
matches "jsonl: and the members" '"label":"tone".*"scores":\{"tone \(0\)":[^,]*,"tone \(1\)":' \
	"$("$revue" score -m twins --format jsonl good 2>/dev/null)"
printf 'text,label\ngood,tone\nbad,tone\n' >names.csv
matches "eval: a row cannot mean one of them by its name" 'label "tone" is the name of two labels of the model' \
	"$("$revue" eval names.csv -m twins 2>&1)"
printf 'text,label\ngood,1\nbad,0\n' >numbers.csv
succeeds "eval: by its number it can" "$revue" eval numbers.csv -m twins
done_testing
