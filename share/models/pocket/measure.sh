#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Measures a model on what make.sh kept from all that learns: measure.sh DATA WORK [MODEL]
#
#   DATA   imdb_test5k.csv and sst2_dev.tsv; what is not there is left out
#   WORK   the folder that make.sh worked in
#   MODEL  WORK/second/model where it is not given; a longest input of 512 tokens
#   REVUE  the program (environment; else that on PATH)
set -eu
share=$(cd "$(dirname "$0")/../.." && pwd) revue=${REVUE:-revue}
data=$1 work=$2 model=${3:-$2/second/model}

measure() {
	[ -e "$2" ] || return 0
	"$revue" eval "$2" -m "$model" --max-length 512 2>/dev/null | awk -v name="$1" '
		$1 == "accuracy" { accuracy = $2 }
		$1 == "loss" { loss = $2 }
		$1 == "certainty" { ece = $NF }
		$2 == "rows:" { rows = $1; gsub(",", "", rows) }
		END { printf "%-34s %6d  %.3f  %.3f  %.3f\n", name, rows, accuracy, loss, ece }'
}

printf '%-34s %6s  acc.   loss   ECE\n' on rows
measure "IMDb, of its test set" "$data/imdb_test5k.csv"
measure "SST-2, development" "$data/sst2_dev.tsv"
measure "Yelp, a tenth held out" "$work/yelp-held-out.csv"
measure "the sample reviews" "$share/samples/reviews.csv"
measure "short sentences" "$share/../tests/golden/short_sentences.csv"
for text in the and "a table" "I bought it in May." "not bad at all" "The kettle is not bad at all."; do
	printf '%-34s %s\n' "$text" "$("$revue" score "$text" -m "$model" 2>/dev/null | tail -n 1)"
done
