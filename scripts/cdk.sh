#!/usr/bin/env bash
# Runs the CDK's command line, pinned, with a node that it likes. Both are installed into .tools.
#   scripts/cdk.sh deploy --all
set -euo pipefail
cd "$(dirname "$0")/.."
version=2.1148.1
tools=.tools/cdk-$version
if [ ! -x "$tools/node_modules/.bin/cdk" ]; then
  npm install --silent --no-fund --no-audit --prefix "$tools" "aws-cdk@$version" node@22
fi
PATH="$PWD/$tools/node_modules/.bin:$PATH" exec cdk --app "${APP:-go run ./infra/app}" "$@"
