package ledger

import (
	"context"

	"github.com/serin-aws/serin/internal/release"
)

// Save writes the state of a release and appends events to its story, in one transaction, if nobody has written it
// since it was loaded; otherwise it answers Conflict, and the release must be loaded again. On success the release's
// Version, Seq and Hash have moved on; on any error nothing in it has changed. A write whose answer was lost counts as
// a success as soon as it is seen in the table; where it is not seen, the answer is Unavailable, and loading the
// release again, or repeating the same Save with the same times, finds out.
//
// With a final phase the release's end enters its target's history, and what came of its revision is remembered.
//
// An event without a phase is stamped with the release's phase, step and epoch, one without a time with the time of
// the write.
func (l *Ledger) Save(ctx context.Context, r *release.Release, events ...release.Event) error {
	return l.save(ctx, "save release "+string(r.ID), r, events, nil)
}

// Finish is Save for the end of a release that gives its resources back: the final phase and the free locks are one
// fact. A phase that keeps the lock is Illegal here: Dirty is saved with Save.
func (l *Ledger) Finish(ctx context.Context, r *release.Release, events ...release.Event) error {
	op := "finish release " + string(r.ID)
	if r.Phase.HoldsLock() {
		return release.Errorf(release.Illegal, op, "a release in phase %s keeps its lock", r.Phase)
	}
	now := l.now().UTC()
	var freed []Lock
	for _, resource := range distinct(r.Resources) {
		lock, err := l.Lock(ctx, resource)
		if err != nil {
			return err
		}
		if lock.Holder == r.ID { // what is not held, or no longer, is not ours to free
			lock.Holder, lock.Since = "", now
			freed = append(freed, lock)
		}
	}
	return l.save(ctx, op, r, events, freed)
}

// Retake is Save for a release that is over and has something left to be removed: it takes the locks of its resources
// once more, in one transaction with what is saved. *Held says that another release holds one. Finish frees them again.
func (l *Ledger) Retake(ctx context.Context, r *release.Release, events ...release.Event) error {
	op := "take the locks of release " + string(r.ID) + " again"
	if !r.Leaves() {
		return release.Errorf(release.Illegal, op, "it left nothing that could be removed (%s)", r.Phase)
	}
	now := l.now().UTC()
	var taken []Lock
	for _, resource := range distinct(r.Resources) {
		lock, err := l.Lock(ctx, resource)
		switch {
		case err != nil:
			return err
		case lock.Holder == "":
			lock.Holder, lock.Last, lock.Target, lock.Since = r.ID, r.ID, r.Target.Name, now
			taken = append(taken, lock)
		case lock.Holder != r.ID:
			return &Held{Resource: resource, Holder: lock.Holder}
		}
	}
	return l.save(ctx, op, r, events, taken)
}

// save writes the state, the story, and the next version of some locks.
func (l *Ledger) save(ctx context.Context, op string, r *release.Release, events []release.Event, locks []Lock) error {
	next, lines, err := advance(r, events, l.now())
	if err != nil {
		return err
	}
	state, err := stateItem(r, &next)
	if err != nil {
		return err
	}
	tx := l.begin(ctx, state)
	tx.equals(state, state.text(attrDoc), r.Version)
	if err := tx.story(r.ID, lines); err != nil {
		return err
	}
	if r.Phase.Final() {
		endings, err := l.endings(ctx, r)
		if err != nil {
			return err
		}
		for _, u := range endings {
			tx.keep(u)
		}
	}
	for _, lock := range locks {
		next := lock
		next.Version++
		tx.equals(lockItem(next), string(next.Holder), lock.Version)
	}
	if len(tx.writes) > maxWrites {
		return release.Errorf(release.Unexpected, op, "%d events and %d locks are more than the %d items of one transaction", len(lines), len(locks), maxWrites)
	}
	if lost := l.commit(ctx, tx); lost != nil {
		return l.notSaved(op, r, lost)
	}
	r.Version, r.Seq, r.Hash = next.Version, next.Seq, next.Hash
	l.latest.state.Store(&decodedState{doc: state.text(attrDoc), state: next})
	return nil
}

// notSaved says why a write did not take effect.
func (l *Ledger) notSaved(op string, r *release.Release, lost *refusal) error {
	switch {
	case !lost.looked || !lost.conditionFailed():
		return l.wrap(op, lost.cause)
	case lost.stored == nil:
		return release.Errorf(release.NotFound, op, "there is no such release in table %s", l.table)
	}
	version, _ := lost.stored.version()
	return release.Errorf(release.Conflict, op, "another invocation has written it in between: version %d was expected and version %d is there", r.Version, version)
}

// story appends lines to a release's story.
func (tx *transaction) story(id release.ID, lines []line) error {
	for _, l := range lines {
		it, err := eventItem(id, l)
		if err != nil {
			return err
		}
		tx.absent(it, l.event.Hash)
	}
	return nil
}
