package judge

import (
	"fmt"
	"strings"
	"time"

	"github.com/serin-aws/serin/internal/release"
)

// words make the sentences of one look.
type words struct {
	unit  string    // in the plural
	since time.Time // the canary's start
	until time.Time // the end of the newest complete minute; zero where unknown
	many  bool      // several comparisons: each is named
	alpha float64
}

// named puts a comparison's name before what it says, where there are others.
func (w words) named(c Comparison, text string) string {
	if w.many {
		return c.Name + ": " + text
	}
	return text
}

// failures returns what a comparison of failures says.
func (w words) failures(c *compared, check release.Check, needed Needed) string {
	switch check.Verdict {
	case release.Unknown:
		return c.Problem
	case release.Fail:
		return w.fail(c, check)
	case release.NoData:
		return w.noData(c.Comparison, c.canarySeen, c.baselineSeen)
	case release.Pass:
		return w.pass(c)
	}
	return w.inconclusive(c, needed)
}

func (w words) fail(c *compared, check release.Check) string {
	if b := c.broken; b != nil {
		return fmt.Sprintf("canary fails %s of its last %s against %s of %s at the same time: far beyond chance, so not tested any longer",
			percent(b.canary.Rate()), w.units(b.canary.Units), percent(b.baseline.Rate()), count(b.baseline.Units))
	}
	return fmt.Sprintf("canary fails %s of %s against %s of %s: at least %s times as often; chance of a false alarm below %s",
		percent(c.canary.Rate()), w.units(c.canary.Units), percent(c.baseline.Rate()), count(c.baseline.Units),
		least(check.RatioLow), percent(w.alpha))
}

func (w words) pass(c *compared) string {
	if !c.excludesWorse() {
		return fmt.Sprintf("%s without a failure, and the primary has none; a failure rate of %s is excluded (%s)",
			w.canaryUnits(c.canary.Units), percent(c.settings.ErrorFree), percent(1-c.settings.Beta))
	}
	return fmt.Sprintf("%s; a failure rate %s times the primary's is excluded (at most %s times, %s)",
		w.canaryUnits(c.canary.Units), number(c.settings.Worse), most(c.AtMost()), percent(1-c.settings.Beta))
}

func (w words) inconclusive(c *compared, needed Needed) string {
	what := "a doubled failure rate"
	if c.settings.Worse != 2 {
		what = fmt.Sprintf("a failure rate %s times the primary's", number(c.settings.Worse))
	}
	seen := fmt.Sprintf("%s so far", w.canaryUnits(c.canary.Units))
	if needed.Units == 0 {
		return seen + "; too few to tell " + what + " from chance"
	}
	units := rough(needed.Units)
	return fmt.Sprintf("%s; about %s more (%s at this rate) are needed to tell %s from chance",
		seen, count(units), minutes(needed.Minutes*float64(units)/float64(needed.Units)), what)
}

func (w words) noData(c Comparison, canary, baseline int64) string {
	since := clock(w.since, w.since)
	switch {
	case !w.until.IsZero() && w.until.Sub(w.since) < time.Minute:
		return fmt.Sprintf("the canary has worked since %s; its first whole minute is not complete in CloudWatch yet", since)
	case canary == 0 && c.Metric != "":
		return fmt.Sprintf("no canary metric %s since %s; is the canary publishing?", c.Metric, since)
	case canary == 0:
		return fmt.Sprintf("no canary %s counted since %s; is the canary publishing?", w.unit, since)
	case baseline == 0:
		return fmt.Sprintf("no %s of the primary counted since %s; there is nothing to compare with", w.unit, since)
	}
	return fmt.Sprintf("no minute since %s in which canary and primary both worked; there is nothing to compare yet", since)
}

// latency returns what a comparison of durations says, by the threshold that speaks most against the canary.
func (w words) latency(c *comparedLatency, check release.Check) string {
	slow := fmt.Sprintf("%s of %s slower than the primary's %s before the release, against %s of %s",
		percent(check.Canary.Rate()), w.canaryUnits(check.Canary.Units), slower[c.worst()], percent(check.Baseline.Rate()), count(check.Baseline.Units))
	switch check.Verdict {
	case release.Unknown:
		return c.Problem
	case release.NoData:
		return w.noData(c.Comparison, c.canary, c.baseline)
	case release.Fail:
		return slow + "; chance of a false alarm below " + percent(w.alpha)
	case release.Pass:
		return fmt.Sprintf("%s; %s times the odds of being slow are excluded (%s)", slow, number(c.settings.Worse), percent(1-c.settings.Beta))
	}
	return slow + "; too few to tell from chance"
}

// throughput returns what a comparison of work done says.
func (w words) throughput(c *comparedThroughput, check release.Check) string {
	did := fmt.Sprintf("a canary worker does %s %s a minute against %s of a primary worker",
		number(c.canary.rate()), w.unit, number(c.baseline.rate()))
	switch check.Verdict {
	case release.Unknown:
		return c.Problem
	case release.NoData:
		return w.noData(c.Comparison, 0, c.baseline.Units)
	case release.Fail:
		return did + "; chance of a false alarm below " + percent(w.alpha)
	case release.Pass:
		return fmt.Sprintf("%s; that the primary does %s times as much is excluded (%s)", did, number(c.settings.Worse), percent(1-c.settings.Beta))
	}
	return did + "; too few to tell from chance"
}

// share returns what the share of the work says.
func (w words) share(s *share, verdict release.Verdict) string {
	if verdict == release.NoData {
		return fmt.Sprintf("no %s counted yet while both versions ran", w.unit)
	}
	does, explain := percent(float64(s.canary)/float64(s.all)), percent(s.expected/float64(s.all))
	if verdict == release.Fail {
		return fmt.Sprintf("canary did %s of %s where its tasks explain %s: less than half or more than twice its part; chance of a false alarm below %s",
			does, w.units(s.all), explain, percent(w.alpha))
	}
	return fmt.Sprintf("canary did %s of %s; its tasks explain %s", does, w.units(s.all), explain)
}

// sample returns what is to be said of the number of units.
func (w words) sample(units, least int64) string {
	if units == 0 {
		return fmt.Sprintf("no canary %s seen since %s: nothing to judge by", w.unit, clock(w.since, w.since))
	}
	return fmt.Sprintf("%s seen; at least %s are asked for", w.canaryUnits(units), count(least))
}

// units returns "1 message" or "812 messages".
func (w words) units(n int64) string {
	if n == 1 {
		return "1 " + strings.TrimSuffix(w.unit, "s")
	}
	return count(n) + " " + w.unit
}

// canaryUnits returns "1 canary message" or "96 canary messages".
func (w words) canaryUnits(n int64) string {
	unit := w.unit
	if n == 1 {
		unit = strings.TrimSuffix(w.unit, "s")
	}
	return count(n) + " canary " + unit
}
