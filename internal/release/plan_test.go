package release

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func minutes(n int) Duration { return Duration(time.Duration(n) * time.Minute) }

func TestParsePreset(t *testing.T) {
	linear := func(percents []Weight, bake Duration) []Step {
		var steps []Step
		for _, w := range percents {
			steps = append(steps, Step{Weight: w, Bake: bake})
		}
		return steps
	}
	for _, c := range []struct {
		name string
		want []Step
	}{
		{"AllAtOnce", []Step{{Weight: 100}}},
		{"CodeDeployDefault.ECSAllAtOnce", []Step{{Weight: 100}}},
		{"Canary25Percent7Minutes", linear([]Weight{25}, minutes(7))},
		{"CodeDeployDefault.LambdaCanary10Percent5Minutes", linear([]Weight{10}, minutes(5))},
		{"ECSCanary10Percent15Minutes", linear([]Weight{10}, minutes(15))},
		{"Linear10PercentEvery2Minutes", linear([]Weight{10, 20, 30, 40, 50, 60, 70, 80, 90}, minutes(2))},
		{"CodeDeployDefault.LambdaLinear10PercentEvery1Minute", linear([]Weight{10, 20, 30, 40, 50, 60, 70, 80, 90}, minutes(1))},
		{"Linear33PercentEvery3Minutes", linear([]Weight{33, 66, 99}, minutes(3))},
		{"Linear50PercentEvery1Minutes", linear([]Weight{50}, minutes(1))},
		{"Linear99PercentEvery2880Minutes", linear([]Weight{99}, minutes(2880))},
	} {
		got, err := ParsePreset(c.name)
		if err != nil || !slices.Equal(got, c.want) {
			t.Errorf("ParsePreset(%q) = %v, %v; want %v", c.name, got, err, c.want)
		}
	}
}

func TestParsePresetRefuses(t *testing.T) {
	for _, name := range []string{
		"", "Canary", "canary10percent5minutes", "Canary0Percent5Minutes", "Canary100Percent5Minutes", "Canary10Percent0Minutes",
		"Canary10Percent2881Minutes", "Linear1PercentEvery30Minutes", "Linear10PercentEvery0Minutes", "Linear0PercentEvery1Minutes",
		"Canary10Percent5Minutes ", "Canary010Percent5Minutes", "CodeDeployDefault.HalfAtATime", "Canary10Percent99999Minutes",
	} {
		if got, err := ParsePreset(name); err == nil {
			t.Errorf("ParsePreset(%q) = %v, want an error", name, got)
		}
	}
}

// presetHolds is what every accepted preset promises.
func presetHolds(t interface{ Fatalf(string, ...any) }, name string, steps []Step) {
	if len(steps) == 0 || Bake(steps) > maxPreset {
		t.Fatalf("%q has %d steps of %v", name, len(steps), Bake(steps))
	}
	for i, step := range steps {
		if i > 0 && step.Weight <= steps[i-1].Weight {
			t.Fatalf("%q does not rise: %v", name, steps)
		}
		if step.Weight < 1 || step.Weight > 100 || (step.Weight == 100) != (step.Bake == 0) {
			t.Fatalf("%q has the step %v", name, step)
		}
	}
}

func FuzzParsePreset(f *testing.F) {
	for _, name := range []string{"AllAtOnce", "Canary25Percent7Minutes", "Linear10PercentEvery2Minutes", "CodeDeployDefault.ECSLinear10PercentEvery3Minutes", "Linear1PercentEvery29Minutes"} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		if steps, err := ParsePreset(name); err == nil {
			presetHolds(t, name, steps)
		}
	})
}

func TestPlanResolved(t *testing.T) {
	steps := []Step{{Weight: 10, Bake: minutes(10)}, {Weight: 25, Bake: minutes(5)}}
	if got, err := (Plan{Steps: steps}).Resolved(); err != nil || !slices.Equal(got, steps) {
		t.Errorf("steps resolve to %v, %v", got, err)
	}
	if got, err := (Plan{Preset: "Canary5Percent2Minutes"}).Resolved(); err != nil || len(got) != 1 || got[0].Weight != 5 {
		t.Errorf("the preset resolves to %v, %v", got, err)
	}
	if _, err := (Plan{Preset: "Canary"}).Resolved(); err == nil {
		t.Error("an unknown preset resolves")
	}
	if got := Bake(steps); got != 15*time.Minute {
		t.Errorf("the bakes sum to %v", got)
	}
}

func TestLinearPresetStepsAreEven(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		percent := rapid.IntRange(1, 99).Draw(t, "percent")
		name := "Linear" + itoa(percent) + "PercentEvery1Minutes"
		steps, err := ParsePreset(name)
		if err != nil {
			t.Fatal(err)
		}
		presetHolds(t, name, steps)
		last := int(steps[len(steps)-1].Weight)
		if len(steps)*percent != last || last+percent < 100 {
			t.Fatalf("%s ends at %d in %d steps", name, last, len(steps))
		}
	})
}
