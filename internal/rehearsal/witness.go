package rehearsal

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/serin-aws/serin/internal/rehearsal/faults"
	"github.com/serin-aws/serin/internal/rehearsal/invariant"
	"github.com/serin-aws/serin/internal/release"
)

// caller is who stands behind the calls of an invocation.
type caller struct {
	execution release.ExecutionARN // "" for functions that the state machine does not call
	stale     bool                 // when it was invoked, a later execution had taken the release over
}

// invoked notes for which execution an invocation works, and whether that has lost the release already.
func (t *trouble) invoked(request string, input json.RawMessage) {
	if t == nil {
		return
	}
	var in struct{ Execution release.ExecutionARN }
	if json.Unmarshal(input, &in) != nil || in.Execution == "" {
		return
	}
	c := caller{execution: in.Execution}
	if r, err := t.account.recorded(); err == nil {
		c.stale = r.Knows(in.Execution) && r.Owner() != in.Execution
	}
	t.callers[request] = c
}

// land notes what took effect.
func (a *Account) land(action, request string) {
	a.dirtyCounted = a.dirtyCounted || action == "cloudwatch:PutMetricData"
	if a.trouble != nil && action == "dynamodb:TransactWriteItems" && a.trouble.callers[request].stale {
		a.trouble.stale = append(a.trouble.stale, fmt.Sprintf("%s wrote the ledger at %s", request, a.loop.Now().Format(time.TimeOnly)))
	}
	if a.world.Changes(action) {
		m := invariant.Mutation{At: a.loop.Now(), Action: action, Announced: true, Alone: true, Owned: true, Held: true}
		if a.beside == nil { // of one target alone it is known which release changes it
			a.witness(&m, request)
		}
		a.mutations = append(a.mutations, m)
	}
}

// capacity notes where a change takes the primary below the least that it may scale to.
func (a *Account) capacity() {
	for _, arm := range a.world.Arms() {
		if arm.Primary && arm.Desired < min(arm.Min, a.trouble.least) {
			a.trouble.short = append(a.trouble.short, fmt.Sprintf("%s wants %d tasks at %s; its scaling's minimum is %d", arm.Service, arm.Desired, a.loop.Now().Format(time.TimeOnly), arm.Min))
		}
	}
}

// recorded is the release as the ledger has it at this moment.
func (a *Account) recorded() (*release.Release, error) {
	return a.ledger().Load(context.Background(), release.NewID(a.target, a.executions[0].arn))
}

// witness holds a change to the ledger at the moment at which it takes effect. Does the release hold its locks? And where
// things go wrong: does the ledger hold the baseline and the invocation's lease for what it changes; is no lease before it
// still running, which only a rollback need not wait for; is the execution one that the ledger knows, and that owned the
// release when it was invoked?
func (a *Account) witness(m *invariant.Mutation, request string) {
	r, err := a.recorded()
	if err != nil {
		m.Announced = false
		return
	}
	for _, resource := range r.Resources {
		lock, err := a.ledger().Lock(context.Background(), resource)
		m.Held = m.Held && err == nil && lock.Holder == r.ID
	}
	if a.trouble == nil {
		return
	}
	a.capacity()
	m.Announced = false
	from := a.trouble.callers[request]
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
