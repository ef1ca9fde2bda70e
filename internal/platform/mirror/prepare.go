package mirror

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/serin-aws/serin/internal/ecrimage"
	"github.com/serin-aws/serin/internal/release"
)

// Prepare reads the live stack and pins the new image. It changes nothing. It refuses a service that does not say that
// its reads are idempotent, a stack that is changing or lacks a parameter or output, an image of the baseline that is not
// pinned, a parameter that cannot be read back, and a temporary stack that is left over.
func (p *Platform) Prepare(ctx context.Context, target release.Target, revision release.Revision) (release.Prepared, error) {
	at := target.EC2Mirror
	op := "target " + string(target.Name)
	if !at.Idempotent {
		return release.Prepared{}, release.Errorf(release.Forbidden, op,
			"does not say idempotent: true. Mirroring answers reads a second time, in a stack that shares your data: say so only of a service whose GET and HEAD change nothing")
	}
	if revision.Image == "" {
		return release.Prepared{}, release.Errorf(release.Invalid, op, "an ec2-mirror target releases an image, not %s", revision)
	}
	live, err := p.read(ctx, at.Stack, at.Parameters)
	if err != nil {
		return release.Prepared{}, err
	}
	if err := admit(at, live); err != nil {
		return release.Prepared{}, err
	}
	if err := p.unused(ctx, at); err != nil {
		return release.Prepared{}, err
	}
	return p.conclude(ctx, target, revision, live)
}

// admit refuses a live stack that cannot be released to.
func admit(at *release.EC2Mirror, live *stack) error {
	op := "stack " + at.Stack
	if live == nil {
		return release.Errorf(release.NotFound, op, "does not exist; check ec2Mirror.stack, the account and the region")
	}
	if live.rests() != ready {
		return release.Errorf(release.Unstable, op, "is %s; start again when it is stable", live.StackStatus)
	}
	if aws.ToString(live.RoleARN) == "" {
		return release.Errorf(release.Forbidden, op, "has no service role, and serin may not make the temporary stack's machines with its own; update the stack once with --role-arn, and name that role among the PassRoles of the target's roles")
	}
	for _, name := range four(at.Parameters) {
		if _, ok := live.parameter(name); !ok {
			return release.Errorf(release.Invalid, op, "has no parameter %s; the template must have it, or ec2Mirror.parameters must name another", name)
		}
	}
	for _, name := range []string{at.Outputs.Endpoint, at.Outputs.LoadBalancer, at.Outputs.TargetGroup} {
		if live.output(name) == "" {
			return release.Errorf(release.Invalid, op, "has no output %s; the template must have it, or ec2Mirror.outputs must name another", name)
		}
	}
	for _, p := range live.Parameters {
		if strings.Trim(aws.ToString(p.ParameterValue), "*") == "" && aws.ToString(p.ParameterValue) != "" {
			return release.Errorf(release.Invalid, op, "its parameter %s is NoEcho: its value cannot be read back for the temporary stack; use a dynamic reference to Secrets Manager in the template instead", aws.ToString(p.ParameterKey))
		}
	}
	if now := live.set(); now.Mode != modeNginx || now.Host != "" {
		return release.Errorf(release.Unstable, op, "mirrors already (%s); set %s to nginx and %s to nothing first", now.text(), at.Parameters.ProxyMode, at.Parameters.MirrorHost)
	}
	return nil
}

// unused refuses a temporary stack that is there already.
func (p *Platform) unused(ctx context.Context, at *release.EC2Mirror) error {
	left, err := p.read(ctx, at.Temporary, at.Parameters)
	if err != nil || left == nil {
		return err
	}
	whose := "it is none of serin's"
	if id := left.tag(release.TagRelease); id != "" {
		whose = "it is left over from release " + id
	}
	return release.Errorf(release.Unstable, "stack "+at.Temporary, "exists already (%s): %s; delete it, or name another in ec2Mirror.temporary", left.StackStatus, whose)
}

// Pin finds out which image is meant and when it was pushed, also while the stack is being changed.
func (p *Platform) Pin(ctx context.Context, target release.Target, revision release.Revision) (release.Candidate, error) {
	at := target.EC2Mirror
	live, err := p.read(ctx, at.Stack, at.Parameters)
	if err != nil {
		return release.Candidate{}, err
	}
	if live == nil {
		return release.Candidate{}, release.Errorf(release.NotFound, "stack "+at.Stack, "does not exist; check ec2Mirror.stack, the account and the region")
	}
	found, err := p.find(ctx, target, revision, live)
	return found.candidate, err
}

// found is the image that is to be released, and what serves.
type found struct {
	candidate release.Candidate
	image     string // with its digest
	before    ecrimage.Reference
}

// find finds the new image's digest in the repository that the live stack pulls from.
func (p *Platform) find(ctx context.Context, target release.Target, revision release.Revision, live *stack) (found, error) {
	op := "target " + string(target.Name)
	before, err := ecrimage.Parse(live.set().Image)
	if err != nil || before.Digest == "" {
		return found{}, release.Errorf(release.Invalid, op,
			"stack %s serves %q, which names no digest: a tag may mean another image by now, and rollback must bring back exactly this one; set %s to repository@sha256:... first",
			live.name(), live.set().Image, target.EC2Mirror.Parameters.Image)
	}
	ref, err := ecrimage.Parse(revision.Image)
	if err != nil {
		return found{}, release.Errorf(release.Invalid, op, "revision.image: %w", err)
	}
	repo := ecrimage.RepositoryOf(target.Source, before, homeOf(aws.ToString(live.StackId)))
	if ref.Registry == "" {
		ref.Registry = repo.Registry
	}
	if !repo.Holds(ref) {
		return found{}, release.Errorf(release.Forbidden, op, "image %s is not in the target's repository %s/%s; serin releases no other image", revision.Image, repo.Registry, repo.Name)
	}
	image, err := ecrimage.Look(ctx, p.clients.ECR, repo, ref)
	revision.Digest = image.Digest
	pinned := ecrimage.Reference{Registry: repo.Registry, Repository: repo.Name}.At(image.Digest)
	return found{candidate: release.Candidate{Revision: revision, Pushed: image.Pushed}, image: pinned, before: before}, err
}

// conclude finds the new image and records what serves.
func (p *Platform) conclude(ctx context.Context, target release.Target, revision release.Revision, live *stack) (release.Prepared, error) {
	found, err := p.find(ctx, target, revision, live)
	if err != nil {
		return release.Prepared{}, err
	}
	d := detail{
		Schema: detailSchema, Stack: aws.ToString(live.StackId), Temporary: target.EC2Mirror.Temporary, Set: live.set(), Others: live.others(),
		Image: found.image,
	}
	baseline, err := d.baseline(found.before.Digest)
	c := found.candidate
	return release.Prepared{
		Revision: c.Revision, Pushed: c.Pushed, Live: c.Revision.Digest == found.before.Digest, Baseline: baseline,
		Resources: []release.Resource{release.Resource(d.Stack), temporaryResource(d)},
		Metrics:   live.metrics(target.EC2Mirror.Outputs),
	}, err
}

// temporaryResource is the temporary stack as a lock knows it: its ARN without the id that it does not have yet.
func temporaryResource(d detail) release.Resource {
	prefix, _, _ := strings.Cut(d.Stack, ":stack/")
	return release.Resource(fmt.Sprintf("%s:stack/%s", prefix, d.Temporary))
}

// homeOf reads partition, region and account from a stack's ARN.
func homeOf(arn string) ecrimage.Home {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) < 6 {
		return ecrimage.Home{}
	}
	return ecrimage.Home{Partition: parts[1], Region: parts[3], Account: parts[4]}
}
