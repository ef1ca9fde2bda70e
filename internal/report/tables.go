package report

import (
	"fmt"

	"github.com/serin-aws/serin/internal/price"
	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/story"
)

// eventRow is one line of the ledger's story.
type eventRow struct {
	Seq               int64
	At, Machine       string
	Phase, Kind, Text string
	Class, Sign       string
}

// eventRows lists every durable event, and of the looks those that changed the verdict.
func eventRows(s *story.Story) []eventRow {
	var rows []eventRow
	verdict := release.Verdict(-1)
	looks := 0
	for _, event := range s.Events {
		if event.Kind == release.EventPhase && event.Phase.Final() {
			continue // the event that follows says the same
		}
		row := eventRow{
			Seq: event.Seq, At: clock(event.At), Machine: event.At.UTC().Format("2006-01-02T15:04:05Z"), Phase: string(event.Phase),
			Kind: string(event.Kind), Text: story.Short(event.Text),
		}
		row.Sign, row.Class = eventSign(event)
		if event.Kind == release.EventLook {
			if looks >= len(s.Looks) {
				continue // one that could not be decoded
			}
			look := s.Looks[looks]
			looks++
			if look.Judgement.Verdict == verdict {
				continue
			}
			verdict = look.Judgement.Verdict
			row.Class = verdictClass(verdict)
			row.Text = lookWord(look) + ": " + look.Judgement.Sentence
		}
		rows = append(rows, row)
	}
	return rows
}

func eventSign(event release.Event) (sign, class string) {
	switch event.Kind {
	case release.EventLook:
		return "\u25c9", ""
	case release.EventDecision:
		return "\u25c6", "decision"
	case release.EventCalled:
		return "\u260e", "fail"
	case release.EventFinished:
		switch event.Phase {
		case release.Released:
			return "\u2714", "pass"
		case release.Dirty:
			return "!", "fail"
		case release.Abandoned:
			return "\u2016", "fail"
		}
		return "\u21b6", "fail"
	case release.EventPhase, release.EventOpened:
		return "\u25b8", ""
	}
	return "\u00b7", ""
}

// lookRow is one look of the judge.
type lookRow struct {
	At, Weight, Class, Verdict, EValue, Ratio, Sentence string
}

// tableRows is how many rows a table holds at most; of more, every n-th is shown.
const tableRows = 500

func every(rows int) int { return max(1, (rows+tableRows-1)/tableRows) }

// title names a table, and says so where it does not hold every row.
func title(name string, rows int) string {
	if n := every(rows); n > 1 {
		return fmt.Sprintf("%s (one in %d of %s)", name, n, release.Count(int64(rows)))
	}
	return fmt.Sprintf("%s (%s)", name, release.Count(int64(rows)))
}

func lookRows(s *story.Story) []lookRow {
	var rows []lookRow
	for i, look := range s.Looks {
		if i%every(len(s.Looks)) != 0 && i != len(s.Looks)-1 {
			continue
		}
		row := lookRow{
			At: clock(look.At), Weight: story.Percent(float64(look.Weight) / 100), Class: verdictClass(look.Judgement.Verdict),
			Verdict: lookWord(look), Sentence: look.Judgement.Sentence,
		}
		for _, check := range look.Judgement.Checks {
			if check.Kind == release.CheckComparison && check.Threshold > 0 {
				row.EValue, row.Ratio = story.Decimal(check.EValue), ratioText(check)
				break
			}
		}
		rows = append(rows, row)
	}
	return rows
}

// ratioText writes the interval of the rate ratio; 0 stands for unbounded.
func ratioText(check release.Check) string {
	switch {
	case check.RatioLow == 0 && check.RatioHigh == 0:
		return ""
	case check.RatioHigh == 0:
		return "at least " + story.Decimal(check.RatioLow)
	}
	return story.Decimal(check.RatioLow) + " to " + story.Decimal(check.RatioHigh)
}

// numberTable holds the numbers behind the plot of failures, for those who do not see it and for those who doubt it.
type numberTable struct {
	Title string
	Noun  string
	Rows  []numberRow
}

type numberRow struct{ At, New, NewFailed, Old, OldFailed, Moving string }

func numberTables(s *story.Story) []numberTable {
	var tables []numberTable
	for _, measure := range s.Measures {
		table := numberTable{
			Title: title(named("The numbers behind the plot of failures, by minute", measure.Name), len(measure.Minutes)),
			Noun:  s.Release.Target.Platform.Units(),
		}
		for i, at := range measure.Minutes {
			if i%every(len(measure.Minutes)) != 0 {
				continue
			}
			table.Rows = append(table.Rows, numberRow{
				story.Clock(at.At), release.Count(at.New.Units), release.Count(at.New.Failed),
				release.Count(at.Old.Units), release.Count(at.Old.Failed), release.Count(at.Moving.Units),
			})
		}
		tables = append(tables, table)
	}
	return tables
}

// costRow is one line of the bill.
type costRow struct{ Item, Quantity, Unit, USD string }

func costRows(r *story.Rehearsed) (rows []costRow, total, prices string) {
	bill := r.Cost()
	for _, line := range bill.Lines {
		rows = append(rows, costRow{line.Item, story.Decimal(line.Quantity), line.Unit, fmt.Sprintf("%.6f", line.USD)})
	}
	prices = fmt.Sprintf("List prices of %s, %s, without free tiers; logs and traces are not counted.", price.Region, price.Date)
	return rows, fmt.Sprintf("%.6f", bill.USD), prices
}
