package targetfile

import (
	"slices"
	"time"

	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/yamlfile"
)

// roomToExtend is what the default deadline leaves beyond the bakes themselves: for starting tasks, and for steps that
// are extended.
const roomToExtend = 90 * time.Minute

// warmUp is how long a new version's latency is not compared where the user says nothing: connections are being made,
// caches filled, code compiled.
const warmUp = release.Duration(3 * time.Minute)

// usualMargin is the table's default.
const usualMargin = 1.25

// deriveCompare fills in what is compared where the platform measures versions by itself, and warm-ups. An empty list,
// where there would be a default, means that nothing is compared, and stays.
func deriveCompare(t *release.Target, file *yamlfile.File) {
	given := file.Given(yamlfile.At("checks", "compare"))
	for _, measure := range t.Platform.Measures() {
		switch {
		case !given:
			t.Checks.Compare = append(t.Checks.Compare, release.Comparison{Name: string(measure), Platform: measure, Margin: usualMargin})
		case t.Checks.Compare == nil:
			t.Checks.Compare = []release.Comparison{}
		}
	}
	for i := range t.Checks.Compare {
		if c := &t.Checks.Compare[i]; c.Kind() == release.CompareLatency && !file.Given(yamlfile.At("checks", "compare", i, "warmUp")) {
			c.WarmUp = warmUpOf(t.Plan)
		}
	}
}

// warmUpOf leaves at least half of the first bake to compare.
func warmUpOf(plan release.Plan) release.Duration {
	steps, err := plan.Resolved()
	if err != nil || len(steps) == 0 || steps[0].Bake == 0 {
		return warmUp
	}
	return min(warmUp, release.Duration((steps[0].Bake.Std() / 2).Truncate(time.Minute)))
}

// derive fills in the defaults that follow from the plan, where the user said nothing: a plan of long bakes must not
// need two more lines to be valid.
func derive(t *release.Target, file *yamlfile.File) {
	deriveCompare(t, file)
	steps, err := t.Plan.Resolved()
	if err != nil { // reported where the preset stands
		return
	}
	bakes := release.Bake(steps)
	if t.Emergency != nil {
		steps = append(slices.Clip(steps), t.Emergency.Steps...)
		bakes = max(bakes, release.Bake(t.Emergency.Steps))
		if !file.Given(yamlfile.At("emergency", "settle")) {
			t.Emergency.Settle = t.Plan.Settle
		}
	}
	if !file.Given(yamlfile.At("plan", "maxBake")) {
		for _, step := range steps {
			t.Plan.MaxBake = max(t.Plan.MaxBake, step.Bake)
		}
	}
	if !file.Given(yamlfile.At("plan", "deadline")) {
		t.Plan.Deadline = max(t.Plan.Deadline, release.Duration(bakes+roomToExtend))
	}
}
