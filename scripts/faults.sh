#!/usr/bin/env bash
# Rehearses releases in which things go wrong until the time is up: faults.sh SECONDS [FIRST-SEED]
# Every batch prints its seeds; without a first seed they are new each time. The exit code is 1 when an invariant broke.
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=$1
seed=${2:-$(date +%s)000}
first=$seed
serin=${SERIN:-build/serin}
plans=internal/rehearsal/testdata/faults
end=$((SECONDS + seconds))
count=0

# batch RUNS RATE TARGET SCENARIO
batch() {
	"$serin" rehearse --faults --fault-rate "$2" -f "$3" --scenario "$4" --runs "$1" --seed "$seed" -o json >"$out" || {
		echo "seeds $seed to $((seed + $1 - 1)), rate $2, $4: broken"
		exit 1
	}
	echo "seeds $seed to $((seed + $1 - 1)), rate $2, $4: $(tr -d '\n ' <"$out" | sed 's/.*"outcomes":{\([^}]*\)}.*/\1/; s/"//g')"
	seed=$((seed + $1))
	count=$((count + $1))
}

out=$(mktemp)
trap 'rm -f "$out"' EXIT
size=${BATCH:-100}
while ((SECONDS < end)); do
	for rate in 0.01 0.05; do
		for scenario in good bad; do
			batch "$size" "$rate" "$plans/target.yaml" "$plans/$scenario.yaml"
			((SECONDS < end)) || break 2
		done
	done
	batch $((size / 5)) 0.01 examples/orders-worker/target.yaml examples/orders-worker/good.yaml
	batch $((size / 5)) 0.01 examples/orders-worker/target.yaml examples/orders-worker/bad.yaml
	batch $((size / 5)) 0.01 examples/orders-worker/target.yaml examples/orders-worker/crash-loop.yaml
done
echo "$count releases, seeds $first to $((seed - 1)): no invariant broke"
