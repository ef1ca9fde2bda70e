package ledgertest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/serin-aws/serin/internal/ledger"
	"github.com/serin-aws/serin/internal/release"
)

// Client is what the ledger uses, and the one write that the state machine does by itself.
type Client interface {
	ledger.Client
	PutItem(context.Context, *dynamodb.PutItemInput, ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error)
}

// World is a DynamoDB with a table for the ledger, empty but for what an earlier test left.
type World struct {
	Client Client
	Table  string
	Now    func() time.Time
	// Run runs all bodies at the same time, as far as the world can, and returns when all are over.
	Run func(bodies ...func(context.Context))
	// Settle lets the index catch up.
	Settle func()
}

// Contract holds a DynamoDB to what the ledger relies on. world is called once for each part.
func Contract(t *testing.T, world func(*testing.T) World) {
	parts := map[string]func(*testing.T, *user){
		"a release is loaded as it was opened":                  loadedAsOpened,
		"an unknown release is not found":                       unknown,
		"a save moves the state and the story":                  saved,
		"a stale save loses and changes nothing":                stale,
		"a write that is repeated takes effect once":            repeated,
		"a long story is read whole":                            longStory,
		"opening again answers what is stored":                  openedAgain,
		"a held resource keeps others out, and nothing is left": heldOut,
		"the end and the free locks are one fact":               finished,
		"what was left is removed under the locks":              retaken,
		"a dirty release keeps its locks":                       dirty,
		"the state machine's own mark is seen":                  marked,
		"the index holds what has work left":                    indexed,
		"of forty that race for one lock one wins":              race,
		"of forty that save at once one wins":                   raceToSave,
	}
	maps.Copy(parts, targets)
	for name, part := range parts {
		t.Run(name, func(t *testing.T) {
			w := world(t)
			part(t, &user{t: t, World: w, ledger: ledger.New(w.Client, w.Table, w.Now), target: release.TargetName(fmt.Sprintf("orders-%d", w.Now().UnixNano()))})
		})
	}
}

// user is one that uses the world.
type user struct {
	World
	t      *testing.T
	ledger *ledger.Ledger
	target release.TargetName
}

// do runs a body alone.
func (u *user) do(body func(context.Context)) {
	u.t.Helper()
	u.Run(body)
	if u.t.Failed() {
		u.t.FailNow()
	}
}

func (u *user) sample(execution string) release.Release { return Sample(u.target, execution, u.Now()) }

func (u *user) open(ctx context.Context, execution string) *release.Release {
	r, err := u.ledger.Open(ctx, u.sample(execution), release.Event{Text: "opened"})
	if err != nil {
		u.t.Errorf("Open: %v", err)
		return &release.Release{}
	}
	return r
}

func (u *user) load(ctx context.Context, id release.ID) *release.Release {
	r, err := u.ledger.Load(ctx, id)
	if err != nil {
		u.t.Errorf("Load: %v", err)
		return &release.Release{}
	}
	return r
}

func (u *user) save(ctx context.Context, r *release.Release, events ...release.Event) {
	if err := u.ledger.Save(ctx, r, events...); err != nil {
		u.t.Errorf("Save: %v", err)
	}
}

// story reads the story and checks its chain.
func (u *user) story(ctx context.Context, r *release.Release) []release.Event {
	events, err := u.ledger.Events(ctx, r.ID)
	if err != nil {
		u.t.Errorf("Events: %v", err)
	}
	if broken, ok := release.VerifyChain(events, u.load(ctx, r.ID).Hash); !ok {
		u.t.Errorf("the chain is broken at event %d", broken)
	}
	return events
}

func (u *user) holders(ctx context.Context) []release.ID {
	var holders []release.ID
	for _, resource := range Resources(u.target) {
		lock, err := u.ledger.Lock(ctx, resource)
		if err != nil {
			u.t.Errorf("Lock: %v", err)
		}
		holders = append(holders, lock.Holder)
	}
	return slices.Compact(holders)
}

func (u *user) wantHolders(ctx context.Context, want ...release.ID) {
	u.t.Helper()
	if got := u.holders(ctx); !slices.Equal(got, want) {
		u.t.Errorf("the locks are held by %q, want %q", got, want)
	}
}

func (u *user) wantCode(err error, want release.Code) {
	u.t.Helper()
	if err == nil || release.CodeOf(err) != want {
		u.t.Errorf("got %v (%s), want %s", err, release.CodeOf(err), want)
	}
}

func loadedAsOpened(_ *testing.T, u *user) {
	u.do(func(ctx context.Context) {
		r := u.open(ctx, "a")
		got := u.load(ctx, r.ID)
		if r.Version != 1 || r.Seq != 1 || r.Hash == "" {
			u.t.Errorf("opened with version %d, seq %d, hash %q", r.Version, r.Seq, r.Hash)
		}
		if got, want := fmt.Sprintf("%+v", got.State), fmt.Sprintf("%+v", r.State); got != want {
			u.t.Errorf("state\n got %s\nwant %s", got, want)
		}
		if got.Target.Name != r.Target.Name || string(got.Baseline.Detail) != string(r.Baseline.Detail) || !got.Opened.Equal(r.Opened) {
			u.t.Errorf("snapshot %+v", got.Snapshot)
		}
		u.story(ctx, r)
		u.wantHolders(ctx, r.ID)
	})
}

func unknown(_ *testing.T, u *user) {
	u.do(func(ctx context.Context) {
		_, err := u.ledger.Load(ctx, "r-000000000000")
		u.wantCode(err, release.NotFound)
		never := u.sample("never")
		u.wantCode(u.ledger.Save(ctx, &never), release.NotFound)
	})
}

func saved(_ *testing.T, u *user) {
	u.do(func(ctx context.Context) {
		r := u.open(ctx, "a")
		head := r.Hash
		r.Phase = release.Shifting
		u.save(ctx, r, release.Event{Kind: release.EventPhase, Text: "shifting"}, Look("look"))
		if r.Version != 2 || r.Seq != 3 || r.Hash == head {
			u.t.Errorf("after the save: version %d, seq %d, hash %q", r.Version, r.Seq, r.Hash)
		}
		head = r.Hash
		u.save(ctx, r, Look("looks hang on the chain without being links"))
		if r.Hash != head {
			u.t.Errorf("a look has moved the head of the chain")
		}
		if got := u.load(ctx, r.ID); got.Phase != release.Shifting || got.Version != 3 || got.Seq != 4 {
			u.t.Errorf("stored: %+v", got.State)
		}
		if events := u.story(ctx, r); len(events) != 4 || events[1].Phase != release.Shifting || events[3].Seq != 4 {
			u.t.Errorf("story: %+v", events)
		}
	})
}

func stale(_ *testing.T, u *user) {
	u.do(func(ctx context.Context) {
		r := u.open(ctx, "a")
		old := *r
		r.Step = 1
		u.save(ctx, r)
		old.Step = 7
		before := old
		u.wantCode(u.ledger.Save(ctx, &old, release.Event{Kind: release.EventProgress, Text: "too late"}), release.Conflict)
		if fmt.Sprint(old.State) != fmt.Sprint(before.State) {
			u.t.Errorf("a save that lost has changed the release")
		}
		if got := u.load(ctx, r.ID); got.Step != 1 || len(u.story(ctx, r)) != 1 {
			u.t.Errorf("a save that lost has changed the table")
		}
	})
}

func repeated(_ *testing.T, u *user) {
	u.do(func(ctx context.Context) {
		r := u.open(ctx, "a")
		twin := *r
		event := release.Event{Kind: release.EventProgress, Text: "once", At: u.Now()}
		u.save(ctx, r, event)
		u.save(ctx, &twin, event)
		if twin.Version != r.Version || twin.Hash != r.Hash || len(u.story(ctx, r)) != 2 {
			u.t.Errorf("version %d and %d, story %d", r.Version, twin.Version, len(u.story(ctx, r)))
		}
	})
}

func longStory(_ *testing.T, u *user) {
	u.do(func(ctx context.Context) {
		r := u.open(ctx, "a")
		for i := range 12 {
			u.save(ctx, r, release.Event{Kind: release.EventProgress, Text: fmt.Sprint("line ", i)}, Look("look"))
		}
		events := u.story(ctx, r)
		for i, event := range events {
			if event.Seq != int64(i+1) {
				u.t.Errorf("event %d has number %d", i+1, event.Seq)
			}
		}
		if len(events) != 25 {
			u.t.Errorf("%d events", len(events))
		}
	})
}

func openedAgain(_ *testing.T, u *user) {
	u.do(func(ctx context.Context) {
		r := u.open(ctx, "a")
		r.Phase = release.Shifting
		u.save(ctx, r)
		if again := u.open(ctx, "a"); again.Phase != release.Shifting || again.Version != 2 {
			u.t.Errorf("opened again: %+v", again.State)
		}
		r.Phase = release.Released
		if err := u.ledger.Finish(ctx, r); err != nil {
			u.t.Errorf("Finish: %v", err)
		}
		if again := u.open(ctx, "a"); again.Phase != release.Released {
			u.t.Errorf("opened again after its end: %+v", again.State)
		}
		other := u.open(ctx, "b")
		if again := u.open(ctx, "a"); again.Phase != release.Released {
			u.t.Errorf("opened again while another holds the lock: %+v", again.State)
		}
		u.wantHolders(ctx, other.ID)
	})
}

func heldOut(_ *testing.T, u *user) {
	u.do(func(ctx context.Context) {
		first := u.open(ctx, "a")
		late := u.sample("b")
		_, err := u.ledger.Open(ctx, late, release.Event{})
		held, ok := errors.AsType[*ledger.Held](err)
		if !ok || held.Holder != first.ID || !slices.Contains(late.Resources, held.Resource) {
			u.t.Errorf("got %v, want it held by %s", err, first.ID)
		}
		_, err = u.ledger.Load(ctx, late.ID)
		u.wantCode(err, release.NotFound)
	})
}

func finished(_ *testing.T, u *user) {
	u.do(func(ctx context.Context) {
		r := u.open(ctx, "a")
		u.wantCode(u.ledger.Finish(ctx, r), release.Illegal)
		r.Phase = release.RolledBack
		behind := *r
		behind.Version = 7
		u.wantCode(u.ledger.Finish(ctx, &behind), release.Conflict)
		u.wantHolders(ctx, r.ID)
		if err := u.ledger.Finish(ctx, r, release.Event{Kind: release.EventFinished, Text: "rolled back"}); err != nil {
			u.t.Errorf("Finish: %v", err)
		}
		u.wantHolders(ctx, "")
		if events := u.story(ctx, r); len(events) != 2 || u.load(ctx, r.ID).Phase != release.RolledBack {
			u.t.Errorf("not finished: %+v", events)
		}
		next := u.open(ctx, "b")
		u.wantHolders(ctx, next.ID)
		r.CleanupPending = ""
		u.save(ctx, r) // a release that is over is still swept; it must not touch the new holder's lock
		u.wantHolders(ctx, next.ID)
	})
}

func dirty(_ *testing.T, u *user) {
	u.do(func(ctx context.Context) {
		r := u.open(ctx, "a")
		r.Phase = release.Dirty
		u.wantCode(u.ledger.Finish(ctx, r), release.Illegal)
		u.save(ctx, r)
		u.wantHolders(ctx, r.ID)
		r.Phase = release.Abandoned
		if err := u.ledger.Finish(ctx, r, release.Event{Kind: release.EventFinished, Text: "given up"}); err != nil {
			u.t.Errorf("Finish: %v", err)
		}
		next := u.open(ctx, "b")
		u.wantHolders(ctx, next.ID)
		u.wantCode(u.ledger.Retake(ctx, r), release.Illegal)
	})
}

func marked(_ *testing.T, u *user) {
	u.do(func(ctx context.Context) {
		r := u.open(ctx, "a"+string(u.target))
		mark := &dynamodb.PutItemInput{TableName: aws.String(u.Table), Item: map[string]types.AttributeValue{
			"pk": &types.AttributeValueMemberS{Value: "execution#" + string(r.Owner())}, "sk": &types.AttributeValueMemberS{Value: "dirty"},
			"at": &types.AttributeValueMemberS{Value: "2026-01-05T09:00:00.000Z"}, "input": &types.AttributeValueMemberS{Value: "{}"},
		}}
		if before, err := u.ledger.LoadMarked(ctx, r.ID); err != nil || before.Phase != release.Preparing {
			u.t.Errorf("before the mark: %+v, %v", before, err)
		}
		if _, err := u.Client.PutItem(ctx, mark); err != nil {
			u.t.Errorf("PutItem: %v", err)
		}
		if after, err := u.ledger.LoadMarked(ctx, r.ID); err != nil || after.Outcome() != release.OutcomeDirty {
			u.t.Errorf("after the mark: %+v, %v", after, err)
		}
		r.Executions = append(r.Executions, r.Owner()+"-r2")
		u.save(ctx, r)
		if taken, err := u.ledger.LoadMarked(ctx, r.ID); err != nil || taken.Phase != release.Preparing {
			u.t.Errorf("taken over by another execution: %+v, %v", taken, err)
		}
	})
}

func indexed(_ *testing.T, u *user) {
	in := func(ctx context.Context, list func(context.Context) ([]release.ID, error), id release.ID) bool {
		ids, err := list(ctx)
		if err != nil || !slices.IsSorted(ids) {
			u.t.Errorf("listed %v, %v", ids, err)
		}
		return slices.Contains(ids, id)
	}
	var r *release.Release
	u.do(func(ctx context.Context) { r = u.open(ctx, "a") })
	due := r.Opened.Add(24 * time.Hour)
	for _, stage := range []struct {
		phase      release.Phase
		pending    string
		due        time.Time
		open, left bool
	}{
		{phase: release.Preparing, open: true},
		{phase: release.Released, pending: "a task definition", left: true},
		{phase: release.Released, due: due, left: true},
		{phase: release.Released},
		{phase: release.Dirty, open: true},
		{phase: release.Dirty, pending: "a service", open: true},
		{phase: release.Abandoned},
		{phase: release.Abandoned, pending: "a service", due: due},
	} {
		u.do(func(ctx context.Context) {
			r.Phase, r.CleanupPending, r.CleanupDue = stage.phase, stage.pending, stage.due
			u.save(ctx, r)
		})
		u.Settle()
		u.do(func(ctx context.Context) {
			if open, left := in(ctx, u.ledger.Opened, r.ID), in(ctx, u.ledger.Left, r.ID); open != stage.open || left != stage.left {
				u.t.Errorf("%s with cleanup pending %q and due %s: open %t, left %t", stage.phase, stage.pending, stage.due, open, left)
			}
		})
	}
}

// retaken takes the locks of a release that is over once more for what it left, unless another holds one.
func retaken(_ *testing.T, u *user) {
	u.do(func(ctx context.Context) {
		r := u.open(ctx, "a")
		r.Phase = release.Released
		if err := u.ledger.Finish(ctx, r); err != nil {
			u.t.Errorf("Finish: %v", err)
		}
		u.wantCode(u.ledger.Retake(ctx, r), release.Illegal)
		r.CleanupPending = "a task definition"
		for range 2 { // an attempt that crashed takes them again
			if err := u.ledger.Retake(ctx, r, release.Event{Kind: release.EventProgress, Text: "cleaned up"}); err != nil {
				u.t.Errorf("Retake: %v", err)
			}
			u.wantHolders(ctx, r.ID)
		}
		_, err := u.ledger.Open(ctx, u.sample("b"), release.Event{})
		if held, ok := errors.AsType[*ledger.Held](err); !ok || held.Holder != r.ID {
			u.t.Errorf("opened meanwhile: %v", err)
		}
		r.CleanupPending = ""
		if err := u.ledger.Finish(ctx, r); err != nil {
			u.t.Errorf("Finish: %v", err)
		}
		next := u.open(ctx, "b")
		r.CleanupPending = "a task definition"
		if held, ok := errors.AsType[*ledger.Held](u.ledger.Retake(ctx, r)); !ok || held.Holder != next.ID {
			u.t.Errorf("the locks of %s were taken from it", next.ID)
		}
		u.wantHolders(ctx, next.ID)
	})
}

func race(_ *testing.T, u *user) {
	var winners []release.ID
	var bodies []func(context.Context)
	results := make([]release.ID, 40)
	for i := range results {
		bodies = append(bodies, func(ctx context.Context) {
			r, err := u.ledger.Open(ctx, u.sample(fmt.Sprint("racer-", i)), release.Event{})
			_, held := errors.AsType[*ledger.Held](err)
			switch {
			case err == nil:
				results[i] = r.ID
			case !held && release.CodeOf(err) != release.Conflict:
				u.t.Errorf("racer %d: %v", i, err)
			}
		})
	}
	u.Run(bodies...)
	for _, id := range results {
		if id != "" {
			winners = append(winners, id)
		}
	}
	if len(winners) != 1 {
		u.t.Fatalf("winners: %q", winners)
	}
	u.do(func(ctx context.Context) { u.wantHolders(ctx, winners[0]) })
}

func raceToSave(_ *testing.T, u *user) {
	var r *release.Release
	u.do(func(ctx context.Context) { r = u.open(ctx, "a") })
	won := make([]bool, 40)
	var bodies []func(context.Context)
	for i := range won {
		mine := *r
		bodies = append(bodies, func(ctx context.Context) {
			mine.Step = i
			err := u.ledger.Save(ctx, &mine, release.Event{Kind: release.EventProgress, Text: fmt.Sprint("by ", i)})
			won[i] = err == nil
			if err != nil {
				u.wantCode(err, release.Conflict)
			}
		})
	}
	u.Run(bodies...)
	u.do(func(ctx context.Context) {
		got, events := u.load(ctx, r.ID), u.story(ctx, r)
		if got.Version != 2 || len(events) != 2 || !won[got.Step] || events[1].Text != fmt.Sprint("by ", got.Step) {
			u.t.Errorf("version %d, %d events, step %d, won %v", got.Version, len(events), got.Step, won)
		}
		if n := len(slices.DeleteFunc(won, func(w bool) bool { return !w })); n != 1 {
			u.t.Errorf("%d savers won", n)
		}
	})
}
