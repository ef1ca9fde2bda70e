//go:build emulator

package emulator

import "testing"

// TestReleases runs the releases side by side: most of their time is CloudWatch's minutes. Beside them, one after
// another so that they take little from them, run the contracts that simulated services are held to, and what else
// needs an account.
func TestReleases(t *testing.T) {
	w, jobs := start(t)
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("everything that was logged is in %s", absolute(folder))
		}
	})
	t.Run("scenarios", func(t *testing.T) {
		beside := func(name string, scenario func(*testing.T, *world)) {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				scenario(t, w)
			})
		}
		for name, scenario := range scenarios {
			beside(name, scenario)
		}
		beside("a bad version of a function is rolled back", aliasRolledBack)
		beside("a good version of a function is promoted for a pipeline", func(t *testing.T, w *world) { aliasPromoted(t, w, jobs) })
		beside("a zip file is published and promoted", zipPromoted)
		beside("the example is installed and its pipeline releases", example)
		beside("contracts", contracts)
	})
}

func contracts(t *testing.T, w *world) {
	for _, c := range []struct {
		name string
		hold func(*testing.T, *world)
	}{
		{"redelivery", redelivery},
		{"the queue's contract", queueContract},
		{"the ledger's contract", ledgerContract},
		{"verify-aws refuses", refusals},
		{"verify-aws runs tasks", tasks},
		{"verify-aws cleans up", cleaning},
	} {
		t.Run(c.name, func(t *testing.T) { c.hold(t, w) })
	}
}
