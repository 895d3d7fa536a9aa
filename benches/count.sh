#!/usr/bin/env bash
# Instructions of one call inside an open transaction, by callgrind: ours and rusqlite's. Needs valgrind.
set -euo pipefail
cd "$(dirname "$0")"
few=1000 many=5000

cargo build --quiet --release --package count
program="${CARGO_TARGET_DIR:-target}/release/count"
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

instructions() { # who, work, times
  valgrind --tool=callgrind --callgrind-out-file="$out/callgrind" "$program" "$@" 2>&1 | awk '/Collected/ { print $NF }'
}
per_call() { # who, work
  echo $((($(instructions "$1" "$2" $many) - $(instructions "$1" "$2" $few)) / (many - few)))
}

printf '%-8s %10s %10s %7s\n' work rusqlite sqliter ratio
for work in get insert; do
  theirs=$(per_call rusqlite $work)
  ours=$(per_call sqliter $work)
  printf '%-8s %10d %10d %6.2fx\n' $work "$theirs" "$ours" "$(awk "BEGIN { print $ours / $theirs }")"
done
