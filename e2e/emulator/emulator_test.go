//go:build emulator

package emulator

import (
	"maps"
	"testing"
)

// TestReleases runs the scenarios side by side, and beside them the contracts that simulated services are held to.
func TestReleases(t *testing.T) {
	w, jobs := start(t)
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("everything that was logged is in %s", absolute(folder))
		}
	})
	all := maps.Clone(scenarios)
	all["the ledger's contract"], all["the queue's contract"] = ledgerContract, queueContract
	all["redelivery"], all["verify-aws refuses"], all["verify-aws cleans up"] = redelivery, refusals, cleaning
	all["a bad version of a function is rolled back"] = aliasRolledBack
	all["a good version of a function is promoted for a pipeline"] = func(t *testing.T, w *world) { aliasPromoted(t, w, jobs) }
	t.Run("scenarios", func(t *testing.T) {
		for name, scenario := range all {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				scenario(t, w)
			})
		}
	})
}
