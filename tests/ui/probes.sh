#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Sentences that are followed while a model learns, from a file: of a training without a screen, of one that the screens begin,
# and of one that another process trains.
. "${REVUE_SOURCE:-.}/tests/ui/played.sh"
told='said err *.screen'

awk 'BEGIN {
	print "text,label"
	for (i = 1; i <= 60; i++) printf "a wonderful film %d,positive\na terrible film %d,negative\n", i, i
}' > films.csv
printf 'a wonderful film\n\n  a terrible film \r\n' > two.txt
printf 'a wonderful film\na terrible film' > kept.txt

train() { # RUN [OPTION...]
	run=$1
	shift
	"$REVUE" train films.csv -o "$run" --max-steps 2 --save-steps 0 --baseline=no "$@" > said 2> err
}
train run --probes two.txt
report $? "a training takes its sentences from a file"
cmp -s run/probes.txt kept.txt && grep -q '"probe":2.*"text":"a terrible film"' run/metrics.jsonl
report $? "they are kept with the run and written into its log"

printf '3\n4\n5\n6\n7\n8\n9\n' > seven.txt
train none --probe 1 --probe 2 --probes seven.txt
[ $? = 2 ] && [ "$(cat err)" = "revue: --probes seven.txt: --probe: 8 at most" ] && [ ! -d none ]
report $? "those of --probe count with them, and a ninth is refused before anything is made"
: > empty.txt
train none --probes empty.txt
[ $? = 65 ] && [ "$(wc -l < err)" = 1 ] && grep -q 'empty.txt: no sentence in it' err && [ ! -d none ]
report $? "a file without a sentence is one clear line"
"$REVUE" --script /dev/null --probes nowhere.txt films.csv > said 2> err
[ $? != 0 ] && [ "$(wc -l < err)" = 1 ] && grep -q 'nowhere.txt' err
report $? "so is one that is not there, where the screens would open"

cat > keys <<'KEYS'
wait idle
key 3
do setting probe
wait text a terrible film
save-screen form.screen
do setting max-steps
key Enter Ctrl-U
type 2
key Enter
key s
wait text finished
do chart probes
wait text Probes
do large
save-screen chart.screen
KEYS
timeout 100 "$REVUE" --script keys --probes two.txt films.csv > said 2> err
report $? "the form of the screens has them, and a training begun there"
grep -q 'a wonderful film' chart.screen && cmp -s run-1/probes.txt kept.txt
report $? "their chart names them, and they are kept with the run"

"$REVUE" train films.csv -o live --max-steps 1000000 --save-steps 0 --baseline=no --eval-strategy no --probe "a terrible film" \
	> said 2> err &
trainer=$!
for _ in $(seq 300); do
	grep -q '"type":"step"' live/metrics.jsonl 2> err && break
	sleep 0.1
done
"$REVUE" watch live --probes two.txt --read-only > said 2> err
[ $? = 2 ] && grep -q -e '--read-only changes nothing' err && ! grep -q wonderful live/probes.txt
report $? "who only looks adds none"
# It follows the run as lines until it is told to leave.
"$REVUE" watch live --lines --probes two.txt > said 2> err &
watcher=$!
for _ in $(seq 300); do
	grep -q '"text":"a wonderful film"' live/metrics.jsonl && break
	sleep 0.1
done
kill -TERM $watcher $trainer
wait $watcher $trainer
grep -q '"text":"a wonderful film"' live/metrics.jsonl && [ "$(grep -c terrible live/probes.txt)" = 1 ]
report $? "watch run --probes adds those that a training of another process does not follow yet"
"$REVUE" watch run --probes two.txt > said 2> err
[ $? = 2 ] && grep -q 'run has finished' err
report $? "a run that has finished takes none"

printf 'a dull film\n' > one.txt
"$REVUE" train --resume live --probes one.txt > said 2> err &
trainer=$!
for _ in $(seq 300); do
	grep -q '"text":"a dull film"' live/metrics.jsonl && break
	sleep 0.1
done
kill -TERM $trainer
wait $trainer
grep -q '"text":"a dull film"' live/metrics.jsonl
report $? "a training that goes on takes more"
finish
