#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# What bash, zsh and fish complete on a command line of revue, each asked itself where it is installed.
. "${REVUE_SOURCE:-.}/tests/cli/tap.sh"

mkdir -p bin runs/a runs/b/checkpoint-1 "other things" models/tiny
ln -s "$revue" bin/revue
PATH=$PWD/bin:$PATH
touch runs/a/run.json models/tiny/config.json reviews.csv reviews.o
export PATH

is "a shell that has no completion" 'revue: there is no completion for "tcsh": bash, zsh and fish have one' \
	"$("$revue" completion tcsh 2>&1 </dev/null)"

# The words that each shell offers at the end of a line, sorted, with one blank between.
in_a_line() { sort -u | tr '\n' ' ' | sed 's/ $//'; }

bash_words() {
	bash -c 'eval "$(revue completion bash)"; read -ra COMP_WORDS <<<"$1"; [[ $1 == *" " ]] && COMP_WORDS+=("")
		[[ $1 == *=* ]] && COMP_WORDS=(revue train --save-strategy = "")
		COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _revue revue; printf "%s\n" "${COMPREPLY[@]}"' bash "$1" | in_a_line
}

fish_words() {
	HOME=$PWD XDG_CONFIG_HOME=$PWD fish -N -c 'revue completion fish | source; complete -C $argv[1]' "$1" 2>&1 |
		cut -f 1 | sed 's|/$||' | in_a_line
}

# zsh completes at a terminal only: one is made, and what it lists is read off.
cat >drive.zsh <<'END'
zmodload zsh/zpty
zpty z "TERM=dumb COLUMNS=200 LINES=200 zsh -f -i"
zpty -w z "PS1=; unsetopt prompt_sp; autoload -Uz compinit; compinit -u -D; eval \"\$(revue completion zsh)\"; unsetopt auto_menu auto_remove_slash
zstyle ':completion:*' list-separator '#'; LISTMAX=0; echo be''gin"
zpty -r z text '*begin*'
zpty -w -n z "$1"$'\t'
integer tries=0
while ((tries++ < 30)); do
	zpty -r -t z more && text+=$more || sleep 0.1
done
print -r -- "$text"
END
zsh_words() {
	zsh -f drive.zsh "$1" | tr -d '\r\a' | sed 's/.*begin//' | sed 's/\x1b\[[^a-zA-Z]*[a-zA-Z]//g' >zsh.out
	tr '\t' '\n' <zsh.out | sed 's/ *#.*//' | tr -s ' \b' '\n\n' | grep -- "$2" | sed 's|/$||' | in_a_line
}

# Each shell is asked the same; $1 is its name.
check_shell() {
	says() { "${shell}_words" "$@"; }
	is "$shell: a command" "score" "$(says "revue sc" score)"
	is "$shell: options" "--save-adapter --save-dtype --save-steps --save-strategy --save-total-limit" "$(says "revue train --save-" --save-.)"
	is "$shell: choices" "inverse_sqrt" "$(says "revue train --lr-scheduler-type inv" inverse)"
	is "$shell: an option that may be given again" "--exclude" "$(says "revue eval --exclude a.csv --excl" --excl)"
	is "$shell: what a text may be" "comma" "$(says "revue info --delimiter com" comma)"
	is "$shell: reviews before other files" "reviews.csv" "$(says "revue train rev" reviews)"
	is "$shell: a folder of models" "models" "$(says "revue eval -m mod" models)"
	is "$shell: runs before other folders" "runs/a" "$(says "revue watch runs/" runs/a)"
	is "$shell: an order after a run" "pause" "$(says "revue control runs/a pau" pause)"
	is "$shell: an operand after an option with a value" "evaluate" "$(says "revue control runs/a eva" evaluate)"
	is "$shell: a topic" "overfitting" "$(says "revue help overf" overfitting)"
	is "$shell: a recipe" "tinybert-4l-312" "$(says "revue train --args tiny" tinybert)"
	is "$shell: a shell" "zsh" "$(says "revue completion z" zsh)"
}

for file in revue.bash _revue revue.fish; do
	shell=${file#*.}
	[ $file = _revue ] && shell=zsh
	if command -v "$shell" >/dev/null; then
		"$revue" completion "$shell" >made
		is "$shell reads it" "" "$("$shell" -n made 2>&1)"
		is "$shell reads what is installed" "" "$("$shell" -n "$source_folder/share/completion/$file" 2>&1)"
		check_shell
	else
		skip "completion of $shell" "there is no $shell"
	fi
done

done_testing
