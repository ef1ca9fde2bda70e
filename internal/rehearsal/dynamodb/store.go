package dynamodb

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// partition holds the items of one pk, by sk.
type partition struct {
	rows []*row
}

// row is the place of one item.
type row struct {
	pk, sk  string
	item    *item     // what was written last
	old     *item     // before that, nil: absent; what an eventually consistent read may still see
	changed time.Time // when item was written
	gone    time.Time // when the ttl takes it away; zero: never
	busy    time.Time // until when a transaction that wrote it conflicts with others
}

// overlap is how long after its effect a transaction is still in flight and conflicts with others on its items. It is
// shorter than the door's two ways, so that one caller's transactions, one after another, never conflict.
const overlap = 3 * time.Millisecond

// seen returns the item as a read at now sees it whose answer is lag old; nil where it is absent.
func (r *row) seen(now time.Time, lag time.Duration) *item {
	if r == nil {
		return nil
	}
	it := r.item
	if lag > 0 && r.changed.After(now.Add(-lag)) {
		it = r.old
	}
	if !r.gone.IsZero() && !now.Before(r.gone) {
		return nil
	}
	return it
}

func (p *partition) find(sk string) (int, bool) {
	if p == nil {
		return 0, false
	}
	if n := len(p.rows); n > 0 && p.rows[n-1].sk < sk { // a release's story grows at its end
		return n, false
	}
	return slices.BinarySearchFunc(p.rows, sk, func(r *row, sk string) int { return strings.Compare(r.sk, sk) })
}

// row returns the place of an item, or nil where nothing was ever written.
func (t *Table) row(pk, sk string) *row {
	p := t.parts[pk]
	if i, ok := p.find(sk); ok {
		return p.rows[i]
	}
	return nil
}

// store writes an item; inTransaction marks its place as busy.
func (t *Table) store(it *item, inTransaction bool) {
	now := t.loop.Now()
	r := t.place(it.pk, it.sk)
	r.old = r.seen(now, 0)
	r.item, r.changed, r.gone = it, now, t.goneAt(it)
	if inTransaction {
		r.busy = now.Add(overlap)
	}
	if it.open != "" {
		t.index(r)
	}
}

// place returns the row of a key, and makes it where there is none.
func (t *Table) place(pk, sk string) *row {
	p := t.parts[pk]
	if p == nil {
		p = &partition{}
		t.parts[pk] = p
	}
	i, ok := p.find(sk)
	if !ok {
		p.rows = slices.Insert(p.rows, i, &row{pk: pk, sk: sk})
	}
	return p.rows[i]
}

// index puts a row into the index; it stays there, hidden, when the item has left.
func (t *Table) index(r *row) {
	i, found := slices.BinarySearchFunc(t.open, r, func(a, b *row) int {
		return cmp.Or(strings.Compare(a.pk, b.pk), strings.Compare(a.sk, b.sk))
	})
	if !found {
		t.open = slices.Insert(t.open, i, r)
	}
}

// goneAt returns when an item with a ttl vanishes; the zero time: never. AWS says within a few days of its expiration;
// 48 h at most is what is usually seen.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/howitworks-ttl.html
func (t *Table) goneAt(it *item) time.Time {
	a, ok := it.read(attrTTL)
	if !ok || a.kind != kindNumber {
		return time.Time{}
	}
	seconds, err := strconv.ParseInt(a.text, 10, 64)
	if err != nil {
		return time.Time{}
	}
	var linger time.Duration
	if t.settings.Linger != nil {
		linger = t.settings.Linger()
	} else {
		linger = time.Duration(t.rng.Int64N(int64(48 * time.Hour)))
	}
	return time.Unix(seconds, 0).UTC().Add(linger)
}
