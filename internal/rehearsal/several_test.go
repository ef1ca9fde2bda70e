package rehearsal

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/serin-aws/serin/internal/rehearsal/ecr"
	"github.com/serin-aws/serin/internal/rehearsal/world/ecsqueue"
	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/scenario"
)

// several builds an account around the example's target, without its alarms: they watch one workload only.
func several(t *testing.T, seed uint64, way release.Concurrency, change func(*release.Target, *scenario.Scenario)) *Several {
	t.Helper()
	s, err := plan(t, "good.yaml", func(target *release.Target, s *scenario.Scenario) {
		target.Concurrency = way
		target.Checks.Alarms = nil
		s.Alarms, s.AlarmSet = "", nil
		if change != nil {
			change(target, s)
		}
	}).Several(seed)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

const orders release.TargetName = "orders-worker"

// queue is the workload of a target of the example's platform.
func (s *Several) queue(target release.TargetName) *ecsqueue.World {
	return s.worlds[target].(*ecsqueue.World)
}

// push pushes an image at a time after the beginning and returns what names it.
func (s *Several) push(after time.Duration, target release.TargetName, tag string) (digest string) {
	digest = ecr.Digest(string(target) + " " + tag)
	repository := string(target)
	s.account.loop.At(epoch.Add(after), func() { s.queue(target).ECR.PushImage(repository, digest, tag) })
	return digest
}

// pushed is the trigger of the event that tells of a push.
func pushed(target release.TargetName, digest, tag string) map[string]any {
	return map[string]any{"event": map[string]any{
		"source": "aws.ecr", "detail-type": "ECR Image Action", "account": accountID, "region": region,
		"detail": map[string]any{"result": "SUCCESS", "action-type": "PUSH", "repository-name": string(target), "image-tag": tag, "image-digest": digest},
	}}
}

func byHand(target release.TargetName, tag string) map[string]any {
	return map[string]any{"revision": map[string]any{"image": string(target) + ":" + tag}}
}

// wantEnds runs everything to its end and compares the states in which the executions end.
func (s *Several) wantEnds(t *testing.T, most time.Duration, want map[string]string) {
	t.Helper()
	if open := s.Finish(most); len(open) > 0 {
		t.Errorf("without end: %v", open)
	}
	for name, state := range want {
		end, cause := s.End(name)
		if end != state {
			t.Errorf("%s ended in %q (%s), want %s", name, end, cause, state)
		}
	}
	s.wantOrder(t)
}

// wantOrder checks that no two releases of a target overlapped, that their stories hold together, and that nothing was
// changed without the lock.
func (s *Several) wantOrder(t *testing.T) {
	t.Helper()
	for _, broken := range s.Broken() {
		t.Error(broken)
	}
	for name := range s.worlds {
		page, err := s.Ledger.Releases(context.Background(), name, 1000, "")
		if err != nil {
			t.Fatal(err)
		}
		var next time.Time // when the next younger one was opened
		for _, entry := range page.Entries {
			if entry.Ended.IsZero() || !next.IsZero() && entry.Ended.After(next) {
				t.Errorf("%s of %s ended at %s, and the next one was opened at %s", entry.Release, name, entry.Ended, next)
			}
			next = entry.At
			events, err := s.Ledger.Events(context.Background(), entry.Release)
			if err != nil || events[0].Kind != release.EventOpened || events[len(events)-1].Kind != release.EventFinished {
				t.Errorf("the story of %s: %d events, %v", entry.Release, len(events), err)
			}
		}
		line, err := s.Ledger.Line(context.Background(), name)
		for _, w := range line { // who was stopped stays in it, and holds nobody up
			if err != nil || s.account.loop.Now().Before(w.Due.Add(release.Overdue)) {
				t.Errorf("still waiting for %s: %+v, %v", name, w, err)
			}
		}
	}
}

// live is the digest that a target's primary service runs.
func (s *Several) live(target release.TargetName) []string {
	for _, arm := range s.World(target).Arms() {
		if arm.Primary {
			digests := []string{}
			for digest := range arm.App {
				digests = append(digests, digest)
			}
			return digests
		}
	}
	return nil
}

func TestANewerReleaseSupersedesTheRunningOneAndThoseThatWait(t *testing.T) {
	s := several(t, 1, release.Supersede, nil)
	for i, name := range []string{"a", "b", "c"} {
		at := time.Duration(i) * 20 * time.Second
		if i > 0 {
			at += 6 * time.Minute
		}
		s.Start(at, orders, name, pushed(orders, s.push(at-time.Second, orders, name), name))
	}
	s.wantEnds(t, 6*time.Hour, map[string]string{"a": "RolledBack", "b": "Refused", "c": "Released"})
	if _, cause := s.End("b"); !strings.Contains(cause, "superseded by the newer release") {
		t.Errorf("b says %q", cause)
	}
	if r, err := s.Ledger.Load(t.Context(), release.NewID(orders, executionARN("a"))); err != nil || r.Decision.Reason != release.ReasonSuperseded {
		t.Errorf("a: %+v, %v", r.Decision, err)
	}
	if live := s.live(orders); !slices.Equal(live, []string{ecr.Digest("orders-worker c")}) {
		t.Errorf("%v serves", live)
	}
}

func TestFromPromotingOnANewerReleaseWaits(t *testing.T) {
	s := several(t, 1, release.Supersede, nil)
	s.push(0, orders, "a")
	s.push(0, orders, "b")
	s.Start(0, orders, "a", byHand(orders, "a"))
	s.Start(30*time.Minute, orders, "b", byHand(orders, "b")) // a settles
	s.wantEnds(t, 6*time.Hour, map[string]string{"a": "Released", "b": "Released"})
}

func TestRejectRefuses(t *testing.T) {
	s := several(t, 1, release.Reject, nil)
	s.push(0, orders, "a")
	s.push(0, orders, "b")
	s.Start(0, orders, "a", byHand(orders, "a"))
	s.Start(time.Minute, orders, "b", byHand(orders, "b"))
	s.wantEnds(t, 6*time.Hour, map[string]string{"a": "Released", "b": "Refused"})
	entry, err := s.Ledger.NotOpened(t.Context(), release.NewID(orders, executionARN("b")))
	if err != nil || !strings.Contains(entry.Sentence, "is busy") {
		t.Errorf("recorded %+v, %v", entry, err)
	}
}

// A release that is stopped while it waits holds nobody up, whether or not an event tells of it, and one that is stopped
// while it runs is recovered before the next one starts. Under supersede the newest of those that wait still starts where
// it was not the one that was stopped; where it was, nobody else does: it had won.
func TestStoppedWhileOthersWait(t *testing.T) {
	for name, c := range map[string]struct {
		way    release.Concurrency
		stop   string
		wins   string // empty: nobody
		ends   map[string]string
		losing Deliver
	}{
		"queue":                           {release.Queue, "b", "c", map[string]string{"c": "Released"}, nil},
		"queue, event lost":               {release.Queue, "b", "c", map[string]string{"c": "Released"}, delivered()},
		"supersede":                       {release.Supersede, "b", "c", map[string]string{"c": "Released"}, nil},
		"supersede, event lost":           {release.Supersede, "b", "c", map[string]string{"c": "Released"}, delivered()},
		"supersede, the newest":           {release.Supersede, "c", "", map[string]string{"b": "Refused"}, nil},
		"supersede, the newest, one lost": {release.Supersede, "c", "", map[string]string{"b": "Refused"}, delivered()},
	} {
		t.Run(name, func(t *testing.T) {
			s := several(t, 1, c.way, nil)
			s.account.deliver = c.losing
			s.account.sweeps = true
			s.account.loop.After(sweepEvery, s.account.sweep)
			for i, name := range []string{"a", "b", "c"} {
				s.push(0, orders, name)
				at := 25*time.Minute + time.Duration(i)*10*time.Second // a settles, so that nobody supersedes it
				if i == 0 {
					at = 0
				}
				s.Start(at, orders, name, byHand(orders, name))
			}
			s.Stop(25*time.Minute+40*time.Second, c.stop)
			s.Stop(27*time.Minute, "a")
			s.Advance(40 * time.Minute)
			s.wantEnds(t, 6*time.Hour, c.ends)
			s.wantServed(t, c.wins)
			if entry, err := s.Ledger.NotOpened(t.Context(), release.NewID(orders, executionARN(c.stop))); err != nil || entry.Outcome != release.OutcomeRefused {
				t.Errorf("of %s is recorded %+v, %v", c.stop, entry, err)
			}
		})
	}
}

// wantServed checks that a was rolled back, that the one release after it is of the given name, and that it did not wait
// for one that was gone; and that nobody stands in the line.
func (s *Several) wantServed(t *testing.T, name string) {
	t.Helper()
	page, err := s.Ledger.Releases(t.Context(), orders, 10, "")
	if err != nil || len(page.Entries) == 0 {
		t.Fatalf("%+v, %v", page.Entries, err)
	}
	first := page.Entries[len(page.Entries)-1]
	if first.Outcome != release.OutcomeRolledBack || first.Reason != release.ReasonStopped {
		t.Errorf("a: %+v", first)
	}
	switch after := page.Entries[:len(page.Entries)-1]; {
	case name == "" && len(after) > 0, name != "" && len(after) != 1:
		t.Errorf("after it: %+v", after)
	case name != "" && (after[0].Release != release.NewID(orders, executionARN(name)) || after[0].At.Sub(first.Ended) > 10*time.Minute):
		t.Errorf("%s was opened %s after the lock was free, want %s", after[0].Release, after[0].At.Sub(first.Ended), name)
	}
	if line, err := s.Ledger.Line(t.Context(), orders); err != nil || len(line) > 0 {
		t.Errorf("still in the line: %+v, %v", line, err)
	}
}

// EventBridge delivers late, twice, out of order, or not at all. Whatever it does: one release at a time, no image goes
// live after a newer one, every execution ends with an answer, and what serves in the end is the newest that was told of.
func TestEventsInAnyOrder(t *testing.T) {
	runs := uint64(12)
	if testing.Short() {
		runs = 3
	}
	for _, way := range []release.Concurrency{release.Queue, release.Supersede} {
		for seed := range runs {
			t.Run(fmt.Sprint(way, " ", seed), func(t *testing.T) {
				s := several(t, seed, way, nil)
				rng := rand.New(rand.NewPCG(seed, 7))
				newest := ""
				for i := range 5 {
					tag := fmt.Sprint("v", i)
					at := time.Duration(i) * 4 * time.Minute
					digest := s.push(at, orders, tag)
					times := rng.IntN(4) // 0: lost
					for n := range times {
						s.Start(at+time.Duration(rng.IntN(900))*time.Second, orders, fmt.Sprintf("%s-%d", tag, n), pushed(orders, digest, tag))
						newest = digest
					}
				}
				s.Advance(36 * time.Minute)
				s.wantEnds(t, 24*time.Hour, nil)
				if live := s.live(orders); newest != "" && !slices.Equal(live, []string{newest}) {
					t.Errorf("%v serves, want %s", live, newest)
				}
				rising(t, s.together(t, orders))
			})
		}
	}
}

// The same, told to two targets that name the same services: there is one release at a time of what both name, no image
// goes live after a newer one, whichever target it came by, and what serves is what the last of them left.
func TestEventsInAnyOrderForTwoTargetsOfOneService(t *testing.T) {
	runs := uint64(8)
	if testing.Short() {
		runs = 2
	}
	for _, way := range []release.Concurrency{release.Queue, release.Supersede, release.Reject} {
		for seed := range runs {
			t.Run(fmt.Sprint(way, " ", seed), func(t *testing.T) {
				t.Parallel()
				s := several(t, seed, way, nil)
				twin := s.plan.Target
				twin.Name = "orders-twin"
				if err := s.Alias(twin, orders); err != nil {
					t.Fatal(err)
				}
				rng := rand.New(rand.NewPCG(seed, 11))
				for i := range 5 {
					tag := fmt.Sprint("v", i)
					at := time.Duration(i) * 12 * time.Minute
					digest := s.push(at, orders, tag)
					for _, target := range []release.TargetName{orders, twin.Name} {
						for n := range rng.IntN(4) { // 0: lost
							s.Start(at+time.Duration(rng.IntN(1800))*time.Second, target, fmt.Sprintf("%s-%s-%d", target, tag, n), pushed(orders, digest, tag))
						}
					}
				}
				s.Advance(80 * time.Minute)
				s.wantEnds(t, 24*time.Hour, nil)
				all := s.together(t, orders, twin.Name)
				for i, entry := range all[1:] {
					if entry.Ended.After(all[i].At) {
						t.Errorf("%s of %s ended at %s, and %s of %s was opened at %s", entry.Release, entry.Target, entry.Ended, all[i].Release, all[i].Target, all[i].At)
					}
				}
				last := slices.IndexFunc(all, func(e release.Entry) bool { return e.Outcome == release.OutcomeReleased })
				if live := s.live(orders); last < 0 || !slices.Equal(live, []string{string(all[last].Revision.Digest)}) {
					t.Errorf("%v serves, and the last that was released is %s of %s", live, all[last].Revision, all[last].Target)
				}
				rising(t, all)
			})
		}
	}
}

// together are the releases of several targets, the newest first.
func (s *Several) together(t *testing.T, targets ...release.TargetName) []release.Entry {
	t.Helper()
	var all []release.Entry
	for _, target := range targets {
		page, err := s.Ledger.Releases(t.Context(), target, 100, "")
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, page.Entries...)
	}
	slices.SortFunc(all, func(a, b release.Entry) int { return b.At.Compare(a.At) })
	return all
}

// rising checks that no released image was pushed before one that was released earlier.
func rising(t *testing.T, entries []release.Entry) {
	t.Helper()
	var younger time.Time
	seen := map[string]bool{}
	for _, entry := range entries {
		if entry.Outcome != release.OutcomeReleased {
			continue
		}
		if !younger.IsZero() && entry.Pushed.After(younger) || seen[entry.Revision.Key()] {
			t.Errorf("%s went live at %s, once more or after a newer one", entry.Revision, entry.At)
		}
		younger, seen[entry.Revision.Key()] = entry.Pushed, true
	}
}

func TestTwoTargetsThatNameTheSameServices(t *testing.T) {
	for seed := range uint64(6) {
		s := several(t, seed, release.Queue, nil)
		twin := s.plan.Target
		twin.Name = "orders-twin"
		if err := s.Alias(twin, orders); err != nil {
			t.Fatal(err)
		}
		s.push(0, orders, "a")
		s.push(0, orders, "b")
		s.Start(time.Second, orders, "a", byHand(orders, "a"))
		s.Start(time.Second+time.Duration(seed)*30*time.Millisecond, twin.Name, "b", byHand(orders, "b"))
		if open := s.Finish(6 * time.Hour); len(open) > 0 {
			t.Errorf("without end: %v", open)
		}
		a, _ := s.End("a")
		b, cause := s.End("b")
		if a == "Refused" {
			b, cause = s.End("a")
			a, _ = s.End("b")
		}
		if a != "Released" || b != "Refused" || !strings.Contains(cause, "two targets name the same resource") {
			t.Errorf("seed %d: %s and %s (%s)", seed, a, b, cause)
		}
		for _, broken := range s.Broken() {
			t.Error(broken)
		}
	}
}

// 200 releases of 50 targets, all started within a minute: each target's one after another, in the order in which they
// came, and none is lost.
func TestTwoHundredReleasesOfFiftyTargetsInQueues(t *testing.T) {
	targets, each := 50, 4
	if testing.Short() {
		targets = 6
	}
	s := several(t, 1, release.Queue, nil)
	want := map[string]string{}
	for i := range targets {
		target := s.plan.Target
		if i > 0 {
			target = another(target, fmt.Sprint("worker-", i))
			if err := s.Add(target); err != nil {
				t.Fatal(err)
			}
		}
		for n := range each {
			tag := fmt.Sprint("v", n)
			name := fmt.Sprintf("%s-%s", target.Name, tag)
			s.push(0, target.Name, tag)
			s.Start(time.Duration(n)*14*time.Second+time.Duration(i)*100*time.Millisecond, target.Name, name, byHand(target.Name, tag))
			want[name] = "Released"
		}
	}
	s.Advance(time.Minute)
	s.wantEnds(t, 24*time.Hour, want)
	for name := range s.worlds {
		page, err := s.Ledger.Releases(t.Context(), name, 100, "")
		if err != nil || len(page.Entries) != each {
			t.Fatalf("%s: %d releases, %v", name, len(page.Entries), err)
		}
		for n, entry := range page.Entries {
			if want := ecr.Digest(fmt.Sprintf("%s v%d", name, each-1-n)); string(entry.Revision.Digest) != want {
				t.Errorf("%s: release %d is of %s", name, each-1-n, entry.Revision)
			}
		}
	}
}

// another is a target like the given one, with services, a queue and images of its own.
func another(target release.Target, name string) release.Target {
	target.Name = release.TargetName(name)
	where := *target.ECSQueue
	where.PrimaryService, where.CanaryService, where.Queue = name, name+"-canary", name
	target.ECSQueue = &where
	target.Source = release.Source{ECR: &release.ECRSource{Repository: name}}
	return target
}
