#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The screens in a real terminal, tmux: start, browse, search, train to the end with charts moving, resize to 1x1 and
# back, suspend, type a review and see the bars change, paste, quit. Every step waits until the screen shows what it
# should, twenty seconds at most.
set -u
folder=${REVUE_SOURCE-.}/tests/ui
count=0
failed=0

skip() {
	echo "1..0 # SKIP $1"
	exit 0
}
command -v tmux > /dev/null || skip "tmux is not installed"

scratch=$(mktemp -d "${TMPDIR-/tmp}/revue-tmux-XXXXXX") || exit 99
tmux() { TMUX='' TMUX_TMPDIR=$scratch command tmux -f /dev/null -u "$@"; }
trap 'tmux kill-server 2> /dev/null; rm -rf "$scratch"' EXIT
cp "$folder/reviews.csv" "$scratch/"
cd "$scratch" || exit 99
export XDG_STATE_HOME="$scratch" XDG_CACHE_HOME="$scratch" XDG_CONFIG_HOME="$scratch" NO_COLOR=''
unset LINES COLUMNS ENV SSH_CONNECTION

# A model to start from: an untrained one, or the small real one.
if "$REVUE" new reviews.csv -o base --vocab-size 200 --hidden-size 32 --num-hidden-layers 2 --num-attention-heads 2 \
	--intermediate-size 64 > new.log 2>&1; then
	model=base
elif [ -d "${REVUE_MODELS-}/bert-tiny-toxicity" ]; then
	model=$REVUE_MODELS/bert-tiny-toxicity
else
	skip "no model to start from: $(head -n 1 new.log)"
fi

screen() { tmux capture-pane -p; }
keys() { tmux send-keys "$@"; }

report() { # status, name
	count=$((count + 1))
	if [ "$1" = 0 ]; then
		echo "ok $count - $2"
	else
		failed=1
		echo "not ok $count - $2"
		screen | sed 's/^/# |/'
	fi
}

# Waits until a line of the screen matches.
wait_for() {
	tries=0
	until screen | grep -q -e "$1"; do
		tries=$((tries + 1))
		[ $tries -lt 200 ] || return 1
		sleep 0.1
	done
}

shows() { # pattern, name
	wait_for "$1"
	report $? "$2"
}

chart() { screen | sed -n '5,17p'; }
bars() { screen | grep ' % '; }

# Waits until what `first` holds is no longer on the screen.
changes() { # chart or bars
	tries=0
	while "$1" | cmp -s - first; do
		tries=$((tries + 1))
		[ $tries -lt 200 ] || return 1
		sleep 0.1
	done
}

tmux new-session -d -x 80 -y 24 "sh -i" || skip "tmux does not start here"
tmux set-option -g escape-time 0 > /dev/null
wait_for '[#$] *$'
keys "PS1='ready> '" Enter
wait_for '^ready>' || skip "no shell in tmux: $(screen | tr -s '\n' '|')"
keys "stty -g > before; clear" Enter
keys "$REVUE -m $model reviews.csv" Enter

shows '30 rows: 30 used, 0 skipped' 'it starts with the Data screen'
keys 2
shows '^   11 positive ' 'the second screen lists reviews'
keys G
shows '^   30 negative ' 'G goes to the last review'
keys / noodles Enter
shows 'found "noodles"' 'a search finds a review'
shows '^Second paragraph: the noodles were cold' 'the review it found is shown whole'

tmux resize-window -x 1 -y 1
sleep 0.3
tmux resize-window -x 30 -y 6
shows 'too small: 30x6' 'a small terminal says that it is too small'
tmux resize-window -x 100 -y 30
shows '^   14 positive ' 'a larger one shows more rows'
tmux resize-window -x 80 -y 24
shows '^   12 negative ' 'the first size is back'

keys C-z
shows 'ready> *$' 'Ctrl-Z gives the shell back'
keys fg Enter
shows '^   12 negative ' 'fg draws the screen again'

rests() { # on the line of row 5, and can be seen
	[ "$(tmux display -p '#{cursor_y},#{cursor_flag}')" = "$(screen | grep -n '^    5 negative ' | awk -F : '{ print $1 - 1 ",1" }')" ]
}
tries=0
until rests || [ $tries = 100 ]; do
	tries=$((tries + 1))
	sleep 0.1
done
rests
report $? 'the cursor stands on the chosen review, where screen readers look'

# As a terminal of tmux's kind writes it: a button (3: it is let go), then column and row from 33 on.
mouse() { keys -l "$(printf "$(printf '\\033[M\\%o\\%o\\%o' "$((32 + $1))" "$((33 + $2))" "$((33 + $3))")")"; }
click() { mouse 0 "$1" "$2" && mouse 3 "$1" "$2"; }
click 20 5
shows '^── Row 7 of 30' 'a click chooses a review'
mouse 65 20 4
shows '^── Row 10 of 30' 'the wheel scrolls'
click 3 0
shows '^ Column ' 'a click on a tab shows its screen'
keys 2

keys 3
shows 'GB free); 6 steps, ' 'the form estimates steps and memory'
keys Down Down Down Down Enter
shows '^num-train-epochs: 3' 'Enter edits a setting'
keys C-u 80 Enter
shows 'num-train-epochs  *80' 'the setting is changed'
keys Down Enter C-u 5e-3 Enter
wait_for 'learning-rate  *0.005'
keys Down Enter C-u 4 Enter
wait_for 'batch-size  *4$'
keys s
shows '^ run-1  ' 'the training starts'
wait_for 'step [0-9]'
chart > first
changes chart
report $? 'the charts move'
shows '^ run-1  finished' 'the training ends'
shows 'now use run-1/model' 'the new model is in use and that is said'
grep -q . run-1/metrics.jsonl && [ -f run-1/model/model.safetensors ]
report $? 'the run directory holds the metrics and the model'

keys 4
shows 'Review for run-1/model' 'the fourth screen scores with the new model'
keys a
wait_for '^[a-z-]* *[0-9.]* %'
bars > first
keys ' clean room, good bed'
shows '^a clean room, good bed' 'a review is typed'
changes bars
report $? 'the bars follow'
keys Enter
shows '^[a-z]*  *[0-9.]* %  *a clean room' 'Enter keeps the review with its score'
tmux set-buffer "$(printf 'first line\nsecond line')"
tmux paste-buffer -p
shows '^second line$' 'a paste of two lines stays one review'
[ "$(tmux display -p '#{cursor_x},#{cursor_y}')" = 11,3 ]
report $? 'the cursor stands after the text'
keys Escape
shows '^i type' 'Escape leaves the text'

keys q q q q
wait_for '^ready> *$'
keys 'echo status $?; stty -g > after' Enter
shows '^status 0' 'q leads back and out with status 0'
cmp -s before after
report $? 'the terminal is as it was'

# A training that is left running is taken over by another process, and its model is the one of a training that was
# never left. Whether the terminal stays or goes at that moment does not matter.
EPOCHS=600
finishes() { # run: a minute without a new line of its log is too long, however slow the machine is
	tries=0
	before=
	until grep -q '"finished"' "$1/metrics.jsonl" || [ $tries -ge 600 ]; do
		tries=$((tries + 1))
		now=$(wc -c < "$1/metrics.jsonl")
		[ "$now" = "$before" ] || tries=0
		before=$now
		sleep 0.1
	done
	[ $tries -lt 600 ]
}
start_training() { # run, model
	keys "$REVUE -m $2 reviews.csv" Enter
	wait_for '30 rows: 30 used'
	keys 3
	wait_for 'steps, about'
	keys Down Down Down Down Enter C-u $EPOCHS Enter
	wait_for "num-train-epochs  *$EPOCHS"
	keys s
	wait_for "^ $1 .*training" && wait_for 'step [1-9]'
}
if [ "$model" = base ]; then
	"$REVUE" train reviews.csv -m base -o whole --num-train-epochs $EPOCHS > whole.log 2>&1
	start_training run-2 base
	keys C-z
	wait_for '^ready> *$'
	steps=$(grep -c '"step"' run-2/metrics.jsonl)
	keys bg Enter
	tries=0
	until [ "$(grep -c '"step"' run-2/metrics.jsonl)" -gt $((steps + 5)) ] || [ $tries -ge 200 ]; do
		tries=$((tries + 1))
		sleep 0.1
	done
	[ $tries -lt 200 ]
	report $? 'in the background (Ctrl-Z, bg) it trains on'
	keys fg Enter
	shows '^ run-2 ' 'fg brings the charts back'
	keys p
	wait_for '^ run-2  paused'
	keys q q
	shows '^l leave it paused' 'q asks what shall become of a training'
	keys l
	shows '^revue: training stays paused in run-2; revue watch run-2 shows it' 'one that was paused stays so and that is said'
	keys clear Enter
	keys "$REVUE watch run-2" Enter
	wait_for '^ run-2  paused'
	keys p
	wait_for '^ run-2 .*training'
	keys q
	wait_for '^ready> *$'
	finishes run-2 && cmp -s run-2/model/model.safetensors whole/model/model.safetensors
	report $? 'its model is to the bit that of a training that was never left'

	keys clear Enter
	start_training run-3 base
	keys q q
	wait_for '^l leave it running'
	keys l
	tmux kill-server
	finishes run-3 && cmp -s run-3/model/model.safetensors whole/model/model.safetensors
	report $? 'so it is where the terminal goes in the same moment'
	tmux new-session -d -x 80 -y 24 "sh -i"
	wait_for '[#$] *$'
fi

# The terminal goes while a training runs: the process closes its screen and trains on to the end.
start_training "$(printf 'run-%d' $(($(ls -d run-* | wc -l) + 1)))" run-1/model
last=$(ls -d run-* | sort -V | tail -n 1)
tmux kill-server
! grep -q '"finished"' "$last/metrics.jsonl"
report $? 'the terminal goes before the training ends'
finishes "$last" && [ -f "$last/model/model.safetensors" ]
report $? 'the training goes on to its end'
echo "1..$count"
exit $failed
