#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The rules of the house that a script can see.
# shellcheck disable=SC2086,SC2046 # lists of files without blanks in their names
cd "${REVUE_SOURCE:-.}" || exit 99

sources=$(find engine src ui tests -name '*.[ch]' | sort)
scripts="quickstart .ci/run $(find tests -name '*.sh' | sort)"
engine=$(find engine -name '*.[ch]' | sort)
number=0

# rule NAME FUNCTION: the function prints what breaks the rule; nothing is good.
rule() {
	number=$((number + 1))
	found=$("$2")
	if [ -z "$found" ]; then
		echo "ok $number - $1"
	else
		echo "not ok $number - $1"
		printf '%s\n' "$found" | head -n 20 | sed 's/^/# /'
	fi
}

# The text of C files without comments and strings, each line as FILE:LINE:TEXT.
code() {
	awk '
	FNR == 1 { comment = 0 }
	{
		text = $0
		gsub(/"([^"\\]|\\.)*"/, "\"\"", text)
		out = ""
		while (length(text)) {
			if (comment) {
				at = index(text, "*/")
				if (!at) break
				text = substr(text, at + 2)
				comment = 0
			} else {
				at = index(text, "/*")
				if (!at) { out = out text; break }
				out = out substr(text, 1, at - 1)
				text = substr(text, at + 2)
				comment = 1
			}
		}
		print FILENAME ":" FNR ":" out
	}' "$@"
}

# FILE HEADER for every include of a header of this project.
includes() {
	awk '/^#include "/ { split($0, part, "\""); print FILENAME, part[2] }' $sources
}

banned() {
	code $sources |
		grep -E '\<(strcpy|strcat|stpcpy|sprintf|vsprintf|gets|strtok|atoi|atol|atoll|atof|alloca)[[:space:]]*\('
}

prints() {
	code $engine | grep -E '\<(exit|_exit|abort|printf|vprintf|puts|putchar|perror|stdout|stderr)\>' |
		grep -v 'format(printf'
}

terminals() {
	grep -nE '#include[[:space:]]*[<"](n?curses|ncursesw|readline|term\.h|ui/|src/)' $engine
}

# engine/model.h also holds the words of config.json, which the operations and the formats share.
floors() {
	includes | awk '
	BEGIN {
		count = split("base 0 backend 1 text 1 format 1 data 2 model 2 train 3 insight 4 hub 4", words, " ")
		for (i = 1; i < count; i += 2) floor[words[i]] = words[i + 1]
		count = split("error base device base progress base span base wake base system base share base tokenizer text " \
			"scrub text model format dataset data evaluate train options train run train trainer train", face, " ")
		for (i = 1; i < count; i += 2) room["engine/" face[i] ".h"] = face[i + 1]
		room["config.h"] = "base"
	}
	split($1, from, "/") >= 3 && from[1] == "engine" {
		parts = split($2, to, "/")
		target = parts >= 3 ? to[2] : room[$2]
		if (!(target in floor)) print $1 " includes " $2 ", whose floor tests/lint.sh does not know"
		else if (floor[target] + 0 > floor[from[2]] + 0) print $1 " includes " $2
	}'
}

faces() {
	includes | awk '$1 ~ /^(ui|src)\// && $2 ~ /^engine\/.*\// { print $1 " includes " $2 }
	                $1 ~ /^ui\// && $2 ~ /^src\// { print $1 " includes " $2 }'
}

licences() {
	for file in $sources $scripts configure.ac Makefile.am; do
		head -n 3 "$file" | grep -q 'SPDX-License-Identifier: GPL-3.0-or-later' || echo "$file"
	done
}

trailing() {
	grep -nE '[[:space:]]+$' $sources $scripts Makefile.am configure.ac
	grep -nE '^ +	' $sources
}

# Tables of test cases may be wider and longer than code.
program() {
	find engine src ui -name '*.[ch]' | sort
	echo quickstart
}

wide() {
	for file in $(program); do
		expand "$file" | awk -v file="$file" 'length($0) > 140 { print file ":" FNR ": " length($0) " columns" }'
	done
}

long_files() {
	for file in $(program); do
		awk -v file="$file" 'END { if (FNR > 600) print file ": " FNR " lines" }' "$file"
	done
}

# A function opens and closes with a brace in the first column.
long_functions() {
	for file in $(program); do
		awk -v file="$file" '
		/^\{/ { start = FNR; name = last }
		/^\}/ && start { if (FNR - start > 61) print file ":" start ": " FNR - start - 1 " lines: " name; start = 0 }
		{ last = $0 }' "$file"
	done
}

# A test program may stand there as a program, without ".c".
unlisted() {
	for file in $sources $(find tests -name '*.sh') $(find man -name '*.1'); do
		case $file in
		tests/*.c) name=${file%.c} ;;
		*) name=$file ;;
		esac
		grep -qF "$name" Makefile.am || echo "$file"
	done
}

machine_paths() {
	grep -nE '/(home|root|srv|mnt)/' $sources $scripts Makefile.am configure.ac | grep -v '^tests/lint.sh:'
}

rule "no banned function" banned
rule "the engine neither prints nor exits" prints
rule "the engine knows no terminal" terminals
rule "a lower floor never includes a higher one" floors
rule "ui and src include only the engine's face" faces
rule "every file names its licence" licences
rule "no stray white space" trailing
rule "no line over 140 columns" wide
rule "no file over 600 lines" long_files
rule "no function over 60 lines" long_functions
rule "every file stands in Makefile.am" unlisted
rule "no path of a machine" machine_paths
echo "1..$number"
