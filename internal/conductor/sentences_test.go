package conductor_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/serin-aws/serin/internal/conductor"
	"github.com/serin-aws/serin/internal/golden"
	"github.com/serin-aws/serin/internal/release"
)

// Looks as the judge words them.
var (
	good   = release.Judgement{Verdict: release.Pass, Sentence: "2,114 canary messages; a failure rate 2 times the primary's is excluded (at most 1.4 times, 95 %)"}
	bad    = release.Judgement{Verdict: release.Fail, Sentence: "canary fails 3.1 % of 812 messages against 0.4 % of 7,306: at least 3.9 times as often; chance of a false alarm below 1 %"}
	unsure = release.Judgement{Verdict: release.Inconclusive, Sentence: "96 canary messages so far; about 210 more (12 minutes at this rate) are needed to tell a doubled failure rate from chance"}
	dark   = release.Judgement{Verdict: release.NoData, Sentence: "no canary metric Orders/Processed{Service=orders-canary} since 09:03; is the worker publishing?"}
)

// alarms is a look that has nothing but alarms to go by.
func alarms(states ...string) release.Judgement {
	j := release.Judgement{Verdict: release.Pass, Sentence: "nothing is compared"}
	for i, state := range states {
		verdict := release.Pass
		if state != "OK" {
			verdict = release.NoData
		}
		j.Checks = append(j.Checks, release.Check{Name: fmt.Sprint("orders-", i+1), Kind: release.CheckAlarm, Verdict: verdict, State: state})
	}
	return j
}

// narrator runs verbs and writes down what they say: to the state machine, into the story, and to people.
type narrator struct {
	*stage
	text  strings.Builder
	heard map[release.ID]int // how many events of a release were read
}

// say calls a verb and writes down what is said, and of the story what is new.
func (n *narrator) say(verb string, change ...func(*conductor.Input)) {
	n.t.Helper()
	in := conductor.Input{Execution: execution, Trigger: trigger}
	for _, c := range change {
		c(&in)
	}
	n.goOn(release.NewID("orders", in.Execution), release.NewID("orders", execution))
	told, refused := len(n.told), len(n.refused)
	answer, err := n.call(verb, change...)
	if err != nil {
		fmt.Fprintf(&n.text, "%s fails: %s\n", verb, err)
		return
	}
	wait := ""
	if answer.Wait > 0 {
		wait = fmt.Sprintf(" %d s", answer.Wait)
	}
	fmt.Fprintf(&n.text, "%s: %s%s: %s\n", verb, answer.Next, wait, answer.Note)
	line := func(what, text string) {
		if text == answer.Note {
			text = "(the same)"
		}
		fmt.Fprintf(&n.text, "  %s: %s\n", what, text)
	}
	for _, event := range n.goOn(answer.Release) {
		line(fmt.Sprintf("story, %s %s", event.Phase, event.Kind), event.Text)
	}
	for _, notice := range n.told[told:] {
		line("people, "+string(notice.Kind), notice.Text)
	}
	for _, text := range n.refused[refused:] {
		line("people, not started", strings.TrimPrefix(text, "orders: "))
	}
}

// goOn returns the events of releases that were not read before.
func (n *narrator) goOn(ids ...release.ID) []release.Event {
	var fresh []release.Event
	for _, id := range ids {
		if _, err := n.ledger.Load(context.Background(), id); err != nil {
			continue // it was not opened
		}
		events, err := n.ledger.Events(context.Background(), id)
		if err != nil {
			n.t.Fatal(err)
		}
		fresh = append(fresh, events[n.heard[id]:]...)
		n.heard[id] = len(events)
	}
	return fresh
}

// looks has check-alarms see what a look says.
func (n *narrator) looks(j release.Judgement) { n.judgement = j; n.say("check-alarms") }

// opened opens the release, and has it bake for so long.
func (n *narrator) opened(since time.Duration) {
	n.want(release.NextCheck, "deploy-canary")
	n.later(since)
}

// promoted brings a release to its settling.
func (n *narrator) promoted() {
	n.opened(10 * time.Minute)
	n.judgement = good
	n.want(release.NextPromote, "check-alarms")
	n.want(release.NextSettle, "promote")
}

// order is what a person orders.
func (n *narrator) order(o release.Order) {
	r := n.release()
	o.ID, o.Who, o.At = fmt.Sprint(len(r.Orders)), "arn:aws:sts::123456789012:assumed-role/ops/anna", n.clock.Now()
	if o.Why == "" {
		o.Why = "customers complain"
	}
	r.Orders = append(r.Orders, o)
	if err := n.ledger.Save(context.Background(), r); err != nil {
		n.t.Fatal(err)
	}
}

// goes is how changes of the workload go from now on.
func (n *narrator) goes(state release.ProgressState, note string) {
	n.progress = release.Progress{State: state, Note: note, Wait: 15 * time.Second}
}

// asks has the target name a hook that says something, at all stages.
func (n *narrator) asks(policy release.HookPolicy, says ...release.HookAnswer) {
	const function = "arn:aws:lambda:eu-central-1:123456789012:function:smoke-test:live"
	n.hooks = &hooks{says: map[string][]release.HookAnswer{function: says}}
	n.target.Hooks = []release.Hook{{Function: function, Stages: release.HookStages(), Timeout: release.Duration(5 * time.Minute), OnFailure: policy}}
}

// only leaves the hook of a target one stage.
func (n *narrator) only(stage release.HookStage) {
	n.target.Hooks[0].Stages = []release.HookStage{stage}
}

// All that the verbs say stands in testdata/sentences.golden, to be read as people read it. A case runs until nothing new
// is to be heard.
func TestSentences(t *testing.T) {
	var text strings.Builder
	for _, part := range []struct {
		title string
		cases map[string]func(*narrator)
	}{
		{"what is not started, or not yet", starts},
		{"the canary", canaries},
		{"gates", gated},
		{"hooks", hookCases},
		{"people", orders},
		{"the way home", homes},
	} {
		fmt.Fprintf(&text, "# %s\n\n", part.title)
		for _, name := range slices.Sorted(maps.Keys(part.cases)) {
			n := &narrator{stage: newStage(t), heard: map[release.ID]int{}}
			n.target.Plan.Steps = []release.Step{{Weight: 10, Bake: release.Duration(10 * time.Minute)}}
			n.revision("2", time.Hour)
			part.cases[name](n)
			fmt.Fprintf(&text, "== %s\n%s\n", name, n.text.String())
		}
	}
	golden.Text(t, "sentences", text.String())
}

var starts = map[string]func(*narrator){
	"a release like any": func(n *narrator) { n.say("deploy-canary") },
	"it serves already":  func(n *narrator) { n.prepared.Live = true; n.say("deploy-canary") },
	"an alarm fires":     func(n *narrator) { n.firing = []string{"orders-dlq"}; n.say("deploy-canary", as("two", pushed)) },
	"two alarms fire":    func(n *narrator) { n.firing = []string{"orders-dlq", "orders-age"}; n.say("deploy-canary") },
	"a freeze window": func(n *narrator) {
		n.target.Freeze = []string{"Mon 08:00-Mon 18:00 UTC"}
		n.say("deploy-canary", as("two", pushed))
	},
	"no such target": func(n *narrator) { n.target.Name = "parcels"; n.say("deploy-canary") },
	"nothing serves": func(n *narrator) { n.prepared.Presence = release.Absent; n.say("deploy-canary") },
	"first, and something serves": func(n *narrator) {
		n.target.Checks.Alarms = []string{"orders-dlq"}
		n.say("deploy-canary", as("two", first))
	},
	"first, and nothing judges": func(n *narrator) { n.prepared.Presence = release.Absent; n.say("deploy-canary", as("two", first)) },
	"rolled back before":        func(n *narrator) { n.rejected("one"); n.say("deploy-canary", as("two", pushed)) },
	"older than what serves": func(n *narrator) {
		n.prepared.LivePushed = morning.Add(3 * time.Hour)
		n.say("deploy-canary", as("two", pushed))
	},
	"in flight already": func(n *narrator) { n.opened(0); n.say("deploy-canary", as("two", byHand)) },
	"older than what is in flight": func(n *narrator) {
		n.busy()
		n.revision("3", -time.Hour)
		n.say("deploy-canary", as("two", pushed))
	},
	"behind another release": func(n *narrator) {
		n.target.Concurrency = release.Queue
		n.busy()
		n.say("deploy-canary", as("two", byHand))
		n.say("deploy-canary", as("three", byHand))
		n.revision("4", 3*time.Hour)
		n.say("deploy-canary", as("four", byHand))
		n.revision("3", -time.Hour)
		n.say("deploy-canary", as("five", pushed))
		n.later(release.LongestWait)
		n.say("deploy-canary", as("two", byHand))
	},
	"a busy target that rejects": func(n *narrator) {
		n.target.Concurrency = release.Reject
		n.busy()
		n.say("deploy-canary", as("two", pushed))
	},
	"a newer one supersedes": func(n *narrator) {
		n.target.Concurrency = release.Supersede
		n.busy()
		n.say("deploy-canary", as("two", byHand))
		n.revision("4", 3*time.Hour)
		n.say("deploy-canary", as("three", byHand))
		n.say("deploy-canary", as("two", byHand))
		n.say("check-alarms", as("one", byHand))
	},
	"an emergency goes first": func(n *narrator) {
		n.target.Emergency = &release.Emergency{Steps: n.target.Plan.Steps}
		n.busy()
		n.say("deploy-canary", as("two", emergency))
		n.say("check-alarms", as("one", byHand))
	},
	"an emergency under an alarm": func(n *narrator) {
		n.target.Emergency = &release.Emergency{Steps: n.target.Plan.Steps}
		n.firing = []string{"orders-dlq"}
		n.say("deploy-canary", as("two", emergency))
		o := release.Override{ID: "1", Alarms: n.firing, Who: "arn:aws:sts::123456789012:assumed-role/ops/anna", Why: "the alarm is wrong", Until: morning.Add(6 * time.Hour)}
		if err := n.ledger.Override(context.Background(), "orders", o); err != nil {
			n.t.Fatal(err)
		}
		n.say("deploy-canary", as("three", emergency))
	},
	"an emergency without a plan": func(n *narrator) { n.say("deploy-canary", as("two", emergency)) },
	"behind a dirty release": func(n *narrator) {
		n.opened(0)
		n.soil()
		n.revision("3", 2*time.Hour)
		n.say("deploy-canary", as("two", byHand))
	},
	"another target's resource": func(n *narrator) {
		n.opened(0)
		n.target.Name = "parcels"
		n.say("deploy-canary", as("two", strings.ReplaceAll(byHand, `"orders"`, `"parcels"`)))
	},
	"a hook that does not exist": func(n *narrator) {
		n.asks(release.HookRollback)
		n.hooks.missing = n.target.Hooks[0].Function
		n.say("deploy-canary")
	},
	"a function that fails for good": func(n *narrator) {
		n.say("rollback", as("two", pushed), func(in *conductor.Input) {
			in.Data.Error = &conductor.Caught{Error: "Throttled", Cause: "rate exceeded"}
		})
	},
	"nothing was begun": func(n *narrator) { n.say("rollback") },
	"notes of the reference": func(n *narrator) {
		n.reference.Notes = []string{"metric Orders/Failed had no data in the last hour"}
		n.say("deploy-canary")
	},
}

// steps gives the plan two steps.
func (n *narrator) steps() {
	n.target.Plan.Steps = append(n.target.Plan.Steps, release.Step{Weight: 25, Bake: release.Duration(10 * time.Minute)})
}

var canaries = map[string]func(*narrator){
	"it comes up": func(n *narrator) {
		n.goes(release.Working, "1 of 2 tasks of orders-canary is healthy")
		n.say("deploy-canary")
	},
	"it does not come up": func(n *narrator) {
		n.goes(release.Failed, "no task of orders-canary became healthy in 10m")
		n.say("deploy-canary")
	},
	"a look within the bake":  func(n *narrator) { n.opened(3 * time.Minute); n.looks(unsure) },
	"no data within the bake": func(n *narrator) { n.opened(3 * time.Minute); n.looks(dark) },
	"the next step": func(n *narrator) {
		n.steps()
		n.opened(10 * time.Minute)
		n.looks(unsure)
		n.say("deploy-canary")
	},
	"the bake is extended, then held, then given up": func(n *narrator) {
		n.opened(10 * time.Minute)
		n.looks(unsure)
		n.later(20 * time.Minute)
		n.looks(unsure)
		n.looks(dark)
		n.later(3 * time.Hour)
		n.looks(unsure)
	},
	"the policy rolls back": func(n *narrator) {
		n.target.Checks.Inconclusive = release.InconclusiveRollback
		n.opened(30 * time.Minute)
		n.looks(unsure)
	},
	"the policy promotes": func(n *narrator) {
		n.target.Checks.Inconclusive = release.InconclusivePromote
		n.opened(30 * time.Minute)
		n.looks(unsure)
	},
	"the policy rises": func(n *narrator) {
		n.target.Checks.Inconclusive = release.InconclusivePromote
		n.steps()
		n.opened(30 * time.Minute)
		n.looks(release.Judgement{Verdict: release.Inconclusive, Sentence: unsure.Sentence, Checks: []release.Check{{Kind: release.CheckSample, Verdict: release.Inconclusive}}})
	},
	"it passes":  func(n *narrator) { n.opened(10 * time.Minute); n.looks(good); n.say("promote") },
	"it fails":   func(n *narrator) { n.opened(3 * time.Minute); n.looks(bad) },
	"it crashes": func(n *narrator) { n.opened(0); n.crashes(); n.looks(unsure) },
	"somebody else's work": func(n *narrator) {
		n.opened(0)
		n.sighting.Foreign = "somebody else set orders-canary to 5 tasks; serin did not"
		n.looks(good)
	},
	"late, and good": func(n *narrator) { n.steps(); n.opened(3 * time.Hour); n.looks(good) },
	"late before a step": func(n *narrator) {
		n.steps()
		n.opened(10 * time.Minute)
		n.judgement = good
		n.want(release.NextShift, "check-alarms")
		n.later(3 * time.Hour)
		n.say("deploy-canary")
	},
	"the promotion goes on": func(n *narrator) {
		n.opened(10 * time.Minute)
		n.looks(good)
		n.goes(release.Working, "6 of 10 tasks run the new revision")
		n.say("promote")
	},
	"the promotion fails": func(n *narrator) {
		n.opened(10 * time.Minute)
		n.looks(good)
		n.goes(release.Failed, "ECS took orders back to orders:41")
		n.say("promote")
	},
	"settled and cleaned up": func(n *narrator) {
		n.promoted()
		n.looks(good)
		n.later(15 * time.Minute)
		n.looks(good)
		n.say("promote")
		n.say("promote")
	},
	"bad while it settles": func(n *narrator) { n.promoted(); n.looks(bad) },
	"a cleanup that cannot": func(n *narrator) {
		n.promoted()
		n.later(15 * time.Minute)
		n.looks(good)
		n.goes(release.Working, "orders-canary:42 is being deregistered")
		n.say("promote")
		n.later(11 * time.Minute)
		n.say("promote")
		n.later(time.Hour)
		n.goes(release.Reached, "")
		cleanup := as("r1", `{"intent":"cleanup","target":"orders","release":"`+string(idOf("one"))+`"}`)
		n.say("rollback", cleanup)
		n.later(2 * time.Minute)
		n.say("rollback", cleanup)
	},
	"all of the work, baked": func(n *narrator) {
		n.target.Plan.Steps = []release.Step{{Weight: 100, Bake: release.Duration(10 * time.Minute)}}
		n.opened(3 * time.Minute)
		n.looks(unsure)
		n.later(7 * time.Minute)
		n.looks(unsure)
		n.looks(good)
	},
	"settling under alarms": func(n *narrator) {
		n.promoted()
		n.looks(alarms("OK"))
		n.looks(alarms("OK", "OK"))
		n.looks(alarms("OK", "OK", "INSUFFICIENT_DATA"))
		n.later(15 * time.Minute)
		n.looks(alarms("OK", "OK", "OK"))
	},
	"all at once": func(n *narrator) {
		n.target.Plan.Steps = []release.Step{{Weight: 100}}
		n.say("deploy-canary")
		n.looks(dark)
	},
}

func (n *narrator) crashes() {
	n.sighting.Trouble = "3 tasks of the canary stopped within 2m: container worker ended with exit code 1"
	n.sighting.Stopped = []release.Stopped{{Task: "0f3c", Service: "orders-canary", Why: "container worker ended with exit code 1"}}
}

var gated = map[string]func(*narrator){
	"frozen":               func(n *narrator) { n.frozen(); n.opened(10 * time.Minute); n.looks(good) },
	"frozen, and it fails": func(n *narrator) { n.frozen(); n.opened(10 * time.Minute); n.looks(bad) },
	"frozen, and all at once": func(n *narrator) {
		n.target.Plan.Steps = []release.Step{{Weight: 100}}
		n.frozen()
		n.say("deploy-canary")
		n.later(10 * time.Minute)
		n.looks(dark)
	},
	"an approval": func(n *narrator) {
		n.approved(release.ExpiryRollback)
		n.looks(good)
		n.looks(good)
		n.order(release.Order{Verb: release.OrderApprove, Why: "looks good"})
		n.looks(good)
	},
	"an approval of two": func(n *narrator) {
		n.asksForApproval(release.ExpiryRollback)
		n.want(release.NextCheck, "deploy-canary", as("one", byHand))
		n.later(10 * time.Minute)
		n.looks(good)
		n.order(release.Order{Verb: release.OrderApprove, Why: "looks good"})
		n.looks(good)
		n.later(4 * time.Hour)
		n.looks(good)
	},
	"an approval that is refused": func(n *narrator) {
		n.approved(release.ExpiryRollback)
		n.looks(good)
		n.order(release.Order{Verb: release.OrderReject})
		n.looks(good)
	},
	"nobody approves": func(n *narrator) {
		n.approved(release.ExpiryRollback)
		n.looks(good)
		n.later(4 * time.Hour)
		n.looks(good)
	},
	"nobody approves, and it goes": func(n *narrator) {
		n.approved(release.ExpiryPromote)
		n.looks(good)
		n.later(4 * time.Hour)
		n.looks(good)
	},
	"it fails while it is asked": func(n *narrator) { n.approved(release.ExpiryRollback); n.looks(good); n.looks(bad) },
}

// frozen has a freeze window begin soon after the start.
func (n *narrator) frozen() { n.target.Freeze = []string{"Mon 09:05-Mon 18:00 UTC"} }

// approved opens a release that asks for an approval after its bake, and bakes it.
func (n *narrator) approved(expiry release.ExpiryPolicy) {
	n.asksForApproval(expiry)
	n.opened(10 * time.Minute)
}

func (n *narrator) asksForApproval(expiry release.ExpiryPolicy) {
	n.target.Plan.Steps[0].Approval = release.Required
	n.target.Approvals = release.Approvals{Expires: release.Duration(4 * time.Hour), OnExpiry: expiry}
}

var hookCases = map[string]func(*narrator){
	"at every stage": func(n *narrator) {
		n.asks(release.HookRollback, inProgress(0), succeeded, inProgress(0), succeeded, inProgress(0), succeeded)
		n.say("deploy-canary")
		n.later(time.Minute)
		n.say("deploy-canary")
		n.later(10 * time.Minute)
		n.looks(good)
		n.later(time.Minute)
		n.looks(good)
		n.say("promote")
		n.looks(good)
		n.later(time.Minute)
		n.looks(good)
	},
	"before traffic, it says no": func(n *narrator) { n.asks(release.HookRollback, saysNo); n.say("deploy-canary") },
	"after the step, it says no": func(n *narrator) {
		n.asks(release.HookRollback, saysNo)
		n.only(release.AfterStep)
		n.opened(10 * time.Minute)
		n.looks(good)
	},
	"after promotion, it says no": func(n *narrator) {
		n.asks(release.HookRollback, saysNo)
		n.only(release.AfterPromotion)
		n.promoted()
		n.looks(good)
	},
	"after rollback, it says no": func(n *narrator) {
		n.asks(release.HookRollback, saysNo)
		n.only(release.AfterRollback)
		n.opened(0)
		n.looks(bad)
		n.sayHome()
	},
	"no, and it changes nothing": func(n *narrator) {
		n.asks(release.HookContinue, saysNo)
		n.only(release.BeforeTraffic)
		n.say("deploy-canary")
	},
	"it fails itself": func(n *narrator) {
		n.asks(release.HookRollback)
		n.hooks.err = release.Errorf(release.Unexpected, "call smoke-test", "the function failed: Error: connect ECONNREFUSED 10.0.0.1:5432")
		n.say("deploy-canary")
	},
	"it does not answer": func(n *narrator) {
		n.asks(release.HookRollback)
		n.hooks.err = release.Errorf(release.Throttled, "call smoke-test", "Rate Exceeded")
		n.say("deploy-canary")
		n.later(5 * time.Minute)
		n.say("deploy-canary")
	},
	"it takes too long": func(n *narrator) {
		n.asks(release.HookRollback, inProgress(0))
		n.say("deploy-canary")
		n.later(5 * time.Minute)
		n.say("deploy-canary")
	},
	"two of them, one in progress": func(n *narrator) {
		n.asks(release.HookRollback, succeeded)
		other := release.Hook{Function: "load-test", Stages: release.HookStages(), Timeout: release.Duration(time.Hour)}
		n.hooks.says["load-test"] = []release.HookAnswer{inProgress(time.Minute)}
		n.target.Hooks = append(n.target.Hooks, other)
		n.say("deploy-canary")
	},
	"it fails while a hook is in progress": func(n *narrator) {
		n.asks(release.HookRollback, inProgress(0))
		n.only(release.AfterStep)
		n.opened(10 * time.Minute)
		n.looks(good)
		n.looks(bad)
	},
	"the revision comes up first": func(n *narrator) {
		n.asks(release.HookRollback, succeeded)
		n.platform = &standing{stage: n.stage, ready: release.Progress{State: release.Working, Wait: 15 * time.Second, Note: "1 of 2 tasks of orders-canary is healthy"}}
		n.say("deploy-canary")
		n.platform = &standing{stage: n.stage, ready: release.Progress{State: release.Failed, Note: "no task of orders-canary became healthy in 10m"}}
		n.say("deploy-canary")
	},
}

var orders = map[string]func(*narrator){
	"roll back": func(n *narrator) {
		n.opened(0)
		n.order(release.Order{Verb: release.OrderRollback})
		n.looks(good)
		n.sayHome()
	},
	"roll back before the canary": func(n *narrator) {
		n.goes(release.Working, "1 of 2 tasks of orders-canary is healthy")
		n.say("deploy-canary")
		n.order(release.Order{Verb: release.OrderRollback})
		n.say("deploy-canary")
	},
	"stop": func(n *narrator) {
		n.opened(0)
		n.order(release.Order{Verb: release.OrderStop})
		n.say("rollback", recovery("", ""))
	},
	"promote now": func(n *narrator) {
		n.opened(0)
		n.order(release.Order{Verb: release.OrderPromoteNow, Why: "looks good"})
		n.looks(unsure)
	},
	"promote now without data": func(n *narrator) {
		n.opened(0)
		n.order(release.Order{Verb: release.OrderPromoteNow, NoData: true, Why: "the metrics are down"})
		n.looks(dark)
	},
	"promote now what has none": func(n *narrator) { n.opened(0); n.order(release.Order{Verb: release.OrderPromoteNow}); n.looks(dark) },
	"promote now what fails":    func(n *narrator) { n.opened(0); n.order(release.Order{Verb: release.OrderPromoteNow}); n.looks(bad) },
	"bring a dirty release home": func(n *narrator) {
		n.opened(0)
		n.soil()
		n.goes(release.Reached, "orders:1 on 9 tasks")
		n.say("rollback", recovery("rollback", "the service is back"))
		n.say("rollback", recovery("rollback", "the service is back"))
	},
	"roll back without a reason": func(n *narrator) { n.opened(0); n.say("rollback", recovery("rollback", "")) },
	"recover what is over": func(n *narrator) {
		n.opened(0)
		n.looks(bad)
		n.sayHome()
		n.say("rollback", recovery("rollback", "once more"))
	},
	"recover what was released": func(n *narrator) {
		n.promoted()
		n.later(15 * time.Minute)
		n.want(release.NextPromote, "check-alarms")
		n.want(release.NextDone, "promote")
		n.say("rollback", recovery("recover", ""))
	},
	"clean up after what is over": func(n *narrator) { n.opened(0); n.looks(bad); n.sayHome(); n.say("rollback", recovery("cleanup", "")) },
}

// recovery is an execution that serin or a person starts for the release.
func recovery(intent, reason string) func(*conductor.Input) {
	if intent == "" {
		intent = "recover"
	}
	return as("one-r2", fmt.Sprintf(`{"intent":%q,"target":"orders","release":%q,"reason":%q}`, intent, idOf("one"), reason))
}

// sayHome brings the release home.
func (n *narrator) sayHome() {
	n.say("rollback")
	n.later(time.Minute)
	n.say("rollback")
}

var homes = map[string]func(*narrator){
	"step by step": func(n *narrator) {
		n.opened(0)
		n.looks(bad)
		n.goes(release.Working, "orders-canary goes from 0 to 2 tasks of orders-canary:40")
		n.say("rollback")
		n.progress = release.Progress{State: release.Reached, Note: "the baseline serves again: orders:1 on 9 tasks", Changed: true}
		n.say("rollback")
		n.later(time.Minute)
		n.goes(release.Reached, "the baseline serves again: orders:1 on 9 tasks")
		n.say("rollback")
		n.say("rollback")
	},
	"another invocation is at work": func(n *narrator) {
		n.failure = release.Errorf(release.Unavailable, "update service", "no answer")
		n.say("deploy-canary")
		n.failure, n.request = nil, "request-2"
		n.say("deploy-canary")
		n.say("rollback")
	},
	"the canary is the only healthy copy": func(n *narrator) {
		n.opened(0)
		n.judgement = unsure
		n.want(release.NextWait, "check-alarms")
		n.sighting = release.Sighting{Canary: release.Units{Desired: 1, Running: 1, Healthy: 1}, Primary: release.Units{Desired: 9}}
		n.say("rollback")
		n.later(time.Minute)
		n.say("rollback")
	},
	"a function failed for good": func(n *narrator) {
		n.opened(0)
		n.say("rollback", func(in *conductor.Input) {
			in.Data.Error = &conductor.Caught{Error: "Denied", Cause: "look at orders: the role serin-orders-look may not be assumed"}
		})
	},
	"stopped in the console": func(n *narrator) { n.opened(0); n.say("rollback", recovery("recover", "")) },
	"stopped, and serin knows why": func(n *narrator) {
		n.opened(0)
		n.say("rollback", recovery("recover", "the execution was stopped (ABORTED)"))
	},
	"what is there cannot be brought": func(n *narrator) {
		n.opened(0)
		n.looks(bad)
		n.goes(release.Failed, "service orders is gone")
		n.say("rollback")
		n.say("rollback", recovery("recover", ""))
	},
	"it takes too long": func(n *narrator) {
		n.opened(0)
		n.looks(bad)
		n.goes(release.Working, "orders-canary has 1 of 2 tasks")
		n.say("rollback")
		n.later(7 * time.Hour)
		n.say("rollback")
	},
	"an execution that was taken over": func(n *narrator) {
		n.opened(0)
		n.say("rollback", recovery("recover", ""))
		n.say("rollback")
		n.say("check-alarms")
	},
	"called again": func(n *narrator) { n.opened(0); n.looks(bad); n.looks(good); n.sayHome(); n.say("rollback") },
}
