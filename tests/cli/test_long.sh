#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Reviews that are longer than a sequence: --truncation, and what a model keeps of it.
. "${REVUE_SOURCE:-.}/tests/cli/tap.sh"

# reviews ROWS SEED LONG: words that say nothing, 620 of them in every review (LONG 1) or in half of them, then six that
# tell the label: past the first 512 tokens.
reviews() {
	awk -v rows="$1" -v seed="$2" -v long="$3" 'BEGIN {
		srand(seed)
		split("the film was and it a very place story room night door street table water music", filler)
		split("good great lovely bad awful dull", telling)
		print "text,label"
		for (i = 0; i < rows; i++) {
			line = ""
			for (w = 0; w < (long || i % 4 < 2 ? 620 : 5); w++)
				line = line filler[1 + int(rand() * 16)] " "
			for (w = 0; w < 6; w++)
				line = line telling[1 + int(rand() * 3) + (i % 2 ? 0 : 3)] " "
			print line "," (i % 2 ? "positive" : "negative")
		}
	}'
}

accuracy() {
	sed -n 's/^accuracy *\([0-9.]*\).*/\1/p'
}

reviews 240 1 0 >train.csv
reviews 40 2 1 >test.csv
"$revue" new train.csv -o tiny --vocab-size 200 --hidden-size 32 --intermediate-size 64 --num-hidden-layers 1 \
	--max-position-embeddings 64 >/dev/null 2>&1

# Training and use

learn() {
	directory=$1
	shift
	"$revue" train train.csv -m tiny -o "$directory" --max-length 64 --num-train-epochs 6 --learning-rate 5e-3 \
		--per-device-train-batch-size 8 "$@" >out 2>err
}
learn windows --truncation windows --pooling max
is "train: windows" 0 $?
matches "train: says how long reviews are read" \
	'^revue: of a longer review windows of 64 tokens, stride 0.8, maximum of their logits: ([0-9]+) of \1 tokens are read$' \
	"$(cat err)"
matches "train: and how many windows there are" '^revue: 120 reviews have [0-9]+ windows together$' "$(cat err)"
is "what stands past the first 512 tokens is read in windows" 1.0000 "$("$revue" eval test.csv -m windows/model 2>/dev/null | accuracy)"
is "and by the tail" 1.0000 "$("$revue" eval test.csv -m windows/model --truncation tail 2>/dev/null | accuracy)"
is "and by head and tail" 1.0000 "$("$revue" eval test.csv -m windows/model --truncation head+tail 2>/dev/null | accuracy)"
succeeds "but not by the head" test "$("$revue" eval test.csv -m windows/model --truncation head 2>/dev/null | accuracy | tr -d .)" -lt 07500
sed -n 3p test.csv | cut -d, -f1 >positive.txt
is "a long review is scored as it was trained" positive "$("$revue" score -m windows/model --format jsonl positive.txt 2>/dev/null | "$parse" json label | tr -d '"')"
learn head
succeeds "a model trained with the head alone learns nothing from them" \
	test "$("$revue" eval test.csv -m head/model 2>/dev/null | accuracy | tr -d .)" -lt 07500
learn tail --truncation tail
is "one trained with the tail does" 1.0000 "$("$revue" eval test.csv -m tail/model 2>/dev/null | accuracy)"

# What is kept and told

is "config.json keeps it" '{"truncation":"windows","max_length":64,"stride":0.8,"pooling":"max"}' \
	"$("$parse" json revue <windows/model/config.json)"
is "a model that reads the head keeps nothing" "" "$(grep '"revue"' head/model/config.json)"
matches "info tells it" '^long_reviews +windows of 64 tokens, stride 0.8, maximum of their logits$' "$("$revue" info windows/model)"
matches "info tells the tail" '^long_reviews +the last 64 tokens$' "$("$revue" info tail/model)"
matches "the model card tells it" 'reads the last 64 tokens of it, no more' "$(cat tail/model/README.md)"
matches "score tells what a limit leaves out" \
	'^revue: 40 of 40 reviews were cut to at most 3 windows of 64 tokens, stride 0.8, maximum of their logits$' \
	"$("$revue" score -m windows/model --max-windows 3 test.csv 2>&1 >/dev/null)"
matches "score tells what the tail is" '^revue: 40 of 40 reviews were cut to the last 64 tokens$' \
	"$("$revue" score -m tail/model test.csv 2>&1 >/dev/null)"
matches "score: another length for once" 'cut to the last 20 tokens$' \
	"$("$revue" score -m tail/model --max-length 20 test.csv 2>&1 >/dev/null)"

matches "score: no more tokens are told than are read" 'cut to the first 62 tokens and the last, 64 in all$' \
	"$("$revue" score -m head/model --truncation head+tail --head-tokens 500 test.csv 2>&1 >/dev/null)"
matches "score: nor a longer stride" 'cut to at most 2 windows of 64 tokens, stride 62, mean of their logits$' \
	"$("$revue" score -m head/model --truncation windows --max-windows 2 --stride 500 test.csv 2>&1 >/dev/null)"

# Options

"$revue" score -m head/model --stride 0.5 x >out 2>err
is "score: a stride without windows" 2 $?
matches "score: and what it belongs to" '^revue: --stride belongs to --truncation windows, and this is head$' "$(cat err)"
"$revue" train train.csv -m tiny -o none --pooling max >out 2>err
is "train: pooling without windows" 2 $?
matches "train: and what it belongs to" '^revue: --pooling belongs to --truncation windows' "$(cat err)"
echo '{"truncation_side": "left", "max_seq_length": 48, "num_train_epochs": 0.1}' >arguments.json
"$revue" train train.csv -m tiny -o side --args arguments.json >/dev/null 2>&1
matches "train: truncation_side of an arguments file" '^long_reviews +the last 48 tokens$' "$("$revue" info side/model)"

# Tokens

tokens() {
	printf 'a b c d e f g h i\n' | "$revue" tokens --format pieces --max-length 6 "$@"
}
is "tokens: the head" "[CLS] a b c d [SEP]" "$(tokens)"
is "tokens: the tail" "[CLS] f g h i [SEP]" "$(tokens --truncation tail)"
is "tokens: head and tail" "[CLS] a g h i [SEP]" "$(tokens --truncation head+tail)"
is "tokens: windows" "[CLS] a b c d [SEP]|[CLS] d e f g [SEP]|[CLS] g h i [SEP]" \
	"$(tokens --truncation windows --stride 3 | tr '\t' '|')"
printf 'a b\n' | "$revue" tokens --truncation tail >out 2>err
is "tokens: nothing to cut to" 2 $?
matches "tokens: and what is needed" '^revue: --truncation says how a line is cut to --max-length' "$(cat err)"
done_testing
