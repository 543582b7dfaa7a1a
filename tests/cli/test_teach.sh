#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# revue train --teacher: a linear model on words teaches a network, of texts without labels too.
. "${REVUE_SOURCE:-.}/tests/cli/tap.sh"
unset REVUE_HISTORY
XDG_CACHE_HOME=$work/cache
export XDG_CACHE_HOME

awk 'BEGIN {
	print "review,sentiment"
	for (i = 0; i < 60; i++)
		printf "the film number %d was %s indeed,%s\n", i, i % 2 ? "splendid" : "dreadful", i % 2 ? "positive" : "negative"
}' >made.csv
awk 'BEGIN { for (i = 60; i < 100; i++) printf "the film number %d was %s indeed\n", i, i % 2 ? "splendid" : "dreadful" }' >more.txt
sed -n 2,11p made.csv | cut -d, -f1 >>more.txt

"$revue" baseline made.csv --validation 0 -o words >/dev/null 2>&1
"$revue" new made.csv -o fresh --vocab-size 200 --hidden-size 16 --num-hidden-layers 1 --intermediate-size 32 >/dev/null 2>&1
common='--validation made.csv --max-length 16 --num-train-epochs 1 --baseline=no'

# shellcheck disable=SC2086 # several words
"$revue" train made.csv -m fresh --validation 0.1 --max-length 16 --num-train-epochs 2 --teacher words:2 \
	--unlabelled more.txt -o run >out 2>err
is "a baseline teaches" 0 $?
matches "the texts without labels are counted" '^revue: unlabelled: 50 rows: 50 used' "$(cat err)"
matches "what teachers were asked stands in the report" '^revue: teachers: 1, of [0-9]+ texts, [0-9]+ of them without a label' "$(cat err)"
matches "and where the answers lie" '0 answers were there, [0-9]+ asked for in .*; kept in .*/cache/revue/answers/[0-9a-f]{64}\.answers \(' \
	"$(cat err)"
is "no text is in there" "" "$(grep -la splendid cache/revue/answers/*)"
matches "run.json knows the teacher by its content" '^"?[0-9a-f]{64}' "$("$parse" json teaching.teachers.0 <run/run.json)"

# A file is no folder: as where the disk is full, nothing is kept.
# shellcheck disable=SC2086
XDG_CACHE_HOME=$work/more.txt "$revue" train made.csv -m fresh --validation 0.1 --max-length 16 --num-train-epochs 2 --teacher words:2 \
	--unlabelled more.txt -o unkept >out 2>err
is "answers that cannot be kept do not end the training" 0 $?
is "which says so in one line" 1 "$(grep -c '^revue: teacher .*: its answers cannot be kept, and are asked for again next time: .*more.txt' err)"
is "the model is the same" "" "$(cmp run/model/model.safetensors unkept/model/model.safetensors 2>&1)"

# shellcheck disable=SC2086
"$revue" train made.csv -m fresh $common --teacher words --unlabelled more.txt -o again >out 2>err
matches "texts that are held out too are left out" 'unlabelled: 10 texts are held out too, and left out here' "$(cat err)"
matches "and only what was held out before is asked now" 'words: 94 answers were there, 6 asked for' "$(cat err)"
# shellcheck disable=SC2086
"$revue" train made.csv -m fresh --args run/run.json --word-dropout 0.2 -o recipe >out 2>err
is "a run is a recipe, with its teacher" 0 $?
matches "of the same texts" '^revue: teachers: 1, of ' "$(cat err)"
# shellcheck disable=SC2086
REVUE_HISTORY=off "$revue" train made.csv -m fresh $common --teacher words -o quiet >out 2>err
matches "nothing is kept where that is not wanted" 'answers in .*; they are not kept' "$(cat err)"

# What the teacher says of texts without a label is worth something: the labelled reviews have two of twenty words of each
# kind, the others, and those that are measured on, all of them.
awk 'BEGIN {
	split("splendid superb lovely great fine brilliant charming delightful touching witty", good)
	split("dreadful awful boring weak dull clumsy annoying hollow stupid sloppy", bad)
	split("all.csv some.csv test.csv", files)
	for (f = 1; f <= 3; f++)
		print "review,sentiment" >files[f]
	for (i = 0; i < 400; i++) {
		word = i % 2 ? good[int(i / 2) % 10 + 1] : bad[int(i / 2) % 10 + 1]
		label = i % 2 ? "positive" : "negative"
		printf "take %d of it was %s,%s\n", i % 37, word, label >"all.csv"
		printf "part %d of it was %s,%s\n", i % 31, word, label >"test.csv"
		printf "some %d of it was %s\n", i % 29, word >"texts.txt"
		printf "here %d of it was %s,%s\n", i % 23, i % 2 ? good[int(i / 2) % 2 + 1] : bad[int(i / 2) % 2 + 1], label >"some.csv"
	}
}'
"$revue" baseline all.csv --validation 0 -o knows >/dev/null 2>&1
"$revue" new all.csv -o student --vocab-size 400 --hidden-size 16 --num-hidden-layers 1 --intermediate-size 32 >/dev/null 2>&1
taught() { # OPTIONS: the accuracy on held-out rows
	rm -rf student-run
	"$revue" train some.csv -m student --validation test.csv --max-length 16 --num-train-epochs 6 --learning-rate 5e-3 --baseline=no \
		-o student-run "$@" >/dev/null 2>err
	"$revue" eval test.csv -m student-run --format json 2>/dev/null | "$parse" json accuracy
}
alone=$(taught)
with_labels=$(taught --teacher knows)
with_texts=$(taught --teacher knows --unlabelled texts.txt)
is "texts without a label, which the teacher labels, raise the accuracy on other reviews: $alone to $with_texts" yes \
	"$(awk -v a="$alone" -v b="$with_texts" 'BEGIN { print (a < 0.8 && b > 0.95 ? "yes" : a " " b) }')"
is "which is due to them: the same teacher of the labelled reviews alone, $with_labels, does not" yes \
	"$(awk -v a="$with_labels" 'BEGIN { print (a < 0.8 ? "yes" : a) }')"
hard=$(taught --teacher knows --teacher-labels hard --unlabelled texts.txt)
is "as labels they do so too: $hard" yes "$(awk -v a="$hard" 'BEGIN { print (a > 0.95 ? "yes" : a) }')"

# Refused

sed 's/positive/good/; s/negative/bad/' made.csv >other.csv
"$revue" train other.csv -m fresh --teacher words -o bad >out 2>err
is "other labels: exit status" 2 $?
matches "both are named" 'its labels are negative, positive, but those that are trained are bad, good' "$(cat err)"
"$revue" train made.csv -m fresh --unlabelled more.txt -o bad >out 2>err
matches "texts without labels need a teacher" '^revue: --unlabelled needs --teacher' "$(cat err)"
"$revue" train made.csv -m fresh --teacher nowhere -o bad >out 2>err
matches "a teacher that is not there is named" '^revue: --teacher: nowhere' "$(cat err)"
"$revue" train made.csv -m fresh --teacher fresh -o bad >out 2>err
matches "a model without a head has nothing to teach" '^revue: --teacher: .*fresh' "$(cat err)"
is "of what is refused at once no folder is left" "" "$(ls -d bad/checkpoint* 2>/dev/null)"
# Texts of a test set are left out, wherever they stand.
sed -n 2,4p made.csv | sed 's/^/x,/' >seen.rows
{ echo "id,comment,stars" && cat seen.rows; } >seen.csv
sed -n 11p made.csv | cut -d, -f1 | sed 's/ /  /g' >also.txt
sed -e 2,4d -e 11d made.csv >rest.csv
plain='--validation 0.25 --max-length 16 --num-train-epochs 1 --baseline=no'
sum_of() { cksum <"$1/model/model.safetensors"; }
# shellcheck disable=SC2086
"$revue" train made.csv -m fresh $plain --exclude seen.csv --exclude also.txt -o left >out 2>err
is "--exclude: exit status" 0 $?
is "--exclude: how many rows is told for each file, and which column was taken" \
	'revue: seen.csv: text "comment" (guessed; it has no "review")
revue: data: 3 rows left out: their text stands in seen.csv, too
revue: data: 1 row left out: its text stands in also.txt, too' "$(grep -e 'left out' -e comment err)"
is "--exclude: neither learnt from nor measured on" "42 14" \
	"$("$parse" json rows.training <left/run.json) $("$parse" json rows.validation <left/run.json)"
# shellcheck disable=SC2086
"$revue" train rest.csv -m fresh $plain -o without >out 2>err
is "--exclude: the model is that of the other rows" "$(sum_of without)" "$(sum_of left)"
is "--exclude: run.json has where the files are, and their contents' hashes" "\"$work/seen.csv\\n$work/also.txt\" \"$(sha256sum <also.txt | cut -c1-64)\"" \
	"$("$parse" json options.exclude <left/run.json) $("$parse" json exclude_sha256.1 <left/run.json)"
matches "--exclude: the model card names the files, not where they are" '^- exclude: `seen.csv`, `also.txt`$' "$(cat left/model/README.md)"
mkdir elsewhere
(cd elsewhere && "$revue" train --resume ../left --num-train-epochs 2 >out 2>err)
is "--exclude: a run goes on from wherever" 0 $?
"$revue" train --resume without --num-train-epochs 2 >out 2>err
is "--exclude: with the same rows" "$(sum_of without)" "$(sum_of left)"
echo "one more text" >>also.txt
"$revue" train --resume left --num-train-epochs 3 >out 2>err
is "--exclude: not with others" "65 revue: left: the texts to leave out changed since the run began (--exclude $work/also.txt): put them back, or start a new run" \
	"$? $(cat err)"
mv also.txt gone.txt
"$revue" train --resume left --num-train-epochs 3 >out 2>err
is "--exclude: nor without them" 74 $?
matches "--exclude: which is one line" '^revue: --exclude: .*/also.txt: could not open' "$(cat err)"
# shellcheck disable=SC2086
"$revue" train made.csv -m fresh $plain --exclude none.csv -o never >out 2>err
is "--exclude: a file that is missing" "74 revue: --exclude: none.csv: could not open: No such file or directory" "$? $(cat err)"
is "--exclude: makes no run" no "$([ -e never ] && echo yes || echo no)"
# shellcheck disable=SC2086
"$revue" train made.csv -m fresh $plain --exclude made.csv -o never >out 2>err
is "--exclude: nothing is left" "65 revue: made.csv: no row has a review and a label; 60 rows: 0 used, 60 skipped (60 in another file, first on line 2)" \
	"$? $(cat err)"
# shellcheck disable=SC2046 # several words
"$revue" train made.csv -m fresh $(for i in 1 2 3 4 5 6 7 8 9; do echo --exclude seen.csv; done) -o never >out 2>err
is "--exclude: nine files are refused" 2 $?
matches "--exclude: in a line that says how many may be" '^revue: .*exclude.* 8' "$(cat err)"
sed -n 1,6p more.txt >some.txt
# shellcheck disable=SC2086
"$revue" train made.csv -m fresh $common --validation rest.csv --teacher words --unlabelled more.txt --exclude seen.csv --exclude some.txt -o texts >out 2>err
is "--exclude: texts without labels and a validation file too" 'revue: data: 3 rows left out: their text stands in seen.csv, too
revue: data: no row left out: no text of it stands in some.txt
revue: validation: no row left out: no text of it stands in seen.csv
revue: validation: no row left out: no text of it stands in some.txt
revue: unlabelled: 3 rows left out: their text stands in seen.csv, too
revue: unlabelled: 6 rows left out: their text stands in some.txt, too' "$(grep 'row.* left out' err)"
is "--exclude: none of them is learnt" 92 "$("$parse" json rows.training <texts/run.json)"
# shellcheck disable=SC2086
"$revue" train rest.csv -m fresh $common --exclude seen.csv -o measured >out 2>err
is "--exclude: nor is any measured on" 57 "$("$parse" json rows.validation <measured/run.json)"
"$revue" baseline made.csv --validation 0.25 --exclude seen.csv --format json >json 2>err
is "--exclude: baseline" "43 14" "$("$parse" json training_rows <json) $("$parse" json validation_rows <json)"
matches "--exclude: baseline tells how many" '^revue: 3 rows left out: their text stands in seen.csv, too' "$(cat err)"
"$revue" baseline made.csv --validation rest.csv --exclude rest.csv --format json >json 2>err
matches "--exclude: baseline measures on none of them" '^revue: rest.csv: no row has .* \(56 in another file' "$(cat err)"
"$revue" pretrain made.csv -m fresh --max-length 16 --max-steps 1 --validation 0 --exclude seen.csv --unlabelled more.txt -o masked >out 2>err
is "--exclude: pretrain" "104" "$("$parse" json rows.training <masked/run.json)"

done_testing
