#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Plays every key script in tests/ui/screens and compares the screens that it saves with the expected ones beside it.
# `screens.sh --accept` takes what came as expected: read the difference before you commit it.
#
# Times of messages become HH:MM:SS in what is saved, what a score took N ms, and the date when a run died YYYY-MM-DD HH:MM.
#
# A script NAME.keys saves screens as NAME.1, NAME.2, ...; expected ones are NAME.1.txt, ... Its comments may say
#   # size: ROWS COLUMNS     # options: what goes before the file on the command line     # locale: NAME
set -u
folder=$(cd "${REVUE_SOURCE-.}/tests/ui" && pwd) || exit 99
scratch=$(mktemp -d "${TMPDIR-/tmp}/revue-screens-XXXXXX") || exit 99
trap 'rm -rf "$scratch"' EXIT
cp "$folder/reviews.csv" "$scratch/"
ln -s "$folder/../../share/models/pocket" "$scratch/pocket"
awk 'BEGIN {
	print "text,label"
	for (i = 1; i <= 3000; i++) printf "word%d ", i
	print ",long\nanother,short"
}' > "$scratch/long.csv"
printf 'review,stars\n"the only one",5\n' > "$scratch/one.csv"
printf 'review,stars\n"a wonderful place",5\nterrible,1\nso so,3\n' > "$scratch/stars.csv"
cat > "$scratch/doubles.csv" <<'END'
text,label
The waitress was rude and the soup was cold when it came to our table,bad
a fine evening,good
"THE WAITRESS, was rude; and the soup was cold when it came to our table!",bad
the waitress was rude and the soup was cold when it came to our place,bad
the cook was nice and the soup was hot,good
!!!,good
END
printf 'review,stars\n' > "$scratch/none.csv"
printf 'review,sentiment\nfine,cheerful\nbad,gloomy\nso so,gloomy\n' > "$scratch/mood.csv"
printf 'text,label,first,second,third\nfine,good,1,2,3\n' > "$scratch/columns.csv"
printf 'text,label\nfine,1\na,b,c\nnone,\n\377 byte,0\n' > "$scratch/ragged.csv"
printf 'PK\003\004 and so on' > "$scratch/table.xlsx"
printf 'text,label\n"a quote that does not close,5\n' > "$scratch/quote.csv"
awk 'BEGIN {
	print "review,day,stars"
	for (i = 0; i < 40; i++) printf "a fine film %d,2023-0%d-01,%d\n", i, 1 + i % 9, i % 2
}' > "$scratch/dates.csv"
printf 'sep=;\ntext;label\nfine;a\n"so; so";b\n' > "$scratch/sep.csv"
printf '# made by hand\n%s\n%s\n%s\n' "text|label" "good|a" "bad 'so'|b" > "$scratch/bars.txt"
{
	printf '# one\n# two\nid;a_very_long_column_name_which_is_said_in_full;kind_of_it\n'
	printf '1;caf\351 noir, tr\350s bon;a\n2;so so;b\n3;caf\351;a\n4;no;b\n'
} > "$scratch/notes.csv"
printf 'sans bruit, tr\350s bon;bon\nmal cuit, caf\351 froid;mauvais\nrien \340 dire;bon\n' > "$scratch/latin.csv"
printf 'text\tlabel\nhe said "fine\tgood\n"quoted" start\tbad\nso "so"\tgood\n' > "$scratch/raw.tsv"
printf 't\0e\0x\0t\0;\0l\0a\0b\0e\0l\0\n\0f\0i\0n\0e\0;\0a\0\n\0s\0o\0 \0s\0o\0;\0b\0\n\0' > "$scratch/wide.csv"
printf 'te\033[31mxt,la\033]0;owned\007bel\nfi\033[2Jne\342\200\256,\033[5m\nso,b\n' > "$scratch/hostile.csv"
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
 "2 texts stand there with more than one label \u001b[31m",
 "12 of 20 reviews are cut: a larger --max-length keeps more"]}}
END
cp "$scratch/before/run.json" "$scratch/after/"
for step in 1 2 3; do
	printf '{"type":"step","step":%d,"epoch":0.1,"time":%d,"loss":0.%d,"learning_rate":5e-05,"grad_norm":1,"tokens_per_second":900}\n' \
		$step $step $((7 - step)) >> "$scratch/after/metrics.jsonl"
done
# One that failed before its first step.
mkdir "$scratch/failed"
cp "$scratch/before/run.json" "$scratch/failed/"
printf '{"type":"event","step":0,"time":1,"state":"failed","date":"2026-11-29T10:15:00Z","text":"--class-weights: 3 numbers for 2 labels"}\n' \
	> "$scratch/failed/metrics.jsonl"
# Runs that are over, with all that charts show. FOLDER STEPS STEPS-OF-AN-EPOCH WORSE [STEPS-THAT-WERE-PLANNED LAST-EVENT]
curves() {
	mkdir "$scratch/$1"
	printf '{"format": 1, "data": {"path": "/data/imdb.csv"}, "model": {"path": "/models/base"}, "validation": {"path": ""},
		"options": {"eval_strategy": "epoch"}, "labels": ["negative", "positive"], "steps": %d, "steps_per_epoch": %d,
		"held_out": 2499, "rows": 25000, "started": 1790000000}' "${5-$2}" "$3" > "$scratch/$1/run.json"
	awk -v steps="$2" -v epoch="$3" -v worse="$4" -v said="${6-that is all}" '
	function noise() { seed = (seed * 69069 + 12345) % 4294967296; return seed / 4294967296 - 0.5 }
	function evaluation(step) {
		printf "{\"type\":\"evaluation\",\"step\":%d,\"epoch\":%d,\"time\":%d,\"loss\":%.4f,\"accuracy\":%.4f,\"f1\":%.4f}\n",
			step, step / epoch, step, 0.35 + worse + 0.34 * exp(-5 * step / steps) + 0.1 * (step / steps) ^ 2,
			0.9 - worse - 0.38 * exp(-7 * step / steps), 0.89 - worse - 0.4 * exp(-7 * step / steps)
	}
	BEGIN {
		seed = 7
		evaluation(0)
		for (step = 1; step <= steps; step++) {
			if (step == steps / 2)
				printf "{\"type\":\"event\",\"step\":%d,\"time\":%d,\"state\":\"running\",\"text\":\"goes on from checkpoint-%06d\"}\n",
					step, step, step - 1
			loss = step == int(steps * 0.4) ? "null" : step == int(steps * 0.7) ? 2.5 : \
				sprintf("%.4f", 0.3 + 0.45 * exp(-6 * step / steps) + 0.3 * noise())
			printf "{\"type\":\"step\",\"step\":%d,\"epoch\":%.4f,\"time\":%d,\"loss\":%s,\"learning_rate\":%.4g,\"grad_norm\":%.4f,\"tokens_per_second\":%.1f,\"memory\":1.1e9}\n",
				step, step / epoch, step, loss, 5e-5 * (1 - step / steps), 2 + noise(), 900 + 100 * noise()
			if (step % epoch == 0) {
				evaluation(step)
				printf "{\"type\":\"event\",\"step\":%d,\"time\":%d,\"state\":\"note\",\"text\":\"checkpoint-%06d written\"}\n",
					step, step, step
			}
		}
		printf "{\"type\":\"event\",\"step\":%d,\"time\":%d,\"state\":\"%s\",\"date\":\"2026-11-29T10:15:00Z\",\"text\":\"%s\"}\n",
			steps, steps, (worse > 0) ? "failed" : "finished", (worse > 0) ? "no space is left on the device" : said
	}' > "$scratch/$1/metrics.jsonl"
}
curves curves 400 50 0
curves earlier 200 50 0.05
curves many 100000 5000 0
curves stopped 300 50 0 400 "finished early after step 300, as eval_loss did not improve in 2 evaluations: the model is in stopped/model"
# Some of them beside each other, one without checkpoints, so that its epochs can be seen.
mkdir "$scratch/several"
cp -r "$scratch/curves" "$scratch/earlier" "$scratch/stopped" "$scratch/several/"
sed -i '/checkpoint-[0-9]* written/d' "$scratch/several/curves/metrics.jsonl"
# A run whose scores of 200 held-out reviews are kept: it is surer than right, the more so the surer it is. Logits of the second label
# grow by quarters; every fifth row of the sure ones is wrong.
mkdir "$scratch/kept"
cp -r "$scratch/curves" "$scratch/kept/sure"
awk 'function byte(b) { printf "\\%03o", b }
	function whole(n, bytes) { for (; bytes > 0; bytes--) { byte(n % 256); n = int(n / 256) } }
	function real(r,    e, f, bits) {
		if (r == 0) { whole(0, 4); return }
		f = r < 0 ? -r : r
		for (e = 127; f >= 2; e++) f /= 2
		for (; f < 1; e--) f *= 2
		bits = (f - 1) * 8388608 + e % 2 * 8388608
		whole(bits, 3)
		byte((r < 0 ? 128 : 0) + int(e / 2))
	}
	function logit(i) { return (i % 2 ? 1 : -1) * int(i / 10 + 1) / 4 }
	BEGIN {
		for (i = 0; i < 200; i++) whole(i, 8)
		for (i = 0; i < 200; i++) whole(i + 2, 8)
		for (i = 0; i < 200; i++) whole(i % 2 == (i % 5 == 1 || i % 7 == 1) ? 0 : 1, 4)
		for (i = 0; i < 200; i++) { real(0); real(logit(i)) }
	}' > "$scratch/bytes"
{
	echo '{"format":1,"step":400,"rows":200,"labels":["negative","positive"],"sets":false,"validation":false}'
	printf "$(cat "$scratch/bytes")"
} > "$scratch/kept/sure/held_out.scores"
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
		LINES=$1 COLUMNS=$2 TERM=xterm LC_ALL=$(setting locale C.UTF-8) NO_COLOR='' TZ=UTC XDG_CACHE_HOME="$scratch/cache" \
		REVUE_SHARE=/nonexistent \
		timeout 60 "$REVUE" --script "$script" $(setting options "") reviews.csv
	) > "$scratch/said" 2>&1
	played=$?
	for screen in "$scratch/$name".[0-9]*; do
		[ -f "$screen" ] || continue
		sed -i -E -e 's/^[0-2][0-9]:[0-5][0-9]:[0-5][0-9] /HH:MM:SS /' -e 's/tokens(.*), [0-9.]+ ms$/tokens\1, N ms/' -e '2s/(resumed)  20[0-9-]{8} [0-9:]{5}/\1  YYYY-MM-DD HH:MM/' "$screen"
	done
	report $played "$name plays to its end" "$scratch/said"
	for expected in "$folder/screens/$name".*.txt; do
		screen=$(basename "$expected" .txt)
		[ "$accept" = --accept ] && continue
		diff -u "$expected" "$scratch/$screen" > "$scratch/difference" 2>&1
		report $? "$screen is as expected" "$scratch/difference"
	done
	for screen in "$scratch/$name".[0-9]*; do
		[ -f "$screen" ] || continue
		if [ "$accept" = --accept ]; then
			cp "$screen" "$folder/screens/$(basename "$screen").txt"
		elif [ ! -f "$folder/screens/$(basename "$screen").txt" ]; then
			report 1 "$(basename "$screen") is saved, and nothing is expected of it" "$screen"
		fi
	done
done
# What COMPARISON says of revue is shown by a test that has these words.
awk -F' *[|] *' 'NF == 6 && $2 == "yes" { print $6 }' "$folder/COMPARISON" | while IFS= read -r shown; do
	grep -qF -e "${shown#*: }" "$folder/${shown%%: *}" 2>&1 || echo "no test shows: $shown"
done > "$scratch/unshown"
[ "$(grep -c ' yes ' "$folder/COMPARISON")" -ge 60 ] && [ ! -s "$scratch/unshown" ]
report $? "each yes of COMPARISON has its test" "$scratch/unshown"
echo "1..$count"
exit $failed
