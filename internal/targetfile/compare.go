package targetfile

import (
	"slices"
	"time"

	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/yamlfile"
)

func checkCompare(t release.Target, r report) {
	first := map[string]int{}
	for i, c := range t.Checks.Compare {
		here := at("checks", "compare", i)
		if before, twice := first[c.Name]; twice && c.Name != "" {
			r.Wrong(append(here, "name"), "is %q, as is entry %d, but must be a name of its own (verdicts call a measure by it)", c.Name, before)
		}
		first[c.Name] = i
		checkMeasure(t.Platform, c, here, r)
		checkWarmUp(t, c.WarmUp, append(here[:3:3], "warmUp"), r)
	}
}

// checkMeasure holds a comparison against what is measured on its platform.
func checkMeasure(platform release.PlatformName, c release.Comparison, here yamlfile.Path, r report) {
	below := func(elements ...any) yamlfile.Path { return append(here[:3:3], elements...) }
	switch {
	case c.Proportion != nil:
		if p := c.Proportion; p.Failed == p.Total && p.Total != "" {
			r.Wrong(below("proportion", "failed"), "is %q, as is total, but must be the metric that counts failures only", p.Failed)
		}
		checkBy(c.Proportion.By, below("proportion", "by"), r)
	case c.Latency != nil:
		checkBy(c.Latency.By, below("latency", "by"), r)
	case c.Throughput != nil:
		if platform != release.PlatformECSQueue && platform != "" {
			r.Wrong(below("throughput"), "must be left out on %s (it is for workers that take work from a queue; here the weight alone says how much each version does)", platform)
		}
		checkBy(c.Throughput.By, below("throughput", "by"), r)
	case c.Platform != "" && platform != "" && !slices.Contains(platform.Measures(), c.Platform):
		r.Wrong(below("platform"), "is %s, but AWS measures none of each version on %s; let the workload publish it, and name its metrics in proportion or latency", c.Platform, platform)
	}
}

func checkBy(by release.ByDimension, here yamlfile.Path, r report) {
	if _, twice := by.With[by.Dimension]; twice {
		r.Wrong(append(here, "with", by.Dimension), "names the dimension that tells the versions apart, but must name others only")
	}
}

// checkWarmUp keeps a warm-up within the first bake: otherwise weight rises on nothing.
func checkWarmUp(t release.Target, warmUp release.Duration, here yamlfile.Path, r report) {
	if warmUp%release.Duration(time.Minute) != 0 {
		r.Wrong(here, "is %s but must be whole minutes (CloudWatch counts by the minute)", warmUp)
	}
	steps, err := t.Plan.Resolved()
	if err != nil || len(steps) == 0 || steps[0].Bake == 0 { // reported where they stand, or nothing is compared
		return
	}
	if warmUp >= steps[0].Bake {
		r.Wrong(here, "is %s but must be shorter than the first bake (%s); weight must not rise on nothing", warmUp, steps[0].Bake)
	}
}
