#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# With --read-only nothing is written: a folder tree with data, a run, histories and settings is the same before and after every
# action that writes was done on every screen, by the screens and by the lines. Which actions these are is read from the table.
# And what is private is not written any more after :set history off.
. "${REVUE_SOURCE:-.}/tests/ui/played.sh"
table=$share/../ui/action.h
told='said *.txt after.diff'
mkdir -p tree/home && cd tree || exit 99
unset REVUE_HISTORY
export HOME="$scratch/tree/home" XDG_STATE_HOME="$scratch/tree/state" XDG_CACHE_HOME="$scratch/tree/cache" \
	REVUE_CONFIG="$scratch/tree/config"

# Every file and folder with its contents, owner of its name (inode), mode and times of writing.
picture() {
	find . -printf '%p %y %m %s %i %T@\n' | sort
	find . -type f -exec cksum {} + | sort
}
same() { # before, after
	diff ../"$1" ../"$2" > ../after.diff
}

awk 'BEGIN {
	print "text,label"
	for (i = 1; i <= 20; i++) printf "a wonderful film %d,positive\na terrible film %d,negative\n", i, i
}' > films.csv
printf 'text;label\na fine soup;good\na bad soup;bad\n' > soups.csv
printf 'set theme contrast\n' > config
"$REVUE" train films.csv -o run --num-train-epochs 1 --max-length 16 --save-steps 1 --save-strategy steps > ../said 2>&1
report $? "a run is there"

# What a session leaves behind that may write: the histories, the files that were opened, how they are read, what was predicted.
sed 's/^\t*//' > ../private <<'LINES'
	dialect delimiter ;
	open films.csv
	reviews
	count
	score
	a film that I would not show to anybody
	look
LINES
session() { # REVUE's arguments; lines
	timeout 60 "$REVUE" --plain "$@" > ../said 2>&1
}
session soups.csv < ../private
find state cache -type f 2> /dev/null | sort | tr '\n' ' ' > ../kept.txt
grep -q 'state/revue/dialects' ../kept.txt && grep -q 'state/revue/recent-files' ../kept.txt &&
	grep -rq 'dialect delimiter' state && grep -q 'cache/revue/predictions' ../kept.txt
report $? "without it histories, opened files, dialects and predictions are written"

# The actions that the table marks; `do` takes each of them on every screen.
writing=$(sed -n 's/^\tX([A-Z_]*, "\([a-z-]*\)".*| WRITES, .*/\1/p' "$table")
only_there=$(sed -n 's/^\tX([A-Z_]*, "\([a-z-]*\)".*| WRITES_IN(\([A-Z_]*\)), .*/\2:\1/p' "$table")
words_of() {
	case $1 in
	export | save-data) echo new.csv ;;
	save-lesson) echo new.jsonl ;;
	save-screen) echo new.svg ;;
	relabel) echo positive ;;
	rate) echo 1e-4 ;;
	epochs) echo 9 ;;
	resume) echo run ;;
	rename) echo other ;;
	note | probe) echo something ;;
	esac
}
try() { # NAME: without words, with words, and its answer
	for words in '' "$(words_of "$1")"; do
		number=$((number + 1))
		printf 'key Esc\ndo %s %s\nsave-screen ../%03d.%s.txt\nkey Esc\n' "$1" "$words" "$number" "$1"
	done
}
number=0
{
	echo 'wait idle'
	for screen in 'key 1' 'key 1 d' 'key 1 f' 'key 2' 'key 3' 'do watch run' 'key 4 Esc' 'key 5' 'key ?'; do
		printf '%s\nwait idle\n' "$screen"
		[ "$screen" != 'do watch run' ] || echo 'wait text finished'
		for name in $writing; do
			try "$name"
		done
		[ "$screen" != 'do watch run' ] || try "$(echo "$only_there" | sed -n 's/^IN_RUN://p')"
		[ "$screen" != 'key 5' ] || try "$(echo "$only_there" | sed -n 's/^IN_RUNS://p')"
	done
} > ../writers
cat >> ../writers <<'KEYS'
key 1
do open soups.csv
wait idle
do dialect delimiter ;
wait idle
key 4 i
type a film that nobody has seen
key Enter Esc
do try
do checkpoint-back
wait idle
do set history on
do predict
do predict
key 3
do copy-command
key Esc q 2
wait idle
key ?
save-screen ../help.txt
key q
save-screen ../reviews.txt
KEYS
picture > ../before
timeout 100 "$REVUE" --read-only --script ../writers films.csv > ../said 2>&1
report $? "every action that writes is asked for on every screen"
picture > ../after
same before after
report $? "no file or folder has changed"
asked=$(ls ../[0-9]*.txt | wc -l)
refused=$(grep -lE '^only looked at \(--read-only\): "[a-z-]+" would change something' ../[0-9]*.txt | wc -l)
[ "$(echo "$writing" | wc -l)" -ge 17 ] && [ "$(echo "$only_there" | wc -l)" = 2 ] && [ "$asked" -ge 300 ] && [ "$asked" = "$refused" ]
status=$?
[ $status = 0 ] || rm -f ../[0-9]*.txt
report $status "each of them says so in a line ($refused of $asked)"
rm -f ../[0-9]*.txt

grep -q '^Only looked at (--read-only)' ../help.txt && ! grep -q ':export' ../help.txt && ! grep -q 'w export' ../reviews.txt
report $? "help leaves out what is refused"
session --read-only soups.csv < ../private
{
	printf 'set history on\n'
	cat ../private
} > ../private.on
session --read-only soups.csv < ../private.on
picture > ../after
same before after
report $? "no history, opened file, dialect or prediction is written, by :set history on neither"
"$REVUE" --read-only --probes films.csv --plain < /dev/null > ../said 2>&1
[ $? = 2 ] && grep -q 'begins no training' ../said
report $? "sentences for trainings that cannot begin are refused"
printf 'do save-screen written.txt\nwait 100\n' > ../writes
"$REVUE" --script ../writes films.csv > ../said 2>&1 && [ -s written.txt ]
report $? "without it the same action writes"

# :set history off
rm -rf state cache
{
	printf 'set history off\n'
	cat ../private
} > ../private.off
session soups.csv < ../private.off
! find state cache -type f 2> /dev/null | grep -v '/recent-files$' > ../kept.txt
status=$?
! grep -rqsE 'anybody|films.csv|delimiter' state cache && [ $status = 0 ]
report $? "after :set history off nothing private is written"
session soups.csv < ../private
picture > ../before
session films.csv < ../private.off
picture > ../after
same before after
report $? "and what was kept before stays as it is"
finish
