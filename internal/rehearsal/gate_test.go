package rehearsal

import (
	"strings"
	"testing"
	"time"

	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/scenario"
)

// An image is released when its scan has ended and found nothing too severe. Until then its release waits, and nothing
// is changed; where it never will be, the release is refused.
func TestTheImageGate(t *testing.T) {
	for name, c := range map[string]struct {
		scan *scenario.Scan
		way  release.Concurrency
		end  string
		says string
	}{
		"clean":                       {scan: &scenario.Scan{}, end: "Released", says: " found nothing"},
		"clean after a while":         {scan: &scenario.Scan{Takes: release.Duration(4 * time.Minute), Findings: map[release.Severity]int{"medium": 3}}, end: "Released", says: " found 3 medium"},
		"... where others may not":    {scan: &scenario.Scan{Takes: release.Duration(4 * time.Minute)}, way: release.Reject, end: "Released"},
		"too severe":                  {scan: &scenario.Scan{Findings: map[release.Severity]int{"critical": 1}}, end: "Refused", says: "found 1 critical"},
		"too severe, after a while":   {scan: &scenario.Scan{Takes: release.Duration(time.Minute), Findings: map[release.Severity]int{"high": 1200}}, end: "Refused", says: "found 1200 high"},
		"a scan that fails":           {scan: &scenario.Scan{Fails: true}, end: "Refused", says: "nobody knows what is in the image"},
		"images that are not scanned": {end: "Refused", says: "are not scanned"},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := plan(t, "good.yaml", func(target *release.Target, s *scenario.Scenario) {
				target.Source.ECR.Require = &release.ImageRequirement{FindingsBelow: release.SeverityHigh}
				if c.way != "" {
					target.Concurrency, target.Emergency = c.way, nil
				}
				s.World.Scan = c.scan
			}).Several(1)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(s.Close)
			s.account.loop.At(epoch, func() {
				if err := s.World(orders).Disturb(); err != nil {
					t.Error(err)
				}
			})
			id := s.Start(0, orders, "one", map[string]any{"revision": s.account.world.Revision()})
			s.wantEnds(t, 30*time.Hour, map[string]string{"one": c.end})
			if c.end == "Refused" {
				declined, err := s.Ledger.NotOpened(t.Context(), id)
				if err != nil || !strings.Contains(declined.Sentence, c.says) {
					t.Errorf("%q, %v", declined.Sentence, err)
				}
				return
			}
			r, err := s.Ledger.Load(t.Context(), id)
			if err != nil {
				t.Fatal(err)
			}
			if c.scan.Takes > 0 && r.Opened.Sub(epoch) < c.scan.Takes.Std() {
				t.Errorf("opened after %s, before the scan had ended", r.Opened.Sub(epoch))
			}
			events, err := s.Ledger.Events(t.Context(), id)
			if err != nil || !strings.Contains(events[0].Text, c.says) {
				t.Errorf("%+v, %v", events[0], err)
			}
		})
	}
}

// A freeze window may keep a release waiting for a day: that is no broken promise, and afterwards it goes on.
func TestAFreezeMayTakeADay(t *testing.T) {
	run, err := plan(t, "good.yaml", func(target *release.Target, _ *scenario.Scenario) {
		target.Freeze = []string{"Mon 09:05-Tue 08:00 UTC"}
	}).Start(1, false, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(run.Close)
	run.Finish()
	result, err := run.Outcome(t.Context())
	if err != nil || result.Outcome != release.OutcomeReleased || len(result.Violations) > 0 || run.took < 23*time.Hour {
		t.Errorf("%v, %s after %s, %v", err, result.Outcome, run.took, result.Violations)
	}
}
