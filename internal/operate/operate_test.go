package operate_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

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

// baking is a release at a step that must be approved, ten minutes into it.
func baking(change func(*release.Release)) *release.Release {
	r := &release.Release{}
	r.ID, r.Phase, r.Since, r.BakeSince = id, release.Baking, noon.Add(-10*time.Minute), noon.Add(-10*time.Minute)
	r.Target.Name = "orders"
	r.Request.StartedBy = "arn:aws:sts::123456789012:assumed-role/Developer/ben"
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
	return &operate.Operate{Ledger: b, Recoverer: o, Overrides: o, Now: func() time.Time { return noon }}, b, o
}

func order(verb release.OrderVerb) operate.Input {
	in := operate.Input{Verb: verb, Target: "orders", Who: "arn:aws:sts::123456789012:assumed-role/Lead/anna", Why: "errors in the shop", ID: "one"}
	if verb == release.OrderOverride {
		in.Alarms = []string{"dlq"}
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
			answer, err := o.Handle(context.Background(), order(c.verb), "")
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
		_, err := o.Handle(context.Background(), in, "")
		if (err == nil) != c.allowed || err != nil && release.CodeOf(err) != release.Forbidden {
			t.Errorf("%s: %v", who, err)
		}
	}
}

func TestAnOrderCountsOnce(t *testing.T) {
	for _, verb := range []release.OrderVerb{release.OrderApprove, release.OrderReject, release.OrderRollback, release.OrderStop, release.OrderPromoteNow} {
		o, b, _ := table(asked)
		first, err := o.Handle(context.Background(), order(verb), "")
		if err != nil {
			t.Fatal(verb, err)
		}
		second, err := o.Handle(context.Background(), order(verb), "")
		if err != nil || first != second {
			t.Errorf("%s: %+v %v, want %+v again", verb, second, err, first)
		}
		if b.saves != 1 || len(b.events) != 1 || b.events[0].Kind != release.EventOrder || !strings.Contains(b.events[0].Text, "anna") || !strings.Contains(b.events[0].Text, "errors in the shop") {
			t.Errorf("%s: %d saves, story %+v", verb, b.saves, b.events)
		}
		other := order(release.OrderRollback)
		if verb == other.Verb {
			other.Verb = release.OrderStop
		}
		if _, err := o.Handle(context.Background(), other, ""); release.CodeOf(err) != release.Invalid {
			t.Errorf("%s: the same id for %s was answered %v", verb, other.Verb, err)
		}
	}
}

func TestAStopThatWasCutOffIsCarriedOn(t *testing.T) {
	o, b, others := table(nil)
	others.failure = release.Errorf(release.Unavailable, "stop execution", "no answer")
	if _, err := o.Handle(context.Background(), order(release.OrderStop), ""); release.CodeOf(err) != release.Unavailable {
		t.Fatal(err)
	}
	others.failure = nil
	if _, err := o.Handle(context.Background(), order(release.OrderStop), ""); err != nil || len(others.stopped) != 1 || b.saves != 1 {
		t.Errorf("%v, stopped %v, %d saves", err, others.stopped, b.saves)
	}
}

func TestAnOrderIsWrittenAgainWhenAFunctionWasQuicker(t *testing.T) {
	for conflicts, code := range map[int]release.Code{0: "", 5: "", 100: release.Conflict} {
		o, b, _ := table(nil)
		b.conflicts = conflicts
		_, err := o.Handle(context.Background(), order(release.OrderRollback), "")
		if code == "" && (err != nil || b.saves != 1) || code != "" && release.CodeOf(err) != code {
			t.Errorf("%d conflicts: %v after %d saves", conflicts, err, b.saves)
		}
	}
}

func TestAPermissionPermitsOnlyItsOrders(t *testing.T) {
	for _, may := range []release.Permission{release.MayApprove, release.MayOperate, release.MayOverride, "another"} {
		for _, verb := range release.OrderVerbs() {
			o, _, _ := table(asked)
			_, err := o.Handle(context.Background(), order(verb), may)
			if (err == nil) != (verb.Permission() == may) || err != nil && release.CodeOf(err) != release.Forbidden {
				t.Errorf("%s by %s: %v", verb, may, err)
			}
		}
	}
}

func TestWhatIsNoOrder(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*operate.Input)
		says   string
	}{
		"no verb":                {func(in *operate.Input) { in.Verb = "" }, "must be one of"},
		"another verb":           {func(in *operate.Input) { in.Verb = "destroy" }, "must be one of"},
		"no target":              {func(in *operate.Input) { in.Target = "" }, "target's name"},
		"a release that is none": {func(in *operate.Input) { in.Release = "r-1" }, "r-0123456789ab"},
		"another's release":      {func(in *operate.Input) { in.Target, in.Release = "others", id }, "is of target orders"},
		"nobody":                 {func(in *operate.Input) { in.Who = "  " }, "who must say"},
		"no reason":              {func(in *operate.Input) { in.Why = "" }, "why must say"},
		"two lines":              {func(in *operate.Input) { in.Why = "a\nSubject: b" }, "one line"},
		"a long reason":          {func(in *operate.Input) { in.Why = strings.Repeat("a", 501) }, "500"},
		"no id":                  {func(in *operate.Input) { in.ID = "" }, "count once"},
		"alarms without need":    {func(in *operate.Input) { in.Alarms = []string{"a"} }, "belong to the verb override"},
		"no alarms":              {func(in *operate.Input) { in.Verb = release.OrderOverride }, "must name the alarms"},
		"no data without need":   {func(in *operate.Input) { in.NoData = true }, "belongs to the verb promote-now"},
	} {
		t.Run(name, func(t *testing.T) {
			o, b, others := table(nil)
			in := order(release.OrderRollback)
			c.change(&in)
			_, err := o.Handle(context.Background(), in, "")
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
	if _, err := o.Handle(context.Background(), in, ""); release.CodeOf(err) != release.NotFound || !strings.Contains(err.Error(), "no release of others is under way") {
		t.Error(err)
	}
}

func TestEveryOrderNeedsAPermission(t *testing.T) {
	if slices.ContainsFunc(release.OrderVerbs(), func(v release.OrderVerb) bool { return v.Permission() == "" }) || release.OrderVerb("destroy").Permission() != "" {
		t.Error("an order without a permission, or a permission without an order")
	}
}
