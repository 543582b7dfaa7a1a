#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# revue eval: temperature and thresholds, chosen, kept and used; revue compare.
. "${REVUE_SOURCE:-.}/tests/cli/tap.sh"
make_model
pocket=$source_folder/share/models/pocket

eval_json() {
	"$revue" eval "$reviews" --format json "$@" 2>/dev/null
}
# less NAME A B
less() {
	is "$1" yes "$(awk -v a="$2" -v b="$3" 'BEGIN { print a < b ? "yes" : a " is not less than " b }')"
}

# What is asked for must make sense

says() {
	"$revue" eval "$reviews" -m run/model "$3" ${4+"$4"} ${5+"$5"} >out 2>err
	is "eval $3 ${4-} ${5-}: exit status" "$1" $?
	matches "eval $3 ${4-} ${5-}: why" "$2" "$(cat err)"
}
says 2 '^revue: --save keeps what --calibrate, --threshold or --threshold-cost choose' --save
says 2 '^revue: --threshold-cost 5: two prices are needed' --threshold-cost 5
says 2 '^revue: --threshold-cost 5:x: two prices' --threshold-cost 5:x
says 2 '^revue: --threshold-cost -1:2: two prices' --threshold-cost=-1:2
says 2 '^revue: --threshold-cost 0:0: two prices' --threshold-cost 0:0
says 2 '^revue: --threshold and --threshold-cost both choose' --threshold best-f1 --threshold-cost=1:2
says 2 '^revue: --raw passes over' --raw --save --calibrate
says 2 "best-f1" --threshold worst

# Labels that were set right: a row is known by its label and its text

printf 'text,label\na wonderful film,negative\na terrible film,negative\n' >wrong.csv
hash=$(printf 'negative\0a wonderful film' | sha256sum | cut -c1-32)
printf '{"row": "%s", "old": "negative", "new": "positive", "time": "2026-01-01T00:00:00Z"}\n' "$hash" >right.jsonl
accuracy() {
	"$revue" eval wrong.csv -m "$pocket" --format json "$@" 2>/dev/null | "$parse" json accuracy
}
is "corrections: without them the label of the file counts" 0.5 "$(accuracy)"
is "corrections: with them the right one" 1 "$(accuracy --corrections right.jsonl)"
is "corrections: the file must be there" 74 "$("$revue" eval wrong.csv -m "$pocket" --corrections none.jsonl >/dev/null 2>&1; echo $?)"
echo nonsense >>right.jsonl
"$revue" eval wrong.csv -m "$pocket" --corrections right.jsonl >out 2>err
is "corrections: a line that is none is told" 65 $?
matches "corrections: by its number" 'right.jsonl: line 2 is no correction' "$(cat err)"

# Rows whose text stands in another file, too

printf 'review,label\na wonderful film,positive\na terrible film,negative\n"bad  acting, bad plot",positive\n,negative\na dull film,negative\n' >test.csv
printf 'text,label\n" a  wonderful film",-1\n"bad acting, bad plot",-1\nA terrible film,-1\n"",-1\n' >unsup.csv
printf 'a terrible film\n\n' >seen.txt
printf 'a,b\n1,2\n3,4\n' >numbers.csv
exclude() {
	"$revue" eval test.csv -m "$pocket" --format json "$@" 2>err | "$parse" json "${key:-used}"
}
is "exclude: none but with the option" 5 "$(exclude)"
is "exclude: the same words between white space are the same text, whatever the label; none is none" 3 \
	"$(exclude --exclude unsup.csv)"
is "exclude: how many is told, and which column was taken" 'revue: unsup.csv: text "text" (guessed; it has no "review")
revue: test.csv: 2 rows left out: their text stands in unsup.csv, too' "$(grep -E 'unsup' err)"
printf 'review,label\na terrible film,negative\n,negative\na dull film,negative\n' >rest.csv
is "exclude: the figures are those of the other rows" "$("$revue" eval rest.csv -m "$pocket" --format json 2>/dev/null | grep -E '_loss|accuracy')" \
	"$("$revue" eval test.csv -m "$pocket" --format json --exclude unsup.csv 2>/dev/null | grep -E '_loss|accuracy')"
is "exclude: several files, each with its own" 2 "$(exclude --exclude unsup.csv --exclude seen.txt)"
is "exclude: several files are told one by one" 'revue: test.csv: 2 rows left out: their text stands in unsup.csv, too
revue: test.csv: 1 row left out: its text stands in seen.txt, too' "$(grep 'left out' err)"
matches "exclude: among the skipped rows" '^5 rows: 4 used, 1 skipped \(1 in another file on line 3\)' \
	"$("$revue" eval test.csv -m "$pocket" --exclude seen.txt 2>/dev/null)"
says_exclude() {
	"$revue" eval test.csv -m "$pocket" "$@" >out 2>err
	echo "$? $(cat err)"
}
is "exclude: where nothing is left but empty texts, that is said" "65 revue: test.csv: only empty reviews are left beside those \
whose text stands in another file; 5 rows: 1 used, 4 skipped (4 in another file, first on line 2), 1 empty text" "$(says_exclude --exclude test.csv)"
grep -v '^,' test.csv >whole.csv
printf 'review\nsomething else\n' >strange.csv
"$revue" eval whole.csv -m "$pocket" --exclude strange.csv >out 2>err
is "exclude: that none stands there is said" "0 revue: whole.csv: no row left out: no text of it stands in strange.csv" \
	"$? $(grep left err)"
is "exclude: a file that cannot be opened" "74 revue: --exclude: none.csv: could not open: No such file or directory" \
	"$(says_exclude --exclude none.csv)"
is "exclude: a file without texts" '65 revue: --exclude: numbers.csv: no column looks like the reviews, and none has the name that they have in test.csv: name it so' \
	"$(says_exclude --exclude numbers.csv)"
is "exclude: nothing is left" '65 revue: test.csv: no row is left beside those whose text stands in another file; 4 rows: 0 used, 4 skipped (4 in another file, first on line 2)' \
	"$(printf 'review,label\na wonderful film,positive\na terrible film,negative\n"bad  acting, bad plot",positive\nx,negative\n' >test.csv
		says_exclude --exclude test.csv)"
is "exclude: nine files" 2 "$(says_exclude $(printf -- '--exclude test.csv %.0s' 1 2 3 4 5 6 7 8 9) | cut -d ' ' -f 1)"

# Temperature

eval_json -m run/model >plain
is "eval: its speed as a Trainer's evaluation tells it" yes "$("$parse" json eval_runtime <plain |
	awk -v rows="$("$parse" json eval_samples_per_second <plain)" -v used="$("$parse" json used <plain)" \
	    -v steps="$("$parse" json eval_steps_per_second <plain)" \
	    '{ n = rows * $1; print (n > used - 0.01 && n < used + 0.01 && steps > 0 ? "yes" : $1 " " rows " " used " " steps) }')"
eval_json -m run/model --calibrate >calibrated
less "calibrating lowers the loss" "$("$parse" json log_loss <calibrated)" "$("$parse" json log_loss <plain)"
is "before, the loss was that of the plain scores" "$("$parse" json log_loss <plain)" "$("$parse" json log_loss_before <calibrated)"
is "the labels stay" "$("$parse" json confusion_matrix <plain)" "$("$parse" json confusion_matrix <calibrated)"
is "that the rows are the same is said in JSON" true "$("$parse" json chosen_on_these_rows <calibrated)"
"$revue" eval "$reviews" -m run/model --calibrate >out 2>/dev/null
is "and in one line of text" 1 "$(grep -c 'chosen on the rows measured here' out)"
matches "with the loss and the error before and after" \
	'^calibrated temperature [0-9.]+: loss [0-9.]+ to [0-9.]+, ECE [0-9.]+ to [0-9.]+$' "$(cat out)"
is "nothing is kept unless asked" "" "$(grep '"revue"' run/model/config.json)"
is "no line is wider than 80 columns" "" "$(awk 'length > 80' out)"

# Thresholds

eval_json -m run/model --threshold best-f1 >best
less "the best F1 is no worse" "$("$parse" json f1 <plain)" "$("$parse" json f1 <best | awk '{ print $1 + 1e-9 }')"
eval_json -m run/model --threshold-cost 20:1 >dear
eval_json -m run/model --threshold-cost 1:20 >cheap
less "false positives that cost much make the threshold higher" "$("$parse" json thresholds.0 <cheap)" \
	"$("$parse" json thresholds.0 <dear)"
less "and are fewer" "$("$parse" json confusion_matrix.0.1 <dear)" "$("$parse" json confusion_matrix.0.1 <cheap)"
less "at less cost than at 0.5" "$("$parse" json cost <dear)" "$("$parse" json cost_before <dear)"

# Kept

cp -R run/model kept
eval_json -m kept --calibrate --threshold-cost 1:20 --save >saved
is "config.json has them" "$("$parse" json temperature <saved) $("$parse" json thresholds <saved)" \
	"$("$parse" json revue.temperature <kept/config.json) $("$parse" json revue.thresholds <kept/config.json)"
eval_json -m kept >used
for figure in confusion_matrix log_loss thresholds; do
	is "eval uses them: $figure" "$("$parse" json $figure <saved)" "$("$parse" json $figure <used)"
done
eval_json -m kept --raw >raw
for figure in confusion_matrix log_loss accuracy f1; do
	is "but not with --raw: $figure" "$("$parse" json $figure <plain)" "$("$parse" json $figure <raw)"
done
"$revue" score "$reviews" -m kept 2>/dev/null | cut -f 1 | sort | uniq -c | awk '{ print $1 }' >score.txt
"$parse" json confusion_matrix <used | tr -c '0-9\n' ' ' | awk '{ print $1 + $3; print $2 + $4 }' >eval.txt
is "score decides as eval does" "$(cat eval.txt)" "$(cat score.txt)"
is "score --raw as before" "$("$revue" score "$reviews" -m run/model 2>/dev/null)" "$("$revue" score "$reviews" -m kept --raw 2>/dev/null)"
matches "info says it in one line" '^decides_by +temperature [0-9.]+; threshold [0-9.]+ for positive$' "$("$revue" info kept)"
matches "eval says that the model keeps them" '^threshold  [0-9.]+ for positive, as the model keeps it$' \
	"$("$revue" eval "$reviews" -m kept 2>/dev/null)"
eval_json -m kept --calibrate >again
is "calibrated again it stays, and so do the labels" "$("$parse" json confusion_matrix <used)" \
	"$("$parse" json confusion_matrix <again)"
"$revue" train "$reviews" -m kept -o trained --num-train-epochs 1 >/dev/null 2>&1
is "a training drops what its base keeps" "" "$(grep '"revue"' trained/model/config.json)"
sed 's/"thresholds": \[/"thresholds": [0.5, /' kept/config.json >other && cat other >kept/config.json
"$revue" score good -m kept >out 2>err
is "thresholds that do not fit are refused" 65 $?
matches "by name" 'revue: thresholds: 2 where the labels of the model want 1' "$(cat err)"

# Degenerate files

printf 'text,label\ngood,positive\nfine,positive\n' >one.csv
"$revue" eval one.csv -m run/model >out 2>err
is "one label only: what is not defined is a dash" 0 $?
matches "one label only: ranking" '^ranking    ROC-AUC -  PR-AUC [0-9.]+$' "$(cat out)"
is "one label only: null in JSON" null "$("$revue" eval one.csv -m run/model --format json 2>/dev/null | "$parse" json roc_auc)"
"$revue" eval one.csv -m run/model --calibrate --threshold best-f1 --threshold-cost 1:1 >out 2>err
is "one label only: both choices are refused" 2 $?
"$revue" eval one.csv -m run/model --calibrate --threshold best-f1 >out 2>err
is "one label only: choosing ends well" 0 $?
cp -R run/model alone
"$revue" eval one.csv -m alone --threshold best-f1 --save >out 2>err
is "one label only: nothing is kept" "65 " "$? $(cat out)"
matches "one label only: which is said" 'one.csv: every row has the same label, so that what is chosen by them is not kept' "$(cat err)"
cp -R "$pocket" sure
"$revue" score -m sure "$reviews" 2>/dev/null | # rows that the model gets right: its own labels
	awk -F '\t' 'BEGIN { print "label\ttext" } count[$1]++ < 5 { print $1 "\t" $4 }' >own.tsv
"$revue" eval own.tsv -m sure --calibrate >out 2>err
matches "a temperature at its limit is told" 'at its limit: these rows want more and more certainty' "$(cat out)"
"$revue" eval own.tsv -m sure --calibrate --save >out 2>err
is "and not kept" 65 $?
matches "which is said" 'own.tsv: the temperature ends at its limit of 0.01, so that it is not kept' "$(cat err)"
is "the folders are as they were" "" "$(diff -r run/model alone)$(diff -r "$pocket" sure)"

# Compare

"$revue" compare tiny run/model "$reviews" >out 2>err
is "compare: an untrained head is refused" 65 $?
"$revue" compare run/model run/model "$reviews" >out 2>err
is "compare: a model with itself" 0 $?
matches "compare: no row differs" '^0 of 377 rows differ$' "$(cat out)"
matches "compare: nothing to test" '^McNemar +the two are right on the same rows$' "$(cat out)"

"$revue" compare run/model "$pocket" "$reviews" --rows 2 >out 2>err
is "compare: two models" 0 $?
is "compare: no line is wider than 80 columns" "" "$(awk 'length > 80' out)"
is "compare: the figures, side by side" "accuracy,balanced accuracy,F1,macro F1,MCC,loss,Brier score,ECE,ROC-AUC,PR-AUC" \
	"$(sed -n '5,14p' out | sed -E 's/  +.*//' | tr '\n' ',' | sed 's/,$//')"
matches "compare: with the difference and its interval" \
	'^accuracy +0\.[0-9]{4} +0\.[0-9]{4} +[-+]0\.[0-9]{4}  [-+]0\.[0-9]{4} to [-+]0\.[0-9]{4}$' "$(cat out)"
is "compare: so many rows as asked for" 2 "$(sed -n '/^ *line /,$p' out | tail -n +2 | wc -l | tr -d ' ')"
"$revue" compare run/model "$pocket" "$reviews" --format json >json 2>/dev/null
is "compare: the four counts are all rows" 377 "$(for n in both_right only_a_right only_b_right both_wrong; do
	"$parse" json $n <json; done | awk '{ n += $1 } END { print n }')"
is "compare: the figures are those of eval" "$("$parse" json accuracy <plain) $("$parse" json roc_auc <plain)" \
	"$("$parse" json figures.accuracy.a <json) $("$parse" json figures.roc_auc.a <json)"
"$revue" compare run/model "$pocket" "$reviews" --format csv >csv 2>/dev/null
is "compare: CSV has every row that differs" "$(sed -n 's/^\([0-9,]*\) of 377 rows differ.*/\1/p' out)" \
	"$(($("$parse" csv 0 <csv | wc -l) - 1))"
"$revue" compare run/model "$pocket" "$reviews" --format json >again 2>/dev/null
is "compare: the same output twice" "" "$(cmp json again 2>&1)"

# The same model with its labels the other way round: its rows of the classifier stand where they stood.
cp -R run/model renamed
sed -e 's/"0": "negative"/"0": "POSITIVE"/; s/"1": "positive"/"1": "NEGATIVE"/' \
	-e 's/"negative": 0/"POSITIVE": 0/; s/"positive": 1/"NEGATIVE": 1/' run/model/config.json >renamed/config.json
"$revue" compare run/model renamed "$reviews" --format json >json 2>err
is "compare: labels are matched by name, whatever their order and case" 0 $?
is "compare: so that such a model is right where the other is wrong" "0 0" \
	"$("$parse" json both_right <json) $("$parse" json both_wrong <json)"
sed -e 's/POSITIVE/joyful/; s/NEGATIVE/sad/' renamed/config.json >other && cat other >renamed/config.json
"$revue" compare run/model renamed "$reviews" >out 2>err
is "compare: other labels are refused" 65 $?
matches "compare: by name" 'have different labels, .* has negative, positive; .* has joyful, sad$' "$(cat err)"
"$revue" compare run/model "$reviews" >out 2>err
is "compare: three operands" 2 $?

done_testing
