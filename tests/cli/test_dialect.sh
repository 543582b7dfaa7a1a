#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# How tables are written, said on the command line of every command that reads data, and guessed.
. "${REVUE_SOURCE:-.}/tests/cli/tap.sh"
make_model

# texts FILE OPTION...: the texts that score reads, as one line.
texts() {
	"$revue" score -m run/model --format csv "$@" 2>err | "$parse" csv 6 | tail -n +2 | tr '\n' '|' | sed 's/|$//'
}

# What is said

printf 'by hand\n\nt^l\n~a, b~^1\n~c ;~~d~^0\n' >odd.txt
is "score reads a table as it is said" '"a, b"|"c ;~d"' "$(texts odd.txt --delimiter ^ --quote '~' --header 3)"
is "names of options may have _ and values an =" '"a, b"|"c ;~d"' "$(texts odd.txt --delimiter=^ --quote=~ --header=3)"
for command in score eval new train; do
	for option in delimiter=ab quote=ab escape=ab encoding=nothing-such header=never input-format=xls; do
		"$revue" $command --$option odd.txt -o made >/dev/null 2>err
		is "$command: --$option is refused" "2 revue: --${option%=*} \"${option#*=}\": must be" \
			"$? $(sed 's/must be .*/must be/' err)"
	done
done
is "what is refused makes nothing" "" "$(ls -d made 2>/dev/null)"
printf 'a;positive\nb;negative\n' >bare.csv
is "eval takes what is said" 2 "$("$revue" eval -m run/model --header no --delimiter ';' --text-column 1 --label-column 2 --format json bare.csv 2>/dev/null |
	"$parse" json used)"
matches "new takes what is said" '^words: untrained BERT' \
	"$("$revue" new odd.txt -o words --delimiter ^ --quote '~' --header 3 --vocab-size 50 2>/dev/null)"
is "standard input is lines where nothing is said" '"by hand"|""|"t^l"|"~a, b~^1"|"~c ;~~d~^0"' \
	"$("$revue" score -m run/model --format csv - <odd.txt 2>/dev/null | "$parse" csv 6 | tail -n +2 | tr '\n' '|' | sed 's/|$//')"
is "standard input is a table where a delimiter is said" 2 "$("$revue" score -m run/model --delimiter ^ --header 3 - <odd.txt 2>/dev/null | wc -l | tr -d ' ')"

# A training

awk 'BEGIN {
	print "made by hand\ntext^label"
	for (i = 1; i <= 20; i++) print "good day number " i ", so fine^positive\nbad day number " i ", so sad^negative"
}' >data.txt
printf '{"text": "good", "label": "positive"}\n{"text": "bad", "label": "negative"}\n' >valid.jsonl
printf 'above\ntext^label\ngood^positive\nbad^negative\n' >valid.txt
for valid in valid.jsonl valid.txt; do
	"$revue" train data.txt -m tiny -o run-$valid --delimiter ^ --header 2 --validation $valid --num-train-epochs 0.2 >out 2>err
	is "train: data and $valid are read as it is said" "0 2" "$? $("$parse" json training <run-$valid/run.json >/dev/null 2>&1
		sed -n 's/.*, \([0-9]*\) to measure on.*/\1/p' err)"
done
is "train: run.json keeps what was said and no more" '"^" "2" "" ""' "$(for key in delimiter header quote encoding; do
	sed -n "s/.*\"$key\": *\(\"[^\"]*\"\).*/\1/p" run-valid.txt/run.json; done | tr '\n' ' ' | sed 's/ $//')"
matches "train: the model card has what was said" '^- delimiter: `\^`$' "$(cat run-valid.txt/model/README.md)"
is "train: and no more" "" "$(grep -E '^- (quote|escape|encoding|input_format)' run-valid.txt/model/README.md)"
(exec "$revue" train data.txt -m tiny -o stopped --delimiter ^ --header 2 --num-train-epochs 20000 --validation 0 >/dev/null 2>&1) &
process=$!
tries=0
while [ ! -s stopped/metrics.jsonl ] && [ $tries -lt 100 ]; do
	sleep 0.1
	tries=$((tries + 1))
done
kill -INT $process
wait $process
rm -f err
(exec "$revue" train --resume stopped >/dev/null 2>err) &
process=$!
tries=0
while ! grep -q 'written' err && [ $tries -lt 100 ]; do
	sleep 0.1
	tries=$((tries + 1))
done
kill -INT $process
wait $process
matches "train: a resumed run reads its data as before" '^revue: checkpoint-.* written' "$(cat err)"

# What is guessed is told

printf 'sep=;\ntext;label\ngood, really;1\nbad;0\n' >sep.csv
is "the line sep= is no review" '"good, really"|"bad"' "$(texts sep.csv)"
matches "and is told" '^revue: sep.csv: line 1 names the delimiter \(sep=;\) and is no row$' "$(cat err)"
printf 'text,label\n"he said \\"wow\\", twice",1\n"a \\"b\\" c",0\n' >escaped.csv
is "quotes after backslashes are read" '"he said \"wow\", twice"|"a \"b\" c"' "$(texts escaped.csv)"
matches "and are told with the way out" '^revue: escaped.csv: .*--escape none' "$(cat err)"
printf '# one\n# two\ntext,label\ngood,1\nbad,0\n' >comments.csv
is "comments above a table are no reviews" '"good"|"bad"' "$(texts comments.csv)"
matches "and are counted" '^revue: comments.csv: 2 lines of comments' "$(cat err)"
printf 'text;label\ngood, so;1\nbad;0\n' >semicolons.csv
is "semicolons are found out" '"good, so"|"bad"' "$(texts semicolons.csv)"
matches "and are told where the name speaks of commas" '^revue: semicolons.csv: the fields are separated by semicolons' "$(cat err)"
printf 'text,label\n  outer blanks\t,1\n "quoted" ,0\n' >blanks.csv
is "a text goes as it is, with its blanks" '  outer blanks\t|quoted' "$("$revue" score -m run/model --format csv blanks.csv 2>/dev/null |
	"$parse" csv 6 | tail -n +2 | sed 's/^"//; s/"$//' | tr '\n' '|' | sed 's/|$//')"

done_testing
