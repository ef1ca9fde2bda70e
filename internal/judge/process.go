package judge

import (
	"math"
	"time"

	"github.com/serin-aws/serin/internal/release"
)

// Process is the test of one failure proportion, canary against baseline, minute by minute. It answers at any time,
// as often as one likes: the chance that it ever fails a canary whose rate ratio stays within the margin is at most
// Alpha. Add minutes in the order of time; the same minutes give the same answer.
type Process struct {
	settings Settings
	test     onset
	scatter  dispersion
	fast     window

	rows   int       // given so far
	before time.Time // start of the newest
	phi    float64   // of the newest minute compared
	pace   pace
	passed float64 // log P, see passes

	logWorse float64

	likelihood likelihood

	canarySeen, baselineSeen int64       // units given, compared or not
	canary, baseline         release.Arm // compared so far
	former                   int         // minutes compared whose baseline is of before the release
	fromBefore               bool        // the newest minute given is such a one
	decided                  int         // row of the first fail, or -1
	broken                   *window     // what the fast path saw when it failed the canary
}

// NewProcess returns a process without a minute. The error names the setting that is wrong.
func NewProcess(s Settings) (*Process, error) {
	s, err := s.withDefaults()
	if err != nil {
		return nil, err
	}
	p := &Process{settings: s, test: newOnset(s.Margin, s.Alpha, s.Horizon, &rateBets), scatter: newDispersion(s), decided: -1}
	p.logWorse = math.Log(s.Worse)
	return p, nil
}

// Add puts in one more minute. A minute that is impossible (more failed than units), repeated or out of order is a
// RowError and changes nothing; one in which an arm did nothing counts as no evidence.
func (p *Process) Add(m Minute) error {
	if err := m.check(p.rows, p.before); err != nil {
		return err
	}
	p.rows, p.before, p.fromBefore = p.rows+1, m.Start, m.Former
	p.canarySeen += m.Canary.Units
	p.baselineSeen += m.Baseline.Units
	if !m.comparable() {
		return nil
	}
	p.fast.add(m)
	if p.rows > p.settings.WarmUp {
		p.compare(m)
	}
	p.decide()
	return nil
}

func (p *Process) compare(m Minute) {
	add(&p.canary, m.Canary)
	add(&p.baseline, m.Baseline)
	if m.Former {
		p.former++
	}
	s := m.step()
	s.phi = p.scatter.phi(s)
	p.test.add(s)
	p.passed -= s.logLikelihood(p.settings.Worse, p.logWorse)
	p.scatter.add(s, 1)
	p.likelihood.add(s)
	p.phi = s.phi
	p.pace.add(m.Start, m.Canary.Units)
}

func (p *Process) decide() {
	if p.decided >= 0 {
		return
	}
	if p.fast.catastrophe() {
		broken := p.fast
		p.broken, p.decided = &broken, p.rows-1
	} else if p.test.rejects() {
		p.decided = p.rows - 1
	}
}

// LogE returns the logarithm of the e-value: the evidence against "the rate ratio never exceeds the margin". The
// canary fails when it reaches 1/Alpha.
func (p *Process) LogE() float64 { return p.test.capped }

// Dispersion returns the phi of the newest minute compared, at least 1.
func (p *Process) Dispersion() float64 {
	if p.pace.minutes == 0 {
		return p.settings.Dispersion
	}
	return p.phi
}

// Arms returns what was compared so far.
func (p *Process) Arms() (canary, baseline release.Arm) { return p.canary, p.baseline }

// when says which minutes of the baseline the canary's were compared with, where it is not just the same ones.
func (p *Process) when() string {
	switch p.former {
	case 0:
		return ""
	case p.pace.minutes:
		return " before the release"
	}
	return " at the same time and before the release"
}

// Decided returns the row, from 0, that failed the canary. A fail stays.
func (p *Process) Decided() (row int, failed bool) { return p.decided, p.decided >= 0 }

// Verdict returns what the minutes so far say.
func (p *Process) Verdict() release.Verdict {
	if p.decided >= 0 {
		return release.Fail
	}
	return p.unfailed()
}

// unfailed returns the verdict of a canary that nothing has failed.
func (p *Process) unfailed() release.Verdict {
	switch {
	case p.canary.Units == 0 || p.baseline.Units == 0:
		return release.NoData
	case p.passes():
		return release.Pass
	}
	return release.Inconclusive
}

func add(to *release.Arm, arm release.Arm) {
	to.Units += arm.Units
	to.Failed += arm.Failed
}
