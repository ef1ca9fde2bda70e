package rehearsal

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambda/messages"

	"github.com/serin-aws/serin/internal/asl"
	"github.com/serin-aws/serin/internal/conductor"
	"github.com/serin-aws/serin/internal/rehearsal/ecr"
	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/scenario"
	"github.com/serin-aws/serin/statemachine/definition"
)

// ending is one way in which a release may end.
type ending struct {
	file   string // the scenario; good.yaml where it is empty
	change func(*release.Target, *scenario.Scenario)
	way    release.Concurrency
	before func(*Several)                                // what happens, beside the release
	input  func(*Several) map[string]any                 // of the release; the scenario's revision where it is nil
	at     time.Duration                                 // its start
	orders []scenario.Order                              // of people
	end    string                                        // the state in which its execution ends; empty: it is stopped
	path   string                                        // tasks and ends that it goes through, in this order
	story  string                                        // what the ledger tells: see Several.tells
	reason release.Reason                                // of going back
	says   string                                        // in the sentence of whoever was not opened, or was decided on
	after  func(t *testing.T, s *Several, id release.ID) // what else must be so
}

const (
	opens    = "Preparing Shifting Baking "
	goesBack = "RollingBack Cleaning RolledBack finished:rolledBack"
	serves   = "Promoting Settling Cleaning Released finished:released"
	isHeld   = "RollingBack Cleaning RolledBack finished:held"
	settles  = opens + "Shifting Baking decided:promote " + serves
)

// Every end of design, by the path through the rendered state machine that leads to it, and the story that the ledger
// tells of it.
func endings() map[string]ending {
	return map[string]ending{
		"released": {
			end: "Released", story: settles,
			path: "DeployCanary CheckAlarms Bake CheckAlarms DeployCanary CheckAlarms Promote CheckAlarms Promote Released",
		},
		"released, approved by two people, because it was started by hand": {
			change: asksForApproval, orders: []scenario.Order{{At: minutes(25), Verb: "approve"}, {At: minutes(30), Verb: "approve", Who: "ben"}}, end: "Released",
			path: "DeployCanary CheckAlarms Promote Released", story: opens + "called order:approve called order:approve Shifting Baking decided:promote " + serves,
		},
		"rolled back, approved by one person of two": {
			change: asksForApproval, orders: []scenario.Order{{At: minutes(25), Verb: "approve"}}, end: "RolledBack", path: "CheckAlarms Rollback RolledBack",
			story: opens + "called order:approve called decided:rollback " + goesBack, reason: release.ReasonDeadline, says: "nobody but anna approved within 1h",
		},
		"released, approved": {
			change: func(target *release.Target, s *scenario.Scenario) {
				asksForApproval(target, s)
				target.Approvals.ByRequester = true
			},
			orders: []scenario.Order{{At: minutes(25), Verb: "approve"}}, end: "Released",
			path: "DeployCanary CheckAlarms Promote Released", story: opens + "called order:approve Shifting Baking decided:promote " + serves,
		},
		"released, nobody having answered": {
			change: func(target *release.Target, s *scenario.Scenario) {
				asksForApproval(target, s)
				target.Approvals.OnExpiry = release.ExpiryPromote
			},
			end: "Released", path: "CheckAlarms Promote Released", story: opens + "called Shifting Baking decided:promote " + serves,
		},
		"released, promoted now": {
			orders: []scenario.Order{{At: minutes(4), Verb: "promote-now"}}, end: "Released",
			path: "DeployCanary CheckAlarms Promote Released", story: opens + "order:promote-now decided:promote " + serves,
		},
		"released, where nothing served": {
			change: empty, input: with("first", true), end: "Released", path: "DeployCanary CheckAlarms Promote Released",
			story: settles,
		},
		"released, an emergency": {
			input: with("emergency", true), end: "Released", path: "DeployCanary CheckAlarms Promote Released",
			story: opens + "decided:promote " + serves,
		},
		"released, an emergency under an alarm that a person overrode": {
			change: deadLetters, input: with("emergency", true), at: 2 * time.Minute, end: "Released",
			orders: []scenario.Order{{At: minutes(1), Verb: "override", Alarms: []string{"orders-dlq-not-empty"}}},
			path:   "DeployCanary CheckAlarms Promote Released", story: opens + "decided:promote " + serves,
		},
		"rolled back, as it fails": {
			file: "bad.yaml", change: withoutItsAlarm, end: "RolledBack", path: "DeployCanary CheckAlarms Rollback RolledBack",
			story: opens + "decided:rollback " + goesBack, reason: release.ReasonVerdict, says: "canary fails",
		},
		"rolled back, by an alarm": {
			file: "bad.yaml", end: "RolledBack", path: "CheckAlarms Rollback RolledBack",
			story: opens + "decided:rollback " + goesBack, reason: release.ReasonVerdict, says: "alarm orders-canary-failure-rate",
		},
		"rolled back, as it does not run": {
			file: "crash-loop.yaml", end: "RolledBack", path: "DeployCanary Rollback RolledBack",
			story: "Preparing Shifting decided:rollback " + goesBack, reason: release.ReasonCanary, says: "ended with exit code 1",
		},
		"held to the deadline": {
			file: "quiet.yaml", end: "RolledBack", path: "CheckAlarms Rollback RolledBack",
			story: opens + "called decided:rollback " + isHeld, reason: release.ReasonInconclusive, says: "nobody could tell by the deadline of",
		},
		"rolled back, as nobody can tell": {
			file: "quiet.yaml", change: func(target *release.Target, _ *scenario.Scenario) {
				target.Checks.Inconclusive = release.InconclusiveRollback
			},
			end: "RolledBack", path: "CheckAlarms Rollback RolledBack",
			story: opens + "decided:rollback " + isHeld, reason: release.ReasonInconclusive,
		},
		"held, no data being no pass": {
			file: "quiet.yaml", change: func(target *release.Target, _ *scenario.Scenario) {
				target.Checks.Inconclusive = release.InconclusivePromote
			},
			end: "RolledBack", path: "CheckAlarms Rollback RolledBack",
			story: opens + "called decided:rollback " + isHeld, reason: release.ReasonInconclusive,
		},
		"rolled back, a person asking": {
			orders: []scenario.Order{{At: minutes(5), Verb: "rollback"}}, end: "RolledBack", path: "CheckAlarms Rollback RolledBack",
			story: opens + "order:rollback decided:rollback " + goesBack, reason: release.ReasonPerson, says: "anna",
		},
		"rejected": {
			change: asksForApproval, orders: []scenario.Order{{At: minutes(25), Verb: "reject"}}, end: "RolledBack", path: "CheckAlarms Rollback RolledBack",
			story: opens + "called order:reject decided:rollback " + goesBack, reason: release.ReasonPerson, says: "anna rejected",
		},
		"expired": {
			change: asksForApproval, end: "RolledBack", path: "CheckAlarms Rollback RolledBack",
			story: opens + "called decided:rollback " + goesBack, reason: release.ReasonDeadline, says: "nobody approved",
		},
		"rolled back at its deadline": {
			file: "quiet.yaml", change: func(target *release.Target, s *scenario.Scenario) {
				none := 0
				s.World.Services = map[string]scenario.Service{target.ECSQueue.CanaryService: {Tasks: &none}}
				target.Plan.Deadline = minutes(1)
			},
			end: "RolledBack", path: "DeployCanary Rollback RolledBack",
			story: "Preparing Shifting decided:rollback " + goesBack, reason: release.ReasonDeadline,
		},
		"stopped by a person": {
			orders: []scenario.Order{{At: minutes(5), Verb: "stop"}}, end: "Bake", path: "DeployCanary CheckAlarms",
			story: opens + "order:stop decided:rollback " + goesBack, reason: release.ReasonPerson, says: "anna stopped", after: recovered,
		},
		"stopped in the console": {
			before: stops(5 * time.Minute), end: "Bake", path: "DeployCanary CheckAlarms",
			story: opens + "decided:rollback " + goesBack, reason: release.ReasonStopped, after: recovered,
		},
		"superseded": {
			way: release.Supersede, before: starts("newer", 6*time.Minute), end: "RolledBack", path: "CheckAlarms Rollback RolledBack",
			story: opens + "decided:rollback " + goesBack, reason: release.ReasonSuperseded, says: "superseded by the newer release",
		},
		"rolled back, somebody else deploying": {
			before: befalls("somebody deploys orders-worker anew", 5*time.Minute), end: "RolledBack", path: "CheckAlarms Rollback RolledBack",
			story: opens + "decided:rollback " + goesBack, reason: release.ReasonForeign,
		},
		"rolled back, its promotion failing": {
			before: befalls("new tasks die soon after their start", 22*time.Minute+30*time.Second), end: "RolledBack", path: "CheckAlarms Promote Rollback RolledBack",
			story: opens + "Shifting Baking decided:promote Promoting decided:rollback " + goesBack, reason: release.ReasonPromotion,
		},
		"rolled back, a function failing for good": {
			before: breaks("check-alarms", time.Minute), end: "RolledBack", path: "DeployCanary CheckAlarms Rollback RolledBack",
			story: opens + "decided:rollback " + goesBack, reason: release.ReasonError, says: "a nil map",
		},
		"dirty, its rollback failing for good": {
			file: "bad.yaml", before: breaks("rollback", time.Minute), end: "Dirty", path: "CheckAlarms Rollback MarkDirty Dirty",
			story: opens + "decided:rollback RollingBack Dirty finished:dirty", reason: release.ReasonVerdict, after: locked,
		},
		"nothing to release": {
			input: image("release-41"), end: "NothingToRelease", path: "DeployCanary NothingToRelease", story: "nothing", says: "serves already",
		},
		"refused, no such image": {
			input: image("no-such-tag"), end: "Refused", path: "DeployCanary Refused", story: "refused", says: "no such image",
		},
		"refused, an image of elsewhere": {
			input: revision(map[string]any{"image": "other-worker:release-42"}), end: "Refused", path: "DeployCanary Refused", story: "refused", says: "other-worker",
		},
		"refused, the target being busy": {
			way: release.Reject, before: starts("first", 0), at: time.Minute, end: "Refused", path: "DeployCanary Refused", story: "refused", says: "is busy",
		},
		"refused, the revision being in flight": {
			before: startsSame, at: time.Minute, end: "Refused", path: "DeployCanary Refused", story: "refused", says: "is in flight already",
		},
		"refused, superseded while it waits": {
			way: release.Supersede, at: 24 * time.Minute, end: "Refused", path: "DeployCanary Refused", story: "refused", says: "superseded by the newer release",
			before: func(s *Several) {
				starts("first", 0)(s)
				starts("newest", 25*time.Minute)(s)
			},
		},
		"refused, older than what serves": {
			input: func(s *Several) map[string]any {
				digest := ecr.Digest("ancient")
				s.queue(orders).ECR.PushImageAt(epoch.AddDate(0, -1, 0), string(orders), digest, "release-ancient")
				return pushed(orders, digest, "release-ancient")
			},
			end: "Refused", path: "DeployCanary Refused", story: "refused", says: "was pushed on",
		},
		"refused, rolled back before": {
			file: "bad.yaml", before: startsSame, at: 3 * time.Hour, end: "Refused", path: "DeployCanary Refused", story: "refused", says: "it does not start again by itself",
		},
		"refused, an earlier one being dirty": {
			file: "bad.yaml", at: 20 * time.Hour, end: "Refused", path: "DeployCanary Refused", story: "refused", says: "is Dirty and keeps its lock",
			before: func(s *Several) {
				startsSame(s)
				breaks("rollback", time.Minute)(s)
			},
		},
		"refused, frozen": {
			change: func(target *release.Target, _ *scenario.Scenario) {
				target.Freeze = []string{"Mon 08:00-Mon 12:00 UTC"}
			},
			end: "Refused", path: "DeployCanary Refused", story: "refused", says: "is frozen until Mon 5 Jan, 12:00 UTC; start again then",
		},
		"refused, another target's release at work": {
			before: func(s *Several) {
				twin := s.plan.Target
				twin.Name = "orders-twin"
				if err := s.Alias(twin, orders); err != nil {
					panic(err)
				}
				s.push(0, orders, "b")
				s.Start(0, twin.Name, "b", byHand(orders, "b"))
			},
			at: 5 * time.Minute, end: "Refused", path: "DeployCanary Refused", story: "refused", says: "two targets name the same resource",
		},
		"refused, not at rest": {
			before: befalls("somebody deploys orders-worker anew", 0), at: time.Second,
			end: "Refused", path: "DeployCanary Refused", story: "refused", says: "orders-worker",
		},
		"refused, an alarm having fired": {
			change: deadLetters,
			end:    "Refused", path: "DeployCanary Refused", story: "refused", says: "orders-dlq-not-empty is in ALARM before the release",
		},
		"refused, an emergency that is not provided for": {
			change: func(target *release.Target, _ *scenario.Scenario) { target.Emergency = nil },
			input:  with("emergency", true), end: "Refused", path: "DeployCanary Refused", story: "refused", says: "has no emergency plan",
		},
		"refused, an emergency under an alarm": {
			change: deadLetters,
			input:  with("emergency", true), end: "Refused", path: "DeployCanary Refused", story: "refused", says: "orders-dlq-not-empty",
		},
		"refused, no first release": {
			input: with("first", true), end: "Refused", path: "DeployCanary Refused", story: "refused", says: "so this is no first release",
		},
	}
}

// startsSame starts the same revision before.
func startsSame(s *Several) {
	s.Start(0, orders, "first", map[string]any{"revision": s.account.world.Revision()})
}

// revision is what starts a release of anything.
func revision(of map[string]any) func(*Several) map[string]any {
	return func(*Several) map[string]any { return map[string]any{"revision": of} }
}

// with is what starts a release of the scenario's revision in a special way.
func with(key string, value any) func(*Several) map[string]any {
	return func(s *Several) map[string]any {
		return map[string]any{"revision": s.account.world.Revision(), key: value, "reason": "rehearsed"}
	}
}

// No end of the state machine, and no reason of going back, is without a row; hooks have tests of their own.
func TestNoEndIsForgotten(t *testing.T) {
	var machine struct {
		States map[string]struct{ Type string }
	}
	if err := json.Unmarshal(definition.Release(), &machine); err != nil {
		t.Fatal(err)
	}
	ends := map[string]bool{"Recovered": true, "CleanupLeft": true} // of executions for another's release: see recovered, and TestACleanupThatPanicsWakesNobody
	reasons := map[release.Reason]bool{release.ReasonHook: true}
	for _, e := range endings() {
		ends[e.end], reasons[e.reason] = true, true
	}
	for state, s := range machine.States {
		if (s.Type == "Succeed" || s.Type == "Fail") && !ends[state] {
			t.Errorf("no release ends in %s", state)
		}
	}
	for _, reason := range release.Reasons() {
		if !reasons[reason] {
			t.Errorf("no release goes back for the reason %s", reason)
		}
	}
}

// image is what starts a release of a tag.
func image(tag string) func(*Several) map[string]any {
	return func(*Several) map[string]any { return byHand(orders, tag) }
}

// stops stops the execution from outside.
func stops(at time.Duration) func(*Several) {
	return func(s *Several) { s.Stop(at, "one") }
}

// befalls lets an accident happen.
func befalls(name string, at time.Duration) func(*Several) {
	return func(s *Several) {
		for _, accident := range s.account.world.Accidents() {
			if accident.Name == name {
				s.account.loop.At(epoch.Add(at), accident.Happen)
			}
		}
	}
}

// breaks lets a function fail for good from a time on.
func breaks(name string, from time.Duration) func(*Several) {
	return func(s *Several) {
		for resource, f := range s.account.functions {
			works := f.handler
			if f.name != name {
				continue
			}
			f.handler = func(ctx context.Context, event json.RawMessage) (any, error) {
				if s.account.loop.Now().Before(epoch.Add(from)) {
					return works(ctx, event)
				}
				return nil, messages.InvokeResponse_Error{Type: string(release.Panicked), Message: "a nil map"}
			}
			s.account.functions[resource] = f
		}
	}
}

// starts starts another release, of an image of its own.
func starts(tag string, at time.Duration) func(*Several) {
	return func(s *Several) {
		s.push(at-time.Second, orders, tag)
		s.Start(at, orders, tag, byHand(orders, tag))
	}
}

// recovered checks that the release was brought home by an execution of its own.
func recovered(t *testing.T, s *Several, id release.ID) {
	t.Helper()
	last := s.account.executions[len(s.account.executions)-1]
	if end, _ := s.End(last.name); end != "Recovered" || !strings.HasPrefix(last.name, string(id)) {
		t.Errorf("%s ended in %s", last.name, end)
	}
}

// deadLetters lets messages be given up at their first failure: the dead-letter queue is never empty, and its alarm fires.
func deadLetters(_ *release.Target, s *scenario.Scenario) { s.World.Queue.MaxReceiveCount = 1 }

// withoutItsAlarm leaves the comparison to find what fails.
func withoutItsAlarm(target *release.Target, _ *scenario.Scenario) {
	target.Checks.Alarms = slices.DeleteFunc(slices.Clone(target.Checks.Alarms), func(name string) bool { return name == "orders-canary-failure-rate" })
}

// locked checks that nobody else gets at what a release has locked.
func locked(t *testing.T, s *Several, id release.ID) {
	t.Helper()
	r, err := s.Ledger.LoadMarked(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	if held, ok := errors.AsType[conductor.Held](s.Ledger.Free(t.Context(), r.Resources)); !ok {
		t.Error("the lock is free")
	} else if _, by := held.HeldBy(); by != id {
		t.Errorf("the lock is %s's", by)
	}
}

func asksForApproval(target *release.Target, _ *scenario.Scenario) { asks(target) }

// tells is the ledger's story of a release: phases, decisions, orders, calls and the end. What a release that was not
// opened tells is its outcome.
func (s *Several) tells(t *testing.T, id release.ID) string {
	t.Helper()
	if declined, err := s.Ledger.NotOpened(t.Context(), id); err == nil {
		return string(declined.Outcome)
	}
	events, err := s.Ledger.Events(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	var told []string
	for _, event := range events {
		switch event.Kind {
		case release.EventOpened, release.EventPhase:
			told = append(told, string(event.Phase))
		case release.EventDecision:
			told = append(told, "decided:"+string(read[release.Decision](t, event).Next))
		case release.EventOrder:
			told = append(told, "order:"+string(read[release.Order](t, event).Verb))
		case release.EventCalled:
			told = append(told, "called")
		case release.EventFinished:
			told = append(told, "finished:"+string(read[release.Outcome](t, event)))
		}
	}
	return strings.Join(told, " ")
}

func read[T any](t *testing.T, event release.Event) (data T) {
	t.Helper()
	if err := json.Unmarshal(event.Data, &data); err != nil {
		t.Fatalf("%s: %v", event.Data, err)
	}
	return data
}

func TestEveryEnd(t *testing.T) {
	written := newWritten(t)
	for name, e := range endings() {
		t.Run(name, func(t *testing.T) {
			if e.file == "" {
				e.file = "good.yaml"
			}
			s, err := plan(t, e.file, func(target *release.Target, sc *scenario.Scenario) {
				if e.way != "" {
					target.Concurrency = e.way
				}
				if e.change != nil {
					e.change(target, sc)
				}
			}).Several(1)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(s.Close)
			e.run(t, s)
			written.check(t, s.account.Table.Outside())
		})
	}
	written.all(t)
}

func (e ending) run(t *testing.T, s *Several) {
	t.Helper()
	input := map[string]any{"revision": s.account.world.Revision()}
	if e.input != nil {
		input = e.input(s)
	}
	if e.before != nil {
		e.before(s)
	}
	id := s.Start(e.at, orders, "one", input)
	for _, o := range e.orders {
		o.Who, o.Why = cmp.Or(o.Who, "anna"), "rehearsed"
		s.account.loop.At(epoch.Add(o.At.Std()), func() {
			s.account.order(orders, o, func(result asl.Result) {
				if result.Error != "" {
					t.Errorf("%s was refused: %s", o.Verb, result.Cause)
				}
			})
		})
	}
	s.Advance(e.at + time.Hour) // also of what has ended: a recovery may follow
	s.wantEnds(t, 30*time.Hour, nil)
	end, cause := s.End("one")
	if end != e.end {
		t.Errorf("ended in %q (%s), want %q", end, cause, e.end)
	}
	if path := s.Path("one"); !holds(path, strings.Fields(e.path)) {
		t.Errorf("the path %v does not lead through %s", path, e.path)
	}
	if told := s.tells(t, id); told != e.story {
		t.Errorf("the ledger tells\n%s, want\n%s", told, e.story)
	}
	r, err := s.Ledger.LoadMarked(t.Context(), id)
	if err == nil && (r.Decision.Reason != e.reason || !strings.Contains(r.Decision.Sentence, e.says)) {
		t.Errorf("decided for %q (%s), want %q (%s)", r.Decision.Reason, r.Decision.Sentence, e.reason, e.says)
	}
	if declined, err := s.Ledger.NotOpened(t.Context(), id); err == nil && !strings.Contains(declined.Sentence, e.says) {
		t.Errorf("says %q, want %q", declined.Sentence, e.says)
	}
	if e.after != nil {
		e.after(t, s, id)
	}
}

// holds reports whether the wanted states stand in a path, in their order.
func holds(path, want []string) bool {
	for _, state := range path {
		if len(want) > 0 && state == want[0] {
			want = want[1:]
		}
	}
	return len(want) == 0
}
