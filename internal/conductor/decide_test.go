package conductor

import (
	"strings"
	"testing"
	"time"

	"github.com/serin-aws/serin/internal/release"
)

var noon = time.Date(2026, 1, 5, 12, 0, 0, 0, time.UTC)

// baking returns a release of two ten-minute steps that has been baking at the given step for so long.
func baking(step int, since time.Duration, change func(*release.Release)) *release.Release {
	r := &release.Release{}
	r.ID, r.Phase, r.Step, r.Opened = "r-1", release.Baking, step, noon.Add(-since-time.Minute)
	r.BakeSince = noon.Add(-since)
	r.Steps = []release.Step{{Weight: 10, Bake: minutes(10)}, {Weight: 25, Bake: minutes(10)}}
	r.Target = release.Target{
		Name:   "orders",
		Plan:   release.Plan{MaxBake: minutes(30), Settle: minutes(15), Deadline: minutes(180)},
		Checks: release.Checks{Inconclusive: release.InconclusiveHold},
	}
	if change != nil {
		change(r)
	}
	return r
}

func minutes(n int) release.Duration { return release.Duration(time.Duration(n) * time.Minute) }

func judged(v release.Verdict) release.Judgement {
	return release.Judgement{Verdict: v, Sentence: "seen " + v.String()}
}

func unsampled() release.Judgement {
	return release.Judgement{Verdict: release.Inconclusive, Sentence: "few", Checks: []release.Check{
		{Kind: release.CheckSample, Verdict: release.Inconclusive},
	}}
}

func TestDecide(t *testing.T) {
	for name, c := range map[string]struct {
		r      *release.Release
		s      release.Sighting
		j      release.Judgement
		next   release.Next
		reason release.Reason
		wait   time.Duration
		says   string
	}{
		"within the bake it waits":            {r: baking(0, 3*time.Minute, nil), j: judged(release.Inconclusive), next: release.NextWait, wait: time.Minute},
		"the last wait ends with the bake":    {r: baking(0, 9*time.Minute+40*time.Second, nil), j: judged(release.Pass), next: release.NextWait, wait: 20 * time.Second},
		"a pass within the bake is no reason": {r: baking(1, 3*time.Minute, nil), j: judged(release.Pass), next: release.NextWait, wait: time.Minute},
		"after the bake weight rises":         {r: baking(0, 10*time.Minute, nil), j: judged(release.Inconclusive), next: release.NextShift},
		"too small a sample extends":          {r: baking(0, 10*time.Minute, nil), j: unsampled(), next: release.NextWait, wait: time.Minute, says: "extended"},
		"unknown never rises":                 {r: baking(0, 10*time.Minute, nil), j: judged(release.Unknown), next: release.NextWait, wait: time.Minute},
		"promotion needs a pass":              {r: baking(1, 10*time.Minute, nil), j: judged(release.Pass), next: release.NextPromote},
		"inconclusive extends":                {r: baking(1, 10*time.Minute, nil), j: judged(release.Inconclusive), next: release.NextWait, wait: time.Minute, says: "extended"},
		"no data extends":                     {r: baking(1, 10*time.Minute, nil), j: judged(release.NoData), next: release.NextWait, wait: time.Minute},
		"a fail rolls back at once":           {r: baking(0, 0, nil), j: judged(release.Fail), next: release.NextRollback, reason: release.ReasonVerdict},
		"trouble rolls back at once":          {r: baking(0, 0, nil), s: release.Sighting{Trouble: "crash loop"}, j: judged(release.Pass), next: release.NextRollback, reason: release.ReasonCanary},
		"a foreign change rolls back":         {r: baking(0, 0, nil), s: release.Sighting{Foreign: "somebody"}, j: judged(release.Pass), next: release.NextRollback, reason: release.ReasonForeign},
		"maxBake used up holds":               {r: baking(1, 30*time.Minute, nil), j: judged(release.Inconclusive), next: release.NextWait, wait: patience, says: "held"},
		"a hold looks once more before its deadline": {
			r: baking(1, 175*time.Minute, nil), j: judged(release.Inconclusive), next: release.NextWait, wait: 3 * time.Minute, says: "held",
		},
		"and no oftener than the judge looks": {r: baking(1, 178*time.Minute, nil), j: judged(release.Inconclusive), next: release.NextWait, wait: time.Minute},
		"maxBake used up, policy rollback": {
			r: baking(1, 30*time.Minute, func(r *release.Release) { r.Target.Checks.Inconclusive = release.InconclusiveRollback }),
			j: judged(release.Inconclusive), next: release.NextRollback, reason: release.ReasonInconclusive,
		},
		"maxBake used up, policy promote": {
			r: baking(1, 30*time.Minute, func(r *release.Release) { r.Target.Checks.Inconclusive = release.InconclusivePromote }),
			j: judged(release.Inconclusive), next: release.NextPromote,
		},
		"no data is never promoted by policy": {
			r: baking(1, 30*time.Minute, func(r *release.Release) { r.Target.Checks.Inconclusive = release.InconclusivePromote }),
			j: judged(release.NoData), next: release.NextWait, wait: patience,
		},
		"unknown is never promoted by policy": {
			r: baking(1, 30*time.Minute, func(r *release.Release) { r.Target.Checks.Inconclusive = release.InconclusivePromote }),
			j: judged(release.Unknown), next: release.NextWait, wait: patience,
		},
		"the deadline ends a hold": {r: baking(1, 179*time.Minute, nil), j: judged(release.Inconclusive), next: release.NextRollback, reason: release.ReasonInconclusive},
		"the deadline counts no pause": {
			r: baking(1, 179*time.Minute, func(r *release.Release) { r.Paused = minutes(60) }),
			j: judged(release.Inconclusive), next: release.NextWait, wait: patience,
		},
		"an approval is waited for":  {r: baking(0, 10*time.Minute, approval(0)), j: judged(release.Inconclusive), next: release.NextWait, wait: patience, says: "approval"},
		"analysis goes on meanwhile": {r: baking(0, 10*time.Minute, approval(0)), j: judged(release.Fail), next: release.NextRollback, reason: release.ReasonVerdict},
		"silence rolls back":         {r: baking(0, 10*time.Minute, approval(5*time.Hour)), j: judged(release.Inconclusive), next: release.NextRollback, reason: release.ReasonDeadline},
		"an approved step rises": {
			r: baking(0, 10*time.Minute, func(r *release.Release) { approval(0)(r); r.Approved = true }),
			j: judged(release.Inconclusive), next: release.NextShift,
		},
		"a freeze window blocks promotion": {
			r: baking(1, 10*time.Minute, func(r *release.Release) { r.Target.Freeze = []string{"Mon 11:00-Mon 13:00 UTC"} }),
			j: judged(release.Pass), next: release.NextWait, wait: patience, says: "frozen",
		},
		"a freeze window never blocks rolling back": {
			r: baking(1, 10*time.Minute, func(r *release.Release) { r.Target.Freeze = []string{"Mon 11:00-Mon 13:00 UTC"} }),
			j: judged(release.Fail), next: release.NextRollback, reason: release.ReasonVerdict,
		},
		"a person promotes within the bake": {r: baking(0, time.Minute, promoteNow(false)), j: judged(release.Inconclusive), next: release.NextPromote, says: "anna asked to promote now: looks good"},
		"and past an approval and a freeze": {r: baking(0, 10*time.Minute, func(r *release.Release) {
			promoteNow(false)(r)
			approval(0)(r)
			r.Target.Freeze = []string{"Mon 11:00-Mon 13:00 UTC"}
		}), j: judged(release.Pass), next: release.NextPromote},
		"nobody promotes a failure":                 {r: baking(0, time.Minute, promoteNow(true)), j: judged(release.Fail), next: release.NextRollback, reason: release.ReasonVerdict},
		"nobody promotes what was not judged":       {r: baking(0, time.Minute, promoteNow(true)), j: judged(release.Unknown), next: release.NextWait, wait: time.Minute},
		"no data is not promoted by an order":       {r: baking(0, time.Minute, promoteNow(false)), j: judged(release.NoData), next: release.NextWait, wait: time.Minute},
		"unless the order says so":                  {r: baking(0, time.Minute, promoteNow(true)), j: judged(release.NoData), next: release.NextPromote},
		"a canary in trouble is not promoted":       {r: baking(0, time.Minute, promoteNow(true)), s: release.Sighting{Trouble: "crashes"}, j: judged(release.Pass), next: release.NextRollback, reason: release.ReasonCanary},
		"an approval expires from when it is asked": {r: baking(0, 10*time.Minute, func(r *release.Release) { approval(5 * time.Hour)(r); r.AskedSince = noon.Add(-time.Minute) }), j: judged(release.Pass), next: release.NextWait, wait: patience, says: "approval"},
		"all at once goes on":                       {r: baking(0, 0, func(r *release.Release) { r.Steps = []release.Step{{Weight: 100}} }), j: judged(release.NoData), next: release.NextPromote},
		"all of the work bakes":                     {r: baking(0, 5*time.Minute, full), j: judged(release.NoData), next: release.NextWait, wait: time.Minute},
		"and needs a pass":                          {r: baking(0, 10*time.Minute, full), j: judged(release.Pass), next: release.NextPromote},
		"no data at all of the work extends":        {r: baking(0, 10*time.Minute, full), j: judged(release.NoData), next: release.NextWait, wait: time.Minute, says: "extended"},
		"for as long as the old tasks stand by":     {r: baking(0, 15*time.Minute, full), j: judged(release.Inconclusive), next: release.NextWait, wait: patience, says: "held"},
		"but for an alarm":                          {r: baking(0, 5*time.Minute, full), j: judged(release.Fail), next: release.NextRollback, reason: release.ReasonVerdict},
		"all of the work after a step needs a pass": {r: baking(0, 10*time.Minute, thenFull), j: judged(release.Inconclusive), next: release.NextWait, wait: time.Minute, says: "extended"},
		"and rises with one":                        {r: baking(0, 10*time.Minute, thenFull), j: judged(release.Pass), next: release.NextShift},
		"settling waits":                            {r: baking(1, 0, settled(14*time.Minute)), j: judged(release.Pass), next: release.NextWait, wait: time.Minute},
		"settling ends":                             {r: baking(1, 0, settled(15*time.Minute)), j: judged(release.Inconclusive), next: release.NextPromote},
		"an alarm while settling rolls back":        {r: baking(1, 0, settled(time.Minute)), j: judged(release.Fail), next: release.NextRollback, reason: release.ReasonVerdict},
	} {
		t.Run(name, func(t *testing.T) {
			d := decide(c.r, c.s, c.j, noon)
			if d.next != c.next || d.reason != c.reason || d.wait != c.wait || !strings.Contains(d.sentence, c.says) {
				t.Errorf("got %+v, want %s %s after %s saying %q", d, c.next, c.reason, c.wait, c.says)
			}
		})
	}
}

// full is a plan whose step is all of the work, with a bake; thenFull has it after a canary step.
func full(r *release.Release) { r.Steps = []release.Step{{Weight: 100, Bake: minutes(10)}} }

func thenFull(r *release.Release) {
	r.Steps = []release.Step{{Weight: 10, Bake: minutes(10)}, {Weight: 100, Bake: minutes(10)}}
}

func approval(waited time.Duration) func(*release.Release) {
	return func(r *release.Release) {
		r.Steps[0].Approval = release.Required
		r.Target.Approvals = release.Approvals{Expires: minutes(240), OnExpiry: release.ExpiryRollback}
		if waited > 0 {
			r.PausedSince, r.AskedSince = noon.Add(-waited), noon.Add(-waited)
		}
	}
}

func promoteNow(noData bool) func(*release.Release) {
	return func(r *release.Release) {
		r.Orders = []release.Order{{ID: "1", Verb: release.OrderPromoteNow, Who: "anna", Why: "looks good", NoData: noData}}
	}
}

func settled(since time.Duration) func(*release.Release) {
	return func(r *release.Release) { r.Phase, r.Since = release.Settling, noon.Add(-since) }
}
