package judge

import (
	"math"
	"slices"
	"time"

	"github.com/serin-aws/serin/internal/release"
)

// panel runs all tests of a release side by side under one bound. It fails the canary at the first minute in which the
// weighted average of their e-values reaches 1/alpha, or a fast path fires. An average of e-values is an e-value
// whatever the dependence between them (Vovk and Wang, 2021; Wang, arXiv 2409.19888), so the chance of a false alarm
// is at most alpha for all of them together. A product would need independence, which metrics of one service never
// have.
type panel struct {
	alpha   float64
	members []member
	failed  bool
}

// member is a test with its part of alpha: the parts of a panel sum to 1.
type member struct {
	test
	part    float64
	decided bool // it made the panel fail
}

// test is an e-process that is led through its minutes.
type test interface {
	LogE() float64
	next() (at time.Time, ok bool) // the start of the minute it would take
	take() error                   // puts that minute in
	catastrophe() bool             // fails the canary whatever the e-values say
	check(failed bool, threshold float64, words words) release.Check
}

// run leads all members through the minutes in the order of time, and stops at the first fail: what comes after a
// decision is no evidence for it.
func (p *panel) run() error {
	threshold := -math.Log(p.alpha)
	for !p.failed {
		at, ok := p.next()
		if !ok {
			return nil
		}
		for _, m := range p.members {
			if start, ok := m.next(); !ok || !start.Equal(at) {
				continue
			}
			if err := m.take(); err != nil {
				return err
			}
		}
		p.decide(threshold)
	}
	return nil
}

// next returns the earliest minute that any member has left.
func (p *panel) next() (at time.Time, ok bool) {
	for _, m := range p.members {
		if start, has := m.next(); has && (!ok || start.Before(at)) {
			at, ok = start, true
		}
	}
	return at, ok
}

func (p *panel) decide(threshold float64) {
	for i := range p.members {
		if m := &p.members[i]; m.catastrophe() {
			m.decided, p.failed = true, true
		}
	}
	// No average is above its largest part, and the largest part is cheap to look at.
	if !slices.ContainsFunc(p.members, func(m member) bool { return m.LogE() >= threshold }) || p.logE() < threshold {
		return
	}
	p.failed = true
	for i := range p.members {
		if m := &p.members[i]; m.LogE() >= threshold {
			m.decided = true
		}
	}
}

// logE returns the logarithm of the weighted average.
func (p *panel) logE() float64 {
	log := math.Inf(-1)
	for _, m := range p.members {
		log = logAddExp(log, math.Log(m.part)+m.LogE())
	}
	return log
}

// threshold returns the e-value at which this member alone fails the canary.
func (p *panel) threshold(m member) float64 { return 1 / (p.alpha * m.part) }
