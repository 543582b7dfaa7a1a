#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Makes the pocket model anew: MINILM=FOLDER make.sh DATA WORK
#
#   DATA   imdb_train.csv, imdb_unsup.csv, sst2_train.tsv, yelp_stars.csv, amazon_bom_crlf.csv and airline_tweets.csv
#   WORK   a folder for all that is made; WORK/third/model is the model
#   MINILM the base of the teacher, a folder (environment; sentence-transformers/all-MiniLM-L6-v2)
#   REVUE  the program (environment; else that on PATH)
#   PHRASES how many sentences phrases.awk makes up (environment; 40000)
#   NOTHING how many texts that say nothing nothing.awk makes up (environment; 6000)
#
# It can be stopped at any time: begun again it goes on from the last checkpoint, and the teachers' answers are kept.
set -eu
unset CDPATH

stop() {
	printf '%s: %s\n' "$0" "$1" >&2
	exit 1
}

[ $# -eq 2 ] || stop "wants two folders: that of the data, and one to work in"
data=$1 work=$2 phrases=${PHRASES:-40000} nothing=${NOTHING:-6000} here=$(cd "$(dirname "$0")" && pwd) revue=${REVUE:-revue}
[ -e "${MINILM:?the folder of MiniLM}/config.json" ] || stop "$MINILM holds no model: MINILM names the folder of MiniLM"
[ -r "$MINILM/vocab.txt" ] || stop "$MINILM/vocab.txt cannot be read: it has the words that others are exchanged for"
command -v "$revue" >/dev/null || stop "there is no program $revue: REVUE names it"
of="phrases $phrases, nothing $nothing, $(cat "$here/make.sh" "$here"/*.awk "$MINILM/vocab.txt" | cksum)"
for file in imdb_train.csv imdb_unsup.csv sst2_train.tsv yelp_stars.csv amazon_bom_crlf.csv airline_tweets.csv; do
	[ -r "$data/$file" ] || stop "$data/$file cannot be read"
	of="$of, $(wc -c <"$data/$file" | tr -d ' ')"
done
mkdir -p "$work"
[ ! -s "$work/texts" ] || [ "$of" = "$(cat "$work/texts")" ] ||
	stop "$work was made of other texts, or by other scripts: name another folder"

# texts FILE OUT VARIABLES...: the texts of a file as CSV
texts() {
	file=$1 out=$2
	shift 2
	awk "$@" -f "$here/texts.awk" <"$file" >"$work/$out" || stop "$file was not read as texts"
}

# join OUT FILE...: one file of several with the same header
join() {
	out=$work/$1
	shift
	(cd "$work" && head -n 1 "$1" && for file in "$@"; do tail -n +2 "$file"; done) >"$out"
}

# train RUN OPTIONS...: a training that goes on where it was stopped, and is left alone when it is done
train() {
	run=$work/$1
	shift
	if [ -e "$run/model/config.json" ]; then # written after the weights
		return
	elif [ -e "$run/run.json" ]; then
		"$revue" train --resume "$run"
	else
		"$revue" train "$@" -o "$run"
	fi
}

# What is learnt from. The tenth part of Yelp is held out, and nothing below looks at it.
truth="0=negative 1=positive" stars="1=negative 2=negative 4=positive 5=positive"
if [ ! -e "$work/texts" ]; then
	texts "$data/sst2_train.tsv" sst2.csv -v TABS=1 -v TEXT=sentence -v LABEL=label -v LABELS="$truth"
	texts "$data/amazon_bom_crlf.csv" amazon.csv -v TEXT=reviewText -v LABEL=Positive -v LABELS="$truth"
	texts "$data/yelp_stars.csv" yelp.csv -v TEXT=text -v LABEL=stars -v LABELS="$stars" -v HELD_OUT=0
	texts "$data/yelp_stars.csv" yelp-held-out.csv -v TEXT=text -v LABEL=stars -v LABELS="$stars" -v HELD_OUT=1
	texts "$data/airline_tweets.csv" airline.csv -v TEXT=text -v LABEL=airline_sentiment \
		-v LABELS="negative=negative positive=positive"
	texts "$data/imdb_train.csv" imdb.csv -v TEXT=review -v LABEL=sentiment
	texts "$data/imdb_train.csv" imdb-excerpts.csv -v TEXT=review -v LABEL=sentiment -v EXCERPTS=1
	join short.csv sst2.csv amazon.csv yelp.csv airline.csv imdb-excerpts.csv

	# Made up by a grammar: negations, comparisons and irony in pairs, and texts that say nothing with both labels.
	awk -v COUNT="$phrases" -f "$here/phrases.awk" </dev/null >"$work/composed.csv"
	awk -v EMPTY=1 -f "$here/phrases.awk" </dev/null >"$work/empty.csv"
	join phrases.csv composed.csv empty.csv
	join taught.csv short.csv phrases.csv
	join all.csv taught.csv imdb.csv

	# Sentences that nobody judged.
	texts "$data/imdb_train.csv" sentences-1.csv -v TEXT=review -v LABEL= -v EXCERPTS=2
	texts "$data/imdb_unsup.csv" sentences-2.csv -v TEXT=review -v LABEL= -v EXCERPTS=3
	texts "$data/yelp_stars.csv" sentences-3.csv -v TEXT=text -v LABEL=stars -v LABELS="1=1 2=2 3=3 4=4 5=5" -v BARE=1 \
		-v HELD_OUT=0 -v EXCERPTS=4
	texts "$data/amazon_bom_crlf.csv" sentences-4.csv -v TEXT=reviewText -v LABEL= -v EXCERPTS=1
	texts "$data/airline_tweets.csv" sentences-5.csv -v TEXT=text -v LABEL=airline_sentiment -v LABELS="neutral=neutral" -v BARE=1
	join sentences.csv sentences-1.csv sentences-2.csv sentences-3.csv sentences-4.csv sentences-5.csv

	# The same with words exchanged for any that MiniLM knows: sentences that nobody would write, which the teacher judges, too.
	texts "$work/taught.csv" swapped-1.csv -v TEXT=review -v LABEL=sentiment -v BARE=1 -v SWAP="$MINILM/vocab.txt"
	texts "$work/sentences.csv" swapped-2.csv -v TEXT=review -v LABEL= -v SWAP="$MINILM/vocab.txt"
	join swapped.csv swapped-1.csv swapped-2.csv

	# Whole reviews that nobody judged.
	texts "$data/imdb_unsup.csv" unsup.csv -v TEXT=review -v LABEL=

	# What has nothing to judge, again with both labels, beside a fifth of all else so that nothing of it is forgotten. Of the
	# grammar's sentences every other one is negative: an odd share takes both.
	awk -v COUNT="$nothing" -f "$here/nothing.awk" </dev/null >"$work/nothing.csv"
	texts "$work/taught.csv" taught-again.csv -v TEXT=review -v LABEL=sentiment -v EVERY=5
	texts "$work/all.csv" all-again.csv -v TEXT=review -v LABEL=sentiment -v EVERY=5
	texts "$work/sentences.csv" sentences-again.csv -v TEXT=review -v LABEL= -v EVERY=5
	join taught-nothing.csv taught-again.csv nothing.csv
	join all-nothing.csv all-again.csv nothing.csv
	echo "$of" >"$work/texts"
fi

# The teachers: a network of sentences, first on what people wrote, then with the grammar's, and at last on what says nothing; a
# linear model of whole reviews.
train sentences "$work/short.csv" -m "$MINILM" --num-train-epochs 1 --learning-rate 1e-4 \
	--per-device-train-batch-size 64 --max-length 128 --warmup-ratio 0.06 --weight-decay 0.01 --validation 0.02 \
	--save-strategy steps --save-steps 400
train teacher "$work/taught.csv" -m "$work/sentences/model" --num-train-epochs 1 --learning-rate 6e-5 \
	--per-device-train-batch-size 64 --max-length 128 --warmup-ratio 0.03 --weight-decay 0.01 --validation 0.02 \
	--baseline false --save-strategy steps --save-steps 400
train calm "$work/taught-nothing.csv" -m "$work/teacher/model" --num-train-epochs 1 --learning-rate 3e-5 \
	--per-device-train-batch-size 64 --max-length 128 --warmup-ratio 0.03 --weight-decay 0.01 --validation 0.02 \
	--baseline false --save-strategy steps --save-steps 400
if [ ! -e "$work/words/config.json" ]; then
	"$revue" baseline "$work/imdb.csv" -o "$work/words" --buckets 8388608 --validation 0
fi

# The student: its pieces begin as the teacher's, all else from nothing; first on what is short, then on all of it. What goes on
# inside the network of sentences it learns too, on the texts that this is asked about.
if [ ! -e "$work/base/config.json" ]; then
	"$revue" new "$work/all.csv" -o "$work/base" --embeddings "$work/teacher/model" --vocab-size 12000 \
		--max-position-embeddings 1024 --hidden-size 192 --num-hidden-layers 3 --num-attention-heads 6 --intermediate-size 576
fi
train first "$work/taught.csv" -m "$work/base" --teacher "$work/teacher/model" --unlabelled "$work/sentences.csv" \
	--unlabelled "$work/swapped.csv" --num-train-epochs 1 --learning-rate 1e-3 --per-device-train-batch-size 64 \
	--max-length 128 --warmup-ratio 0.05 --weight-decay 0.01 --distillation-temperature 1 --distillation-alpha 0.7 \
	--distill-hidden 100 --validation 0.02 --baseline false --save-strategy steps --save-steps 1000
train second "$work/all.csv" -m "$work/first/model" --teacher "$work/teacher/model:1:-100" \
	--teacher "$work/words:1:101-" --unlabelled "$work/sentences.csv" --unlabelled "$work/unsup.csv" \
	--num-train-epochs 1 --learning-rate 6e-4 --per-device-train-batch-size 64 --max-length 1024 --warmup-ratio 0.05 \
	--weight-decay 0.01 --distillation-temperature 1 --distillation-alpha 0.7 --distill-hidden 100 --validation 0 \
	--baseline false --save-strategy steps --save-steps 1000 --save-dtype float16
train third "$work/all-nothing.csv" -m "$work/second/model" --teacher "$work/calm/model:1:-100" \
	--teacher "$work/words:1:101-" --unlabelled "$work/sentences-again.csv" --num-train-epochs 1 --learning-rate 3e-4 \
	--per-device-train-batch-size 64 --max-length 1024 --warmup-ratio 0.05 --weight-decay 0.01 --distillation-temperature 1 \
	--distillation-alpha 0.7 --distill-hidden 100 --validation 0 --baseline false --save-strategy steps --save-steps 1000 \
	--save-dtype float16
echo "$work/third/model"
