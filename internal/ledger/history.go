package ledger

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/serin-aws/serin/internal/release"
)

// Cursor is a place in a target's history. The zero value is its newest end.
type Cursor string

// Page is a part of a target's history, the newest first.
type Page struct {
	Entries []release.Entry
	Next    Cursor // where the next page begins; empty where nothing older is left
}

// Releases returns up to limit releases of a target, the newest first, from a cursor on. An outcome is that of the last
// write: a release that the state machine itself has marked as dirty reads as open here, see LoadMarked.
func (l *Ledger) Releases(ctx context.Context, target release.TargetName, limit int, from Cursor) (Page, error) {
	return l.page(ctx, target, skOpened, limit, from)
}

// Declined returns up to limit requests for a target that opened no release - refused, or nothing to do - the newest
// first, from a cursor on. They are kept for DeclinedTTL.
func (l *Ledger) Declined(ctx context.Context, target release.TargetName, limit int, from Cursor) (Page, error) {
	return l.page(ctx, target, skDeclined, limit, from)
}

func (l *Ledger) page(ctx context.Context, target release.TargetName, prefix string, limit int, from Cursor) (Page, error) {
	op := "read the history of target " + string(target)
	in := &dynamodb.QueryInput{
		TableName: aws.String(l.table), KeyConditionExpression: aws.String("pk = :pk AND begins_with(sk, :prefix)"),
		ExpressionAttributeValues: map[string]types.AttributeValue{":pk": text(targetKey(target)), ":prefix": text(prefix)},
		ConsistentRead:            aws.Bool(true), ScanIndexForward: aws.Bool(false),
	}
	if from != "" {
		in.ExclusiveStartKey = item{attrPK: text(targetKey(target)), attrSK: text(string(from))}
	}
	var p Page
	for len(p.Entries) < limit {
		in.Limit = aws.Int32(int32(limit - len(p.Entries)))
		out, err := l.client.Query(ctx, in)
		if err != nil {
			return p, l.wrap(op, err)
		}
		for _, raw := range out.Items {
			it := item(raw)
			var entry release.Entry
			if err := json.Unmarshal([]byte(it.text(attrDoc)), &entry); err != nil {
				return p, corrupt(op, fmt.Errorf("%s: %w", it.text(attrSK), err))
			}
			p.Entries, p.Next = append(p.Entries, entry), Cursor(it.text(attrSK))
		}
		if len(out.LastEvaluatedKey) == 0 {
			p.Next = ""
			return p, nil
		}
		in.ExclusiveStartKey = out.LastEvaluatedKey
	}
	return p, nil
}

// Current returns the release that a target is busy with: the newest one where it is open, or dirty and so keeps its
// locks; nil where the target is free. A release that the state machine itself has marked answers the phase Dirty; what
// Current returns must not be saved.
func (l *Ledger) Current(ctx context.Context, target release.TargetName) (*release.Release, error) {
	newest, err := l.Releases(ctx, target, 1, "")
	if err != nil || len(newest.Entries) == 0 {
		return nil, err
	}
	entry := newest.Entries[0]
	if entry.Outcome != release.OutcomeOpen && entry.Outcome != release.OutcomeDirty {
		return nil, nil
	}
	r, err := l.LoadMarked(ctx, entry.Release)
	if err != nil || !r.Phase.HoldsLock() {
		return nil, err
	}
	return r, nil
}

// Tried returns what came of a revision when the target released it last; the zero value where it never did.
func (l *Ledger) Tried(ctx context.Context, target release.TargetName, revision release.Revision) (release.Trial, error) {
	var trial release.Trial
	_, err := l.keptDocument(ctx, "read what came of "+revision.String(), targetKey(target), skTrial+revision.Key(), &trial)
	return trial, err
}

// Decline records a request that opens no release, once for its release id.
func (l *Ledger) Decline(ctx context.Context, e release.Entry) error {
	op := "record that release " + string(e.Release) + " was not started"
	e.At, e.Pushed = e.At.Round(0).UTC(), e.Pushed.UTC()
	doc, err := document(op, e)
	if err != nil {
		return err
	}
	expires := number(e.At.Add(DeclinedTTL).Unix())
	entry := func(pk, sk string) item {
		return item{attrPK: text(pk), attrSK: text(sk), attrDoc: text(doc), attrTarget: text(string(e.Target)), attrTTL: expires}
	}
	first := entry(releaseKey(e.Release), skNotOpened)
	tx := l.begin(ctx, first)
	tx.absent(first, doc)
	tx.absent(entry(targetKey(e.Target), historyKey(skDeclined, e.At, e.Release)), doc)
	lost := l.commit(ctx, tx)
	if lost == nil || lost.looked && lost.stored != nil { // recorded by an earlier invocation
		return nil
	}
	return l.wrap(op, lost.cause)
}

// NotOpened returns why a release was not started; NotFound where nothing is known of it.
func (l *Ledger) NotOpened(ctx context.Context, id release.ID) (release.Entry, error) {
	op := "read why release " + string(id) + " was not started"
	var e release.Entry
	it, err := l.get(ctx, releaseKey(id), skNotOpened)
	switch {
	case err != nil:
		return e, l.wrap(op, err)
	case it == nil:
		return e, release.Errorf(release.NotFound, op, "nothing is known of it in table %s", l.table)
	}
	if err := json.Unmarshal([]byte(it.text(attrDoc)), &e); err != nil {
		return e, corrupt(op, err)
	}
	return e, nil
}

// historyKey sorts the lines of a target's history by time.
func historyKey(prefix string, at time.Time, id release.ID) string {
	return prefix + at.UTC().Format("2006-01-02T15:04:05.000Z") + "#" + string(id)
}

// entryUpdate is the release's line in its target's history, as it stands now.
func (l *Ledger) entryUpdate(ctx context.Context, r *release.Release) (update, error) {
	what := "the history's line of release " + string(r.ID)
	k := kept{pk: targetKey(r.Target.Name), sk: historyKey(skOpened, r.Opened, r.ID)}
	if r.Version > 0 { // opened before: by a serin that kept no history, perhaps
		var before release.Entry
		var err error
		if k, err = l.keptDocument(ctx, "read "+what, k.pk, k.sk, &before); err != nil {
			return update{}, err
		}
	}
	return k.next(what, r.Target.Name, r.Entry())
}

// endings are what the end of a release changes beside it: its line in the history, and what came of the revision.
func (l *Ledger) endings(ctx context.Context, r *release.Release) ([]update, error) {
	entry, err := l.entryUpdate(ctx, r)
	if err != nil {
		return nil, err
	}
	var before release.Trial
	what := "what came of " + r.Revision.String()
	k, err := l.keptDocument(ctx, "read "+what, targetKey(r.Target.Name), skTrial+r.Revision.Key(), &before)
	if err != nil {
		return nil, err
	}
	if before.Release != r.ID && before.At.After(r.Since) { // a later release has tried it since
		return []update{entry}, nil
	}
	trial, err := k.next(what, r.Target.Name, r.Trial())
	return []update{entry, trial}, err
}
