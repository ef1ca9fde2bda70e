package judge

import (
	"math"
	"time"

	"gonum.org/v1/gonum/mathext"

	"github.com/serin-aws/serin/internal/release"
)

// LatencyMinute is how long units of work took in both arms in the same minute.
type LatencyMinute struct {
	Start            time.Time
	Canary, Baseline Durations
	Former           bool // as of Minute
}

// Durations is how long the units of one arm took. Slow counts those that took longer than the baseline's p50, p90 and
// p99 did before the release: CloudWatch counts units up to a threshold (TC), so the slow ones are the rest. The
// thresholds must be the same for both arms and all minutes.
type Durations struct {
	Units    int64
	Slow     [thresholds]int64
	P50, P90 float64 // of the minute, in any unit of time, the same for both arms; 0 where unknown
}

const thresholds = 3

// slower are the percentiles that the thresholds stand for.
var slower = [thresholds]string{"p50", "p90", "p99"}

// slowBets are the bets on a ratio of the odds of being slow. Three of the four e-values of a latency must be able to
// carry two minutes.
var slowBets = bets{
	grid:  [alternatives]float64{1.25, 1.5, 2, 3, 5, 10, 1, 1},
	early: [alternatives]float64{.2, .25, .2, .15, .1, .1, 0, 0},
	late:  [alternatives]float64{.2, .3, .2, .15, .1, .05, 0, 0},
	burst: .55,
}

// LatencyProcess tests whether the canary is slower, minute by minute: the average of four e-values, one for each
// threshold and one from the signs of the per-minute percentiles. Percentiles themselves are never averaged.
type LatencyProcess struct {
	settings Settings
	tests    [thresholds]slowTest
	p50, p90 signTest

	rows             int
	before           time.Time
	canary, baseline int64
	decided          int // row of the first fail, or -1
}

// NewLatency returns a process without a minute. Margin and Worse are ratios of the odds of being slow; the fast path,
// Dispersion and ErrorFree have no part in it.
func NewLatency(s Settings) (*LatencyProcess, error) {
	s, err := s.withDefaults()
	if err != nil {
		return nil, err
	}
	p := &LatencyProcess{settings: s, decided: -1}
	for i := range p.tests {
		p.tests[i] = newSlowTest(s)
	}
	return p, nil
}

// Add puts in one more minute; errors are those of Process.Add.
func (p *LatencyProcess) Add(m LatencyMinute) error {
	for i := range thresholds {
		if err := m.counted(i).check(p.rows, p.before); err != nil {
			return err
		}
	}
	p.rows, p.before = p.rows+1, m.Start
	if p.rows <= p.settings.WarmUp || !m.counted(0).comparable() {
		return nil
	}
	p.canary += m.Canary.Units
	p.baseline += m.Baseline.Units
	for i := range p.tests {
		p.tests[i].add(m.counted(i))
	}
	p.p50.add(m.Canary.P50, m.Baseline.P50)
	p.p90.add(m.Canary.P90, m.Baseline.P90)
	if p.decided < 0 && p.LogE() >= -math.Log(p.settings.Alpha) {
		p.decided = p.rows - 1
	}
	return nil
}

// counted returns the minute with the units above one threshold as failed.
func (m LatencyMinute) counted(threshold int) Minute {
	return Minute{
		Start:    m.Start,
		Canary:   release.Arm{Units: m.Canary.Units, Failed: m.Canary.Slow[threshold]},
		Baseline: release.Arm{Units: m.Baseline.Units, Failed: m.Baseline.Slow[threshold]},
		Former:   m.Former,
	}
}

// LogE returns the logarithm of the e-value against "the canary is not slower than the margin".
func (p *LatencyProcess) LogE() float64 {
	log := logAddExp(p.p50.logE(), p.p90.logE()) - math.Ln2
	for i := range p.tests {
		log = logAddExp(log, p.tests[i].onset.capped)
	}
	return log - math.Log(thresholds+1)
}

// Decided returns the row, from 0, that failed the canary. A fail stays.
func (p *LatencyProcess) Decided() (row int, failed bool) { return p.decided, p.decided >= 0 }

// Verdict returns what the minutes so far say. A pass needs every threshold to exclude Worse at level Beta.
func (p *LatencyProcess) Verdict() release.Verdict {
	if p.decided >= 0 {
		return release.Fail
	}
	return p.unfailed()
}

func (p *LatencyProcess) unfailed() release.Verdict {
	if p.canary == 0 || p.baseline == 0 {
		return release.NoData
	}
	if p.canary < p.settings.MinimumSample {
		return release.Inconclusive
	}
	for i := range p.tests {
		if p.tests[i].passed < -math.Log(p.settings.Beta) {
			return release.Inconclusive
		}
	}
	return release.Pass
}

// worst returns the threshold that speaks most against the canary.
func (p *LatencyProcess) worst() int {
	worst := 0
	for i := range p.tests {
		if p.tests[i].onset.capped > p.tests[worst].onset.capped {
			worst = i
		}
	}
	return worst
}

// least returns the threshold that is furthest from a pass.
func (p *LatencyProcess) least() int {
	least := 0
	for i := range p.tests {
		if p.tests[i].passed < p.tests[least].passed {
			least = i
		}
	}
	return least
}

// slowTest compares the odds of being above one threshold.
type slowTest struct {
	settings         Settings
	onset            onset
	scatter          dispersion
	passed           float64 // log of the evidence against "at least Worse", as in Process.passes
	canary, baseline release.Arm
}

func newSlowTest(s Settings) slowTest {
	t := slowTest{settings: s, onset: newOnset(s.Margin, s.Alpha, s.Horizon, &slowBets), scatter: newDispersion(s)}
	t.scatter.least = 1
	return t
}

func (t *slowTest) add(m Minute) {
	add(&t.canary, m.Canary)
	add(&t.baseline, m.Baseline)
	s := m.step()
	phi := t.scatter.phi(s)
	if s.d > 0 {
		t.scatter.add(s, 1-s.d/float64(m.Canary.Units+m.Baseline.Units))
	}
	counts := table{canary: float64(m.Canary.Units), baseline: float64(m.Baseline.Units), slow: s.d, x: s.x}
	null := counts.logZ(t.onset.margin)
	var logs [alternatives]float64
	for i, g := range slowBets.grid {
		if g > 1 {
			logs[i] = counts.logE(t.onset.margin, g, null) / phi
		}
	}
	t.onset.addLogs(&logs)
	worse := t.settings.Worse
	t.passed += counts.logE(worse, 1/worse, counts.logZ(worse)) / phi
}

// signTest is the e-process against "the canary's percentile exceeds 1.1 times the baseline's in at most half of the
// minutes": it bets on every chance above one half alike. With k such minutes of t,
//
//	S = 2 * integral over p from 1/2 to 1 of (2p)^k * (2(1-p))^(t-k) dp
//	  = 2^(t+1) * B(k+1, t-k+1) * (1 - I_1/2(k+1, t-k+1))
//
// It needs no distribution of durations at all: slow, and hard to deceive.
type signTest struct{ minutes, above float64 }

const slowerBy = 1.1

func (t *signTest) add(canary, baseline float64) {
	if !(canary > 0 && baseline > 0) {
		return
	}
	t.minutes++
	if canary > slowerBy*baseline {
		t.above++
	}
}

func (t signTest) logE() float64 {
	a, b := t.above+1, t.minutes-t.above+1
	log := (t.minutes+1)*math.Ln2 + mathext.Lbeta(a, b)
	if tail := mathext.RegIncBeta(b, a, .5); tail > 1e-280 {
		return log + math.Log(tail)
	}
	// The first term of the tail, a binomial probability: less than the whole, so still an e-value.
	return log + logChoose(t.minutes+1, t.above) - (t.minutes+1)*math.Ln2
}
