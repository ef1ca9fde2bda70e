package ecsservice

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/serin-aws/serin/internal/ecrimage"
	"github.com/serin-aws/serin/internal/release"
)

// Pin finds out which image is meant and when it was pushed, also while the services are being changed: whether they are
// ready for it is Prepare's to say. It refuses what is not the target's.
func (p *Pair) Pin(ctx context.Context, target release.Target, rev release.Revision) (release.Candidate, error) {
	place, err := placeOf(target)
	if err != nil {
		return release.Candidate{}, err
	}
	s := &survey{op: "pin " + rev.String(), target: target, place: place}
	if err := rev.Check(); err != nil {
		return release.Candidate{}, err
	}
	primary, _, err := p.services(ctx, s.place)
	if err != nil {
		return release.Candidate{}, err
	}
	if primary == nil {
		return release.Candidate{}, s.missing(s.place.PrimaryService, "primaryService")
	}
	s.primary.service = primary
	if s.primary.definition, _, err = p.describe(ctx, aws.ToString(primary.TaskDefinition)); err != nil {
		return release.Candidate{}, err
	}
	if err := s.findRepository(); err != nil {
		return release.Candidate{}, err
	}
	return p.pin(ctx, s, rev)
}

func (p *Pair) pin(ctx context.Context, s *survey, rev release.Revision) (release.Candidate, error) {
	written := rev.Image
	switch {
	case rev.Image != "":
	case rev.TaskDefinition != "":
		definition, _, err := p.describe(ctx, rev.TaskDefinition)
		if err != nil {
			return release.Candidate{}, err
		}
		c, ok := ContainerOf(definition.ContainerDefinitions, s.place.Container)
		if !ok {
			return release.Candidate{}, s.noContainer(definition)
		}
		rev.TaskDefinition, written = aws.ToString(definition.TaskDefinitionArn), aws.ToString(c.Image)
	default:
		return release.Candidate{}, s.noVersion()
	}
	ref, err := ecrimage.Parse(written)
	if err != nil {
		return release.Candidate{}, release.Errorf(release.Invalid, s.op, "revision.image: %w", err)
	}
	image, err := p.resolve(ctx, s, ref, written)
	rev.Digest = image.Digest
	return release.Candidate{Revision: rev, Pushed: image.Pushed}, err
}

func (s *survey) noContainer(definition *types.TaskDefinition) error {
	return release.Errorf(release.Invalid, s.op, "task definition %s has no container %q; check %s.container",
		ShortName(aws.ToString(definition.TaskDefinitionArn)), s.place.Container, s.place.Field)
}

func (s *survey) noVersion() error {
	return release.Errorf(release.Invalid, s.op, "an %s target releases an image or a taskDefinition, not a Lambda version or a function's code", s.target.Platform)
}

// image finds an image of the target's repository and remembers when it was pushed.
func (p *Pair) image(ctx context.Context, s *survey, ref ecrimage.Reference) (ecrimage.Image, error) {
	image, err := ecrimage.Look(ctx, p.clients.ECR, s.repo, ref)
	if err == nil {
		if s.pushed == nil {
			s.pushed = map[release.Digest]time.Time{}
		}
		s.pushed[image.Digest] = image.Pushed
	}
	return image, err
}
