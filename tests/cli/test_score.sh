#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# revue score and revue tokens: what is read, what is written.
. "${REVUE_SOURCE:-.}/tests/cli/tap.sh"
make_model
export REVUE_SHARE="$work/share"
mkdir -p share/models share/samples && cp -R run/model share/models/pocket && cp "$reviews" share/samples/
head -n 6 "$reviews" >five.csv
printf 'good\n\n  bad, "very" bad \n' >lines.txt
printf 'text,label\n"two\nlines, and ""quotes""",a\nplain,b\n' >quoted.csv

# Formats

is "tsv: label, score, row, text" "N	1	a b" "$("$revue" score 'a b' | cut -f2- | figures)"
is "the label is one of the model's" 1 "$("$revue" score good | cut -f1 | grep -cE '^(negative|positive)$')"
is "tsv keeps a review on its line" 2 "$("$revue" score quoted.csv 2>/dev/null | wc -l | tr -d ' ')"
is "jsonl: these members in this order" \
	'{"row":1,"label":"L","score":N,"scores":{"negative":N,"positive":N},"truncated":false}' \
	"$("$revue" score --format jsonl good | figures | sed 's/"label":"[a-z]*"/"label":"L"/')"
is "jsonl is JSON, a row a line" "1 2 3 4 5" \
	"$("$revue" score --format jsonl five.csv 2>/dev/null | "$parse" jsonl row | tr '\n' ' ' | sed 's/ $//')"
is "the score is that of the label" "" "$("$revue" score --format jsonl five.csv 2>/dev/null | awk -F '[:,{}]' '
	{ label = $5; gsub(/"/, "", label); if (match($0, "\"" label "\":[0-9.e-]*") == 0) print "no label " NR
	  other = substr($0, RSTART, RLENGTH); sub(/.*:/, "", other); if (other != $7) print NR ": " other " " $7 }')"
is "logits: one for each label" 2 "$("$revue" score --format jsonl --logits good | "$parse" json logits | tr ',' '\n' | wc -l | tr -d ' ')"
is "logits have 9 significant digits" "" "$("$revue" score --format jsonl --logits five.csv 2>/dev/null |
	sed 's/.*"logits":\[//; s/].*//' | tr ',' '\n' | awk '{ digits = $0; sub(/e.*/, "", digits); gsub(/[-.]/, "", digits)
		sub(/^0*/, "", digits); if (length(digits) < 6 || length(digits) > 9 || sprintf("%.9g", $0) != $0) print }')"
is "csv: a header" "row,label,score,truncated,score_negative,score_positive,logit_negative,logit_positive,text" \
	"$("$revue" score --format csv --logits good | head -n 1)"
is "csv gives every text back" "$("$parse" csv 0 <quoted.csv | tail -n +2)" \
	"$("$revue" score --format csv quoted.csv 2>/dev/null | "$parse" csv 6 | tail -n +2)"
is "csv quotes what a reader would guess about" '"";" a";"a;b"' "$("$revue" score --format csv -- '' ' a' 'a;b' |
	tail -n +2 | sed -E 's/.*[0-9],//' | tr '\n' ';' | sed 's/;$//')"
is "text: a review a line for people" "    1  LABEL  N  two lines, and \"quotes\"" \
	"$("$revue" score --format text quoted.csv 2>/dev/null | head -n 1 | figures | sed -E 's/(posi|nega)tive/LABEL/')"

# Precision

"$revue" score --device cpu --format csv --logits five.csv 2>/dev/null | cut -d, -f7 | tail -n +2 >exact
"$revue" score --device cpu --bf16 --format csv --logits five.csv 2>said | cut -d, -f7 | tail -n +2 >rounded
is "--bf16 gives other logits, and near ones" "5 near 0 the same" "$(paste -d, exact rounded | awk -F, '
	{ d = $1 - $2; near += (d < 0 ? -d : d) < 0.02; same += d == 0 } END { print near " near " same + 0 " the same" }')"
is "which the processor is not faster with" 1 "$(grep -c 'note: .*--bf16: this processor rounds to it' said)"
"$revue" score --device cpu --fp16 --tf32 --format csv --logits five.csv 2>said | cut -d, -f7 | tail -n +2 | cmp - exact
is "--fp16 stays with f32 there, and says so" "0 1" "$? $(grep -c -e '--fp16: computed in f32 all the same' said)"

# The file's own columns

printf 'id,label,text,note\n7,positive,good,"a, b"\n8,NEGATIVE,bad,\n9,other,so so,x\n10,,none,y\n' >kept.csv
is "kept columns: csv where no format is given, with truth and error" \
	"row,label,score,truncated,score_negative,score_positive,truth,error,id,original_label,text,note" \
	"$("$revue" score --keep-columns kept.csv 2>/dev/null | head -n 1)"
is "kept columns: all rows are there, also those without a label" "7 8 9 10" \
	"$("$revue" score --keep-columns kept.csv 2>/dev/null | "$parse" csv 8 | tr -d '\"' | tail -n +2 | tr '\n' ' ' | sed 's/ $//')"
is "kept columns: fields come back as they are" "a, b;;x;y;" \
	"$("$revue" score --keep-columns kept.csv 2>/dev/null | "$parse" csv 11 | tr -d '\"' | tail -n +2 | tr '\n' ';')"
is "kept columns: the truth is that of the file" "positive;NEGATIVE;other;;" \
	"$("$revue" score --keep-columns kept.csv 2>/dev/null | "$parse" csv 6 | tr -d '\"' | tail -n +2 | tr '\n' ';')"
is "kept columns: an error is where the label is another one" "" "$("$revue" score --keep-columns kept.csv 2>/dev/null |
	awk -F, 'NR == 2 || NR == 3 { want = tolower($2) == tolower($7) ? "false" : "true"; if ($8 != want) print NR ": " $8 }')"
is "kept columns: nobody can tell where the label is none of the model's, or there is none" ";;" \
	"$("$revue" score --keep-columns kept.csv 2>/dev/null | "$parse" csv 7 | tr -d '\"' | tail -n 2 | tr '\n' ';')"
is "kept columns: jsonl has them as members of columns" \
	'"truth":"other","error":null,"columns":{"id":"9","label":"other","text":"so so","note":"x"}}' \
	"$("$revue" score --keep-columns --format jsonl kept.csv 2>/dev/null | sed -n 3p | sed 's/.*"truncated":false,//')"
is "kept columns: tsv has them in the place of the text" "other		9	other	so so	x" \
	"$("$revue" score --keep-columns --format tsv kept.csv 2>/dev/null | sed -n 3p | cut -f4-)"
is "kept columns: without labels there is no truth" "row,label,score,truncated,score_negative,score_positive,text" \
	"$("$revue" score --keep-columns lines.txt 2>/dev/null | head -n 1)"
is "kept columns: not of a text" 2 "$("$revue" score --keep-columns good >/dev/null 2>&1; echo $?)"
is "kept columns: not in the table for people" 2 "$("$revue" score --keep-columns --format text kept.csv >/dev/null 2>&1; echo $?)"

# Weights in four bits

"$revue" score --logits --load-in-4bit --bnb-4bit-quant-type nf4 good >four 2>four.err
is "4 bits: scored" 0 $?
matches "4 bits: a note says what the model takes" 'weights in 4 bits \(nf4\): the model takes .* instead of' "$(cat four.err)"
is "4 bits: the logits are others" different "$("$revue" score --logits good | cmp -s - four && echo same || echo different)"
is "4 bits: how they are made without them is refused" 2 \
	"$("$revue" score --bnb-4bit-use-double-quant good >/dev/null 2>&1; echo $?)"
for type in nf4 fp4; do
	is "4 bits: a model that bitsandbytes wrote is scored ($type)" "N	1	a b c" \
		"$("$revue" score -m "$source_folder/tests/golden/four_bits/$type" 'a b c' 2>/dev/null | cut -f2- | figures)"
done

# Input

is "an empty text is a review" 1 "$("$revue" score '' | wc -l | tr -d ' ')"
is "a line is a review, an empty one too" "1 2 3" \
	"$("$revue" score --format jsonl - <lines.txt 2>/dev/null | "$parse" jsonl row | tr '\n' ' ' | sed 's/ $//')"
is "a text file has a review a line" "$("$revue" score - <lines.txt 2>/dev/null)" "$("$revue" score lines.txt 2>/dev/null)"
is "standard input can be CSV" "$("$revue" score five.csv 2>/dev/null)" \
	"$("$revue" score --input-format csv - <five.csv 2>/dev/null)"
is "two arguments are texts" 2 "$("$revue" score 'five stars' 'no stars' | wc -l | tr -d ' ')"
is "a file among texts is refused, not scored by its name" 2 "$("$revue" score five.csv lines.txt >/dev/null 2>&1; echo $?)"
is "-- lets a review begin with a dash" "-5 stars" "$("$revue" score -- '-5 stars' | cut -f4)"
is "a column can be named" "positive negative" \
	"$("$revue" score --text-column sentiment --format csv five.csv 2>/dev/null | "$parse" csv 6 | sed -n '2,3s/"//gp' | tr '\n' ' ' | sed 's/ $//')"
is "a column can be given by its number" "$("$revue" score --text-column sentiment five.csv 2>/dev/null)" \
	"$("$revue" score --text-column 2 five.csv 2>/dev/null)"
matches "rows read are told" '^revue: 5 rows: 5 used, 0 skipped$' "$("$revue" score five.csv 2>&1 >/dev/null)"
printf 'text,label\ngood,a\nbad,b,c\nfine,a\n' >ragged.csv
matches "skipped rows are told with the reason and the line" '^revue: 3 rows: 2 used, 1 skipped \(1 ragged on line 3\)$' \
	"$("$revue" score ragged.csv 2>&1 >/dev/null)"
is "standard input without a row that can be used is called so" \
	"revue: standard input: no row can be used; 1 row: 0 used, 1 skipped (1 NUL byte on line 1)" \
	"$(printf '\0\0' | "$revue" score - 2>&1)"
is "rows keep their numbers when one is skipped" "1 3" \
	"$("$revue" score --format jsonl ragged.csv 2>/dev/null | "$parse" jsonl row | tr '\n' ' ' | sed 's/ $//')"

# Pipes: as a file that is read to its end

mkfifo pipe
through() {
	cat "$1" >pipe &
	shift
	"$@" 2>/dev/null
}
is "score: a pipe with a table" "$("$revue" score five.csv 2>/dev/null)" "$(through five.csv "$revue" score pipe)"
is "score: a pipe with lines" "$("$revue" score lines.txt 2>/dev/null)" "$(through lines.txt "$revue" score pipe)"
is "eval: a pipe" "$("$revue" eval five.csv --format json 2>/dev/null | "$parse" json confusion_matrix)" \
	"$(through five.csv "$revue" eval pipe --format json | "$parse" json confusion_matrix)"
is "tokens: a pipe" "$("$revue" tokens lines.txt)" "$(through lines.txt "$revue" tokens pipe)"

# interrupted_by_one_signal COMMAND...: it waits for input that does not come; its exit status.
interrupted_by_one_signal() {
	sleep 5 | (trap - INT; exec "$@" >out 2>err) &
	sleep 0.5
	kill -INT $! && wait $!
	echo $?
}
for command in score eval tokens; do
	is "$command: one interrupt ends the wait for input" 130 "$(interrupted_by_one_signal "$revue" $command -)"
	matches "$command: and that is said" '^revue: .*(stopped|interrupted)' "$(cat err)"
done

# Sameness

"$revue" score --format jsonl --logits "$reviews" >all 2>/dev/null
sed -n 's/^{"row":3,//p' all >third
text=$("$revue" score --format csv "$reviews" 2>/dev/null | "$parse" csv 6 | sed -n '4p' | "$parse" json | sed 's/^"//;s/"$//;s/\\"/"/g')
is "a review alone scores as among others" "$(cat third)" "$("$revue" score --format jsonl --logits "$text" | sed 's/^{"row":1,//')"
"$revue" score --format jsonl --logits "$reviews" >again 2>/dev/null
is "the same output twice" "" "$(cmp all again 2>&1)"
is "a long review is cut and says so" true \
	"$("$revue" score --format jsonl --max-length 4 'one two three four five' | "$parse" json truncated)"
yes the | head -n 200 | tr '\n' ' ' >long.txt
for length in 5 60000; do
	matches "what is cut is told, with the tokens that are read ($length)" \
		"^revue: 1 of 1 review was cut after $((length < 64 ? length : 64)) tokens" \
		"$("$revue" score --max-length $length long.txt 2>&1 >/dev/null)"
done

# Writing

"$revue" score "$reviews" 2>err | head -n 1 >/dev/null
is "a reader that leaves is no error" "" "$(cat err)"
if [ -w /dev/full ]; then
	"$revue" score good >/dev/full 2>err
	is "a full disk is an error" 74 $?
	is "a full disk is told in one line" "revue: standard output: could not write: No space left on device" "$(cat err)"
	"$revue" score good >&- 2>err
	is "a closed output is an error" 74 $?
else
	skip "a full disk" "there is no /dev/full"
fi

# What words count

is "attributions: every word has its weight" 8 "$("$revue" score --attributions occlusion "The soup was terrible, not good." | grep -o '"weight"' | wc -l | tr -d ' ')"
is "attributions: the word that decides counts most" terrible "$("$revue" score --attributions gradients "The soup was terrible." |
	grep -o '"word":"[^"]*","from":[0-9]*,"to":[0-9]*,"weight":[-0-9.e]*' | sed 's/"word":"\([^"]*\)".*"weight":\(.*\)/\2 \1/' |
	sort -g | tail -n 1 | cut -d' ' -f2)"
is "attributions: gradients add up to the logit" ok "$("$revue" score --attributions gradients "The soup was terrible." |
	awk '{ match($0, /"logit":[-0-9.e]*/); logit = substr($0, RSTART + 8, RLENGTH - 8)
		match($0, /"bias":[-0-9.e]*/); sum = substr($0, RSTART + 7, RLENGTH - 7)
		while (match($0, /"weight":[-0-9.e]*/)) { sum += substr($0, RSTART + 9, RLENGTH - 9); $0 = substr($0, RSTART + RLENGTH) }
		print (sum - logit < 1e-4 && logit - sum < 1e-4) ? "ok" : sum " " logit }')"
is "attributions: only as JSON lines" 2 "$("$revue" score --attributions occlusion --format csv good >/dev/null 2>&1; echo $?)"
is "attributions: no more words than the model reads" 3 "$("$revue" score --attributions occlusion --max-length 5 "one two three four five" |
	grep -o '"weight"' | wc -l | tr -d ' ')"

# Tokens

is "tokens: special ones around an empty line" "2 3" "$(printf '\n' | "$revue" tokens)"
is "tokens: pieces" "[CLS] the the [SEP]" "$(printf 'the The\n' | "$revue" tokens --format pieces)"
is "tokens: a line each, also without a final newline" 2 "$(printf 'a\nb' | "$revue" tokens - | wc -l | tr -d ' ')"
is "tokens: cut on request" "[CLS] the [SEP]" "$(printf 'the the the\n' | "$revue" tokens --format pieces --max-length 3)"
is "tokens: whole by default" 202 "$(yes the | head -n 200 | tr '\n' ' ' | "$revue" tokens | wc -w | tr -d ' ')"

done_testing
