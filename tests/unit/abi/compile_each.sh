#!/bin/sh
# compile_each.sh COMPILER FLAGS… -- FILES…: compiles each file alone; fails with the first that does not.
set -e
command=""
while [ "$1" != "--" ]; do command="$command $1"; shift; done
shift
[ $# -gt 0 ] || { echo "no files to compile"; exit 1; }
for file in "$@"; do $command "$file"; done
echo "$# files compile"
