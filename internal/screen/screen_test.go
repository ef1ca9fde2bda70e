package screen

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
	"pgregory.net/rapid"

	"github.com/serin-aws/serin/internal/golden"
	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/story"
	"github.com/serin-aws/serin/internal/story/storytest"
)

func stories() map[string]story.Story {
	return map[string]story.Story{
		"good": storytest.Good().Story(), "bad": storytest.Bad().Story(), "held": storytest.Held().Story(), "open": storytest.Open().Story(),
		"crashed": storytest.Crashed().Story(), "dirty": storytest.Dirty().Story(), "abandoned": storytest.Abandoned().Story(), "hostile": storytest.Hostile().Story(), "refused": storytest.Refused(),
	}
}

// shortlyAfter is a time at which somebody may look at a story.
func shortlyAfter(s story.Story) time.Time {
	if n := len(s.Events); n > 0 {
		return s.Events[n-1].At.Add(20 * time.Second)
	}
	return s.To
}

func TestViewGolden(t *testing.T) {
	for _, name := range []string{"open", "good", "bad", "held", "refused"} {
		s := stories()[name]
		for _, width := range []int{80, 120} {
			for _, colour := range []bool{false, true} {
				file := fmt.Sprintf("%s-%d", name, width)
				if colour {
					file += "-colour"
				}
				t.Run(file, func(t *testing.T) { golden.Text(t, file, View(s, shortlyAfter(s), width, colour)) })
			}
		}
	}
}

func TestLinesGolden(t *testing.T) {
	for _, name := range []string{"good", "bad", "refused"} {
		t.Run(name, func(t *testing.T) {
			golden.Text(t, "lines-"+name, strings.Join(Lines(story.Story{}, stories()[name]), "\n")+"\n")
		})
	}
}

func TestSummaryGolden(t *testing.T) {
	for _, name := range []string{"good", "bad", "dirty", "refused"} {
		t.Run(name, func(t *testing.T) { golden.Text(t, "summary-"+name, Summary(stories()[name], "bad.html", 80, false)) })
	}
}

func TestTableGolden(t *testing.T) {
	many := story.Summary{
		Runs: 1000, Outcomes: story.Outcomes{RolledBack: 998, Held: 2}, Detection: story.Detection{MedianSeconds: new(240.0), P90Seconds: new(420.0)},
		Exposed:     story.Exposed{MedianUnits: 812, MedianFailures: 25, P90Failures: 61},
		Transitions: story.Median{Median: 126}, APICalls: story.Median{Median: 214}, CostUSD: story.Median{Median: 0.0061},
		Target: "orders-worker", Units: "messages", Scenario: "bad3.yaml", Took: 2900 * time.Millisecond, Invariants: 7,
	}
	many.RateAlarm = new(story.RateRule{Above: 0.02, Minutes: 2, Of: 3}.Tell([]story.RateRun{{Fired: true, After: 11 * time.Minute, Failures: 92}, {}}))
	golden.Text(t, "table", Table(many, false))
	golden.Text(t, "table-colour", Table(many, true))
	good := story.Summary{Runs: 1, Outcomes: story.Outcomes{Released: 1}, Violations: []string{"work on two versions at the end\x1b[2J"}}
	good.RateAlarm = new(story.RateRule{Above: 0.02, Minutes: 2, Of: 3}.Tell(make([]story.RateRun, 200)))
	golden.Text(t, "table-violation", Table(good, false))
}

// Everything that is said with colour is said without it.
func TestColourOnlyRepeats(t *testing.T) {
	for name, s := range stories() {
		plain, coloured := View(s, shortlyAfter(s), 100, false), View(s, shortlyAfter(s), 100, true)
		if strings.Contains(plain, "\x1b") {
			t.Errorf("%s: the view without colour holds an escape sequence", name)
		}
		if ansi.Strip(coloured) != plain {
			t.Errorf("%s: the view with colour says something else:\n%s\n%s", name, ansi.Strip(coloured), plain)
		}
	}
	if s := stories()["open"]; !strings.Contains(View(s, shortlyAfter(s), 100, true), "\x1b[") {
		t.Error("the view with colour has none")
	}
}

func TestNothingIsWiderThanTheTerminal(t *testing.T) {
	all := stories()
	names := []string{"good", "bad", "held", "open", "crashed", "dirty", "hostile", "refused"}
	rapid.Check(t, func(t *rapid.T) {
		s := all[rapid.SampledFrom(names).Draw(t, "story")]
		width := rapid.IntRange(Narrowest, 200).Draw(t, "width")
		for line := range strings.Lines(View(s, shortlyAfter(s), width, rapid.Bool().Draw(t, "colour"))) {
			if got := ansi.StringWidth(strings.TrimSuffix(line, "\n")); got > width {
				t.Fatalf("%d of %d columns: %q", got, width, line)
			}
		}
	})
}

// No name may drive the terminal.
func TestNamesCannotDriveTheTerminal(t *testing.T) {
	s := stories()["hostile"]
	escape := regexp.MustCompile("\x1b\\[[0-9;]*m")
	texts := []string{
		View(s, shortlyAfter(s), 100, true), strings.Join(Lines(story.Story{}, s), "\n"), Summary(s, "re\x1bport.html", 80, true),
		Table(story.Summary{Scenario: "a\x1b[2J", Violations: []string{"\x07"}}, true),
	}
	for _, text := range texts {
		for _, r := range escape.ReplaceAllString(text, "") {
			if r != '\n' && unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
				t.Fatalf("the screen gets %U of %q", r, text)
			}
		}
	}
}

func TestLinesTellEachThingOnce(t *testing.T) {
	account := storytest.Bad()
	whole := Lines(story.Story{}, account.Story())
	var piecemeal []string
	before := story.Story{}
	for n := 1; n <= len(account.Ledger.Log); n++ {
		part := storytest.Bad()
		part.Ledger.Log = part.Ledger.Log[:n]
		s := part.Story()
		piecemeal = append(piecemeal, Lines(before, s)...)
		before = s
	}
	if !slices.Equal(whole, piecemeal) {
		t.Errorf("told as it happened:\n%s\ntold at once:\n%s", strings.Join(piecemeal, "\n"), strings.Join(whole, "\n"))
	}
	if again := Lines(before, before); len(again) > 0 {
		t.Errorf("nothing new is told as %q", again)
	}
}

// While nothing is recorded yet there is nothing to tell, and then the opening line comes once.
func TestLinesBeginWhenTheReleaseIsOpened(t *testing.T) {
	preparing := story.NotStarted(storytest.Target(), release.Request{}, release.OutcomeOpen, "", storytest.Refused().From)
	if lines := Lines(story.Story{}, preparing); len(lines) > 0 {
		t.Errorf("told before anything was recorded: %q", lines)
	}
	open := storytest.Open().Story()
	if lines := Lines(preparing, open); !strings.HasPrefix(lines[0], "orders-worker  r-7f3c2a94be10") {
		t.Errorf("the first line is %q", lines[0])
	}
	refused := storytest.Refused()
	if lines := Lines(preparing, refused); len(lines) != 2 || !strings.HasPrefix(lines[1], "Not started: ") {
		t.Errorf("a refusal is told as %q", lines)
	}
	if lines := Lines(refused, refused); len(lines) > 0 {
		t.Errorf("a refusal is told again as %q", lines)
	}
}

func TestLooksThatSayNothingNewAreLeftOut(t *testing.T) {
	at := time.Date(2026, 3, 2, 14, 1, 0, 0, time.UTC)
	look := func(minute int, verdict release.Verdict, alarm release.Verdict) story.Look {
		return story.Look{At: at.Add(time.Duration(minute) * time.Minute), Phase: release.Baking, Look: release.Look{Judgement: release.Judgement{
			Verdict: verdict, Sentence: fmt.Sprint(minute), Checks: []release.Check{{Kind: release.CheckAlarm, Name: "a", Verdict: alarm}},
		}}}
	}
	looks := []story.Look{
		look(0, release.Inconclusive, release.Pass), // the first
		look(1, release.Inconclusive, release.Pass),
		look(2, release.Inconclusive, release.NoData), // an alarm changed
		look(3, release.Pass, release.NoData),         // the verdict changed
		look(4, release.Pass, release.NoData),         // five minutes are over
		look(5, release.Pass, release.NoData),
	}
	same := look(9, release.Pass, release.NoData)
	same.Judgement.Sentence = looks[5].Judgement.Sentence
	looks = append(looks, same) // five minutes are over, but it says the same
	var told []int
	for i := range looks {
		if newsworthy(looks, i, false) {
			told = append(told, i)
		}
	}
	if want := []int{0, 2, 3, 4}; !slices.Equal(told, want) {
		t.Errorf("told are looks %v, want %v", told, want)
	}
	if newsworthy(looks, 4, true) {
		t.Error("a release that is held is told of every five minutes")
	}
}

// A release that the calendar holds says until when, once, in the lines and in the view, and that its deadline waits.
func TestAFreezeIsTold(t *testing.T) {
	s := storytest.Open().Story()
	const frozen = "frozen until Mon 9 Mar, 08:00 UTC"
	for i, event := range s.Events {
		if event.Kind == release.EventLook && event.Seq > 5 {
			s.Events[i].Text = frozen
		}
	}
	if told := strings.Count(strings.Join(Lines(story.Story{}, s), "\n"), frozen); told != 1 {
		t.Errorf("told %d times:\n%s", told, strings.Join(Lines(story.Story{}, s), "\n"))
	}
	s.Release.Target.Freeze = []string{"Mon 14:05-Mon 14:00 UTC"}
	now := shortlyAfter(s)
	if s.Release.PausedSince = now.Add(-time.Hour); !strings.Contains(Next(s, now), frozenUntil(t, &s, now)+" \u00b7 the deadline waits meanwhile") {
		t.Errorf("next is %q", Next(s, now))
	}
}

func frozenUntil(t *testing.T, s *story.Story, now time.Time) string {
	t.Helper()
	closed, until := s.Release.Target.Frozen(now)
	if !closed {
		t.Fatalf("not frozen at %s", now)
	}
	return "frozen until " + release.When(until)
}

func TestNoColour(t *testing.T) {
	env := func(values map[string]string) func(string) string {
		return func(key string) string { return values[key] }
	}
	tests := []struct {
		terminal bool
		values   map[string]string
		want     bool
	}{
		{true, nil, true},
		{false, nil, false},
		{true, map[string]string{"NO_COLOR": "1"}, false},
		{true, map[string]string{"NO_COLOR": ""}, true},
		{true, map[string]string{"TERM": "dumb"}, false},
	}
	for _, test := range tests {
		if got := Colour(test.terminal, env(test.values)); got != test.want {
			t.Errorf("terminal %v, %v: %v", test.terminal, test.values, got)
		}
	}
}

// Only where tasks share the work are there tasks to count.
func TestWhatTheWeightIsOf(t *testing.T) {
	s := storytest.Open().Story()
	for platform, want := range map[release.PlatformName]string{
		release.PlatformECSQueue: "(2 of 20 tasks = 10 %)", release.PlatformLambdaAlias: "(10 % of the invocations)", release.PlatformECSALB: "(10 % of the requests)",
	} {
		s.Release.Target.Platform = platform
		if got := standing(&s); !strings.HasSuffix(got, want) {
			t.Errorf("%s: %q, want %q at its end", platform, got, want)
		}
	}
}

func TestProgressOfThePlan(t *testing.T) {
	s := storytest.Open().Story() // 10m + 10m + settle 15m, baking since 14:03:20
	at := func(clock string) time.Time {
		parsed, err := time.Parse("2006-01-02 15:04:05", "2026-03-02 "+clock)
		if err != nil {
			t.Fatal(err)
		}
		return parsed
	}
	for clock, want := range map[string]float64{"14:03:20": 0, "14:08:20": 5.0 / 35, "14:13:20": 10.0 / 35, "14:40:00": 10.0 / 35} {
		if got := progress(&s, at(clock)); got != want {
			t.Errorf("at %s the plan is at %v, want %v", clock, got, want)
		}
	}
	for clock, want := range map[string]string{
		"14:08:00": "step ends 14:13", "14:20:00": "extended until 14:33 at most, then held", "14:34:00": "held: nobody can tell yet; goes back at the deadline",
	} {
		if got := (&upcoming{r: &s.Release, now: at(clock)}).stepEnd(); got != want {
			t.Errorf("at %s: %q, want %q", clock, got, want)
		}
	}
	good := storytest.Good().Story()
	if got := progress(&good, good.To); got != 1 {
		t.Errorf("a released plan is at %v", got)
	}
}

func TestModelShowsWhatItIsSent(t *testing.T) {
	m := NewModel(false, "q leaves")
	if m.Text() != "" {
		t.Error("a view of nothing")
	}
	open := storytest.Open().Story()
	m.Pass(Show{Story: open, Now: shortlyAfter(open)})
	m.Pass(tea.WindowSizeMsg{Width: 120, Height: 40})
	if got, want := m.Text(), draw(open, shortlyAfter(open), 120, 36, false); !strings.HasPrefix(got, want) || !strings.Contains(got, "q leaves") {
		t.Errorf("the model shows\n%s", got)
	}
	for key, stops := range map[tea.KeyPressMsg]bool{{Code: tea.KeyEsc}: false, {Code: 'c', Mod: tea.ModCtrl}: true, {Code: 'q', Text: "q"}: false} {
		left := m
		if command := left.Pass(key); command == nil || left.Stopped() != stops || strings.Contains(left.Text(), "q leaves") {
			t.Errorf("%s: stopped %t, and shows\n%s", key, left.Stopped(), left.Text())
		}
	}
}

// A terminal cuts off what is too high at the top, where it says what serves now. One of 24 lines shows ten alarms as
// one line, the firing one first.
func TestTheViewFitsASmallTerminal(t *testing.T) {
	for name, s := range stories() {
		for range 8 {
			s.Alarms = append([]story.Lane{{Name: "quiet-alarm"}}, s.Alarms...)
		}
		for _, size := range []tea.WindowSizeMsg{{Width: 100, Height: 30}, {Width: 80, Height: 24}} {
			m := NewModel(false, "q leaves")
			m.Pass(Show{Story: s, Now: shortlyAfter(s)})
			m.Pass(size)
			if lines := strings.Count(m.Text(), "\n"); lines >= size.Height {
				t.Errorf("%s: %d lines in a terminal of %d\n%s", name, lines, size.Height, m.Text())
			}
		}
	}
	bad := storytest.Bad().Story()
	fired := story.Lane{Name: "fired", States: []story.LaneState{{State: story.AlarmFired}}}
	bad.Alarms = append(append([]story.Lane{{Name: "quiet-alarm"}}, bad.Alarms...), fired)
	if text := draw(bad, shortlyAfter(bad), 80, 20, false); !strings.Contains(text, "alarms    \u2716 fired (ALARM) ") || !strings.Contains(text, "more\n") {
		t.Errorf("the firing alarm is not first, or none is left out:\n%s", text)
	}
}

// FuzzView: whatever story comes, the view is drawn and stays in its width.
func FuzzView(f *testing.F) {
	f.Add("orders", int64(812), 0.03, 80)
	f.Add("\x1b[2J\u202e", int64(-1), -1.0, 0)
	f.Fuzz(func(t *testing.T, name string, units int64, rate float64, width int) {
		s := storytest.Open().Story()
		s.Release.Target.Name, s.Sentence, s.Serves = release.TargetName(name), name, name
		s.Judged[0].Points[0].Check.Canary = release.Arm{Units: units, Failed: int64(rate)}
		s.Judged[0].Points[0].EValue, s.Judged[0].Threshold = rate, rate
		s.Queue[0].Points[0].Value = rate
		width = min(400, width)
		for line := range strings.Lines(View(s, shortlyAfter(s), width, true)) {
			if got := ansi.StringWidth(strings.TrimSuffix(line, "\n")); got > max(Narrowest, width) {
				t.Fatalf("%d of %d columns: %q", got, width, line)
			}
		}
	})
}
