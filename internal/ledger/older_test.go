package ledger_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/serin-aws/serin/internal/release"
)

// An update of serin in the middle of a release: what the version before wrote - no history, no line, none of the fields
// that came later - is read, gone on with, and brought to an end.
func TestAReleaseThatAnOlderSerinOpened(t *testing.T) {
	const (
		resource = "arn:aws:ecs:eu-central-1:123456789012:service/shop/orders"
		snapshot = `{"schema":1,"id":"r-0123456789ab","target":{"name":"orders","platform":"ecs-queue","plan":{"steps":[{"weight":10,"bake":"10m"}],` +
			`"maxBake":"30m","settle":"15m","deadline":"3h"},"checks":{"falseRollback":0.01,"minimumSample":300,"inconclusive":"hold"},` +
			`"approvals":{"expires":"4h","onExpiry":"rollback","byRequester":false},"concurrency":"supersede","rollbackWindow":"24h"},` +
			`"targetHash":"0f34","request":{"intent":"release","target":"orders","revision":{"image":"orders:42"},"startedBy":"hand"},` +
			`"revision":{"image":"orders:42","digest":"sha256:9b1e"},"baseline":{"serves":"sha256:1f3a","summary":"9 tasks","detail":{}},` +
			`"steps":[{"weight":10,"bake":"10m"}],"resources":["` + resource + `"],"opened":"2026-01-05T08:00:00Z"}`
		state = `{"version":3,"seq":0,"hash":"","phase":"Baking","since":"2026-01-05T08:03:00Z","epoch":1,"executions":["arn:one"],"step":0,` +
			`"bakeSince":"2026-01-05T08:03:00Z","someFieldOfTomorrow":true}`
	)
	b := newBench(t)
	b.put("release#r-0123456789ab", "snapshot", map[string]types.AttributeValue{"doc": text(snapshot)})
	b.put("release#r-0123456789ab", "release", map[string]types.AttributeValue{"doc": text(state), "version": num(3)})
	b.put("lock#"+resource, "lock", map[string]types.AttributeValue{
		"version": num(1), "holder": text("r-0123456789ab"), "last": text("r-0123456789ab"), "target": text("orders"), "since": text("2026-01-05T08:00:00Z"),
	})
	r, err := b.ledger.Load(t.Context(), "r-0123456789ab")
	if err != nil || r.Phase != release.Baking || r.Settle().String() != "15m" || r.Overridden("dlq") || !r.Pushed.IsZero() {
		t.Fatalf("%+v, %v", r, err)
	}
	if err := b.ledger.Save(t.Context(), r, release.Event{Kind: release.EventProgress, Text: "gone on with"}); err != nil {
		t.Fatal(err)
	}
	r.Phase, r.Decision = release.RolledBack, release.Decision{Next: release.NextRollback, Reason: release.ReasonVerdict, Sentence: "it fails"}
	if err := b.ledger.Finish(t.Context(), r, release.Event{Kind: release.EventFinished}); err != nil {
		t.Fatal(err)
	}
	page, err := b.ledger.Releases(t.Context(), "orders", 10, "")
	if err != nil || len(page.Entries) != 1 || page.Entries[0].Outcome != release.OutcomeRolledBack {
		t.Errorf("history: %+v, %v", page, err)
	}
	if trial, err := b.ledger.Tried(t.Context(), "orders", r.Revision); err != nil || !trial.Failed() {
		t.Errorf("tried: %+v, %v", trial, err)
	}
	if lock, err := b.ledger.Lock(t.Context(), resource); err != nil || lock.Holder != "" {
		t.Errorf("lock: %+v, %v", lock, err)
	}
}

// A record that a newer serin wrote may hold what this one would destroy: it is refused by name.
func TestARecordOfANewerSerinIsLeftAlone(t *testing.T) {
	b := newBench(t)
	b.put("release#r-0123456789ab", "snapshot", map[string]types.AttributeValue{"doc": text(`{"schema":2,"id":"r-0123456789ab"}`)})
	b.put("release#r-0123456789ab", "release", map[string]types.AttributeValue{"doc": text(`{"version":1,"phase":"Baking"}`), "version": num(1)})
	_, err := b.ledger.Load(t.Context(), "r-0123456789ab")
	wantError(t, err, release.LedgerCorrupt, "schema 2", "use the version that wrote it")
}
