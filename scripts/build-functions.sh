#!/bin/sh
# Builds every function for Lambda's provided.al2023 and packs each as build/functions/<name>.zip. The same source
# and the same Go give the same bytes, so that a deployment that changes nothing publishes no new version.
#
#   scripts/build-functions.sh               for arm64, as the stack runs them
#   GOARCH=amd64 scripts/build-functions.sh  for an emulator on another machine
set -eu
cd "$(dirname "$0")/.."

arch=${GOARCH:-arm64}
rm -rf build/functions build/bin
mkdir -p build/functions build/bin

CGO_ENABLED=0 GOOS=linux GOARCH="$arch" go build -o build/bin/ \
	-trimpath -buildvcs=false -tags lambda.norpc -ldflags "-s -w -buildid=" ./functions/...

env -u GOOS -u GOARCH go run ./scripts/zip build/bin build/functions
