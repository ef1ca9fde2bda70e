package rehearsal

import (
	"context"
	"flag"
	"fmt"
	"math"
	"testing"
	"time"

	cwsdk "github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"github.com/serin-aws/serin/internal/rehearsal/faults"
	"github.com/serin-aws/serin/internal/release"
)

// storm says how many releases fail at once; make faults-long takes a thousand.
var storm = flag.Int("storm", 40, "let `N` releases of one account fail at once")

// whole is how many releases share the quotas of one account; fewer get as much less of them.
const whole = 1000

// A storm of throttling, 80 % of all calls for 20 minutes, wherever it begins: every release comes home soon after it,
// and the primary never runs fewer tasks than its scaling's minimum. make faults-long lets it begin every ten seconds.
func TestThrottlingStorm(t *testing.T) {
	every := 2 * time.Minute
	if *sites {
		every = 10 * time.Second
	}
	for _, target := range platforms(t) {
		for _, file := range []string{"good.yaml", "bad.yaml"} {
			p, storms, longest := shortOf(t, target, file), 0, time.Duration(0)
			for begin := time.Duration(0); begin < 14*time.Minute; begin += every {
				storms++
				longest = max(longest, weathers(t, p, begin))
			}
			t.Logf("%s, %s: %d storms, home at the latest %s after its end", target, file, storms, longest.Round(time.Second))
		}
	}
}

// weathers rehearses a release through a storm that begins at a time after its start, and returns how long after the
// storm it was home.
func weathers(t *testing.T, p *Plan, begin time.Duration) time.Duration {
	t.Helper()
	const lasts, homeWithin = 20 * time.Minute, time.Hour
	p.Faults = only(faults.Fault{Kind: faults.Storm, At: begin, For: lasts})
	run, err := p.Start(uint64(begin/time.Second), false, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer run.Close()
	for !run.Over() {
		run.Advance(10 * time.Second)
		for _, arm := range run.account.world.Arms() {
			if arm.Primary && units(arm.App) < arm.Min {
				t.Errorf("at %s: %s runs %d tasks; its scaling's minimum is %d", run.Now().Format(time.TimeOnly), arm.Service, units(arm.App), arm.Min)
			}
		}
	}
	over := run.done().Sub(epoch) - begin - lasts
	run.Finish()
	result, err := run.Outcome(context.Background())
	if err != nil || len(result.Violations) > 0 || result.Outcome == release.OutcomeDirty || over > homeWithin {
		t.Errorf("%s, storm after %s: %s %s after the storm, %v %v", p.Target.Platform, begin, result.Outcome, over, result.Violations, err)
	}
	return over
}

// An alarm that all releases of an account watch goes off while they are at every place between their start and their
// end, and all of them call the same throttled services: every target comes home, and no primary ever runs fewer tasks
// than its scaling's minimum.
func TestRollbackStorm(t *testing.T) {
	const homeWithin = 3 * time.Hour
	const fires, alarm = 9 * time.Minute, "database"
	p := short(t, "good.yaml")
	p.Target.Checks.Alarms = []string{alarm}
	p, err := NewPlan(p.Target, p.Scenario)
	if err != nil {
		t.Fatal(err)
	}
	s, err := p.Several(1)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	s.account.door.Quotas(math.Inf(1)) // these releases did not begin all at once
	for i := range *storm {
		target := p.Target
		if i > 0 {
			target = another(target, fmt.Sprint("worker-", i))
			if err := s.Add(target); err != nil {
				t.Fatal(err)
			}
		}
		s.Start(time.Duration(i)*fires/time.Duration(*storm), target.Name, fmt.Sprint("release-", i), map[string]any{"revision": s.World(target.Name).Revision()})
	}
	for at := fires; at < fires+20*time.Minute; at += 10 * time.Second {
		s.account.loop.At(epoch.Add(at), func() { fire(t, s.account, alarm) })
	}
	s.account.loop.At(epoch.Add(fires), func() { s.account.door.Quotas(float64(*storm) / whole) })
	over := s.weather(t, fires+homeWithin)
	ends := map[string]int{}
	for _, e := range s.account.executions {
		if e.end != nil {
			ends[e.end.State]++
		}
	}
	t.Logf("%d releases: %v, all over %s after the alarm", *storm, ends, over-fires)
	if ends["RolledBack"] < *storm/2 || ends["RolledBack"]+ends["Released"]+ends["Recovered"] < *storm {
		t.Errorf("ended %v", ends)
	}
	for _, broken := range s.Broken() {
		t.Error(broken)
	}
	s.wantHome(t)
}

// fire sends an alarm into ALARM, until CloudWatch looks at it again.
func fire(t *testing.T, a *Account, alarm string) {
	t.Helper()
	reason := "the database that all share is slow"
	if _, err := a.CloudWatch.Outside().SetAlarmState(context.Background(), &cwsdk.SetAlarmStateInput{AlarmName: &alarm, StateValue: cwtypes.StateValueAlarm, StateReason: &reason}); err != nil {
		t.Error(err)
	}
}

// weather waits until all executions are over and watches the primaries meanwhile. It returns when that was.
func (s *Several) weather(t *testing.T, most time.Duration) time.Duration {
	t.Helper()
	for at := time.Minute; at < most; at += 30 * time.Second {
		s.Advance(at)
		for name, w := range s.worlds {
			for _, arm := range w.Arms() {
				if arm.Primary && units(arm.App) < arm.Min {
					t.Errorf("after %s %s runs %d tasks; its scaling's minimum is %d", at, name, units(arm.App), arm.Min)
				}
			}
		}
		if at > 10*time.Minute && s.idle() {
			return at
		}
	}
	t.Errorf("not over after %s", most)
	return most
}

// wantHome checks that each target runs one version and that no lock is held.
func (s *Several) wantHome(t *testing.T) {
	t.Helper()
	for name, w := range s.worlds {
		page, err := s.Ledger.Releases(context.Background(), name, 10, "")
		if err != nil || len(page.Entries) != 1 {
			t.Fatalf("%s: %d releases, %v", name, len(page.Entries), err)
		}
		outcome := page.Entries[0].Outcome
		for _, arm := range w.Arms() {
			fresh := arm.App[w.Fresh()]
			if wrong := map[release.Outcome]int{release.OutcomeReleased: units(arm.App) - fresh, release.OutcomeRolledBack: fresh}[outcome]; wrong > 0 || len(arm.App) != 1 {
				t.Errorf("%s: %s %s runs %v", name, outcome, arm.Service, arm.App)
			}
		}
	}
	open, err := s.Ledger.Opened(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	pending := 0
	for _, id := range open {
		if r, err := s.Ledger.Load(context.Background(), id); err != nil || !r.Phase.Final() || r.CleanupPending == "" {
			t.Errorf("%s is not over: %s %v", id, r.Phase, err)
		}
		pending++
	}
	t.Logf("of %d the cleanup is left to the sweep", pending)
}

func units(running map[string]int) int {
	n := 0
	for _, tasks := range running {
		n += tasks
	}
	return n
}
