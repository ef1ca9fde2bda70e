package ledger

import (
	"context"

	"github.com/serin-aws/serin/internal/release"
)

// Line returns who waits for a target, in order of arrival.
func (l *Ledger) Line(ctx context.Context, target release.TargetName) (release.Line, error) {
	var line release.Line
	_, err := l.keptDocument(ctx, "read who waits for target "+string(target), targetKey(target), skLine, &line)
	return line, err
}

// Wait puts an execution at the end of its target's line, or says that one which stands there still waits. It returns
// the line as it is then. Invalid says that the line is full.
func (l *Ledger) Wait(ctx context.Context, w release.Waiting) (release.Line, error) {
	target := w.Request.Target
	op := "wait for target " + string(target)
	w.Pushed, w.Since, w.Due = w.Pushed.UTC(), w.Since.Round(0).UTC(), w.Due.Round(0).UTC()
	return change(ctx, l, op, skLine, target, func(line release.Line) (release.Line, bool, error) {
		joined := line.Join(w, l.now().UTC())
		if len(joined) > release.MaxLine {
			return line, false, release.Errorf(release.Invalid, op, "%d releases wait already, and no more than that may; start it again when some of them are over", len(line))
		}
		return joined, true, nil
	})
}

// Leave takes a release out of its target's line. One that does not stand there is out already.
func (l *Ledger) Leave(ctx context.Context, target release.TargetName, id release.ID) error {
	_, err := change(ctx, l, "leave the line of target "+string(target), skLine, target, func(line release.Line) (release.Line, bool, error) {
		_, in := line.Find(id)
		return line.Leave(id), in, nil
	})
	return err
}

// Dismiss says that a release which waits will not start, and why: it ends as refused when it looks again. NotFound says
// that it does not wait.
func (l *Ledger) Dismiss(ctx context.Context, target release.TargetName, id release.ID, why string) error {
	op := "dismiss release " + string(id)
	_, err := change(ctx, l, op, skLine, target, func(line release.Line) (release.Line, bool, error) {
		if _, in := line.Find(id); !in {
			return line, false, release.Errorf(release.NotFound, op, "it does not wait for target %s", target)
		}
		return line.Dismiss(id, why), true, nil
	})
	return err
}

// Overrides returns the overrides that are kept for a target, used and expired ones of the last day too.
func (l *Ledger) Overrides(ctx context.Context, target release.TargetName) (release.Overrides, error) {
	var all release.Overrides
	_, err := l.keptDocument(ctx, "read the overrides of target "+string(target), targetKey(target), skOverrides, &all)
	return all, err
}

// Override keeps an override for the next emergency start of a target. The same ID counts once.
func (l *Ledger) Override(ctx context.Context, target release.TargetName, o release.Override) error {
	_, err := change(ctx, l, "override alarms of target "+string(target), skOverrides, target, func(all release.Overrides) (release.Overrides, bool, error) {
		with := all.With(overrideInUTC(o), l.now().UTC())
		return with, len(with) > 0, nil
	})
	return err
}

// alongside is what opening a release changes beside it: it leaves the line, and the overrides that it uses are used up.
func (l *Ledger) alongside(ctx context.Context, r *release.Release) ([]update, error) {
	var updates []update
	now, target := l.now().UTC(), r.Target.Name
	var line release.Line
	k, err := l.keptDocument(ctx, "read who waits for target "+string(target), targetKey(target), skLine, &line)
	if err != nil {
		return nil, err
	}
	if len(line) > 0 {
		u, err := k.next("the line of target "+string(target), target, line.Opened(r, now))
		if err != nil {
			return nil, err
		}
		updates = append(updates, u)
	}
	if len(r.Overrides) == 0 {
		return updates, nil
	}
	var all release.Overrides
	k, err = l.keptDocument(ctx, "read the overrides of target "+string(target), targetKey(target), skOverrides, &all)
	if err != nil {
		return nil, err
	}
	used, valid := all.UsedBy(r.ID, r.Overrides, now)
	if !valid {
		return nil, release.Errorf(release.Conflict, "open release "+string(r.ID), "an override that it needs was used or has expired meanwhile")
	}
	u, err := k.next("the overrides of target "+string(target), target, used)
	return append(updates, u), err
}
