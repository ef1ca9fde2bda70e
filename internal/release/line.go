package release

import (
	"fmt"
	"slices"
	"time"
)

// Line is who waits for a target, in order of arrival. It is a document of the ledger's: whoever wants to start looks
// where it stands, and nobody is taken out by anybody but itself. Who lost its execution is passed over.
type Line []Waiting

// MaxLine is how many may wait for one target.
const MaxLine = 100

// Waiting is an execution that waits until a release of its own can be opened.
type Waiting struct {
	Release   ID           `json:"release"`
	Execution ExecutionARN `json:"execution"`
	Request   Request      `json:"request"`
	Revision  Revision     `json:"revision"`            // pinned when it came: a tag may move meanwhile
	Pushed    time.Time    `json:"pushed,omitzero"`     // when the image was pushed, where that is known
	Way       Concurrency  `json:"way"`                 // what the target said of concurrency when it came
	Since     time.Time    `json:"since"`               // when it came
	Due       time.Time    `json:"due"`                 // when it looks again
	Dismissed string       `json:"dismissed,omitempty"` // why it will not start; it ends as refused when it looks again
}

// Overdue is how long after Due a waiting execution is taken to live: longer than the state machine tries a function
// again. Whoever is later has lost its execution - stopped, timed out - and holds up nobody; should it look again
// nevertheless, it has its place back.
const Overdue = 15 * time.Minute

// How long an execution waits for its turn, and how often it looks: soon at first, and then a twentieth of what it has
// waited, so that a short wait ends soon after its time, and the longest fits the state machine's history.
const (
	firstLook   = 10 * time.Second
	slowestLook = 30 * time.Minute
	LongestWait = 3 * 24 * time.Hour
)

// NextLook is how long an execution waits that has waited so long already.
func NextLook(waited time.Duration) time.Duration {
	return min(max(waited/20, firstLook), slowestLook)
}

// WaitLooks is how often an execution looks at most before its turn comes.
func WaitLooks() int {
	looks := 0
	for waited := time.Duration(0); waited < LongestWait; waited += NextLook(waited) {
		looks++
	}
	return looks
}

// waits reports whether it still waits to be opened.
func (w Waiting) waits(now time.Time) bool {
	return w.Dismissed == "" && !now.After(w.Due.Add(Overdue))
}

// Find returns the place of a release, and false where it does not stand in the line.
func (l Line) Find(id ID) (Waiting, bool) {
	i := l.index(id)
	if i < 0 {
		return Waiting{}, false
	}
	return l[i], true
}

func (l Line) index(id ID) int {
	return slices.IndexFunc(l, func(w Waiting) bool { return w.Release == id })
}

// Same returns another execution that waits for the same revision.
func (l Line) Same(id ID, revision Revision, now time.Time) (Waiting, bool) {
	i := slices.IndexFunc(l, func(w Waiting) bool {
		return w.Release != id && w.waits(now) && w.Revision.Key() == revision.Key()
	})
	if i < 0 {
		return Waiting{}, false
	}
	return l[i], true
}

// Before returns who goes before a release: emergencies first, then by arrival. A release that does not stand in the
// line would be its last.
func (l Line) Before(id ID, emergency bool, now time.Time) []Waiting {
	own := l.index(id)
	if own < 0 {
		own = len(l)
	}
	var before []Waiting
	for i, w := range l {
		first := w.Request.Emergency && !emergency || w.Request.Emergency == emergency && i < own
		if i != own && first && w.waits(now) {
			before = append(before, w)
		}
	}
	return before
}

// Newest returns the image that was pushed last of all that wait.
func (l Line) Newest(now time.Time) (Waiting, bool) {
	var newest Waiting
	for _, w := range l {
		if w.waits(now) && w.Pushed.After(newest.Pushed) {
			newest = w
		}
	}
	return newest, newest.Release != ""
}

// GivesWay reports whether a newer release may end a running one. From Promoting on it gives way to nobody.
func (r *Release) GivesWay() bool {
	return !r.Home && (r.Phase == Preparing || r.Phase == Shifting || r.Phase == Baking)
}

// Superseder returns who makes a running release give way, the newest of them: what came under supersede, and an
// emergency in any case. An emergency gives way only to an emergency.
func (l Line) Superseder(r *Release, now time.Time) (Waiting, bool) {
	if !r.GivesWay() {
		return Waiting{}, false
	}
	for _, w := range slices.Backward(l) {
		way := w.Way == Supersede && w.Request.Emergency == r.Request.Emergency || w.Request.Emergency && !r.Request.Emergency
		if way && w.Release != r.ID && w.waits(now) {
			return w, true
		}
	}
	return Waiting{}, false
}

// Join returns the line with a newcomer at its end, or with its Due moved where it stands in it already. Under
// supersede the newest waiting wins: it dismisses all who came before, but for emergencies where it is none.
func (l Line) Join(w Waiting, now time.Time) Line {
	joined := l.present(now)
	if i := joined.index(w.Release); i >= 0 {
		joined[i].Due = w.Due
		return joined
	}
	return append(joined.dismissed(len(joined), w.Way, w.Release, w.Revision, w.Request.Emergency), w)
}

// Opened returns the line without a release that was opened. Under supersede whoever came before it is dismissed.
func (l Line) Opened(r *Release, now time.Time) Line {
	left := l.present(now)
	own := left.index(r.ID)
	before := own
	if own < 0 {
		before = len(left)
	}
	left = left.dismissed(before, r.Target.Concurrency, r.ID, r.Revision, r.Request.Emergency)
	if own >= 0 {
		left = slices.Delete(left, own, own+1)
	}
	return left
}

func (l Line) dismissed(before int, way Concurrency, by ID, revision Revision, emergency bool) Line {
	for i := range l[:before] {
		if way == Supersede && l[i].Dismissed == "" && (emergency || !l[i].Request.Emergency) {
			l[i].Dismissed = fmt.Sprintf("superseded by the newer release %s of %s", by, revision)
		}
	}
	return l
}

// Dismiss returns the line with a release that will not start, for the reason given.
func (l Line) Dismiss(id ID, why string) Line {
	changed := slices.Clone(l)
	if i := changed.index(id); i >= 0 && changed[i].Dismissed == "" {
		changed[i].Dismissed = why
	}
	return changed
}

// Leave returns the line without a release.
func (l Line) Leave(id ID) Line {
	return slices.DeleteFunc(slices.Clone(l), func(w Waiting) bool { return w.Release == id })
}

// forgotten is after how long a lost execution leaves the line for good.
const forgotten = 24 * time.Hour

// present returns a copy without those who were lost long ago.
func (l Line) present(now time.Time) Line {
	return slices.DeleteFunc(slices.Clone(l), func(w Waiting) bool { return now.After(w.Due.Add(forgotten)) })
}
