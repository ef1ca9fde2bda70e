package ledger

import (
	"context"
	"slices"

	"github.com/serin-aws/serin/internal/release"
)

// MaxResources is how many resources one release may lock. DynamoDB takes 100 items in one transaction, and the end
// of a release must free all locks in the one that says so.
const MaxResources = 40

// Open records a release and takes the locks of all its resources, in one transaction: either all of it is durable,
// or none. With it the release leaves the line of its target, enters the history, and uses up its overrides. It returns
// the release as it is stored.
//
// A release of the same id that is open already is a retry, and answered as it is stored, whatever it has become.
// *Held says that another release holds a resource. Conflict says that another invocation was writing the same
// items at this moment: try again.
func (l *Ledger) Open(ctx context.Context, r release.Release, opened release.Event) (*release.Release, error) {
	op := "open release " + string(r.ID)
	resources, err := checkOpen(op, &r)
	if err != nil {
		return nil, err
	}
	r.State = withoutHistory(r.State)
	r.Snapshot = snapshotInUTC(r.Snapshot)
	if opened.Kind == "" {
		opened.Kind = release.EventOpened
	}
	locks, err := l.freeLocks(ctx, resources)
	if err != nil {
		return l.storedOr(ctx, r.ID, err)
	}
	beside, err := l.alongside(ctx, &r)
	if err != nil {
		return l.storedOr(ctx, r.ID, err)
	}
	next, tx, err := l.opening(ctx, &r, opened, locks, beside)
	if err != nil {
		return nil, err
	}
	if lost := l.commit(ctx, tx); lost != nil {
		return l.notOpened(ctx, op, r.ID, resources, lost)
	}
	r.State = next
	return &r, nil
}

// checkOpen returns the resources to lock.
func checkOpen(op string, r *release.Release) ([]release.Resource, error) {
	resources := distinct(r.Resources)
	switch {
	case r.ID == "":
		return nil, release.Errorf(release.Unexpected, op, "it has no id")
	case r.Schema != release.Schema:
		return nil, release.Errorf(release.Unexpected, op, "its schema is %d and must be %d", r.Schema, release.Schema)
	case len(resources) == 0:
		return nil, release.Errorf(release.Unexpected, op, "it names no resource, so nothing would be locked")
	case len(resources) > MaxResources:
		return nil, release.Errorf(release.Invalid, op, "it would lock %d resources and at most %d can be locked together; split the target", len(resources), MaxResources)
	}
	return resources, nil
}

// distinct returns the resources in order, each once.
func distinct(resources []release.Resource) []release.Resource {
	return slices.Compact(slices.Sorted(slices.Values(resources)))
}

// withoutHistory returns a state that the ledger has not counted yet.
func withoutHistory(s release.State) release.State {
	s.Version, s.Seq, s.Hash = 0, 0, ""
	return s
}

// Free answers *Held where a release holds one of the resources.
func (l *Ledger) Free(ctx context.Context, resources []release.Resource) error {
	_, err := l.freeLocks(ctx, distinct(resources))
	return err
}

// freeLocks reads the locks of the resources. It answers *Held where one is held.
func (l *Ledger) freeLocks(ctx context.Context, resources []release.Resource) ([]Lock, error) {
	locks := make([]Lock, len(resources))
	for i, resource := range resources {
		lock, err := l.Lock(ctx, resource)
		if err != nil {
			return nil, err
		}
		if lock.Holder != "" {
			return nil, &Held{Resource: resource, Holder: lock.Holder}
		}
		locks[i] = lock
	}
	return locks, nil
}

// storedOr answers a release that is open already, or was, before anything that stands in the way of opening it:
// then this is a retry.
func (l *Ledger) storedOr(ctx context.Context, id release.ID, cause error) (*release.Release, error) {
	stored, err := l.Load(ctx, id)
	switch {
	case err == nil:
		return stored, nil
	case release.CodeOf(err) == release.NotFound:
		return nil, cause
	}
	return nil, err
}

// opening returns the state and the transaction that open a release.
func (l *Ledger) opening(ctx context.Context, r *release.Release, opened release.Event, locks []Lock, beside []update) (release.State, *transaction, error) {
	now := l.now().UTC()
	next, lines, err := advance(r, []release.Event{opened}, now)
	if err != nil {
		return next, nil, err
	}
	state, err := stateItem(r, &next)
	if err != nil {
		return next, nil, err
	}
	snapshot, err := snapshotItem(r.Snapshot)
	if err != nil {
		return next, nil, err
	}
	tx := l.begin(ctx, state)
	tx.absent(state, state.text(attrDoc))
	tx.absent(snapshot, snapshot.text(attrDoc))
	if err := tx.story(r.ID, lines); err != nil {
		return next, nil, err
	}
	for _, lock := range locks {
		taken := Lock{Resource: lock.Resource, Holder: r.ID, Last: r.ID, Target: r.Target.Name, Since: now, Version: lock.Version + 1}
		if lock.Version == 0 {
			tx.absent(lockItem(taken), string(r.ID))
		} else {
			tx.equals(lockItem(taken), string(r.ID), lock.Version)
		}
	}
	entry, err := l.entryUpdate(ctx, r)
	if err != nil {
		return next, nil, err
	}
	for _, u := range append(beside, entry) {
		tx.keep(u)
	}
	return next, tx, nil
}

// notOpened finds out why the opening transaction was not answered with a success.
func (l *Ledger) notOpened(ctx context.Context, op string, id release.ID, resources []release.Resource, lost *refusal) (*release.Release, error) {
	err := l.wrap(op, lost.cause)
	if lost.conditionFailed() {
		if _, held := l.freeLocks(ctx, resources); held != nil {
			err = held
		}
	}
	if !lost.mayHaveTakenEffect() {
		return nil, err
	}
	return l.storedOr(ctx, id, err)
}
