package mirror_test

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	ecrtypes "github.com/aws/aws-sdk-go-v2/service/ecr/types"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"
	"github.com/aws/smithy-go"
)

const prefix = "arn:aws:cloudformation:eu-central-1:123456789012:stack/"

// account is CloudFormation with its stacks, each of which is under way until the next tick.
type account struct {
	stacks  map[string]*types.Stack
	next    map[string]func() // what becomes of a stack that is under way
	events  map[string][]types.StackEvent
	now     time.Time
	healthy bool

	refuse map[string]bool // stacks whose next operation fails and is taken back
	jam    bool            // and even that fails, once
	stuck  bool            // a deletion fails
	serves string          // the parameter that says which image serves
	lost   error           // the next call that changes something answers this, and has its effect
}

func newAccount() *account {
	a := &account{
		stacks: map[string]*types.Stack{}, next: map[string]func(){}, events: map[string][]types.StackEvent{}, refuse: map[string]bool{},
		now: time.Date(2026, 1, 5, 12, 0, 0, 0, time.UTC), healthy: true,
	}
	a.add("orders", parametersOf(oldImage, "nginx", "", "0"), nil)
	return a
}

func parametersOf(image, mode, host, percent string) []types.Parameter {
	var all []types.Parameter
	for _, kv := range [][2]string{{"Vpc", "vpc-1"}, {"ImageUri", image}, {"ProxyMode", mode}, {"MirrorHost", host}, {"MirrorPercent", percent}} {
		all = append(all, types.Parameter{ParameterKey: aws.String(kv[0]), ParameterValue: aws.String(kv[1])})
	}
	return all
}

func (a *account) add(name string, parameters []types.Parameter, tags []types.Tag) *types.Stack {
	s := &types.Stack{
		StackName: &name, StackId: aws.String(prefix + name + "/1234"), StackStatus: types.StackStatusCreateComplete,
		RoleARN: aws.String("arn:aws:iam::123456789012:role/cloudformation"), CreationTime: aws.Time(a.now), Parameters: parameters, Tags: tags,
		Outputs: []types.Output{
			{OutputKey: aws.String("Endpoint"), OutputValue: aws.String(name + ".elb:80")},
			{OutputKey: aws.String("LoadBalancerArn"), OutputValue: aws.String("arn:aws:elasticloadbalancing:eu-central-1:123456789012:loadbalancer/app/" + name + "/1")},
			{OutputKey: aws.String("TargetGroupArn"), OutputValue: aws.String("arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/" + name + "/1")},
		},
	}
	a.stacks[name] = s
	return s
}

func (a *account) value(stack, parameter string) string {
	for _, p := range a.stacks[stack].Parameters {
		if *p.ParameterKey == parameter {
			return *p.ParameterValue
		}
	}
	return ""
}

func (a *account) text(stack string) string {
	s := a.stacks[stack]
	if s == nil {
		return "none"
	}
	return fmt.Sprintf("%s %s %s %s%%", a.value(stack, "ImageUri")[len(repo)+1:][7:8], a.value(stack, "ProxyMode"), a.value(stack, "MirrorHost"), a.value(stack, "MirrorPercent"))
}

// tick lets everything that is under way end.
func (a *account) tick() {
	a.now = a.now.Add(time.Minute)
	for name, end := range a.next {
		delete(a.next, name)
		end()
	}
}

func (a *account) find(name *string) *types.Stack {
	for _, s := range a.stacks {
		if *s.StackName == *name || *s.StackId == *name {
			return s
		}
	}
	return nil
}

func (a *account) tell(s *types.Stack, token *string, status types.ResourceStatus, reason string) {
	event := types.StackEvent{
		StackName: s.StackName, LogicalResourceId: s.StackName, ClientRequestToken: token, ResourceStatus: status,
		ResourceStatusReason: aws.String(reason), Timestamp: aws.Time(a.now),
	}
	a.events[*s.StackName] = slices.Insert(a.events[*s.StackName], 0, event)
}

func validation(text string) error {
	return &smithy.GenericAPIError{Code: "ValidationError", Message: text}
}

func (a *account) answer() error {
	err := a.lost
	a.lost = nil
	return err
}

func (a *account) DescribeStacks(_ context.Context, in *cloudformation.DescribeStacksInput, _ ...func(*cloudformation.Options)) (*cloudformation.DescribeStacksOutput, error) {
	s := a.find(in.StackName)
	if s == nil {
		return nil, validation("Stack with id " + *in.StackName + " does not exist")
	}
	out := *s
	out.Parameters = slices.Clone(s.Parameters)
	return &cloudformation.DescribeStacksOutput{Stacks: []types.Stack{out}}, nil
}

func (a *account) DescribeStackEvents(_ context.Context, in *cloudformation.DescribeStackEventsInput, _ ...func(*cloudformation.Options)) (*cloudformation.DescribeStackEventsOutput, error) {
	return &cloudformation.DescribeStackEventsOutput{StackEvents: a.events[*a.find(in.StackName).StackName]}, nil
}

func (a *account) GetTemplate(context.Context, *cloudformation.GetTemplateInput, ...func(*cloudformation.Options)) (*cloudformation.GetTemplateOutput, error) {
	return &cloudformation.GetTemplateOutput{TemplateBody: aws.String("Resources: {}")}, nil
}

func (a *account) CreateStack(_ context.Context, in *cloudformation.CreateStackInput, _ ...func(*cloudformation.Options)) (*cloudformation.CreateStackOutput, error) {
	if a.find(in.StackName) != nil {
		return nil, &smithy.GenericAPIError{Code: "AlreadyExistsException"}
	}
	s := a.add(*in.StackName, in.Parameters, in.Tags)
	s.StackStatus = types.StackStatusCreateInProgress
	a.tell(s, in.ClientRequestToken, types.ResourceStatusCreateInProgress, "User Initiated")
	a.next[*s.StackName] = func() {
		s.StackStatus = types.StackStatusCreateComplete
		if a.refuse[*s.StackName] {
			a.tell(s, in.ClientRequestToken, types.ResourceStatusCreateFailed, "no signal from the instances")
			s.StackStatus = types.StackStatusRollbackComplete
		}
	}
	return &cloudformation.CreateStackOutput{StackId: s.StackId}, a.answer()
}

func (a *account) UpdateStack(_ context.Context, in *cloudformation.UpdateStackInput, _ ...func(*cloudformation.Options)) (*cloudformation.UpdateStackOutput, error) {
	s := a.find(in.StackName)
	if a.next[*s.StackName] != nil {
		return nil, validation("Stack is in UPDATE_IN_PROGRESS state and can not be updated.")
	}
	before, after := slices.Clone(s.Parameters), slices.Clone(in.Parameters)
	for i, p := range after {
		if aws.ToBool(p.UsePreviousValue) {
			after[i] = before[i]
		}
	}
	s.Parameters, s.StackStatus, s.LastUpdatedTime = after, types.StackStatusUpdateInProgress, aws.Time(a.now)
	a.tell(s, in.ClientRequestToken, types.ResourceStatusUpdateInProgress, "User Initiated")
	back := func() { s.Parameters, s.StackStatus = before, types.StackStatusUpdateRollbackComplete }
	a.next[*s.StackName] = func() {
		s.StackStatus = types.StackStatusUpdateComplete
		if a.refuse[*s.StackName] {
			delete(a.refuse, *s.StackName)
			a.tell(s, in.ClientRequestToken, types.ResourceStatusUpdateFailed, "no signal from the instances")
			back()
			if a.jam {
				a.jam, s.StackStatus = false, types.StackStatusUpdateRollbackFailed
			}
		}
	}
	return &cloudformation.UpdateStackOutput{}, a.answer()
}

func (a *account) CancelUpdateStack(_ context.Context, in *cloudformation.CancelUpdateStackInput, _ ...func(*cloudformation.Options)) (*cloudformation.CancelUpdateStackOutput, error) {
	a.refuse[*a.find(in.StackName).StackName] = true
	return &cloudformation.CancelUpdateStackOutput{}, nil
}

func (a *account) ContinueUpdateRollback(_ context.Context, in *cloudformation.ContinueUpdateRollbackInput, _ ...func(*cloudformation.Options)) (*cloudformation.ContinueUpdateRollbackOutput, error) {
	s := a.find(in.StackName)
	s.StackStatus = types.StackStatusUpdateRollbackInProgress
	a.next[*s.StackName] = func() { s.StackStatus = types.StackStatusUpdateRollbackComplete }
	return &cloudformation.ContinueUpdateRollbackOutput{}, nil
}

func (a *account) DeleteStack(_ context.Context, in *cloudformation.DeleteStackInput, _ ...func(*cloudformation.Options)) (*cloudformation.DeleteStackOutput, error) {
	s := a.find(in.StackName)
	s.StackStatus = types.StackStatusDeleteInProgress
	a.next[*s.StackName] = func() {
		if a.stuck {
			s.StackStatus, a.stuck = types.StackStatusDeleteFailed, false
			return
		}
		delete(a.stacks, *s.StackName)
	}
	return &cloudformation.DeleteStackOutput{}, a.answer()
}

func (a *account) DescribeTargetHealth(context.Context, *elb.DescribeTargetHealthInput, ...func(*elb.Options)) (*elb.DescribeTargetHealthOutput, error) {
	state := elbtypes.TargetHealthStateEnumUnhealthy
	if a.healthy {
		state = elbtypes.TargetHealthStateEnumHealthy
	}
	return &elb.DescribeTargetHealthOutput{TargetHealthDescriptions: []elbtypes.TargetHealthDescription{{TargetHealth: &elbtypes.TargetHealth{State: state}}}}, nil
}

func (a *account) DescribeImages(_ context.Context, in *ecr.DescribeImagesInput, _ ...func(*ecr.Options)) (*ecr.DescribeImagesOutput, error) {
	if aws.ToString(in.ImageIds[0].ImageTag) == "missing" {
		return nil, &smithy.GenericAPIError{Code: "ImageNotFoundException"}
	}
	return &ecr.DescribeImagesOutput{ImageDetails: []ecrtypes.ImageDetail{{ImageDigest: aws.String(newImage[len(repo)+1:])}}}, nil
}

func (a *account) GetParameter(_ context.Context, in *ssm.GetParameterInput, _ ...func(*ssm.Options)) (*ssm.GetParameterOutput, error) {
	if a.serves == "" {
		return nil, &smithy.GenericAPIError{Code: "ParameterNotFound"}
	}
	return &ssm.GetParameterOutput{Parameter: &ssmtypes.Parameter{Name: in.Name, Value: &a.serves}}, nil
}

func (a *account) PutParameter(_ context.Context, in *ssm.PutParameterInput, _ ...func(*ssm.Options)) (*ssm.PutParameterOutput, error) {
	a.serves = *in.Value
	return &ssm.PutParameterOutput{}, nil
}
