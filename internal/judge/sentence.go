package judge

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/serin-aws/serin/internal/release"
)

// words make the sentences of one look.
type words struct {
	unit  string    // in the plural
	since time.Time // the canary's start
	many  bool      // several comparisons: each is named
	alpha float64
}

// comparison returns what a comparison says.
func (w words) comparison(c *compared, check release.Check, needed Needed) string {
	text := w.compared(c, check, needed)
	if w.many {
		return c.Name + ": " + text
	}
	return text
}

func (w words) compared(c *compared, check release.Check, needed Needed) string {
	switch check.Verdict {
	case release.Unknown:
		return c.Problem
	case release.Fail:
		return w.fail(c, check)
	case release.NoData:
		return w.noData(c)
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
			w.units(c.canary.Units), percent(c.settings.ErrorFree), percent(1-c.settings.Beta))
	}
	return fmt.Sprintf("%s; a failure rate %s times the primary's is excluded (at most %s times, %s)",
		w.units(c.canary.Units), number(c.settings.Worse), most(c.AtMost()), percent(1-c.settings.Beta))
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
	return fmt.Sprintf("%s; about %s more (%s at this rate) are needed to tell %s from chance",
		seen, count(rough(needed.Units)), minutes(needed.Minutes), what)
}

func (w words) noData(c *compared) string {
	if c.canary.Units == 0 {
		metric := c.Metric
		if metric == "" {
			return fmt.Sprintf("no canary %s counted since %s; is the canary publishing?", w.unit, clock(w.since, w.since))
		}
		return fmt.Sprintf("no canary metric %s since %s; is the canary publishing?", metric, clock(w.since, w.since))
	}
	return fmt.Sprintf("no %s of the primary counted since %s; there is nothing to compare with", w.unit, clock(w.since, w.since))
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
	if more := a.firings() - 1; more > 0 {
		text += fmt.Sprintf(", and %d more since", more)
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

// count returns a whole number with its thousands set apart.
func count(n int64) string {
	digits := strconv.FormatInt(n, 10)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

// rough rounds up to two digits: more would promise too much.
func rough(n int64) int64 {
	unit := int64(1)
	for n/unit >= 100 {
		unit *= 10
	}
	return (n + unit - 1) / unit * unit
}

// percent returns a part as percent with two digits, one above 10 %: "3.1 %", "0.4 %", "31 %".
func percent(part float64) string {
	if p := 100 * part; p < 99.5 || p == math.Trunc(p) {
		return number(p) + " %"
	}
	return strconv.FormatFloat(100*part, 'f', 1, 64) + " %"
}

// number returns two digits, and no zeros at the end.
func number(x float64) string { return digits(x, math.Round) }

// hair is what binary fractions are off: 1.4 must not become 1.5 when rounded up.
const hair = 1e-9

// least and most return a ratio with two digits, rounded so that "at least" and "at most" stay true.
func least(x float64) string { return digits(x, func(y float64) float64 { return math.Floor(y + hair) }) }
func most(x float64) string  { return digits(x, func(y float64) float64 { return math.Ceil(y - hair) }) }

func digits(x float64, round func(float64) float64) string {
	if x == 0 {
		return "0"
	}
	magnitude := math.Floor(math.Log10(math.Abs(x)) + hair)
	unit := math.Pow(10, magnitude-1)
	text := strconv.FormatFloat(round(x/unit)*unit, 'f', max(0, 1-int(magnitude)), 64)
	if strings.Contains(text, ".") {
		text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
	}
	return text
}

// minutes returns a number of minutes as people say it.
func minutes(n float64) string {
	switch n = math.Ceil(n); {
	case !(n < 1e6):
		return "never"
	case n == 1:
		return "1 minute"
	case n < 120:
		return fmt.Sprintf("%.0f minutes", n)
	}
	return fmt.Sprintf("%.0f hours", math.Ceil(n/60))
}

// clock returns a time of the day, with the day where it is another than that of the reference.
func clock(t, reference time.Time) string {
	t, reference = t.UTC(), reference.UTC()
	if t.YearDay() != reference.YearDay() || t.Year() != reference.Year() {
		return t.Format("2 Jan 15:04:05 UTC")
	}
	return t.Format("15:04:05 UTC")
}
