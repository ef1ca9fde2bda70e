package ledger

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/serin-aws/serin/internal/release"
)

// kept is a document that is written again and again, each time over the version that was read.
type kept struct {
	pk, sk  string
	version int64 // 0: absent
	doc     string
}

// keptDocument reads a document into a value; an absent one leaves the value as it is.
func (l *Ledger) keptDocument(ctx context.Context, op, pk, sk string, value any) (kept, error) {
	k := kept{pk: pk, sk: sk}
	it, err := l.get(ctx, pk, sk)
	if err != nil || it == nil {
		return k, l.wrap(op, err)
	}
	version, ok := it.version()
	if !ok {
		return k, corrupt(op, fmt.Errorf("its version is not a number"))
	}
	k.version, k.doc = version, it.text(attrDoc)
	if err := json.Unmarshal([]byte(k.doc), value); err != nil {
		return k, corrupt(op, err)
	}
	return k, nil
}

// update is the next version of a kept document.
type update struct {
	kept
	item item
}

// next writes the next version of the document.
func (k kept) next(what string, target release.TargetName, value any) (update, error) {
	doc, err := document(what, value)
	if err != nil {
		return update{}, err
	}
	it := item{attrPK: text(k.pk), attrSK: text(k.sk), attrDoc: text(doc), attrVersion: number(k.version + 1), attrTarget: text(string(target))}
	if line, ok := value.(release.Line); ok && len(line) > 0 {
		it[attrOpen] = text(valueLine)
	}
	return update{k, it}, nil
}

// keep puts the next version of a document in the place of the one that was read, where it says something else.
func (tx *transaction) keep(u update) {
	switch doc := u.item.text(attrDoc); {
	case u.version == 0:
		tx.absent(u.item, doc)
	case doc != u.doc:
		tx.equals(u.item, doc, u.version)
	}
}

// changes is how often a document is read and written anew where somebody else writes it at the same time.
const changes = 6

// change lets a function change a document of a target that many may write. It answers what the document becomes, and
// false where nothing is to be written. Conflict says that others were quicker each time: try again.
func change[T any](ctx context.Context, l *Ledger, op, sk string, target release.TargetName, next func(T) (T, bool, error)) (T, error) {
	var conflict error
	for range changes {
		var now T
		k, err := l.keptDocument(ctx, op, targetKey(target), sk, &now)
		if err != nil {
			return now, err
		}
		changed, write, err := next(now)
		if err != nil || !write {
			return changed, err
		}
		u, err := k.next(op, target, changed)
		if err != nil {
			return now, err
		}
		tx := l.begin(ctx, u.item)
		tx.keep(u)
		if len(tx.writes) == 0 {
			return changed, nil
		}
		lost := l.commit(ctx, tx)
		if lost == nil {
			return changed, nil
		}
		if conflict = l.wrap(op, lost.cause); release.CodeOf(conflict) != release.Conflict {
			return now, conflict
		}
	}
	var none T
	return none, conflict
}
