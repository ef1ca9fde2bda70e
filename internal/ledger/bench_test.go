package ledger_test

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/serin-aws/serin/internal/ledger"
	"github.com/serin-aws/serin/internal/ledger/ledgertest"
	"github.com/serin-aws/serin/internal/rehearsal/dynamodb"
	"github.com/serin-aws/serin/internal/release"
)

// The work of a bake: load the release, judge, save a look; sixty times, as a release of usual length does. The
// door's own time is not part of it.
func BenchmarkSaveAndLoad(b *testing.B) {
	ctx := context.Background()
	look := ledgertest.Look("3 of 412 against 5 of 3,708")
	var a *account
	var l *ledger.Ledger
	var r *release.Release
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if i%60 == 0 {
			b.StopTimer()
			a = newAccount(1, dynamodb.Settings{}, nil)
			l = ledger.New(a.table.Outside(), "serin", a.loop.Now)
			r = baking(b, l)
			b.StartTimer()
		}
		a.loop.AdvanceTo(a.loop.Now().Add(time.Minute))
		if err := l.Save(ctx, r, look); err != nil {
			b.Fatal(err)
		}
		var err error
		if r, err = l.Load(ctx, r.ID); err != nil {
			b.Fatal(err)
		}
	}
}

// What of it is JSON alone: the floor that the ledger builds on.
func BenchmarkJSONAlone(b *testing.B) {
	a := newAccount(1, dynamodb.Settings{}, nil)
	r := baking(b, ledger.New(a.table.Outside(), "serin", a.loop.Now))
	look := ledgertest.Look("3 of 412 against 5 of 3,708")
	b.ReportAllocs()
	for b.Loop() {
		doc, err := json.Marshal(r.State)
		if err != nil {
			b.Fatal(err)
		}
		var s release.State
		if err := json.Unmarshal(doc, &s); err != nil {
			b.Fatal(err)
		}
		if _, err := json.Marshal(look); err != nil {
			b.Fatal(err)
		}
	}
}

// baking opens a release and fills its state as a bake does.
func baking(b *testing.B, l *ledger.Ledger) *release.Release {
	r, err := l.Open(b.Context(), ledgertest.Sample("orders", "a", start), release.Event{Text: "opened"})
	if err != nil {
		b.Fatal(err)
	}
	r.Phase, r.Judgement = release.Baking, ledgertest.Judgement()
	for i := range 6 {
		r.Shares = append(r.Shares, release.TaskShare{At: start.Add(time.Duration(i) * time.Minute), Canary: i, Primary: 9})
	}
	return r
}

func BenchmarkOpen(b *testing.B) {
	ctx := context.Background()
	b.ReportAllocs()
	for b.Loop() {
		a := newAccount(1, dynamodb.Settings{}, nil)
		l := ledger.New(a.table.Outside(), "serin", a.loop.Now)
		if _, err := l.Open(ctx, ledgertest.Sample("orders", "a", start), release.Event{Text: "opened"}); err != nil {
			b.Fatal(err)
		}
	}
}
