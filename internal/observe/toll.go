package observe

import (
	"context"
	"time"

	"github.com/serin-aws/serin/internal/release"
)

// asleep is how long before a release the dead-letter queue is looked at, to see what was there before.
const asleep = 15 * time.Minute

// Toll counts what the canary did until the release turned, and what lies in the dead-letter queue: one GetMetricData.
// It is for people and decides nothing, so minutes that are not final count as they are. What cannot be read is left
// out.
func (o *Observer) Toll(ctx context.Context, r *release.Release) (release.Toll, error) {
	until := ceil(o.now(), time.Minute)
	ask := newAsk(window{Since: r.Opened.Add(-asleep).Truncate(time.Minute), Until: until})
	canary, dead := counted{units: -1}, -1
	for _, c := range r.Target.Checks.Compare {
		of, ok := r.MeasuredAt().Compared(c)
		if ok && of.Kind == release.CompareFailures && canary.units < 0 {
			canary = ask.wantCounted(of.Canary)
		}
	}
	if m := r.Metrics.DeadLetters; !m.IsZero() {
		dead = ask.want(perMinute(m), "Maximum")
	}
	if err := o.fetch(ctx, ask); err != nil {
		return release.Toll{}, err
	}
	var toll release.Toll
	if canary.units >= 0 && !r.CanarySince.IsZero() && ask.incomplete(canary.all()...) == "" {
		w := window{Since: ceil(r.CanarySince, time.Minute), Until: ceil(turned(r, until), time.Minute)}
		arms, err := ask.arm(canary, w)
		if err != nil {
			return toll, err
		}
		for _, arm := range arms {
			toll.Canary.Units, toll.Canary.Failed = toll.Canary.Units+arm.Units, toll.Canary.Failed+arm.Failed
		}
	}
	if dead >= 0 && ask.incomplete(dead) == "" {
		toll.DeadLetters = ask.backlog(dead, r.Opened)
	}
	return toll, nil
}

// turned is when the canary's metrics stopped to be the canary's alone.
func turned(r *release.Release, now time.Time) time.Time {
	switch {
	case r.Decision.Next == release.NextPromote:
		return r.Decision.At
	case !r.Served.At.IsZero():
		return r.Served.At
	}
	return now
}

// backlog returns what a queue held last, and before a moment; nil where it was never seen. SQS says nothing of a queue
// that has been empty for hours.
func (a *ask) backlog(index int, opened time.Time) *release.Backlog {
	var first, last point
	for _, p := range a.answers[index].points {
		if p.time().Before(opened) && p.at >= first.at {
			first = p
		}
		if p.at >= last.at {
			last = p
		}
	}
	if last.at == 0 {
		return nil
	}
	return &release.Backlog{Before: int64(first.value), Now: int64(last.value)}
}
