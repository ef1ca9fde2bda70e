package conductor_test

import (
	"testing"
	"time"

	"github.com/serin-aws/serin/internal/release"
)

// While it settles a release has no baseline arm: what is seen is told as it is, and a veto is a veto.
func TestWhatIsSeenWhileSettling(t *testing.T) {
	alarm := func(name, state string, v release.Verdict) release.Check {
		return release.Check{Kind: release.CheckAlarm, Name: name, State: state, Verdict: v}
	}
	ok, blind := alarm("a", "OK", release.Pass), alarm("b", "INSUFFICIENT_DATA", release.NoData)
	sample := release.Check{Kind: release.CheckSample, Verdict: release.NoData, Sentence: "no canary messages seen"}
	for name, c := range map[string]struct {
		judged   release.Judgement
		verdict  release.Verdict
		sentence string
		next     release.Next
	}{
		"no alarm":   {release.Judgement{Verdict: release.NoData, Sentence: "no canary messages seen", Checks: []release.Check{sample}}, release.NoData, "no alarm is named, so only the health of what runs is watched", release.NextWait},
		"one is OK":  {release.Judgement{Verdict: release.NoData, Checks: []release.Check{ok, sample}}, release.Pass, "alarm a is OK", release.NextWait},
		"one, blind": {release.Judgement{Verdict: release.NoData, Checks: []release.Check{blind, sample}}, release.NoData, "alarm b has no data and has not fired", release.NextWait},
		"two":        {release.Judgement{Verdict: release.NoData, Checks: []release.Check{ok, blind, sample}}, release.Pass, "none of 2 alarms has fired, 1 of them without data", release.NextWait},
		"both OK":    {release.Judgement{Verdict: release.NoData, Checks: []release.Check{ok, ok}}, release.Pass, "both alarms are OK", release.NextWait},
		"one fires":  {release.Judgement{Verdict: release.Fail, Sentence: "alarm a went to ALARM", Checks: []release.Check{ok}}, release.Fail, "alarm a went to ALARM", release.NextRollback},
	} {
		s := newStage(t)
		s.baked()
		s.want(release.NextPromote, "check-alarms")
		s.want(release.NextSettle, "promote")
		s.later(time.Minute)
		s.judgement = c.judged
		s.want(c.next, "check-alarms")
		if got := s.release().Judgement; got.Verdict != c.verdict || got.Sentence != c.sentence {
			t.Errorf("%s: %s, %q", name, got.Verdict, got.Sentence)
		}
	}
}
