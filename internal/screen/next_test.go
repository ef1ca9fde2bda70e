package screen

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/serin-aws/serin/internal/golden"
	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/story"
	"github.com/serin-aws/serin/internal/story/storytest"
)

// Whatever a release is at, the screen says what comes next and when: testdata/next.golden, to be read as people read it.
func TestWhatComesNext(t *testing.T) {
	var text strings.Builder
	cases := upcomings()
	for _, name := range slices.Sorted(maps.Keys(cases)) {
		s := storytest.Open().Story()
		now := shortlyAfter(s)
		cases[name](&s.Release, now)
		said := Next(s, now)
		if said == "" {
			t.Errorf("%s: nothing comes next", name)
		}
		fmt.Fprintf(&text, "%-44s %-12s %s\n", name, s.Release.Phase, said)
		for line := range strings.Lines(View(s, now, Narrowest, false)) {
			if ansi.StringWidth(strings.TrimSuffix(line, "\n")) > Narrowest || strings.Contains(line, "\u2026") && !strings.Contains(line, "serin ") {
				t.Errorf("%s: cut off is %q", name, line)
			}
		}
	}
	golden.Text(t, "next", text.String())
	for _, over := range []story.Story{storytest.Good().Story(), storytest.Dirty().Story(), storytest.Abandoned().Story(), storytest.Refused()} {
		if said := Next(over, over.To); said != "" {
			t.Errorf("of a release that is over: %q", said)
		}
	}
}

// upcomings are releases of storytest.Open, baking since 14:03:20 and looked at 14:09:35, that are somewhere else.
func upcomings() map[string]func(*release.Release, time.Time) {
	at := func(phase release.Phase, change ...func(*release.Release, time.Time)) func(*release.Release, time.Time) {
		return func(r *release.Release, now time.Time) {
			r.Phase, r.Since = phase, now.Add(-20*time.Second)
			if phase == release.RollingBack || phase == release.Cleaning {
				r.Decision = release.Decision{Next: release.NextRollback, At: r.Since}
			}
			for _, c := range change {
				c(r, now)
			}
		}
	}
	hook := func(stage release.HookStage) func(*release.Release, time.Time) {
		return func(r *release.Release, now time.Time) {
			r.Target.Hooks = []release.Hook{{Function: "smoke-test", Timeout: release.Duration(time.Hour)}}
			r.Hooks = &release.HookRound{Stage: stage, Calls: []release.HookCall{{Since: now.Add(-time.Minute)}}}
		}
	}
	loud := func(r *release.Release, now time.Time) {
		r.Leases = []release.Lease{{Request: "a call", Until: now.Add(15 * time.Second)}}
	}
	baked := func(r *release.Release, now time.Time) { r.BakeSince = now.Add(-15 * time.Minute) }
	return map[string]func(*release.Release, time.Time){
		"preparing":                      at(release.Preparing),
		"the canary comes up":            at(release.Shifting),
		"a hook before traffic":          at(release.Shifting, hook(release.BeforeTraffic)),
		"all at once":                    at(release.Shifting, func(r *release.Release, _ time.Time) { r.Steps = []release.Step{{Weight: 100}} }),
		"baking":                         func(*release.Release, time.Time) {},
		"a hook after the step":          at(release.Baking, hook(release.AfterStep)),
		"a bake that is extended":        at(release.Baking, baked),
		"the same, with policy promote":  at(release.Baking, baked, func(r *release.Release, _ time.Time) { r.Target.Checks.Inconclusive = release.InconclusivePromote }),
		"the same, with policy rollback": at(release.Baking, baked, func(r *release.Release, _ time.Time) { r.Target.Checks.Inconclusive = release.InconclusiveRollback }),
		"held":                           at(release.Baking, func(r *release.Release, now time.Time) { r.BakeSince = now.Add(-time.Hour) }),
		"an approval":                    at(release.Baking, asking(release.ExpiryRollback)),
		"an approval that silence gives": at(release.Baking, asking(release.ExpiryPromote)),
		"frozen": at(release.Baking, func(r *release.Release, now time.Time) {
			r.Target.Freeze, r.PausedSince = []string{"Mon 14:05-Mon 18:00 UTC"}, now.Add(-time.Minute)
		}),
		"to go back": at(release.Baking, func(r *release.Release, now time.Time) {
			r.Decision = release.Decision{Next: release.NextRollback, At: now.Add(-time.Second)}
		}),
		"promoting":                       at(release.Promoting),
		"promoting without settling":      at(release.Promoting, func(r *release.Release, _ time.Time) { r.Target.Plan.Settle = 0 }),
		"settling":                        at(release.Settling),
		"a hook after promotion":          at(release.Settling, hook(release.AfterPromotion)),
		"cleaning up what was promoted":   at(release.Cleaning, func(r *release.Release, _ time.Time) { r.Decision.Next = release.NextPromote }),
		"rolling back":                    at(release.RollingBack),
		"rolling back, and a call is out": at(release.RollingBack, loud),
		"rolling back over midnight":      at(release.RollingBack, func(r *release.Release, now time.Time) { r.Since = now.Add(4 * time.Hour) }),
		"cleaning up after a rollback":    at(release.Cleaning, home),
		"the same, and a call is out":     at(release.Cleaning, home, loud),
		"a hook after the rollback":       at(release.Cleaning, home, hook(release.AfterRollback)),
		"a cleanup that ends after its time": at(release.Cleaning, home, func(r *release.Release, now time.Time) {
			r.Since, r.Leases = now.Add(-release.LongestCleanup), []release.Lease{{Request: "a call", Until: now}}
		}),
	}
}

func home(r *release.Release, _ time.Time) { r.Home = true }

func asking(expiry release.ExpiryPolicy) func(*release.Release, time.Time) {
	return func(r *release.Release, now time.Time) {
		r.Steps = slices.Clone(r.Steps)
		r.Steps[0].Approval = release.Required
		r.AskedSince, r.PausedSince = now.Add(-time.Minute), now.Add(-time.Minute)
		r.Target.Approvals = release.Approvals{Expires: release.Duration(4 * time.Hour), OnExpiry: expiry}
	}
}
