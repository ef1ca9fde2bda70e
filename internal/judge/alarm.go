package judge

import (
	"slices"

	"github.com/serin-aws/serin/internal/release"
)

// check judges one alarm. An alarm only vetoes: it fails the canary when it is in ALARM, or was at any time since the
// canary's start, although it may have cleared between two looks. INSUFFICIENT_DATA neither fails nor is evidence:
// alarms on an idle dead-letter queue live there. A state that CloudWatch does not have stays unknown.
func (a Alarm) check() release.Check {
	check := release.Check{Kind: release.CheckAlarm, Name: a.Name, Verdict: a.verdict()}
	check.Sentence = a.sentence(check.Verdict)
	return check
}

func (a Alarm) verdict() release.Verdict {
	switch {
	case a.Overridden:
		return release.NoData
	case a.State == InAlarm || a.fired() >= 0:
		return release.Fail
	case a.State == InsufficientData:
		return release.NoData
	case a.State != OK:
		return release.Unknown
	case a.Throughout:
		return release.Pass
	}
	return release.NoData
}

// fired returns the first transition to ALARM, or -1.
func (a Alarm) fired() int {
	return slices.IndexFunc(a.Transitions, func(t Transition) bool { return t.To == InAlarm })
}
