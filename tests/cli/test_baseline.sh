#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# revue baseline: what it says, its model in the other commands, and the line that every training has of it.
. "${REVUE_SOURCE:-.}/tests/cli/tap.sh"

# Words that say which label it is, in 60 reviews; every tenth says the opposite.
awk 'BEGIN {
	print "review,sentiment"
	for (i = 0; i < 60; i++) {
		good = i % 2
		word = (i % 10 == 9 ? !good : good) ? "splendid" : "dreadful"
		printf "the film number %d was %s and %s indeed,%s\n", i, word, (i % 4 < 2 ? "long" : "short"), good ? "positive" : "negative"
	}
}' >made.csv

"$revue" baseline made.csv --validation 0.2 >out 2>err
is "baseline: exit status" 0 $?
matches "it tells the accuracy on the rows held out" '^accuracy   [01]\.[0-9]{4}   on 12 reviews held out$' "$(cat out)"
matches "and what it was fitted to" '^fitted     to 48 reviews, [0-9]+ features of at least [0-9]+ reviews each' "$(cat out)"
matches "the strongest words of a label are told by name" '^  \+[0-9.]+ +[0-9]+  (was )?splendid' "$(sed -n '/^positive/,$p' out)"
matches "which columns were taken is a note" 'text "review", label "sentiment"' "$(cat err)"

"$revue" baseline made.csv --validation 0.2 --format json --shown 2 >json 2>err
is "JSON: rows" "48 12" "$("$parse" json training_rows <json) $("$parse" json validation_rows <json)"
matches "JSON: the words of each label" '^"?(was )?splendid"?$' "$("$parse" json labels.1.words.0.text <json)"
is "JSON: the accuracy is that of the text" "$(awk '/^accuracy/ { print $2 }' out)" \
	"$("$parse" json accuracy <json | awk '{ printf "%.4f", $1 }')"
"$revue" baseline made.csv --validation 0.2 --format json --threads 1 2>/dev/null | grep -v seconds >one
"$revue" baseline made.csv --validation 0.2 --format json --threads 3 2>/dev/null | grep -v seconds >three
is "one thread finds what three find" "$(cat one)" "$(cat three)"

# Labels that were set right: of two classes one word each, the row that says the opposite is mended.
printf 'text,label\nsplendid,a\nsplendid,a\nsplendid,b\ndreadful,b\ndreadful,b\ndreadful,b\n' >odd.csv
printf '{"row": "%s", "old": "b", "new": "a", "time": "2026-01-01T00:00:00Z"}\n' \
	"$(printf 'b\0splendid' | sha256sum | cut -c1-32)" >right.jsonl
"$revue" baseline odd.csv --validation odd.csv --format json 2>/dev/null | "$parse" json loss >plain
"$revue" baseline odd.csv --validation odd.csv --corrections right.jsonl --format json 2>/dev/null | "$parse" json loss >mended
is "corrections: a row that was mended is fitted to as it should be" yes \
	"$(paste plain mended | awk '{ print ($2 > 0 && $2 < $1 ? "yes" : $0) }')"
"$revue" baseline odd.csv --corrections none.jsonl >/dev/null 2>&1
is "corrections: the file must be there" 74 $?

# Its model in other commands

"$revue" baseline made.csv -o kept --buckets 4096 --validation 0 >out 2>err
is "-o keeps the model" "README.md config.json model.safetensors" "$(ls kept | tr '\n' ' ' | sed 's/ $//')"
matches "without rows held out nothing is measured" '^measured   on nothing' "$(cat out)"
matches "its README says what it is not" 'not a model of transformers' "$(cat kept/README.md)"
matches "score takes it" '^positive' "$("$revue" score -m kept 'a splendid film' 2>/dev/null)"
matches "and with another word says the other label" '^negative' "$("$revue" score -m kept 'a dreadful film' 2>/dev/null)"
is "eval takes it" 60 "$("$revue" eval made.csv -m kept --format json 2>/dev/null | "$parse" json used)"
"$revue" eval made.csv -m kept --calibrate --save >/dev/null 2>&1
is "eval --save keeps a temperature in it" 0 $?
matches "by which it is opened again" '^decides_by +temperature' "$("$revue" info kept)"
matches "compare takes it" '^accuracy' "$("$revue" compare kept kept made.csv 2>/dev/null)"
matches "info says that it is revue's own" '^kind +.*transformers does not read it' "$("$revue" info kept)"
matches "and its type" '^model_type +revue-ngram$' "$("$revue" info kept)"
"$revue" baseline made.csv -o kept >/dev/null 2>err
is "a folder with a model is not written over" 2 $?
"$revue" train made.csv -m kept -o run >/dev/null 2>err
is "a training from it is refused" 2 $?
matches "in one line that says why" '^revue: .*kept is an n-gram model .* no network to train further' "$(cat err)"
is "which is the only one" 1 "$(wc -l <err | tr -d ' ')"
is "and leaves no run" "" "$(ls -d run 2>/dev/null)"
"$revue" score -m kept --truncation tail 'a film' >/dev/null 2>err
is "how long reviews are cut means nothing to it" 2 $?
"$revue" eval made.csv -m kept --load-in-4bit >/dev/null 2>err
is "and neither do 4 bits" 2 $?

# The screens

cat >keys <<'KEYS'
wait idle
key 2
wait idle
do tokens
wait idle
key 4
type a splendid film
wait idle
save-screen screen
KEYS
LINES=24 COLUMNS=80 TERM=xterm REVUE_HISTORY=off "$revue" --script keys -m kept made.csv >said 2>&1
is "the screens take it" 0 $?
matches "and score what is typed" 'positive +[5-9][0-9.]* %' "$(cat screen said)"

# Other data

awk 'BEGIN { print "review,stars"; for (i = 0; i < 60; i++) printf "word%d thing again %d,%d\n", i % 3, i, i % 3 + 1 }' >stars.csv
is "of three labels each has a row of weights" 12291 "$("$revue" baseline stars.csv -o stars --buckets 4096 >/dev/null 2>&1
	"$revue" info stars --format json | "$parse" json parameters)"
awk 'BEGIN { print "review,tags"; for (i = 0; i < 60; i++)
	printf "tale of %s%s %d,%s\n", (i % 2 ? "dogs " : ""), (i % 3 ? "" : "cats"), i, (i % 2 ? "dog" : "") (i % 6 == 3 ? "|" : "") (i % 3 ? "" : "cat") }' >tags.csv
"$revue" baseline tags.csv -o tags --label-column tags --label-separator bar --validation 0.2 >out 2>err
is "independent labels too" 0 $?
matches "each is scored for itself" 'dog' "$("$revue" score -m tags 'dogs and more dogs' 2>/dev/null)"
head -n 21 made.csv >other.csv
matches "a validation file is measured on" 'on 20 reviews held out' "$("$revue" baseline made.csv --validation other.csv 2>/dev/null)"

says() {
	name=$1 pattern=$2
	shift 2
	"$revue" baseline "$@" >out 2>err
	is "$name: refused" yes "$([ $? -ne 0 ] && echo yes)"
	matches "$name: why" "$pattern" "$(cat err)"
}
says "no data" '^revue: DATA is missing'
says "buckets" 'no power of 2' made.csv --buckets 1000
says "an option of the steps" 'there is no option --learning-rate' made.csv --learning-rate 1
awk 'BEGIN { print "review,sentiment"; for (i = 0; i < 9; i++) print "text " i ",same" }' >same.csv
says "one label" 'every row has the same label|every label is' same.csv

# In a training

"$revue" train made.csv -o run --validation 0.2 --max-steps 1 >out 2>err
matches "a training's report has its figures" 'baseline: a linear model on words, fitted to 48 .* accuracy [01]\.[0-9]{4}' "$(cat out err)"
is "the accuracy is that of revue baseline" "$("$revue" baseline made.csv --validation 0.2 2>/dev/null | awk '/^accuracy/ { print $2 }')" \
	"$("$parse" json report.baseline.accuracy <run/run.json | awk '{ printf "%.4f", $1 }')"
matches "and its strongest words for each label" 'its strongest words: negative .*"dreadful".*; positive .*"splendid"' "$(cat out err)"
"$revue" baseline made.csv --validation 0.2 --shown 4 --format json 2>/dev/null >alone
for path in labels.0.label labels.0.words.0.text labels.0.words.3.text labels.1.words.0.text labels.1.words.3.rows; do
	is "run.json keeps $path as revue baseline writes it" "$("$parse" json "$path" <alone)" "$("$parse" json "report.baseline.$path" <run/run.json)"
done
matches "revue info tells them" '^baseline_words +negative .*"dreadful".*; positive .*"splendid"' "$("$revue" info run)"
matches "the model card has them" '^- `positive`: .*`splendid`' "$(cat run/model/README.md)"
printf 'wait idle\ndo watch run\nwait text finished\nkey i\nwait text Before the first step\nsave-screen report.screen\n' >keys
"$revue" --script keys made.csv >out 2>err
matches "and the report on the Train screen" 'its strongest words: negative "' "$(cat report.screen)"
"$revue" train made.csv -o longer --validation 0.2 --num-train-epochs 1 >out 2>err
cp longer/run.json began.json
succeeds "a run goes on" "$revue" train --resume longer --num-train-epochs 2
is "and keeps them" "\"splendid\" $("$parse" json report.baseline.labels.0.words.0.text <began.json)" \
	"$("$parse" json report.baseline.labels.1.words.2.text <longer/run.json) $("$parse" json report.baseline.labels.0.words.0.text <longer/run.json)"
awk 'BEGIN {
	print "review,sentiment"
	for (i = 0; i < 40; i++)
		printf "film %d \033[31m\302\233 \342\200\256,%s\nthe film %d,plain\n", i, "od\033[5md", i
}' >hostile.csv
"$revue" train hostile.csv -o hostile --validation 0.2 --max-steps 1 >out 2>err
"$revue" info hostile >>out
printf 'wait idle\ndo watch hostile\nwait text finished\nkey i\nwait text Before the first step\nsave-screen hostile.screen\n' >keys
"$revue" --script keys made.csv >/dev/null 2>&1
is "words and labels of strangers are scrubbed" "4 no no" "$(cat out err hostile.screen hostile/model/README.md | grep -c -e 'strongest words:' -e '^baseline_words') \
$(cat out err hostile.screen hostile/model/README.md | grep -q "$(printf '\033')" && echo yes || echo no) \
$(cat out err hostile.screen hostile/model/README.md | grep -q "$(printf '\342\200\256\|\302\233')" && echo yes || echo no)"
"$revue" train made.csv -o without --validation 0.2 --max-steps 1 --baseline false >out 2>err
is "--baseline false leaves it out" "" "$(grep -e 'baseline:' -e 'strongest words' out err)"
is "and changes nothing else" "$(cksum <run/model/model.safetensors)" "$(cksum <without/model/model.safetensors)"

done_testing
