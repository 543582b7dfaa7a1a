#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Several labels a review, from every form of file to scores; and labels that are ordered.
. "${REVUE_SOURCE:-.}/tests/cli/tap.sh"
make_model

awk 'BEGIN {
	for (i = 0; i < 60; i++) {
		good = i % 2; bad = int(i / 2) % 2
		text = "day number " i (good ? " good" : "") (bad ? " bad" : "")
		list = (good ? "\"positive\"" : "") (good && bad ? ", " : "") (bad ? "\"negative\"" : "")
		joined = (good ? "positive" : "") (good && bad ? "|" : "") (bad ? "negative" : "")
		words = (good ? "__label__positive " : "") (bad ? "__label__negative " : "")
		print "{\"text\": \"" text "\", \"labels\": [" list "]}" >"sets.jsonl"
		print (i ? "" : "text,labels\n") text "," joined >"sets.csv"
		print (i ? "" : "text,positive,negative\n") text "," good "," bad >"columns.csv"
		print words text >"sets.ft.txt"
		print (i ? "" : "text,stars\n") text "," 1 + good + 2 * bad " stars" >"stars.csv"
	}
}'

# fact FILE NAME OPTION...: a fact of info about a file.
fact() {
	file=$1 name=$2
	shift 2
	"$revue" info "$file" "$@" 2>/dev/null | sed -n "s/^$name  *//p"
}

is "info counts a list's rows for each label" "negative 30, positive 30" "$(fact sets.jsonl labels)"
is "and rows by the number of their labels" "15 30 15" \
	"$(fact sets.jsonl rows_without_label) $(fact sets.jsonl rows_with_one_label) $(fact sets.jsonl rows_with_several_labels)"
is "a guessed separator gives the same" "negative 30, positive 30, bar" "$(fact sets.csv labels), $(fact sets.csv label-separator)"
is "without it fields are labels" "negative 15, positive 15, positive|negative 15" "$(fact sets.csv labels --label-separator none)"
is "several columns give the same" "negative 30, positive 30 positive, negative" \
	"$(fact columns.csv labels --label-column positive,negative) $(fact columns.csv label_columns --label-column positive,negative)"
is "and are told of, with the way to take them" 'has several columns of 0 and 1, as sets with several labels a review have: positive, negative; --label-column "positive,negative" takes them all, --label-column NAME one of them' \
	"$(fact columns.csv notices)"
is "fastText's labels are all counted" "negative 30, positive 30" "$(fact sets.ft.txt labels)"

"$revue" train sets.jsonl -m tiny -o multi --num-train-epochs 20 --learning-rate 1e-3 --validation 0.2 >out 2>err
is "train: lists are trained" 0 $?
matches "train: the guess is told" 'labels are independent of each other \(multi_label_classification\): 15 reviews with several, 15 with none' "$(cat err)"
matches "train: the model is a multi-label model of transformers" '"problem_type": "multi_label_classification"' "$(cat multi/model/config.json)"
matches "train: its card says what is measured" 'Accuracy \(every label right\)' "$(cat multi/model/README.md)"
"$revue" train columns.csv -m tiny -o columns --label-column positive,negative --num-train-epochs 20 --learning-rate 1e-3 \
	--validation 0.2 >out 2>err
is "train: columns give the same weights as lists" "0 same" "$? $(cmp -s multi/model/model.safetensors columns/model/model.safetensors && echo same)"
"$revue" train sets.jsonl -m tiny -o no --problem-type single_label_classification >out 2>err
is "train: several labels are refused where one is wanted" "65 1" "$? $(grep -c 'but one label a review is trained' err)"
"$revue" train sets.jsonl -m tiny -o no --problem-type regression >out 2>err
is "train: a regression is refused by name" "2 1" "$? $(grep -c 'problem-type regression is not there yet' err)"

"$revue" eval -m multi --format json sets.jsonl >eval.json 2>err
is "eval compares sets" "0 60" "$? $("$parse" json used <eval.json)"
for figure in accuracy micro_f1 macro_f1 hamming_loss; do
	matches "eval: $figure is there" "\"$figure\": [0-9.]" "$(cat eval.json)"
done
"$revue" eval -m multi --label-column positive,negative --format json columns.csv 2>/dev/null >again.json
is "eval: columns are compared as lists are" "$(grep -E 'accuracy|f1' eval.json)" "$(grep -E 'accuracy|f1' again.json)"
"$revue" eval -m run/model sets.jsonl >out 2>err
is "eval refuses several labels for a model of one" "65 1" "$? $(grep -c 'but the model gives a review one label' err)"

"$revue" eval -m multi sets.jsonl --threshold-cost 1:2 >out 2>/dev/null
matches "eval: what thresholds of several labels cost" '^threshold  each label has its own, least cost: [0-9.]+ a review, [0-9.]+ at 0.5$' \
	"$(cat out)"
"$revue" compare multi multi sets.jsonl >out 2>err
is "compare: several labels are refused" 2 $?
matches "compare: by the model's name" '^revue: multi/model gives a review several labels, and only models that give one are compared' "$(cat err)"
"$revue" score -m multi --format jsonl 'a good day and a bad day' 2>/dev/null >score.jsonl
matches "score: JSON has a list of labels" '"label":\[("(positive|negative)",?)*\]' "$(cat score.jsonl)"
is "score: csv has a column for each label's score" "row,label,score,truncated,score_negative,score_positive,text" \
	"$("$revue" score -m multi --format csv good 2>/dev/null | head -1)"
is "score: what is above a half is in the label" "same" "$("$revue" score -m multi --format csv sets.jsonl 2>/dev/null | tail -n +2 |
	awk -F, '{want = ($5 > 0.5 ? "negative" : "") ($5 > 0.5 && $6 > 0.5 ? "|" : "") ($6 > 0.5 ? "positive" : "")
		got = $2; gsub(/"/, "", got); if (want != got) bad = 1} END {print bad ? "other" : "same"}')"

"$revue" train stars.csv -m tiny -o stars --num-train-epochs 1 >out 2>err
matches "train: ordered labels have a mean absolute error" 'F1 [0-9.]*, mean absolute error [0-9.]*$' "$(grep '^revue: step' err | tail -1)"
matches "eval: so has their evaluation" '"mean_absolute_error": [0-9.]+' "$("$revue" eval -m stars --format json stars.csv 2>/dev/null)"
matches "eval: as text too" '^order  *mean absolute error [0-9.]+ ' "$("$revue" eval -m stars stars.csv 2>/dev/null)"

done_testing
