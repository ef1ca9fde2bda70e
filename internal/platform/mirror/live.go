package mirror

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"github.com/serin-aws/serin/internal/awserr"
	"github.com/serin-aws/serin/internal/release"
)

// pollEvery is how often a stack that is under way is looked at.
const pollEvery = 15 * time.Second

// kindUpdate is the kind of what is recorded of an update: its token.
const kindUpdate = "stack update"

// call is one call of a verb: the release, its baseline, and the live stack as it is.
type call struct {
	*Platform
	rel  *release.Release
	at   *release.EC2Mirror
	base detail
	live *stack // nil: gone
}

func (p *Platform) begin(ctx context.Context, rel *release.Release) (*call, error) {
	base, err := recorded(rel)
	if err != nil {
		return nil, err
	}
	at := rel.Target.EC2Mirror
	live, err := p.read(ctx, base.Stack, at.Parameters)
	if live == nil && err == nil && rel.Home { // a person who deleted it may have made another of its name
		live, err = p.read(ctx, nameOf(base.Stack), at.Parameters)
	}
	if err != nil {
		return nil, err
	}
	return &call{Platform: p, rel: rel, at: at, base: base, live: live}, nil
}

// token names one update: the release, what for, and the state that it starts from. It is the same for every call that
// looks at the same state, and another once the stack has changed.
func (c *call) token(verb release.Verb, want set) string {
	return fmt.Sprintf("serin-%s-%s-%s-%d", c.rel.ID, verb, short(want), c.live.changed().Unix())
}

// short tells wanted states of one verb apart.
func short(s set) string {
	if s.Mode == modeEnvoy {
		return "mirror" + s.Percent
	}
	return "serve"
}

// ours reports whether an operation's token is of this release.
func (c *call) ours(token string) bool {
	return strings.HasPrefix(token, "serin-"+string(c.rel.ID)+"-")
}

// bring brings the live stack to the wanted parameters: Reached when they have been read so in a stable stack, Failed
// when CloudFormation took them back or somebody else changed the stack.
func (c *call) bring(ctx context.Context, verb release.Verb, want set) (release.Progress, error) {
	if c.live == nil {
		return release.Failed.Says("stack " + nameOf(c.base.Stack) + " does not exist any more"), nil
	}
	switch c.live.rests() {
	case moving:
		return c.await(ctx)
	case jammed, halted, useless:
		return release.Failed.Says(fmt.Sprintf("stack %s is %s: %s", c.live.name(), c.live.StackStatus, aws.ToString(c.live.StackStatusReason))), nil
	}
	if c.live.set() == want {
		return release.Reached.Says(fmt.Sprintf("stack %s has %s", c.live.name(), want.text())), nil
	}
	return c.askedBefore(ctx, verb, want)
}

// await waits for what is under way, unless it is somebody else's.
func (c *call) await(ctx context.Context) (release.Progress, error) {
	token, _, err := c.operation(ctx, c.live)
	if err != nil {
		return release.Progress{}, err
	}
	if !c.ours(token) {
		return release.Failed.Says(c.somebody()), nil
	}
	return working(fmt.Sprintf("stack %s is %s", c.live.name(), c.live.StackStatus)), nil
}

func (c *call) somebody() string {
	return fmt.Sprintf("somebody else is changing stack %s (%s)", c.live.name(), c.live.StackStatus)
}

// askedBefore decides whether an update that is missing was never asked for, is not shown yet, or was taken back.
func (c *call) askedBefore(ctx context.Context, verb release.Verb, want set) (release.Progress, error) {
	token := c.token(verb, want)
	prefix := token[:strings.LastIndex(token, "-")+1]
	for _, m := range c.rel.Made {
		if m.Kind != kindUpdate || !strings.HasPrefix(m.ID, prefix) || m.ID == token {
			continue
		}
		// It was asked for from an earlier state of the stack, so the stack has changed since, and not to this.
		last, reason, err := c.operation(ctx, c.live)
		switch {
		case err != nil:
			return release.Progress{}, err
		case !c.ours(last):
			return release.Failed.Says(fmt.Sprintf("somebody else set stack %s to %s", c.live.name(), c.live.set().text())), nil
		case m.ID == last:
			return release.Failed.Says(fmt.Sprintf("CloudFormation took the update of stack %s back: %s", c.live.name(), reason)), nil
		}
	}
	return c.update(ctx, token, want)
}

// update asks for the wanted parameters. All others keep what they have.
func (c *call) update(ctx context.Context, token string, want set) (release.Progress, error) {
	op := "update stack " + c.live.name()
	_, err := c.clients.CloudFormation.UpdateStack(ctx, &cloudformation.UpdateStackInput{
		StackName: c.live.StackId, UsePreviousTemplate: aws.Bool(true), Capabilities: c.live.Capabilities,
		ClientRequestToken: &token, Parameters: parameters(c.live, want, true),
	})
	progress := working(fmt.Sprintf("stack %s goes to %s", c.live.name(), want.text()))
	progress.Changed = true
	progress.Made = []release.Made{{Kind: kindUpdate, ID: token, For: want.Mode}}
	switch {
	case err == nil, awserr.Is(err, "TokenAlreadyExistsException"):
		return progress, nil
	case strings.Contains(err.Error(), "_IN_PROGRESS state"): // begun by a call of ours, or somebody was faster
		return working("stack " + c.live.name() + " has begun to change"), nil
	case strings.Contains(err.Error(), "No updates are to be performed"):
		return release.Failed.Says(fmt.Sprintf("CloudFormation sees nothing to update in stack %s although its parameters are %s: does the template use them?", c.live.name(), c.live.set().text())), nil
	case awserr.Is(err, "ValidationError"):
		return release.Failed.Says(fmt.Sprintf("%s: CloudFormation refused it: %v", op, err)), nil
	}
	return progress, awserr.Wrap(op, err)
}

// parameters are all of a stack's parameters with the wanted four. The others keep their value: as previous ones in an
// update, written out in a new stack.
func parameters(s *stack, want set, update bool) []types.Parameter {
	values := map[string]string{
		s.names.Image: want.Image, s.names.ProxyMode: want.Mode, s.names.MirrorHost: want.Host, s.names.MirrorPercent: want.Percent,
	}
	all := slices.Clone(s.Parameters)
	for i, p := range all {
		value, set := values[aws.ToString(p.ParameterKey)]
		all[i] = types.Parameter{ParameterKey: p.ParameterKey}
		switch {
		case set:
			all[i].ParameterValue = &value
		case update:
			all[i].UsePreviousValue = aws.Bool(true)
		default:
			all[i].ParameterValue = p.ParameterValue
		}
	}
	return all
}

// mirroring are the parameters that mirror a share to the temporary stack.
func (c *call) mirroring(temporary *stack, w release.Weight) set {
	return set{
		Image: c.base.Set.Image, Mode: modeEnvoy,
		Host: temporary.output(c.at.Outputs.Endpoint), Percent: strconv.Itoa(int(w)),
	}
}

func working(note string) release.Progress {
	return release.Progress{State: release.Working, Wait: pollEvery, Note: note}
}
