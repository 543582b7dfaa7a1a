#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The rules of the house that a script can see. It runs in a build folder: what it says of calls it reads there out of
# the objects with nm. tests/lint_test.sh plants an offence against each rule.
# shellcheck disable=SC2086,SC2046 # lists of files without blanks in their names
build=$(pwd)
cd "${REVUE_SOURCE:-.}" || exit 99
source_folder=$(pwd)
LC_ALL=C
export LC_ALL

sources=$(find engine src ui tests -name '*.[ch]' -o -name '*.cu' -o -name '*.cc' | sort)
scripts="quickstart .ci/run $(find tests -name '*.sh' | sort)"
engine=$(find engine -name '*.[ch]' | sort)
number=0
scratch=$(mktemp -d) || exit 99
trap 'rm -rf "$scratch"' EXIT

# The objects of the program, without those of sources that went.
objects=
for file in $(find engine src ui -name '*.c' | sort); do
	for prefix in '' revue- libui_a-; do
		object=$build/$(dirname $file)/$prefix$(basename $file .c).o
		test ! -f $object || objects="$objects $object"
	done
done

# rule NAME FUNCTION: the function prints what breaks the rule; nothing is good.
rule() {
	number=$((number + 1))
	found=$("$2")
	if [ -z "$found" ]; then
		echo "ok $number - $1"
	else
		echo "not ok $number - $1"
		printf '%s\n' "$found" | head -n "${LINT_LINES:-20}" | sed 's/^/# /'
	fi
}

# needs WHAT NAME FUNCTION: a rule that is skipped where WHAT is empty.
needs() {
	if [ -n "$1" ]; then
		rule "$2" "$3"
	else
		number=$((number + 1))
		echo "ok $number - $2 # SKIP nothing is built here"
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
	# Of Jansson: what is not whole, or breaks, when memory is short (engine/base/json.h has others).
	code $engine | grep -E '\<(json_loads|json_loadb|json_loadf|json_load_file|json_dumps|json_dump_file)[[:space:]]*\('
}

prints() {
	code $engine | grep -E '\<(exit|_exit|abort|printf|vprintf|puts|putchar|perror|stdout|stderr)\>' |
		grep -v 'format(printf'
}

terminals() {
	grep -nE '#include[[:space:]]*[<"](n?curses|ncursesw|readline|term\.h|ui/|src/)' $engine
}

# Which room a file belongs to, and how high each room stands.
# engine/model.h also holds the words of config.json, which the operations and the formats share.
rooms='
	BEGIN {
		count = split("base 0 backend 1 text 1 format 1 data 2 model 2 insight 3 teach 3 train 3 study 4 hub 4", words, " ")
		for (i = 1; i < count; i += 2) height[words[i]] = words[i + 1]
		count = split("clock base device base error base job base progress base span base thread base wake base wish base " \
			"words base nearest base system base share base tokenizer text scrub text model format dataset data dialect data evaluate train baseline train insight insight " \
			"options train outlook train exclusion train run train runs train held_out train steering train trainer train prediction_cache model attribution model table_writer data doubles text corrections data study study rate_finder study", face, " ")
		for (i = 1; i < count; i += 2) room["engine/" face[i] ".h"] = face[i + 1]
		room["config.h"] = "base"
		count = split("optimize options rows run baseline", words, " ") # inside engine/train, lowest first
		for (i = 1; i <= count; i++) step["engine/train/" words[i]] = i
		step["engine/train"] = i
	}
	function room_of(file, part, parts) {
		parts = split(file, part, "/")
		return parts > 2 && part[1] == "engine" ? part[2] : room[file]
	}
	function folder_of(file) { sub(/\/[^\/]*$/, "", file); return file }
	function stem_of(file) { sub(/\.([ch]|cu|cc)$/, "", file); return file }'

# FILE FILE SYMBOL, for every name that one object of the program takes from another.
calls() {
	nm -A -P $objects | awk -v build="$build/" '
	{
		file = substr($1, length(build) + 1)
		sub(/:$/, "", file)
		sub(/[^\/]*-/, "", file)
		sub(/\.o$/, ".c", file)
		if ($3 ~ /^[TDBRCGSVW]$/) defined_in[$2] = file
		else if ($3 == "U") { user[++uses] = file; used[uses] = $2 }
	}
	END { for (i = 1; i <= uses; i++) if (used[i] in defined_in) print user[i], defined_in[used[i]], used[i] }'
}

floors() {
	{
		includes
		test -z "$objects" || calls
	} | awk "$rooms"'
	$1 ~ /^engine\/.*\// {
		target = room_of($2)
		act = NF == 3 ? " calls " $3 " of " : " includes "
		if (!(target in height)) print $1 act $2 ", whose floor tests/lint.sh does not know"
		else if (height[target] + 0 > height[room_of($1)] + 0) print $1 act $2
		else if (folder_of($1) in step && step[folder_of($2)] > step[folder_of($1)]) print $1 act $2
	}'
}

# FOLDER/STEM LINE for every name in the block that begins with "Layers" in the README of a folder with sources.
layer_lines() {
	for folder in $(dirname $(program_sources) | sort -u); do
		test ! -f $folder/README || awk -v folder=$folder '
		/^Layers/ { inside = 1; next }
		inside && /^[^[:space:]]/ { inside = 0 }
		inside && NF {
			first = 1
			if ($1 ~ /^[0-9]+$/) { line = $1; first = 2 }
			for (i = first; i <= NF; i++) print folder "/" $i, line
		}' $folder/README
	done
}

program_sources() {
	find engine/*/ src ui -name '*.[ch]' -o -name '*.cu' | sort
}

layers_named() {
	{
		layer_lines | sed 's/^/L /'
		program_sources | sed 's/^/F /'
	} | awk "$rooms"'
	$1 == "L" && $2 in line { print folder_of($2) "/README names " $2 " twice" }
	$1 == "L" { line[$2] = $3; has[folder_of($2)] = 1 }
	$1 == "F" { there[stem_of($2)] = 1 }
	END {
		for (stem in there) if (has[folder_of(stem)] && !(stem in line)) print folder_of(stem) "/README lacks " stem
		for (stem in line) if (!(stem in there)) print folder_of(stem) "/README names " stem ", which is not there"
	}' | sort
}

layers_kept() {
	{
		layer_lines | sed 's/^/L /'
		includes
		test -z "$objects" || calls
	} | awk "$rooms"'
	$1 == "L" { line[$2] = $3; next }
	{
		from = stem_of($1); to = stem_of($2)
		if (from in line && to in line && from != to && folder_of(from) == folder_of(to) && line[to] >= line[from])
			print $1 (NF == 3 ? " calls " $3 " of " : " includes ") $2 ", which does not stand lower in " \
				folder_of(from) "/README"
	}' | sort -u
}

rooms_described() {
	for folder in $(dirname $(find engine/*/ -name '*.[ch]') | sort -u); do
		grep -qs '^Layers' $folder/README || echo "$folder/README has no block that begins with \"Layers\""
	done
}

# A function that only tests call says so in the paragraph of its header that declares it: "for tests".
unused() {
	{
		cat $(find engine src ui -name '*.h') | awk -v RS= '
		/for[[:space:]]+(\*[[:space:]]*)?tests/ {
			while (match($0, /[a-z_0-9]+\(/)) {
				print "T", substr($0, RSTART, RLENGTH - 1)
				$0 = substr($0, RSTART + RLENGTH)
			}
		}'
		calls | awk '{ print "U", $3 }'
		nm -A -P $objects | awk '$3 == "T" && $2 !~ /^_/ { print "D", $2, $1 }'
	} | awk -v build="$build/" '
	$1 == "T" || $1 == "U" { fine[$2] = 1; next }
	$2 != "main" && !($2 in fine) {
		sub(/:$/, "", $3)
		print substr($3, length(build) + 1) ": nobody else calls " $2
	}'
}

# LINT_CC is the compiler with the options that tell it where headers are. The lanes are no headers but the source of
# the kernels: each instruction set includes them after it has said how wide a vector is.
alone() {
	find engine src ui -name '*.h' ! -path 'engine/backend/cpu/lanes*' ! -path 'engine/backend/cuda/*' | sort | sed "s|^|$(pwd)/|" | {
		cd "$build" && xargs -P 2 -n 12 $LINT_CC -fsyntax-only -w -Werror=implicit-function-declaration -x c 2>&1
	} | grep 'error:'
}

# LINT_CXX likewise for the headers in C++, over those of the emulated device.
alone_in_cxx() {
	for file in $(find engine/backend/cuda tests/cuda -name '*.h' 2>/dev/null | sort); do
		(cd "$build" && $LINT_CXX -fsyntax-only -w -x c++ "$source_folder/$file" 2>&1)
	done | grep 'error:'
}

# FILE:LINE:TEXT of all comments, and of pages that are nothing else.
comments() {
	awk '
	FNR == 1 { inside = FILENAME !~ /\.([ch]|cu|cc)$/ }
	FILENAME !~ /\.([ch]|cu|cc)$/ { print FILENAME ":" FNR ":" $0; next }
	{
		text = $0
		out = ""
		if (!inside) gsub(/"([^"\\]|\\.)*"/, "", text)
		while (length(text)) {
			at = index(text, inside ? "*/" : "/*")
			if (inside) out = out " " (at ? substr(text, 1, at - 1) : text)
			if (!at) break
			text = substr(text, at + 2)
			inside = !inside
		}
		if (out != "") print FILENAME ":" FNR ":" out
	}' "$@"
}

# Names of files in comments: a path, or a name alone, with or without .c or .h; kernels_*.c stands for any of them. What
# is not ours stands in <angles> or in an address.
named() {
	{
		find . -path ./.git -prune -o -path "./${build##*/}" -prune -o -print | sed 's|^\./||'
		echo config.h
	} >"$scratch/names"
	comments $sources $(find . -name README -o -name HACKING | sed 's|^\./||' | grep -v '^share/') |
		awk -v names="$scratch/names" '
	BEGIN {
		while ((getline name < names) > 0) {
			there[name] = 1
			stem = name
			sub(/\.([ch]|cu|cc)$/, "", stem)
			there[stem] = 1
			sub(/.*\//, "", name)
			there["*/" name] = 1
			all = all "\n" name
		}
		all = all "\n"
	}
	function found(name, page, folder) {
		folder = page
		if (!sub(/[^\/]*$/, "", folder)) folder = ""
		if (name in there || (folder name) in there) return 1
		if (name !~ /\// && ("*/" name) in there) return 1 # a name alone may stand in any room
		if (index(name, "*")) {
			sub(/.*\//, "", name)
			gsub(/\./, "[.]", name)
			gsub(/\*/, "[^\n]*", name)
			return all ~ ("\n" name "\n")
		}
		return 0
	}
	{
		split($0, place, ":")
		text = substr($0, length(place[1]) + length(place[2]) + 3)
		gsub(/[a-z]+:\/\/[^[:space:]]*|<[^>]*>/, "", text)
		while (match(text, /[A-Za-z0-9_.\/*-]+/)) {
			name = substr(text, RSTART, RLENGTH)
			text = substr(text, RSTART + RLENGTH)
			sub(/[.\/]+$/, "", name)
			sub(/^\.\//, "", name)
			if (name !~ /^(engine|src|ui|tests|man|share)\// && name !~ /^[a-z_0-9\/*]+\.(c|h|sh|cu|cc)$/) continue
			if (name ~ /^\.\.|NAME|[.]log$/) continue
			if (!found(name, place[1])) print place[1] ":" place[2] ": there is no " name
		}
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
	find engine src ui tests/cuda -name '*.[ch]' -o -name '*.cu' -o -name '*.cc' 2>/dev/null | grep -v '/planted.cu$' | sort
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

# What a merge of two lists leaves: a line, or what is told of a name, that stands there already.
twice() {
	for file in HACKING Makefile.am $(find engine src ui tests -name README); do
		test ! -f "$file" || awk -v file="$file" '
		/^  [a-zA-Z_]+  +[^ ]/ && file != "HACKING" { if ($1 in names) print file ":" FNR ": " $1 " is told of in line " names[$1] " too"
			names[$1] = FNR }
		/^[^\t]/ && length($0) > 30 { if ($0 in lines) print file ":" FNR ": stands in line " lines[$0] " too"
			lines[$0] = FNR }' "$file"
	done
}

machine_paths() {
	grep -nE '/(home|root|srv|mnt)/' $sources $scripts Makefile.am configure.ac | grep -v '^tests/lint'
}

rule "no banned function" banned
rule "the engine neither prints nor exits" prints
rule "the engine knows no terminal" terminals
rule "a lower floor never includes or calls a higher one" floors
rule "every file of a room with layers stands in its README once" layers_named
rule "inside a room a file uses only what stands lower" layers_kept
rule "every room of the engine tells its layers" rooms_described
needs "$objects" "every external function is used by another file" unused
needs "${LINT_CC-}" "every header compiles by itself" alone
needs "${LINT_CXX-}" "every header in C++ compiles by itself" alone_in_cxx
rule "files that comments name exist" named
rule "ui and src include only the engine's face" faces
rule "every file names its licence" licences
rule "no stray white space" trailing
rule "no line over 140 columns" wide
rule "no file over 600 lines" long_files
rule "no function over 60 lines" long_functions
rule "every file stands in Makefile.am" unlisted
rule "nothing is listed twice" twice
rule "no path of a machine" machine_paths
echo "1..$number"
