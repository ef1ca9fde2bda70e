package observe

import (
	"time"

	"github.com/serin-aws/serin/internal/release"
)

// Watermark is how old the end of a minute must be before it counts: metrics come late, and a minute that is still
// being filled shows more failures than work, or less of either than there was.
const Watermark = 2 * time.Minute

// window is a span of whole minutes, Until excluded. It may be empty.
type window struct {
	Since, Until time.Time
}

// windowOf returns the final minutes from the first whole one after start up to the watermark.
func windowOf(start, now time.Time) window {
	w := window{Since: ceil(start, time.Minute), Until: now.Add(-Watermark).Truncate(time.Minute)}
	if w.Until.Before(w.Since) {
		w.Until = w.Since
	}
	return w
}

// past is how far before a release the two versions' history reaches: long enough to tell noise that persists from
// chance, short enough to be the same traffic.
const past = 4 * time.Hour

// historyOf returns the minutes before a release was opened: nothing of it had changed then.
func historyOf(r *release.Release) window {
	if r.Opened.IsZero() {
		return window{}
	}
	until := r.Opened.Truncate(time.Minute)
	return window{Since: until.Add(-past), Until: until}
}

// aloneOf returns since when the canary has done all of the work, from the start of a minute on; zero where both versions
// work, or nobody knows yet.
func aloneOf(r *release.Release) time.Time {
	if r.Phase != release.Baking || r.Current().SideBySide() {
		return time.Time{}
	}
	return ceil(r.BakeSince, time.Minute)
}

// stragglers is the part of the canary's work that the primary may still do where all of it should be the canary's: what
// drains, or sticks. Where it does more, the same minute is the better comparison.
const stragglers = .1

// counterpart returns the minute before the release that a minute is compared with in which the canary did all of the work,
// given the units of both; ok is false for any other minute. The first has the last one before the release, the second the
// last but one, and so on, so that none serves twice and a pair that was seen never changes. What the two differ by only
// because of the time between them is noise, which the history of the baseline tells (judge.Noise).
func (a *ask) counterpart(minute time.Time, canary, primary int64) (before time.Time, ok bool) {
	if a.alone.IsZero() || minute.Before(a.alone) || float64(primary) >= stragglers*float64(canary) {
		return time.Time{}, false
	}
	return a.history.Until.Add(-time.Minute - minute.Sub(a.alone)), true
}

// empty reports whether the window holds no minute.
func (w window) empty() bool { return !w.Until.After(w.Since) }

// span is a window in seconds, for the many points of a look.
type span struct{ since, until, period int64 }

// by returns the window with periods of length p.
func (w window) by(p time.Duration) span {
	return span{w.Since.Unix(), w.Until.Unix(), int64(p / time.Second)}
}

// periods returns how many whole periods the span has.
func (s span) periods() int { return int((s.until - s.since) / s.period) }

// row returns the number of the period that a point lies in; ok is false outside.
func (s span) row(p point) (row int, ok bool) {
	return int((p.at - s.since) / s.period), p.at >= s.since && p.at < s.until
}

// within returns the whole periods of length p that lie in the window, on the clock's own multiples of p.
func (w window) within(p time.Duration) window {
	in := window{Since: ceil(w.Since, p), Until: w.Until.Truncate(p)}
	if in.Until.Before(in.Since) {
		in.Until = in.Since
	}
	return in
}

func ceil(t time.Time, d time.Duration) time.Time {
	if down := t.Truncate(d); !down.Equal(t) {
		return down.Add(d)
	}
	return t
}

// startOf returns when the canary started: what the release recorded, else what is seen now, else when the release
// was opened, so that nothing that happened since is overlooked.
func startOf(r *release.Release, s release.Sighting) time.Time {
	switch {
	case !r.CanarySince.IsZero():
		return r.CanarySince
	case !s.CanaryStarted.IsZero():
		return s.CanaryStarted
	}
	return r.Opened
}
