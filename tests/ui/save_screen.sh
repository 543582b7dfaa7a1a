#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# :save-screen in its four forms: without their marks they all say what the screen shows, nothing of a hostile text comes
# out of its place, and a file is replaced as a whole or stays.
set -u
scratch=$(mktemp -d "${TMPDIR-/tmp}/revue-save-XXXXXX") || exit 99
trap 'rm -rf "$scratch"' EXIT
cd "$scratch" || exit 99
export LINES=24 COLUMNS=80 TERM=xterm-256color LC_ALL=C.UTF-8 REVUE_SHARE=/nonexistent NO_COLOR='' REVUE_CONFIG=config

printf 'text,label\n"<b>&amp; ""quoted"" \033]0;owned\007 \342\200\256evil 映画 é</b></pre></svg>",a\nfine,b\n' > hostile.csv
echo 'set theme light' > config
cat > keys <<'KEYS'
wait idle
key 2
wait idle
save-screen plain
do save-screen a.txt
wait idle
key Ctrl-L
do save-screen a.ansi
wait idle
key Ctrl-L
do save-screen a.html
wait idle
key Ctrl-L
do save-screen a.svg
wait idle
save-screen said
do save-screen a.png
save-screen refused
do save-screen /nonexistent/a.txt
wait idle
save-screen failed
KEYS

count=0
failed=0
report() { # status, name
	count=$((count + 1))
	if [ "$1" = 0 ]; then
		echo "ok $count - $2"
	else
		failed=1
		echo "not ok $count - $2"
		sed 's/^/# |/' out said 2> /dev/null
	fi
}
trim() { sed 's/ *$//'; }
unescape() { sed 's/&lt;/</g; s/&gt;/>/g; s/&quot;/"/g; s/&amp;/\&/g'; }

timeout 60 "$REVUE" --script keys hostile.csv > out 2>&1
report $? 'the script plays to its end'
cmp -s plain a.txt
report $? '.txt is what the screen shows'
sed 's/\x1b\[[0-9;]*m//g' a.ansi | trim | cmp -s plain -
report $? '.ansi is the same with colours'
grep -q "$(printf '\033')\[0;1m" a.ansi && [ "$(tr -cd '\033' < a.ansi | wc -c)" -gt 24 ]
report $? '... which it has'
sed '1,/<pre>/d; /^<\/pre>/,$d; s/<[^>]*>//g' a.html | unescape | trim | cmp -s plain -
report $? '.html is the same'
grep -q '#193f7f\|color:#' a.html && ! grep -q '<b>' a.html
report $? '... and nothing of a text is a mark of it'
sed -n 's/^<text [^>]*>\(.*\)<\/text>$/\1/p' a.svg | unescape | tr -d ' \n' > drawn
tr -d ' \n' < plain | cmp -s - drawn
report $? '.svg has every letter, and nothing else'
! tr -d '\n' < a.svg | LC_ALL=C grep -q '[[:cntrl:]]'
report $? '... and no control bytes'
if command -v python3 > /dev/null; then
	python3 -c 'import xml.dom.minidom; xml.dom.minidom.parse("a.svg")'
	report $? '... and is sound XML'
fi
grep -q 'the screen is in a.svg' said
report $? 'it is told where it is'
grep -q 'a.png: the name says what is written: .txt, .ansi, .svg or .html' refused
report $? 'another form is refused with those that there are'
grep -q '/nonexistent/a.txt: could not write' failed
report $? 'what cannot be written is told'
[ "$(ls | tr '\n' ' ')" = "a.ansi a.html a.svg a.txt config drawn failed hostile.csv keys out plain refused said " ]
report $? 'no temporary stays'

# The settings are written where they were read.
cat > keys <<'KEYS'
wait idle
do set frame-rate 3
do map F6 quit
do write-settings
KEYS
timeout 60 "$REVUE" --script keys hostile.csv > out 2>&1
[ "$(cat config)" = "$(printf 'set theme light\nset frame-rate 3\nmap F6 quit')" ]
report $? ':write-settings adds what is new'
printf 'set frame-rate 0\nset glyphs ascii\n' > config
cat > keys <<'KEYS'
wait idle
save-screen said
KEYS
timeout 60 "$REVUE" --script keys hostile.csv > out 2>&1
grep -q 'config: line 1: frame-rate: "0" is not a whole number from 1 to 60' said && ! LC_ALL=C grep -q '[^ -~]' said
report $? 'a mistake in the file is told with its line, and the other lines count'
echo "1..$count"
exit $failed
