package mirror

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/serin-aws/serin/internal/awserr"
	"github.com/serin-aws/serin/internal/release"
)

// mine reports whether a temporary stack is of this release.
func (c *call) mine(s *stack) bool { return s.tag(release.TagRelease) == string(c.rel.ID) }

// temporary makes the temporary stack and waits until it answers.
func (c *call) temporary(ctx context.Context) (*stack, release.Progress, error) {
	s, err := c.read(ctx, c.base.Temporary, c.at.Parameters)
	if err != nil {
		return nil, release.Progress{}, err
	}
	if s == nil {
		progress, err := c.create(ctx)
		return nil, progress, err
	}
	if !c.mine(s) {
		return nil, release.Failed.Says(fmt.Sprintf("stack %s exists already and is not of this release (tag %s is %q)", s.name(), release.TagRelease, s.tag(release.TagRelease))), nil
	}
	switch s.rests() {
	case moving:
		if s.StackStatus == types.StackStatusRollbackInProgress || s.StackStatus == types.StackStatusDeleteInProgress {
			progress, err := c.broken(ctx, s)
			return nil, progress, err
		}
		return nil, working(fmt.Sprintf("temporary stack %s is %s", s.name(), s.StackStatus)), nil
	case jammed, halted, useless:
		progress, err := c.broken(ctx, s)
		return nil, progress, err
	}
	progress, err := c.answers(ctx, s)
	return s, progress, err
}

// broken says why the temporary stack did not come up.
func (c *call) broken(ctx context.Context, s *stack) (release.Progress, error) {
	_, reason, err := c.operation(ctx, s)
	if err != nil {
		return release.Progress{}, err
	}
	return release.Failed.Says(fmt.Sprintf("the temporary stack %s did not come up (%s): %s", s.name(), s.StackStatus, reason)), nil
}

// create asks for the temporary stack: the live one's parameters, with the new image and no mirror, made with the live
// one's service role, because serin itself may not make what is in it.
func (c *call) create(ctx context.Context) (release.Progress, error) {
	if c.live == nil {
		return release.Failed.Says("stack " + nameOf(c.base.Stack) + " does not exist any more"), nil
	}
	op := "create the temporary stack " + c.base.Temporary
	in := &cloudformation.CreateStackInput{
		StackName: &c.base.Temporary, Capabilities: c.live.Capabilities, RoleARN: c.live.RoleARN, OnFailure: types.OnFailureRollback,
		ClientRequestToken: aws.String(fmt.Sprintf("serin-%s-temporary", c.rel.ID)),
		Parameters:         parameters(c.live, serving(c.base.Image), false),
		Tags: []types.Tag{
			{Key: aws.String(release.TagRelease), Value: aws.String(string(c.rel.ID))},
			{Key: aws.String(release.TagTarget), Value: aws.String(string(c.rel.Target.Name))},
		},
	}
	if err := c.template(ctx, in); err != nil {
		return release.Progress{}, err
	}
	_, err := c.clients.CloudFormation.CreateStack(ctx, in)
	progress := working("temporary stack " + c.base.Temporary + " is created with " + shortImage(c.base.Image))
	progress.Changed = true
	switch {
	case err == nil, awserr.Is(err, "AlreadyExistsException", "TokenAlreadyExistsException"): // the next look says whose it is
		return progress, nil
	case awserr.Is(err, "ValidationError", "InsufficientCapabilitiesException", "LimitExceededException"):
		return release.Failed.Says(fmt.Sprintf("%s: CloudFormation refused it: %v", op, err)), nil
	}
	return release.Progress{Changed: true}, awserr.Wrap(op, err)
}

// template names the temporary stack's template: the target's own, or a copy of the live stack's.
func (c *call) template(ctx context.Context, in *cloudformation.CreateStackInput) error {
	if c.at.Template != "" {
		in.TemplateURL = &c.at.Template
		return nil
	}
	out, err := c.clients.CloudFormation.GetTemplate(ctx, &cloudformation.GetTemplateInput{StackName: c.live.StackId, TemplateStage: types.TemplateStageOriginal})
	if err != nil {
		return awserr.Wrap("read the template of stack "+c.live.name(), err)
	}
	in.TemplateBody = out.TemplateBody
	return nil
}

// answers waits until the temporary stack's load balancer has a healthy target and none that is not.
func (c *call) answers(ctx context.Context, s *stack) (release.Progress, error) {
	group := s.output(c.at.Outputs.TargetGroup)
	if group == "" || s.output(c.at.Outputs.Endpoint) == "" {
		return release.Failed.Says(fmt.Sprintf("temporary stack %s has no output %s or %s", s.name(), c.at.Outputs.TargetGroup, c.at.Outputs.Endpoint)), nil
	}
	healthy, all, err := c.healthy(ctx, group)
	if err != nil {
		return release.Progress{}, err
	}
	if healthy == 0 || healthy < all {
		return working(fmt.Sprintf("temporary stack %s: %d of %d targets healthy", s.name(), healthy, all)), nil
	}
	return release.Reached.Says(""), nil
}

func (c *call) healthy(ctx context.Context, group string) (healthy, all int, err error) {
	out, err := c.clients.ELB.DescribeTargetHealth(ctx, &elb.DescribeTargetHealthInput{TargetGroupArn: &group})
	if err != nil {
		return 0, 0, awserr.Wrap("read the health of the temporary stack's targets", err)
	}
	for _, t := range out.TargetHealthDescriptions {
		if t.TargetHealth == nil || t.TargetHealth.State == elbtypes.TargetHealthStateEnumDraining {
			continue
		}
		all++
		if t.TargetHealth.State == elbtypes.TargetHealthStateEnumHealthy {
			healthy++
		}
	}
	return healthy, all, nil
}

// remove deletes the temporary stack, if it is of this release. DELETE_FAILED is tried again.
func (c *call) remove(ctx context.Context) (release.Progress, error) {
	s, err := c.read(ctx, c.base.Temporary, c.at.Parameters)
	switch {
	case err != nil:
		return release.Progress{}, err
	case s == nil || !c.mine(s):
		return release.Reached.Says("the temporary stack is gone"), nil
	case s.StackStatus == types.StackStatusDeleteInProgress:
		return working("temporary stack " + s.name() + " is being deleted"), nil
	}
	_, err = c.clients.CloudFormation.DeleteStack(ctx, &cloudformation.DeleteStackInput{
		StackName: s.StackId, ClientRequestToken: aws.String(fmt.Sprintf("serin-%s-remove-%d", c.rel.ID, c.now().Unix())),
	})
	progress := working(fmt.Sprintf("temporary stack %s (%s) is deleted", s.name(), s.StackStatus))
	progress.Changed = true
	return progress, awserr.Wrap("delete the temporary stack "+s.name(), err)
}
