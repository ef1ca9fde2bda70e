package rehearsal

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/scenario"
	"github.com/serin-aws/serin/internal/targetfile"
)

// plan is planOf the queue worker.
func plan(t testing.TB, file string, change func(*release.Target, *scenario.Scenario)) *Plan {
	t.Helper()
	return planOf(t, "orders-worker", file, change)
}

// planOf reads an example's target and one of its scenarios, and lets the test change both.
func planOf(t testing.TB, example, file string, change func(*release.Target, *scenario.Scenario)) *Plan {
	t.Helper()
	folder := filepath.Join("../../examples", example)
	data, err := os.ReadFile(filepath.Join(folder, "target.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	target, err := targetfile.Parse("target.yaml", data)
	if err != nil {
		t.Fatal(err)
	}
	s, err := scenario.Open(filepath.Join(folder, file))
	if err != nil {
		t.Fatal(err)
	}
	if change != nil {
		change(&target, &s)
	}
	p, err := NewPlan(target, s)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestExampleOutcomes(t *testing.T) {
	for file, want := range map[string]release.Outcome{
		"good.yaml":       release.OutcomeReleased,
		"bad.yaml":        release.OutcomeRolledBack,
		"crash-loop.yaml": release.OutcomeRolledBack,
		"quiet.yaml":      release.OutcomeHeld,
	} {
		t.Run(file, func(t *testing.T) {
			var logs bytes.Buffer
			run, err := plan(t, file, nil).Start(1, true, &logs)
			if err != nil {
				t.Fatal(err)
			}
			run.Finish()
			got, err := run.Outcome(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			if got.Outcome != want || len(got.Violations) > 0 {
				t.Errorf("%s, violations %v; want %s\n%s", got.Outcome, got.Violations, want, logs.String())
			}
			t.Logf("%+v", got)
		})
	}
}
