#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# A file that grows while it is open: its rows come, the chosen one stays, what is filtered and predicted takes them; and one
# that is cut or replaced is said. The script waits for what the screen shows, this one for the screens that it saves.
. "${REVUE_SOURCE:-.}/tests/ui/played.sh"
told='said shown'

await() { # file
	i=0
	while [ ! -s "$1" ] && [ $i -lt 600 ]; do
		sleep 0.05
		i=$((i + 1))
	done
}

play() { # file of reviews; the script is `keys`
	timeout 60 "$REVUE" --script keys "$1" > said 2>&1 &
	player=$!
}

shows() { # screen, pattern, what
	cp "$1" shown 2> /dev/null
	grep -qE -e "$2" "$1"
	report $? "$3"
}

printf 'text,label\na good film,positive\na bad film,negative\nfine food,positive\n' > data.csv
cat > keys <<'KEYS'
wait idle
key 2
wait idle
key j
save-screen first
wait text 5 rows
wait idle
save-screen second
do filter label=positive
wait idle
save-screen third
wait text 7 rows
wait idle
save-screen fourth
key 1
wait idle
save-screen fifth
key 2 Esc F
do sort text
wait idle
save-screen sixth
wait text 8 rows
wait idle
save-screen seventh
key Esc
wait idle
save-screen eighth
KEYS
play data.csv
await first
printf 'dull and long,negative\na "great" even' >> data.csv
await second
cp second second.kept
await third
printf 'ing,positive\nbest of all,positive\n"open, \n' >> data.csv
sleep 0.5
printf 'then closed",positive\n' >> data.csv
await sixth
printf 'zzz the end,negative\n' >> data.csv
wait "$player"
report $? "the script plays to its end"
shows first '^ *3 rows .* 3 judged|^3 rows' "at first there are three rows"
shows second '^5 rows' "rows that are added are there, a last one without its line end as well"
shows second '^> *2 .*a bad film|^ *2 .*a bad film' "the rows before them stay"
shows second 'accuracy [0-9.]* % of [45]|[0-9] error' "they are predicted"
shows third '^5 rows  2 found|^5 rows  3 found' "a filter finds those that are there"
shows fourth '^7 rows  5 found' "and takes those that come, the last one as it is then"
shows fourth 'a "great" evening' "a row that was cut is whole"
shows fifth '^ positive .* 5 ' "the labels are counted anew"
shows seventh '^8 rows  the first 7 are listed' "a list in another order says of how many rows it was made"
shows eighth '^8 rows' "all are listed again"
grep -q 'zzz the end' eighth
report $? "the last row stays chosen where that was asked for"

printf 'text,label\na good film,positive\na bad film,negative\n' > cut.csv
printf '{"text":"a","label":1}\n{"text":"b","label":2}\n' > lines.jsonl
cat > keys <<'KEYS'
wait idle
key 2
wait idle
save-screen begun
wait text cut short
save-screen cut
do open lines.jsonl
wait idle
key 2
wait text 2 rows
save-screen lines
wait text 3 rows
save-screen grown
wait text another file
save-screen replaced
KEYS
play cut.csv
await begun
printf 'text,label\n' > cut.csv
await lines
printf '{"text":"c","label":1}\n' >> lines.jsonl
await grown
printf '{"text":"new","label":1}\n' > other.jsonl
mv other.jsonl lines.jsonl
wait "$player"
report $? "the script plays to its end where files are cut and replaced"
shows cut 'cut.csv was cut short: open cut.csv reads it anew' "a file that was cut is said, with what to do"
shows grown '^3 rows' "JSON lines are followed"
shows replaced 'lines.jsonl is another file now: open lines.jsonl reads it anew' "a file that was replaced is said"
shows replaced '^3 rows' "its rows stay"

# A quote that is left open hides what comes after it, which is told when it stays so; what it hid is there once it is closed.
printf 'text,label\na,1\nb,2\n' > quote.csv
cat > keys <<'KEYS'
wait idle
key 2
wait idle
save-screen apart
wait text an open quote
save-screen hidden
wait text 6 rows
wait idle
save-screen closed
KEYS
play quote.csv
await apart
printf 'c,1\n"open,2\nd,1\ne,2\n' >> quote.csv
await hidden
printf 'and closed",2\nf,1\ng,2\n' >> quote.csv
wait "$player"
report $? "the script plays to its end where a quote is left open"
shows hidden '^line 5: an open quote hides 3 lines: close it, or :dialect quote none$' "a quote that is left open is told, with its line and what it hides"
shows hidden '^3 rows' "the rows before it are there"
shows closed '^6 rows' "nothing is lost once it is closed"

# A row that comes may be the double of one that was there, and one that was cut may turn out to be none.
printf 'label,text\npositive,a good film\nnegative,a bad film\npositive,fine food\n' > twice.csv
cat > keys <<'KEYS'
wait idle
key 2
wait idle
do filter double
wait idle
save-screen none
wait text 5 rows
wait text 4 found
wait idle
do search double label=negative
wait idle
save-screen two
wait text 6 rows
wait idle
wait idle
save-screen four
do relabel dreadful
wait idle
do filter double label=dreadful
wait idle
save-screen corrected
KEYS
play twice.csv
await none
printf 'negative,A BAD film!\npositive,fine food' >> twice.csv
await two
printf ' and drink\npositive,a good film\n' >> twice.csv
wait "$player"
report $? "the script plays to its end where doubles come"
shows none '^3 rows  0 found' "no row has a double at first"
shows two '^5 rows  4 found' "a row that was there is listed as its double comes"
shows two '2 of [23] match' "a search finds doubles as well"
shows four '^6 rows  4 found' "a row that has become longer is no double any more, one that came makes another"
shows four 'Row 4 of 6 .3 of 4 shown' "the chosen row stays"
shows corrected '^6 rows  1 found' "a label that was set right counts beside it"

# The last row is asked for while rows are still being found: the one that is the last in the end is meant.
{ echo text,label; yes 'a long review of a plain hotel with a clean room,1' | head -n 3000000; } > long.csv
printf 'key 2\nwait 20\nkey G\nwait text 3,000,000 rows\nwait 300\nsave-screen end\n' > keys
play long.csv
wait "$player"
rm long.csv
shows end 'Row 3,000,000 of 3,000,000' "the last row while rows are being found is that of the whole file"
finish
