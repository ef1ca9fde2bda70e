package ledger

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/serin-aws/serin/internal/release"
)

// Load returns a release as it stands now. A release that was never opened is NotFound; one whose record cannot be
// read is LedgerCorrupt. The snapshot never changes, so callers share what it points to and must not write to it.
func (l *Ledger) Load(ctx context.Context, id release.ID) (*release.Release, error) {
	op := "load release " + string(id)
	items, err := l.query(ctx, op, &dynamodb.QueryInput{
		KeyConditionExpression: aws.String("pk = :pk AND sk BETWEEN :from AND :to"),
		ExpressionAttributeValues: map[string]types.AttributeValue{
			":pk": text(releaseKey(id)), ":from": text(skState), ":to": text(skSnapshot),
		},
		ProjectionExpression: aws.String(attrSK + ", " + attrDoc + ", " + attrVersion), ConsistentRead: aws.Bool(true),
	})
	if err != nil {
		return nil, err
	}
	if len(items) == 0 {
		return nil, release.Errorf(release.NotFound, op, "there is no such release in table %s", l.table)
	}
	r := &release.Release{}
	for _, it := range items {
		switch it.text(attrSK) {
		case skState:
			err = l.latest.readState(it, &r.State)
		case skSnapshot:
			r.Snapshot, err = l.latest.snapshot(id, it.text(attrDoc))
		}
		if err != nil {
			return nil, corrupt(op, err)
		}
	}
	if r.Version == 0 || r.ID == "" {
		return nil, corrupt(op, fmt.Errorf("of its state and its snapshot, which are written together, only one is there"))
	}
	return r, nil
}

// LoadMarked is Load for those who only read: where the state machine itself has marked the owner's execution, the
// release answers the phase Dirty. What it returns must not be saved.
func (l *Ledger) LoadMarked(ctx context.Context, id release.ID) (*release.Release, error) {
	r, err := l.Load(ctx, id)
	if err != nil || r.Phase.Final() {
		return r, err
	}
	marked, err := l.Marked(ctx, r.Owner())
	if err != nil {
		return nil, err
	}
	if marked {
		r.Phase = release.Dirty
	}
	return r, nil
}

// Marked reports whether the state machine has marked an execution as dirty: none of its functions could bring things
// home, and it said so without any.
func (l *Ledger) Marked(ctx context.Context, execution release.ExecutionARN) (bool, error) {
	if execution == "" {
		return false, nil
	}
	it, err := l.get(ctx, pkExecution+string(execution), skDirty)
	return it != nil, l.wrap("look whether execution "+string(execution)+" is marked as dirty", err)
}

// Events returns the story of a release from its beginning. Looks leave it when they have expired. Whether it is
// complete and unchanged, release.VerifyChain says.
func (l *Ledger) Events(ctx context.Context, id release.ID) ([]release.Event, error) {
	op := "read the story of release " + string(id)
	items, err := l.query(ctx, op, &dynamodb.QueryInput{
		KeyConditionExpression:    aws.String("pk = :pk AND begins_with(sk, :prefix)"),
		ExpressionAttributeValues: map[string]types.AttributeValue{":pk": text(releaseKey(id)), ":prefix": text(skEvent)},
		ProjectionExpression:      aws.String(attrSK + ", " + attrDoc), ConsistentRead: aws.Bool(true),
	})
	if err != nil {
		return nil, err
	}
	events := make([]release.Event, len(items))
	for i, it := range items {
		if err := json.Unmarshal([]byte(it.text(attrDoc)), &events[i], ours()); err != nil {
			return nil, corrupt(op, fmt.Errorf("%s: %w", it.text(attrSK), err))
		}
	}
	return events, nil
}

// Opened returns the releases that hold locks, by id: those that are not over, and those that are Dirty. It reads an
// index that may be a little behind, so each of them is to be loaded before it is believed.
func (l *Ledger) Opened(ctx context.Context) ([]release.ID, error) {
	return indexed[release.ID](ctx, l, "list the open releases", valueOpen, pkRelease)
}

// Left returns the releases that are over and left something to be removed, by id; from the same index.
func (l *Ledger) Left(ctx context.Context) ([]release.ID, error) {
	return indexed[release.ID](ctx, l, "list the releases that left something", valueLeft, pkRelease)
}

// Lines returns the targets that somebody waits for; from the same index.
func (l *Ledger) Lines(ctx context.Context) ([]release.TargetName, error) {
	return indexed[release.TargetName](ctx, l, "list the targets that somebody waits for", valueLine, pkTarget)
}

// indexed returns what the index lists under a value, by the keys without their prefix.
func indexed[Name ~string](ctx context.Context, l *Ledger, op, value, prefix string) ([]Name, error) {
	items, err := l.query(ctx, op, &dynamodb.QueryInput{
		IndexName:                 aws.String(indexOpen),
		KeyConditionExpression:    aws.String("#open = :open"),
		ExpressionAttributeNames:  map[string]string{"#open": attrOpen}, // OPEN is a reserved word
		ExpressionAttributeValues: map[string]types.AttributeValue{":open": text(value)},
	})
	if err != nil {
		return nil, err
	}
	names := make([]Name, len(items))
	for i, it := range items {
		names[i] = Name(strings.TrimPrefix(it.text(attrPK), prefix))
	}
	return names, nil
}

// Lock says who holds a resource.
type Lock struct {
	Resource release.Resource
	Holder   release.ID // empty: free
	Last     release.ID // who held it last, or holds it; empty: nobody ever did
	Target   release.TargetName
	Since    time.Time // when it was taken or became free
	Version  int64     // 0: it was never taken
}

// Lock returns the lock of a resource.
func (l *Ledger) Lock(ctx context.Context, resource release.Resource) (Lock, error) {
	op := "read the lock of " + string(resource)
	lock := Lock{Resource: resource}
	it, err := l.get(ctx, pkLock+string(resource), skLock)
	if err != nil || it == nil {
		return lock, l.wrap(op, err)
	}
	version, ok := it.version()
	if !ok {
		return lock, corrupt(op, fmt.Errorf("its version is not a number"))
	}
	since, err := time.Parse(time.RFC3339Nano, it.text(attrSince))
	if err != nil {
		return lock, corrupt(op, err)
	}
	lock.Holder, lock.Last = release.ID(it.text(attrHolder)), release.ID(it.text(attrLast))
	lock.Target, lock.Since, lock.Version = release.TargetName(it.text(attrTarget)), since, version
	return lock, nil
}

// get reads one item, strongly consistent; nil where it is absent. The error is DynamoDB's own.
func (l *Ledger) get(ctx context.Context, pk, sk string) (item, error) {
	out, err := l.client.GetItem(ctx, &dynamodb.GetItemInput{
		TableName: &l.table, Key: item{attrPK: text(pk), attrSK: text(sk)}, ConsistentRead: aws.Bool(true),
	})
	if err != nil {
		return nil, err
	}
	return out.Item, nil
}

// query reads every page of a query.
func (l *Ledger) query(ctx context.Context, op string, in *dynamodb.QueryInput) ([]item, error) {
	in.TableName = &l.table
	var items []item
	for {
		out, err := l.client.Query(ctx, in)
		if err != nil {
			return nil, l.wrap(op, err)
		}
		for _, it := range out.Items {
			items = append(items, it)
		}
		if len(out.LastEvaluatedKey) == 0 {
			return items, nil
		}
		in.ExclusiveStartKey = out.LastEvaluatedKey
	}
}

func (l *latest) readState(it item, s *release.State) error {
	doc := it.text(attrDoc)
	if kept := l.state.Load(); kept != nil && kept.doc == doc {
		*s = kept.state
		own(s)
	} else if err := json.Unmarshal([]byte(doc), s, ours()); err != nil {
		return fmt.Errorf("its state: %w", err)
	}
	if version, ok := it.version(); !ok || version != s.Version {
		return fmt.Errorf("its state says version %d beside a version attribute of %d", s.Version, version)
	}
	return nil
}

// latest remembers the documents that were read or written last, decoded: an invocation loads its release again and
// again. What the table answers is compared with the document, so nothing is believed that the table does not say.
type latest struct {
	kept  atomic.Pointer[decoded]
	state atomic.Pointer[decodedState]
}

type decoded struct {
	doc      string
	snapshot release.Snapshot // it never changes, and is shared by whoever loads it
}

type decodedState struct {
	doc   string
	state release.State
}

// own lets a state share nothing with the one that it was copied from.
func own(s *release.State) {
	s.Executions = slices.Clone(s.Executions)
	s.Shares = slices.Clone(s.Shares)
	s.Judgement.Checks = slices.Clone(s.Judgement.Checks)
	s.Orders = slices.Clone(s.Orders)
	s.Stopped = slices.Clone(s.Stopped)
	s.Leases = slices.Clone(s.Leases)
	s.Made = slices.Clone(s.Made)
	s.Measured = ownArm(s.Measured)
	s.Hooks = ownRound(s.Hooks)
}

// ownRound returns a copy of what hooks have said that shares nothing with it.
func ownRound(of *release.HookRound) *release.HookRound {
	if of == nil {
		return nil
	}
	own := *of
	own.Calls = slices.Clone(of.Calls)
	for i := range own.Calls {
		own.Calls[i].Details = slices.Clone(own.Calls[i].Details)
	}
	return &own
}

// ownArm returns a copy of metrics that shares nothing with them.
func ownArm(a release.ArmMetrics) release.ArmMetrics {
	own := func(m release.Metric) release.Metric {
		m.Dimensions = slices.Clone(m.Dimensions)
		return m
	}
	a.Requests, a.Duration = own(a.Requests), own(a.Duration)
	a.Errors = slices.Clone(a.Errors)
	for i := range a.Errors {
		a.Errors[i] = own(a.Errors[i])
	}
	return a
}

func (l *latest) snapshot(id release.ID, doc string) (release.Snapshot, error) {
	if kept := l.kept.Load(); kept != nil && kept.doc == doc {
		return kept.snapshot, nil
	}
	var s release.Snapshot
	if err := json.Unmarshal([]byte(doc), &s, ours()); err != nil {
		return s, fmt.Errorf("its snapshot: %w", err)
	}
	if s.Schema != release.Schema && s.Schema != release.Schema-1 || s.Schema < 1 {
		return s, fmt.Errorf("its snapshot has schema %d, and this version of serin reads %d; use the version that wrote it", s.Schema, release.Schema)
	}
	if s.ID != id {
		return s, fmt.Errorf("its snapshot is that of release %q", s.ID)
	}
	l.kept.Store(&decoded{doc: doc, snapshot: s})
	return s, nil
}

// ours is how JSON is read that serin wrote: no name stands in it twice, and to look for one would take half of the time.
func ours() jsontext.Options { return jsontext.AllowDuplicateNames(true) }

func corrupt(op string, err error) error {
	return release.Errorf(release.LedgerCorrupt, op, "its record cannot be read, and restoring by guess is not restoring; a person must bring the workload home and repair or delete the record: %w", err)
}
