// Package door is the only way into the simulated account. Every call of a simulated AWS service goes through Call,
// which records the action, takes quota, draws disturbances, lets virtual time pass before the effect and before the
// answer, and retries as the SDK's standard retryer does. Between the two waits other invocations run, so
// invocations interleave at the granularity of calls, always in the same way for the same seed.
package door

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/aws/smithy-go"

	"github.com/serin-aws/serin/internal/rehearsal/loop"
)

// ErrGone is what every call answers after its invocation has crashed. Nothing it asked for happens.
var ErrGone = errors.New("the invocation is gone")

// Door belongs to one simulated account.
type Door struct {
	loop    *loop.Loop
	rng     *rand.Rand
	disturb Disturb
	buckets map[string]*bucket // by action; nil: it has no quota
	share   float64            // of the quotas that there is
	watch   func(Visit)
	landed  func(action, request string)
	idle    []*worker
	current *Invocation         // whose body runs at this moment
	stale   map[string][]answer // the last answers of eventually consistent reads, where any may come again
}

// Visit is one call as it was answered, for traces and counts.
type Visit struct {
	At       time.Time
	Function string // the function that called
	Request  string // the request id of the invocation
	Action   string // "ecs:UpdateService"
	Attempt  int    // from 1
	In       any
	Err      error
}

// Disturbance is what goes wrong with one call. The zero value is nothing.
type Disturbance struct {
	Before error         // answered without an effect
	After  error         // answered although the effect took place
	Late   time.Duration // the effect takes place this much later, after the answer After (which must be set)
	Pause  time.Duration // this much more time passes before the effect
	Stale  time.Duration // where the service is eventually consistent, the answer is the last one that is no older
	Crash  CrashPoint
}

// CrashPoint says where an invocation dies.
type CrashPoint int

// The points.
const (
	NoCrash CrashPoint = iota
	CrashBefore
	CrashAfter
)

// Disturb draws what goes wrong with a call.
type Disturb func(action string) Disturbance

// New returns a door into an account that lives in l. disturb and watch may be nil.
func New(l *loop.Loop, disturb Disturb, watch func(Visit)) *Door {
	return &Door{loop: l, rng: l.Source("door"), disturb: disturb, buckets: map[string]*bucket{}, share: 1, watch: watch}
}

// OnLanded sets what is told of every effect that took place without an error, at the moment at which it does: also of
// one that landed late, or whose caller never heard of it.
func (d *Door) OnLanded(landed func(action, request string)) { d.landed = landed }

// Call makes one call of a simulated service in the name of the invocation in ctx; without one it panics, because
// then something reached into the account past the door. action is "service:Operation". effect reads or changes the
// simulated state and must not call anything that waits.
func Call[Out any](ctx context.Context, action string, in any, effect func() (Out, error)) (Out, error) {
	inv := invocationOf(ctx)
	d := inv.door
	var none Out
	for attempt := 1; ; attempt++ {
		out, err := once(inv, action, in, effect)
		if errors.Is(err, ErrGone) {
			return none, err
		}
		if d.watch != nil {
			d.watch(Visit{At: d.loop.Now(), Function: inv.Function, Request: inv.Request, Action: action, Attempt: attempt, In: in, Err: err})
		}
		if err == nil || attempt == maxAttempts || !retryable(err) {
			return out, err
		}
		if !inv.park(d.backoff(attempt)) {
			return none, ErrGone
		}
	}
}

func once[Out any](inv *Invocation, action string, in any, effect func() (Out, error)) (Out, error) {
	d := inv.door
	var none Out
	var bad Disturbance
	if d.disturb != nil {
		bad = d.disturb(action)
	}
	if !inv.park(d.latency()+bad.Pause) || bad.Crash == CrashBefore && inv.crash() {
		return none, ErrGone
	}
	if bad.Before != nil {
		return none, bad.Before
	}
	if !d.takeQuota(action) {
		return none, &smithy.GenericAPIError{Code: "ThrottlingException", Message: "Rate exceeded", Fault: smithy.FaultClient}
	}
	if bad.Late > 0 {
		d.loop.After(bad.Late, func() { land(inv, action, effect) }) //nolint:errcheck // nobody is left to hear the answer
		return none, bad.After
	}
	out, err := land(inv, action, effect)
	if d.stale != nil && err == nil && eventuallyConsistent(action) {
		out = again(d, action, in, out, bad.Stale)
	}
	if bad.Crash == CrashAfter && inv.crash() || !inv.park(d.latency()) {
		return none, ErrGone
	}
	if bad.After != nil {
		return none, bad.After
	}
	return out, err
}

// land lets an effect take place.
func land[Out any](inv *Invocation, action string, effect func() (Out, error)) (Out, error) {
	out, err := effect()
	if landed := inv.door.landed; err == nil && landed != nil {
		landed(action, inv.Request)
	}
	return out, err
}

// latency of one direction of a call: 2 to 12 ms, as control planes answer from inside a region.
func (d *Door) latency() time.Duration {
	return 2*time.Millisecond + time.Duration(d.rng.Int64N(int64(10*time.Millisecond)))
}

// The standard retryer of the SDK: three attempts, full jitter over 2^(attempt-1) seconds, 20 s at most.
// https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
const maxAttempts = 3

func (d *Door) backoff(attempt int) time.Duration {
	ceiling := min(20*time.Second, time.Second<<(attempt-1))
	return time.Duration(d.rng.Int64N(int64(ceiling)))
}

func retryable(err error) bool {
	api, ok := errors.AsType[smithy.APIError](err)
	if !ok {
		return false
	}
	return api.ErrorFault() == smithy.FaultServer || throttled(api.ErrorCode())
}

func throttled(code string) bool {
	switch code {
	case "Throttling", "ThrottlingException", "ThrottledException", "RequestThrottledException",
		"TooManyRequestsException", "RequestLimitExceeded", "ProvisionedThroughputExceededException",
		"RequestThrottled", "SlowDown", "PriorRequestNotComplete", "TransactionInProgressException":
		return true
	}
	return false
}
