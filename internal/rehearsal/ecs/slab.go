package ecs

import "time"

// slab holds the texts and times of one answer. The SDK's structures point to every one of them, and one allocation
// for all is several times as fast as one for each; nothing in an answer is shared with the world.
// Where a slab turns out too small, append begins a new array, and what was handed out stays in the old one.
type slab struct {
	texts []string
	times []time.Time
}

func newSlab(texts, times int) *slab {
	return &slab{texts: make([]string, 0, texts), times: make([]time.Time, 0, times)}
}

// text returns a pointer to a copy of s.
func (a *slab) text(s string) *string {
	a.texts = append(a.texts, s)
	return &a.texts[len(a.texts)-1]
}

// some is text, and nil for an empty s.
func (a *slab) some(s string) *string {
	if s == "" {
		return nil
	}
	return a.text(s)
}

// copied is a copy of what p points to, and nil where it points to nothing.
func (a *slab) copied(p *string) *string {
	if p == nil {
		return nil
	}
	return a.text(*p)
}

// when is a pointer to a copy of t, and nil for the zero time: what has not happened.
func (a *slab) when(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	a.times = append(a.times, t)
	return &a.times[len(a.times)-1]
}
