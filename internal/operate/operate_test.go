package operate_test

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/serin-aws/serin/internal/operate"
	"github.com/serin-aws/serin/internal/release"
)

var noon = time.Date(2026, 1, 5, 12, 0, 0, 0, time.UTC)

const id release.ID = "r-0123456789ab"

// book is a ledger with one release. It keeps a copy, as a table does.
type book struct {
	kept      []byte
	events    []release.Event
	conflicts int // how many saves somebody else is quicker at
	saves     int
	freed     bool // the locks are free
	marked    bool // Dirty is what the state machine says, and the release's own state not yet
}

func (b *book) LoadMarked(_ context.Context, asked release.ID) (*release.Release, error) {
	var r release.Release
	if err := json.Unmarshal(b.kept, &r); err != nil {
		return nil, err
	}
	if asked != r.ID {
		return nil, release.Errorf(release.NotFound, "load", "no such release")
	}
	return &r, nil
}

func (b *book) Save(_ context.Context, r *release.Release, events ...release.Event) error {
	if b.conflicts > 0 {
		b.conflicts--
		return release.Errorf(release.Conflict, "save", "somebody was quicker")
	}
	b.saves++
	b.events = append(b.events, events...)
	b.keep(r)
	return nil
}

func (b *book) Load(ctx context.Context, asked release.ID) (*release.Release, error) {
	r, err := b.LoadMarked(ctx, asked)
	if err == nil && b.marked {
		r.Phase = release.RollingBack
	}
	return r, err
}

func (b *book) Finish(ctx context.Context, r *release.Release, events ...release.Event) error {
	if r.Phase.HoldsLock() {
		return release.Errorf(release.Illegal, "finish", "%s keeps the lock", r.Phase)
	}
	err := b.Save(ctx, r, events...)
	b.freed = b.freed || err == nil
	return err
}

func (b *book) keep(r *release.Release) {
	kept, err := json.Marshal(r)
	if err != nil {
		panic(err)
	}
	b.kept = kept
}

// Opened answers a release that is gone, too: the index may be behind.
func (b *book) Opened(context.Context) ([]release.ID, error) {
	return []release.ID{"r-ffffffffffff", id}, nil
}

// others are those whom Operate asks to do what the ledger cannot.
type others struct {
	stopped   []string
	overrides []string
	told      []string // people, of what
	failure   error
}

func (o *others) Stop(_ context.Context, r *release.Release, why string) error {
	if o.failure == nil {
		o.stopped = append(o.stopped, string(r.ID)+" "+why)
	}
	return o.failure
}

func (o *others) Override(_ context.Context, target release.TargetName, order release.Override) error {
	o.overrides = append(o.overrides, fmt.Sprint(target, order.Alarms, order.Who, order.Until))
	return nil
}

func (o *others) Notify(_ context.Context, r *release.Release, notice release.Notice) error {
	o.told = append(o.told, string(r.ID)+" "+string(notice.Kind)+" "+string(r.Phase))
	return release.Errorf(release.Unavailable, "publish", "which stops nothing")
}

// baking is a release at a step that must be approved, ten minutes into it.
func baking(change func(*release.Release)) *release.Release {
	r := &release.Release{}
	r.ID, r.Phase, r.Since, r.BakeSince = id, release.Baking, noon.Add(-10*time.Minute), noon.Add(-10*time.Minute)
	r.Target.Name = "orders"
	r.Request.StartedBy, r.Request.Runbook = "arn:aws:sts::123456789012:assumed-role/Developer/ben", execution
	r.Revision.Digest, r.Baseline.Serves = "sha256:2222222222", "sha256:1111111111"
	r.Steps = []release.Step{{Weight: 10, Bake: release.Duration(10 * time.Minute), Approval: release.Required}, {Weight: 25}}
	if change != nil {
		change(r)
	}
	return r
}

func asked(r *release.Release) { r.AskedSince = noon.Add(-time.Minute) }

func phase(p release.Phase) func(*release.Release) {
	return func(r *release.Release) { r.Phase = p; r.Home = p == release.RollingBack || p == release.RolledBack }
}

// table is an Operate over a book with one release.
func table(change func(*release.Release)) (*operate.Operate, *book, *others) {
	b, o := &book{}, &others{}
	b.keep(baking(change))
	return &operate.Operate{Ledger: b, Recoverer: o, Overrides: o, Notifier: o, Runbooks: systems{}, Now: func() time.Time { return noon }}, b, o
}

// systems is Systems Manager: executions of runbooks by their ids.
type systems map[string]operate.Execution

func (s systems) Execution(_ context.Context, id string) (operate.Execution, error) {
	e, ok := s[id]
	if !ok {
		return e, release.Errorf(release.NotFound, "get automation execution", "not found")
	}
	return e, nil
}

const execution = "01234567-89ab-cdef-0123-456789abcdef"

// running is the execution of a runbook that gives an order.
func running(in operate.Input) operate.Execution {
	return operate.Execution{
		ID: execution, Document: operate.Runbook(in.Verb), Running: true, Status: "InProgress", ExecutedBy: in.Who, Parameters: in.Parameters(), Began: noon,
	}
}

// give gives an order by a runbook.
func give(o *operate.Operate, in operate.Input) (operate.Answer, error) {
	return called(o, running(in))
}

// called is operate as an execution calls it.
func called(o *operate.Operate, e operate.Execution) (operate.Answer, error) {
	o.Runbooks.(systems)[execution] = e
	_, answer, err := o.Handle(context.Background(), operate.Call{Execution: execution})
	return answer, err
}

func order(verb release.OrderVerb) operate.Input {
	in := operate.Input{Verb: verb, Target: "orders", Who: "arn:aws:sts::123456789012:assumed-role/Lead/anna", Why: "errors in the shop", ID: "one"}
	switch verb {
	case release.OrderOverride:
		in.Alarms = []string{"dlq"}
	case release.OrderAbandon:
		in.Release = id
	}
	return in
}

func TestWhichOrderMakesSenseWhen(t *testing.T) {
	for name, c := range map[string]struct {
		verb   release.OrderVerb
		change func(*release.Release)
		code   release.Code // empty: the order is taken
		says   string
	}{
		"approve what asks":            {release.OrderApprove, asked, "", "step 1 of 2 is approved"},
		"approve while it bakes":       {release.OrderApprove, func(r *release.Release) { r.BakeSince = noon.Add(-time.Minute) }, release.Illegal, "bakes until 12:09 UTC and asks then"},
		"approve a step without":       {release.OrderApprove, func(r *release.Release) { r.Step = 1 }, release.Illegal, "step 2 of 2 asks for none"},
		"approve before the evidence":  {release.OrderApprove, nil, release.Illegal, "once its bake is over"},
		"approve twice":                {release.OrderApprove, func(r *release.Release) { asked(r); r.Approved = true }, release.Illegal, "approved already"},
		"reject what asks":             {release.OrderReject, asked, "", "rejected"},
		"reject what does not ask":     {release.OrderReject, nil, release.Illegal, "serin rollback orders"},
		"roll back":                    {release.OrderRollback, nil, "", "sha256:11111111 comes back"},
		"roll back while settling":     {release.OrderRollback, phase(release.Settling), "", "comes back"},
		"roll back the released":       {release.OrderRollback, phase(release.Released), release.NotFound, "no release of orders is under way"},
		"roll back while cleaning up":  {release.OrderRollback, phase(release.Cleaning), release.Illegal, "sha256:22222222 serves"},
		"roll back twice":              {release.OrderRollback, phase(release.RollingBack), release.Illegal, "on its way back"},
		"stop while rolling back":      {release.OrderStop, phase(release.RollingBack), release.Illegal, "on its way back"},
		"stop the dirty":               {release.OrderStop, phase(release.Dirty), release.Illegal, "serin recover orders"},
		"stop":                         {release.OrderStop, nil, "", "brings sha256:11111111 back now"},
		"promote now":                  {release.OrderPromoteNow, nil, "", "unless that look says fail or has no data"},
		"promote now while it settles": {release.OrderPromoteNow, phase(release.Settling), release.Illegal, "promoted already"},
		"promote now on the way home":  {release.OrderPromoteNow, phase(release.RollingBack), release.Illegal, "on its way back"},
		"override":                     {release.OrderOverride, nil, "", "for 4h from when this was ordered, one emergency release"},
	} {
		t.Run(name, func(t *testing.T) {
			o, b, _ := table(c.change)
			answer, err := give(o, order(c.verb))
			if c.code == "" {
				if err != nil || !strings.Contains(answer.Note, c.says) || answer.Target != "orders" || answer.Verb != c.verb {
					t.Errorf("%+v %v, want one that says %q", answer, err, c.says)
				}
				return
			}
			if release.CodeOf(err) != c.code || !strings.Contains(err.Error(), c.says) {
				t.Errorf("got %v, want %s saying %q", err, c.code, c.says)
			}
			if b.saves > 0 || len(b.events) > 0 {
				t.Error("a refused order was written down")
			}
		})
	}
}

func TestWhoStartedItCannotApproveIt(t *testing.T) {
	for who, c := range map[string]struct{ by, allowed bool }{
		"arn:aws:sts::123456789012:assumed-role/Developer/ben": {},
		"arn:aws:sts::123456789012:assumed-role/Approver/ben":  {}, // another role, the same person
		"arn:aws:iam::123456789012:user/Ben":                   {},
		"arn:aws:sts::123456789012:assumed-role/Approver/anna": {allowed: true},
		"ben": {by: true, allowed: true},
	} {
		o, _, _ := table(func(r *release.Release) { asked(r); r.Target.Approvals.ByRequester = c.by })
		in := order(release.OrderApprove)
		in.Who = who
		_, err := give(o, in)
		if (err == nil) != c.allowed || err != nil && release.CodeOf(err) != release.Forbidden {
			t.Errorf("%s: %v", who, err)
		}
	}
}

func TestAnOrderCountsOnce(t *testing.T) {
	for _, verb := range []release.OrderVerb{release.OrderApprove, release.OrderReject, release.OrderRollback, release.OrderStop, release.OrderPromoteNow} {
		o, b, _ := table(asked)
		first, err := give(o, order(verb))
		if err != nil {
			t.Fatal(verb, err)
		}
		second, err := give(o, order(verb))
		if err != nil || !reflect.DeepEqual(first, second) {
			t.Errorf("%s: %+v %v, want %+v again", verb, second, err, first)
		}
		if b.saves != 1 || len(b.events) != 1 || b.events[0].Kind != release.EventOrder || !strings.Contains(b.events[0].Text, "anna") || !strings.Contains(b.events[0].Text, "errors in the shop") {
			t.Errorf("%s: %d saves, story %+v", verb, b.saves, b.events)
		}
		other := order(release.OrderRollback)
		if verb == other.Verb {
			other.Verb = release.OrderStop
		}
		if _, err := give(o, other); release.CodeOf(err) != release.Invalid {
			t.Errorf("%s: the same id for %s was answered %v", verb, other.Verb, err)
		}
	}
}

func TestAStopThatWasCutOffIsCarriedOn(t *testing.T) {
	o, b, others := table(nil)
	others.failure = release.Errorf(release.Unavailable, "stop execution", "no answer")
	if _, err := give(o, order(release.OrderStop)); release.CodeOf(err) != release.Unavailable {
		t.Fatal(err)
	}
	others.failure = nil
	if _, err := give(o, order(release.OrderStop)); err != nil || len(others.stopped) != 1 || b.saves != 1 {
		t.Errorf("%v, stopped %v, %d saves", err, others.stopped, b.saves)
	}
}

func TestAnOrderIsWrittenAgainWhenAFunctionWasQuicker(t *testing.T) {
	for conflicts, code := range map[int]release.Code{0: "", 5: "", 100: release.Conflict} {
		o, b, _ := table(nil)
		b.conflicts = conflicts
		_, err := give(o, order(release.OrderRollback))
		if code == "" && (err != nil || b.saves != 1) || code != "" && release.CodeOf(err) != code {
			t.Errorf("%d conflicts: %v after %d saves", conflicts, err, b.saves)
		}
	}
}

func TestWhatIsNoOrder(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*operate.Input)
		says   string
	}{
		"no target":              {func(in *operate.Input) { in.Target = "" }, "target's name"},
		"a release that is none": {func(in *operate.Input) { in.Release = "r-1" }, "r-0123456789ab"},
		"another's release":      {func(in *operate.Input) { in.Target, in.Release = "others", id }, "is of target orders"},
		"no reason":              {func(in *operate.Input) { in.Why = "" }, "why must say"},
		"two lines":              {func(in *operate.Input) { in.Why = "a\nSubject: b" }, "one line"},
		"a long reason":          {func(in *operate.Input) { in.Why = strings.Repeat("a", 501) }, "500"},
		"a long id":              {func(in *operate.Input) { in.ID = strings.Repeat("a", 129) }, "count once"},
		"alarms without need":    {func(in *operate.Input) { in.Alarms = []string{"a"} }, "belong to the verb override"},
		"no alarms":              {func(in *operate.Input) { in.Verb = release.OrderOverride }, "must name the alarms"},
		"no data without need":   {func(in *operate.Input) { in.NoData = true }, "belongs to the verb promote-now"},
	} {
		t.Run(name, func(t *testing.T) {
			o, b, others := table(nil)
			in := order(release.OrderRollback)
			c.change(&in)
			_, err := give(o, in)
			if release.CodeOf(err) != release.Invalid || !strings.Contains(err.Error(), c.says) || b.saves > 0 || len(others.overrides) > 0 {
				t.Errorf("got %v, want Invalid saying %q", err, c.says)
			}
		})
	}
}

func TestNothingIsUnderWay(t *testing.T) {
	o, _, _ := table(nil)
	in := order(release.OrderRollback)
	in.Target = "others"
	if _, err := give(o, in); release.CodeOf(err) != release.NotFound || !strings.Contains(err.Error(), "no release of others is under way") {
		t.Error(err)
	}
}

func TestEveryOrderNeedsAPermission(t *testing.T) {
	if slices.ContainsFunc(release.OrderVerbs(), func(v release.OrderVerb) bool { return v.Permission() == "" }) || release.OrderVerb("destroy").Permission() != "" {
		t.Error("an order without a permission, or a permission without an order")
	}
}

// Nobody can say of somebody else that he gave an order: whoever may call the function can name an execution, and
// nothing else is believed.
func TestOnlyARunningRunbookGivesOrders(t *testing.T) {
	stop := order(release.OrderStop)
	for name, c := range map[string]struct {
		change func(*operate.Execution)
		says   string
	}{
		"a document of somebody's": {func(e *operate.Execution) { e.Document = "stop-orders" }, `of "stop-orders", which is no runbook of serin's`},
		"another account's":        {func(e *operate.Execution) { e.Document = "arn:aws:ssm:eu-central-1:210987654321:document/serin-stop" }, "no runbook of serin's"},
		"no order of serin's":      {func(e *operate.Execution) { e.Document = "serin-destroy" }, "no runbook of serin's"},
		"one that has ended":       {func(e *operate.Execution) { e.Running, e.Status = false, "Success" }, "has ended (Success)"},
		"nobody's":                 {func(e *operate.Execution) { e.ExecutedBy = "" }, "does not say who"},
	} {
		o, b, others := table(nil)
		e := running(stop)
		c.change(&e)
		_, err := called(o, e)
		if release.CodeOf(err) != release.Forbidden || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), "serin's runbooks") || b.saves+len(others.stopped) > 0 {
			t.Errorf("%s: %v, %d saves", name, err, b.saves)
		}
	}
	for _, id := range []string{"", "x", execution, strings.ToUpper(execution)} {
		o, b, _ := table(nil)
		if _, _, err := o.Handle(context.Background(), operate.Call{Execution: id}); release.CodeOf(err) != release.Forbidden || b.saves > 0 {
			t.Errorf("%q: %v", id, err)
		}
	}
}

// What a person orders is what is taken: nothing is lost on the way through a runbook, and nothing but who is added.
func TestARunbookPassesOnTheOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := order(rapid.SampledFrom(release.OrderVerbs()).Draw(t, "verb"))
		in.Runbook = execution
		in.Why = rapid.StringMatching(`[ -~äß"{}\\]{1,60}[a-z]`).Draw(t, "why")
		in.ID = rapid.StringMatching(`[A-Za-z0-9_.:-]{0,128}`).Draw(t, "id")
		switch in.Verb {
		case release.OrderStart:
			in.ID = rapid.StringMatching(`[A-Za-z0-9_-]{0,40}`).Draw(t, "name")
			in.Revision = rapid.SampledFrom([]release.Revision{{Image: "orders:42"}, {TaskDefinition: "orders:7"}, {Version: "7"}, {Code: "s3://code/orders.zip"}, {}}).Draw(t, "revision")
			if in.Revision.IsZero() {
				in.Undo = id
			}
			in.First, in.Retry, in.Emergency = rapid.Bool().Draw(t, "first"), rapid.Bool().Draw(t, "retry"), rapid.Bool().Draw(t, "emergency")
		case release.OrderOverride:
			in.Alarms = rapid.SliceOfN(rapid.StringMatching(`[a-z, ]{0,10}[a-z]`), 1, 20).Draw(t, "alarms")
		default:
			in.NoData = in.Verb == release.OrderPromoteNow && rapid.Bool().Draw(t, "without data")
			if in.Verb != release.OrderAbandon {
				in.Release = rapid.SampledFrom([]release.ID{"", id}).Draw(t, "release")
			}
		}
		if in.Verb == release.OrderRecover {
			in.ID = rapid.StringMatching(`[A-Za-z0-9_-]{0,40}`).Draw(t, "name")
		}
		o, _ := starter(func(r *release.Release) {
			asked(r)
			switch in.Verb {
			case release.OrderAbandon:
				r.Phase = release.Dirty
			case release.OrderStart:
				r.Phase, r.Request.Revision.Image = release.Released, "orders:41"
			}
		})
		o.Runbooks.(systems)[execution] = running(in)
		got, _, err := o.Handle(context.Background(), operate.Call{Execution: execution})
		if in.ID == "" {
			in.ID = execution
		}
		if err != nil || fmt.Sprintf("%#v", got) != fmt.Sprintf("%#v", in) {
			t.Fatalf("%v: %+v, want %+v", err, got, in)
		}
	})
}
