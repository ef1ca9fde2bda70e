package story

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"

	"github.com/serin-aws/serin/internal/release"
)

// Ledger is where a release and its events are kept.
type Ledger interface {
	// Load returns a release as it was written last.
	Load(ctx context.Context, id release.ID) (*release.Release, error)
	// Events returns the events of a release by their sequence numbers. Looks may have expired.
	Events(ctx context.Context, id release.ID) ([]release.Event, error)
}

// Metrics is CloudWatch's part of a story.
type Metrics interface {
	GetMetricData(context.Context, *cloudwatch.GetMetricDataInput, ...func(*cloudwatch.Options)) (*cloudwatch.GetMetricDataOutput, error)
}

// Story is everything there is to tell about one release.
type Story struct {
	Release  release.Release
	Events   []release.Event
	Outcome  release.Outcome
	Sentence string    // the outcome and why, in one sentence
	Serves   string    // what serves now
	From, To time.Time // what the story covers: the shared time axis
	Missing  []string  // what could not be read, and what to make of it; one sentence each

	Phases []Span     // in order, final phases left out
	Looks  []Look     // of the judge, in order
	Alarms []Lane     // by name
	Judged []Evidence // by the comparison's name: evidence over time

	Band     []Slice   // the share of the work by version
	Measures []Measure // work and failures by version, one for each comparison of the target
	Queue    []Series  // depth and age of the queue, where the workload has one
	Latency  []Latency // of both versions, one for each comparison of it

	File      string     // the target file as the user wrote it; empty where only the snapshot is known
	Rehearsed *Rehearsed // nil but for a rehearsal
}

// Read tells the story of a release from the ledger and the metrics. An error means that the ledger cannot be read;
// metrics that cannot be read are only missing. metrics may be nil.
func Read(ctx context.Context, ledger Ledger, metrics Metrics, id release.ID) (Story, error) {
	r, err := ledger.Load(ctx, id)
	if err != nil {
		return Story{}, fmt.Errorf("read the story of %s: %w", id, err)
	}
	events, err := ledger.Events(ctx, id)
	if err != nil {
		return Story{}, fmt.Errorf("read the story of %s: %w", id, err)
	}
	s := Tell(r, events)
	s.Measure(ctx, metrics)
	return s, nil
}

// Tell tells a story from the ledger alone. Events that are newer than the release are left out, so that a release
// that moves between the two reads does not look tampered with.
func Tell(r *release.Release, events []release.Event) Story {
	for len(events) > 0 && events[len(events)-1].Seq > r.Seq {
		events = events[:len(events)-1]
	}
	s := Story{Release: *r, Events: events, Outcome: r.Outcome()}
	if seq, ok := release.VerifyChain(events, r.Hash); !ok {
		s.miss("The ledger does not fit together at event %d: somebody changed, removed or added an event there, or it cannot be read. What follows it cannot be trusted.", seq)
	}
	s.readEvents()
	s.readSpan()
	s.Serves = Short(serves(&s))
	s.Sentence = Short(sentence(&s))
	s.Band = band(&s)
	return s
}

// Measure adds what the workload's metrics tell. It may be called once.
func (s *Story) Measure(ctx context.Context, metrics Metrics) {
	if s.Release.ID == "" {
		return // never opened: nothing ran
	}
	if metrics == nil {
		s.miss("The workload's metrics were not read.")
		return
	}
	s.readMetrics(ctx, metrics)
	s.Band = band(s)
}

// Before and After are how much is shown before a release was opened and after it ended, so that one sees what was
// normal and what came of it.
const (
	Before = 5 * time.Minute
	After  = 3 * time.Minute
)

// Longest is the longest time a story covers: twice the state machine's own timeout. Of a longer one, which only a
// damaged record can tell, the end is shown.
const Longest = 28 * 24 * time.Hour

func (s *Story) readSpan() {
	s.From = s.Release.Opened.Add(-Before).Truncate(time.Minute)
	s.To = s.Release.Since
	if n := len(s.Events); n > 0 && s.Events[n-1].At.After(s.To) {
		s.To = s.Events[n-1].At
	}
	if s.Release.Phase.Final() {
		s.To = s.To.Add(After)
	}
	s.To = s.To.Truncate(time.Minute).Add(time.Minute)
	if s.To.Sub(s.From) > Longest {
		s.From = s.To.Add(-Longest)
		s.miss("The record covers more than %s; only the last %s are drawn.", Length(Longest), Length(Longest))
	}
	if s.From.After(s.To) {
		s.From = s.To
	}
}

func (s *Story) miss(format string, args ...any) {
	s.Missing = append(s.Missing, fmt.Sprintf(format, args...))
}

// Over reports whether the release has ended.
func (s *Story) Over() bool { return s.Outcome != release.OutcomeOpen }

// Ended returns when the release ended, and the end of the story where it has not.
func (s *Story) Ended() time.Time {
	if s.Release.Phase.Final() {
		return s.Release.Since
	}
	return s.To
}
