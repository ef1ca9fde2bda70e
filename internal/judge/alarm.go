package judge

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/serin-aws/serin/internal/release"
)

// check judges one alarm. An alarm only vetoes: it fails the canary when it is in ALARM, or was at any time since the
// canary's start, although it may have cleared between two looks. INSUFFICIENT_DATA neither fails nor is evidence:
// alarms on an idle dead-letter queue live there. A state that CloudWatch does not have stays unknown.
func (a Alarm) check() release.Check {
	check := release.Check{Kind: release.CheckAlarm, Name: a.Name, Verdict: a.verdict(), State: string(a.State)}
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

// sentence returns what an alarm says.
func (a Alarm) sentence(verdict release.Verdict) string {
	switch {
	case a.Overridden:
		return fmt.Sprintf("alarm %s does not count for this release: a person overrode it", a.Name)
	case verdict == release.Fail:
		return "alarm " + a.Name + " " + a.story()
	case verdict == release.Unknown:
		return fmt.Sprintf("alarm %s is in the state %q, which is none that CloudWatch has", a.Name, a.State)
	case a.State == InsufficientData:
		return fmt.Sprintf("alarm %s has no data: no veto, and no evidence", a.Name)
	case verdict == release.NoData:
		return fmt.Sprintf("alarm %s is OK but had no data at times: no veto, and no evidence", a.Name)
	}
	return fmt.Sprintf("alarm %s is OK and had data all the time", a.Name)
}

// story tells when an alarm fired, whether it came back, and how it was when the canary started.
func (a Alarm) story() string {
	i := a.fired()
	if i < 0 {
		return "is in ALARM" + before(a.Since)
	}
	at := a.Transitions[i].At
	text := "went to ALARM at " + clock(at, at)
	switch {
	case i+1 < len(a.Transitions):
		back := a.Transitions[i+1]
		text = fmt.Sprintf("went to ALARM at %s and back to %s at %s", strings.TrimSuffix(clock(at, at), " UTC"), back.To, clock(back.At, at))
	case a.State != InAlarm:
		text += fmt.Sprintf(" and is %s again", a.State)
	}
	switch more := a.firings() - 1; {
	case more == 1:
		text += ", and once more since"
	case more > 1:
		text += fmt.Sprintf(", and %d times more since", more)
	}
	if a.AtStart != "" {
		text += fmt.Sprintf("; it was %s when the canary started", a.AtStart)
	}
	return text
}

// firings counts the transitions to ALARM.
func (a Alarm) firings() int {
	n := 0
	for _, t := range a.Transitions {
		if t.To == InAlarm {
			n++
		}
	}
	return n
}

func before(since time.Time) string {
	if since.IsZero() {
		return ""
	}
	return fmt.Sprintf(" since %s, from before the canary started", clock(since, since))
}
