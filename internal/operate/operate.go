package operate

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/serin-aws/serin/internal/release"
)

// Ledger is where orders are written. LoadMarked answers Dirty also where the state machine itself said so; such a
// release is never saved here. Finish is Save for an end that gives the locks back.
type Ledger interface {
	Load(ctx context.Context, id release.ID) (*release.Release, error)
	LoadMarked(ctx context.Context, id release.ID) (*release.Release, error)
	Save(ctx context.Context, r *release.Release, events ...release.Event) error
	Finish(ctx context.Context, r *release.Release, events ...release.Event) error
	Opened(ctx context.Context) ([]release.ID, error)
}

// Recoverer stops the execution that has a release, and starts another that brings its baseline back.
type Recoverer interface {
	Stop(ctx context.Context, r *release.Release, why string) error
}

// Overrides keeps what the next emergency release of a target may start under, each once by its id.
type Overrides interface {
	Override(ctx context.Context, target release.TargetName, o release.Override) error
}

// overrideFor is how long an emergency release may start under an override: long enough to build the repair, too short
// to be found again next week.
const overrideFor = 4 * time.Hour

// Operate takes orders.
type Operate struct {
	Ledger     Ledger
	Recoverer  Recoverer
	Overrides  Overrides
	Runbooks   Runbooks
	Executions Executions
	Notifier   Notifier
	Now        func() time.Time
}

// attempts is how often an order is written anew when a function of the release was quicker: it saves a few times in a
// turn, and a turn is seldom longer than some seconds.
const attempts = 12

// Handle takes the order that an execution of a runbook gives.
//
// Errors: Forbidden for a call by something else, and for an order that its person may not give; Invalid for an order
// that says nothing sensible, NotFound where nothing is under way, Illegal for one that makes no sense now; Conflict when
// the release moved on at every attempt.
func (o *Operate) Handle(ctx context.Context, call Call) (Input, Answer, error) {
	in, err := o.asked(ctx, call)
	if err != nil {
		return in, Answer{}, err
	}
	answer, err := o.take(ctx, in)
	return in, answer, err
}

func (o *Operate) take(ctx context.Context, in Input) (Answer, error) {
	if err := in.Check(); err != nil {
		return Answer{}, err
	}
	switch in.Verb {
	case release.OrderOverride:
		return o.override(ctx, in)
	case release.OrderStart:
		return o.start(ctx, in)
	case release.OrderRecover:
		return o.recover(ctx, in)
	}
	for range attempts {
		answer, err := o.order(ctx, in)
		if release.CodeOf(err) != release.Conflict {
			return answer, err
		}
	}
	return Answer{}, release.Errorf(release.Conflict, string(in.Verb)+" "+string(in.Target), "the release moved on at each of %d attempts; send the order again with the same id", attempts)
}

// order writes an order into the release it is about.
func (o *Operate) order(ctx context.Context, in Input) (Answer, error) {
	r, err := o.find(ctx, in)
	if err != nil {
		return Answer{}, err
	}
	if given, again := r.Given(in.ID); again {
		return o.again(ctx, r, given, in)
	}
	if err := sense(r, in, o.Now()); err != nil {
		return Answer{}, err
	}
	order := release.Order{ID: in.ID, Verb: in.Verb, Who: in.Who, Why: in.Why, At: o.Now(), Step: r.Step, NoData: in.NoData}
	r.Orders = append(r.Orders, order)
	if err := o.write(ctx, r, order); err != nil {
		return Answer{}, err
	}
	return o.carryOut(ctx, r, order)
}

// write makes an order durable.
func (o *Operate) write(ctx context.Context, r *release.Release, order release.Order) error {
	if order.Verb == release.OrderAbandon {
		return o.abandon(ctx, r, order)
	}
	return o.Ledger.Save(ctx, r, told(order))
}

// again answers an order that was given before. A stop that did not come to its end is carried on.
func (o *Operate) again(ctx context.Context, r *release.Release, given release.Order, in Input) (Answer, error) {
	if given.Verb != in.Verb {
		return Answer{}, release.Errorf(release.Invalid, "the order", "the id %s was used for %s before; every order needs an id of its own", in.ID, given.Verb)
	}
	if given.Verb == release.OrderStop && r.RecoveryAt.Before(given.At) && !r.Home && !r.Phase.Final() {
		return o.carryOut(ctx, r, given)
	}
	return answer(r, given), nil
}

// carryOut does what cannot wait for a function's turn.
func (o *Operate) carryOut(ctx context.Context, r *release.Release, order release.Order) (Answer, error) {
	if order.Verb == release.OrderStop {
		if err := o.Recoverer.Stop(ctx, r, order.String()); err != nil {
			return Answer{}, err
		}
	}
	return answer(r, order), nil
}

func (o *Operate) override(ctx context.Context, in Input) (Answer, error) {
	now := o.Now()
	override := release.Override{ID: in.ID, Alarms: in.Alarms, Who: in.Who, Why: in.Why, At: now, Until: now.Add(overrideFor)}
	if err := o.Overrides.Override(ctx, in.Target, override); err != nil {
		return Answer{}, err
	}
	note := fmt.Sprintf("for %s from when this was ordered, one emergency release of %s may start while these are in ALARM: %s. Start it with: serin start %s --emergency --reason \"...\"",
		release.Duration(overrideFor), in.Target, strings.Join(in.Alarms, ", "), in.Target)
	return Answer{Target: in.Target, Verb: in.Verb, Note: note}, nil
}

// find returns the release that an order is about.
func (o *Operate) find(ctx context.Context, in Input) (*release.Release, error) {
	if in.Release != "" {
		r, err := o.Ledger.LoadMarked(ctx, in.Release)
		if err == nil && r.Target.Name != in.Target {
			err = release.Errorf(release.Invalid, "the order", "release %s is of target %s, not of %s", r.ID, r.Target.Name, in.Target)
		}
		return r, err
	}
	open, err := o.Ledger.Opened(ctx)
	if err != nil {
		return nil, err
	}
	for _, id := range open {
		r, err := o.Ledger.LoadMarked(ctx, id)
		if err != nil && release.CodeOf(err) != release.NotFound { // the index may be a little behind
			return nil, err
		}
		if err == nil && r.Target.Name == in.Target && (!r.Phase.Final() || r.Phase == release.Dirty) {
			return r, nil
		}
	}
	return nil, release.Errorf(release.NotFound, string(in.Verb)+" "+string(in.Target),
		"no release of %s is under way; what was: serin list, serin history %s", in.Target, in.Target)
}

// told is the line of the story that an order makes.
func told(order release.Order) release.Event {
	data, err := json.Marshal(order)
	if err != nil { // an Order is texts and a time
		panic(err)
	}
	return release.Event{At: order.At, Kind: release.EventOrder, Text: order.String(), Data: data}
}
