package rehearsal

import (
	"slices"

	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/scenario"
)

// fits refuses a scenario of another target: what it says of the world or of hooks would be left out without a word.
func fits(target release.Target, s scenario.Scenario) error {
	services := []release.PlatformName{release.PlatformECSQueue, release.PlatformECSALB}
	for _, part := range []struct {
		field string
		given bool
		of    []release.PlatformName
	}{
		{"stickiness", s.World.Stickiness > 0, []release.PlatformName{release.PlatformECSALB}},
		{"coldStart", s.World.ColdStart != nil, []release.PlatformName{release.PlatformLambdaAlias}},
		{"provisioned", s.World.Provisioned > 0, []release.PlatformName{release.PlatformLambdaAlias}},
		{"scaling", s.World.Scaling != nil, services},
		{"services", len(s.World.Services) > 0, services},
	} {
		if part.given && !slices.Contains(part.of, target.Platform) {
			return release.Errorf(release.Invalid, "scenario", "world.%s is for targets of %s, but %s is of %s; leave it out, or rehearse another target",
				part.field, names(part.of), target.Name, target.Platform)
		}
	}
	return knownHooks(target, s)
}

func names(platforms []release.PlatformName) string {
	text := string(platforms[0])
	for _, p := range platforms[1:] {
		text += " or " + string(p)
	}
	return text
}
