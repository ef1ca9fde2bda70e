package rehearsal

import (
	"github.com/serin-aws/serin/internal/rehearsal/world"
	"github.com/serin-aws/serin/internal/rehearsal/world/ecsalb"
	"github.com/serin-aws/serin/internal/rehearsal/world/ecsqueue"
	"github.com/serin-aws/serin/internal/rehearsal/world/lambdaalias"
	"github.com/serin-aws/serin/internal/rehearsal/world/mirror"
	"github.com/serin-aws/serin/internal/release"
)

// worldOf returns what builds the workload of a platform. Each platform that can be rehearsed has its line here.
func worldOf(platform release.PlatformName) (func(world.Site) (world.World, error), error) {
	switch platform {
	case release.PlatformECSQueue:
		return ecsqueue.New, nil
	case release.PlatformECSALB:
		return ecsalb.New, nil
	case release.PlatformLambdaAlias:
		return lambdaalias.New, nil
	case release.PlatformEC2Mirror:
		return mirror.New, nil
	}
	return nil, release.Errorf(release.Invalid, "rehearse", "the platform %q cannot be rehearsed in this version of serin", platform)
}
