package judge

import (
	"math"
	"time"

	"github.com/serin-aws/serin/internal/release"
)

// WorkMinute is how much both arms did in the same minute, and with how many workers.
type WorkMinute struct {
	Start            time.Time
	Canary, Baseline Work
}

// Work is what one arm did in a minute: units of work, and the worker-minutes that it had for them (2.5 is two workers
// for the whole minute and one for half of it).
type Work struct {
	Units   int64
	Workers float64
}

// rate returns the units a worker-minute.
func (w Work) rate() float64 { return float64(w.Units) / max(w.Workers, 1e-9) }

func (w Work) check(row int, start time.Time, name string) error {
	if w.Workers >= 0 && w.Workers <= 1e9 {
		return checkArm(row, start, name, release.Arm{Units: w.Units})
	}
	return rowError(row, start, "%s has %v worker-minutes; they lie between 0 and 1e9", name, w.Workers)
}

// ThroughputProcess tests whether the canary's workers do less than the baseline's, minute by minute. It is the test of
// failures turned round: given that d units were done in a minute, those of the baseline are binomial with its share of
// the worker-minutes, times the rate ratio "baseline to canary, a worker". Margin and Worse are that ratio: 1.25 means
// that the baseline does a quarter more. It means something only while there is work for everybody.
type ThroughputProcess struct {
	settings Settings
	test     onset
	scatter  dispersion
	passed   float64 // log of the evidence against "at least Worse", as in Process.passes
	logWorse float64

	likelihood likelihood // of that ratio, so the baseline is what likelihood calls the canary
	pace       pace

	rows             int
	before           time.Time
	canary, baseline Work
	decided          int // row of the first fail, or -1
}

// NewThroughput returns a process without a minute. The fast path and ErrorFree have no part in it; set Dispersion to
// how many units a worker takes at once (up to 10 with SQS).
func NewThroughput(s Settings) (*ThroughputProcess, error) {
	s, err := s.withDefaults()
	if err != nil {
		return nil, err
	}
	return &ThroughputProcess{
		settings: s, test: newOnset(s.Margin, s.Alpha, s.Horizon, &rateBets), scatter: newDispersion(s),
		logWorse: math.Log(s.Worse), decided: -1,
	}, nil
}

// Add puts in one more minute; errors are those of Process.Add.
func (p *ThroughputProcess) Add(m WorkMinute) error {
	if err := (Minute{Start: m.Start}).check(p.rows, p.before); err != nil {
		return err
	}
	if err := m.Canary.check(p.rows, m.Start, "canary"); err != nil {
		return err
	}
	if err := m.Baseline.check(p.rows, m.Start, "baseline"); err != nil {
		return err
	}
	p.rows, p.before = p.rows+1, m.Start
	if p.rows <= p.settings.WarmUp || m.Canary.Workers == 0 || m.Baseline.Workers == 0 {
		return nil
	}
	p.canary = Work{p.canary.Units + m.Canary.Units, p.canary.Workers + m.Canary.Workers}
	p.baseline = Work{p.baseline.Units + m.Baseline.Units, p.baseline.Workers + m.Baseline.Workers}
	p.compare(m)
	return nil
}

func (p *ThroughputProcess) compare(m WorkMinute) {
	s := step{
		x: float64(m.Baseline.Units), d: float64(m.Baseline.Units + m.Canary.Units),
		pi: m.Baseline.Workers / (m.Baseline.Workers + m.Canary.Workers),
	}
	s.phi = p.scatter.phi(s)
	p.test.add(s)
	p.passed -= s.logLikelihood(p.settings.Worse, p.logWorse)
	p.scatter.add(s, 1)
	p.likelihood.add(s)
	p.pace.add(m.Start, m.Canary.Units)
	if p.decided < 0 && p.test.rejects() {
		p.decided = p.rows - 1
	}
}

// needed returns what a pass still takes, as the evidence for it has grown so far; nothing where it has not.
func (p *ThroughputProcess) needed() Needed {
	if p.passed <= 0 {
		return Needed{}
	}
	units := float64(p.canary.Units) * (-math.Log(p.settings.Beta)/p.passed - 1)
	units = max(math.Ceil(units), float64(p.settings.MinimumSample-p.canary.Units), 0)
	return Needed{Units: int64(units), Minutes: units / p.pace.units()}
}

// Interval returns the confidence sequence for how many times as much a baseline worker does; see Process.Interval.
func (p *ThroughputProcess) Interval() Interval { return p.interval(p.decided >= 0) }

func (p *ThroughputProcess) interval(rejected bool) Interval {
	i := p.likelihood.interval(p.settings.Alpha)
	if rejected {
		i.Low = max(i.Low, p.settings.Margin)
	}
	return i
}

// LogE returns the logarithm of the e-value against "a canary worker does as much, within the margin".
func (p *ThroughputProcess) LogE() float64 { return p.test.capped }

// Decided returns the row, from 0, that failed the canary. A fail stays.
func (p *ThroughputProcess) Decided() (row int, failed bool) { return p.decided, p.decided >= 0 }

// Verdict returns what the minutes so far say.
func (p *ThroughputProcess) Verdict() release.Verdict {
	if p.decided >= 0 {
		return release.Fail
	}
	return p.unfailed()
}

func (p *ThroughputProcess) unfailed() release.Verdict {
	switch {
	case p.canary.Units+p.baseline.Units == 0:
		return release.NoData
	case p.canary.Units >= p.settings.MinimumSample && p.passed >= -math.Log(p.settings.Beta):
		return release.Pass
	}
	return release.Inconclusive
}
