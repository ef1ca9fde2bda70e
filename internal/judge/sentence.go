package judge

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/serin-aws/serin/internal/release"
)

// Words are what the sentences about a process are made with.
type Words struct {
	Unit     string    // what a unit of work is called, in the plural; default "units"
	Baseline string    // what the baseline is called; default "primary"
	Metric   string    // where the canary's work is counted; may be empty
	WarmUp   int       // first minutes that are not compared
	Since    time.Time // the canary's start; sentences name no time where it is zero
	Until    time.Time // the end of the newest complete minute; zero where unknown
}

// Sentence says in one sentence what the minutes so far say, and why.
func (p *Process) Sentence(w Words) string {
	if w.Unit == "" {
		w.Unit = "units"
	}
	if w.Baseline == "" {
		w.Baseline = "primary"
	}
	return words{Words: w, alpha: p.settings.Alpha}.failures(p, p.Verdict(), p.Interval().Low, p.Needed())
}

// words make the sentences of one look.
type words struct {
	Words
	many  bool // several comparisons: each is named
	alpha float64
}

// named puts a comparison's name before what it says, where there are others.
func (w words) named(c Comparison, text string) string {
	if w.many {
		return c.Name + ": " + text
	}
	return text
}

// failures returns what a comparison of failures says at a verdict.
func (w words) failures(p *Process, verdict release.Verdict, low float64, needed Needed) string {
	switch verdict {
	case release.Fail:
		return w.fail(p, low)
	case release.Pass:
		return w.pass(p)
	case release.Inconclusive:
		return w.inconclusive(p, needed)
	}
	return w.noData(p.canarySeen, p.baselineSeen, p.fromBefore)
}

func (w words) fail(p *Process, low float64) string {
	if b := p.broken; b != nil {
		return fmt.Sprintf("canary fails %s of its last %s against %s of %s%s: far beyond chance, so not tested any longer",
			percent(b.canary.Rate()), w.units(b.canary.Units), percent(b.baseline.Rate()), count(b.baseline.Units), cmp.Or(p.when(), " at the same time"))
	}
	return fmt.Sprintf("canary fails %s of %s against %s of %s%s: at least %s times as often; chance of a false alarm below %s",
		percent(p.canary.Rate()), w.units(p.canary.Units), percent(p.baseline.Rate()), count(p.baseline.Units), p.when(),
		least(low), percent(w.alpha))
}

func (w words) pass(p *Process) string {
	if !p.excludesWorse() {
		return fmt.Sprintf("%s without a failure, and the %s has none%s; a failure rate of %s is excluded (%s)",
			w.canaryUnits(p.canary.Units), w.Baseline, p.when(), percent(p.settings.ErrorFree), percent(1-p.settings.Beta))
	}
	bound := "at most " + most(p.AtMost()) + " times, "
	if most(p.AtMost()) == exact(p.settings.Worse) { // a little less, which would read as a contradiction
		bound = ""
	}
	return fmt.Sprintf("%s; a failure rate %s times the %s's%s is excluded (%s%s)",
		w.canaryUnits(p.canary.Units), exact(p.settings.Worse), w.Baseline, p.when(), bound, percent(1-p.settings.Beta))
}

func (w words) inconclusive(p *Process, needed Needed) string {
	what := "a doubled failure rate"
	if p.settings.Worse != 2 {
		what = fmt.Sprintf("a failure rate %s times the %s's", exact(p.settings.Worse), w.Baseline)
	}
	seen := fmt.Sprintf("%s so far", w.canaryUnits(p.canary.Units))
	if needed.Units == 0 {
		return seen + "; too few to tell " + what + " from chance"
	}
	units, span := needed.roughly()
	return fmt.Sprintf("%s; about %s more (%s at this rate) are needed to tell %s from chance", seen, units, span, what)
}

func (w words) noData(canary, baseline int64, former bool) string {
	since := ""
	if !w.Since.IsZero() {
		since = " since " + clock(w.Since, w.Since)
	}
	switch {
	case !w.Until.IsZero() && w.Until.Sub(w.Since) < time.Minute:
		return fmt.Sprintf("the canary has worked%s; its first whole minute is not complete in CloudWatch yet", since)
	case !w.Until.IsZero() && w.Until.Sub(w.Since) <= time.Duration(w.WarmUp+1)*time.Minute && w.WarmUp > 0:
		return fmt.Sprintf("the canary has worked%s and warms up: its first %s are not compared", since, minutes(float64(w.WarmUp)))
	case canary == 0 && w.Metric != "":
		return fmt.Sprintf("no canary metric %s%s; is the canary publishing?", w.Metric, since)
	case canary == 0:
		return fmt.Sprintf("no canary %s counted%s; is the canary publishing?", w.Unit, since)
	case baseline == 0 && former:
		return fmt.Sprintf("no %s of the %s counted before the release; there is nothing to compare with", w.Unit, w.Baseline)
	case baseline == 0:
		return fmt.Sprintf("no %s of the %s counted%s; there is nothing to compare with", w.Unit, w.Baseline, since)
	}
	return fmt.Sprintf("no minute%s in which canary and %s both worked; there is nothing to compare yet", since, w.Baseline)
}

// latency returns what a comparison of durations says, by one threshold.
func (w words) latency(c *comparedLatency, threshold int, check release.Check, slow *Process) string {
	limit := fmt.Sprintf("the %s's %s before the release", w.Baseline, slower[threshold])
	if at := c.Limits[threshold]; at != "" {
		limit = at + ", " + limit
	}
	text := fmt.Sprintf("%s of %s took longer than %s, against %s of %s%s",
		percent(check.Canary.Rate()), w.canaryUnits(check.Canary.Units), limit, percent(check.Baseline.Rate()), count(check.Baseline.Units), slow.when())
	needed := slow.Needed()
	switch {
	case c.Problem+c.Missing != "":
		return c.Problem + c.Missing
	case check.Verdict == release.NoData:
		return w.noData(c.canary, c.baseline, slow.fromBefore)
	case check.Verdict == release.Fail && check.RatioLow > 1:
		return fmt.Sprintf("%s: at least %s times as often; chance of a false alarm below %s", text, least(check.RatioLow), percent(w.alpha))
	case check.Verdict == release.Fail:
		return text + "; chance of a false alarm below " + percent(w.alpha)
	case check.Verdict == release.Pass:
		return fmt.Sprintf("%s; %s times the odds of being slow are excluded (%s)", text, exact(c.settings.Worse), percent(1-c.settings.Beta))
	case needed.Units == 0:
		return text + "; too few to tell from chance"
	}
	units, span := needed.roughly()
	return fmt.Sprintf("%s; about %s more (%s at this rate) are needed to tell it from chance", text, units, span)
}

// throughput returns what a comparison of work done says.
func (w words) throughput(c *comparedThroughput, check release.Check, needed Needed) string {
	did := fmt.Sprintf("a canary worker does %s %s a minute against %s of a %s worker",
		number(c.canary.rate()), w.Unit, number(c.baseline.rate()), w.Baseline)
	switch check.Verdict {
	case release.Unknown:
		return c.Problem
	case release.NoData:
		if c.Missing != "" {
			return c.Missing
		}
		return w.noData(0, c.baseline.Units, false)
	case release.Fail:
		return fmt.Sprintf("%s: the %s at least %s times as much; chance of a false alarm below %s", did, w.Baseline, least(check.RatioLow), percent(w.alpha))
	case release.Pass:
		return fmt.Sprintf("%s; that the %s does %s times as much is excluded (%s)", did, w.Baseline, exact(c.settings.Worse), percent(1-c.settings.Beta))
	}
	if needed.Units == 0 {
		return did + "; too few to tell from chance"
	}
	units, span := needed.roughly()
	return fmt.Sprintf("%s; about %s more %s of the canary (%s at this rate) are needed to tell it from chance", did, units, w.Unit, span)
}

// share returns what the share of the work says.
func (w words) share(s *share, verdict release.Verdict) string {
	if verdict == release.NoData {
		return fmt.Sprintf("no %s counted yet while both versions ran", w.Unit)
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
		return fmt.Sprintf("no canary %s seen since %s: nothing to judge by", w.Unit, clock(w.Since, w.Since))
	}
	return fmt.Sprintf("%s seen; at least %s are asked for", w.canaryUnits(units), count(least))
}

// units returns "1 message" or "812 messages".
func (w words) units(n int64) string {
	if n == 1 {
		return "1 " + strings.TrimSuffix(w.Unit, "s")
	}
	return count(n) + " " + w.Unit
}

// canaryUnits returns "1 canary message" or "96 canary messages".
func (w words) canaryUnits(n int64) string {
	unit := w.Unit
	if n == 1 {
		unit = strings.TrimSuffix(w.Unit, "s")
	}
	return count(n) + " canary " + unit
}
