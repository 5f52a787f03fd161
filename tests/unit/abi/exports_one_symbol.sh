#!/bin/sh
# exports_one_symbol.sh FOLDER: every module in it exports tepui_module_manifest_get and nothing else.
set -e
count=0
for module in "$1"/*.so; do
  [ -e "$module" ] || { echo "no modules in $1: build them first"; exit 1; }
  exports=$(nm -D --defined-only "$module" | awk '{print $NF}')
  if [ "$exports" != tepui_module_manifest_get ]; then
    echo "$module exports: $exports"
    exit 1
  fi
  count=$((count + 1))
done
echo "$count modules export one symbol each"
