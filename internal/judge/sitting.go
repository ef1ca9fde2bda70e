package judge

import (
	"slices"
	"sync"
	"time"

	"github.com/serin-aws/serin/internal/release"
)

// Sitting judges the looks at a release one after another and says at each what Judge says of it: minutes that an
// earlier look has folded are not folded again. Where the evidence is not that of the look before with later minutes
// behind it - counts came late, or it is of another release - all of it is folded anew. The zero value has judged
// nothing.
type Sitting struct {
	mu    sync.Mutex
	seen  Evidence // of the look before
	panel *panel   // that has folded it; nil: there is nothing to go on from
}

// Judge is the function Judge.
func (s *Sitting) Judge(e Evidence) (release.Judgement, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e = e.withDefaults()
	p := s.panel
	s.panel = nil // whatever goes wrong
	if p != nil && e.continues(s.seen) {
		p.goOn(e)
	} else {
		var err error
		if p, err = e.panel(); err != nil {
			return release.Judgement{}, err
		}
	}
	if err := p.run(); err != nil {
		return release.Judgement{}, err
	}
	s.seen, s.panel = e, p
	return e.judgement(p), nil
}

// continues reports whether the evidence is that of an earlier look with later minutes behind it, as far as its tests are
// concerned. Of latencies and throughput nothing is said, nor of what could not be read.
func (e Evidence) continues(before Evidence) bool {
	if e.FalseRollback != before.FalseRollback || e.MinimumSample != before.MinimumSample || len(e.Comparisons) != len(before.Comparisons) {
		return false
	}
	last := before.last()
	for i, c := range e.Comparisons {
		earlier := before.Comparisons[i]
		if !c.continues(earlier) || len(c.Minutes) > len(earlier.Minutes) && !c.Minutes[len(earlier.Minutes)].Start.After(last) {
			return false
		}
	}
	known := len(before.Shares)
	if known == 0 || known > len(e.Shares) {
		return len(e.Shares) == known
	}
	// What is expected of a minute depends on a change of the tasks that came before its end.
	return slices.Equal(e.Shares[:known], before.Shares) && (known == len(e.Shares) || !e.Shares[known].At.Before(last.Add(time.Minute)))
}

// last returns the start of the newest minute of all comparisons.
func (e Evidence) last() (last time.Time) {
	for _, c := range e.Comparisons {
		if n := len(c.Minutes); n > 0 {
			last = later(last, c.Minutes[n-1].Start)
		}
	}
	return last
}

func (c Comparison) continues(before Comparison) bool {
	folded := len(before.Minutes)
	return c.counts() && before.counts() && c.Name == before.Name && c.Weight == before.Weight && c.Settings == before.Settings &&
		folded <= len(c.Minutes) && slices.Equal(c.Minutes[:folded], before.Minutes) && slices.Equal(c.History, before.History)
}

// counts reports whether a comparison is one of minutes of failures, and could be read.
func (c Comparison) counts() bool {
	return c.Latency == nil && c.Throughput == nil && c.Problem == "" && c.Missing == ""
}

// goOn gives the tests the minutes that have come since, and everything else that the evidence says now.
func (p *panel) goOn(e Evidence) {
	for i, c := range e.Comparisons {
		counts := p.members[i].test.(*compared)
		c.Weight, c.Settings = counts.Weight, counts.Settings // as they were completed
		counts.Comparison, counts.minutes = c, c.Minutes
	}
	for _, m := range p.members {
		if s, ok := m.test.(*share); ok {
			s.tasks, s.minutes = e.Shares, e.Comparisons[0].Minutes
		}
	}
}
