#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# revue info on files of reviews. Models and runs: test_train.sh.
. "${REVUE_SOURCE:-.}/tests/cli/tap.sh"
info() {
	"$revue" info --format json "$1" | "$parse" json "$2"
}
printf 'id,review,stars\n1,fine,5\n2,"not, fine",1\n3,fine,5\n4,,5\n5,left out,\n6,ragged\n' >reviews.csv
mkdir -p folder/neg folder/pos
echo bad >folder/neg/1.txt
echo good >folder/pos/1.txt

is "data: its format" '"CSV" "UTF-8" "comma"' "$(info reviews.csv format) $(info reviews.csv encoding) $(info reviews.csv delimiter)"
is "data: its columns" '["id","review","stars"] "review" "stars"' \
	"$(info reviews.csv columns) $(info reviews.csv text_column) $(info reviews.csv label_column)"
is "data: rows used, and the others by reason" '6 4 1 1' \
	"$(info reviews.csv rows) $(info reviews.csv rows_used) $(info reviews.csv skipped_no_label) $(info reviews.csv skipped_ragged)"
is "data: labels with their counts" '{"5":3,"1":1}' "$(info reviews.csv labels)"
is "data: empty texts" 1 "$(info reviews.csv empty_texts)"
is "data: the label column can be named" '"id"' "$("$revue" info --format json --label-column id reviews.csv | "$parse" json label_column)"
is "data: the same as text" 'labels 5 3, 1 1' "$("$revue" info reviews.csv | grep '^labels' | tr -s ' ')"
is "data: folders of reviews" '{"neg":1,"pos":1}' "$(info folder labels)"
is "data from standard input" 2 "$(printf 'good\nbad\n' | "$revue" info --format json - | "$parse" json rows)"
is "what does not exist" "65 or 74" "$("$revue" info nothing 2>err; case $? in 65 | 74) echo "65 or 74" ;; esac)"
is "it says one line" 1 "$(wc -l <err | tr -d ' ')"
done_testing
