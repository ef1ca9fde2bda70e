package targetfile

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/yamlfile"
)

// compared is the base file with other comparisons.
func compared(t *testing.T, compare string) string {
	t.Helper()
	base, err := os.ReadFile("testdata/base.yaml")
	if err != nil {
		t.Fatal(err)
	}
	head, rest, _ := strings.Cut(string(base), "  compare:\n")
	_, tail, found := strings.Cut(rest, "  falseRollback:")
	if !found {
		t.Fatal("the base file has another form")
	}
	return head + compare + "  falseRollback:" + tail
}

const everyMeasure = `  compare:
    - name: failures
      proportion: {namespace: Orders, failed: Failed, total: Processed, by: {dimension: Service, with: {Stage: prod, Region: eu}}}
    - name: latency
      latency: {namespace: Orders, metric: Duration, by: {dimension: Service}}
    - name: throughput
      throughput: {namespace: Orders, metric: Processed, by: {dimension: Service}}
      margin: 1.5
      warmUp: 2m
`

func TestDefaultsOfComparisons(t *testing.T) {
	target, err := Parse("a.yaml", []byte(compared(t, everyMeasure)))
	if err != nil {
		t.Fatal(err)
	}
	failures, latency, throughput := target.Checks.Compare[0], target.Checks.Compare[1], target.Checks.Compare[2]
	if failures.Margin != usualMargin || failures.WarmUp != 0 {
		t.Errorf("%+v", failures)
	}
	if latency.Margin != usualMargin || latency.WarmUp != warmUp || latency.Latency.Unit != release.InMilliseconds {
		t.Errorf("%+v %+v", latency, latency.Latency)
	}
	if throughput.Margin != 1.5 || throughput.WarmUp != release.Duration(2*time.Minute) {
		t.Errorf("%+v", throughput)
	}
	metrics := release.Metrics{Canary: release.ArmMetrics{Value: "a"}, Baseline: release.ArmMetrics{Value: "b"}}
	of, ok := metrics.Compared(failures)
	if got := of.Canary.Units.String(); !ok || got != "Orders/Processed{Service=a,Region=eu,Stage=prod}" {
		t.Errorf("%s", got)
	}
}

// A warm-up leaves something of a short bake to compare, and a stated one stays.
func TestWarmUpFollowsTheFirstBake(t *testing.T) {
	const latency = "  compare:\n    - name: latency\n      latency: {namespace: Orders, metric: Duration, by: {dimension: Service}}\n"
	for bake, want := range map[string]time.Duration{"1m": 0, "3m": time.Minute, "5m": 2 * time.Minute, "30m": 3 * time.Minute} {
		file := strings.Replace(compared(t, latency), "bake: 10m", "bake: "+bake, 1)
		target, err := Parse("a.yaml", []byte(file))
		if err != nil {
			t.Fatal(err)
		}
		if got := target.Checks.Compare[0].WarmUp.Std(); got != want {
			t.Errorf("a bake of %s: %s, want %s", bake, got, want)
		}
	}
	target, err := Parse("a.yaml", []byte(compared(t, latency+"      warmUp: 0s\n")))
	if err != nil || target.Checks.Compare[0].WarmUp != 0 {
		t.Errorf("%+v, %v", target.Checks.Compare, err)
	}
}

// A platform that measures its versions compares them by all it has, unless the user says otherwise; nothing on purpose
// stays nothing.
func TestPlatformsCompareByThemselves(t *testing.T) {
	for name, row := range map[string]struct {
		platform release.PlatformName
		file     string
		written  string // the checks as they stand in SSM
	}{
		"a queue measures nothing":    {release.PlatformECSQueue, `{}`, `{"falseRollback":0,"minimumSample":0,"inconclusive":""}`},
		"an empty list there is none": {release.PlatformECSQueue, `{"checks":{"compare":[]}}`, `{"falseRollback":0,"minimumSample":0,"inconclusive":""}`},
		"an alias by all that it has": {release.PlatformLambdaAlias, `{}`, `{"compare":[{"name":"errors","platform":"errors","margin":1.25,"warmUp":"0s","vetoOnly":false},{"name":"latency","platform":"latency","margin":1.25,"warmUp":"3m","vetoOnly":false}],"falseRollback":0,"minimumSample":0,"inconclusive":""}`},
		"nothing on purpose":          {release.PlatformECSALB, `{"checks":{"compare":[]}}`, `{"compare":[],"falseRollback":0,"minimumSample":0,"inconclusive":""}`},
	} {
		file, err := yamlfile.Read("a.json", []byte(row.file), table)
		if err != nil {
			t.Fatal(err)
		}
		target := release.Target{Platform: row.platform}
		deriveCompare(&target, file)
		if got, err := json.Marshal(target.Checks); err != nil || string(got) != row.written {
			t.Errorf("%s: %s, %v", name, got, err)
		}
	}
}
