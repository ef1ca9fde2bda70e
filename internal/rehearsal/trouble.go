package rehearsal

import (
	"cmp"
	"context"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	cwsdk "github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/smithy-go"

	"github.com/serin-aws/serin/internal/asl"
	"github.com/serin-aws/serin/internal/rehearsal/door"
	"github.com/serin-aws/serin/internal/rehearsal/faults"
	"github.com/serin-aws/serin/internal/rehearsal/invariant"
	"github.com/serin-aws/serin/internal/rehearsal/world"
)

// trouble makes the faults of a run happen, each at its occasion.
type trouble struct {
	account   *Account
	accidents []world.Accident
	deletions []world.Deletion
	until     time.Time // nothing goes wrong from then on
	always    map[faults.Kind]faults.Fault
	coming    [occasions][]faults.Fault // what befalls occasions that are still to come, in their order
	count     [occasions]int
	storm     time.Time            // until when most calls are throttled
	rng       *rand.Rand           // who is hit by a storm
	foreign   bool                 // somebody else has changed the workload
	deleted   []invariant.Deletion // what somebody has deleted of it
	out       map[string]time.Time // until when a service is out
	services  []string             // that were called, in the order of their first call
	siege     faults.Fault         // every execution is stopped; the zero value: none is
	stale     []string             // what executions wrote that had lost the release
	least     int                  // that the primary ran before
	short     []string             // when a change took the primary below the least that it may scale to
	happened  []Happened
	heard     func(occasion faults.Occasion, nth int, what string) // is told of every occasion; may be nil
}

// Happened is a fault at the moment at which it befell something.
type Happened struct {
	At    time.Time
	Fault faults.Fault
	What  string // that it befell
}

func (t *trouble) note(f faults.Fault, what string) {
	t.happened = append(t.happened, Happened{t.account.loop.Now(), f, what})
}

// kinds names what happened; the accidents of a workload are kinds of their own.
func (t *trouble) kinds() []string {
	if t == nil {
		return nil
	}
	kinds := make([]string, len(t.happened))
	for i, h := range t.happened {
		if kinds[i] = string(h.Fault.Kind); h.Fault.Kind == faults.Accident || h.Fault.Kind == faults.Deleted {
			kinds[i] = h.What
		}
	}
	return kinds
}

const occasions = int(faults.Trigger) + 1

// The errors of faulty calls.
var (
	errThrottled  = &smithy.GenericAPIError{Code: "ThrottlingException", Message: "Rate exceeded", Fault: smithy.FaultClient}
	errFailing    = &smithy.GenericAPIError{Code: "InternalFailure", Message: "an error of the service", Fault: smithy.FaultServer}
	errOut        = &smithy.GenericAPIError{Code: "ServiceUnavailable", Message: "the service is not available", Fault: smithy.FaultServer}
	errUnanswered = &smithy.GenericAPIError{Code: "RequestTimeout", Message: "no answer", Fault: smithy.FaultServer}
)

// meet arranges that an account meets a list of faults, until a time.
func (a *Account) meet(list []faults.Fault, until time.Time) {
	t := &trouble{
		account: a, accidents: a.accidents(), deletions: a.world.Deletions(), until: until, always: map[faults.Kind]faults.Fault{}, out: map[string]time.Time{}, rng: a.loop.Source("storm"),
	}
	a.trouble = t
	var many [occasions]int // faults are drawn by the thousand
	for _, f := range list {
		many[f.Kind.Occasion()]++
	}
	for _, f := range list {
		switch occasion := f.Kind.Occasion(); occasion {
		case faults.Always:
			t.always[f.Kind] = f
			if f.Kind != faults.Raced {
				t.note(f, "from the beginning")
			}
		case faults.Time:
			a.loop.At(epoch.Add(f.At), func() { t.happen(f) })
		case faults.Call, faults.Change, faults.Invocation, faults.Turn, faults.Trigger:
			if t.coming[occasion] == nil {
				t.coming[occasion] = make([]faults.Fault, 0, many[occasion])
			}
			t.coming[occasion] = append(t.coming[occasion], f)
		}
	}
	for _, coming := range t.coming {
		slices.SortStableFunc(coming, func(a, b faults.Fault) int { return cmp.Compare(a.Nth, b.Nth) })
	}
	for _, arm := range a.world.Arms() {
		if arm.Primary {
			t.least = arm.Desired
		}
	}
	if pages, ok := t.always[faults.Pages]; ok {
		if w, ok := a.world.(world.Pager); ok {
			w.Page(pages.Which)
		}
		a.CloudWatch.SetPage(100 * pages.Which)
		a.CloudWatch.SetRecords(pages.Which)
		a.Table.SetPage(pages.Which)
	}
	if f, ok := t.always[faults.Raced]; ok {
		if w, ok := a.world.(world.Racer); ok && w.Race() {
			t.note(f, "somebody else gives the function code")
		}
	}
	a.deliver = delivered(t.delays()...)
	a.sweeps = true // from the start: an execution may end well before a function of it that was given up has opened the release
	a.loop.After(sweepEvery, a.sweep)
	a.door.Remember()
}

// delays are those of the event of an execution's end, one for each time that it arrives.
func (t *trouble) delays() []time.Duration {
	delays := []time.Duration{time.Second}
	if _, twice := t.always[faults.TwoEvents]; twice {
		delays = append(delays, 2*time.Second)
	}
	if _, lost := t.always[faults.LostEvent]; lost {
		delays = nil
	}
	if belated, late := t.always[faults.Belated]; late && len(delays) > 0 {
		delays[len(delays)-1] = belated.For
	}
	return delays
}

func delivered(delays ...time.Duration) Deliver {
	return func(asl.Status) []time.Duration { return delays }
}

// hit returns the faults of the next occasion of a kind; what names it: an action, a function, a state.
func (t *trouble) hit(occasion faults.Occasion, what string) []faults.Fault {
	if t == nil || t.account.loop.Now().Before(epoch) || t.account.loop.Now().After(t.until) {
		return nil
	}
	t.count[occasion]++
	if t.heard != nil {
		t.heard(occasion, t.count[occasion], what)
	}
	coming, now := t.coming[occasion], t.count[occasion]
	for len(coming) > 0 && coming[0].Nth < now {
		coming = coming[1:]
	}
	hits := 0
	for hits < len(coming) && coming[hits].Nth == now {
		hits++
	}
	t.coming[occasion] = coming[hits:]
	return coming[:hits:hits]
}

// disturb says what goes wrong with one attempt of a call.
func (t *trouble) disturb(action string) door.Disturbance {
	var bad door.Disturbance
	for _, f := range t.hit(faults.Call, action) {
		befall(&bad, f)
		t.note(f, action+" of "+t.account.door.Function())
	}
	if t.account.world.Changes(action) {
		for _, f := range t.hit(faults.Change, action) {
			befall(&bad, f)
			t.note(f, action+" of "+t.account.door.Function())
		}
	}
	if now := t.account.loop.Now(); now.Before(t.out[t.service(action)]) {
		bad.Before = errOut
	} else if now.Before(t.storm) && t.rng.Float64() < 0.8 {
		bad.Before = errThrottled
	}
	return bad
}

// service returns the service of an action, and remembers that it is used.
func (t *trouble) service(action string) string {
	service, _, _ := strings.Cut(action, ":")
	if !slices.Contains(t.services, service) {
		t.services = append(t.services, service)
	}
	return service
}

func befall(bad *door.Disturbance, f faults.Fault) {
	switch f.Kind {
	case faults.Throttled:
		bad.Before = errThrottled
	case faults.Failing:
		bad.Before = errFailing
	case faults.Unanswered, faults.UnansweredChange:
		bad.After = errUnanswered
	case faults.Slow:
		bad.Pause = f.For
	case faults.Stale:
		bad.Stale = faults.MaxStale
	case faults.CrashBefore, faults.CrashBeforeIt:
		bad.Crash = door.CrashBefore
	case faults.CrashAfter, faults.CrashAtChange:
		bad.Crash = door.CrashAfter
	case faults.Late, faults.LateCall:
		bad.After, bad.Late = errUnanswered, f.For
	default: // not of a call
	}
}

// happen lets something happen that nobody asked for.
func (t *trouble) happen(f faults.Fault) {
	if t.account.loop.Now().After(t.until) {
		return
	}
	now := t.account.loop.Now()
	switch f.Kind {
	case faults.Storm:
		t.storm = now.Add(f.For)
		t.note(f, "4 of 5 calls are throttled")
	case faults.Outage:
		if len(t.services) > 0 {
			service := t.services[f.Which%len(t.services)]
			t.out[service] = now.Add(f.For)
			t.note(f, service+" answers nothing but errors")
		}
	case faults.Besieged:
		t.note(f, "whatever runs is stopped")
		t.siege = f
		for _, e := range t.account.executions {
			e.besiege()
		}
	case faults.ByHand:
		t.note(f, "a person brings the release home")
		t.account.bringHome()
	case faults.Accident:
		t.befallWorkload(f)
	case faults.Deleted:
		t.deleteFromWorkload(f)
	default: // not at a time
	}
}

func (t *trouble) befallWorkload(f faults.Fault) {
	accident := t.accidents[f.Which%len(t.accidents)]
	t.note(f, accident.Name)
	t.foreign = t.foreign || accident.Foreign
	accident.Happen()
}

func (t *trouble) deleteFromWorkload(f faults.Fault) {
	part := t.deletions[f.Which%len(t.deletions)]
	if part.Delete() {
		t.note(f, "somebody deletes "+part.What)
		t.deleted = append(t.deleted, invariant.Deletion{What: part.What, At: t.account.loop.Now(), Before: part.Before, After: part.After})
	}
}

// accidents are those of the workload and those of CloudWatch, which befall every workload.
func (a *Account) accidents() []world.Accident {
	all := a.world.Accidents()
	for _, alarm := range a.alarmNames {
		all = append(all, world.Accident{Name: "alarm " + alarm + " flaps", Happen: func() { a.flap(alarm) }})
	}
	pause := func(begin, end func()) func() {
		return func() { begin(); a.loop.After(4*time.Minute, end) }
	}
	return append(all,
		world.Accident{Name: "metrics come late", Happen: pause(
			func() { a.CloudWatch.SetDelay(func(*rand.Rand) time.Duration { return 5 * time.Minute }) },
			func() { a.CloudWatch.SetDelay(cloudwatchDelay) })},
		world.Accident{Name: "metrics have gaps", Happen: pause(
			func() {
				a.CloudWatch.SetStatus(func(*rand.Rand) cwtypes.StatusCode { return cwtypes.StatusCodePartialData })
			},
			func() { a.CloudWatch.SetStatus(nil) })},
		world.Accident{Name: "metrics cannot be read", Happen: pause(
			func() {
				a.CloudWatch.SetStatus(func(*rand.Rand) cwtypes.StatusCode { return cwtypes.StatusCodeInternalError })
			},
			func() { a.CloudWatch.SetStatus(nil) })},
	)
}

// cloudwatchDelay is how late metrics show up usually.
func cloudwatchDelay(rng *rand.Rand) time.Duration {
	return 5*time.Second + time.Duration(rng.Int64N(int64(85*time.Second)))
}

// flap sends an alarm into ALARM for half a minute.
func (a *Account) flap(alarm string) {
	set := func(state cwtypes.StateValue) {
		reason := "it flaps"
		// An alarm that does not exist does not flap.
		_, _ = a.CloudWatch.Outside().SetAlarmState(context.Background(), &cwsdk.SetAlarmStateInput{AlarmName: &alarm, StateValue: state, StateReason: &reason})
	}
	set(cwtypes.StateValueAlarm)
	a.loop.After(30*time.Second, func() { set(cwtypes.StateValueOk) })
}

// deletedAny reports whether somebody has deleted a part of the workload.
func (t *trouble) deletedAny() bool { return t != nil && len(t.deleted) > 0 }
