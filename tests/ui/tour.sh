#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The guided tour: a key script takes all of it, with a short training; each step comes by what was done; nothing stays, whatever
# ends it. In lines too.
. "${REVUE_SOURCE:-.}/tests/ui/played.sh"
told='../said ../heard ../welcome.txt ../differs'
mkdir person tmp work
export HOME="$scratch/person" TMPDIR="$scratch/tmp" XDG_CONFIG_HOME="$scratch/person/config" XDG_STATE_HOME="$scratch/person/state"
export XDG_CACHE_HOME="$scratch/person/cache" REVUE_CONFIG="$scratch/person/settings"
unset REVUE_HISTORY
printf 'set theme light\n' > person/settings
cd work || exit 99

listing() {
	cat "$scratch/person/settings"
	find "$scratch/person" "$scratch/tmp" "$scratch/work" | sort
}

shows() { # file, pattern, name
	grep -qE -e "$2" "../$1.txt"
	report $? "$3"
}

# What a newcomer does; epochs as few as make the test short.
cat > ../keys <<KEYS
wait idle
save-screen $scratch/welcome.txt
key 2
wait text step 2 of 16
key j j j j
wait text step 3 of 16
key F7
wait text step 2 of 16
key F8
wait text step 3 of 16
key /
type waitress
key Enter
wait text step 4 of 16
wait idle
key e
wait text step 5 of 16
key &
type label=negative confidence<=0.6
key Enter
wait text step 6 of 16
save-screen $scratch/score.txt
key 4
type the soup was cold
wait text step 7 of 16
save-screen $scratch/typing.txt
key Enter
wait text step 8 of 16
key Esc 3
wait text step 9 of 16
key /
type epochs
key Enter Enter Ctrl-U
type 2
key Enter
wait text step 10 of 16
do probe the waiter was in no hurry
wait text step 11 of 16
do write-settings
do set theme contrast
key s
wait text step 12 of 16
wait text Accuracy
key Tab Enter
wait text step 14 of 16
save-screen $scratch/trained.txt
key 5
wait idle
key Enter
wait text step 15 of 16
key 4
type not bad but not good
key Enter
wait text step 16 of 16
save-screen $scratch/end.txt
do quit
KEYS
listing > ../before
timeout 200 "$REVUE" tour --script ../keys > ../said 2>&1
report $? "the tour is taken"
shows welcome 'Tour, step 1 of 16 \(F8 skips it, F7 goes back\)' "a strip tells the step"
shows welcome 'Now look at the reviews themselves: press 2\.' "with the key that is meant"
shows welcome 'reviews.csv' "over the ordinary screen"
shows score 'press 4, and write' "a step"
shows typing 'Tour, step 7 of 16' "goes on by itself while somebody types"
shows trained 'To see, press 5, and' "the end of the training is seen"
shows trained 'finished' "and is one"
shows end 'That was the tour' "it comes to its end"
listing > ../after
diff ../before ../after > ../differs
report $? "nothing is left or changed"

# Whatever ends it.
for signal in TERM KILL HUP; do
	printf 'key 3\nwait idle\nkey s\nwait 100000\n' > ../keys
	timeout 100 "$REVUE" tour --script ../keys > ../said 2>&1 &
	pid=$!
	tries=0
	while [ -z "$(find ../tmp -name metrics.jsonl)" ] && [ $tries -lt 200 ]; do
		sleep 0.1
		tries=$((tries + 1))
	done
	[ $tries -lt 200 ]
	report $? "a training goes on in the tour"
	child=$(ps -o pid= --ppid $pid | head -n 1)
	kill -$signal $child
	wait $pid
	tries=0
	while [ -n "$(ls ../tmp)" ] && [ $tries -lt 100 ]; do
		sleep 0.1
		tries=$((tries + 1))
	done
	[ -z "$(ls ../tmp)" ]
	report $? "after $signal its folder is gone"
done

# Each step by its skip, in lines.
{
	echo look
	i=0
	while [ $i -lt 16 ]; do
		echo skip
		i=$((i + 1))
	done
	echo step-back
	echo reviews
} | timeout 100 "$REVUE" tour --plain > ../heard 2> ../said
report $? "the tour is told in lines"
grep -q '^Tour, step 1 of 16\. Welcome\. .*type reviews\.$' ../heard
report $? "a step is a sentence that names what to type"
[ "$(grep -c '^Tour, step' ../heard)" -ge 16 ] && grep -q '^this is the last step\.$' ../heard
report $? "each can be skipped"
printf 'reviews\n5\n/waitress\n' | timeout 100 "$REVUE" tour --plain > ../heard 2> ../said
grep -q '^Tour, step 4 of 16' ../heard
report $? "and is done by what is typed"
printf 'skip\n' | REVUE_HISTORY=off timeout 60 "$REVUE" --plain > ../heard 2> ../said
grep -q '^there is no tour here' ../heard
report $? "elsewhere there is none to skip"
"$REVUE" tour < /dev/null > ../heard 2> ../said
[ $? = 2 ] && [ -z "$(ls ../tmp)" ]
report $? "without a terminal it does not begin"
listing > ../after
diff ../before ../after > ../differs
report $? "and still nothing is left or changed"
cd .. || exit 99
finish
