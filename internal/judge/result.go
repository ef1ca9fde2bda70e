package judge

import "github.com/serin-aws/serin/internal/release"

// Result is what a process says at one moment.
type Result struct {
	Verdict    release.Verdict
	Decided    int         // row, from 0, of the minute that failed the canary; -1 where none did
	LogE       float64     // logarithm of the e-value; the canary fails at log(1/Alpha)
	Dispersion float64     // phi of the newest minute, at least 1
	Interval   Interval    // of the rate ratio
	AtMost     float64     // the rate ratio that a pass would exclude just so, at level Beta; +Inf where none
	Needed     Needed      // until there is an answer
	Canary     release.Arm // compared
	Baseline   release.Arm
}

// Result returns everything that the process has to say. It costs about as much as a few hundred minutes: a replay of
// very many minutes need not ask at each.
func (p *Process) Result() Result {
	return Result{
		Verdict: p.Verdict(), Decided: p.decided, LogE: p.LogE(), Dispersion: p.Dispersion(),
		Interval: p.Interval(), AtMost: p.AtMost(), Needed: p.Needed(), Canary: p.canary, Baseline: p.baseline,
	}
}

// Proportion tests a failure proportion over all minutes given, in the order of time. An error names the setting or
// the row (RowError) that is wrong.
func Proportion(minutes []Minute, s Settings) (Result, error) {
	p, err := NewProcess(s)
	if err != nil {
		return Result{}, err
	}
	for _, m := range minutes {
		if err := p.Add(m); err != nil {
			return Result{}, err
		}
	}
	return p.Result(), nil
}
