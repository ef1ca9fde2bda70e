#!/usr/bin/env bash
# Removes serin's core stack, but not while a release is open or waits for its turn: what it has moved would stay moved,
# and nobody would bring it home. The ledger, the reports and the published functions are kept. Needs the AWS CLI and a
# deployed core.
#   scripts/destroy.sh --profile prod
set -euo pipefail
cd "$(dirname "$0")/.."
for ((i = 1; i <= $#; i++)); do # what the CDK is told of the account holds for the AWS CLI too
  case ${!i} in
  --profile=*) export AWS_PROFILE=${!i#--profile=} ;;
  --profile) next=$((i + 1)) && export AWS_PROFILE=${!next:-} ;;
  esac
done
core=$(aws ssm get-parameter --name /serin/core --query Parameter.Value --output text) || {
  echo "There is no SSM parameter /serin/core in this account and region, or it cannot be read: no serin to remove." >&2
  exit 2
}
table=$(sed -n 's/.*"table": *"\([^"]*\)".*/\1/p' <<<"$core")
if [ -z "$table" ]; then
  echo "The SSM parameter /serin/core names no table; is it serin's? Nothing was removed. It holds: $core" >&2
  exit 2
fi
# listed counts what the index lists under a value: pages are added up.
listed() {
  aws dynamodb query --table-name "$table" --index-name open --select COUNT --query Count --output text \
    --key-condition-expression '#o = :o' --expression-attribute-names '{"#o":"open"}' \
    --expression-attribute-values "{\":o\":{\"S\":\"$1\"}}" | awk '{n += $1} END {print n + 0}'
}
open=$(listed open)
waiting=$(listed line)
if [ "$open" != 0 ] || [ "$waiting" != 0 ]; then
  echo "$open releases are open, and $waiting targets are waited for. Let them end, or end them (serin list; serin stop TARGET), then try again. Nothing was removed." >&2
  exit 1
fi
scripts/cdk.sh destroy "$@"
left=$(listed left)
echo "Kept: the ledger's table $table and the reports' bucket. Remove them by hand when nobody needs their story."
if [ "$left" != 0 ]; then
  echo "$left releases made something that was not removed yet, copies of a baseline for instance. It has the tag serin:release; nobody removes it now."
fi
