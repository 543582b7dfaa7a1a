#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Measures a model on what make.sh kept from all that learns: measure.sh DATA WORK [MODEL]
#
#   DATA   imdb_test5k.csv and sst2_dev.tsv, and what the model learnt from; what is not there is passed over
#   WORK   the folder that make.sh worked in
#   MODEL  WORK/third/model where it is not given
#   REVUE  the program (environment; else that on PATH)
set -eu
unset CDPATH

stop() {
	printf '%s: %s\n' "$0" "$1" >&2
	exit 1
}

[ $# -ge 2 ] && [ $# -le 3 ] || stop "wants the folder of the data, that where make.sh worked, and perhaps that of a model"
share=$(cd "$(dirname "$0")/../.." && pwd) revue=${REVUE:-revue}
data=$1 work=$2 model=${3:-$2/third/model}
[ -e "$model/config.json" ] || stop "$model holds no model"
command -v "$revue" >/dev/null || stop "there is no program $revue: REVUE names it"

# measure NAME FILE [FILE...]: on those rows of the first whose text stands in none of the others, which it learnt from
measure() {
	name=$1 file=$2
	shift 2
	[ -e "$file" ] || return 0
	for other; do
		shift
		[ ! -e "$other" ] || set -- "$@" --exclude "$other"
	done
	"$revue" eval "$file" "$@" -m "$model" 2>/dev/null | awk -v name="$name" '
		$1 == "accuracy" { accuracy = $2 }
		$1 == "loss" { loss = $2 }
		$1 == "certainty" { error = $6; chance = $NF; sub(/,/, "", error) }
		$2 == "rows:" { rows = $1; used = $3; gsub(",", "", rows); gsub(",", "", used) }
		END {
			if (!used)
				print name ": was not measured"
			else
				printf "%-34s %6d %5d  %.3f  %.3f  %.3f  %.3f\n", name, used, rows - used, accuracy, loss, error, chance
		}'
}

printf '%-34s %6s %5s  acc.   loss   ECE    by chance\n' on rows out
measure "IMDb, of its test set" "$data/imdb_test5k.csv" "$data/imdb_train.csv" "$data/imdb_unsup.csv"
measure "SST-2, development" "$data/sst2_dev.tsv" "$data/sst2_train.tsv"
measure "Yelp, a tenth held out" "$work/yelp-held-out.csv" "$work/yelp.csv"
measure "the sample reviews" "$share/samples/reviews.csv" "$work/taught.csv"
measure "short sentences" "$share/../tests/golden/short_sentences.csv" "$work/taught.csv"
empty=$share/../tests/golden/empty_texts.txt
[ ! -e "$empty" ] || "$revue" score "$empty" -m "$model" --input-format lines --format tsv 2>/dev/null | awk -F '\t' '
	$2 < 0.7 { near++ }
	END { printf "%-34s %6d        %d of them below 0.7 for either label\n", "texts that say nothing", NR, near }'
for text in the and "a table" "I bought it in May." "not bad at all" "The kettle is not bad at all."; do
	printf '%-34s %s\n' "$text" "$("$revue" score "$text" -m "$model" 2>/dev/null | tail -n 1)"
done
