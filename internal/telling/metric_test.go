package telling_test

import (
	"encoding/json"
	"testing"

	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/telling"
)

func TestMetrics(t *testing.T) {
	for name, c := range map[string]struct {
		r    *release.Release
		kind release.NoticeKind
		want map[string]any // nil: no metrics
	}{
		"it goes on":  {at(release.Baking, nil), release.NoticeWaiting, nil},
		"rolled back": {at(release.RolledBack, nil), release.NoticeRolledBack, map[string]any{"Outcome": "rolledBack", "Releases": 1.0, "DetectionSeconds": 300.0, "DurationSeconds": 3600.0}},
		"dirty":       {at(release.Dirty, nil), release.NoticeDirty, map[string]any{"Outcome": "dirty", "Dirty": 1.0, "StateMachine": "serin"}},
		"abandoned":   {at(release.Abandoned, abandoned), release.NoticeAbandoned, map[string]any{"Outcome": "abandoned", "Releases": 1.0, "Dirty": nil}},
		"cleanup":     {at(release.RolledBack, func(r *release.Release) { r.CleanupPending = "x" }), release.NoticeRolledBack, map[string]any{"CleanupPending": 1.0}},
	} {
		t.Run(name, func(t *testing.T) {
			line := telling.Metrics(c.r, release.Notice{Kind: c.kind}, noon)
			if c.want == nil {
				if line != nil {
					t.Errorf("%s", line)
				}
				return
			}
			var got map[string]any
			if err := json.Unmarshal(line, &got); err != nil {
				t.Fatal(err)
			}
			for field, value := range c.want {
				if got[field] != value {
					t.Errorf("%s is %v, want %v", field, got[field], value)
				}
			}
			declared(t, got)
		})
	}
}

// declared holds that every metric and dimension that CloudWatch is told of is there.
func declared(t *testing.T, line map[string]any) {
	t.Helper()
	meta := line["_aws"].(map[string]any)
	if meta["Timestamp"] != float64(noon.UnixMilli()) {
		t.Errorf("stamped %v", meta["Timestamp"])
	}
	for _, d := range meta["CloudWatchMetrics"].([]any) {
		set := d.(map[string]any)
		if set["Namespace"] != "Serin" {
			t.Errorf("namespace %v", set["Namespace"])
		}
		for _, m := range set["Metrics"].([]any) {
			if _, ok := line[m.(map[string]any)["Name"].(string)].(float64); !ok {
				t.Errorf("no value of %v", m)
			}
		}
		for _, names := range set["Dimensions"].([]any) {
			for _, name := range names.([]any) {
				if _, ok := line[name.(string)].(string); !ok {
					t.Errorf("no value of the dimension %v", name)
				}
			}
		}
	}
}

// The sweep's line lasts as long as something is pending, on the metric that the alarm looks at: the one without dimensions.
func TestPendingCleanupsAreCounted(t *testing.T) {
	var line struct {
		CleanupPending int
		AWS            struct {
			CloudWatchMetrics []struct {
				Namespace  string
				Dimensions [][]string
				Metrics    []struct{ Name string }
			}
		} `json:"_aws"`
	}
	if err := json.Unmarshal(telling.Pending(3, noon), &line); err != nil {
		t.Fatal(err)
	}
	set := line.AWS.CloudWatchMetrics[0]
	if line.CleanupPending != 3 || set.Namespace != telling.Namespace || set.Metrics[0].Name != telling.MetricPending || len(set.Dimensions) != 1 || len(set.Dimensions[0]) != 0 {
		t.Errorf("%+v", line)
	}
}
