#!/usr/bin/env bash
# Prints the size of each function's zip, and the time from process start to first answer of each function under a
# Lambda Runtime API on this machine. The zips must stand in build/functions (make functions).
set -euo pipefail
cd "$(dirname "$0")/.."
limit=$((8 * 1024 * 1024))
for zip in build/functions/*.zip; do
  size=$(wc -c <"$zip")
  printf '%-40s %8d bytes  %4.1f %% of the 8 MB that are allowed\n' "$zip" "$size" "$(awk "BEGIN {print 100 * $size / $limit}")"
  [ "$size" -le "$limit" ]
done
bin=$(mktemp -d)
trap 'rm -rf "$bin"' EXIT
for function in functions/*/; do
  CGO_ENABLED=0 go build -trimpath -tags lambda.norpc -ldflags '-s -w' -o "$bin/$(basename "$function")" "./$function"
done
go run ./scripts/coldstart "$bin"/*
