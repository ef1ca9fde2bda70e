package judge

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/serin-aws/serin/internal/golden"
	"github.com/serin-aws/serin/internal/release"
)

// evidence is of a worker whose canary started at 14:00 and has one alarm.
func evidence(comparisons ...Comparison) Evidence {
	return Evidence{
		Since: at(0), Until: at(20), Unit: "messages", Comparisons: comparisons, MinimumSample: 300,
		Alarms: []Alarm{{Name: "dlq", State: OK, AtStart: OK, Throughout: true}},
	}
}

func failures(minutes []Minute) Comparison {
	return Comparison{Name: "failures", Metric: "Orders/Processed{Service=canary}", Minutes: minutes}
}

// former says of minutes that their baseline is of before the release; formerly says so of latencies.
func former(minutes []Minute) []Minute {
	for i := range minutes {
		minutes[i].Former = true
	}
	return minutes
}

func formerly(minutes []LatencyMinute) []LatencyMinute {
	for i := range minutes {
		minutes[i].Former = true
	}
	return minutes
}

func mustJudge(t interface {
	Helper()
	Fatal(...any)
}, e Evidence,
) release.Judgement {
	t.Helper()
	j, err := Judge(e)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

// What every kind of look says stands in testdata/sentences.golden, with its checks, to be read as people read it.
func TestJudgements(t *testing.T) {
	said := map[string]string{}
	firing := Alarm{Name: "age", State: InAlarm, AtStart: OK, Transitions: []Transition{{At: at(3), To: InAlarm}}}
	with := func(e Evidence, change func(*Evidence)) Evidence { change(&e); return e }
	good, bad := failures(same(20, 300, 3, 5700, 57)), failures(same(20, 300, 12, 5700, 57))
	for name, c := range map[string]struct {
		evidence Evidence
		want     release.Verdict
		sentence string // as it begins
	}{
		"good": {evidence(good), release.Pass, "6,000 canary messages; a failure rate 2 times the primary's is excluded (at most 1."},
		"bad":  {evidence(bad), release.Fail, "canary fails 4 % of 600 messages against 1 % of 11,400: at least 1."},
		"an alarm vetoes a pass": {
			with(evidence(good), func(e *Evidence) { e.Alarms = append(e.Alarms, firing) }), release.Fail,
			"alarm age went to ALARM at 14:03:00 UTC; it was OK when the canary started",
		},
		"an idle alarm does not block": {
			with(evidence(good), func(e *Evidence) { e.Alarms = []Alarm{{Name: "dlq", State: InsufficientData}} }), release.Pass, "6,000 canary messages",
		},
		"an alarm in no known state blocks": {
			with(evidence(good), func(e *Evidence) { e.Alarms = []Alarm{{Name: "dlq"}} }), release.Unknown, `alarm dlq is in the state ""`,
		},
		"a fail decides over the unknown": {
			with(evidence(bad), func(e *Evidence) { e.Alarms = []Alarm{{Name: "dlq"}} }), release.Fail, "canary fails",
		},
		"too little": {
			evidence(failures(same(8, 12, 0, 108, 1))), release.Inconclusive,
			"96 canary messages so far; about 1,100 more (92 minutes at this rate) are needed to tell a doubled failure rate from chance",
		},
		"enough to tell, not enough to promote": {
			with(evidence(good), func(e *Evidence) { e.MinimumSample = 10000 }), release.Inconclusive, "6,000 canary messages so far; about 4,000 more (14 minutes",
		},
		"no canary": {
			evidence(failures(same(8, 0, 0, 108, 1))), release.NoData,
			"no canary metric Orders/Processed{Service=canary} since 14:00:00 UTC; is the canary publishing?",
		},
		"no baseline": {evidence(failures(same(8, 50, 0, 0, 0))), release.NoData, "no messages of the primary counted since 14:00:00 UTC"},
		"no minutes":  {evidence(failures(nil)), release.NoData, "no canary metric"},
		"unread": {
			evidence(Comparison{Name: "failures", Problem: "CloudWatch answered in part only", Minutes: same(20, 300, 3, 5700, 57)}),
			release.Unknown, "CloudWatch answered in part only",
		},
		"one of two too little": {evidence(good, Comparison{Name: "timeouts", Minutes: same(2, 30, 0, 570, 1)}), release.Inconclusive, "timeouts: 60 canary messages so far"},
		"one of two bad":        {evidence(good, Comparison{Name: "timeouts", Minutes: same(20, 300, 12, 5700, 57)}), release.Fail, "timeouts: canary fails"},
		"one of two too little, and it only vetoes": {
			evidence(good, Comparison{Name: "timeouts", VetoOnly: true, Minutes: same(2, 30, 0, 570, 1)}), release.Pass, "failures: 6,000 canary messages",
		},
		"one of two bad, and it only vetoes": {
			evidence(good, Comparison{Name: "timeouts", VetoOnly: true, Minutes: same(20, 300, 12, 5700, 57)}), release.Fail, "timeouts: canary fails",
		},
		"one of two unread, and it only vetoes": {
			evidence(good, Comparison{Name: "timeouts", VetoOnly: true, Problem: "CloudWatch answered in part only"}), release.Unknown, "timeouts: CloudWatch answered in part only",
		},
		"nothing but vetoes, an alarm with data": {
			evidence(Comparison{Name: "timeouts", VetoOnly: true, Minutes: same(20, 30, 0, 570, 1)}), release.Pass, "alarm dlq is OK and had data all the time; 600 canary messages seen",
		},
		"all of the work, good": {
			evidence(failures(former(same(20, 6000, 60, 6000, 60)))), release.Pass,
			"120,000 canary messages; a failure rate 2 times the primary's before the release is excluded",
		},
		"all of the work, bad": {
			evidence(failures(former(same(20, 6000, 240, 6000, 60)))), release.Fail,
			"canary fails 4 % of 12,000 messages against 1 % of 12,000 before the release: at least",
		},
		"all of the work, catastrophe": {
			evidence(failures(former(same(1, 60, 40, 60, 0)))), release.Fail,
			"canary fails 67 % of its last 60 messages against 0 % of 60 before the release: far beyond chance",
		},
		"all of the work, error-free": {
			evidence(failures(former(same(10, 50, 0, 50, 0)))), release.Pass,
			"500 canary messages without a failure, and the primary has none before the release;",
		},
		"all of the work, nothing before": {
			evidence(failures(former(same(10, 50, 0, 0, 0)))), release.NoData, "no messages of the primary counted before the release; there is nothing to compare with",
		},
		"all of the work after a step": {
			evidence(failures(append(same(10, 300, 12, 5700, 57), former(same(20, 6000, 240, 6000, 60))[10:]...))), release.Fail,
			"canary fails 4 % of 600 messages against 1 % of 11,400: at least",
		},
		"all of the work after a good step": {
			evidence(failures(append(same(10, 300, 3, 5700, 57), former(same(20, 6000, 240, 6000, 60))[10:]...))), release.Fail,
			"canary fails 3.6 % of 21,000 messages against 1 % of 75,000 at the same time and before the release: at least",
		},
		"all of the work, latency bad": {
			evidence(Comparison{Name: "latency", Latency: formerly(latencies(40, 300, 220, 90, 12))}), release.Fail,
			"73 % of 600 canary messages took longer than the primary's p50 before the release, against 50 % of 5,400 before the release: at least",
		},
		"catastrophe": {
			evidence(failures(same(1, 60, 40, 600, 1))), release.Fail,
			"canary fails 67 % of its last 60 messages against 0.17 % of 600 at the same time: far beyond chance",
		},
		"error-free": {
			evidence(failures(same(10, 50, 0, 950, 0))), release.Pass,
			"500 canary messages without a failure, and the primary has none; a failure rate of 1 % is excluded (95 %)",
		},

		"latency good": {
			evidence(Comparison{Name: "latency", Latency: latencies(40, 300, 150, 30, 3)}), release.Pass,
			"1 % of 12,000 canary messages took longer than the primary's p99 before the release, against 1 % of 108,000; 2 times the odds of being slow are excluded (95 %)",
		},
		"latency bad": {
			evidence(Comparison{Name: "latency", Latency: latencies(40, 300, 220, 90, 12)}), release.Fail,
			"73 % of 600 canary messages took longer than the primary's p50 before the release, against 50 % of 5,400: at least 1.2 times as often; chance of a false alarm below 1 %",
		},
		"latency unknown": {evidence(Comparison{Name: "latency", Latency: latencies(1, 300, 150, 30, 3), Problem: "half an answer"}), release.Unknown, "half an answer"},
		"latency with limits": {
			evidence(Comparison{Name: "latency", Latency: latencies(40, 300, 220, 90, 12), Limits: [3]string{"80 ms", "250 ms", "600 ms"}}), release.Fail,
			"73 % of 600 canary messages took longer than 80 ms, the primary's p50 before the release, against 50 % of 5,400",
		},
		"latency not known before": {evidence(Comparison{Name: "latency", Missing: "nobody knows what was normal"}), release.NoData, "nobody knows what was normal"},
		"latency, more is needed": {
			evidence(Comparison{Name: "latency", Latency: latencies(2, 300, 150, 30, 3)}), release.Inconclusive,
			"1 % of 600 canary messages took longer than the primary's p99 before the release, against 1 % of 5,400; about",
		},
		"throughput, more is needed": {evidence(Comparison{Name: "throughput", Throughput: works(3, 20, 180)}), release.Inconclusive, "a canary worker does 20 messages a minute against 20 of a primary worker; about 240 more messages"},
		"warming up": {
			evidence(Comparison{Name: "latency", Latency: latencies(2, 300, 150, 30, 3), Settings: Settings{WarmUp: 50}}), release.NoData,
			"the canary has worked since 14:00:00 UTC and warms up: its first 50 minutes are not compared",
		},
		"latency too little": {evidence(Comparison{Name: "latency", Latency: latencies(1, 300, 150, 30, 3)}), release.Inconclusive, "1 % of 300 canary messages"},
		"throughput good": {
			evidence(Comparison{Name: "throughput", Throughput: works(40, 20, 180)}), release.Pass,
			"a canary worker does 20 messages a minute against 20 of a primary worker; that the primary does 2 times as much is excluded (95 %)",
		},
		"throughput bad": {
			evidence(Comparison{Name: "throughput", Throughput: works(40, 4, 180)}), release.Fail,
			"a canary worker does 4 messages a minute against 20 of a primary worker: the primary at least 1.8 times as much; chance of a false alarm below 1 %",
		},
		"failures good, throughput bad": {evidence(good, Comparison{Name: "throughput", Throughput: works(40, 4, 180)}), release.Fail, "throughput: a canary worker does 4"},

		"nothing compared, work seen": {with(evidence(), func(e *Evidence) { e.Work = 4000 }), release.Pass, "alarm dlq is OK and had data all the time; 4,000 canary messages seen"},
		"nothing compared, queue empty": {
			evidence(), release.NoData,
			"no canary messages seen since 14:00:00 UTC: nothing to judge by",
		},
		"nothing compared, too little": {with(evidence(), func(e *Evidence) { e.Work = 299 }), release.Inconclusive, "299 canary messages seen; at least 300 are asked for"},
		"nothing compared, the canary's part too little": {with(evidence(), func(e *Evidence) {
			e.Work, e.Shares = 2000, []release.TaskShare{{At: at(-1), Canary: 1, Primary: 9}}
		}), release.Inconclusive, "200 canary messages seen"},
		"nothing compared, alarm without data": {with(evidence(), func(e *Evidence) { e.Work, e.Alarms[0].Throughout = 4000, false }), release.NoData, "alarm dlq is OK but had no data at times"},
		"nothing compared, one alarm of two with data": {with(evidence(), func(e *Evidence) {
			e.Work, e.Alarms = 4000, append(e.Alarms, Alarm{Name: "idle", State: InsufficientData})
		}), release.Pass, "alarm dlq is OK and had data all the time; 4,000 canary messages seen"},
		"nothing at all": {Evidence{}, release.NoData, "no canary units seen"},
	} {
		t.Run(name, func(t *testing.T) {
			got := mustJudge(t, c.evidence)
			said[name] = fmt.Sprintf("== %s\n%v: %s\n", name, got.Verdict, got.Sentence)
			for _, check := range got.Checks {
				said[name] += fmt.Sprintf("  %v %s: %s\n", check.Verdict, check.Name, check.Sentence)
			}
			if got.Verdict != c.want || !strings.HasPrefix(got.Sentence, c.sentence) {
				t.Errorf("%v: %s\nwant %v: %s", got.Verdict, got.Sentence, c.want, c.sentence)
			}
			for _, check := range got.Checks {
				if check.Sentence == "" || check.Name == "" || check.Kind == "" {
					t.Errorf("a check says nothing: %+v", check)
				}
			}
		})
	}
	var text strings.Builder
	for _, name := range slices.Sorted(maps.Keys(said)) {
		text.WriteString(said[name])
	}
	golden.Text(t, "sentences", text.String())
}

func latencies(n int, units, p50, p90, p99 int64) []LatencyMinute {
	minutes := make([]LatencyMinute, n)
	for i := range minutes {
		minutes[i] = LatencyMinute{
			Start:    at(i),
			Canary:   Durations{Units: units, Slow: [thresholds]int64{p50, p90, p99}},
			Baseline: Durations{Units: 9 * units, Slow: [thresholds]int64{9 * units / 2, 9 * units / 10, 9 * units / 100}},
		}
	}
	return minutes
}

func works(n int, canary, baseline int64) []WorkMinute {
	minutes := make([]WorkMinute, n)
	for i := range minutes {
		minutes[i] = WorkMinute{Start: at(i), Canary: Work{canary, 1}, Baseline: Work{baseline, 9}}
	}
	return minutes
}

func TestJudgeNamesWhatIsWrong(t *testing.T) {
	for _, c := range []Comparison{
		{Name: "failures", Minutes: []Minute{row(0, 1, 2, 3, 0)}},
		{Name: "failures", Settings: Settings{Margin: .5}},
		{Name: "failures", Latency: []LatencyMinute{{Canary: Durations{Units: -1}}}},
		{Name: "failures", Throughput: []WorkMinute{{Canary: Work{Units: -1}}}},
		{Name: "failures", Latency: latencies(1, 1, 1, 1, 1), Settings: Settings{Margin: .5}},
		{Name: "failures", Throughput: works(1, 1, 1), Settings: Settings{Margin: .5}},
		{Name: "failures", History: []Minute{row(0, -1, 0, 0, 0)}},
		{Name: "failures", Weight: -1},
		{Name: "failures", Weight: math.NaN()},
	} {
		if _, err := Judge(evidence(c)); release.CodeOf(err) != release.Invalid || !strings.Contains(err.Error(), "failures") {
			t.Errorf("%+v: error is %v", c, err)
		}
	}
}

// A history of arms that differ by themselves makes the judge patient.
func TestJudgeHeedsHistory(t *testing.T) {
	c := failures(same(3, 300, 12, 5700, 57))
	if got := mustJudge(t, evidence(c)); got.Verdict != release.Fail {
		t.Fatalf("without a history: %v", got.Verdict)
	}
	for i, m := range same(60, 300, 1, 5700, 57) {
		m.Start = m.Start.Add(-4 * time.Hour)
		m.Canary.Failed += int64(i / 10 % 2 * 12)
		c.History = append(c.History, m)
	}
	if got := mustJudge(t, evidence(c)); got.Verdict != release.Inconclusive {
		t.Errorf("with a history that goes up and down by itself: %v", got.Verdict)
	}
}

// The same evidence gives the same judgement, and more failures of the canary never a better one.
func TestJudgeIsRepeatableAndMonotone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		minutes := drawMinutes(t)
		first := mustJudge(t, evidence(failures(minutes)))
		again := mustJudge(t, evidence(failures(minutes)))
		if first.Verdict != again.Verdict || first.Sentence != again.Sentence {
			t.Fatalf("%v: %s\nagain %v: %s", first.Verdict, first.Sentence, again.Verdict, again.Sentence)
		}
		if first.Verdict == release.Unknown {
			t.Fatal("everything was known, and the verdict is unknown")
		}
		if len(minutes) > 0 && first.Verdict == release.Fail {
			last := &minutes[len(minutes)-1]
			last.Canary.Failed = last.Canary.Units
			if worse := mustJudge(t, evidence(failures(minutes))); worse.Verdict != release.Fail {
				t.Fatalf("worse, and yet %v", worse.Verdict)
			}
		}
	})
}

func TestPanelAverages(t *testing.T) {
	alone := mustJudge(t, evidence(failures(same(2, 300, 14, 5700, 57))))
	if alone.Verdict != release.Fail {
		t.Fatalf("alone: %v", alone.Sentence)
	}
	e := alone.Checks[1].EValue
	var nine []Comparison
	for range 9 {
		nine = append(nine, Comparison{Name: "quiet", Minutes: same(2, 300, 3, 5700, 57)})
	}
	many := mustJudge(t, evidence(append(nine, failures(same(2, 300, 14, 5700, 57)))...))
	if e < 100 || e > 900 || many.Verdict == release.Fail {
		t.Errorf("e = %v alone; as one of ten metrics it needs 1,000, and the verdict is %v", e, many.Verdict)
	}
	if threshold := many.Checks[1].Threshold; math.Abs(threshold-1000) > 1e-9 {
		t.Errorf("alone one of ten fails at %v", threshold)
	}
	weighed := failures(same(2, 300, 14, 5700, 57))
	weighed.Weight = 1000
	if got := mustJudge(t, evidence(append(nine, weighed)...)); got.Verdict != release.Fail {
		t.Errorf("with nearly all of the weight: %v", got.Verdict)
	}
}

func TestPanelStopsAtTheFail(t *testing.T) {
	minutes := append(same(5, 300, 30, 5700, 57), same(60, 300, 0, 5700, 57)[5:]...)
	j := mustJudge(t, evidence(failures(minutes)))
	if j.Verdict != release.Fail || j.Checks[1].Canary.Units > 900 || j.Checks[1].EValue < j.Checks[1].Threshold {
		t.Errorf("%v with %+v", j.Verdict, j.Checks[1])
	}
}

// What is later than the decision is not looked at, in any comparison.
func TestPanelTakesTheEarliestMinuteFirst(t *testing.T) {
	j := mustJudge(t, evidence(failures(same(40, 300, 3, 5700, 57)[20:]), failures(same(10, 300, 60, 5700, 57))))
	if late := j.Checks[1].Canary.Units; j.Verdict != release.Fail || late != 0 {
		t.Errorf("%v: %s; %d units of the later comparison were looked at", j.Verdict, j.Sentence, late)
	}
}

// Half an answer must not be judged, whatever it says.
func TestProblemIsNotJudged(t *testing.T) {
	c := failures(same(20, 300, 60, 5700, 57))
	c.Problem = "half an answer"
	if j := mustJudge(t, evidence(c)); j.Verdict != release.Unknown || j.Checks[1].Canary.Units != 0 {
		t.Errorf("%v: %s", j.Verdict, j.Sentence)
	}
}

// Comparisons need not have the same minutes.
func TestPanelLinesMinutesUp(t *testing.T) {
	odd, even := []Minute{}, []Minute{}
	for _, m := range same(40, 300, 3, 5700, 57) {
		if m.Start.Minute()%2 == 1 {
			odd = append(odd, m)
		} else {
			even = append(even, m)
		}
	}
	j := mustJudge(t, evidence(failures(odd), failures(even[:5])))
	if a, b := j.Checks[1].Canary.Units, j.Checks[2].Canary.Units; a != 6000 || b != 1500 {
		t.Errorf("%d and %d canary units were compared", a, b)
	}
}

func TestShareOfTheWork(t *testing.T) {
	tasks := []release.TaskShare{{At: at(-10), Canary: 2, Primary: 18}}
	for name, c := range map[string]struct {
		minutes []Minute
		tasks   []release.TaskShare
		want    release.Verdict
	}{
		"as explained":         {same(30, 100, 1, 900, 9), tasks, release.Pass},
		"half as much again":   {same(30, 150, 1, 850, 9), tasks, release.Pass},
		"a bit more than half": {same(30, 60, 0, 940, 9), tasks, release.Pass},
		"nothing":              {same(30, 0, 0, 1000, 10), tasks, release.Fail},
		"a fifth":              {same(40, 20, 0, 980, 9), tasks, release.Fail},
		"five times as much":   {same(30, 400, 4, 600, 6), tasks, release.Fail},
		"nothing, for a moment": {
			append(same(2, 0, 0, 1000, 10), same(30, 100, 1, 900, 9)[2:]...), tasks,
			release.Pass,
		},
		"nobody expects anything while tasks change": {same(30, 0, 0, 1000, 10), changing(30), release.NoData},
		"no primary task is running":                 {same(30, 100, 1, 0, 0), []release.TaskShare{{At: at(-10), Canary: 2}}, release.NoData},
		"tasks known only later":                     {same(10, 0, 0, 1000, 10), []release.TaskShare{{At: at(40), Canary: 2, Primary: 2}}, release.NoData},
	} {
		t.Run(name, func(t *testing.T) {
			e := evidence(failures(c.minutes))
			e.Shares = c.tasks
			j := mustJudge(t, e)
			check := j.Checks[2]
			if check.Kind != release.CheckShare || check.Verdict != c.want {
				t.Errorf("%v: %s (e = %v of %v)", check.Verdict, check.Sentence, check.EValue, check.Threshold)
			}
			if failed := j.Verdict == release.Fail; failed != (c.want == release.Fail) {
				t.Errorf("the judgement is %v: %s", j.Verdict, j.Sentence)
			}
		})
	}
}

func changing(minutes int) []release.TaskShare {
	var tasks []release.TaskShare
	for i := range minutes {
		tasks = append(tasks, release.TaskShare{At: at(i), Canary: 2, Primary: 10 + i%2})
	}
	return tasks
}

// The parts of alpha sum to alpha, the share's included.
func TestPanelSpendsAlphaOnce(t *testing.T) {
	e := evidence(failures(nil), failures(nil), failures(nil)).withDefaults()
	e.Shares = []release.TaskShare{{At: at(0), Canary: 1, Primary: 1}}
	p, err := e.panel()
	if err != nil {
		t.Fatal(err)
	}
	sum := 0.0
	for _, m := range p.members {
		sum += m.part
	}
	if len(p.members) != 4 || math.Abs(sum-1) > 1e-12 {
		t.Errorf("%d members, the parts sum to %v", len(p.members), sum)
	}
}

func TestUnknownNeverPasses(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		kinds := []release.CheckKind{release.CheckAlarm, release.CheckComparison, release.CheckShare, release.CheckSample}
		var checks []release.Check
		fails, compared := false, false
		var comparisons []release.Verdict
		for range rapid.IntRange(0, 6).Draw(t, "checks") {
			c := release.Check{Kind: rapid.SampledFrom(kinds).Draw(t, "kind"), Verdict: release.Verdict(rapid.IntRange(0, 4).Draw(t, "verdict"))}
			fails = fails || c.Verdict == release.Fail
			if c.Kind == release.CheckComparison {
				compared, comparisons = true, append(comparisons, c.Verdict)
			}
			checks = append(checks, c)
		}
		got := fold(checks)
		switch {
		case fails && got != release.Fail:
			t.Fatalf("%v: a fail decides", got)
		case !fails && got == release.Fail:
			t.Fatal("a fail without a check that failed")
		case got == release.Pass && compared && release.Worst(comparisons...) != release.Pass:
			t.Fatal("passed without every comparison")
		case len(checks) == 0 && got == release.Pass:
			t.Fatal("passed on nothing")
		}
	})
}

func TestJudgeOfADayIsFast(t *testing.T) {
	if testing.Short() {
		t.Skip("a benchmark says it better: BenchmarkJudge")
	}
	e := evidence()
	for range 10 {
		e.Comparisons = append(e.Comparisons, failures(daylong()))
	}
	if j := mustJudge(t, e); j.Verdict != release.Pass {
		t.Errorf("%v: %s", j.Verdict, j.Sentence)
	}
}

func daylong() []Minute {
	minutes := make([]Minute, 1440)
	for i := range minutes {
		minutes[i] = row(0, 300, int64(3+i%2), 5700, 57)
		minutes[i].Start = at(0).Add(time.Duration(i) * time.Minute)
	}
	return minutes
}

// A bound just below what is excluded would be rounded to it, and read as a contradiction.
func TestTheBoundOfAPassIsBelowWhatItExcludes(t *testing.T) {
	passes := 0
	for minutes := range 60 {
		j := mustJudge(t, evidence(failures(same(minutes, 300, 3, 5700, 57))))
		if j.Verdict != release.Pass {
			continue
		}
		passes++
		if strings.Contains(j.Sentence, "at most 2 times") || passes == 1 && !strings.HasSuffix(j.Sentence, "is excluded (95 %)") {
			t.Errorf("after %d minutes: %s", minutes, j.Sentence)
		}
	}
	if passes == 0 {
		t.Error("nothing passed")
	}
}
