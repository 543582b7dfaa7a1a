#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The two commands of README on a machine that has nothing: makes a fresh Debian 12 of some 200 MB in a temporary
# folder, copies the sources there and runs ./quickstart and then ./quickstart check. Run by `make check-bare`;
# wants root, debootstrap and a Debian mirror, and takes as long as ./quickstart check and a few minutes.
#
#   bare.sh SOURCE-FOLDER
set -eu
source=$1
mirror=${DEBIAN_MIRROR:-http://deb.debian.org/debian}

command -v debootstrap >/dev/null || { echo "SKIP: debootstrap is not installed"; exit 77; }
[ -e "$source/.git" ] || { echo "SKIP: $source is not a git checkout"; exit 77; }
[ "$(id -u)" = 0 ] || { echo "SKIP: a fresh Debian is made by root only"; exit 77; }

bare=$(mktemp -d)
chmod 755 "$bare" # apt-get fetches as a user of its own
trap 'rm -rf --one-file-system "$bare" "$bare.log"' EXIT
debootstrap --variant=minbase bookworm "$bare" "$mirror" >"$bare.log" 2>&1 ||
	{ tail -n 5 "$bare.log"; echo "FAIL: no Debian from $mirror"; exit 1; }
cp /etc/resolv.conf /etc/hosts "$bare/etc/"
mkdir "$bare/revue"
(cd "$source" && git ls-files -z | tar -c --null -T -) | tar -x -C "$bare/revue"

# Its own mounts and processes: all of them are gone with the last command.
inside() {
	# shellcheck disable=SC2016 # the inner shell expands
	BARE=$bare COMMAND=$1 unshare --mount --pid --fork sh -eu -c '
		mount --make-rprivate /
		mount -t proc proc "$BARE/proc"
		mount -t tmpfs tmpfs "$BARE/dev"
		for device in null zero random urandom tty; do
			touch "$BARE/dev/$device"
			mount --bind "/dev/$device" "$BARE/dev/$device"
		done
		mkdir "$BARE/dev/pts" "$BARE/dev/shm"
		mount -t devpts -o newinstance,ptmxmode=0666 devpts "$BARE/dev/pts"
		ln -s pts/ptmx "$BARE/dev/ptmx"
		ln -s /proc/self/fd "$BARE/dev/fd"
		exec env -i HOME=/ PATH=/usr/sbin:/usr/bin:/sbin:/bin chroot "$BARE" \
			sh -c "cd /revue && $COMMAND" </dev/null'
}

inside './quickstart' >"$bare/first.log" 2>&1 || { tail -n 30 "$bare/first.log"; echo "FAIL: ./quickstart"; exit 1; }
tail -n 3 "$bare/first.log"
inside './quickstart check'
