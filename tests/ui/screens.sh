#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Plays every key script in tests/ui/screens and compares the screens that it saves with the expected ones beside it.
# `screens.sh --accept` takes what came as expected: read the difference before you commit it.
#
# Times of messages become HH:MM:SS in what is saved.
#
# A script NAME.keys saves screens as NAME.1, NAME.2, ...; expected ones are NAME.1.txt, ... Its comments may say
#   # size: ROWS COLUMNS     # options: what goes before the file on the command line     # locale: NAME
set -u
folder=$(cd "${REVUE_SOURCE-.}/tests/ui" && pwd) || exit 99
scratch=$(mktemp -d "${TMPDIR-/tmp}/revue-screens-XXXXXX") || exit 99
trap 'rm -rf "$scratch"' EXIT
cp "$folder/reviews.csv" "$scratch/"
awk 'BEGIN {
	print "text,label"
	for (i = 1; i <= 3000; i++) printf "word%d ", i
	print ",long\nanother,short"
}' > "$scratch/long.csv"
printf 'review,stars\n"the only one",5\n' > "$scratch/one.csv"
printf 'review,stars\n' > "$scratch/none.csv"
printf 'text,label\nfine,1\na,b,c\nnone,\n\377 byte,0\n' > "$scratch/ragged.csv"
printf 'PK\003\004 and so on' > "$scratch/table.xlsx"
printf 'text,label\n"a quote that does not close,5\n' > "$scratch/quote.csv"
printf 'sep=;\ntext;label\nfine;a\n"so; so";b\n' > "$scratch/sep.csv"
printf '# made by hand\n%s\n%s\n%s\n' "text|label" "good|a" "bad 'so'|b" > "$scratch/bars.txt"
{
	printf '# one\n# two\nid;a_very_long_column_name_which_is_said_in_full;kind_of_it\n'
	printf '1;caf\351 noir, tr\350s bon;a\n2;so so;b\n3;caf\351;a\n4;no;b\n'
} > "$scratch/notes.csv"
printf '{"learning_rate": 2e-05, "per_device_train_batch_size": 32, "my_own": 1}' > "$scratch/args.json"
accept=${1-}
count=0
failed=0

# The value of a "# name: value" comment in a script, or the second argument.
setting() {
	value=$(sed -n "s/^# $1: //p" "$script" | head -n 1)
	echo "${value:-$2}"
}

report() { # ok, name, file with details
	count=$((count + 1))
	if [ "$1" = 0 ]; then
		echo "ok $count - $2"
	else
		failed=1
		echo "not ok $count - $2"
		sed 's/^/# /' "$3"
	fi
}

for script in "$folder"/screens/*.keys; do
	name=$(basename "$script" .keys)
	set -- $(setting size "24 80")
	(
		cd "$scratch" || exit 99
		# shellcheck disable=SC2046
		LINES=$1 COLUMNS=$2 TERM=xterm LC_ALL=$(setting locale C.UTF-8) NO_COLOR='' REVUE_SHARE=/nonexistent \
		timeout 60 "$REVUE" --script "$script" $(setting options "") reviews.csv
	) > "$scratch/said" 2>&1
	for screen in "$scratch/$name".[0-9]*; do
		[ -f "$screen" ] || continue
		sed -i -E 's/^[0-2][0-9]:[0-5][0-9]:[0-5][0-9] /HH:MM:SS /' "$screen"
	done
	report $? "$name plays to its end" "$scratch/said"
	for expected in "$folder/screens/$name".*.txt; do
		screen=$(basename "$expected" .txt)
		[ "$accept" = --accept ] && continue
		diff -u "$expected" "$scratch/$screen" > "$scratch/difference" 2>&1
		report $? "$screen is as expected" "$scratch/difference"
	done
	if [ "$accept" = --accept ]; then
		for screen in "$scratch/$name".[0-9]*; do
			[ -f "$screen" ] || continue
			cp "$screen" "$folder/screens/$(basename "$screen").txt"
		done
	fi
done
echo "1..$count"
exit $failed
