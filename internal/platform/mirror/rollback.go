package mirror

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"github.com/serin-aws/serin/internal/awserr"
	"github.com/serin-aws/serin/internal/live"
	"github.com/serin-aws/serin/internal/release"
)

// Rollback brings the live stack's parameters back to the recorded ones, by an update of its own: what CloudFormation
// goes back to by itself is the state before its last update, which may be Envoy. An update of ours that is under way
// is cancelled, one of somebody else's is waited for, and an image that somebody else set stays. It is Failed where the
// stack is gone, or stuck in a way that only a person can mend.
func (p *Platform) Rollback(ctx context.Context, rel *release.Release) (release.Progress, error) {
	c, err := p.begin(ctx, rel)
	if err != nil {
		return release.Progress{}, err
	}
	if c.live == nil {
		return release.Failed.Says(fmt.Sprintf("stack %s does not exist any more, and its users have nobody to ask; create it again from its template, with %s. The temporary stack %s goes when the baseline is back", nameOf(c.base.Stack), c.base.Set.parameters(c.at.Parameters), c.base.Temporary)), nil
	}
	want := c.home()
	switch c.live.rests() {
	case moving:
		return c.hurry(ctx)
	case jammed:
		return c.goOn(ctx)
	case halted: // no update of ours ends so: each is taken back by CloudFormation itself
		return release.Failed.Says(fmt.Sprintf("somebody updated stack %[1]s without a rollback, and it is %[2]s; take that back: aws cloudformation rollback-stack --stack-name %[1]s", c.live.name(), c.live.StackStatus)), nil
	case useless:
		return release.Failed.Says(fmt.Sprintf("stack %s is %s and can only be deleted", c.live.name(), c.live.StackStatus)), nil
	}
	if c.live.set() == want {
		return release.Reached.Says(fmt.Sprintf("stack %s has %s", c.live.name(), want.text())), nil
	}
	return c.update(ctx, c.token(release.VerbRollback, want), want)
}

// home are the parameters to bring back. serin restores only what it changed itself.
func (c *call) home() set {
	want := c.base.Set
	if image := c.live.set().Image; image != c.base.Set.Image && image != c.base.Image {
		want.Image = image
	}
	return want
}

// hurry cancels an update of ours that leads forward; whatever else is under way is waited for.
func (c *call) hurry(ctx context.Context) (release.Progress, error) {
	token, _, err := c.operation(ctx, c.live)
	if err != nil {
		return release.Progress{}, err
	}
	wait := working(fmt.Sprintf("stack %s is %s", c.live.name(), c.live.StackStatus))
	back := fmt.Sprintf("serin-%s-%s-", c.rel.ID, release.VerbRollback)
	forward := c.ours(token) && !strings.HasPrefix(token, back)
	if c.live.StackStatus != types.StackStatusUpdateInProgress || !forward {
		return wait, nil
	}
	_, err = c.clients.CloudFormation.CancelUpdateStack(ctx, &cloudformation.CancelUpdateStackInput{StackName: c.live.StackId})
	if err != nil && !awserr.Is(err, "ValidationError") { // it has ended meanwhile
		return release.Progress{Changed: true}, awserr.Wrap("cancel the update of stack "+c.live.name(), err)
	}
	wait.Changed, wait.Note = true, "the update of stack "+c.live.name()+" is cancelled"
	return wait, nil
}

// goOn tells a stack whose own rollback failed to try again.
func (c *call) goOn(ctx context.Context) (release.Progress, error) {
	_, err := c.clients.CloudFormation.ContinueUpdateRollback(ctx, &cloudformation.ContinueUpdateRollbackInput{StackName: c.live.StackId})
	if err != nil && !awserr.Is(err, "ValidationError") {
		return release.Progress{Changed: true}, awserr.Wrap("continue the rollback of stack "+c.live.name(), err)
	}
	progress := working(fmt.Sprintf("stack %s was %s (%s) and is told to go on", c.live.name(), c.live.StackStatus, aws.ToString(c.live.StackStatusReason)))
	progress.Changed, progress.Wait = true, 4*pollEvery
	return progress, nil
}

// Cleanup deletes the temporary stack, and writes down which image serves.
func (p *Platform) Cleanup(ctx context.Context, rel *release.Release) (release.Progress, error) {
	c, err := p.begin(ctx, rel)
	if err != nil {
		return release.Progress{}, err
	}
	if progress, err := c.remove(ctx); err != nil || progress.State != release.Reached || c.live == nil {
		return progress, err
	}
	return live.Tell(ctx, p.clients.SSM, rel.Target.Name, "the temporary stack is gone", c.live.set().Image), nil
}
