#!/usr/bin/env bash
# Removes serin's core stack, but not while a release is open or Dirty, waits for its turn, or has left something that
# serin still removes: what it has moved would stay moved, and nobody would bring it home. The ledger, the reports and
# the published functions are kept. Needs the AWS CLI and a deployed core.
#   scripts/destroy.sh [--abandon] --profile prod
# --abandon gives up what is Dirty or left over; never a release that is open.
set -euo pipefail
cd "$(dirname "$0")/.."
abandon=no
options=()
for option in "$@"; do
  if [ "$option" = --abandon ]; then abandon=yes; else options+=("$option"); fi
done
set -- ${options[@]+"${options[@]}"}
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
# listed prints the keys that the index lists under a value, one a line; None is how the AWS CLI says that there are none.
listed() {
  aws dynamodb query --table-name "$table" --index-name open --query 'Items[].pk.S' --output text \
    --key-condition-expression '#o = :o' --expression-attribute-names '{"#o":"open"}' \
    --expression-attribute-values "{\":o\":{\"S\":\"$1\"}}" | tr -s '\t ' '\n' | sed '/^None$/d; /^$/d'
}
# standing prints a release's target and phase.
standing() {
  aws dynamodb get-item --table-name "$table" --consistent-read --key "{\"pk\":{\"S\":\"$1\"},\"sk\":{\"S\":\"release\"}}" \
    --query 'Item.[target.S, phase.S]' --output text
}
open=$(listed open)
waiting=$(listed line)
left=$(listed left)
stays='' given=''
for key in $open; do
  read -r target phase <<<"$(standing "$key")"
  release=${key#release#}
  if [ "$phase" != Dirty ]; then
    stays+="  $target  $release is $phase: let it end, or: serin stop $target --reason \"...\" && serin status $release --wait"$'\n'
  elif [ $abandon = no ]; then
    stays+="  $target  $release is Dirty: mend what stands in the way (serin status $release), then: serin recover $release && serin status $release --wait; where it can never come home: serin abandon $release --reason \"...\""$'\n'
  else
    given+="  $target  $release is Dirty: bring home by hand what it moved"$'\n'
  fi
done
for key in $waiting; do
  target=${key#target#}
  stays+="  $target  is waited for: let who waits have its turn, or stop its execution, which serin status $target names"$'\n'
done
for key in $left; do
  read -r target phase <<<"$(standing "$key")"
  release=${key#release#}
  if [ $abandon = no ]; then
    stays+="  $target  $release is $phase and left something that serin removes yet, copies of the baseline for instance: wait for that (rollbackWindow in the target's file), or remove by hand what has the tag serin:release=$release"$'\n'
  else
    given+="  $target  $release: remove by hand what has the tag serin:release=$release"$'\n'
  fi
done
if [ -n "$stays" ]; then
  printf 'Nothing was removed, because serin is still needed:\n%s' "$stays" >&2
  [ $abandon = yes ] || echo "What is Dirty or left over can be given up: make destroy ARGS='--abandon ...' goes on without it." >&2
  exit 1
fi
scripts/cdk.sh destroy "$@"
echo "Kept: the ledger's table $table and the reports' bucket. Remove them by hand when nobody needs their story."
[ -z "$given" ] || printf 'Given up, and now yours:\n%s' "$given"
