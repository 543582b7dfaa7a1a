#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# revue pretrain: a model of revue new learns the words of texts without labels, and is the base of a classifier then.
. "${REVUE_SOURCE:-.}/tests/cli/tap.sh"

awk 'BEGIN {
	split("film movie story", what); split("very quite rather", how); split("good lovely dull awful", which)
	split("because of the actors|and we laughed|but we left early", why, "|")
	print "id,review"
	for (i = 0; i < 400; i++)
		printf "%d,the %s was %s %s %s\n", i, what[i % 3 + 1], how[int(i / 3) % 3 + 1], which[int(i / 9) % 4 + 1], why[int(i / 36) % 3 + 1]
}' >texts.csv
"$revue" new texts.csv -o fresh --vocab-size 200 --hidden-size 32 --num-hidden-layers 2 --intermediate-size 64 >/dev/null 2>&1
common='--max-length 32 --learning-rate 3e-3 --per-device-train-batch-size 16'

# shellcheck disable=SC2086 # several words
"$revue" pretrain texts.csv -m fresh -o words $common --num-train-epochs 6 --eval-on-start >out 2>err
is "a new model is pretrained" 0 $?
matches "the text column is found, and said" '^revue: data: text "review"' "$(cat err)"
matches "the new head is said" '^revue: new head for masked words' "$(cat err)"
matches "the report tells what the logits take" '^revue: masked words: up to [0-9]+ tokens of a batch, each told from [0-9]+; ' "$(cat err)"
matches "evaluations tell perplexity and accuracy" \
	'^revue: step [0-9]+, epoch 6.00: validation loss [0-9.]+, perplexity [0-9.]+, accuracy on masked tokens 0\.[0-9]+$' "$(cat err)"
matches "so does the end" '^finished after .*: validation loss [0-9.]+, perplexity [0-9.]+, accuracy on masked tokens 0\.' "$(cat out)"
is "the loss falls clearly" yes "$(grep '"evaluation"' words/metrics.jsonl | while read -r line; do
	printf '%s\n' "$line" | "$parse" json loss
done | awk 'NR == 1 { first = $1 } { last = $1 } END { print last < first - 1.5 ? "yes" : first " " last }')"
is "perplexity is the exponential of the loss" yes "$(tail -n 9 words/metrics.jsonl | grep '"evaluation"' | tail -n 1 >line
	echo "$("$parse" json loss <line) $("$parse" json perplexity <line)" | awk '{ d = exp($1) - $2; print d * d < 1e-10 ? "yes" : $0 }')"
is "no label has a figure" "" "$(grep -o '"f1"' words/metrics.jsonl words/eval_results.json)"
is "config.json names transformers' class" BertForMaskedLM "$("$parse" json architectures.0 <words/model/config.json | tr -d '"')"
is "the tensors have transformers' names" "cls.predictions.bias cls.predictions.transform.LayerNorm.bias cls.predictions.transform.LayerNorm.weight cls.predictions.transform.dense.bias cls.predictions.transform.dense.weight " \
	"$(head -c 20000 words/model/model.safetensors | tr -c 'a-zA-Z._' '\n' | grep '^cls\.' | sort -u | tr '\n' ' ')"
matches "the card is one of a model that fills masks" '^pipeline_tag: fill-mask$' "$(cat words/model/README.md)"
matches "and has the perplexity" '^- Perplexity: ' "$(cat words/model/README.md)"
matches "info tells the perplexity" '^perplexity +[0-9.]+$' "$("$revue" info words)"
is "watch shows the same end" "$(sed 's/;* *the model is in.*//' out)" "$("$revue" watch words </dev/null 2>/dev/null | sed "s/^words: //" | sed 's/;* *the model is in.*//' | tail -n 1)"
matches "runs has a column for it" '^words +finished .* [0-9.]+ *$' "$("$revue" runs . --columns name,state,perplexity 2>/dev/null | tail -n 1)"

"$revue" new texts.csv -o heir --vocab-size 150 --hidden-size 16 --num-hidden-layers 1 --intermediate-size 32 --embeddings words \
	>out 2>err
is "a new model takes over the embeddings of words" 0 $?
matches "from how many pieces, and what is left of them, is told" \
	'^revue: embeddings of words: [0-9]+ pieces are the same there, [0-9]+ are means of parts, [0-9]+ are new; 16 of 32 numbers keep [0-9]+ % of' \
	"$(cat err)"
"$revue" new texts.csv -o none --vocab-size 150 --hidden-size 16 --embeddings nowhere >/dev/null 2>err
matches "that model must be there" '^revue: nowhere: no such model folder' "$(tail -n 1 err)"
is "else nothing is made" no "$([ -e none/config.json ] && echo yes || echo no)"

# Stopped in the middle by a signal, and on.
# shellcheck disable=SC2086
"$revue" pretrain texts.csv -m fresh -o whole $common --num-train-epochs 20 >/dev/null 2>&1
# shellcheck disable=SC2086
"$revue" pretrain texts.csv -m fresh -o halves $common --num-train-epochs 20 >/dev/null 2>&1 &
child=$!
i=0
until grep -qs '"step":60,' halves/metrics.jsonl || [ $((i = i + 1)) -gt 600 ]; do sleep 0.05; done
kill -9 "$child" 2>/dev/null
wait "$child" 2>/dev/null
is "it was killed before its end" no "$([ -e halves/model ] && echo yes || echo no)"
"$revue" pretrain --resume halves >/dev/null 2>err
is "a killed run goes on" 0 $?
is "to the bit" "" "$(cmp whole/model/model.safetensors halves/model/model.safetensors 2>&1)"

# A base for labels.
awk -F, 'NR == 1 { print "review,label"; next } { print $2 "," ($2 ~ /good|lovely/ ? "positive" : "negative") }' texts.csv >labelled.csv
"$revue" train labelled.csv -m words -o run --max-length 32 --num-train-epochs 3 --learning-rate 2e-3 --baseline=no >out 2>err
is "the result trains on labels" 0 $?
matches "that the head on masked words is dropped is said" 'a masked language model \(BertForMaskedLM\): only its encoder is used' "$(cat err)"
matches "and it learns" 'accuracy (1\.0000|0\.9[0-9]+)' "$(cat out)"
"$revue" pretrain labelled.csv -m run -o again --max-length 32 --num-train-epochs 1 >/dev/null 2>err
is "a classifier can be pretrained again, of a file with labels" 0 $?
matches "that its head is dropped is said" 'tensors not used: .*classifier' "$(cat err)"
"$revue" score -m words "a good film" >out 2>err
is "what knows masked words alone scores nothing" 1 "$([ $? -ne 0 ] && echo 1)"
matches "which is said" 'masked language model' "$(cat err)"

"$revue" pretrain texts.csv -m fresh -o refused --class-weights balanced >/dev/null 2>err
is "an option about labels is refused" 2 $?
is "by its name, in a line" "revue: --class-weights is about labels, and --task masked_lm (revue pretrain) learns masked words: leave it out" "$(cat err)"
"$revue" pretrain texts.csv -m fresh -o refused --task classification >/dev/null 2>err
is "another task is another command's" 2 $?
printf 'id,review\n' >none.csv
"$revue" pretrain none.csv -m fresh -o refused >/dev/null 2>err
is "a file without texts is refused" 1 "$([ $? -ne 0 ] && echo 1)"
is "in a line" 1 "$(grep -c . err)"

done_testing
