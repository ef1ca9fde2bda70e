package power

import (
	"math/rand/v2"
	"slices"
	"time"

	"github.com/serin-aws/serin/internal/release"
)

// Traffic is what the workload does.
type Traffic struct {
	PerSecond float64 // units of work, both versions together; above 0
	Failures  float64 // part of them that fails on the version that serves now, 0 to 1
}

// Chances are what comes of a version, as parts of all releases. What is left over was promoted only after its hold, or
// not at all before the deadline.
type Chances struct {
	Ratio      float64       // of its failure rate and the baseline's
	RolledBack float64       // because it fails more often; of a worse version: it was caught
	Promoted   float64       // within the plan's bakes, extended up to maxBake
	Held       float64       // nobody could tell within maxBake
	Median     time.Duration // until it was caught or, at a ratio of 1, promoted; 0 where that never happened
	Units      int64         // the canary did until it was caught, median
	Failed     int64         // of them failed, median
}

// Answer is what a plan can see.
type Answer struct {
	Traffic Traffic
	Runs    int
	Seed    uint64
	Worse   []Chances // by Ratios; none where nothing fails: no ratio means anything then
	Same    Chances
	Advice  []Advice // what is wrong with the plan; none where it does its work
}

// Ratios are the versions that a plan is asked about.
var Ratios = []float64{1.5, 2, 5, 10}

// Of asks what the plan of a valid target sees at this traffic, from so many drawn releases of each version.
func Of(t release.Target, traffic Traffic, runs int, seed uint64) (Answer, error) {
	switch {
	case !(traffic.PerSecond > 0 && traffic.PerSecond <= 1e9):
		return Answer{}, release.Errorf(release.Invalid, "", "the traffic is %v units a second; it must be above 0 and at most 1e9", traffic.PerSecond)
	case !(traffic.Failures >= 0 && traffic.Failures <= 1):
		return Answer{}, release.Errorf(release.Invalid, "", "the failure rate is %v; it lies between 0 and 1", traffic.Failures)
	}
	p, err := planOf(t)
	if err != nil {
		return Answer{}, err
	}
	a := Answer{Traffic: traffic, Runs: runs, Seed: seed}
	for _, ratio := range Ratios {
		if traffic.Failures == 0 {
			break
		}
		a.Worse = append(a.Worse, p.chances(traffic, ratio, runs, seed))
	}
	a.Same = p.chances(traffic, 1, runs, seed)
	a.Advice = p.advice(a)
	return a, nil
}

// chances releases a version so many times.
func (p plan) chances(traffic Traffic, ratio float64, runs int, seed uint64) Chances {
	c := Chances{Ratio: ratio}
	var took, units, failed []int64
	var times [outcomes]int
	for run := range runs {
		end := p.release(traffic, ratio, rand.New(rand.NewPCG(seed, uint64(run))))
		times[end.outcome]++
		if end.outcome == rolledBack && ratio > 1 || end.outcome == promoted && ratio == 1 {
			took, units, failed = append(took, int64(end.minutes)), append(units, end.units), append(failed, end.failed)
		}
	}
	part := func(o outcome) float64 { return float64(times[o]) / float64(runs) }
	c.RolledBack, c.Promoted, c.Held = part(rolledBack), part(promoted), part(held)
	c.Median, c.Units, c.Failed = time.Duration(median(took))*time.Minute, median(units), median(failed)
	return c
}

func median(all []int64) int64 {
	if len(all) == 0 {
		return 0
	}
	slices.Sort(all)
	return all[(len(all)-1)/2]
}
