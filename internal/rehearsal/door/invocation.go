package door

import (
	"context"
	"time"
)

// Invocation is one run of a function: a coroutine that is parked whenever it waits for the simulated account.
type Invocation struct {
	Function string
	Request  string
	Deadline time.Time // when Lambda would end it

	Skew time.Duration // how far the clock of its host is ahead

	door   *Door
	worker *worker
	done   func(gone bool)
	resume func() // goOn, to be run by the loop again and again
	gone   bool
	over   bool
}

// Invoke starts a function in the account, at the loop's present time: body runs until it returns, and then done is
// called once; gone says that the invocation crashed or was stopped, so that nothing body answered counts.
func (d *Door) Invoke(function, request string, timeout time.Duration, body func(context.Context), done func(gone bool)) *Invocation {
	inv := &Invocation{Function: function, Request: request, Deadline: d.loop.Now().Add(timeout), door: d, done: done}
	inv.resume = inv.goOn
	inv.worker = d.hire(func() { body(invocationContext{Context: context.Background(), inv: inv}) })
	d.loop.At(d.loop.Now(), inv.resume)
	return inv
}

// goOn lets the invocation run until it is parked again.
func (inv *Invocation) goOn() {
	if inv.over {
		return
	}
	inv.door.current = inv
	wait, more := inv.worker.next()
	inv.door.current = nil
	switch {
	case inv.gone || !more:
		inv.over = true
		inv.worker.stop()
		inv.done(inv.gone)
	case wait == finished:
		inv.over = true
		inv.door.idle = append(inv.door.idle, inv.worker)
		inv.done(false)
	default:
		inv.door.loop.After(wait, inv.resume)
	}
}

// Stop ends the invocation where it is parked, as a crash of its sandbox would: every later call of it answers
// ErrGone without an effect, and done hears of it at once.
func (inv *Invocation) Stop(done func(gone bool)) {
	if inv.over {
		return
	}
	inv.gone, inv.over = true, true
	inv.worker.stop()
	done(true)
}

// park lets virtual time pass; false says that the invocation is gone. Where nothing else happens meanwhile it runs on.
func (inv *Invocation) park(d time.Duration) bool {
	if !inv.gone && inv.door.loop.Pass(d) {
		return true
	}
	if inv.gone || !inv.worker.yield(d) {
		inv.gone = true
		return false
	}
	return true
}

// Pass lets virtual time pass in the invocation in ctx, which waits for something; false says that it is gone.
func Pass(ctx context.Context, d time.Duration) bool { return invocationOf(ctx).park(d) }

// crash marks the invocation as gone and reports true.
func (inv *Invocation) crash() bool {
	inv.gone = true
	return true
}

// Now is the time as the invocation sees it whose body asks; outside of any it is the loop's.
func (d *Door) Now() time.Time {
	if d.current == nil {
		return d.loop.Now()
	}
	return d.loop.Now().Add(d.current.Skew)
}

// Function is the function whose body runs at this moment, and "" outside of any.
func (d *Door) Function() string {
	if d.current == nil {
		return ""
	}
	return d.current.Function
}

type invocationKey struct{}

// invocationContext carries the invocation and its deadline in virtual time. It never ends by itself: the loop stops
// an invocation whose time is up.
type invocationContext struct {
	context.Context
	inv *Invocation
}

func (c invocationContext) Deadline() (time.Time, bool) { return c.inv.Deadline.Add(c.inv.Skew), true }

func (c invocationContext) Value(key any) any {
	if key == (invocationKey{}) {
		return c.inv
	}
	return c.Context.Value(key)
}

// RequestID returns the request id of the invocation in ctx, and "" where there is none.
func RequestID(ctx context.Context) string {
	if inv, ok := ctx.Value(invocationKey{}).(*Invocation); ok {
		return inv.Request
	}
	return ""
}

func invocationOf(ctx context.Context) *Invocation {
	inv, ok := ctx.Value(invocationKey{}).(*Invocation)
	if !ok {
		panic("door: a call of the simulated account outside an invocation")
	}
	return inv
}
