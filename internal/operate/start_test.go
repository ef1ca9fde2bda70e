package operate_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/serin-aws/serin/internal/operate"
	"github.com/serin-aws/serin/internal/release"
)

// states is Step Functions: what was started under which name. An execution runs as long as it says so.
type states struct {
	requests map[string]release.Request
	running  bool
	failure  error
}

func (s *states) Start(_ context.Context, name string, request release.Request) (operate.Started, error) {
	if s.failure != nil {
		return operate.Started{}, s.failure
	}
	started := operate.Started{Execution: executionOf(name)}
	if before, there := s.requests[name]; there {
		started.Before = &before
		return started, nil
	}
	s.requests[name] = request
	return started, nil
}

func (s *states) Running(context.Context, release.ExecutionARN) (bool, error) {
	return s.running, s.failure
}

func executionOf(name string) release.ExecutionARN {
	return release.ExecutionARN("arn:aws:states:eu-central-1:123456789012:execution:serin:" + name)
}

// starter is an Operate over a Step Functions without executions, and a ledger with one release.
func starter(change func(*release.Release)) (*operate.Operate, *states) {
	o, _, _ := table(change)
	s := &states{requests: map[string]release.Request{}}
	o.Executions = s
	return o, s
}

func starting(change func(*operate.Input)) operate.Input {
	in := order(release.OrderStart)
	in.Revision = release.Revision{Image: "orders:42"}
	if change != nil {
		change(&in)
	}
	return in
}

// What a person starts is started once, under the name of whoever started the runbook; and what was started can be held
// to the runbook by whoever finds it.
func TestAStartIsInAPersonsName(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*operate.Input)
		named  string
		want   release.Request
	}{
		"an image": {nil, "orders-one", release.Request{Revision: release.Revision{Image: "orders:42"}, Reason: "errors in the shop"}},
		"without an id and a reason": {
			func(in *operate.Input) { in.ID, in.Why = "", "" }, "orders-" + execution,
			release.Request{Revision: release.Revision{Image: "orders:42"}},
		},
		"all flags": {func(in *operate.Input) {
			in.Revision, in.First, in.Retry, in.Emergency = release.Revision{TaskDefinition: "orders:7"}, true, true, true
		}, "orders-one", release.Request{Revision: release.Revision{TaskDefinition: "orders:7"}, First: true, Retry: true, Emergency: true, Reason: "errors in the shop"}},
		"a version": {
			func(in *operate.Input) { in.Revision = release.Revision{Version: "7"} }, "orders-one",
			release.Request{Revision: release.Revision{Version: "7"}, Reason: "errors in the shop"},
		},
		"an object": {
			func(in *operate.Input) { in.Revision = release.Revision{Code: "s3://code/orders.zip?versionId=1"} }, "orders-one",
			release.Request{Revision: release.Revision{Code: "s3://code/orders.zip?versionId=1"}, Reason: "errors in the shop"},
		},
		"an undo": {
			func(in *operate.Input) { in.Revision, in.Undo = release.Revision{}, id }, "orders-one",
			release.Request{Revision: release.Revision{Image: "orders@sha256:1111111111"}, Retry: true, Reason: "errors in the shop"},
		},
	} {
		o, s := starter(func(r *release.Release) { r.Phase, r.Request.Revision.Image = release.Released, "orders:41" })
		in := starting(c.change)
		c.want.Intent, c.want.Target, c.want.StartedBy, c.want.Runbook = release.IntentRelease, "orders", in.Who, execution
		answer, err := give(o, in)
		if err != nil || s.requests[c.named] != c.want || len(s.requests) != 1 {
			t.Errorf("%s: %v\ngot  %+v\nwant %+v as %s", name, err, s.requests, c.want, c.named)
		}
		arn := executionOf(c.named)
		if answer.Execution != arn || answer.Release != release.NewID("orders", arn) || answer.StartedBy != in.Who || answer.Again {
			t.Errorf("%s: %+v", name, answer)
		}
		ended := running(in)
		ended.Running = false // the release runs when the runbook has ended
		o.Runbooks.(systems)[execution] = ended
		if got, named, err := o.Asked(t.Context(), execution); err != nil || got != c.want || named != c.named {
			t.Errorf("%s: Systems Manager says %+v as %s, %v", name, got, named, err)
		}
	}
}

// One id is one release, whoever starts it again; under another's id nothing else is started.
func TestAStartCountsOnce(t *testing.T) {
	o, s := starter(nil)
	if _, err := give(o, starting(nil)); err != nil {
		t.Fatal(err)
	}
	if answer, err := give(o, starting(nil)); err != nil || answer.Again {
		t.Errorf("the runbook's second attempt: %+v, %v", answer, err)
	}
	before := s.requests["orders-one"]
	before.Runbook = "another execution"
	s.requests["orders-one"] = before
	if answer, err := give(o, starting(func(in *operate.Input) { in.Who = "ben" })); err != nil || !answer.Again || release.Person(answer.StartedBy) != "anna" {
		t.Errorf("again by another: %+v, %v", answer, err)
	}
	if _, err := give(o, starting(func(in *operate.Input) { in.Revision.Image = "orders:43" })); release.CodeOf(err) != release.Invalid || !strings.Contains(err.Error(), "used before for another request (orders:42 of orders)") {
		t.Error(err)
	}
	s.failure = release.Errorf(release.Unavailable, "start execution", "no answer")
	if _, err := give(o, starting(func(in *operate.Input) { in.ID = "two" })); release.CodeOf(err) != release.Unavailable {
		t.Error(err)
	}
}

func TestWhatIsNoStart(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*operate.Input)
		says   string
	}{
		"nothing to release":         {func(in *operate.Input) { in.Revision = release.Revision{} }, "must name exactly one"},
		"two revisions":              {func(in *operate.Input) { in.Revision.Version = "7" }, "must name exactly one"},
		"a revision and an undo":     {func(in *operate.Input) { in.Undo = id }, "both a revision and a release to undo"},
		"an undo of a target":        {func(in *operate.Input) { in.Revision, in.Undo = release.Revision{}, "orders" }, "must be like r-0123456789ab"},
		"an undo of nothing":         {func(in *operate.Input) { in.Revision, in.Undo = release.Revision{}, "r-ffffffffffff" }, "no such release"},
		"an undo of what runs":       {func(in *operate.Input) { in.Revision, in.Undo = release.Revision{}, id }, "is under way (Baking)"},
		"a retry without a reason":   {func(in *operate.Input) { in.Retry, in.Why = true, "" }, "need a reason"},
		"an emergency without":       {func(in *operate.Input) { in.Emergency, in.Why = true, "" }, "need a reason"},
		"a reason of two lines":      {func(in *operate.Input) { in.Why = "a\nb" }, "one line"},
		"an id that is no name":      {func(in *operate.Input) { in.ID = "build/1" }, "1 to 40 letters"},
		"a long id":                  {func(in *operate.Input) { in.ID = strings.Repeat("a", 41) }, "1 to 40 letters"},
		"an image that is too long":  {func(in *operate.Input) { in.Revision.Image = strings.Repeat("a", 513) }, "512"},
		"a retry of another verb":    {func(in *operate.Input) { in.Verb, in.Revision, in.Retry = release.OrderStop, release.Revision{}, true }, "belong to the verb start"},
		"an image to another verb":   {func(in *operate.Input) { in.Verb = release.OrderRecover }, "belong to the verb start"},
		"alarms to be passed by":     {func(in *operate.Input) { in.Alarms = []string{"a"} }, "belong to the verb override"},
		"a release of another verb":  {func(in *operate.Input) { in.Target = "Orders!" }, "target's name"},
		"promotion without any data": {func(in *operate.Input) { in.NoData = true }, "belongs to the verb promote-now"},
	} {
		o, s := starter(nil)
		_, err := give(o, starting(c.change))
		if code := release.CodeOf(err); err == nil || code == release.Unexpected || !strings.Contains(err.Error(), c.says) || len(s.requests) > 0 {
			t.Errorf("%s: %v, want one that says %q; started %v", name, err, c.says, s.requests)
		}
	}
}

// Nobody can say of an execution of something else that it started a release.
func TestWhoAskedForNoRelease(t *testing.T) {
	for name, change := range map[string]func(*operate.Execution){
		"another runbook":           func(e *operate.Execution) { e.Document = "serin-stop" },
		"a document of somebody's":  func(e *operate.Execution) { e.Document = "start" },
		"nobody's":                  func(e *operate.Execution) { e.ExecutedBy = "" },
		"one of the day before":     func(e *operate.Execution) { e.Began = noon.Add(-25 * time.Hour) },
		"one of no time":            func(e *operate.Execution) { e.Began = time.Time{} },
		"one that would be refused": func(e *operate.Execution) { e.Parameters["Version"] = []string{"7"} },
	} {
		o, _ := starter(nil)
		e := running(starting(nil))
		change(&e)
		o.Runbooks.(systems)[execution] = e
		if got, _, err := o.Asked(t.Context(), execution); release.CodeOf(err) != release.Forbidden {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	o, _ := starter(nil)
	for _, unknown := range []string{"", "x", execution} {
		if _, _, err := o.Asked(t.Context(), unknown); release.CodeOf(err) != release.Forbidden {
			t.Errorf("%q: %v", unknown, err)
		}
	}
}

// What a recovery is for depends on where the release stands, and where it needs none the answer says what would help.
func TestRecover(t *testing.T) {
	left := func(r *release.Release) { r.Phase, r.CleanupPending = release.RolledBack, "a service" }
	for name, c := range map[string]struct {
		change  func(*release.Release)
		running bool
		intent  release.Intent
		says    string
	}{
		"Dirty":                  {phase(release.Dirty), false, release.IntentRollback, "is being brought home"},
		"Dirty, and it runs":     {phase(release.Dirty), true, release.IntentRollback, "is being brought home"},
		"lost its execution":     {nil, false, release.IntentRecover, "is being brought home"},
		"left something":         {left, false, release.IntentCleanup, "is being brought home"},
		"is being cleaned up":    {left, true, "", "is being cleaned up after already"},
		"runs":                   {nil, true, "", "its execution is running: there is nothing to recover. To bring back what served before: serin rollback orders"},
		"is over, and all is in": {phase(release.Released), false, "", "is over (Released): there is nothing to recover"},
	} {
		o, s := starter(c.change)
		s.running = c.running
		in := order(release.OrderRecover)
		in.Release = id
		answer, err := give(o, in)
		want := release.Request{Intent: c.intent, Target: "orders", Release: id, Reason: "errors in the shop (anna)"}
		switch {
		case c.intent == "" && (release.CodeOf(err) != release.Illegal || !strings.Contains(err.Error(), c.says) || len(s.requests) > 0):
			t.Errorf("%s: %v, started %v", name, err, s.requests)
		case c.intent != "" && (err != nil || s.requests[string(id)+"-by-hand-one"] != want || answer.Release != id || !strings.Contains(answer.Note, c.says)):
			t.Errorf("%s: %v %+v, started %+v", name, err, answer, s.requests)
		}
	}
}

// Where nobody knows who started a release, two people approve it: one of them at least is somebody else.
func TestTwoApproveWhatSomebodyStartedByHand(t *testing.T) {
	const ben, cleo = "arn:aws:sts::123456789012:assumed-role/Lead/ben", "arn:aws:iam::123456789012:user/Cleo"
	hand := func(r *release.Release) { asked(r); r.Request = release.Request{StartedBy: "hand (says anna)"} }
	approve := func(o *operate.Operate, who, id string) (string, error) {
		in := order(release.OrderApprove)
		in.Who, in.ID = who, id
		answer, err := give(o, in)
		return answer.Note, err
	}
	o, b, _ := table(hand)
	if note, err := approve(o, ben, "1"); err != nil || !strings.Contains(note, "ben approves; the release was started by hand") {
		t.Fatal(note, err)
	}
	if _, err := approve(o, strings.Replace(ben, "Lead", "Admin", 1), "2"); release.CodeOf(err) != release.Forbidden || !strings.Contains(err.Error(), "ben has approved step 1 already") {
		t.Error(err)
	}
	if r, _ := b.LoadMarked(t.Context(), id); func() bool { _, approved := r.Approval(); return approved }() {
		t.Error("one approval did")
	}
	if note, err := approve(o, cleo, "3"); err != nil || !strings.Contains(note, "step 1 of 2 is approved") {
		t.Error(note, err)
	}
	if r, _ := b.LoadMarked(t.Context(), id); func() bool { by, approved := r.Approval(); return !approved || by.Who != cleo }() {
		t.Error("two approvals did not")
	}
	for name, change := range map[string]func(*release.Release){
		"a pipeline":             func(r *release.Release) { r.Request.StartedBy = "codepipeline orders #381" },
		"a push":                 func(r *release.Release) { r.Request.StartedBy, r.Request.Automatic = "ecr push", true },
		"a person, by runbook":   func(r *release.Release) { r.Request.Runbook = execution },
		"whoever may approve it": func(r *release.Release) { r.Target.Approvals.ByRequester = true },
	} {
		o, _, _ := table(func(r *release.Release) { hand(r); change(r) })
		if note, err := approve(o, ben, "1"); err != nil || !strings.Contains(note, "step 1 of 2 is approved") {
			t.Errorf("%s: %s, %v", name, note, err)
		}
	}
}
