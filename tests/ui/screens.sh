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
# A run that nobody trains, with a report of all kinds of lines; the other one has made its first steps.
mkdir "$scratch/before" "$scratch/after"
cat > "$scratch/before/run.json" <<'END'
{"format": 1, "data": {"path": "/data/imdb.csv"}, "model": {"path": "/models/base"}, "validation": {"path": ""},
 "options": {}, "labels": ["negative", "positive"], "steps": 4221, "steps_per_epoch": 1407, "report": {"lines": [
 "labels: negative 11,250 (50 %), positive 11,251 (50 %)",
 "to measure on: negative 1,250 (50 %), positive 1,249 (50 %)",
 "tokens: median 233, longest 3,127; 44 % of the reviews are cut after 256, which loses 28 % of all tokens",
 "texts: 3 empty, 96 repeat an earlier one",
 "newly initialised: classifier.weight, classifier.bias",
 "parameters: 22,714,370, all of them trained",
 "memory: about 1.1 GB of 15.9 GB: parameters 90.9 MB, packed copies 43.1 MB, gradients 90.9 MB, moments 182 MB, activations 654 MB, token ids 19.6 MB, the rest 10.9 MB",
 "time: 4,221 steps, about 1 h 12 min, by 180 ms that a probe of 1,012 tokens took"],
 "warnings": [
 "17 of the 2,499 rows to measure on have a text that is trained on too: figures will be too good",
 "2 texts stand there with more than one label \u001b[31m"]}}
END
cp "$scratch/before/run.json" "$scratch/after/"
for step in 1 2 3; do
	printf '{"type":"step","step":%d,"epoch":0.1,"time":%d,"loss":0.%d,"learning_rate":5e-05,"grad_norm":1,"tokens_per_second":900}\n' \
		$step $step $((7 - step)) >> "$scratch/after/metrics.jsonl"
done
# One that failed before its first step.
mkdir "$scratch/failed"
cp "$scratch/before/run.json" "$scratch/failed/"
printf '{"type":"event","step":0,"time":1,"state":"failed","text":"--class-weights: 3 numbers for 2 labels"}\n' \
	> "$scratch/failed/metrics.jsonl"
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
