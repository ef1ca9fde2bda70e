package ledger_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/serin-aws/serin/internal/ledger/ledgertest"
	"github.com/serin-aws/serin/internal/rehearsal/door"
	"github.com/serin-aws/serin/internal/rehearsal/dynamodb"
	"github.com/serin-aws/serin/internal/rehearsal/loop"
)

var start = time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)

// account is a simulated account with nothing but a table.
type account struct {
	loop  *loop.Loop
	table *dynamodb.Table
	door  *door.Door
	count int
}

func newAccount(seed uint64, settings dynamodb.Settings, disturb door.Disturb) *account {
	l := loop.New(start, seed)
	return &account{loop: l, table: dynamodb.New(l, "serin", settings), door: door.New(l, disturb, nil)}
}

// run invokes functions at the same time and lets virtual time pass until all are over. It reports which of them
// crashed.
func (a *account) run(bodies ...func(context.Context)) (crashed []bool) {
	crashed = make([]bool, len(bodies))
	for i, body := range bodies {
		a.count++
		a.door.Invoke("test", fmt.Sprint("request-", a.count), 2*time.Minute, body, func(gone bool) { crashed[i] = gone })
	}
	for a.loop.Step() {
	}
	return crashed
}

func (a *account) world() ledgertest.World {
	return ledgertest.World{
		Client: a.table, Table: "serin", Now: a.loop.Now,
		Run:    func(bodies ...func(context.Context)) { a.run(bodies...) },
		Settle: func() { a.loop.AdvanceTo(a.loop.Now().Add(time.Minute)) },
	}
}

func TestContract(t *testing.T) {
	for name, settings := range map[string]dynamodb.Settings{
		"kind":        {},
		"small pages": {Page: 1},
		"stale":       {Page: 3, Lag: func() time.Duration { return 5 * time.Second }},
	} {
		t.Run(name, func(t *testing.T) {
			ledgertest.Contract(t, func(*testing.T) ledgertest.World { return newAccount(1, settings, nil).world() })
		})
	}
}
