package rehearsal

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/scenario"
)

// empty makes of the example a workload that was never started: two services without a task, on a definition whose image
// nobody has pushed.
func empty(target *release.Target, s *scenario.Scenario) {
	none := 0
	s.World.PrimaryTasks, s.World.CanaryTasks, s.World.Scaling = 0, 0, nil
	idle := scenario.Service{Tasks: &none}
	s.World.Services = map[string]scenario.Service{target.ECSQueue.CanaryService: idle, target.ECSQueue.PrimaryService: idle}
	target.Checks.Alarms = slices.DeleteFunc(target.Checks.Alarms, func(name string) bool { return name != "orders-canary-failure-rate" })
}

// Where nothing serves, only a first release starts: it is judged by its alarm and its health, and brings up the primary
// or leaves nothing behind.
func TestAFirstRelease(t *testing.T) {
	for name, c := range map[string]struct {
		file, end string
		outcome   release.Outcome
		primary   int
	}{
		"a good one":            {"good.yaml", "Released", release.OutcomeReleased, 1},
		"a bad one":             {"bad.yaml", "RolledBack", release.OutcomeRolledBack, 0},
		"one that does not run": {"crash-loop.yaml", "RolledBack", release.OutcomeRolledBack, 0},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := plan(t, c.file, empty).Several(1)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(s.Close)
			input := map[string]any{"revision": s.account.world.Revision(), "first": true, "reason": "a new service"}
			id := s.Start(0, orders, "one", input)
			s.wantEnds(t, 30*time.Hour, map[string]string{"one": c.end})
			r, err := s.Ledger.Load(t.Context(), id)
			if err != nil || r.Outcome() != c.outcome || r.Baseline.Name() != "nothing" {
				t.Fatalf("%s %+v, %v", r.Outcome(), r.Decision, err)
			}
			for _, arm := range s.World(orders).Arms() {
				want := c.primary
				if !arm.Primary {
					want = 0
				}
				if arm.Desired != want || len(arm.App) > want {
					t.Errorf("%s wants %d tasks and runs %v; want %d", arm.Service, arm.Desired, arm.App, want)
				}
			}
			if left := s.World(orders).LeftOver(r); len(left) > 0 {
				t.Errorf("left over: %v", left)
			}
		})
	}
}

func TestFirstIsRefusedWhereItIsNotSo(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*release.Target, *scenario.Scenario)
		first  bool
		says   string
	}{
		"a baseline serves": {nil, true, "so this is no first release"},
		"nothing serves":    {empty, false, "start again with --first"},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := plan(t, "good.yaml", c.change).Several(1)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(s.Close)
			s.Start(0, orders, "one", map[string]any{"revision": s.account.world.Revision(), "first": c.first, "reason": "a new service"})
			s.wantEnds(t, time.Hour, map[string]string{"one": "Refused"})
			if _, cause := s.End("one"); !strings.Contains(cause, c.says) {
				t.Errorf("says %q", cause)
			}
		})
	}
}
