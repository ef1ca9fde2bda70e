package remote_test

import (
	"testing"
	"time"

	"github.com/serin-aws/serin/internal/ledger"
	"github.com/serin-aws/serin/internal/rehearsal/dynamodb"
	"github.com/serin-aws/serin/internal/rehearsal/loop"
	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/remote"
)

// Of those that wait for a target, its name means the first that will start: one that gave way stands in the line until it
// looks again.
func TestFindPassesOverWhoGaveWay(t *testing.T) {
	l := loop.New(time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC), 1)
	table := dynamodb.New(l, "serin-ledger", dynamodb.Settings{})
	book := ledger.New(table.Outside(), "serin-ledger", l.Now)
	account := remote.New(remote.Clients{SSM: installed{}, DynamoDB: table.Outside()}, "here", l.Now)
	for _, id := range []release.ID{"r-000000000001", "r-000000000002"} {
		l.AdvanceTo(l.Now().Add(time.Second)) // two writes at one moment would conflict
		w := release.Waiting{Release: id, Request: release.Request{Target: "orders"}, Way: release.Supersede, Since: l.Now(), Due: l.Now().Add(time.Minute)}
		if _, err := book.Wait(t.Context(), w); err != nil {
			t.Fatal(err)
		}
		if ref, err := account.Find(t.Context(), "orders"); err != nil || ref.Release != id {
			t.Errorf("%+v, %v; want %s", ref, err, id)
		}
	}
	l.AdvanceTo(l.Now().Add(time.Second))
	if err := book.Dismiss(t.Context(), "orders", "r-000000000002", "its execution ended"); err != nil {
		t.Fatal(err)
	}
	if ref, err := account.Find(t.Context(), "orders"); err != nil || ref.Release != "r-000000000001" {
		t.Errorf("where none will start: %+v, %v", ref, err)
	}
}
