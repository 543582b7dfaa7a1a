#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Hard use, for whoever has some hours: `make check-stress`, or one part of it with PARTS="kills keys".
#
#   memory   every allocation of score, eval, info, tokens, new and the start of a training fails once
#   files    every write, fsync, rename, open, read, mkdir, unlink and thread of a training fails once
#   kills    KILLS kills (200) at random moments of trainings of every kind in turns; each is resumed and has to end as the
#            undisturbed one, with its loss curve and its weights to the bit
#   signals  each signal in each phase of a training
#   keys     random keys on the screens for SECONDS (600), with the program that SANITIZED names where it is given
#   hostile  REVUE_HOSTILE_TEXTS (1000000) hostile texts on a terminal emulator, by the program that HOSTILE names, if any
#   names    the same of hostile names of columns and labels in REVUE_HOSTILE_NAMES (2000) files, by what NAMES names
#   sizes    every size from 1x1 to 300 columns and 100 rows on each screen, with the program that SANITIZED names, and on a
#            terminal emulator, by the program that SIZES names, if any: REVUE_SIZES (30000) of them, in eight parts at once
#
#   usage: REVUE=PROGRAM REVUE_SOURCE=SOURCES FAULTS=LIBRARY [PARTS=...] [SEED=N] sh stress.sh
#
# A line for each part and for each failure; what a failure left behind stays in the folder that the last line names.
set -u
LC_ALL=C.UTF-8 REVUE_HISTORY=off
export LC_ALL REVUE_HISTORY
source_folder=$(cd "${REVUE_SOURCE:-.}" && pwd)
ASAN_OPTIONS=suppressions=$source_folder/tests/interceptors
LSAN_OPTIONS=suppressions=$source_folder/tests/leaks:print_suppressions=0
export ASAN_OPTIONS LSAN_OPTIONS
revue=${REVUE:?names the program}
faults=${FAULTS:?names the library that fails}
parts=${PARTS:-memory files kills signals keys hostile names sizes}
kills=${KILLS:-200}
seconds=${SECONDS_OF_KEYS:-600}
sanitized=${SANITIZED:-$revue}
seed=${SEED:-1}
reviews=$source_folder/share/samples/reviews.csv
work=$(mktemp -d) || exit 99
cd "$work" || exit 99
failures=0

fail() {
	failures=$((failures + 1))
	echo "not ok - $*"
}

# draw BELOW: a pseudo-random number, in $drawn.
draw() {
	seed=$(((seed * 1103515245 + 12345) % 2147483648))
	drawn=$((seed / 65536 % $1))
}

prepare() {
	head -n 61 "$reviews" >reviews.csv
	"$revue" new reviews.csv -o tiny --vocab-size 300 --hidden-size 16 --intermediate-size 32 --num-hidden-layers 1 \
		--max-position-embeddings 32 >out 2>err &&
		"$revue" train reviews.csv -m tiny -o run --num-train-epochs 1 --max-length 32 --threads 1 >out 2>err && return
	cat err
	echo "Bail out! no model could be made"
	exit 1
}

# The last line says what went wrong; a crash says nothing and has a status of its own.
crashed() {
	[ "$1" -ge 124 ]
}

without_times() {
	grep -vE '"(seconds|[a-z_]*_runtime|[a-z_]*_per_second)"' "$1"
}

# But for the time that it took.
same_output() {
	[ "$(without_times out)" = "$(without_times good)" ]
}

# Memory. What fails inside the C library and is not missed there may leave the result as it is.
memory_of() {
	name=$1
	shift
	"$revue" "$@" >good 2>/dev/null
	number=1
	while :; do
		rm -rf reached made
		FAULT_CALL=memory FAULT_NUMBER=$number FAULT_REPORT=$work/reached LD_PRELOAD=$faults \
			timeout 60 "$revue" "$@" >out 2>err
		status=$?
		[ -e reached ] || break
		if crashed $status; then
			fail "memory: $name: allocation $number: status $status"
		elif [ $status != 0 ] && ! grep -q 'out of memory\|[Cc]annot allocate memory\|Resource temporarily unavailable' err; then
			fail "memory: $name: allocation $number: status $status: $(tail -n 1 err)"
		elif [ $status = 0 ] && [ "$name" != train ] && ! same_output; then
			fail "memory: $name: allocation $number: status 0 with another result"
		elif [ $status = 0 ] && [ "$name" = train ] && ! grep -q '^finished' out; then
			fail "memory: $name: allocation $number: status 0 and no word that it finished"
		fi
		number=$((number + 1))
	done
	[ $status = 0 ] || fail "memory: $name: does not work without a failure: $(tail -n 1 err)"
	echo "memory: $name: $((number - 1)) allocations"
}

memory() {
	memory_of score score -m run/model --format jsonl 'a good film'
	memory_of "score a file" score -m run/model --format jsonl reviews.csv
	memory_of eval eval reviews.csv -m run/model --format json
	memory_of "info of a model" info run/model
	memory_of "info of a run" info run
	memory_of "info of data" info reviews.csv
	memory_of tokens tokens -m run/model reviews.csv
	memory_of new new reviews.csv -o made --vocab-size 200 --hidden-size 16 --intermediate-size 32 --num-hidden-layers 1 \
		--max-position-embeddings 32
	memory_of train train reviews.csv -m tiny -o made --max-train-samples 8 --num-train-epochs 1 --max-length 16 --threads 1 \
		--validation 0
}

# What is different in a training of this kind.
kinds="plain lora lora_4bit best plateau windows several_labels adafactor"
options_of() {
	lora="--lora-r 4 --lora-dropout 0.1 --target-modules all-linear"
	case $1 in
	plain) ;;
	lora) echo "$lora" ;;
	lora_4bit) echo "$lora --load-in-4bit" ;;
	best)
		echo "--num-train-epochs 40 --learning-rate 1e-2 --eval-strategy steps --eval-steps 3 --save-strategy best" \
			"--load-best-model-at-end true --early-stopping-patience 3 --save-total-limit 1"
		;;
	plateau)
		echo "--lr-scheduler-type reduce_lr_on_plateau --lr-scheduler-kwargs patience=0,factor=0.5 --learning-rate 1e-2" \
			"--eval-strategy steps --eval-steps 3"
		;;
	windows) echo "--truncation windows --stride 2 --max-length 8" ;;
	several_labels) echo "--label-column labels" ;;
	adafactor) echo "--optim adafactor --learning-rate 1e-3" ;;
	esac
}

# Each row's label, and for every third row one more.
several_labels() {
	awk 'NR == 1 { print "review,labels" }
	     NR > 1 { sub(/,[^,]*$/, "&" (NR % 3 ? "" : "|third")); print }' reviews.csv
}

# The training that everything below disturbs, of a kind (plain), and how it ends when nothing does. To be called in a
# subshell, which becomes the program.
train() {
	data=reviews.csv
	if [ "${2:-plain}" = several_labels ]; then
		data=several.csv
		[ -e $data ] || several_labels >$data
	fi
	# shellcheck disable=SC2046
	exec "$revue" train $data -m tiny -o "$1" --num-train-epochs 4 --max-length 32 --save-steps 2 \
		--per-device-train-batch-size 8 --threads 1 --logging-steps 1 --learning-rate 5e-3 $(options_of "${2:-plain}")
}

undisturbed() {
	calm=calm_${1:-plain}
	[ -d "$calm" ] || (train "$calm" "${1:-plain}") >out 2>err || fail "an undisturbed training failed: $(tail -n 1 err)"
}

# The steps and evaluations of a run, but for the time that they took.
curve() {
	grep '"type":"\(step\|evaluation\)"' "$1/metrics.jsonl" |
		sed 's/"time":[^,]*,//; s/,"\(runtime\|memory\|tokens_per_second\|samples_per_second\|steps_per_second\)":[^,}]*//g'
}

same_curve() {
	curve "$calm" >calm.curve
	curve "$1" | cmp -s - calm.curve
}

# go_on NAME RUN [KIND]: resumes until it ends; the model and the curve have to be those of the undisturbed training.
go_on() {
	undisturbed "${3:-plain}"
	if [ ! -e "$2/run.json" ]; then
		rm -rf "${2:?}"
		(train "$2" "${3:-plain}") >out 2>err || fail "$1: could not start anew: $(tail -n 1 err)"
	elif [ ! -e "$2/model/model.safetensors" ] || ! "$revue" info "$2" 2>/dev/null | grep -q '^state *finished'; then
		"$revue" train --resume "$2" >out 2>err || fail "$1: could not be resumed: $(tail -n 1 err)"
	fi
	if ! same_curve "$2"; then
		fail "$1: the losses are others ($2.$((failures + 1)))"
		mv "$2" "$2.$failures"
	elif ! cmp -s "$calm/model/model.safetensors" "$2/model/model.safetensors"; then
		fail "$1: the model is another one ($2.$((failures + 1)))"
		mv "$2" "$2.$failures"
	else
		rm -rf "${2:?}"
	fi
}

files() {
	undisturbed
	for fault in write:28 write:short fsync:5 rename:5 open:24 read:5 mkdir:13 unlink:13 thread:11; do
		call=${fault%%:*}
		number=1
		while :; do
			rm -rf reached disturbed
			(
				FAULT_CALL=$call FAULT_NUMBER=$number FAULT_ERRNO=${fault#*:} FAULT_REPORT=$work/reached LD_PRELOAD=$faults
				export FAULT_CALL FAULT_NUMBER FAULT_ERRNO FAULT_REPORT LD_PRELOAD
				train disturbed
			) >out 2>err
			status=$?
			[ -e reached ] || break
			crashed $status && fail "files: $fault $number: status $status"
			[ $status = 0 ] || [ -s err ] || fail "files: $fault $number: status $status without a word"
			go_on "files: $fault $number" disturbed
			number=$((number + 1))
			[ $number -gt 40 ] && number=$((number + 17)) # the first ones one by one, then samples
		done
		echo "files: $fault: $((number - 1)) calls"
	done
}

# A training of this kind is killed so many times, or until it has ended.
kill_series() {
	rm -rf killed
	train killed "$1" >out 2>err &
	series=0
	while :; do
		pid=$!
		draw 250
		sleep "0.$(printf %03d "$drawn")"
		kill -KILL $pid 2>/dev/null
		wait $pid 2>/dev/null
		[ $? = 137 ] || break # it had ended before
		count=$((count + 1))
		series=$((series + 1))
		ls -d killed/checkpoint-* >/dev/null 2>&1 && saved=$((saved + 1))
		[ -e killed/run.json ] && [ $series -lt "$2" ] || break
		(exec "$revue" train --resume killed) >out 2>err &
	done
	go_on "kills: $1: after kill $count" killed "$1"
}

# Each kind has its turn at least once.
kills() {
	most=$((kills / 8 < 3 ? 3 : kills / 8 > 12 ? 12 : kills / 8))
	count=0
	saved=0
	round=0
	while [ $count -lt "$kills" ] || [ $round = 0 ]; do
		for kind in $kinds; do
			[ $count -ge "$kills" ] && [ $round -gt 0 ] || kill_series "$kind" $most
		done
		round=$((round + 1))
	done
	echo "kills: $count, $saved of them where there was a checkpoint"
}

# Phases by what the run has written so far; the signal comes right after.
in_phase() {
	tries=0
	while [ $tries -lt 2000 ]; do
		case $1 in
		start) return ;;
		reading) [ -e asked/run.json ] && return ;;
		stepping) grep -q '"loss"' asked/metrics.jsonl 2>/dev/null && return ;;
		saving) ls -d asked/checkpoint-* >/dev/null 2>&1 && return ;;
		finishing) [ -d asked/model ] && return ;;
		esac
		kill -0 $pid 2>/dev/null || return
		sleep 0.003
		tries=$((tries + 1))
	done
}

signals() {
	undisturbed
	for signal in INT TERM HUP QUIT "TERM TERM" "TSTP CONT TERM"; do
		for phase in start reading stepping saving finishing; do
			rm -rf asked
			train asked >out 2>err &
			pid=$!
			in_phase $phase
			for one in $signal; do
				kill -s "$one" $pid 2>/dev/null
				[ "$one" = "$signal" ] || sleep 0.6
			done
			tries=0
			while kill -0 $pid 2>/dev/null && [ $tries -lt 200 ]; do
				sleep 0.05
				tries=$((tries + 1))
			done
			if kill -0 $pid 2>/dev/null; then
				fail "signals: $signal while $phase: still there after ten seconds"
				kill -KILL $pid
			fi
			wait $pid 2>/dev/null
			go_on "signals: $signal while $phase" asked
		done
	done
	echo "signals: every one in every phase"
}

# pick WORD...: one of them, in $picked
pick() {
	draw $#
	shift "$drawn"
	picked=$1
}

# What an action may be told: names of files and labels, numbers at their limits, filters, keys, nonsense. No folder above: runs
# that are found can be deleted.
random_words() {
	pick '' '' 0 1 -1 40 0.5 1e-4 1e999 nan 99999999999999999999 reviews.csv run calm_plain run/model tiny nowhere . new.csv \
		new.jsonl new.tsv new.svg new.ansi new.html new.txt positive negative other label=negative 'confidence<0.6 text~(' \
		'text~[a-' '!label=positive' 'learning-rate<1e-3 finished' accuracy 'learning-rate reverse' loss length review label '"' \
		"it's" '%s%n' "$long" 你好 '[31mred' 'delimiter ;' 'encoding utf-16le' 'header no' 'mouse off' 'theme dark' 'glyphs ascii' \
		'colors none' 'frame-rate 60' 'history off' 'announce 3601' 'device cpu' 'reviews z mark' 'Alt-z filter label=negative' z \
		'everywhere Q help' 'step 3' epoch '1 30' left right 0.9 confusion worst 'a note to read out'
}

# A wheel, a click or a drag, on the screen and a little beyond it.
random_mouse() {
	pick press press release up down drag
	deed=$picked
	draw 28 && row=$drawn
	draw 90 && column=$drawn
	if [ "$deed" = drag ]; then
		echo "mouse press $row $column"
		draw 28 && row=$drawn
		draw 90 && column=$drawn
		deed=release
	fi
	echo "mouse $deed $row $column"
}

# Any action by its name: on the line, where it may be one of another screen, or done at once.
random_command() {
	# shellcheck disable=SC2086 # a word each
	pick $actions
	name=$picked
	random_words
	draw 3
	case $drawn in
	0) printf 'do %s %s\n' "$name" "$picked" ;;
	1) printf 'key :\ntype %s %s\nkey Enter\n' "$name" "$picked" ;;
	2) printf 'key :\ntype %.3s\nkey Tab Tab\ntype %s\nkey Enter\n' "$name" "$picked" ;;
	esac
}

# Each key that any screen has by the table, and those of a text.
random_key() {
	pick 1 2 3 4 5 j k g G n N / f o t l m : ? s c p r d e i J K b y x w z a '|' + - 0 '<' '>' X u E L v R T M Q D h F H '[' ']' '&' = \
		_ . , q W é Enter Esc Tab BackTab Up Down Left Right Home End PgUp PgDn Space Backspace Del Ins Ctrl-A Ctrl-B Ctrl-F Ctrl-K \
		Ctrl-L Ctrl-P Ctrl-R Ctrl-U Ctrl-W Ctrl-Y Ctrl-_ Alt-Enter Alt-1 Alt-2 Alt-3 Alt-4 Alt-5 Alt-b Alt-f Alt-Left F1 F2 F3 F4 F5 F6 \
		F7 F8 F9
	echo "key $picked"
}

# A script of random keys, words, commands, mice and sizes.
random_keys() {
	lines=0
	while [ $lines -lt 120 ]; do
		lines=$((lines + 1))
		draw 28
		case $drawn in
		0) draw 60 && rows=$((drawn + 1)) && draw 200 && echo "resize $rows $((drawn + 1))" ;;
		1) echo "type a good film with a very bad end" ;;
		2) printf '%s\n' 'paste \n\n\n"quoted", 你好 👍🏽 é\t' ;; # an echo may make line breaks of it
		3) echo "do open reviews.csv" ;;
		4) echo "do model run/model" ;;
		5) echo "do watch calm_plain" ;;
		6) draw 70 && echo "do row $drawn" ;;
		7) echo "do search film" ;;
		8) echo "wait 20" ;;
		9 | 10) random_mouse ;;
		11 | 12 | 13) random_command ;;
		*) random_key ;;
		esac
	done
	echo "wait 50"
}

# The folder that a script is played in, anew for each: keys delete runs, write files, and go up to folders above.
playground() {
	rm -rf "$work/a"
	mkdir -p a/b/c/d/play
	cp -r reviews.csv tiny run calm_plain a/b/c/d/play
}

# What leaves the program (Q, q, :quit) ends its script, and the next one begins it again.
keys() {
	undisturbed
	actions=$(sed -n 's/^	X([A-Z_]*, "\([a-z-]*\)".*/\1/p' "$source_folder/ui/action.h")
	long=$(printf '%400s' '' | tr ' ' x)
	end=$(($(date +%s) + seconds))
	count=0
	while [ "$(date +%s)" -lt $end ]; do
		count=$((count + 1))
		at=$seed
		playground
		random_keys >keys.script
		(
			cd a/b/c/d/play || exit 99
			HOME=$PWD REVUE_CONFIG=$PWD/config
			export HOME REVUE_CONFIG
			unset XDG_STATE_HOME XDG_CACHE_HOME XDG_CONFIG_HOME
			LINES=24 COLUMNS=80 timeout 120 "$sanitized" --script "$work/keys.script" -m run/model reviews.csv
		) >out 2>err
		status=$?
		# Random scripts may end early by themselves (0), or be told to wait for what does not come (1).
		if grep -q 'keys.script: line .*\(scripts do not have\|no key is called\|the mouse does\|no action is called\)' err; then
			fail "keys: what was drawn is no script: $(tail -n 1 err)"
		fi
		if crashed $status || grep -q 'ERROR: \|runtime error' err; then
			cp keys.script "keys-$at.script"
			cp err "keys-$at.err"
			fail "keys: status $status of keys-$at.script: $(grep -m 1 'ERROR: \|runtime error' err)"
		fi
	done
	echo "keys: $count scripts"
}

# on_emulator NAME PROGRAM: a test that may not have been built
on_emulator() {
	if [ -z "$2" ]; then
		echo "$1: skipped, there is no program for it"
	elif REVUE=$revue TMPDIR=$work "$2" >emulator.log 2>&1; then
		sed -n "s/^#.*SKIP/$1: SKIP/p; s/^# \([0-9]\)/$1: \1/p" emulator.log
	else
		fail "$1: $(grep -a -m 1 'SEED\|ERROR' emulator.log || tail -n 1 emulator.log)"
	fi
}

hostile() {
	REVUE_HOSTILE_TEXTS=${REVUE_HOSTILE_TEXTS:-1000000}
	export REVUE_HOSTILE_TEXTS
	on_emulator hostile "${HOSTILE:-}"
}

names() {
	REVUE_HOSTILE_NAMES=${REVUE_HOSTILE_NAMES:-2000}
	export REVUE_HOSTILE_NAMES
	on_emulator names "${NAMES:-}"
}

# every_size KEYS...: a script that goes to a screen and draws it in all of them
every_size() {
	echo "wait idle"
	printf '%s\n' "$@"
	awk 'BEGIN { for (rows = 1; rows <= 100; rows++) for (columns = 1; columns <= 300; columns++) printf "resize %d %d\nwait 0\n", rows, columns }'
}

sizes() {
	for screen in "key 1" "key 1 d" "key 2" "key 2 Enter" "key 3" "do watch calm_plain" "key 5" "do model run/model" "key ?" "key Ctrl-P"; do
		undisturbed
		every_size "$screen" "wait idle" >sizes.script
		[ "$screen" != "do model run/model" ] || every_size "$screen" "wait idle" "key 4" "type not bad at all" "wait idle" >sizes.script
		LINES=24 COLUMNS=80 "$sanitized" --script sizes.script reviews.csv >out 2>err ||
			fail "sizes: $screen: status $?: $(grep -m 1 'ERROR: \|runtime error' err || tail -n 1 err)"
	done
	echo "sizes: 30,000 on ten screens"
	sizes_on_emulator $(((${REVUE_SIZES:-30000} + 7) / 8))
}

# Eight parts at once: most of the time each waits for the screen to be quiet.
sizes_on_emulator() {
	of_sizes=
	for part_of_sizes in 0 1 2 3 4 5 6 7; do
		(
			REVUE_SIZES=$1 REVUE_SIZES_FIRST=$((part_of_sizes * $1))
			export REVUE_SIZES REVUE_SIZES_FIRST
			failures=0
			mkdir "sizes_$part_of_sizes" && cd "sizes_$part_of_sizes" && on_emulator sizes "${SIZES:-}"
			exit $failures
		) &
		of_sizes="$of_sizes $!"
	done
	for part_of_sizes in $of_sizes; do
		wait "$part_of_sizes" || failures=$((failures + 1))
	done
}

prepare
for part in $parts; do
	$part
done
if [ $failures = 0 ]; then
	cd / && rm -rf "$work"
	echo "ok - $parts"
	exit 0
fi
echo "$failures failures; what is left of them: $work"
exit 1
