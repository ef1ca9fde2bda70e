package scenario_test

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/serin-aws/serin/internal/golden"
	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/scenario"
)

func read(t testing.TB, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func write(t *testing.T, files map[string]string) (folder string) {
	t.Helper()
	folder = t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

const minute = release.Duration(time.Minute)

func digest(digit string) release.Digest {
	return release.Digest("sha256:" + strings.Repeat(digit, 64))
}

func TestParse(t *testing.T) {
	got, err := scenario.Parse("base.yaml", read(t, "testdata/base.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	rate, tasks, yes := scenario.Rate(100), 9, true
	want := scenario.Scenario{
		Workload: scenario.Workload{Rate: &rate, For: 120 * minute},
		Revision: release.Revision{Image: "orders-worker:release-42"},
		World: scenario.World{
			PrimaryTasks: 9, CanaryTasks: 1, Scaling: &scenario.Scaling{Min: 3, Max: 30},
			Queue:     scenario.Queue{MaxReceiveCount: 5, Visibility: minute, DeadLetter: "orders-dead"},
			TaskStart: minute / 2, Concurrency: 4,
			Services: map[string]scenario.Service{
				"orders-worker":        {Image: "orders-worker:latest", Digest: digest("1"), Tasks: &tasks, Environment: map[string]string{"TOKEN": "hunter2"}},
				"orders-worker-canary": {Deploying: true, CircuitBreaker: &yes},
				"other":                {Missing: true},
			},
			Registry: map[string]map[string]release.Digest{"orders-worker": {"latest": digest("2"), "release-42": digest("3")}},
		},
		Baseline: scenario.Behaviour{FailureRate: 0.002, Latency: scenario.Latency{P50: millis(80), P99: millis(600)}},
		Canary:   scenario.Behaviour{FailureRate: 0.03, From: 4 * minute, Latency: scenario.Latency{P50: millis(90), P99: millis(2000)}, CrashLoop: true},
		Arrivals: scenario.Steady(100, 2*time.Hour),
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got\n%+v\nwant\n%+v", got, want)
	}
}

func millis(n int) scenario.Millis { return scenario.Millis(time.Duration(n) * time.Millisecond) }

func TestDefaults(t *testing.T) {
	got, err := scenario.Parse("a.yaml", []byte("workload: {rate: 6000/min}\nbaseline: {failureRate: 1%, latency: {p99: 1s}}\n"))
	if err != nil {
		t.Fatal(err)
	}
	if *got.Workload.Rate != 100 || got.Arrivals.For() != 24*time.Hour || got.Arrivals.Rate(time.Hour) != 100 {
		t.Errorf("workload %+v", got.Workload)
	}
	if w := got.World; w.PrimaryTasks != 9 || w.CanaryTasks != 1 || w.Scaling != nil || w.TaskStart != 45*minute/60 || w.Concurrency != 10 ||
		w.Queue != (scenario.Queue{MaxReceiveCount: 5, Visibility: minute}) || w.Services != nil || w.Registry != nil {
		t.Errorf("world %+v", w)
	}
	if want := (scenario.Behaviour{FailureRate: 0.01, Latency: scenario.Latency{P50: millis(80), P99: millis(1000)}}); got.Baseline != want || got.Canary != want {
		t.Errorf("baseline %+v, canary %+v", got.Baseline, got.Canary)
	}
	if !got.Revision.IsZero() || got.AlarmSet != nil {
		t.Errorf("revision %v, alarms %v", got.Revision, got.AlarmSet)
	}
}

var mistakes = []struct{ name, old, new string }{
	{"unknown field", "taskStart: 30s", "taskstart: 30s"},
	{"field of another level", "  taskStart: 30s", "  p99: 30s"},
	{"rate and trace", "{rate: 100/s, for: 2h}", "{rate: 100/s, trace: a.csv}"},
	{"neither rate nor trace", "{rate: 100/s, for: 2h}", "{for: 2h}"},
	{"rate without a time", "rate: 100/s", "rate: 100"},
	{"negative rate", "rate: 100/s", "rate: -1/s"},
	{"rate of an attack", "rate: 100/s", "rate: 999999999/s"},
	{"no time", "for: 2h", "for: 0s"},
	{"years", "for: 2h", "for: 400d"},
	{"scale of a rate", "for: 2h", "scale: 40"},
	{"start of a rate", "for: 2h", "start: 2h"},
	{"revision of two kinds", "\"orders-worker:release-42\"}", "\"orders-worker:release-42\", taskDefinition: \"orders-worker:42\"}"},
	{"empty revision", "{image: \"orders-worker:release-42\"}", "{}"},
	{"image of no form", "orders-worker:release-42", "orders worker"},
	{"negative tasks", "primaryTasks: 9", "primaryTasks: -1"},
	{"tasks outside the bounds", "primaryTasks: 9", "primaryTasks: 31"},
	{"bounds the wrong way", "{min: 3, max: 30}", "{min: 30, max: 3}"},
	{"half the bounds", "{min: 3, max: 30}", "{min: 3}"},
	{"visibility of nothing", "visibility: 60s", "visibility: 0s"},
	{"visibility of a day", "visibility: 60s", "visibility: 1d"},
	{"task that takes hours", "taskStart: 30s", "taskStart: 2h"},
	{"missing, but with tasks", "{missing: true}", "{missing: true, tasks: 3}"},
	{"service of no name", "    other:", "    \"other one\":"},
	{"service twice", "    other:", "    orders-worker:"},
	{"unknown field of a service", "{missing: true}", "{mising: true}"},
	{"digest of no form", "sha256:2222", "sha256:22"},
	{"tag of no form", "      release-42:", "      \"release 42\":"},
	{"share without %", "failureRate: 3%", "failureRate: 0.03"},
	{"share above all", "failureRate: 3%", "failureRate: 120%"},
	{"latency without a unit", "p50: 90ms", "p50: 90"},
	{"latency of hours", "p99: 2s", "p99: 4000s"},
	{"latency the wrong way", "p50: 90ms", "p50: 9s"},
	{"half a latency", "{p50: 90ms, p99: 2s}", "{p50: 90ms}"},
	{"crash loop of the baseline", "baseline: {", "baseline: {crashLoop: true, "},
	{"text for true", "crashLoop: true", "crashLoop: \"true\""},
	{"alias", "taskStart: 30s", "taskStart: *a"},
}

func TestMistakes(t *testing.T) {
	base := string(read(t, "testdata/base.yaml"))
	var all strings.Builder
	for _, mistake := range mistakes {
		if !strings.Contains(base, mistake.old) {
			t.Fatalf("%s: %q is not in the base", mistake.name, mistake.old)
		}
		_, err := scenario.Parse("base.yaml", []byte(strings.Replace(base, mistake.old, mistake.new, 1)))
		if err == nil {
			t.Errorf("%s: accepted", mistake.name)
			continue
		}
		if code := release.CodeOf(err); code != release.Invalid {
			t.Errorf("%s: code %s", mistake.name, code)
		}
		fmt.Fprintf(&all, "== %s\n%v\n", mistake.name, err)
	}
	golden.File(t, "testdata/mistakes.golden", []byte(all.String()))
}

func TestOpen(t *testing.T) {
	folder := write(t, map[string]string{
		"s.yaml":      "workload: {trace: t.csv, scale: 2, start: 5m, for: 7m}\nalarms: alarms.json\n",
		"t.csv":       "timestamp,value\n2026-01-05 09:00:00,300\n2026-01-05 09:05:00,600\n2026-01-05 09:10:00,900\n",
		"alarms.json": `{"MetricAlarms": [` + goodAlarm + `]}`,
	})
	s, err := scenario.Open(filepath.Join(folder, "s.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	a := s.Arrivals
	if a.For() != 7*time.Minute || a.Rate(0) != 4 || a.Rate(5*time.Minute) != 6 || a.Rate(7*time.Minute) != 0 || a.Count(0, time.Hour) != 1200+720 {
		t.Errorf("arrivals %+v", a)
	}
	if names := s.AlarmSet.Names(); len(names) != 1 || names[0] != "orders-dlq-not-empty" {
		t.Errorf("alarms %v", names)
	}
}

func TestOpenRefuses(t *testing.T) {
	const trace = "timestamp,value\n2026-01-05 09:00:00,300\n2026-01-05 09:05:00,600\n"
	for name, c := range map[string]struct {
		files map[string]string
		want  string
	}{
		"no trace":            {map[string]string{"s.yaml": "workload: {trace: t.csv}\n"}, "s.yaml:1:19: workload.trace names a file that cannot be read: open "},
		"trace with a slip":   {map[string]string{"s.yaml": "workload: {trace: t.csv}\n", "t.csv": trace + "x,1\n"}, "t.csv:4:1: has the timestamp \"x\""},
		"start behind it":     {map[string]string{"s.yaml": "workload: {trace: t.csv, start: 10m}\n", "t.csv": trace}, "s.yaml:1:33: workload.start is 10m but must lie within the trace, which lasts 10m"},
		"a flood":             {map[string]string{"s.yaml": "workload: {trace: t.csv, scale: 100000}\n", "t.csv": trace}, "s.yaml:1:33: workload.scale is 100000, which makes 200000 messages a second, but at most 100000 can be rehearsed"},
		"trace too large":     {map[string]string{"s.yaml": "workload: {trace: t.csv}\n", "t.csv": strings.Repeat("0123456789abcdef", 1<<20) + "x"}, "is larger than 16 MB"},
		"no alarms":           {map[string]string{"s.yaml": "workload: {rate: 1/s}\nalarms: no.json\n"}, "s.yaml:2:9: alarms names a file that cannot be read: open "},
		"alarms of no use":    {map[string]string{"s.yaml": "workload: {rate: 1/s}\nalarms: a.json\n", "a.json": "{}"}, "a.json: has neither MetricAlarms nor CompositeAlarms"},
		"no scenario":         {nil, "no such file"},
		"a scenario of 10 MB": {map[string]string{"s.yaml": strings.Repeat("workload: 1\n", 1<<20)}, "s.yaml: is larger than 64 KB"},
	} {
		_, err := scenario.Open(filepath.Join(write(t, c.files), "s.yaml"))
		if err == nil || !strings.Contains(err.Error(), c.want) || release.CodeOf(err) != release.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// The examples are what people read first.
func TestExamples(t *testing.T) {
	const folder = "../../examples/orders-worker/"
	for name, want := range map[string]scenario.Share{"good": 0.002, "bad": 0.03, "crash-loop": 0.002, "quiet": 0.002} {
		s, err := scenario.Open(folder + name + ".yaml")
		if err != nil {
			t.Error(err)
			continue
		}
		if s.Canary.FailureRate != want || s.AlarmSet == nil || s.Canary.CrashLoop != (name == "crash-loop") || (s.Arrivals.Rate(time.Minute) == 0) != (name == "quiet") {
			t.Errorf("%s: %+v", name, s)
		}
	}
}

func FuzzParse(f *testing.F) {
	base := string(read(f, "testdata/base.yaml"))
	f.Add(base)
	for _, mistake := range mistakes {
		f.Add(strings.Replace(base, mistake.old, mistake.new, 1))
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, err := scenario.Parse("fuzz", []byte(text))
		if err != nil {
			if release.CodeOf(err) != release.Invalid {
				t.Fatalf("code %s: %v", release.CodeOf(err), err)
			}
			return
		}
		if s.World.Queue.MaxReceiveCount < 1 || s.World.Concurrency < 1 || s.Canary.Latency.P50 < 1 || s.Canary.FailureRate < 0 || s.Canary.FailureRate > 1 ||
			s.Arrivals.Rate(0) < 0 {
			t.Fatalf("%+v", s)
		}
	})
}
