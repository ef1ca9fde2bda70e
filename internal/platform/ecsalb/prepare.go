package ecsalb

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/serin-aws/serin/internal/release"
)

// Prepare looks at both services, the rule, its target groups and the revision, and answers the pinned revision and the
// complete baseline. It changes nothing. It refuses, with Unstable, a workload that is not at rest, somebody's shift of
// the weights included; with NotFound, what does not exist; with Forbidden, a revision outside the target; with Invalid,
// a workload that serin cannot divide the requests of, or of which a canary would prove nothing.
func (p *Platform) Prepare(ctx context.Context, target release.Target, rev release.Revision) (release.Prepared, error) {
	var d detail
	found, err := p.pair.Survey(ctx, target, rev, func(primary, canary *types.Service) error {
		var err error
		d.Rule, err = p.admitted(ctx, survey{op: "prepare " + string(target.Name), at: *target.ECSALB, primary: primary, canary: canary})
		return err
	})
	if len(found.Resources) > 0 {
		found.Resources = append(found.Resources, release.Resource(target.ECSALB.ListenerRule))
	}
	if err != nil {
		return release.Prepared{Resources: found.Resources}, err
	}
	d.Record = found.Record
	return found.Prepared(d, fmt.Sprintf(", weights %s", d.Rule.Forward.text()), d.metrics())
}

// Pin finds out which image is meant and when it was pushed, also while the services are being changed.
func (p *Platform) Pin(ctx context.Context, target release.Target, rev release.Revision) (release.Candidate, error) {
	return p.pair.Pin(ctx, target, rev)
}
