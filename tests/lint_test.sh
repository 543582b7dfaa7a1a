#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Whether tests/lint.sh sees what it is for: a house of four files in which all is well, then one offence after the
# other planted in a copy of it.
source_folder=$(cd "${REVUE_SOURCE:-.}" && pwd)
compile=${LINT_CC:-cc}
compile=${compile%% -*}
scratch=$(mktemp -d) || exit 99
trap 'rm -rf "$scratch"' EXIT
cd "$scratch" || exit 99
licence='SPDX-License-Identifier: GPL-3.0-or-later'
number=0

# put FILE: standard input, after the licence.
put() {
	mkdir -p "house/$(dirname "$1")"
	{
		echo "/* $licence */"
		cat
	} >"house/$1"
}

# A fresh house: main -> engine/text/words -> engine/text/letters -> engine/base/memory
build_house() {
	rm -rf house objects
	mkdir -p house/tests house/man house/.ci house/ui
	echo 'int memory_size(void);' | put engine/base/memory.h
	printf '#include "engine/base/memory.h"\n\nint memory_size(void)\n{\n\treturn 1;\n}\n' | put engine/base/memory.c
	echo 'int letters_count(void);' | put engine/text/letters.h
	printf '#include "engine/text/letters.h"\n#include "engine/base/memory.h"\n\nint letters_count(void)\n{\n\treturn memory_size();\n}\n' |
		put engine/text/letters.c
	echo 'int words_count(void);' | put engine/words.h
	printf '#include "engine/words.h"\n#include "engine/text/letters.h"\n\n/* As letters.c has it. */\nint words_count(void)\n{\n\treturn letters_count();\n}\n' |
		put engine/text/words.c
	printf '#include "engine/words.h"\n\nint main(void)\n{\n\treturn words_count();\n}\n' | put src/main.c
	printf 'Layers, lowest first\n\n  1  memory\n' >house/engine/base/README
	printf 'Text.\n\nLayers, lowest first\n\n  1  letters\n  2  words\n' >house/engine/text/README
	echo 'The way: src/main.c, engine/text/words.c' >house/HACKING
	for script in quickstart .ci/run tests/a.sh configure.ac; do
		echo "# $licence" >"house/$script"
	done
	list_files
}

list_files() {
	(cd house && { echo "# $licence" && find engine src ui tests -type f; } >Makefile.am)
}

# lint: compiles the house and prints what lint says of it.
lint() {
	for file in $(cd house && find engine src ui -name '*.c'); do
		mkdir -p "objects/$(dirname "$file")"
		(cd house && $compile -I. -c -o "../objects/$file.o" "$file") || return
		mv "objects/$file.o" "objects/${file%.c}.o"
	done
	(cd objects && REVUE_SOURCE="$scratch/house" LINT_CC="$compile -I$scratch/house" \
		${SHELL:-sh} "$source_folder/tests/lint.sh") >out 2>&1
}

# check NAME: 0 when the last command succeeded
check() {
	result=$?
	number=$((number + 1))
	if [ $result = 0 ]; then
		echo "ok $number - $1"
	else
		echo "not ok $number - $1"
		sed 's/^/# /' out
	fi
}

# only RULE DETAIL [RULE DETAIL]: lint finds so many rules broken, each RULE, and says each DETAIL.
only() {
	lint
	test "$(grep -c '^not ok' out)" = $(($# / 2)) && grep -q "^not ok [0-9]* - $1" out && grep -q -e "^# .*$2" out &&
		grep -q "^not ok [0-9]* - ${3-$1}" out && grep -q -e "^# .*${4-$2}" out
	check "\"$1\" sees: $2${4+; \"$3\": $4}"
}

build_house
lint
test "$(grep -c '^not ok' out)" = 0 && ! grep -q SKIP out && tail -n 1 out | grep -q '^1\.\.'
check "nothing is wrong with a house in which all is well"

build_house
printf '\nint letters_copy(char *to)\n{\n\treturn sprintf(to, "x");\n}\n' >>house/engine/text/letters.c
sed -i -e 's/^int letters_copy/static &/' -e 's/return memory/return letters_copy(0) + memory/' house/engine/text/letters.c
sed -i '2i #include <stdio.h>\nstatic int letters_copy(char *to);' house/engine/text/letters.c
only "no banned function" "letters.c:.*sprintf"

build_house
sed -i 's/return 1;/puts("x");\n\treturn 1;/; 2i #include <stdio.h>' house/engine/base/memory.c
only "the engine neither prints nor exits" "memory.c:.*puts"

build_house
sed -i '2i #include <curses.h>' house/engine/base/memory.c
sed -i '2i #ifdef NEVER' house/engine/base/memory.c && sed -i '4i #endif' house/engine/base/memory.c
only "the engine knows no terminal" "memory.c:3:"

build_house
sed -i '2i #include "engine/text/letters.h"' house/engine/base/memory.c
only "a lower floor never includes or calls a higher one" "memory.c includes engine/text/letters.h"

build_house
sed -i 's/return 1;/extern int letters_count(void);\n\treturn letters_count();/' house/engine/base/memory.c
only "a lower floor never includes or calls a higher one" "memory.c calls letters_count of engine/text/letters.c"

build_house
echo 'int run_count(void);' | put engine/train/run/count.h
printf '#include "engine/train/run/count.h"\n\nint run_count(void)\n{\n\treturn 1;\n}\n' | put engine/train/run/count.c
printf '#include "engine/train/run/count.h"\n\nint rows_count(void)\n{\n\treturn run_count();\n}\n' | put engine/train/rows/count.c
sed -i 's/return words_count/return rows_count() + words_count/; 2i int rows_count(void);' house/src/main.c
for room in rows run; do printf 'Layers, lowest first\n\n  1  count\n' >house/engine/train/$room/README; done
list_files
only "a lower floor never includes or calls a higher one" "rows/count.c includes engine/train/run/count.h"

build_house
sed -i 's/  2  words//' house/engine/text/README
only "every file of a room with layers stands in its README once" "README lacks engine/text/words"

build_house
echo '  3  words' >>house/engine/text/README
only "every file of a room with layers stands in its README once" "README names engine/text/words twice"

build_house
echo '  3  sentences' >>house/engine/text/README
only "every file of a room with layers stands in its README once" "sentences, which is not there"

build_house
printf 'Layers\n\n  1  words\n  2  letters\n' >house/engine/text/README
only "inside a room a file uses only what stands lower" "words.c includes engine/text/letters.h"

build_house
printf 'Layers\n\n  1  words\n     letters\n' >house/engine/text/README
sed -i 's/^#include "engine.text.letters.h"/int letters_count(void);/' house/engine/text/words.c
only "inside a room a file uses only what stands lower" "words.c calls letters_count of engine/text/letters.c"

build_house
rm house/engine/base/README
only "every room of the engine tells its layers" "engine/base/README"

build_house
printf '\nint memory_free(void)\n{\n\treturn 0;\n}\n' >>house/engine/base/memory.c
only "every external function is used by another file" "memory.o: nobody else calls memory_free"

build_house
printf '\nint memory_free(void)\n{\n\treturn 0;\n}\n' >>house/engine/base/memory.c
printf '\n/* Only\n * for tests. */\nint memory_free(void);\n' >>house/engine/base/memory.h
lint
test "$(grep -c '^not ok' out)" = 0
check "a function whose header says that it is for tests may be unused"

build_house
echo 'size_t letters_size(void);' >>house/engine/text/letters.h
sed -i '2i #include <stddef.h>' house/engine/text/letters.c house/engine/text/words.c
only "every header compiles by itself" "letters.h:3.*size_t"

build_house
sed -i 's/letters.c has it/pages.c has it/' house/engine/text/words.c
only "files that comments name exist" "words.c:5: there is no pages.c"

build_house
echo 'Tests lie in tests/none/.' >>house/HACKING
only "files that comments name exist" "HACKING:2: there is no tests/none"

build_house
sed -i 's|engine/words.h|engine/text/letters.h|; s/words_count/letters_count/' house/src/main.c
sed -i 's/^int words_count/static &/; s/^#include "engine.words.h"//' house/engine/text/words.c
only "ui and src include only the engine's face" "src/main.c includes engine/text/letters.h"

build_house
sed -i 1d house/engine/text/words.c
only "every file names its licence" "engine/text/words.c"

build_house
printf '\n \n' >>house/engine/text/words.c
only "no stray white space" "words.c:11"

build_house
printf '/* %0140d */\n' 1 >>house/engine/text/words.c
only "no line over 140 columns" "words.c:10: 146 columns"

build_house
yes '' | head -n 600 >>house/engine/text/words.c
only "no file over 600 lines" "words.c: 609 lines"

build_house
{
	printf '\nint words_more(void);\n\nstatic inline int more(void)\n{\n'
	yes '	;' | head -n 61
	printf '\treturn 1;\n}\n'
} >>house/engine/text/words.c
only "no function over 60 lines" "words.c:14: 62 lines"

build_house
sed -i '/letters.h/d' house/Makefile.am
only "every file stands in Makefile.am" "engine/text/letters.h"

build_house
sed -i '1i\  words    once\n  letters  twice\n  words    once more' house/engine/text/README
only "nothing is listed twice" "engine/text/README:3: words is told of in line 1 too"

build_house
echo 'The way: src/main.c, engine/text/words.c' >>house/HACKING
only "nothing is listed twice" "HACKING:2: stands in line 1 too"

build_house
echo '/* /home/somebody/data */' >>house/engine/text/words.c
only "no path of a machine" "words.c:10"

# Sources of the GPU and of its emulation are held to the same.
build_house
printf '#include "engine/base/memory.h"\n#include "engine/text/letters.h"\n' | put engine/base/kernel.cu
sed -i 's/  1  memory/  1  memory\n  2  kernel/' house/engine/base/README
list_files
only "a lower floor never includes or calls a higher one" "kernel.cu includes engine/text/letters.h"

build_house
printf '/* %0140d */\n' 1 | put engine/base/kernel.cu
list_files
only "every file of a room with layers stands in its README once" "README lacks engine/base/kernel" "no line over 140 columns" "kernel.cu:2: 146 columns"

build_house
printf '/* As nowhere.c has it. */\n' | put tests/cuda/device.cc
list_files
only "files that comments name exist" "device.cc:2: there is no nowhere.c"

build_house
echo 'int device;' >house/tests/device.cc
list_files
only "every file names its licence" "tests/device.cc"

build_house
lint
(cd house && unset LINT_CC && REVUE_SOURCE=. ${SHELL:-sh} "$source_folder/tests/lint.sh") >out 2>&1
test "$(grep -c SKIP out)" = 2 && test "$(grep -c '^not ok' out)" = 0
check "where nothing is built the rules that need objects or a compiler are skipped"

echo "1..$number"
