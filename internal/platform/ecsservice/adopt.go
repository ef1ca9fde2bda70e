package ecsservice

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	scalingtypes "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/serin-aws/serin/internal/awserr"
	"github.com/serin-aws/serin/internal/release"
)

// Adoptable is a service that may become a primary: what a canary beside it is copied from.
type Adoptable struct {
	Service      types.Service
	Definition   string                           // family:revision
	Registration *ecs.RegisterTaskDefinitionInput // what it runs, with the tags that may be copied
	Min, Max     int32                            // of its scaling; Max is 0 where nothing scales it
}

// Adopt looks at a service that has no canary yet, by the rules of Survey, and at the name that its canary is to have.
// It changes nothing. A service of which no canary could be released is refused with what would be right. work looks
// at how the work finds the service.
func (p *Pair) Adopt(ctx context.Context, platform release.PlatformName, place Place, work func(*types.Service) error) (Adoptable, error) {
	s := &survey{op: AdoptOp(place), place: place, target: release.Target{Platform: platform}}
	primary, canary, err := p.services(ctx, place)
	switch {
	case release.CodeOf(err) == release.NotFound:
		return Adoptable{}, release.Errorf(release.NotFound, s.op, "there is no cluster %s in this account and region; check its name, the region and the profile", place.Cluster)
	case err != nil:
		return Adoptable{}, err
	case primary == nil:
		return Adoptable{}, release.Errorf(release.NotFound, s.op, "there is no such service; check the cluster's and the service's name, the region and the profile")
	case canary != nil:
		return Adoptable{}, release.Errorf(release.Invalid, s.op, "a service %s is there already: choose another name for the canary, or delete that service first", place.CanaryService)
	}
	if err := work(primary); err != nil {
		return Adoptable{}, err
	}
	if err := s.atRest(primary); err != nil {
		return Adoptable{}, err
	}
	d, tags, err := p.describe(ctx, aws.ToString(primary.TaskDefinition))
	if err != nil {
		return Adoptable{}, err
	}
	if err := s.active(primary, d); err != nil {
		return Adoptable{}, err
	}
	found := Adoptable{Service: *primary, Definition: ShortName(aws.ToString(d.TaskDefinitionArn)), Registration: Registration(d, tags)}
	return found, p.scaled(ctx, &found)
}

// AdoptOp is the place in errors.
func AdoptOp(place Place) string { return "adopt " + place.Cluster + "/" + place.PrimaryService }

// Deployed returns the deployment that a service at rest has.
func (a Adoptable) Deployed() types.Deployment { return *primaryDeployment(&a.Service) }

func (p *Pair) scaled(ctx context.Context, a *Adoptable) error {
	id := scalableID(&a.Service)
	out, err := p.clients.Scaling.DescribeScalableTargets(ctx, &applicationautoscaling.DescribeScalableTargetsInput{
		ServiceNamespace: scalingtypes.ServiceNamespaceEcs, ResourceIds: []string{id},
		ScalableDimension: scalingtypes.ScalableDimensionECSServiceDesiredCount,
	})
	if err != nil {
		return awserr.Wrap("describe the scaling of "+id, err)
	}
	for _, target := range out.ScalableTargets {
		a.Min, a.Max = aws.ToInt32(target.MinCapacity), aws.ToInt32(target.MaxCapacity)
	}
	return nil
}
