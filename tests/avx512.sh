#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The numeric tests on the AVX-512 path, for machines without AVX-512: Bochs emulates such a processor, boots a Linux
# kernel from a CD image made here and runs the test programs of this build folder in it. Takes ten minutes, installs
# nothing, and skips with a line that says what is missing. Not part of `make check`: `make check-avx512`.
#
#   usage         REVUE_SOURCE=TOP-OF-SOURCES tests/avx512.sh PROGRAM...   in the build folder
#   KERNEL=IMAGE  the Linux to boot, else the last of /boot. Debian's for virtual machines boots fastest and need
#                 not be installed: apt-get download linux-image-VERSION-cloud-amd64 && dpkg -x *.deb FOLDER
#
# While it runs, the emulated screen can be seen on VNC's port 5900.
set -u
work=$(mktemp -d) || exit 1
trap 'rm -rf "${work:?}"' EXIT
trap 'exit 130' INT TERM

skip() {
	echo "1..0 # SKIP $1"
	exit 0
}

kernel=${KERNEL-}
[ -n "$kernel" ] || for file in /boot/vmlinuz-*; do kernel=$file; done
isolinux=/usr/lib/ISOLINUX/isolinux.bin
ldlinux=/usr/lib/syslinux/modules/bios/ldlinux.c32
bios=/usr/share/bochs/BIOS-bochs-latest
vga=/usr/share/bochs/VGABIOS-lgpl-latest
for tool in bochs xorriso cpio busybox; do
	command -v $tool >/dev/null || skip "$tool is missing: apt-get install bochs bochsbios vgabios xorriso cpio \
isolinux syslinux-common busybox-static"
done
for file in "$isolinux" "$ldlinux" "$bios" "$vga"; do
	test -r "$file" || skip "$file is missing: apt-get install bochsbios vgabios isolinux syslinux-common"
done
test -r "$kernel" || skip "no Linux image to boot: KERNEL=vmlinuz names one (linux-image-cloud-amd64 holds one)"
ldd "$(command -v busybox)" >/dev/null 2>&1 && skip "busybox needs libraries: apt-get install busybox-static"

# The file system: busybox, the programs, their libraries where the loader expects them, the golden values.
root=$work/root
mkdir -p "$root/bin" "$root/proc" "$root/run" "$root/tmp" "$root/source/tests" "$work/disc"
cp "$(command -v busybox)" "$root/bin/"
cp -R "$REVUE_SOURCE/tests/golden" "$root/source/tests/"
for program in "$@"; do
	cp "$program" "$root/run/" || exit 1
	ldd "$program"
done | grep -o '/[^ ]*' | sort -u | while read -r library; do
	mkdir -p "$root$(dirname "$library")"
	cp -L "$library" "$root$library"
done
cat >"$root/init" <<'END'
#!/bin/busybox sh
/bin/busybox --install -s /bin
export PATH=/bin LC_ALL=C.UTF-8 CMOCKA_MESSAGE_OUTPUT=TAP
export REVUE_SOURCE=/source REVUE_CPU=avx512 REVUE_TEST_PATH=avx512
mount -t proc proc /proc
for program in /run/*; do
	echo "# $program"
	$program 2>&1
	echo "# status $?"
done
echo "# done"
sleep 1
poweroff -f
END
chmod +x "$root/init"
(cd "$root" && find . | cpio -o -H newc --quiet) >"$work/disc/initrd" || exit 1

# Bochs 2.7 tells a size of the registers' compact form that Linux refuses: without it Linux turns AVX-512 on.
cp "$kernel" "$work/disc/linux" && cp "$isolinux" "$ldlinux" "$work/disc/" || exit 1
cat >"$work/disc/isolinux.cfg" <<'END'
default revue
label revue
	kernel linux
	initrd initrd
	append console=ttyS0 quiet clearcpuid=xsavec,xsaves mitigations=off tsc=reliable lpj=1000000
END
xorriso -as mkisofs -quiet -o "$work/boot.iso" -b isolinux.bin -c boot.cat -no-emul-boot -boot-load-size 4 \
	-boot-info-table "$work/disc" 2>/dev/null || exit 1

cat >"$work/bochsrc" <<END
display_library: rfb, options="timeout=0"
plugin_ctrl: speaker=0
cpu: model=corei7_skylake_x, count=1, ips=100000000
memory: guest=1024, host=1024
romimage: file=$bios
vgaromimage: file=$vga
ata0-master: type=cdrom, path=$work/boot.iso, status=inserted
boot: cdrom
com1: enabled=1, mode=file, dev=$work/serial
log: $work/log
panic: action=fatal
END
echo c >"$work/commands" # Debian's Bochs is a debugger: go on
echo "# emulating $# programs on AVX-512: their results come when all are done"
bochs -q -f "$work/bochsrc" -rc "$work/commands" >"$work/output" 2>&1 </dev/null
tr -d '\r' <"$work/serial" | sed -n -e 's/^not ok \([0-9]* # SKIP\)/ok \1/' -e '/^# /,/^# done/p' | tee "$work/results"
grep -q '^# done' "$work/results" || {
	echo "the emulated machine did not finish; its log ends:"
	tail -n 5 "$work/log" "$work/output"
	exit 1
}
! grep '^# status' "$work/results" | grep -qv 'status 0$'
