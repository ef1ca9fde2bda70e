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

// derive fills in the defaults that follow from the plan, where the user said nothing: a plan of long bakes must not
// need two more lines to be valid.
func derive(t *release.Target, file *yamlfile.File) {
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
