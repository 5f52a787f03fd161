#!/bin/sh
# compile_doc.sh COMPILER SDK_FOLDER PAGE OUT_FOLDER EXPORTS_CHECK: the page's cpp block is a module that builds with the
# page's flags and exports one symbol.
set -e
mkdir -p "$4"
sed -n '/^```cpp$/,/^```$/p' "$3" | sed '/^```/d' > "$4/from_page.cpp"
[ -s "$4/from_page.cpp" ] || { echo "$3 has no cpp block"; exit 1; }
"$1" -std=c++20 -Wall -Wextra -Wpedantic -Werror -fPIC -shared -Wl,--version-script="$2/module.map" -I "$2/include" \
  -o "$4/from_page.so" "$4/from_page.cpp"
"$5" "$4"
