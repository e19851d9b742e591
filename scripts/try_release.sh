#!/bin/sh
# Unpacks a release onto a read-only file system, and runs its demo, shortened, with an empty home and without a network.
#
#   scripts/try_release.sh retort-cli/target/retort-0.1.0-linux-x86_64.tar.gz
#
# It needs Linux and the right to make namespaces (root has it); elsewhere it says so and ends.
set -eu

archive=$(CDPATH='' cd -P -- "$(dirname -- "$1")" && pwd)/$(basename -- "$1")
if [ "${2:-}" != inside ]; then
  (cd "$(dirname -- "$archive")" && sha256sum -c "$archive.sha256")
  if ! unshare -m -n true 2>/dev/null; then
    echo "no namespaces here: the archive was not tried"
    exit 0
  fi
  exec unshare -m -n "$0" "$archive" inside
fi

work=$(mktemp -d)
mkdir "$work/release" "$work/home"
mount -t tmpfs -o size=2g release "$work/release"
tar -xzf "$archive" -C "$work/release" --strip-components=1
mount -o remount,ro "$work/release"
cd /
env -i HOME="$work/home" RETORT_JAVA_OPTIONS="-Duser.home=$work/home" PATH="${JAVA_HOME:+$JAVA_HOME/bin:}/usr/local/bin:/usr/bin:/bin" \
  "$work/release/bin/retort" demo --out "$work/demo" -o training.epochs=1 -o 'seeds=[1]' -o 'methods=[hinton]' \
  -o comparisons=default
test -s "$work/demo/report.html"
# The completion is shell that at least reads.
bash -n "$work/release/completion/retort"
umount "$work/release"
rm -rf "$work"
echo "the archive runs from a read-only folder, with an empty home and without a network"
