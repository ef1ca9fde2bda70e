package mirror

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"github.com/serin-aws/serin/internal/awserr"
	"github.com/serin-aws/serin/internal/release"
)

// stack is a stack as it was read.
type stack struct {
	types.Stack
	names release.MirrorParameters
}

// read reads a stack by name or ARN; nil where there is none. By ARN a deleted stack is found for 90 days, by name it
// is not: both are none.
func (p *Platform) read(ctx context.Context, name string, names release.MirrorParameters) (*stack, error) {
	op := "read stack " + nameOf(name)
	out, err := p.clients.CloudFormation.DescribeStacks(ctx, &cloudformation.DescribeStacksInput{StackName: &name})
	if awserr.Is(err, "ValidationError") && strings.Contains(err.Error(), "does not exist") { // CloudFormation has no code for that
		return nil, nil
	}
	if err != nil {
		return nil, awserr.Wrap(op, err)
	}
	if len(out.Stacks) != 1 {
		return nil, release.Errorf(release.Unexpected, op, "CloudFormation answered %d stacks", len(out.Stacks))
	}
	if out.Stacks[0].StackStatus == types.StackStatusDeleteComplete {
		return nil, nil
	}
	return &stack{Stack: out.Stacks[0], names: names}, nil
}

// nameOf returns a stack's name from its ARN, arn:...:stack/NAME/ID; a name stays as it is.
func nameOf(arn string) string {
	if _, rest, ok := strings.Cut(arn, ":stack/"); ok {
		name, _, _ := strings.Cut(rest, "/")
		return name
	}
	return arn
}

func (s *stack) name() string { return aws.ToString(s.StackName) }

// parameter returns a parameter's value, and whether the stack has it.
func (s *stack) parameter(name string) (string, bool) {
	i := slices.IndexFunc(s.Parameters, func(p types.Parameter) bool { return aws.ToString(p.ParameterKey) == name })
	if i < 0 {
		return "", false
	}
	return aws.ToString(s.Parameters[i].ParameterValue), true
}

// set returns the four parameters that serin sets.
func (s *stack) set() set {
	value := func(name string) string { text, _ := s.parameter(name); return text }
	return set{
		Image: value(s.names.Image), Mode: value(s.names.ProxyMode),
		Host: value(s.names.MirrorHost), Percent: value(s.names.MirrorPercent),
	}
}

func (s *stack) output(name string) string {
	for _, o := range s.Outputs {
		if aws.ToString(o.OutputKey) == name {
			return aws.ToString(o.OutputValue)
		}
	}
	return ""
}

func (s *stack) tag(name string) string {
	for _, t := range s.Tags {
		if aws.ToString(t.Key) == name {
			return aws.ToString(t.Value)
		}
	}
	return ""
}

// four are the names of the parameters that serin sets.
func four(n release.MirrorParameters) []string {
	return []string{n.Image, n.ProxyMode, n.MirrorHost, n.MirrorPercent}
}

// others is a hash of the parameters that serin does not set. A NoEcho value reads as asterisks.
func (s *stack) others() string {
	rest := slices.DeleteFunc(slices.Clone(s.Parameters), func(p types.Parameter) bool {
		return slices.Contains(four(s.names), aws.ToString(p.ParameterKey))
	})
	slices.SortFunc(rest, func(a, b types.Parameter) int {
		return cmp.Compare(aws.ToString(a.ParameterKey), aws.ToString(b.ParameterKey))
	})
	sum := sha256.New()
	for _, p := range rest {
		sum.Write([]byte(aws.ToString(p.ParameterKey) + "\x00" + aws.ToString(p.ParameterValue) + "\x00"))
	}
	return hex.EncodeToString(sum.Sum(nil)[:16])
}

// changed returns when the stack was last changed.
func (s *stack) changed() time.Time {
	if s.LastUpdatedTime != nil {
		return *s.LastUpdatedTime
	}
	return aws.ToTime(s.CreationTime)
}

// rest says where a status leaves a stack.
type rest int

const (
	moving  rest = iota + 1 // something is under way
	ready                   // it can be updated
	jammed                  // UPDATE_ROLLBACK_FAILED: it has to be told to go on
	halted                  // UPDATE_FAILED: somebody updated it without a rollback, and has to take that back
	useless                 // it can only be deleted
)

// rests classifies a status. What is not known is taken to be moving: waiting is what does no harm.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events.html
func (s *stack) rests() rest {
	switch s.StackStatus {
	case types.StackStatusCreateComplete, types.StackStatusUpdateComplete, types.StackStatusUpdateRollbackComplete,
		types.StackStatusImportComplete, types.StackStatusImportRollbackComplete:
		return ready
	case types.StackStatusUpdateRollbackFailed:
		return jammed
	case types.StackStatusUpdateFailed:
		return halted
	case types.StackStatusCreateFailed, types.StackStatusRollbackComplete, types.StackStatusRollbackFailed,
		types.StackStatusDeleteFailed, types.StackStatusReviewInProgress:
		return useless
	}
	return moving
}

// operation returns the token of the operation that the stack is in or was in last, and the first reason that it gave
// for a failure. Only the newest events are read: an operation's own begin is found by its token.
func (p *Platform) operation(ctx context.Context, s *stack) (token, reason string, err error) {
	out, err := p.clients.CloudFormation.DescribeStackEvents(ctx, &cloudformation.DescribeStackEventsInput{StackName: s.StackId})
	if err != nil {
		return "", "", awserr.Wrap("read what happened to stack "+s.name(), err)
	}
	for i, e := range out.StackEvents { // newest first
		if i == 0 {
			token = aws.ToString(e.ClientRequestToken)
		}
		if aws.ToString(e.ClientRequestToken) != token {
			break
		}
		if text := aws.ToString(e.ResourceStatusReason); strings.HasSuffix(string(e.ResourceStatus), "_FAILED") && !strings.Contains(text, "cancelled") {
			reason = aws.ToString(e.LogicalResourceId) + ": " + text // the earliest failure is the cause of the others
		}
	}
	return token, reason, nil
}
