package ecsservice

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/serin-aws/serin/internal/awserr"
	"github.com/serin-aws/serin/internal/release"
)

// Changing must be called before each change: it is announced, and this call is one that changed something.
func (c *Call) Changing(ctx context.Context) error {
	if err := release.AnnounceChange(ctx); err != nil {
		return err
	}
	c.changed = true
	return nil
}

// define returns the task definition of a part, and registers it if it does not exist yet. ECS takes no client token,
// so a second registration would be a second revision: the tags are looked for first.
func (c *Call) define(ctx context.Context, what part) (string, error) {
	if ids := c.made.of(kindDefinition, what); len(ids) > 0 {
		return ids[0], nil
	}
	if err := c.lookUp(ctx); err != nil {
		return "", err
	}
	if ids := c.made.of(kindDefinition, what); len(ids) > 0 {
		return ids[0], nil
	}
	in, err := c.compose(ctx, what)
	if err != nil {
		return "", err
	}
	return c.register(ctx, in, what)
}

func (c *Call) register(ctx context.Context, in *ecs.RegisterTaskDefinitionInput, what part) (string, error) {
	label(in, c.rel, what)
	if err := c.Changing(ctx); err != nil {
		return "", err
	}
	out, err := c.clients.ECS.RegisterTaskDefinition(ctx, in)
	if err != nil {
		return "", redacted("register a revision of "+aws.ToString(in.Family)+" for "+string(what), err, in)
	}
	arn := aws.ToString(out.TaskDefinition.TaskDefinitionArn)
	c.made.add(kindDefinition, arn, what)
	return arn, nil
}

// compose returns the registration of a part.
func (c *Call) compose(ctx context.Context, what part) (*ecs.RegisterTaskDefinitionInput, error) {
	switch what {
	case forCanaryBaseline:
		return c.pinnedCopy(ctx, c.base.Canary)
	case forPrimaryBaseline:
		return c.pinnedCopy(ctx, c.base.Primary)
	case forCanary:
		return c.newRevision(ctx, c.base.Canary)
	}
	return c.newRevision(ctx, c.base.Primary)
}

// pinnedCopy returns what a service ran, with the digests that it ran.
func (c *Call) pinnedCopy(ctx context.Context, arm Arm) (*ecs.RegisterTaskDefinitionInput, error) {
	d, tags, err := c.describe(ctx, arm.Definition)
	if err != nil {
		return nil, err
	}
	in := Registration(d, tags)
	PinImages(in, arm.Images())
	return in, nil
}

// newRevision returns a service's own definition with the new image, or the released task definition as the service's
// own.
func (c *Call) newRevision(ctx context.Context, arm Arm) (*ecs.RegisterTaskDefinitionInput, error) {
	own, err := c.pinnedCopy(ctx, arm)
	if err != nil {
		return nil, err
	}
	if c.rel.Revision.TaskDefinition == "" {
		PinImages(own, c.base.Next)
		return own, nil
	}
	d, tags, err := c.describe(ctx, c.rel.Revision.TaskDefinition)
	if err != nil {
		return nil, err
	}
	next := Registration(d, tags)
	PinImages(next, c.base.Next)
	if arm.Service == c.base.Primary.Service {
		return next, nil
	}
	primary, err := c.pinnedCopy(ctx, c.base.Primary)
	if err != nil {
		return nil, err
	}
	adapted, err := canaryOf(next, primary, own)
	if err != nil {
		return nil, release.Errorf(release.Invalid, "compose the canary's definition", "%w", err)
	}
	return adapted, nil
}

// redacted wraps what ECS said of a registration, without the values that it may repeat from it.
func redacted(op string, err error, in *ecs.RegisterTaskDefinitionInput) error {
	code := release.CodeOf(awserr.Wrap(op, err))
	text := err.Error()
	for _, c := range in.ContainerDefinitions {
		for _, pair := range c.Environment {
			text = blank(text, aws.ToString(pair.Value))
		}
		for _, secret := range c.Secrets {
			text = blank(text, aws.ToString(secret.ValueFrom))
		}
	}
	return release.Errorf(code, op, "%s", text)
}

func blank(text, value string) string {
	if len(value) < 3 { // so short that it stands in any sentence
		return text
	}
	return strings.ReplaceAll(text, value, "***")
}

// update is one change of a service: nil and empty fields stay as they are.
type update struct {
	definition string
	count      *int32
	force      bool // a new deployment although the definition is the same
}

// blocked is why ECS does not take a change now.
type blocked string

// apply changes a service once and records the deployment that it started. A change that ECS does not take at the
// moment answers why.
func (c *Call) apply(ctx context.Context, s *Side, u update) (blocked, error) {
	in := &ecs.UpdateServiceInput{
		Cluster: aws.String(c.place.Cluster), Service: aws.String(s.arm.Service),
		DesiredCount: u.count, ForceNewDeployment: u.force,
	}
	if u.definition != "" {
		in.TaskDefinition = aws.String(u.definition)
	}
	if err := c.Changing(ctx); err != nil {
		return "", err
	}
	out, err := c.clients.ECS.UpdateService(ctx, in)
	if why := fiveDeployments(err); why != "" {
		return why, nil
	}
	if err != nil {
		return "", awserr.Wrap("update service "+s.arm.Service, err)
	}
	if out.Service == nil || !c.made.holds(u.definition, s.next) {
		return "", nil
	}
	if d := primaryDeployment(out.Service); aws.ToString(d.TaskDefinition) == u.definition {
		c.made.add(kindDeployment, aws.ToString(d.Id), s.next)
	}
	return "", nil
}

// fiveDeployments recognizes ECS's limit on unfinished deployments of a service ("5 active deployments exist, unable
// to create new deployment."): the oldest has to drain first.
// https://github.com/aws/containers-roadmap/issues/2836
func fiveDeployments(err error) blocked {
	if err == nil || !strings.Contains(strings.ToLower(err.Error()), "deployments exist") {
		return ""
	}
	return "ECS takes no further deployment while five are active: the oldest has to drain first (protected tasks?)"
}

// unprotect takes away the protection of tasks against being stopped: protected tasks survive deployments for up to
// two days. What fails here is a note, not an error: the change itself is under way.
func (c *Call) unprotect(ctx context.Context, tasks []*types.Task) {
	for batch := range slices.Chunk(tasks, 10) { // UpdateTaskProtection takes at most ten
		var arns []string
		for _, task := range batch {
			arns = append(arns, aws.ToString(task.TaskArn))
		}
		err := c.Changing(ctx)
		if err == nil {
			_, err = c.clients.ECS.UpdateTaskProtection(ctx, &ecs.UpdateTaskProtectionInput{
				Cluster: aws.String(c.place.Cluster), Tasks: arns, ProtectionEnabled: false,
			})
		}
		if err != nil {
			c.notes = append(c.notes, "task protection could not be cleared: "+shorten(err.Error()))
			return
		}
	}
}
