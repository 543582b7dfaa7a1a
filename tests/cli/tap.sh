# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh
#
# What the tests of the command line share: a scratch folder that is the current one, checks that print TAP, a
# model that learned something. Include it with: . "${REVUE_SOURCE:-.}/tests/cli/tap.sh"
set -u
LC_ALL=C.UTF-8
export LC_ALL
unset NO_COLOR
source_folder=$(cd "${REVUE_SOURCE:-.}" && pwd)
revue=${REVUE:?names the program}
parse=$(dirname "$revue")/tests/cli/parse
work=$(mktemp -d) || exit 99
trap 'chmod -R u+rwx "$work"; rm -rf "$work"' EXIT
cd "$work" || exit 99
number=0

# The first 377 sample reviews, in lines with an even number of quotes: a test must not take longer, nor count
# differently, where more samples ship.
reviews=$work/samples/reviews.csv
mkdir samples && awk '{ print; quotes += gsub(/"/, "") } quotes % 2 == 0 && ++records > 377 { exit }' \
	"$source_folder/share/samples/reviews.csv" >"$reviews" || exit 99

# is NAME EXPECTED ACTUAL
is() {
	number=$((number + 1))
	if [ "$2" = "$3" ]; then
		echo "ok $number - $1"
		return
	fi
	echo "not ok $number - $1"
	printf 'expected:\n%s\ngot:\n%s\n' "$2" "$3" | head -n 60 | cat -v | sed 's/^/# /'
}

# matches NAME PATTERN ACTUAL: some line of ACTUAL matches an extended regular expression.
matches() {
	number=$((number + 1))
	if printf '%s\n' "$3" | grep -qE -e "$2"; then
		echo "ok $number - $1"
		return
	fi
	echo "not ok $number - $1"
	printf 'no line matches: %s\nin:\n%s\n' "$2" "$3" | head -n 60 | cat -v | sed 's/^/# /'
}

# succeeds NAME COMMAND...
succeeds() {
	name=$1
	shift
	"$@" >out 2>err
	is "$name" 0 $?
	[ -s err ] && sed 's/^/# /' err
}

skip() {
	number=$((number + 1))
	echo "ok $number - $1 # SKIP $2"
}

done_testing() {
	echo "1..$number"
}

# Figures change with the processor; what stands around them does not.
figures() {
	sed -E 's/[0-9]+\.[0-9]+(e-?[0-9]+)?/N/g'
}

# need_emulated WHAT: the emulated device, whose module is $emulated, or the end of the test.
need_emulated() {
	build=$(cd "$(dirname "$revue")" && pwd)
	emulated=$build/tests/cuda/backend_cuda.so
	[ -f "$emulated" ] && return
	skip "$1" "no C++ compiler, so no emulated device"
	done_testing
	exit
}

# make_base LAYERS [INTERMEDIATE POSITIONS]: ./few.csv, a few reviews, and ./base, untrained, which the emulated device trains in
# moments.
make_base() {
	awk '{ print; quotes += gsub(/"/, "") } quotes % 2 == 0 && ++records > 24 { exit }' "$reviews" >few.csv
	succeeds "a model is made" "$revue" new few.csv -o base --vocab-size 300 --hidden-size 16 \
		--intermediate-size "${2:-32}" --num-attention-heads 2 --num-hidden-layers "$1" --max-position-embeddings "${3:-32}"
}

# make_model: ./tiny, untrained, and ./run/model, trained on the sample reviews.
make_model() {
	"$revue" new "$reviews" -o tiny --vocab-size 600 --hidden-size 32 --intermediate-size 64 \
		--num-hidden-layers 1 --max-position-embeddings 64 >/dev/null 2>&1 &&
		"$revue" train "$reviews" -m tiny -o run --num-train-epochs 2 --max-length 48 --learning-rate 2e-3 \
			>/dev/null 2>&1 && return
	echo "Bail out! no model could be made"
	exit 1
}
