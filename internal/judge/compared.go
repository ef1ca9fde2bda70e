package judge

import (
	"fmt"
	"math"
	"time"

	"github.com/serin-aws/serin/internal/release"
)

// lane leads a test through its minutes.
type lane[M any] struct {
	minutes []M
	start   func(M) time.Time
	add     func(M) error
	taken   int
}

func (l *lane[M]) next() (time.Time, bool) {
	if l.taken >= len(l.minutes) {
		return time.Time{}, false
	}
	return l.start(l.minutes[l.taken]), true
}

func (l *lane[M]) take() error {
	l.taken++
	return l.add(l.minutes[l.taken-1])
}

// test returns the comparison as a member of a panel.
func (c Comparison) test() (test, error) {
	if c.Problem != "" || c.Missing != "" {
		c.Minutes, c.Latency, c.Throughput = nil, nil, nil
	}
	switch {
	case c.Latency != nil:
		p, err := NewLatency(c.Settings)
		if err != nil {
			return nil, c.wrap(err)
		}
		add := func(m LatencyMinute) error { return c.wrap(p.Add(m)) }
		return &comparedLatency{c, p, lane[LatencyMinute]{minutes: c.Latency, start: func(m LatencyMinute) time.Time { return m.Start }, add: add}}, nil
	case c.Throughput != nil:
		p, err := NewThroughput(c.Settings)
		if err != nil {
			return nil, c.wrap(err)
		}
		add := func(m WorkMinute) error { return c.wrap(p.Add(m)) }
		return &comparedThroughput{c, p, lane[WorkMinute]{minutes: c.Throughput, start: func(m WorkMinute) time.Time { return m.Start }, add: add}}, nil
	}
	noise, err := Noise(c.History)
	if err != nil {
		return nil, c.wrap(fmt.Errorf("history: %w", err))
	}
	c.Settings.Noise = max(c.Settings.Noise, noise)
	p, err := NewProcess(c.Settings)
	if err != nil {
		return nil, c.wrap(err)
	}
	add := func(m Minute) error { return c.wrap(p.Add(m)) }
	return &compared{c, p, lane[Minute]{minutes: c.Minutes, start: func(m Minute) time.Time { return m.Start }, add: add}}, nil
}

// wrap says which comparison an error is about.
func (c Comparison) wrap(err error) error {
	if err == nil {
		return nil
	}
	return &release.Error{Code: release.Invalid, Op: "comparison " + c.Name, Err: err}
}

func (c Comparison) vetoOnly() bool { return c.VetoOnly }

// verdict returns the verdict of a comparison, given what its process says of a canary that nothing has failed.
func (c Comparison) verdict(unfailed release.Verdict, failed bool) release.Verdict {
	switch {
	case failed:
		return release.Fail
	case c.Problem != "":
		return release.Unknown
	case c.Missing != "":
		return release.NoData
	}
	return unfailed
}

// compared is a comparison of failures on its way through its minutes.
type compared struct {
	Comparison
	*Process
	lane[Minute]
}

func (c *compared) catastrophe() bool  { return c.broken != nil }
func (c *compared) canaryUnits() int64 { return c.canary.Units }

func (c *compared) check(failed bool, threshold float64, words words) release.Check {
	check := release.Check{
		Kind: release.CheckComparison, Name: c.Name, VetoOnly: c.VetoOnly, Verdict: c.verdict(c.unfailed(), failed),
		Canary: c.canary, Baseline: c.baseline, EValue: bounded(c.LogE()), Threshold: threshold,
	}
	c.interval(failed && c.broken == nil).tell(&check)
	needed := c.Needed()
	needed.tell(&check)
	words.Metric, words.WarmUp = c.Metric, c.settings.WarmUp
	text := c.Problem + c.Missing
	if text == "" {
		text = words.failures(c.Process, check.Verdict, check.RatioLow, needed)
	}
	check.Sentence = words.named(c.Comparison, text)
	return check
}

// bounded returns e^log within what a float64, and JSON, can hold.
func bounded(log float64) float64 { return math.Exp(min(log, 700)) }

// comparedLatency is a comparison of durations on its way through its minutes.
type comparedLatency struct {
	Comparison
	*LatencyProcess
	lane[LatencyMinute]
}

func (c *comparedLatency) catastrophe() bool  { return false }
func (c *comparedLatency) canaryUnits() int64 { return c.canary }

func (c *comparedLatency) check(failed bool, threshold float64, words words) release.Check {
	told := c.worst()
	check := release.Check{
		Kind: release.CheckComparison, Name: c.Name, VetoOnly: c.VetoOnly, Verdict: c.verdict(c.unfailed(), failed),
		EValue: bounded(c.LogE()), Threshold: threshold,
	}
	if check.Verdict == release.Inconclusive {
		told = c.least()
	}
	slow := c.slow(told)
	check.Canary, check.Baseline = slow.canary, slow.baseline
	slow.interval(false).tell(&check)
	slow.Needed().tell(&check)
	words.Metric, words.WarmUp = c.Metric, c.settings.WarmUp
	check.Sentence = words.named(c.Comparison, words.latency(c, told, check, slow))
	return check
}

// slow returns the units above one threshold as the process of failures sees them: for the interval of their ratio,
// and for how many more it takes.
func (c *comparedLatency) slow(threshold int) *Process {
	p, err := NewProcess(c.settings)
	for _, m := range c.minutes[:c.taken] {
		if err == nil {
			err = p.Add(m.counted(threshold))
		}
	}
	if err != nil { // settings and minutes were accepted before
		panic(err)
	}
	return p
}

// comparedThroughput is a comparison of work done on its way through its minutes.
type comparedThroughput struct {
	Comparison
	*ThroughputProcess
	lane[WorkMinute]
}

func (c *comparedThroughput) catastrophe() bool  { return false }
func (c *comparedThroughput) canaryUnits() int64 { return c.canary.Units }

func (c *comparedThroughput) check(failed bool, threshold float64, words words) release.Check {
	check := release.Check{
		Kind: release.CheckComparison, Name: c.Name, VetoOnly: c.VetoOnly, Verdict: c.verdict(c.unfailed(), failed),
		Canary: release.Arm{Units: c.canary.Units}, Baseline: release.Arm{Units: c.baseline.Units},
		EValue: bounded(c.LogE()), Threshold: threshold,
	}
	c.interval(failed).tell(&check)
	var needed Needed
	if check.Verdict == release.Inconclusive {
		needed = c.needed()
	}
	needed.tell(&check)
	words.Metric, words.WarmUp = c.Metric, c.settings.WarmUp
	check.Sentence = words.named(c.Comparison, words.throughput(c, check, needed))
	return check
}
