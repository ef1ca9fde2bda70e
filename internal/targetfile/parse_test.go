package targetfile_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/serin-aws/serin/internal/golden"
	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/targetfile"
)

func parse(t testing.TB, name, text string) release.Target {
	t.Helper()
	target, err := targetfile.Parse(name, []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return target
}

func d(text string) release.Duration {
	v, err := release.ParseDuration(text)
	if err != nil {
		panic(err)
	}
	return v
}

func TestParse(t *testing.T) {
	got := parse(t, "base.yaml", string(read(t, "testdata/base.yaml")))
	want := release.Target{
		Name: "orders-worker", Platform: release.PlatformECSQueue,
		ECSQueue: &release.ECSQueue{Cluster: "prod", PrimaryService: "orders-worker", CanaryService: "orders-worker-canary", Container: "worker", Queue: "orders"},
		Source:   release.Source{ECR: &release.ECRSource{Repository: "orders-worker", Tags: []string{"release-*"}}},
		Plan: release.Plan{
			Steps:   []release.Step{{Weight: 10, Bake: d("10m")}, {Weight: 25, Bake: d("10m"), Approval: release.Required}},
			MaxBake: d("30m"), Settle: d("15m"), Deadline: d("3h"),
		},
		Checks: release.Checks{
			Alarms: []string{"orders-dlq-not-empty", "orders-oldest-message"},
			Compare: []release.Comparison{{
				Name:       "failures",
				Proportion: &release.Proportion{Namespace: "Orders", Failed: "Failed", Total: "Processed", By: release.ByDimension{Dimension: "Service"}},
				Margin:     1.25,
			}},
			FalseRollback: 0.01, MinimumSample: 300, Inconclusive: release.InconclusiveHold,
		},
		Approvals:      release.Approvals{Expires: d("4h"), OnExpiry: release.ExpiryRollback},
		Concurrency:    release.Supersede,
		Freeze:         []string{"Fri 16:00-Mon 08:00 Europe/Berlin"},
		Emergency:      &release.Emergency{Steps: []release.Step{{Weight: 25, Bake: d("5m")}}, Settle: d("30m")},
		RollbackWindow: d("24h"),
		Notify:         "arn:aws:sns:eu-central-1:123456789012:on-call",
		Role:           "orders-worker-release",
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got\n%+v\nwant\n%+v", got, want)
	}
}

func TestDefaults(t *testing.T) {
	least := string(read(t, "testdata/least.yaml"))
	got := parse(t, "least.yaml", least)
	if p := got.Plan; p.MaxBake != d("30m") || p.Settle != d("15m") || p.Deadline != d("3h") {
		t.Errorf("plan %+v", p)
	}
	if c := got.Checks; c.FalseRollback != 0.01 || c.MinimumSample != 300 || c.Inconclusive != release.InconclusiveHold {
		t.Errorf("checks %+v", c)
	}
	if a := got.Approvals; a != (release.Approvals{Expires: d("4h"), OnExpiry: release.ExpiryRollback}) {
		t.Errorf("approvals %+v", a)
	}
	if got.Concurrency != release.Supersede || got.RollbackWindow != d("24h") || got.Emergency != nil {
		t.Errorf("%+v", got)
	}
}

// A plan with long bakes needs no further line to be valid.
func TestDefaultsFollowThePlan(t *testing.T) {
	least := string(read(t, "testdata/least.yaml"))
	for plan, want := range map[string]release.Plan{
		"{preset: Canary10Percent45Minutes}":               {MaxBake: d("45m"), Deadline: d("3h")},
		"{preset: Linear10PercentEvery30Minutes}":          {MaxBake: d("30m"), Deadline: d("6h")},
		"{preset: Canary10Percent120Minutes, maxBake: 4h}": {MaxBake: d("4h"), Deadline: d("3h30m")},
		"{steps: [{weight: 5, bake: 2h}], deadline: 5h}":   {MaxBake: d("2h"), Deadline: d("5h")},
		"{preset: AllAtOnce}":                              {MaxBake: d("30m"), Deadline: d("3h")},
	} {
		got := parse(t, "a.yaml", strings.Replace(least, "{preset: Canary10Percent15Minutes}", plan, 1)).Plan
		if got.MaxBake != want.MaxBake || got.Deadline != want.Deadline {
			t.Errorf("%s: maxBake %v, deadline %v; want %v, %v", plan, got.MaxBake, got.Deadline, want.MaxBake, want.Deadline)
		}
	}
	emergency := parse(t, "a.yaml", least+"emergency: {steps: [{weight: 20, bake: 100m}]}\n")
	if emergency.Emergency.Settle != d("15m") || emergency.Plan.MaxBake != d("100m") || emergency.Plan.Deadline != d("190m") {
		t.Errorf("with an emergency plan: %+v %+v", emergency.Plan, emergency.Emergency)
	}
}

// What a person may write in more than one way comes to the same.
func TestEqualForms(t *testing.T) {
	least := string(read(t, "testdata/least.yaml"))
	want := parse(t, "a.yaml", least)
	whole, err := targetfile.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"with a document header":     "---\n" + least,
		"with a byte order mark":     "\xef\xbb\xbf" + least,
		"with CRLF":                  strings.ReplaceAll(least, "\n", "\r\n"),
		"with an empty list":         least + "freeze: []\n",
		"with a default written":     least + "concurrency: supersede\n",
		"with comments":              "# a\n" + strings.ReplaceAll(least, "\n", " # b\n"),
		"JSON without a name for it": string(whole),
		"indented with tabs":         "{\n\t" + string(whole[1:]),
	} {
		if got := parse(t, "a", text); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestZeroesSurvive(t *testing.T) {
	least := string(read(t, "testdata/least.yaml"))
	text := strings.Replace(strings.Replace(least, "Minutes}", "Minutes, settle: 0s}", 1), "]}", "], minimumSample: 0}", 1) + "rollbackWindow: 0s\n"
	first := parse(t, "a.yaml", text)
	data, err := targetfile.Marshal(first)
	if err != nil {
		t.Fatal(err)
	}
	got := parse(t, "a.json", string(data))
	if got.Checks.MinimumSample != 0 || got.Plan.Settle != 0 || got.RollbackWindow != 0 {
		t.Errorf("zeroes came back as defaults: %s", data)
	}
}

func TestHash(t *testing.T) {
	if got := targetfile.Hash([]byte("abc")); got != "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" {
		t.Errorf("the SHA-256 of abc is not %s", got)
	}
}

func TestShow(t *testing.T) {
	for _, name := range []string{"least", "base", "least-alb", "least-lambda", "least-mirror"} {
		data := read(t, "testdata/"+name+".yaml")
		got, err := targetfile.Show(name+".yaml", data)
		if err != nil {
			t.Fatal(err)
		}
		golden.File(t, "testdata/"+name+".show.golden", got)
	}
}

// Whatever target people write: the parameter and the effective file are read back to the same.
func TestRoundTrips(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		target := targets.Draw(t, "target")
		data, err := targetfile.Marshal(target)
		if err != nil {
			t.Fatal(err)
		}
		got, err := targetfile.Parse("a.json", data)
		if err != nil {
			t.Skipf("not valid: %v", err) // the generator does not know every rule
		}
		if !reflect.DeepEqual(got, target) {
			t.Fatalf("read back as\n%+v\nnot\n%+v", got, target)
		}
		shown, err := targetfile.Show("a.json", data)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(shown), "# default") {
			t.Fatalf("everything is given, but a default is shown:\n%s", shown)
		}
		if got, err := targetfile.Parse("a.yaml", shown); err != nil || !reflect.DeepEqual(got, target) {
			t.Fatalf("the effective file is read as\n%+v, %v:\n%s", got, err, shown)
		}
	})
}

var targets = rapid.Custom(func(t *rapid.T) release.Target {
	minutes := func(name string, least, most int) release.Duration {
		return release.Duration(time.Duration(rapid.IntRange(least, most).Draw(t, name)) * time.Minute)
	}
	name := rapid.StringMatching(`[a-z0-9-]{1,20}`)
	steps := func(label string) []release.Step {
		var steps []release.Step
		for w := 0; len(steps) < rapid.IntRange(1, 4).Draw(t, label); {
			w += rapid.IntRange(1, 24).Draw(t, "rise")
			steps = append(steps, release.Step{
				Weight: release.Weight(w), Bake: minutes("bake", 1, 20),
				Approval: rapid.SampledFrom([]release.Approval{"", release.Required}).Draw(t, "approval"),
			})
		}
		return steps
	}
	target := release.Target{
		Name: release.TargetName(name.Draw(t, "name")), Platform: release.PlatformECSQueue,
		ECSQueue: &release.ECSQueue{
			Cluster: name.Draw(t, "cluster"), PrimaryService: "p" + name.Draw(t, "primary"), CanaryService: "c" + name.Draw(t, "canary"),
			Container: "worker", Queue: name.Draw(t, "queue"),
		},
		Plan: release.Plan{MaxBake: minutes("maxBake", 20, 60), Settle: minutes("settle", 0, 60), Deadline: minutes("deadline", 81, 600)},
		Checks: release.Checks{
			FalseRollback: rapid.Float64Range(1e-6, 0.2).Draw(t, "falseRollback"),
			MinimumSample: rapid.Int64Range(0, 1e9).Draw(t, "minimumSample"),
			Inconclusive:  rapid.SampledFrom([]release.InconclusivePolicy{release.InconclusiveHold, release.InconclusiveRollback, release.InconclusivePromote}).Draw(t, "inconclusive"),
			Alarms:        rapid.SliceOfNDistinct(rapid.StringMatching(`[ -~äß:#'"*&!{}]{1,30}`), 1, 5, rapid.ID[string]).Draw(t, "alarms"),
		},
		Approvals: release.Approvals{
			Expires: minutes("expires", 1, 600), OnExpiry: rapid.SampledFrom([]release.ExpiryPolicy{release.ExpiryRollback, release.ExpiryPromote}).Draw(t, "onExpiry"),
			ByRequester: rapid.Bool().Draw(t, "byRequester"),
		},
		Concurrency:    rapid.SampledFrom([]release.Concurrency{release.Supersede, release.Queue, release.Reject}).Draw(t, "concurrency"),
		RollbackWindow: minutes("rollbackWindow", 0, 1000),
	}
	if target.Plan.Steps = steps("steps"); rapid.Bool().Draw(t, "preset") {
		target.Plan.Steps, target.Plan.Preset = nil, rapid.SampledFrom([]string{"AllAtOnce", "Canary10Percent15Minutes", "Linear25PercentEvery3Minutes"}).Draw(t, "name of the preset")
	}
	if rapid.Bool().Draw(t, "emergency") {
		target.Emergency = &release.Emergency{Steps: steps("emergency steps"), Settle: minutes("emergency settle", 0, 60)}
	}
	if rapid.Bool().Draw(t, "freeze") {
		target.Freeze = []string{"Fri 16:00-Mon 08:00 Europe/Berlin", "Wed 22:00-Thu 05:00 UTC"}
	}
	if rapid.Bool().Draw(t, "compare") {
		target.Checks.Compare = []release.Comparison{{
			Name: name.Draw(t, "comparison"), Margin: rapid.Float64Range(1, 1.9).Draw(t, "margin"),
			Proportion: &release.Proportion{Namespace: "Orders", Failed: "Failed", Total: rapid.StringMatching(`[!-~]([ -~]{0,20}[!-~])?`).Draw(t, "total"), By: release.ByDimension{Dimension: "Service"}},
			VetoOnly:   len(target.Checks.Alarms) > 0 && rapid.Bool().Draw(t, "vetoOnly"),
		}}
	}
	return target
})

// What is accepted is read back to the same, and nothing makes the reader panic or hang.
func FuzzParse(f *testing.F) {
	base := string(read(f, "testdata/base.yaml"))
	f.Add(base)
	f.Add(string(read(f, "testdata/least.yaml")))
	for _, mistake := range mistakes {
		f.Add(strings.Replace(base, mistake.old, mistake.new, 1))
	}
	whole, err := targetfile.Marshal(parse(f, "base.yaml", base))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(whole))
	f.Fuzz(func(t *testing.T, text string) {
		target, err := targetfile.Parse("fuzz", []byte(text))
		if err != nil {
			if release.CodeOf(err) != release.Invalid {
				t.Fatalf("code %s: %v", release.CodeOf(err), err)
			}
			return
		}
		data, err := targetfile.Marshal(target)
		if err != nil {
			t.Fatal(err)
		}
		if back, err := targetfile.Parse("fuzz.json", data); err != nil || !reflect.DeepEqual(back, target) {
			t.Fatalf("%s\nis read back as %+v, %v", data, back, err)
		}
		shown, err := targetfile.Show("fuzz", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		if back, err := targetfile.Parse("fuzz.yaml", shown); err != nil || !reflect.DeepEqual(back, target) {
			t.Fatalf("the effective file\n%s\nis read back as %+v, %v", shown, back, err)
		}
	})
}
