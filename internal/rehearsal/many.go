package rehearsal

import (
	"context"
	"crypto/sha256"
	"fmt"
	"runtime"
	"runtime/debug"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/serin-aws/serin/internal/rehearsal/invariant"
	"github.com/serin-aws/serin/internal/story"
)

// Violation is a run that broke an invariant.
type Violation struct {
	Seed uint64
	Text string
}

// Many rehearses the plan runs times, each in an account of its own with the seeds first, first+1, ..., on all
// processors, and returns what they come to. One seed gives the same run, alone or among many.
func (p *Plan) Many(ctx context.Context, runs int, first uint64) (story.Summary, []Violation, error) {
	began := stopwatch()
	results, err := seeds(ctx, runs, first, p.oneOrTwice)
	if err != nil {
		return story.Summary{}, nil, err
	}
	summary, violations := tally(results, first)
	summary.Target, summary.Units, summary.Took, summary.Invariants = p.Target.Name, p.Target.Platform.Units(), began(), invariant.Count
	return summary, violations, nil
}

// seeds makes runs with the seeds first, first+1, ... on all processors and returns what came of each.
func seeds[Result any](ctx context.Context, runs int, first uint64, one func(ctx context.Context, seed uint64) (Result, error)) ([]Result, error) {
	defer sparing()()
	results := make([]Result, runs)
	var next atomic.Int64
	group, ctx := errgroup.WithContext(ctx)
	for range min(runs, runtime.GOMAXPROCS(0)) {
		group.Go(func() error {
			for {
				i := int(next.Add(1)) - 1
				if i >= runs || ctx.Err() != nil {
					return ctx.Err()
				}
				result, err := one(ctx, first+uint64(i))
				if err != nil {
					return fmt.Errorf("seed %d: %w", first+uint64(i), err)
				}
				results[i] = result
			}
		})
	}
	return results, group.Wait()
}

// sparing lets the collector run seldom until the returned function is called: an account is a few MB and garbage as a
// whole, so that collecting often finds little. The limit keeps the memory flat however many results there are, each of
// which would otherwise let the garbage grow by its multiple.
func sparing() func() {
	const limit = 256 << 20
	percent, before := debug.SetGCPercent(1600), debug.SetMemoryLimit(-1)
	debug.SetMemoryLimit(min(before, limit))
	return func() {
		debug.SetGCPercent(percent)
		debug.SetMemoryLimit(before)
	}
}

// One rehearses the plan with one seed and returns what came of it.
func (p *Plan) One(ctx context.Context, seed uint64) (story.Run, error) {
	result, _, err := p.traced(ctx, seed, false)
	return result, err
}

// twiceEvery is which part of the seeds is run twice where things go wrong: the first of each hundred.
const twiceEvery = 100

// oneOrTwice is One, and for some of the faulty seeds a second time: both must make the same calls at the same times.
func (p *Plan) oneOrTwice(ctx context.Context, seed uint64) (story.Run, error) {
	if p.Faults == nil || seed%twiceEvery != 0 {
		return p.One(ctx, seed)
	}
	result, first, err := p.traced(ctx, seed, true)
	if err != nil {
		return result, err
	}
	_, second, err := p.traced(ctx, seed, true)
	if result.Twice = first == second; !result.Twice {
		result.Violations = append(result.Violations, "determinism: the same seed, run twice, gave two stories")
	}
	return result, err
}

// traced rehearses the plan with one seed, and returns the hash of all its calls where asked for it.
func (p *Plan) traced(ctx context.Context, seed uint64, calls bool) (result story.Run, trace [sha256.Size]byte, err error) {
	run, err := p.ride(seed, calls)
	if err != nil {
		return result, trace, err
	}
	defer run.Close()
	run.Finish()
	if calls {
		trace = sha256.Sum256(run.Trace())
	}
	result, err = run.Outcome(ctx)
	return result, trace, err
}

// ride is one run from its start to its end: of a release, or of several in one account.
type ride interface {
	Finish()
	Outcome(ctx context.Context) (story.Run, error)
	Trace() []byte
	Close()
	happened() []Happened
}

func (p *Plan) ride(seed uint64, calls bool) (ride, error) {
	if p.Pushes > 0 {
		return p.crowd(seed, calls)
	}
	return p.Start(seed, calls, nil)
}

func tally(results []story.Run, first uint64) (story.Summary, []Violation) {
	var counted story.Tally
	var violations []Violation
	for i, result := range results {
		counted.Add(result)
		for _, text := range result.Violations {
			violations = append(violations, Violation{Seed: first + uint64(i), Text: text})
		}
	}
	return counted.Summary(), violations
}

// stopwatch measures how long the rehearsal takes whoever waits for it; nothing simulated sees it.
func stopwatch() func() time.Duration {
	began := time.Now()
	return func() time.Duration { return time.Since(began) }
}
