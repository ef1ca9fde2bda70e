package main

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/serin-aws/serin/internal/judge"
	"github.com/serin-aws/serin/internal/minutes"
	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/report"
	"github.com/serin-aws/serin/internal/story"
)

// pageTeller draws the history as a page.
type pageTeller struct {
	course
	path   reportPath
	replay report.Replay
}

func newPageTeller(name string, settings judge.Settings, path reportPath) *pageTeller {
	return &pageTeller{
		course: course{name: name}, path: path,
		replay: report.Replay{
			Name: filepath.Base(name), Margin: settings.Margin, Worse: settings.Worse,
			Evidence: story.Evidence{Name: "failures", Threshold: 1 / settings.Alpha},
		},
	}
}

func (t *pageTeller) look(row minutes.Row, p *judge.Process) error {
	if err := t.minute(row); err != nil {
		return err
	}
	if t.changed(row, p) && t.verdict == release.Fail {
		t.replay.Decided = row.Minute.Start
	}
	interval := p.Interval()
	check := checkOf(p, interval, t.replay.Evidence.Threshold)
	t.replay.Level = interval.Level
	judgement := release.Judgement{Verdict: check.Verdict, Sentence: check.Sentence, Checks: []release.Check{check}}
	t.replay.Looks = append(t.replay.Looks, story.Look{Look: release.Look{Judgement: judgement}, At: row.Minute.Start})
	t.replay.Evidence.Points = append(t.replay.Evidence.Points, story.EvidencePoint{At: row.Minute.Start, EValue: check.EValue, Check: check})
	return nil
}

// minute adds a row, and the minutes that are missing before it: the page has one time axis.
func (t *pageTeller) minute(row minutes.Row) error {
	all, start := t.replay.Minutes, row.Minute.Start
	if n := len(all); n > 0 {
		if start.Sub(all[0].At) >= story.Longest {
			return usageError("--report can show %s at most, but the history goes on to minute %s", story.Length(story.Longest), row.Stamp)
		}
		for at := all[n-1].At.Add(time.Minute); at.Before(start); at = at.Add(time.Minute) {
			all = append(all, story.Minute{At: at})
		}
	}
	t.replay.Numbered = row.Stamp.Numbered()
	t.replay.Minutes = append(all, story.Minute{At: start, New: row.Minute.Canary, Old: row.Minute.Baseline})
	return nil
}

// checkOf returns what the judge says after a row, in few words: there is one for every minute.
func checkOf(p *judge.Process, i judge.Interval, threshold float64) release.Check {
	canary, baseline := p.Arms()
	check := release.Check{
		Kind: release.CheckComparison, Name: "failures", Verdict: p.Verdict(), EValue: eValue(p), Threshold: threshold,
		Canary: canary, Baseline: baseline, RatioLow: i.Low, Level: i.Level,
		Sentence: fmt.Sprintf("canary fails %s of %s, baseline %s of %s",
			story.Percent(canary.Rate()), release.Count(canary.Units), story.Percent(baseline.Rate()), release.Count(baseline.Units)),
	}
	if !math.IsInf(i.High, 1) {
		check.RatioHigh = i.High
	}
	return check
}

func (t *pageTeller) end(p *judge.Process) error {
	t.replay.Verdict, t.replay.Sentence = t.verdict, fmt.Sprintf("%s: %s %s", upperFirst(t.ending(p)), fullStop(t.because(p)), t.would())
	return t.path.replace(func(file *os.File) error { return report.WriteReplay(file, t.replay) })
}

func upperFirst(text string) string { return strings.ToUpper(text[:1]) + text[1:] }
