package rehearsal

import (
	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/scenario"
)

// fits refuses a scenario of another target, where what it says of requests or hooks would be left out without a word. Tasks
// and their scaling may be said for every platform: one scenario can rehearse several.
func fits(target release.Target, s scenario.Scenario) error {
	for _, part := range []struct {
		field string
		given bool
		of    release.PlatformName
	}{
		{"stickiness", s.World.Stickiness > 0, release.PlatformECSALB},
		{"coldStart", s.World.ColdStart != nil, release.PlatformLambdaAlias},
		{"provisioned", s.World.Provisioned > 0, release.PlatformLambdaAlias},
		{"function", s.World.Function != nil, release.PlatformLambdaAlias},
		{"balancer", s.World.Balancer != nil, release.PlatformECSALB},
	} {
		if part.given && part.of != target.Platform {
			return release.Errorf(release.Invalid, "scenario", "world.%s is for targets of %s, but %s is of %s; leave it out, or rehearse another target",
				part.field, part.of, target.Name, target.Platform)
		}
	}
	return knownHooks(target, s)
}
