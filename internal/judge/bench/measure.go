package bench

import (
	"math/rand/v2"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"

	"github.com/serin-aws/serin/internal/judge"
	"github.com/serin-aws/serin/internal/release"
)

// Runs are how many releases are simulated for a figure.
type Runs struct {
	Good, Bad int
	Rank      int // of the rank test, which is slow
	Seed      uint64
}

func (r Runs) of(rule rule, all int) int {
	if rule.name == "Mann-Whitney at every look" {
		return min(all, r.Rank)
	}
	return all
}

// source returns the numbers of a run, the same for every rule: all see the same releases.
func (r Runs) source(table, scenario, run int) *rand.Rand {
	return rand.New(rand.NewPCG(r.Seed, uint64(table)<<56|uint64(scenario)<<40|uint64(run)))
}

// share is how often something happened.
type share struct{ times, of int }

func (s *share) add(happened bool) {
	s.of++
	if happened {
		s.times++
	}
}

func (s share) part() float64 { return float64(s.times) / float64(max(1, s.of)) }

// bounds returns Clopper and Pearson's exact 95 % interval (1934).
func (s share) bounds() (low, high float64) {
	low, high = 0, 1
	if s.times > 0 {
		low = distuv.Beta{Alpha: float64(s.times), Beta: float64(s.of - s.times + 1)}.Quantile(.025)
	}
	if s.times < s.of {
		high = distuv.Beta{Alpha: float64(s.times + 1), Beta: float64(s.of - s.times)}.Quantile(.975)
	}
	return low, high
}

// goodResult is what became of canaries that are as good as the baseline.
type goodResult struct {
	name       string
	rolledBack []share // by rule
	passed     share   // by the judge, at the end
}

func (r Runs) good(table, index int, s Scenario) goodResult {
	result := goodResult{name: s.Name, rolledBack: make([]share, len(rules))}
	for run := range r.Good {
		source := r.source(table, index, run)
		w := s.world(source)
		history, minutes := w.draw(source)
		for i, rule := range rules {
			if i > 0 && run < r.of(rule, r.Good) {
				result.rolledBack[i].add(rule.decide(w, history, minutes) >= 0)
			}
		}
		verdict := process(history, minutes).Verdict()
		result.rolledBack[0].add(verdict == release.Fail)
		result.passed.add(verdict == release.Pass)
	}
	return result
}

// delay is how long a rule takes from the onset: data minutes, a canary that is caught by its first bad minute having
// taken one.
type delay struct {
	minutes []float64
	failed  float64 // failures of the canary from the onset until then
	missed  share   // not within the run
	early   share   // before the onset
}

func (d *delay) add(w world, minutes []judge.Minute, row int) {
	d.missed.add(row < 0)
	d.early.add(row >= 0 && row < w.onset-1)
	if row < 0 {
		row = len(minutes) - 1
	}
	if row < w.onset-1 {
		return
	}
	d.minutes = append(d.minutes, float64(row-w.onset+2))
	for _, m := range minutes[w.onset-1 : row+1] {
		d.failed += float64(m.Canary.Failed)
	}
}

func (d delay) mean() float64 { return stat.Mean(d.minutes, nil) }

func (d delay) failures() float64 { return d.failed / float64(max(1, len(d.minutes))) }

// badResult is how bad canaries were caught.
type badResult struct {
	name    string
	late    bool
	delays  []delay // by rule
	oracle  delay
	unknown delay // the oracle that does not know the onset
}

func (r Runs) bad(table, index int, s Scenario) badResult {
	result := badResult{name: s.Name, delays: make([]delay, len(rules))}
	for run := range r.Bad {
		source := r.source(table, index, run)
		w := s.world(source)
		result.late = w.onset > 1
		history, minutes := w.draw(source)
		for i, rule := range rules {
			if run < r.of(rule, r.Bad) {
				result.delays[i].add(w, minutes, rule.decide(w, history, minutes))
			}
		}
		result.oracle.add(w, minutes, oracle(w, minutes))
		result.unknown.add(w, minutes, onsetUnknown(w, minutes))
	}
	return result
}

// limit is the delay that is aimed at.
func (b badResult) limit() float64 {
	if b.late {
		return 1.3*b.oracle.mean() + 3
	}
	return 1.3*b.oracle.mean() + 1
}

// falsePasses counts how often a canary that is Worse ever looks like a pass in an hour of looks.
func (r Runs) falsePasses(table, index int, w world) (ever, end share) {
	for run := range r.Bad {
		history, minutes := w.draw(r.source(table, index, run))
		p := process(history, nil)
		passed := false
		for _, m := range minutes {
			if err := p.Add(m); err != nil {
				panic(err)
			}
			passed = passed || p.Verdict() == release.Pass
		}
		ever.add(passed)
		end.add(p.Verdict() == release.Pass)
	}
	return ever, end
}
