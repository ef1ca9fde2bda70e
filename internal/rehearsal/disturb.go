package rehearsal

import (
	"context"
	"slices"

	"github.com/serin-aws/serin/internal/rehearsal/faults"
)

// Disturb lets things go wrong in every run, at the given rates and drawn from the run's seed. only are the numbers,
// from 1, of the faults that happen; empty: all.
func (p *Plan) Disturb(rates faults.Rates, only []int) {
	p.FaultsFor = faults.Horizon
	if p.Pushes == 0 { // a single release has one trigger
		rates.Trigger = 0
	}
	p.Faults = func(seed uint64, accidents int) []faults.Fault {
		return chosen(faults.Draw(seed, rates, accidents), only)
	}
}

func chosen(list []faults.Fault, only []int) []faults.Fault {
	if len(only) == 0 {
		return list
	}
	var kept []faults.Fault
	for i, f := range list {
		if slices.Contains(only, i+1) {
			kept = append(kept, f)
		}
	}
	return kept
}

// Short is what is left of a seed's faults when all are dropped that do not matter.
type Short struct {
	Numbers  []int // of the faults among those of the seed, from 1
	Happened []Happened
	Broken   []string // invariants
}

// Shorten finds out which faults of a seed it takes to break an invariant. It rehearses the release at most tries times.
func (p *Plan) Shorten(ctx context.Context, seed uint64, tries int) (Short, error) {
	all, err := p.faultsOf(seed)
	if err != nil {
		return Short{}, err
	}
	happened, err := p.happened(ctx, seed, all)
	if err != nil {
		return Short{}, err
	}
	left := faults.Shorten(happened, tries, func(list []faults.Fault) bool {
		part := *p
		part.Faults = func(uint64, int) []faults.Fault { return list }
		result, err := part.One(ctx, seed)
		return err == nil && len(result.Violations) > 0
	})
	part := *p
	part.Faults = func(uint64, int) []faults.Fault { return left }
	run, err := part.ride(seed, false)
	if err != nil {
		return Short{}, err
	}
	defer run.Close()
	run.Finish()
	result, err := run.Outcome(ctx)
	short := Short{Happened: run.happened(), Broken: result.Violations}
	for i, f := range all {
		if slices.Contains(left, f) {
			short.Numbers = append(short.Numbers, i+1)
		}
	}
	return short, err
}

// happened returns those of a seed's faults that befell something: what did not is left out without a try.
func (p *Plan) happened(ctx context.Context, seed uint64, all []faults.Fault) ([]faults.Fault, error) {
	run, err := p.ride(seed, false)
	if err != nil {
		return nil, err
	}
	defer run.Close()
	run.Finish()
	if _, err := run.Outcome(ctx); err != nil {
		return nil, err
	}
	return slices.DeleteFunc(slices.Clone(all), func(f faults.Fault) bool {
		return !slices.ContainsFunc(run.happened(), func(h Happened) bool { return h.Fault == f })
	}), nil
}

// faultsOf returns the faults that the run of a seed meets.
func (p *Plan) faultsOf(seed uint64) ([]faults.Fault, error) {
	a, err := p.account(seed, false, nil)
	if err != nil {
		return nil, err
	}
	defer a.door.Close()
	return p.Faults(seed, len(a.accidents())), nil
}
