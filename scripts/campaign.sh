#!/usr/bin/env bash
# A long campaign of faulty releases in the background, on processors that nobody else wants: pieces of 10,000 one after
# another, until it is stopped. Each piece is a line of ranges.log: when, revision, seeds, result. What breaks is kept
# beside it, and the next piece goes on; a later revision takes the broken piece again.
#
#   scripts/campaign.sh start [SIDE_BY_SIDE [SEED]]   build this revision and take the pieces that are not done, from
#                                                     SEED (default 1), so many at a time (default 1)
#   scripts/campaign.sh stop                          at once; the pieces that are under way do not count
#   scripts/campaign.sh status                        releases so far, by revision, and what broke
#
# CAMPAIGN is the folder of the builds and the log; default build/campaign.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=${CAMPAIGN:-build/campaign}
piece=10000
mkdir -p "$folder"
log=$folder/ranges.log
touch "$log"

running() { [ -s "$folder/pid" ] && kill -0 "$(cat "$folder/pid")" 2>/dev/null; }

# take prints the first seed of a piece that is neither done nor under way, and makes the file that says that it is.
take() { # SEED REVISION
  local seed=$1
  while true; do
    if (set -o noclobber && : >"$folder/from-$seed.txt") 2>/dev/null; then
      grep -qE " seeds $seed to .*no invariant broke| $2 seeds $seed to " "$log" || break
      rm "$folder/from-$seed.txt"
    fi
    seed=$((seed + piece))
  done
  echo "$seed"
}

march() { # SEED REVISION
  local seed=$1 revision=$2 out result
  while true; do
    seed=$(take "$seed" "$revision")
    out=$folder/from-$seed.txt
    if GOMAXPROCS=1 nice -n 19 "$folder/faults-$revision" -serin "$folder/serin-$revision" -seed "$seed" -releases $piece -runs 250 >"$out" 2>&1; then
      result=$(tail -1 "$out" | sed 's/.*: no/no/')
    else
      result="BROKEN, see $folder/broken-$seed-$revision.txt"
      cp "$out" "$folder/broken-$seed-$revision.txt"
    fi
    echo "$(date -u +%FT%H:%MZ) $revision seeds $seed to $((seed + piece - 1)): $result" >>"$log"
    rm "$out"
  done
}

case ${1:-} in
start)
  if running; then echo "it runs already: scripts/campaign.sh status" >&2; exit 2; fi
  revision=$(git describe --always --dirty --abbrev=8)
  go build -trimpath -ldflags "-s -w" -o "$folder/serin-$revision" ./cmd/serin
  go build -trimpath -o "$folder/faults-$revision" ./scripts/faults
  rm -f "$folder"/from-*.txt # of pieces that were stopped
  set -m # a process group of its own, so that stop ends the pieces, too
  { for ((i = 0; i < ${2:-1}; i++)); do march "${3:-1}" "$revision" & done; wait; } </dev/null >/dev/null 2>&1 &
  echo $! >"$folder/pid"
  echo "revision $revision, from seed ${3:-1}; log: $log"
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
  sed -n '2,12s/^# \{0,1\}//p' "$0"
  exit 2
  ;;
esac
