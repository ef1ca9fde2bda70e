package bench

import (
	"fmt"
	"io"
	"strconv"
	"strings"
)

// Tables writes all tables, in Markdown.
func Tables(out io.Writer, r Runs) error {
	t := tables{Runs: r}
	t.goodOnes()
	t.badOnes()
	t.worseOnes()
	_, err := io.WriteString(out, t.String())
	return err
}

type tables struct {
	Runs
	strings.Builder
}

func (t *tables) line(format string, args ...any) { fmt.Fprintf(&t.Builder, format+"\n", args...) }

func (t *tables) row(cells ...string) { t.line("| %s |", strings.Join(cells, " | ")) }

func (t *tables) head(cells ...string) {
	t.row(cells...)
	t.line("|%s", strings.Repeat("---|", len(cells)))
}

func names() []string {
	all := make([]string, len(rules))
	for i, rule := range rules {
		all[i] = rule.name
	}
	return all
}

func (t *tables) goodOnes() {
	t.line("### A good canary rolled back, %% of releases\n")
	t.line("60 minutes, a look a minute. In brackets Clopper and Pearson's 95 %% bounds; %d runs each, %d of the rank test; seed %d.\n", t.Good, min(t.Good, t.Rank), t.Seed)
	t.head(append(append([]string{"scenario"}, names()...), "serin passes")...)
	for i, s := range Good() {
		g := t.good(1, i, s)
		cells := []string{g.name}
		for j, share := range g.rolledBack {
			cells = append(cells, percent(share, j == 0))
		}
		t.row(append(cells, percent(g.passed, false))...)
	}
	t.line("\nRandom: %s. Noisy: %s. A history is 4 hours in which both arms ran the same version.\n", randomRanges, noisyRanges)
}

func percent(s share, bounds bool) string {
	text := digits(100 * s.part())
	if low, high := s.bounds(); bounds {
		text += fmt.Sprintf(" (%s - %s)", digits(100*low), digits(100*high))
	}
	return text
}

// digits writes two decimals below ten, one or none above.
func digits(x float64) string {
	decimals := 2
	if x >= 10 {
		decimals = 1
	}
	text := strconv.FormatFloat(x, 'f', decimals, 64)
	return strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
}

func (t *tables) badOnes() {
	t.line("### A bad canary caught, mean minutes from its first bad minute / failures of the canary until then\n")
	t.line("%d runs each, %d of the rank test; seed %d. A rule that fired before the onset is left out there; one that never fired is counted as if it had at the end, 60 minutes after the onset.\n", t.Bad, min(t.Bad, t.Rank), t.Seed)
	t.head(append(append([]string{"scenario"}, names()...), "oracle", "oracle, onset unknown", "aim")...)
	for i, s := range Bad() {
		b := t.bad(2, i, s)
		cells := []string{b.name}
		for _, d := range b.delays {
			cells = append(cells, d.text())
		}
		aim := fixedDigits(b.limit())
		if b.delays[0].mean() <= b.limit() {
			aim += ", met"
		} else {
			aim += ", missed"
		}
		unknown := "-"
		if b.late {
			unknown = fixedDigits(b.unknown.mean())
		}
		t.row(append(cells, b.oracle.text(), unknown, aim)...)
	}
	t.line("\nRandom: %s. The aim is 1.3 times the oracle's minutes and 1 more, 3 more where the onset is late.\n", badRanges)
}

func fixedDigits(x float64) string { return strconv.FormatFloat(x, 'f', 2, 64) }

// text is the mean delay and the failures until then, and what part was not caught or caught too early.
func (d delay) text() string {
	if len(d.minutes) == 0 {
		return "fires before"
	}
	text := fmt.Sprintf("%s / %.0f", fixedDigits(d.mean()), d.failures())
	if part := d.missed.part(); part >= .005 {
		text += fmt.Sprintf(", %.0f %% missed", 100*part)
	}
	if part := d.early.part(); part >= .005 {
		text += fmt.Sprintf(", %.0f %% before", 100*part)
	}
	return text
}

func (t *tables) worseOnes() {
	t.line("### A canary twice as bad that passes, %% of releases\n")
	t.line("60 minutes, 6,000 units a minute, share 10 %%; %d runs each; seed %d. A release asks once, at its end.\n", t.Bad, t.Seed)
	t.head("failure rate", "at the end", "at any look of the hour")
	for i, rate := range []float64{.001, .002, .01, .05} {
		ever, end := t.falsePasses(3, i, world{perMinute: 6000, share: .1, failures: rate, minutes: 60, onset: 1, ratio: 2})
		t.row(strconv.FormatFloat(100*rate, 'g', -1, 64)+" %", percent(end, true), percent(ever, true))
	}
}
