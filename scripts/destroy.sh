#!/usr/bin/env bash
# Removes serin's core stack, but not while a release is open: what it has moved would stay moved, and nobody would
# bring it home. The ledger, the reports and the published functions are kept. Needs the AWS CLI and a deployed core.
set -euo pipefail
cd "$(dirname "$0")/.."
core=$(aws ssm get-parameter --name /serin/core --query Parameter.Value --output text) || {
  echo "There is no SSM parameter /serin/core in this account and region, so no serin to remove." >&2
  exit 2
}
table=$(sed -n 's/.*"table":"\([^"]*\)".*/\1/p' <<<"$core")
if [ -z "$table" ]; then
  echo "The SSM parameter /serin/core names no table; is it serin's? It holds: $core" >&2
  exit 2
fi
open=$(aws dynamodb query --table-name "$table" --index-name open --select COUNT --query Count --output text \
  --key-condition-expression '#o = :o' --expression-attribute-names '{"#o":"open"}' --expression-attribute-values '{":o":{"S":"open"}}')
if [ "$open" != 0 ]; then
  echo "$open releases are open. Let them end, or end them (serin list; serin stop TARGET), then try again." >&2
  exit 1
fi
${CDK:-scripts/cdk.sh} destroy "$@"
echo "Kept: the ledger's table $table and the reports' bucket. Remove them by hand when nobody needs their story."
