package report

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/serin-aws/serin/internal/golden"
	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/story"
)

// replayed is a history of a canary that fails in its third minute; the minute before was not counted.
func replayed(name string) Replay {
	start := time.Date(2026, 3, 2, 14, 0, 0, 0, time.UTC)
	r := Replay{
		Name: name, Verdict: release.Fail, Sentence: "Fails in minute 2.", Numbered: true, Margin: 1.25, Worse: 2, Level: .95,
		Decided: start.Add(2 * time.Minute), Evidence: story.Evidence{Name: "failures", Threshold: 100},
	}
	for i := range 3 {
		r.Minutes = append(r.Minutes, story.Minute{At: start.Add(time.Duration(i) * time.Minute)})
	}
	for i, check := range []release.Check{
		{Verdict: release.Inconclusive, EValue: 1},
		{Verdict: release.Fail, EValue: 240, RatioLow: 1.8},
	} {
		at := start.Add(time.Duration(2*i) * time.Minute)
		check.Kind, check.Threshold, check.Sentence = release.CheckComparison, 100, "as seen"
		check.Canary, check.Baseline = release.Arm{Units: 300, Failed: 12}, release.Arm{Units: 2700, Failed: 11}
		r.Minutes[2*i].New, r.Minutes[2*i].Old = check.Canary, check.Baseline
		judgement := release.Judgement{Verdict: check.Verdict, Sentence: check.Sentence, Checks: []release.Check{check}}
		r.Looks = append(r.Looks, story.Look{Look: release.Look{Judgement: judgement}, At: at})
		r.Evidence.Points = append(r.Evidence.Points, story.EvidencePoint{At: at, EValue: check.EValue, Check: check})
	}
	return r
}

func replayText(t testing.TB, r Replay) string {
	t.Helper()
	var html bytes.Buffer
	if err := WriteReplay(&html, r); err != nil {
		t.Fatal(err)
	}
	return html.String()
}

func TestReplayGolden(t *testing.T) {
	golden.File(t, filepath.Join("testdata", "replay.html"), replayText(t, replayed("history.csv")))
}

// The page answers why: the verdict, where the e-value stood, and the ratio, none of them left out.
func TestReplayTells(t *testing.T) {
	html := replayText(t, replayed("history.csv"))
	for _, want := range []string{"Fails in minute 2.", "the highest e-value was 240", "at least 1.8", "margin 1.25", "a pass is below 2", "minute 75 stands at 01:15"} {
		if !strings.Contains(html, want) {
			t.Errorf("%q is missing", want)
		}
	}
	for _, never := range []string{"NaN", "Inf", "http-equiv=\"refresh\"", " src="} {
		if strings.Contains(html, never) {
			t.Errorf("%q is on the page", never)
		}
	}
}

func TestReplayOfNothing(t *testing.T) {
	if html := replayText(t, Replay{Name: "x", Margin: 1, Worse: 2, Level: .95, Evidence: story.Evidence{Threshold: 100}}); !strings.Contains(html, "Nothing to compare") {
		t.Error("the page does not say that there is nothing")
	}
}

func TestReplayNameIsText(t *testing.T) {
	if html := replayText(t, replayed(`</title><script>alert(1)</script>`)); strings.Count(html, "<script>") != 1 {
		t.Error("a file's name adds a script")
	}
}
