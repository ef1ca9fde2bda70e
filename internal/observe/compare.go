package observe

import (
	"time"

	"github.com/serin-aws/serin/internal/judge"
	"github.com/serin-aws/serin/internal/release"
)

// compared is a comparison on its way from questions to minutes.
type compared struct {
	judge.Comparison // without minutes
	// fill puts the minutes in, once the answers are there; nil where nothing could be asked.
	fill func(*ask, *judge.Comparison) error
}

// comparisons asks for what both arms did. Once the work is being promoted no baseline arm is left to compare with.
func (a *ask) comparisons(r *release.Release) []compared {
	if r.Phase == release.Promoting || r.Phase == release.Settling || r.Request.First { // no baseline arm
		return nil
	}
	asked := make([]compared, len(r.Target.Checks.Compare))
	if len(asked) > 0 {
		a.history, a.alone = historyOf(r), aloneOf(r)
	}
	for i, c := range r.Target.Checks.Compare {
		asked[i] = a.comparison(r, c)
	}
	return asked
}

func (a *ask) comparison(r *release.Release, c release.Comparison) compared {
	asked := compared{Comparison: judge.Comparison{Name: c.Name, VetoOnly: c.VetoOnly, Settings: judge.Settings{
		Margin: c.Margin, Horizon: horizon(r), WarmUp: int(c.WarmUp.Std() / time.Minute),
	}}}
	of, ok := r.MeasuredAt().Compared(c)
	if !ok {
		asked.Problem = "the platform knows no metric of canary and primary to compare by"
		return asked
	}
	asked.Metric = of.Canary.Main().String()
	switch of.Kind {
	case release.CompareLatency:
		asked.fill, asked.Missing = a.latency(of, c.Name, r.Reference)
	case release.CompareThroughput:
		asked.fill = a.throughput(of, r.Shares)
	default:
		asked.fill = a.failures(of)
	}
	return asked
}

// filled returns the comparison with its minutes.
func (a *ask) filled(c compared) (judge.Comparison, error) {
	if c.fill == nil || a.window.empty() {
		return c.Comparison, nil
	}
	err := c.fill(a, &c.Comparison)
	return c.Comparison, err
}
