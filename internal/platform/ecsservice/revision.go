package ecsservice

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/serin-aws/serin/internal/ecrimage"
	"github.com/serin-aws/serin/internal/release"
)

// choice is a revision that may be released.
type choice struct {
	revision release.Revision // pinned
	images   map[string]string
	live     bool
}

// revision pins what is to be released.
func (p *Pair) revision(ctx context.Context, s *survey, d Record, rev release.Revision) (choice, error) {
	switch {
	case rev.Image != "":
		return p.imageRevision(ctx, s, d, rev)
	case rev.TaskDefinition != "":
		return p.definitionRevision(ctx, s, d, rev)
	}
	return choice{}, s.noVersion()
}

func (p *Pair) imageRevision(ctx context.Context, s *survey, d Record, rev release.Revision) (choice, error) {
	ref, err := ecrimage.Parse(rev.Image)
	if err != nil {
		return choice{}, release.Errorf(release.Invalid, s.op, "revision.image: %w", err)
	}
	image, err := p.resolve(ctx, s, ref, rev.Image)
	if err != nil {
		return choice{}, err
	}
	digest := image.Digest
	app := s.place.Container
	images := map[string]string{app: ecrimage.Reference{Registry: s.repo.Registry, Repository: s.repo.Name}.At(digest)}
	if d.Canary.Desired == 0 {
		s.sidecars(d, images)
	}
	rev.Digest = digest
	return choice{revision: rev, images: images, live: digest == d.Primary.digest(app)}, nil
}

// sidecars adds the primary's sidecars, as they run, to the images of the new revision: a canary that rested with no
// task may have resolved older ones under the same tags, and would be judged for them.
func (s *survey) sidecars(d Record, images map[string]string) {
	for _, c := range d.Primary.Containers {
		if c.Name != s.place.Container && c.Pinned != "" {
			images[c.Name] = c.Pinned
		}
	}
}

// resolve returns an image that must be in the target's repository.
func (p *Pair) resolve(ctx context.Context, s *survey, ref ecrimage.Reference, written string) (ecrimage.Image, error) {
	if ref.Registry == "" {
		ref.Registry = s.repo.Registry
	}
	if !s.repo.Holds(ref) {
		return ecrimage.Image{}, release.Errorf(release.Forbidden, s.op, "image %s is not in the target's repository %s/%s; serin releases no other image", written, s.repo.Registry, s.repo.Name)
	}
	if ref.Tag == "" && ref.Digest == "" {
		return ecrimage.Image{}, release.Errorf(release.Invalid, s.op, "image %s names neither a tag nor a digest; write repository:tag or repository@sha256:...", written)
	}
	return p.image(ctx, s, ref)
}

// definitionRevision checks that a task definition stays within the target and pins its images.
func (p *Pair) definitionRevision(ctx context.Context, s *survey, d Record, rev release.Revision) (choice, error) {
	definition, tags, err := p.describe(ctx, rev.TaskDefinition)
	if err != nil {
		return choice{}, err
	}
	rev.TaskDefinition = aws.ToString(definition.TaskDefinitionArn)
	name := ShortName(rev.TaskDefinition)
	if definition.Status != types.TaskDefinitionStatusActive {
		return choice{}, release.Errorf(release.Invalid, s.op, "task definition %s is %s, and no service can run such a one; register it again (aws ecs describe-task-definition --task-definition %s shows it) and release that", name, definition.Status, name)
	}
	if err := s.withinTarget(name, Registration(definition, nil)); err != nil {
		return choice{}, err
	}
	if len(copiedTags(tags))+3 > maxTags {
		return choice{}, release.Errorf(release.Invalid, s.op, "%s has too many tags: with serin's three more than %d; remove some", name, maxTags)
	}
	images, digest, err := p.pinAll(ctx, s, d, definition)
	if err != nil {
		return choice{}, err
	}
	rev.Digest = digest
	chosen := choice{revision: rev, images: images}
	next := Registration(definition, nil)
	PinImages(next, images)
	chosen.live = hash(next) == hash(s.baselinePinned(d))
	if _, err := canaryOf(next, Registration(s.primary.definition, nil), Registration(s.canary.definition, nil)); err != nil {
		return choice{}, release.Errorf(release.Invalid, s.op, "task definition %s: %w", name, err)
	}
	return chosen, nil
}

// baselinePinned returns what the primary runs, with digests.
func (s *survey) baselinePinned(d Record) *ecs.RegisterTaskDefinitionInput {
	in := Registration(s.primary.definition, nil)
	PinImages(in, d.Primary.Images())
	return in
}

// pinAll returns the pinned image of each container of a definition and the digest of the released one. The released
// container's image must be in the target's repository. Any other container keeps what the baseline runs under the
// same name, or is in the target's repository, or is pinned already in the repository that it came from before:
// nothing else can be resolved, and a new registry is outside the target.
func (p *Pair) pinAll(ctx context.Context, s *survey, d Record, definition *types.TaskDefinition) (map[string]string, release.Digest, error) {
	images := map[string]string{}
	var digest release.Digest
	for _, c := range definition.ContainerDefinitions {
		containerName, written := aws.ToString(c.Name), aws.ToString(c.Image)
		image, err := p.pinOne(ctx, s, d, containerName, written)
		if err != nil {
			return nil, "", err
		}
		images[containerName] = image
		if ref, err := ecrimage.Parse(image); err == nil && containerName == s.place.Container {
			digest = ref.Digest
		}
	}
	if digest == "" {
		return nil, "", s.noContainer(definition)
	}
	return images, digest, nil
}

func (p *Pair) pinOne(ctx context.Context, s *survey, d Record, containerName, written string) (string, error) {
	ref, err := ecrimage.Parse(written)
	if err != nil {
		return "", release.Errorf(release.Invalid, s.op, "image of container %s: %w", containerName, err)
	}
	if containerName == s.place.Container || s.repo.Holds(ref) {
		image, err := p.resolve(ctx, s, ref, written)
		return ref.At(image.Digest), err
	}
	before, ok := ContainerOf(s.primary.definition.ContainerDefinitions, containerName)
	old, err := ecrimage.Parse(aws.ToString(before.Image))
	switch {
	case !ok || err != nil || old.Name() != ref.Name():
		return "", release.Errorf(release.Forbidden, s.op, "container %s runs %s, which is neither in the target's repository %s nor where the baseline's container comes from", containerName, written, s.repo.Name)
	case ref.Digest != "":
		return written, nil
	case aws.ToString(before.Image) == written:
		if pinned, ok := d.Primary.Images()[containerName]; ok {
			return pinned, nil
		}
		return written, nil // nobody knows the baseline's digest either, which the notes say
	}
	return "", release.Errorf(release.Invalid, s.op, "container %s runs %s, which serin cannot resolve; write it with its digest, %s@sha256:...", containerName, written, ref.Name())
}
