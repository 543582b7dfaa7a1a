# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh
#
# What the tests share that play key scripts of their own: a scratch folder that is the current one, a terminal of 80x24 in
# which nothing of the person's is used, checks that print TAP. Include it with: . "${REVUE_SOURCE:-.}/tests/ui/played.sh"
set -u
share=$(cd "${REVUE_SOURCE:-.}/share" && pwd) || exit 99
scratch=$(mktemp -d "${TMPDIR:-/tmp}/revue-played-XXXXXX") || exit 99
trap 'rm -rf "$scratch"' EXIT
cd "$scratch" || exit 99
export LINES=24 COLUMNS=80 TERM=xterm LC_ALL=C.UTF-8 REVUE_SHARE="$share" REVUE_HISTORY=off
count=0
failed=0
told=said # patterns of the files that tell what went wrong; those that are not there count for nothing

# report STATUS NAME
report() {
	count=$((count + 1))
	if [ "$1" = 0 ]; then
		echo "ok $count - $2"
		return
	fi
	failed=1
	echo "not ok $count - $2"
	for file in $told; do
		[ -f "$file" ] && sed "s|^|# $file: |" "$file"
	done
}

finish() {
	echo "1..$count"
	exit $failed
}
