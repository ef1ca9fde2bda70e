package rehearsal

import (
	"context"
	"fmt"
	"time"

	"github.com/serin-aws/serin/internal/rehearsal/faults"
	"github.com/serin-aws/serin/internal/rehearsal/invariant"
	"github.com/serin-aws/serin/internal/release"
)

// caller is who stands behind the calls of an invocation.
type caller struct {
	target    release.TargetName
	release   release.ID           // that it works for
	execution release.ExecutionARN // "" for functions that the state machine does not call
	stale     bool                 // when it was invoked, a later execution had taken the release over
}

// noteCaller notes for whom an invocation works, and where things go wrong whether that has lost the release already.
func (a *Account) noteCaller(request string, c caller) {
	if c.execution == "" {
		return
	}
	if a.trouble != nil {
		if r, err := a.recorded(c.release); err == nil {
			c.stale = r.Knows(c.execution) && r.Owner() != c.execution
		}
	}
	a.callers[request] = c
}

// land notes what took effect.
func (a *Account) land(action, request string) {
	a.dirtyCounted = a.dirtyCounted || action == "cloudwatch:PutMetricData"
	if a.trouble != nil && action == "dynamodb:TransactWriteItems" && a.callers[request].stale {
		a.trouble.stale = append(a.trouble.stale, fmt.Sprintf("%s wrote the ledger at %s", request, a.loop.Now().Format(time.TimeOnly)))
	}
	if a.world.Changes(action) {
		m := invariant.Mutation{At: a.loop.Now(), Action: action, Announced: true, Alone: true, Owned: true, Held: true}
		a.witness(&m, request)
		a.mutations = append(a.mutations, m)
	}
}

// capacity notes where a change takes the primary below the least that it may scale to.
func (a *Account) capacity() {
	for _, arm := range a.world.Arms() {
		if arm.Primary && !a.trouble.deletedAny() && arm.Desired < min(arm.Min, a.trouble.least) {
			a.trouble.short = append(a.trouble.short, fmt.Sprintf("%s wants %d tasks at %s; its scaling's minimum is %d", arm.Service, arm.Desired, a.loop.Now().Format(time.TimeOnly), arm.Min))
		}
	}
}

// recorded is a release as the ledger has it at this moment.
func (a *Account) recorded(id release.ID) (*release.Release, error) {
	return a.ledger().Load(context.Background(), id)
}

// witness holds a change to the ledger at the moment at which it takes effect. Does the release hold its locks? And where
// things go wrong: does the ledger hold the baseline and the invocation's lease for what it changes; is no lease before it
// still running, which only a rollback need not wait for; is the execution one that the ledger knows, and that owned the
// release when it was invoked?
func (a *Account) witness(m *invariant.Mutation, request string) {
	from := a.callers[request]
	r, err := a.recorded(from.release)
	if err != nil {
		m.Announced = false
		return
	}
	m.Release = r.ID
	for _, resource := range r.Resources {
		lock, err := a.ledger().Lock(context.Background(), resource)
		m.Held = m.Held && err == nil && lock.Holder == r.ID
	}
	if a.trouble == nil {
		return
	}
	a.capacity()
	m.Announced = false
	m.Owned = r.Knows(from.execution) && !from.stale
	now, busy := a.loop.Now(), false
	for _, l := range r.Leases {
		if l.Request == request {
			m.Announced = now.Before(l.Until.Add(faults.MaxLate + 2*faults.MaxSkew))
			m.Alone = !busy || l.Verb == release.VerbRollback
			return
		}
		busy = busy || now.Before(l.Until.Add(-2*faults.MaxSkew)) // nearer its end the clocks may differ
	}
}
