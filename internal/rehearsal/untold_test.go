package rehearsal

import (
	"context"
	"testing"
	"time"

	"github.com/serin-aws/serin/internal/release"
)

// Nobody can be told anything: a release ends as it would have, at the same time but for a few attempts to tell.
func TestNobodyCanBeTold(t *testing.T) {
	for file, want := range map[string]release.Outcome{"bad.yaml": release.OutcomeRolledBack, "good.yaml": release.OutcomeReleased, "quiet.yaml": release.OutcomeHeld} {
		p := plan(t, file, nil)
		told, _ := rehearsed(t, p, 1)
		run, err := p.Start(1, false, nil)
		if err != nil {
			t.Fatal(err)
		}
		refused := 0
		run.account.refuse = func(action string) error {
			if action == "sns:Publish" {
				refused++
				return errFailing
			}
			return nil
		}
		run.Finish()
		result, err := run.Outcome(context.Background())
		if err != nil || result.Outcome != want || len(result.Violations) > 0 || refused == 0 {
			t.Errorf("%s: %s, want %s, %v after %d refusals, %v", file, result.Outcome, want, result.Violations, refused, err)
		}
		if later := run.done().Sub(told.done()); later > 2*time.Minute {
			t.Errorf("%s: it ended %s later", file, later)
		}
		run.Close()
	}
}
