#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The Data screen: a file is chosen among those opened lately and in folders; what a training of it would meet.
. "${REVUE_SOURCE:-.}/tests/ui/played.sh"

cp "$share/../tests/ui/reviews.csv" .
ln -s "$share/models/pocket" pocket
mkdir -p folder/deep locked
head -n 11 reviews.csv >folder/some.csv
: >"folder/$(printf 'a\033[31mred\nname.csv')"
: >folder/notes.md
: >folder/.hidden.csv
chmod 000 locked

# play NAME: the lines on standard input, then the screen is saved.
play() {
	{
		echo "wait idle"
		cat
		printf 'wait idle\nsave-screen screen\n'
	} >keys
	timeout 60 "$REVUE" --script keys -m pocket reviews.csv >said 2>&1
}
# shows NAME PATTERN, and shows_not
shows() {
	grep -qE -e "$2" screen
	report $? "$1"
}
shows_not() {
	! grep -qE -e "$2" screen
	report $? "$1"
}
told="said screen"

play <<'END'
key f
wait idle
do find folder
key Enter
END
shows "Enter goes into a folder" "^ $scratch/folder"
shows "folders come first" "^ deep/"
shows "then what looks like reviews, with its size" "^ some.csv +[0-9]+ bytes +20"
shows "what controls a terminal is taken out of names" "^ a.\[31mred.name.csv"
shows_not "what begins with a dot is not listed" "hidden"
is_in_order() { grep -nE "$1" screen | cut -d : -f 1; }
[ "$(is_in_order '^ deep/')" -lt "$(is_in_order '^ some.csv')" ] && [ "$(is_in_order '^ some.csv')" -lt "$(is_in_order '^ notes.md')" ]
report $? "other files come last"

play <<'END'
key f
wait idle
do find folder
key Enter
wait idle
do find some
key Enter
END
shows "Enter opens a file" "^.*folder/some.csv"
shows "which is the one that the screens show" "9 rows: 9 used|10 rows: 10 used"

play <<'END'
key f
wait idle
do find folder
key Enter
wait idle
do find some
key Enter
wait idle
key f
END
shows "the file that was opened last is the first of those opened lately" "^ lately  .*folder/some.csv"
shows "the one before is the second" "^ lately  .*/reviews.csv"

play <<'END'
do browse folder
wait idle
key Left
END
shows "Left goes up, and the folder that was left is chosen" "^ $scratch *[0-9]*|^ $scratch$"

if [ "$(id -u)" != 0 ]; then
	play <<'END'
do browse locked
END
	shows "a folder that may not be read is told" "locked: could not open: Permission denied"
fi
play <<'END'
do browse nowhere
END
shows "a folder that is not there is told" "nowhere.*No such file"

play <<'END'
key f
wait idle
key q
END
shows "q leads back to the file" "^reviews.csv"

mkdir many
(cd many && awk 'BEGIN { for (i = 0; i < 30000; i++) print "f" i ".csv" }' | xargs touch)
play <<'END'
do browse many
wait idle
key G
END
shows "a folder of 30,000 files is listed in the order of numbers" "^ f29999.csv"

# Across two starts, where histories are kept, and never where they are off.
XDG_STATE_HOME=$scratch/state
export XDG_STATE_HOME
play </dev/null
[ ! -e state/revue/recent-files ]
report $? "a key script keeps nothing"

play <<'END'
do outlook 16
END
shows "what a training would meet: how many reviews there are" "30 reviews: 0 empty, 0 repeat an earlier one"
shows "their tokens" "tokens: median [0-9]+, nine in ten up to [0-9]+, longest [0-9]+"
shows "and what a length cuts" "after 16 tokens [1-9][0-9.]* % of the reviews are cut, which loses [1-9][0-9.]* % of all tokens"
play <<'END'
do outlook 16
do longer
do longer
END
shows "keys change the length" "after 64 tokens 0.0 %"
play <<'END'
do overlap folder/some.csv
END
shows "another file has reviews that stand here too" "(9 of the 9|10 of the 10) reviews of folder/some.csv stand here too"
chmod 700 locked
# Sixty thousand names are not found within a frame.
mkdir texts
seq 60000 | split -l 1 -a 4 --additional-suffix=.txt - texts/r
play <<'END'
do open texts
key Esc
wait text given up
END
shows "a folder of many texts is given up by Esc" "given up"
shows "what was open still is" "^ *reviews\.csv"

# The same file by another path than that of the share folder, which is a symbolic link.
ln -s "$share" linked
printf 'wait idle\nsave-screen screen\n' >keys
REVUE_SHARE=$PWD/linked timeout 60 "$REVUE" --script keys -m pocket "$(cd "$share" && pwd -P)/samples/reviews.csv" >said 2>&1
shows "what ships is told as such where its folder is a symbolic link" "the shipped samples"
printf 'wait idle\ndo model %s\nwait idle\nsave-screen screen\n' "$share/models/pocket" >keys
REVUE_SHARE=$PWD/linked timeout 60 "$REVUE" --script keys -m pocket reviews.csv >said 2>&1
shows "the model that ships is told by its name" "Score and Reviews use the shipped model [(]pocket[)]"
finish
