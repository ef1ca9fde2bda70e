#!/usr/bin/env bash
# A long campaign of faulty releases in the background, on one processor that nobody else wants: pieces of 10,000 one
# after another, until it is stopped. Each piece is a line of ranges.log: when, revision, seeds, result. What breaks is
# kept beside it, and the next piece goes on.
#
#   scripts/campaign.sh start [SEED]   build this revision and go on after the last seed of the log, or from SEED
#   scripts/campaign.sh stop           at once; the piece that is under way does not count
#   scripts/campaign.sh status         releases so far, by revision, and what broke
#
# CAMPAIGN is the folder of the builds and the log; default build/campaign.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=${CAMPAIGN:-build/campaign}
piece=10000
mkdir -p "$folder"
log=$folder/ranges.log
touch "$log"

last_seed() { sed -n 's/.* seeds [0-9]* to \([0-9]*\):.*/\1/p' "$log" | tail -1; }

running() { [ -s "$folder/pid" ] && kill -0 "$(cat "$folder/pid")" 2>/dev/null; }

march() { # SEED REVISION
  local seed=$1 revision=$2 result out
  while true; do
    out=$folder/from-$seed.txt
    if GOMAXPROCS=1 nice -n 19 "$folder/faults-$revision" -serin "$folder/serin-$revision" -seed "$seed" -releases $piece -runs 250 >"$out" 2>&1; then
      result=$(tail -1 "$out" | sed 's/.*: no/no/')
      rm "$out"
    else
      result="BROKEN or stopped, see $out"
    fi
    echo "$(date -u +%FT%H:%MZ) $revision seeds $seed to $((seed + piece - 1)): $result" >>"$log"
    seed=$((seed + piece))
  done
}

case ${1:-} in
start)
  if running; then echo "it runs already: scripts/campaign.sh status" >&2; exit 2; fi
  revision=$(git describe --always --dirty --abbrev=8)
  go build -trimpath -ldflags "-s -w" -o "$folder/serin-$revision" ./cmd/serin
  go build -trimpath -o "$folder/faults-$revision" ./scripts/faults
  last=$(last_seed)
  seed=${2:-$((${last:-0} + 1))}
  set -m # a process group of its own, so that stop ends the piece, too
  march "$seed" "$revision" </dev/null >/dev/null 2>&1 &
  echo $! >"$folder/pid"
  echo "revision $revision, from seed $seed; log: $log"
  ;;
stop)
  if ! running; then echo "it does not run" >&2; exit 2; fi
  kill -- -"$(cat "$folder/pid")"
  rm "$folder/pid"
  ;;
status)
  if running; then echo "it runs"; else echo "it does not run"; fi
  awk -v piece=$piece '/no invariant broke/ { n[$2] += piece; all += piece } END { for (r in n) print n[r], "releases of revision", r, "without a violation"; print all + 0, "in all" }' "$log"
  grep -v "no invariant broke" "$log" || true
  ;;
*)
  sed -n '2,11s/^# \{0,1\}//p' "$0"
  exit 2
  ;;
esac
