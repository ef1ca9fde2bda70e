package cloudformation

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/smithy-go"
)

// invalid is how CloudFormation says nearly everything that it refuses.
func invalid(format string, args ...any) error {
	return &smithy.GenericAPIError{Code: "ValidationError", Message: fmt.Sprintf(format, args...), Fault: smithy.FaultClient}
}

func (c *Service) known(name *string) (*Stack, error) {
	if s := c.Find(aws.ToString(name)); s != nil {
		return s, nil
	}
	return nil, invalid("Stack with id %s does not exist", aws.ToString(name))
}

// moving reports whether an operation is under way.
func (s *Stack) moving() bool { return strings.HasSuffix(string(s.Status), "_IN_PROGRESS") }

// updatable are the statuses from which an update can start.
var updatable = []types.StackStatus{
	types.StackStatusCreateComplete, types.StackStatusUpdateComplete, types.StackStatusUpdateRollbackComplete,
}

func sorted(v Values) []string { return slices.Sorted(maps.Keys(v)) }

func (c *Service) describeStacks(in *sdk.DescribeStacksInput) (*sdk.DescribeStacksOutput, error) {
	s, err := c.known(in.StackName)
	if err != nil {
		return nil, err
	}
	out := types.Stack{
		StackName: aws.String(s.Name), StackId: aws.String(s.ID), StackStatus: s.Status, CreationTime: aws.Time(s.created),
		RoleARN:      aws.String("arn:aws:iam::123456789012:role/cloudformation"),
		Capabilities: []types.Capability{types.CapabilityCapabilityIam},
	}
	if s.reason != "" {
		out.StackStatusReason = aws.String(s.reason)
	}
	if !s.updated.IsZero() {
		out.LastUpdatedTime = aws.Time(s.updated)
	}
	for _, name := range sorted(s.Values) {
		out.Parameters = append(out.Parameters, types.Parameter{ParameterKey: aws.String(name), ParameterValue: aws.String(s.Values[name])})
	}
	for _, name := range slices.Sorted(maps.Keys(s.Tags)) {
		out.Tags = append(out.Tags, types.Tag{Key: aws.String(name), Value: aws.String(s.Tags[name])})
	}
	if s.Status != types.StackStatusCreateInProgress && s.Status != types.StackStatusDeleteComplete {
		outputs := c.owner.Outputs(s)
		for _, name := range sorted(outputs) {
			out.Outputs = append(out.Outputs, types.Output{OutputKey: aws.String(name), OutputValue: aws.String(outputs[name])})
		}
	}
	return &sdk.DescribeStacksOutput{Stacks: []types.Stack{out}}, nil
}

// page is how many events one answer has.
const page = 100

func (c *Service) describeStackEvents(in *sdk.DescribeStackEventsInput) (*sdk.DescribeStackEventsOutput, error) {
	s, err := c.known(in.StackName)
	if err != nil {
		return nil, err
	}
	newest := slices.Clone(s.events)
	slices.Reverse(newest)
	return &sdk.DescribeStackEventsOutput{StackEvents: newest[:min(page, len(newest))]}, nil
}

func (c *Service) getTemplate(in *sdk.GetTemplateInput) (*sdk.GetTemplateOutput, error) {
	s, err := c.known(in.StackName)
	if err != nil {
		return nil, err
	}
	return &sdk.GetTemplateOutput{TemplateBody: aws.String(s.template)}, nil
}

func (c *Service) createStack(in *sdk.CreateStackInput) (*sdk.CreateStackOutput, error) {
	token := aws.ToString(in.ClientRequestToken)
	if s := c.Find(aws.ToString(in.StackName)); s != nil {
		if _, again := s.tokens[token]; again && token != "" { // the same call again
			return &sdk.CreateStackOutput{StackId: aws.String(s.ID)}, nil
		}
		return nil, &types.AlreadyExistsException{Message: aws.String("Stack [" + s.Name + "] already exists")}
	}
	values, tags := Values{}, map[string]string{}
	for _, p := range in.Parameters {
		values[aws.ToString(p.ParameterKey)] = aws.ToString(p.ParameterValue)
	}
	for _, t := range in.Tags {
		tags[aws.ToString(t.Key)] = aws.ToString(t.Value)
	}
	s := c.add(aws.ToString(in.StackName), aws.ToString(in.TemplateBody), values, tags)
	s.tokens[token] = values
	c.create(s, token)
	return &sdk.CreateStackOutput{StackId: aws.String(s.ID)}, nil
}

func (c *Service) updateStack(in *sdk.UpdateStackInput) (*sdk.UpdateStackOutput, error) {
	s, err := c.known(in.StackName)
	if err != nil {
		return nil, err
	}
	to, err := s.asked(in.Parameters)
	if err != nil {
		return nil, err
	}
	token := aws.ToString(in.ClientRequestToken)
	if before, used := s.tokens[token]; used && token != "" {
		if maps.Equal(before, to) {
			return &sdk.UpdateStackOutput{StackId: aws.String(s.ID)}, nil
		}
		return nil, &types.TokenAlreadyExistsException{Message: aws.String("ClientRequestToken " + token + " was used already")}
	}
	if !slices.Contains(updatable, s.Status) {
		return nil, invalid("Stack:%s is in %s state and can not be updated.", s.ID, s.Status)
	}
	if maps.Equal(to, s.Values) {
		return nil, invalid("No updates are to be performed.")
	}
	s.tokens[token] = to
	c.update(s, to, token)
	return &sdk.UpdateStackOutput{StackId: aws.String(s.ID)}, nil
}

// asked returns the values that an update asks for: every parameter must be named.
func (s *Stack) asked(parameters []types.Parameter) (Values, error) {
	to := Values{}
	for _, p := range parameters {
		name := aws.ToString(p.ParameterKey)
		before, known := s.Values[name]
		switch {
		case !known:
			return nil, invalid("Parameters: [%s] do not exist in the template", name)
		case aws.ToBool(p.UsePreviousValue):
			to[name] = before
		default:
			to[name] = aws.ToString(p.ParameterValue)
		}
	}
	for _, name := range sorted(s.Values) {
		if _, given := to[name]; !given {
			return nil, invalid("Parameters: [%s] must have values", name)
		}
	}
	return to, nil
}

func (c *Service) cancelUpdateStack(in *sdk.CancelUpdateStackInput) (*sdk.CancelUpdateStackOutput, error) {
	s, err := c.known(in.StackName)
	if err != nil {
		return nil, err
	}
	if s.Status != types.StackStatusUpdateInProgress {
		return nil, invalid("CancelUpdateStack cannot be called from current stack status")
	}
	c.back(s, "User Initiated")
	return &sdk.CancelUpdateStackOutput{}, nil
}

func (c *Service) continueUpdateRollback(in *sdk.ContinueUpdateRollbackInput) (*sdk.ContinueUpdateRollbackOutput, error) {
	s, err := c.known(in.StackName)
	if err != nil {
		return nil, err
	}
	if s.Status != types.StackStatusUpdateRollbackFailed {
		return nil, invalid("Stack:%s is in %s state and can not continue rollback.", s.ID, s.Status)
	}
	c.back(s, "User Initiated")
	return &sdk.ContinueUpdateRollbackOutput{}, nil
}

// deleteStack also takes a stack that does not exist: deleting it again is no mistake.
func (c *Service) deleteStack(in *sdk.DeleteStackInput) (*sdk.DeleteStackOutput, error) {
	s := c.Find(aws.ToString(in.StackName))
	if s == nil || s.Status == types.StackStatusDeleteComplete || s.Status == types.StackStatusDeleteInProgress {
		return &sdk.DeleteStackOutput{}, nil
	}
	if s.moving() && s.Status != types.StackStatusCreateInProgress && s.Status != types.StackStatusRollbackInProgress {
		return nil, invalid("Stack [%s] cannot be deleted while in status %s", s.Name, s.Status)
	}
	c.remove(s, aws.ToString(in.ClientRequestToken))
	return &sdk.DeleteStackOutput{}, nil
}

// ForeignUpdate lets somebody else set parameters; what CloudFormation does not take at this moment has not happened.
func (c *Service) ForeignUpdate(name string, change Values) {
	s := c.Find(name)
	if s == nil || !slices.Contains(updatable, s.Status) {
		return
	}
	to := maps.Clone(s.Values)
	maps.Copy(to, change)
	if !maps.Equal(to, s.Values) {
		c.update(s, to, "")
	}
}

// ForeignDelete lets somebody else delete a stack. It reports whether CloudFormation takes that.
func (c *Service) ForeignDelete(name string) bool {
	s := c.Find(name)
	if s == nil || s.moving() {
		return false
	}
	c.remove(s, "")
	return true
}
