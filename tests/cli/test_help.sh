#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# --help, --version, the list of options and the man pages: all tell the same.
. "${REVUE_SOURCE:-.}/tests/cli/tap.sh"

# Nothing but the program is needed: no home, no terminal, no environment.
bare() {
	env -i "$revue" "$@" </dev/null
}

is "the version" "revue" "$(bare --version | sed 's/ [0-9.]*$//')"
is "nothing on standard error" "" "$(bare --help 2>&1 >/dev/null)"
matches "help names the commands" '^  revue score ' "$(bare --help)"
is "help is help" "$(bare --help)" "$(bare help)"
is "-h is --help" "$(bare train --help)" "$(bare train -h)"
is "help of a command is --help of it" "$(bare score --help)" "$(bare help score)"
is "--help wins over a wrong option" "$(bare score --help)" "$(bare score --frobnicate --help)"
bare --help >/dev/null 2>&1
is "help is success" 0 $?

# Who looks for it with ps or top finds it under its own name.
mkfifo pipe
ln -s "$revue" exe
./exe tokens pipe >/dev/null &
exec 3<>pipe # not only to write, which would wait for ever where the program does not read
sleep 0.3
is "the process is called revue, whatever it was started as" "revue" "$(cat "/proc/$!/comm")"
exec 3>&-
wait

"$revue" help --list >list
tab=$(printf '\t')
for command in $(awk -F "$tab" '$1 == "command" { print $2 }' list); do
	case $command in
	-) what=screens page=$source_folder/man/revue.1 help=$("$revue" --help) ;;
	help) what=help page=$source_folder/man/revue.1 help=$("$revue" help help) ;;
	*) what=$command page=$source_folder/man/revue-$command.1 help=$("$revue" "$command" --help) ;;
	esac
	awk -F "$tab" -v name="$command" '$1 == "option" && $2 == name { print substr($3, 3) }' list | sort >options
	is "$what: every option is in --help" "" \
		"$(while read -r option; do printf '%s\n' "$help" | grep -qE -- "--$option( |\$)" || echo "$option"; done <options)"
	case $command in # whose page says that it takes the options of train
	search | find-rate | pretrain) pages="$page $source_folder/man/revue-train.1" ;;
	*) pages=$page ;;
	esac
	is "$what: every option is in its man page" "" "$(while read -r option; do
		# shellcheck disable=SC2086
		grep -qE "^(\\.It Fl|\\.It Fl . , Fl|\\.Fl) -$option( |\$)" $pages || echo "$option"
	done <options)"
	[ "$page" = "$source_folder/man/revue.1" ] ||
		is "$what: its man page has no option that is not there" "" \
			"$(sed -n -E 's/^\.It Fl (. , Fl )?-([a-z0-9-]+).*/\2/p' "$page" | sort | comm -23 - options)"
done
is "every command is in revue(1)" "" "$(awk -F "$tab" '$1 == "command" && $2 != "-" { print $2 }' list | while read -r name; do
	grep -qE "^\\.It (Xr revue-$name 1|Nm Cm $name)" "$source_folder/man/revue.1" || echo "$name"
done)"
is "every man page has examples" "" "$(cd "$source_folder/man" && grep -L '^\.Sh EXAMPLES' -- *.1)"
is "revue(1) refers to every other page" "" "$(cd "$source_folder/man" && for page in revue-*.1; do
	sed -n '/^\.Sh SEE ALSO/,$p' revue.1 | grep -q "^\.Xr ${page%.1} 1" || echo "$page"
done)"
# A default that changes in the table must change in the page.
is "the man page of train names every default" "" "$("$revue" train --help | awk '
	/^  --/ { name = $1 } / \[.*\]$/ { value = $0; sub(/.*\[/, "", value); sub(/\]$/, "", value)
	if (value != "0" && value !~ /CLS|SEP/) print name, value }' | while read -r name value; do
	awk -v name="Fl -${name#--}" -v value="$value" '
		index($0, ".It " name " ") { inside = 1; next } /^\.It/ { inside = 0 }
		inside && (index($0, "Default " value) || index($0, ".Cm " value)) { found = 1 }
		END { exit !found }' "$source_folder/man/revue-train.1" || echo "$name $value"
done)"

is "every setting of the screens is in revue(1)" "" "$(sed -n 's/^\tX([A-Z_]*, "\([a-z-]*\)".*/\1/p' "$source_folder/ui/settings.h" |
	while read -r name; do grep -q "^\.It Ic $name [AC]" "$source_folder/man/revue.1" || echo "$name"; done)"

# A topic is a screenful of plain text; a mistyped one names the nearest.
awk -F "$tab" '$1 == "topic" { print $2 }' list >topics
is "there are topics" "" "$(for name in labels splits overfitting calibration; do grep -qx "$name" topics || echo "$name"; done)"
is "each topic is a screenful of ASCII" "" "$(while read -r name; do
	"$revue" help "$name" | LC_ALL=C awk -v name="$name" '/[^ -~]/ || length($0) > 80 { print name ": " $0 } END { if (NR < 10 || NR > 22) print name, NR }'
done <topics)"
is "each option that a topic names is there" "" "$(while read -r name; do "$revue" help "$name"; done <topics |
	grep -oE -- '--[a-z][a-z0-9-]+' | sort -u | while read -r option; do
	awk -F "$tab" -v option="$option" '$1 == "option" && $3 == option { found = 1 } END { exit !found }' list || echo "$option"
done)"
is "each topic is in revue(1)" "" "$(while read -r name; do grep -q "^\\.It Cm $name\$" "$source_folder/man/revue.1" || echo "$name"; done <topics)"
is "a mistyped topic" 'revue: "overfiting" is neither a command nor a topic; did you mean "overfitting"?' \
	"$("$revue" help overfiting 2>&1 </dev/null)"

# What other programs call an option leads to ours, in every command that has it.
is "every name of another program leads to an option" "" "$(awk -F "$tab" '
	$1 == "option" { there[substr($3, 3)] = 1 }
	$1 == "synonym" { if ($2 in there) print $2 " is an option"; n = split($3, to, " "); for (i = 1; i <= n; i++) if (!(to[i] in there)) print $2, to[i] }' list)"
says() { "$revue" "$@" 2>&1 </dev/null; }
for pair in epochs:num-train-epochs lr:learning-rate batch-size:per-device-train-batch-size batch:per-device-train-batch-size \
	num_epochs:num-train-epochs learning-rat:learning-rate; do
	is "--${pair%:*} is told what it is called here" "revue: there is no option --${pair%:*}; did you mean --${pair#*:}?" \
		"$(says train x.csv "--${pair%:*}" 3)"
done
is "a command without such an option names another" "revue: there is no option --lr (--help lists them)" "$(says score --lr 3 x)"
is "--base-model where there is no training" "revue: there is no option --base-model; did you mean --model?" "$(says eval x --base-model b)"
is "a mistyped command with what belongs to it" 'revue: "scor" is neither a command nor a file; did you mean "score"?' "$(says scor -m x y z)"
matches "too many files name the usage" '"revue --help" shows the usage' "$(says . .)"

done_testing
