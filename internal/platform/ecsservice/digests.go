package ecsservice

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/serin-aws/serin/internal/ecrimage"
	"github.com/serin-aws/serin/internal/release"
)

// digests finds out what both services run, container by container, and that it can still be pulled: a rollback to an
// image that a lifecycle rule removed is none.
func (p *Pair) digests(ctx context.Context, s *survey) error {
	for _, subject := range []*subject{&s.primary, &s.canary} {
		found, err := p.running(ctx, s, subject)
		if err != nil {
			return err
		}
		subject.digests = found
	}
	if err := s.findRepository(); err != nil || s.presence == release.Absent {
		return err
	}
	if err := p.undeployed(ctx, s); err != nil {
		return err
	}
	return p.pullable(ctx, s)
}

// findRepository finds out where the target's images live.
func (s *survey) findRepository() error {
	written, err := s.writtenImage(&s.primary)
	if err != nil {
		return err
	}
	home, ok := parseARN(aws.ToString(s.primary.service.ServiceArn))
	if !ok {
		return release.Errorf(release.Unexpected, s.op, "%q is no ARN of a service", aws.ToString(s.primary.service.ServiceArn))
	}
	s.repo = ecrimage.RepositoryOf(s.target.Source, written, ecrimage.Home{Partition: home.partition, Region: home.region, Account: home.account})
	return nil
}

// writtenImage returns the image of the released container as the definition writes it.
func (s *survey) writtenImage(subject *subject) (ecrimage.Reference, error) {
	c, _ := ContainerOf(subject.definition.ContainerDefinitions, s.place.Container)
	ref, err := ecrimage.Parse(aws.ToString(c.Image))
	if err != nil {
		return ref, release.Errorf(release.Invalid, s.op, "image of container %s in %s: %w", s.place.Container, ShortName(aws.ToString(subject.definition.TaskDefinitionArn)), err)
	}
	return ref, nil
}

// running returns the digest of every container of a service of which it is known: ECS resolves tags when a
// deployment starts and keeps the answer in the service revision; where it does not (older deployments, containers
// with version consistency disabled) the tasks say what they pulled.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-ecs.html#deployment-container-image-stability
func (p *Pair) running(ctx context.Context, s *survey, subject *subject) (map[string]release.Digest, error) {
	found := map[string]release.Digest{}
	unknown := map[string]bool{}
	for _, c := range subject.definition.ContainerDefinitions {
		name := aws.ToString(c.Name)
		if ref, err := ecrimage.Parse(aws.ToString(c.Image)); err == nil && ref.Digest != "" {
			found[name] = ref.Digest
		} else {
			unknown[name] = true
		}
	}
	if len(unknown) == 0 {
		return found, nil
	}
	if err := p.resolvedByECS(ctx, subject, found, unknown); err != nil {
		return nil, err
	}
	if len(unknown) == 0 || subject.service.DesiredCount == 0 {
		return found, nil
	}
	return found, p.pulledByTasks(ctx, s, subject, found, unknown)
}

// resolvedByECS moves what the service revision knows from unknown to found. It also lists containers that ECS
// itself adds (Service Connect, GuardDuty), which no definition names.
func (p *Pair) resolvedByECS(ctx context.Context, subject *subject, found map[string]release.Digest, unknown map[string]bool) error {
	var arns []string
	for _, summary := range subject.service.CurrentServiceRevisions {
		arns = append(arns, aws.ToString(summary.Arn))
	}
	revisions, err := p.revisions(ctx, arns)
	if err != nil {
		return err
	}
	for _, revision := range revisions {
		if aws.ToString(revision.TaskDefinition) != aws.ToString(subject.definition.TaskDefinitionArn) {
			continue
		}
		for _, image := range revision.ContainerImages {
			name, digest := aws.ToString(image.ContainerName), aws.ToString(image.ImageDigest)
			c, _ := ContainerOf(subject.definition.ContainerDefinitions, name)
			if unknown[name] && ecrimage.IsDigest(digest) && c.VersionConsistency != types.VersionConsistencyDisabled {
				found[name] = release.Digest(digest)
				delete(unknown, name)
			}
		}
	}
	return nil
}

// pulledByTasks moves what the running tasks pulled from unknown to found, and refuses a service whose tasks run
// different images under one tag.
func (p *Pair) pulledByTasks(ctx context.Context, s *survey, subject *subject, found map[string]release.Digest, unknown map[string]bool) error {
	running, err := p.tasks(ctx, s.place, subject.name(), types.DesiredStatusRunning)
	if err != nil {
		return err
	}
	for _, task := range running {
		for _, c := range task.Containers {
			name, digest := aws.ToString(c.Name), release.Digest(aws.ToString(c.ImageDigest))
			if !unknown[name] || !ecrimage.IsDigest(string(digest)) {
				continue
			}
			if before, ok := found[name]; ok && before != digest {
				return release.Errorf(release.Unstable, s.op, "tasks of %s run different images in container %s (%s and %s) because its tag moved: there is no one baseline; force a new deployment, then start again",
					subject.name(), name, before.Short(), digest.Short())
			}
			found[name] = digest
		}
	}
	if found[s.place.Container] == "" {
		return release.Errorf(release.Unstable, s.op, "ECS does not say which image container %s of %s runs; force a new deployment of the service, then start again", s.place.Container, subject.name())
	}
	return nil
}

// undeployed fills in the released container's digest of a service without tasks. Nothing ran, so nothing can be
// brought back exactly: a canary at rest gets what the primary serves, a primary gets what its tag means now.
func (p *Pair) undeployed(ctx context.Context, s *survey) error {
	app := s.place.Container
	if s.primary.digests[app] == "" {
		written, err := s.writtenImage(&s.primary)
		if err != nil {
			return err
		}
		image, err := p.image(ctx, s, written)
		if err != nil {
			return err
		}
		s.primary.digests[app] = image.Digest
		s.notes = append(s.notes, fmt.Sprintf("%s has no task; its image is taken to be what its tag means now, %s", s.primary.name(), image.Digest.Short()))
	}
	s.likePrimary(app)
	return nil
}

// likePrimary gives a canary at rest the digests of the primary: of the released container, and of those that both
// definitions write alike.
func (s *survey) likePrimary(app string) {
	for _, c := range s.canary.definition.ContainerDefinitions {
		name := aws.ToString(c.Name)
		p, ok := ContainerOf(s.primary.definition.ContainerDefinitions, name)
		digest, known := s.primary.digests[name]
		if s.canary.digests[name] == "" && ok && known && (name == app || aws.ToString(p.Image) == aws.ToString(c.Image)) {
			s.canary.digests[name] = digest
		}
	}
}

// pullable looks for every known digest in the target's repository; other registries cannot be asked.
func (p *Pair) pullable(ctx context.Context, s *survey) error {
	looked := map[release.Digest]bool{}
	for _, subject := range []*subject{&s.primary, &s.canary} {
		for _, c := range subject.definition.ContainerDefinitions {
			name := aws.ToString(c.Name)
			digest, known := subject.digests[name]
			ref, err := ecrimage.Parse(aws.ToString(c.Image))
			switch {
			case !known || err != nil:
				s.notes = append(s.notes, fmt.Sprintf("nobody knows the digest of container %s of %s; a rollback starts it as %s again", name, subject.name(), aws.ToString(c.Image)))
			case !s.repo.Holds(ref):
				s.notes = append(s.notes, fmt.Sprintf("whether %s of container %s still exists was not checked: it is not in repository %s", ref.At(digest), name, s.repo.Name))
			case !looked[digest]:
				looked[digest] = true
				if _, err := p.image(ctx, s, ecrimage.Reference{Digest: digest}); err != nil {
					return s.gone(subject, name, digest, err)
				}
			}
		}
	}
	return nil
}

// gone says what an image that cannot be pulled any more means.
func (s *survey) gone(subject *subject, name string, digest release.Digest, err error) error {
	if release.CodeOf(err) != release.NotFound {
		return err
	}
	return release.Errorf(release.NotFound, s.op, "%s of container %s, which %s runs, is gone from repository %s (a lifecycle rule?): a rollback could not start it; push it again or deploy an image that exists, and keep deployed images out of the rule (%w)",
		digest.Short(), name, subject.name(), s.repo.Name, err)
}
