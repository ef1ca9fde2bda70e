package ledger_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/aws/smithy-go"
	"pgregory.net/rapid"

	"github.com/serin-aws/serin/internal/ledger"
	"github.com/serin-aws/serin/internal/ledger/ledgertest"
	"github.com/serin-aws/serin/internal/rehearsal/door"
	"github.com/serin-aws/serin/internal/rehearsal/dynamodb"
	"github.com/serin-aws/serin/internal/release"
)

var (
	errServer = &smithy.GenericAPIError{Code: "InternalServerError", Message: "Internal server error", Fault: smithy.FaultServer}
	errReset  = errors.New("read tcp: connection reset by peer")
)

// The way of a release that goes well.
var way = []release.Phase{release.Shifting, release.Baking, release.Promoting, release.Settling, release.Cleaning, release.Released}

// driver drives one release as the state machine does: it invokes until the release is over, and again after errors
// and crashes.
type driver struct {
	t        rapid.TB
	account  *account
	ledger   *ledger.Ledger
	sample   release.Release
	stride   int // transitions an invocation makes
	attempts int
	done     bool
}

func newDriver(t rapid.TB, a *account, target release.TargetName, execution string, stride int) *driver {
	return &driver{
		t: t, account: a, ledger: ledger.New(a.table, "serin", a.loop.Now).By(door.RequestID),
		sample: ledgertest.Sample(target, execution, start), stride: stride,
	}
}

func (d *driver) invoke() {
	var err error
	d.attempts++
	d.account.count++
	request := fmt.Sprint("request-", d.account.count)
	d.account.door.Invoke("f", request, 2*time.Minute, func(ctx context.Context) { err = d.turn(ctx) }, func(gone bool) {
		switch {
		case d.attempts > 500:
			d.t.Errorf("%s does not end: %v", d.sample.ID, err)
		case !gone && err == nil && d.done:
		default:
			d.check(err)
			d.account.loop.After(5*time.Second, d.invoke)
		}
	})
}

// check accepts only errors after which an invocation is repeated.
func (d *driver) check(err error) {
	if _, held := errors.AsType[*ledger.Held](err); held || err == nil || release.ClassOf(release.CodeOf(err)) == release.ClassRetry {
		return
	}
	d.t.Errorf("%s: %v", d.sample.ID, err)
}

func (d *driver) turn(ctx context.Context) error {
	r, err := d.ledger.Load(ctx, d.sample.ID)
	if release.CodeOf(err) == release.NotFound {
		r, err = d.ledger.Open(ctx, d.sample, release.Event{Text: "opened"})
	}
	if err != nil {
		return err
	}
	for range d.stride {
		if r.Phase == release.Released {
			break
		}
		next := way[slices.Index(way, r.Phase)+1]
		if err := r.Enter(next, d.account.loop.Now()); err != nil {
			return err
		}
		events := []release.Event{ledgertest.Look("look"), {Kind: release.EventPhase, Text: string(next)}}
		if next == release.Released {
			err = d.ledger.Finish(ctx, r, events...)
		} else {
			err = d.ledger.Save(ctx, r, events...)
		}
		if err != nil {
			return err
		}
	}
	d.done = r.Phase == release.Released
	return nil
}

// wantTold checks that the story tells every step once, in order, and that the locks are free.
func (d *driver) wantTold() {
	ctx := context.Background()
	outside := ledger.New(d.account.table.Outside(), "serin", d.account.loop.Now)
	r, err := outside.Load(ctx, d.sample.ID)
	if err != nil {
		d.t.Fatalf("%v", err)
	}
	events, err := outside.Events(ctx, r.ID)
	if err != nil {
		d.t.Fatalf("%v", err)
	}
	told := []string{}
	for _, event := range events {
		if event.Kind.Durable() {
			told = append(told, event.Text)
		}
	}
	want := []string{"opened"}
	for _, phase := range way {
		want = append(want, string(phase))
	}
	if broken, ok := release.VerifyChain(events, r.Hash); !ok || !slices.Equal(told, want) || int(r.Version) != len(want) || int(r.Seq) != len(events) {
		d.t.Errorf("story %q, version %d, seq %d of %d, chain %v from %d", told, r.Version, r.Seq, len(events), ok, broken)
	}
}

// Whatever happens to a single call, repeating the invocation brings the release to its end, and the story tells
// every step once.
func TestConvergesAfterATroubleAtAnyCall(t *testing.T) {
	troubles := map[string]func(call, at int) door.Disturbance{
		"crash before":    at(door.Disturbance{Crash: door.CrashBefore}),
		"crash after":     at(door.Disturbance{Crash: door.CrashAfter}),
		"error before":    at(door.Disturbance{Before: errServer}),
		"error after":     at(door.Disturbance{After: errServer}),
		"reset before":    at(door.Disturbance{Before: errReset}),
		"reset after":     at(door.Disturbance{After: errReset}),
		"late":            at(door.Disturbance{After: errServer, Late: 3 * time.Second}),
		"late and silent": at(door.Disturbance{After: errReset, Late: 7 * time.Second}),
		"conflict":        at(door.Disturbance{Before: dynamodb.Canceled("TransactionConflict", "None")}),
		"throttled":       at(door.Disturbance{Before: dynamodb.Canceled("ThrottlingError", "None")}),
		"errors after, thrice": func(call, at int) door.Disturbance {
			if call >= at && call < at+3 {
				return door.Disturbance{After: errServer}
			}
			return door.Disturbance{}
		},
		"everything resets from here for a while": func(call, at int) door.Disturbance {
			if call >= at && call < at+10 {
				return door.Disturbance{After: errReset}
			}
			return door.Disturbance{}
		},
	}
	for name, trouble := range troubles {
		t.Run(name, func(t *testing.T) {
			for _, stride := range []int{1, 9} {
				for place, calls := 0, 1; place < calls; place++ { // until it comes after the last call
					calls = convergeWith(t, stride, func(call int) door.Disturbance { return trouble(call, place) })
					if t.Failed() {
						t.Fatalf("stride %d, trouble at call %d of %d", stride, place, calls)
					}
				}
			}
		})
	}
}

// convergeWith drives one release to its end and returns how many calls that took.
func convergeWith(t *testing.T, stride int, trouble func(call int) door.Disturbance) (calls int) {
	a := newAccount(uint64(stride), dynamodb.Settings{}, func(string) door.Disturbance {
		calls++
		return trouble(calls - 1)
	})
	d := newDriver(t, a, "orders", "a", stride)
	d.invoke()
	a.run()
	d.wantTold()
	wantOrder(t, a, map[release.ID]int64{}, d.sample)
	return calls
}

func at(d door.Disturbance) func(call, at int) door.Disturbance {
	return func(call, at int) door.Disturbance {
		if call == at {
			return d
		}
		return door.Disturbance{}
	}
}

// Releases that want the same resources, duplicates of their invocations and faults of all kinds, interleaved call by
// call: at every moment a release that is not over holds all its locks and one that is over holds none, versions only
// rise, the chain of every story is whole; and in the end every release is through.
func TestAnyInterleavingKeepsOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		seed := rapid.Uint64().Draw(t, "seed")
		releases := rapid.IntRange(1, 4).Draw(t, "releases")
		duplicates := rapid.IntRange(1, 3).Draw(t, "duplicates")
		stride := rapid.SampledFrom([]int{1, 2, 9}).Draw(t, "stride")
		rate := rapid.SampledFrom([]float64{0, 0.05, 0.3}).Draw(t, "fault rate")
		a := newAccount(seed, dynamodb.Settings{Page: 2}, faults(seed, rate))
		var drivers []*driver
		var samples []release.Release
		for i := range releases {
			for range duplicates {
				d := newDriver(t, a, "orders", fmt.Sprint("execution-", i), stride)
				drivers = append(drivers, d)
				samples = append(samples, d.sample)
				a.loop.After(time.Duration(i)*20*time.Millisecond, d.invoke)
			}
		}
		versions := map[release.ID]int64{}
		for written := 0.0; a.loop.Step(); {
			before := written
			if written = a.table.Units().Write; written == before {
				continue
			}
			wantOrder(t, a, versions, samples...)
			if t.Failed() {
				t.FailNow()
			}
		}
		for _, d := range drivers {
			d.wantTold()
		}
	})
}

// faults draws what goes wrong, for the first hours of an account.
func faults(seed uint64, rate float64) door.Disturb {
	rng := rand.New(rand.NewPCG(seed, 1))
	kinds := []door.Disturbance{
		{Crash: door.CrashBefore},
		{Crash: door.CrashAfter},
		{Before: errServer},
		{After: errServer},
		{After: errReset},
		{After: errReset, Late: 40 * time.Millisecond},
		{After: errServer, Late: 2 * time.Second},
		{After: errReset, Late: 9 * time.Second},
	}
	left := 300
	return func(string) door.Disturbance {
		if left == 0 || rng.Float64() >= rate {
			return door.Disturbance{}
		}
		left--
		return kinds[rng.IntN(len(kinds))]
	}
}

// wantOrder holds the table to what must be true at every moment.
func wantOrder(t rapid.TB, a *account, versions map[release.ID]int64, samples ...release.Release) {
	ctx := context.Background()
	outside := ledger.New(a.table.Outside(), "serin", a.loop.Now)
	for _, sample := range samples {
		r, err := outside.Load(ctx, sample.ID)
		switch {
		case release.CodeOf(err) == release.NotFound:
			r = &sample
			r.Phase = release.Released // not opened: holds nothing
		case err != nil:
			t.Fatalf("%v", err)
		case r.Version < versions[r.ID]:
			t.Errorf("%s: version %d after %d", r.ID, r.Version, versions[r.ID])
		case r.Version > versions[r.ID]:
			versions[r.ID] = r.Version
			events, err := outside.Events(ctx, r.ID)
			if broken, ok := release.VerifyChain(events, r.Hash); err != nil || !ok {
				t.Errorf("%s: chain broken at %d, %v", r.ID, broken, err)
			}
		}
		for _, resource := range r.Resources {
			lock, err := outside.Lock(ctx, resource)
			if err != nil {
				t.Fatalf("%v", err)
			}
			if (lock.Holder == r.ID) != r.Phase.HoldsLock() {
				t.Errorf("%s is %s and %s is held by %q", r.ID, r.Phase, resource, lock.Holder)
			}
		}
	}
}
