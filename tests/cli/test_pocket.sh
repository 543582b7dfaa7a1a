#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The commands that make the model that ships, share/models/pocket/make.sh, on a small part: files of the six kinds with
# a few rows each. They go on where they were killed, and what they make is a model of the shape that ships, of at most 8 MB.
. "${REVUE_SOURCE:-.}/tests/cli/tap.sh"

pocket=$source_folder/share/models/pocket
PATH=$(dirname "$revue"):$PATH
REVUE=$revue
export REVUE

# rows N FORMAT: rows with a text and a label by turns, "%t" and "%l" of FORMAT
rows() {
	awk -v rows="$1" -v format="$2" 'BEGIN {
		split("film|meal|kettle|flight|story|room|crew", what, "|")
		split("good lovely fine great", up); split("bad dull awful poor", down)
		for (i = 0; i < rows; i++) {
			row = format
			text = "The " what[i % 7 + 1] " was " (i % 2 ? up[int(i / 2) % 4 + 1] : down[int(i / 2) % 4 + 1]) "."
			text = text " We had been told so by " i " people before."
			gsub(/%t/, text, row)
			gsub(/%l/, i % 2, row)
			gsub(/%s/, i % 2 ? 5 : 1, row)
			gsub(/%w/, i % 2 ? "positive" : "negative", row)
			printf "%s", row
		}
	}'
}

mkdir data
{ printf 'review,sentiment\n' && rows 60 '"%t<br /><br />%t It was ""%w"".",%w\n'; } >data/imdb_train.csv
{ printf 'review\n' && rows 40 '"%t %t %t Who knows?"\n'; } >data/imdb_unsup.csv
{ printf 'label\tsentence\r\n' && rows 80 '%l\t%t\r\n'; } >data/sst2_train.tsv
{ printf 'business,stars,text\n' && rows 40 'a,%s,"%t\nAgain."\n'; } >data/yelp_stars.csv
{ printf '\357\273\277reviewText,Positive\r\n' && rows 40 '%t,%l\r\n'; } >data/amazon_bom_crlf.csv
{ printf 'id,airline_sentiment,text\n' && rows 20 '1,%w,@line %t\n' && rows 10 '2,neutral,@line %t\n'; } >data/airline_tweets.csv
"$revue" new data/imdb_train.csv -o base --vocab-size 400 --hidden-size 32 --num-hidden-layers 4 --intermediate-size 64 \
	>/dev/null 2>&1
MINILM=$work/base PHRASES=100 NOTHING=30
export MINILM PHRASES NOTHING

ln -s data "rows=3 here"

make_model() {
	sh "$pocket/make.sh" "rows=3 here" "$1" >out 2>err
}

# refused NAME PATTERN COMMAND...: fails, and says why in one line
refused() {
	name=$1 pattern=$2
	shift 2
	"$@" </dev/null >out 2>err
	is "$name" "1 1" "$? $(wc -l <err | tr -d ' ')"
	matches "$name: why" "$pattern" "$(cat err)"
}

refused "no folders are refused" 'make\.sh: wants two folders' sh "$pocket/make.sh"
refused "data that are not there are refused" 'nowhere/imdb_train\.csv cannot be read' sh "$pocket/make.sh" nowhere made
refused "a program that is not there is refused" 'no program \./none' env REVUE=./none sh "$pocket/make.sh" data made
refused "MiniLM must be a model" 'data holds no model: MINILM' env MINILM=data sh "$pocket/make.sh" data made
is "and nothing is made" no "$([ -e made ] && echo yes || echo no)"
refused "what has no model is not measured" 'made/third/model holds no model' sh "$pocket/measure.sh" data made
refused "a column that is not there is said" 'texts\.awk: there is no column "text"' \
	awk -v TEXT=text -f "$pocket/texts.awk" data/imdb_unsup.csv
is "the last row counts without a newline" '"b"' "$(printf 'review\n"a"\n"b"' | awk -v TEXT=review -f "$pocket/texts.awk" | tail -n 1)"
for name in phrases nothing; do
	if command -v gawk >/dev/null; then
		is "$name.awk is POSIX" "$(awk -v COUNT=40 -f "$pocket/$name.awk" </dev/null | cksum)" \
			"$(gawk --posix -v COUNT=40 -f "$pocket/$name.awk" </dev/null 2>&1 | cksum)"
	else
		skip "$name.awk is POSIX" "no gawk"
	fi
done
awk -f "$pocket/nothing.awk" </dev/null >nothing.csv
awk -v EMPTY=1 -f "$pocket/phrases.awk" </dev/null >>nothing.csv
is "each text that says nothing is taught with both labels" "6000 6000" \
	"$(awk -f "$pocket/nothing.awk" </dev/null | awk -F, '{ count[$NF]++ } END { print count["negative"], count["positive"] }')"
is "none of those that a model is measured on is taught" "" \
	"$(cut -d , -f 1 nothing.csv | tr -d '"' | grep -ixF -f "$source_folder/tests/golden/empty_texts.txt")"

# Killed as soon as the student learns, with the shell that called it.
command -v setsid >/dev/null && alone=setsid || set -m # dash has no jobs without a terminal
${alone-} sh "$pocket/make.sh" "rows=3 here" made >out 2>err &
child=$!
set +m
i=0
until grep -qs '"type":"step"' made/first/metrics.jsonl || [ $((i = i + 1)) -gt 1200 ]; do sleep 0.05; done
kill -9 "-$child" 2>/dev/null
wait "$child" 2>/dev/null
is "it was killed on its way" no "$([ -e made/third/model ] && echo yes || echo no)"
make_model made
is "begun again it comes to its end" 0 $?
is "and says where the model lies" made/third/model "$(tail -n 1 out)"
matches "it goes on with what it has" '^revue: ' "$(cat err)"
is "a teacher that was ready is left alone" "" "$(grep -i 'sentences/model' err)"
is "all of it is at most 8 MB" yes "$(cat made/third/model/* | wc -c | awk '{ print ($1 > 10000 && $1 <= 8 * 1024 * 1024 ? "yes" : $1) }')"
is "its weights are f16" '"float16"' "$("$parse" json torch_dtype <made/third/model/config.json)"
for key in model_type hidden_size num_hidden_layers num_attention_heads intermediate_size id2label; do
	is "$key is that of the model that ships" "$("$parse" json "$key" <"$pocket/config.json")" \
		"$("$parse" json "$key" <made/third/model/config.json)"
done
rm made/third/model/config.json made/third/model/README.md
grep -v '"finished"' made/third/metrics.jsonl >unfinished
mv unfinished made/third/metrics.jsonl
make_model made
is "a model that was killed while it was saved is saved again" yes "$([ -e made/third/model/config.json ] && echo yes || echo no)"
refused "what was made of other texts is not gone on with" 'made was made of other texts' env PHRASES=101 \
	sh "$pocket/make.sh" "rows=3 here" made
make_model again
is "made in one go it is the same, to the bit" "" "$(cmp again/third/model/model.safetensors made/third/model/model.safetensors 2>&1)"
is "a tenth of Yelp is held out" 4 "$("$revue" info --format json again/yelp-held-out.csv 2>/dev/null | "$parse" json rows)"
is "and nothing of it is learnt from" 0 "$(grep '^"' again/yelp-held-out.csv | cut -d . -f 2 | grep -cF -f - again/yelp.csv)"
sh "$pocket/measure.sh" data again >out 2>&1
is "measure.sh measures it on what is there" "on" "$(head -n 1 out | cut -d ' ' -f 1)"
matches "with a figure for the sample reviews" \
	'^the sample reviews +1[0-9]{3} +0  0\.[0-9]{3}  0\.[0-9]{3}  0\.[0-9]{3}  0\.[0-9]{3}$' "$(cat out)"
matches "with what it says of texts that say nothing" '^texts that say nothing +40 +[0-9]+ of them below 0.7 for either label$' "$(cat out)"
{ head -n 3 data/imdb_train.csv && rows 20 '"%t Not there.",%w\n'; } >data/imdb_test5k.csv
sh "$pocket/measure.sh" data again >out 2>&1
matches "what it learnt from is left out" '^IMDb, of its test set +20 +2 ' "$(cat out)"

done_testing
