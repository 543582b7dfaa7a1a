#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# A training is watched in three terminals at once and steered from each of them with every key that there is for it; a
# fourth one only looks, and cannot.
. "${REVUE_SOURCE:-.}/tests/ui/played.sh"
command -v tmux > /dev/null || {
	echo "1..0 # SKIP tmux is not installed"
	exit 0
}
told='err looker.screen one.screen'
export XDG_STATE_HOME="$scratch" XDG_CACHE_HOME="$scratch" XDG_CONFIG_HOME="$scratch"
unset LINES COLUMNS ENV SSH_CONNECTION
tmux() { TMUX='' TMUX_TMPDIR=$scratch command tmux -f /dev/null -u "$@"; }
trap 'tmux kill-server 2> /dev/null; kill $trainer 2> /dev/null; rm -rf "$scratch"' EXIT

# within COMMAND...: twenty seconds at most until it succeeds.
within() {
	for _ in $(seq 200); do
		"$@" && return
		sleep 0.1
	done
	return 1
}
screen() { tmux capture-pane -p -t "$1" > "$1.screen"; }
screen_has() { screen "$1" && grep -q -e "$2" "$1.screen"; }
keys() { # VIEWER KEY...
	viewer=$1
	shift
	tmux send-keys -t "$viewer" "$@"
}
shows() { within screen_has "$@"; }
has_logged() { grep -q -e "$1" live/metrics.jsonl 2> err; }
logged() { within has_logged "$1"; }
figures() { sed -n '2,4p' "$1.screen"; }
all_show() {
	for viewer in one two three; do
		shows $viewer "$1" || return
	done
}
same() { # the state, the step, the loss and the rate
	for viewer in one two three; do
		screen $viewer
	done
	[ "$(figures one)" = "$(figures two)" ] && [ "$(figures one)" = "$(figures three)" ] && figures one | grep -q 'step [1-9]'
}
screen_lacks() { ! screen_has "$@"; }
lines() { wc -l < live/metrics.jsonl; }

awk 'BEGIN {
	print "text,label"
	for (i = 1; i <= 60; i++) printf "a wonderful film %d,positive\na terrible film %d,negative\n", i, i
}' > films.csv
"$REVUE" train films.csv -o live --num-train-epochs 100000 --save-steps 0 --save-strategy steps --eval-strategy no \
	--baseline=no --learning-rate 1e-6 > trained 2>&1 &
trainer=$!
logged '"type":"step"'
for viewer in one two three; do
	tmux new-session -d -x 80 -y 24 -s $viewer "$REVUE watch live"
done
tmux new-session -d -x 80 -y 24 -s looker "$REVUE watch --read-only live"
all_show '^ live  training ' && shows looker '^ live  training '
report $? "one training is watched in four terminals"

keys one p
logged '"state":"paused"' && all_show '^ live  paused '
report $? "p in one pauses it, and all show that"
within same
report $? "all show the same step, loss and rate"

keys two c
logged 'checkpoint-[0-9]* written' && ls live/checkpoint-*/state.json > err 2>&1
report $? "c in another writes a checkpoint"
keys three v
logged '"type":"evaluation"'
report $? "v measures on the held-out rows"
keys one R
shows one '^rate (above 0 to 10): '
keys one 2e-4 Enter
logged '"command":"rate 0.0002"'
report $? "R asks for a rate, which the training takes on"
keys two e
shows two '^epochs ('
keys two 50000 Enter
logged '"command":"epochs 50000"' && all_show 'of 350,000 '
report $? "e asks for epochs, of which all show the steps"

# Whoever only looks: each key, and each order by its name. It is paused, so that any line of the log would be an order's.
before=$(lines)
told_nothing='^only looked at (--read-only): "'
refuse() { # NAME WORDS KEY...
	name=$1 words=$2
	shift 2
	keys looker Tab # another chart: what was said before goes
	within screen_lacks looker 'only looked at'
	keys looker "$@"
	shows looker "$words"
	report $? "$name is refused to who only looks"
}
screen looker
! grep -qE 'p go on|s stop|c save' looker.screen
report $? "who only looks is offered none of these keys"
for key in p c v R e s; do
	refuse $key "$told_nothing" $key
done
for order in pause save evaluate stop 'rate 1e-3' 'epochs 9'; do
	refuse ":$order" "$told_nothing" ":$order" Enter
done
refuse ':probe' "$told_nothing" ':probe a fine film' Enter
sleep 0.5
[ "$(lines)" = "$before" ] && kill -0 $trainer && ! grep -qrs 'a fine film' live
report $? "nothing that was refused reaches the training"

steps=$(grep -c '"type":"step"' live/metrics.jsonl)
keys three p
more_steps() { [ "$(grep -c '"type":"step"' live/metrics.jsonl)" -gt $((steps + 3)) ]; }
within more_steps && all_show '^ live  training '
report $? "p in another lets it go on"
keys one s
shows one 'Stop the training?'
keys one y
logged '"stopped"' && wait $trainer
all_show '^ live  stopped ' && shows looker '^ live  stopped '
report $? "s and y stop it, and all show that"
refuse r "$told_nothing" r
last=$(sed -n 's/.*"stopped after step \([0-9]*\) .*/\1/p' live/metrics.jsonl)
[ -f "live/checkpoint-$(printf %06d "$last")/state.json" ]
report $? "it stops after a checkpoint"
finish
