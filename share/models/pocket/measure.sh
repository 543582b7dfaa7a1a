#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Measures a model on what make.sh kept from all that learns: measure.sh DATA WORK [MODEL]
#
#   DATA   imdb_test5k.csv and sst2_dev.tsv; what is not there is left out
#   WORK   the folder that make.sh worked in
#   MODEL  WORK/second/model where it is not given
#   REVUE  the program (environment; else that on PATH)
set -eu
unset CDPATH

stop() {
	printf '%s: %s\n' "$0" "$1" >&2
	exit 1
}

[ $# -ge 2 ] && [ $# -le 3 ] || stop "wants the folder of the data, that where make.sh worked, and perhaps that of a model"
share=$(cd "$(dirname "$0")/../.." && pwd) revue=${REVUE:-revue}
data=$1 work=$2 model=${3:-$2/second/model}
[ -e "$model/config.json" ] || stop "$model holds no model"
command -v "$revue" >/dev/null || stop "there is no program $revue: REVUE names it"

measure() {
	[ -e "$2" ] || return 0
	"$revue" eval "$2" -m "$model" 2>/dev/null | awk -v name="$1" '
		$1 == "accuracy" { accuracy = $2 }
		$1 == "loss" { loss = $2 }
		$1 == "certainty" { ece = $NF }
		$2 == "rows:" { rows = $1; gsub(",", "", rows) }
		END { if (rows) printf "%-34s %6d  %.3f  %.3f  %.3f\n", name, rows, accuracy, loss, ece; else print name ": was not measured" }'
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
