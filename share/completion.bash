# bash completion for revue -*- shell-script -*-
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Knows nothing by itself: commands and options come from `revue help --list`, whose lines are
#   command  NAME  HELP
#   option   NAME  --LONG  flag|integer|real|text|file|arguments|folder|CHOICE|CHOICE...  -SHORT
#   topic    NAME  HELP
#   order    NAME  (of `revue control`, after its RUN)
#   recipe   NAME  (what takes arguments takes a file or one of these)

# The kind of value that option $2 of command $1 takes.
_revue_kind() {
	"$program" help --list 2>/dev/null | awk -F '\t' -v name="$1" -v option="$2" \
		'$1 == "option" && $2 == name && ($3 == option || $5 == option) { print $4 }'
}

_revue() {
	local program=$1 word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} name=- kind choices IFS=$' \t\n'
	COMPREPLY=()
	if ((COMP_CWORD > 1)) && [[ ${COMP_WORDS[1]} != -* ]]; then
		name=${COMP_WORDS[1]}
	fi
	if [[ $before == -* ]]; then
		kind=$(_revue_kind "$name" "$before")
		case $kind in
		folder) mapfile -t COMPREPLY < <(compgen -d -- "$word"); return ;;
		file | text) mapfile -t COMPREPLY < <(compgen -f -- "$word"); return ;;
		arguments)
			mapfile -t COMPREPLY < <(compgen -f -- "$word")
			choices=$("$program" help --list 2>/dev/null | awk -F '\t' '$1 == "recipe" { print $2 }')
			mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -W "$choices" -- "$word")
			return ;;
		integer | real) return ;;
		*'|'*) choices=${kind//|/ }; mapfile -t COMPREPLY < <(compgen -W "$choices" -- "$word"); return ;;
		esac
	fi
	if [[ $word == -* ]]; then
		choices=$("$program" help --list 2>/dev/null |
			awk -F '\t' -v name="$name" '$1 == "option" && $2 == name { print $3 }')
		mapfile -t COMPREPLY < <(compgen -W "$choices --help" -- "$word")
		return
	fi
	mapfile -t COMPREPLY < <(compgen -f -- "$word")
	if ((COMP_CWORD == 1)) || [[ $name == help ]]; then
		choices=$("$program" help --list 2>/dev/null | awk -F '\t' '$1 == "command" && $2 != "-" { print $2 }')
		mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -W "$choices" -- "$word")
	fi
	if [[ $name == control ]] && ((COMP_CWORD == 3)); then
		choices=$("$program" help --list 2>/dev/null | awk -F '\t' '$1 == "order" { print $2 }')
		mapfile -t COMPREPLY < <(compgen -W "$choices" -- "$word")
	fi
	if [[ $name == help ]]; then
		choices=$("$program" help --list 2>/dev/null | awk -F '\t' '$1 == "topic" { print $2 }')
		mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -W "$choices" -- "$word")
	fi
}
complete -o filenames -F _revue revue
