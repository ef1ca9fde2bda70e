package rehearsal

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/serin-aws/serin/internal/rehearsal/faults"
	"github.com/serin-aws/serin/internal/rehearsal/world"
	"github.com/serin-aws/serin/internal/rehearsal/world/ecsalb"
	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/story"
)

// deletions calls do with each part of each short plan's workload that somebody may delete, by its number.
func deletions(t *testing.T, do func(t *testing.T, target string, which int, part world.Deletion)) {
	t.Helper()
	for _, target := range append(platforms(t), "target-lambda-zip.yaml") {
		a, err := shortOf(t, target, "good.yaml").account(1, false, nil)
		if err != nil {
			t.Fatal(err)
		}
		parts := a.world.Deletions()
		a.door.Close()
		for which, part := range parts {
			t.Run(target+" "+part.What, func(t *testing.T) { do(t, target, which, part) })
		}
	}
}

// without rehearses a release of which somebody deletes a part at a time.
func without(t *testing.T, target, file string, which int, at time.Duration) (*Run, story.Run) {
	t.Helper()
	p := shortOf(t, target, file)
	p.FaultsFor = faults.Horizon
	p.Faults = only(faults.Fault{Kind: faults.Deleted, At: at, Which: which})
	return rehearsed(t, p, 1)
}

// Whatever part of a workload somebody deletes, and whenever, no release is called over that is not: the invariants hold.
func TestAPartIsDeletedAtAnyTime(t *testing.T) {
	deletions(t, func(t *testing.T, target string, which int, part world.Deletion) {
		for at := time.Duration(0); at < 20*time.Minute; at += 97 * time.Second {
			for _, file := range []string{"good.yaml", "bad.yaml"} {
				run, _ := without(t, target, file, which, at)
				run.Close()
			}
		}
	})
}

// dirtied is a release that is Dirty, because somebody has deleted a part of its workload five minutes after its start.
func dirtied(t *testing.T, target string, which int) (*Run, *release.Release) {
	t.Helper()
	run, result := without(t, target, "good.yaml", which, 5*time.Minute)
	r, err := run.opened(context.Background())
	if err != nil || result.Outcome != release.OutcomeDirty {
		t.Fatalf("%s %v", result.Outcome, err)
	}
	return run, r
}

// A release whose workload somebody deletes while it is judged calls a person within a quarter of an hour, and tells what is
// gone and what to make again. Once the person has made it and lets serin go on, the release comes home and its locks are free.
func TestADeletedPartIsMadeAgain(t *testing.T) {
	deletions(t, func(t *testing.T, target string, which int, part world.Deletion) {
		if part.Again == nil {
			return // see TestADeletedVersion
		}
		run, r := dirtied(t, target, which)
		defer run.Close()
		why := finishedWith(t, run)
		if took := r.Since.Sub(epoch.Add(5 * time.Minute)); took > 15*time.Minute || !strings.Contains(why, part.What) || !strings.Contains(why, "again") && !strings.Contains(why, "create") {
			t.Errorf("after %s: %s", took, why)
		}
		if w, ok := run.account.world.(*ecsalb.World); ok && strings.HasSuffix(part.What, "-canary") {
			if primary, canary := weightsOf(w); primary == 0 || canary > 0 {
				t.Errorf("the rule still gives %d to a group without a service", canary)
			}
		}
		run.account.world.Deletions()[which].Again()
		run.account.bringHome()
		for step := 0; step < 60 && run.account.executions[len(run.account.executions)-1].end == nil; step++ {
			run.account.loop.AdvanceTo(run.Now().Add(time.Minute))
		}
		r, err := run.opened(context.Background())
		if err != nil || r.Phase != release.RolledBack {
			t.Fatalf("%s: %s %v", r.Phase, finishedWith(t, run), err)
		}
		held, err := holders(context.Background(), run.ledger, r)
		for resource, holder := range held {
			if holder == r.ID {
				t.Errorf("it still holds %s", resource)
			}
		}
		if left := run.account.world.LeftOver(r); err != nil || len(left) > 0 {
			t.Error(left, err)
		}
	})
}

// finishedWith is the last word of a release's story.
func finishedWith(t *testing.T, run *Run) string {
	t.Helper()
	events, err := run.ledger.Events(context.Background(), run.id)
	if err != nil {
		t.Fatal(err)
	}
	text := ""
	for _, event := range events {
		if event.Kind == release.EventFinished {
			text = event.Text
		}
	}
	return text
}

// Versions that no alias names are often deleted to make room for code. The one that served can then not come back by itself.
func TestADeletedVersion(t *testing.T) {
	p := shortOf(t, "target-lambda-alias.yaml", "good.yaml")
	p.Target.Plan.Settle = release.Duration(10 * time.Minute)
	run, err := p.Start(1, false, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer run.Close()
	for r, _ := run.opened(context.Background()); r == nil || r.Phase != release.Settling; r, _ = run.opened(context.Background()) {
		run.Advance(30 * time.Second)
	}
	if !alias(run).Delete("7") {
		t.Fatal("Lambda did not take it")
	}
	run.account.flap(run.account.alarmNames[0])
	run.Finish()
	if why := finishedWith(t, run); !strings.Contains(why, "version 7") || !strings.Contains(why, "publish the code of version 7 once more") {
		t.Error(why)
	}
}

// A function dies before it has recorded the version that it published, and somebody deletes that version: the code is
// published once more, and what is released is what was published then.
func TestADeletedVersionIsPublishedOnceMore(t *testing.T) {
	p := shortOf(t, "target-lambda-image.yaml", "good.yaml")
	p.FaultsFor = faults.Horizon
	p.Faults = only(faults.Fault{Kind: faults.CrashAtChange, Nth: 2}, faults.Fault{Kind: faults.Deleted, At: 30 * time.Second, Which: 3})
	run, result := rehearsed(t, p, 1)
	defer run.Close()
	if a := alias(run).Alias; result.Outcome != release.OutcomeReleased || a.Version != "9" {
		t.Errorf("%s, the alias points to %s: %v", result.Outcome, a.Version, run.happened())
	}
}
