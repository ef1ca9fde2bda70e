package scaling

import (
	"context"
	"slices"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"

	"github.com/serin-aws/serin/internal/rehearsal/door"
)

// option is what the SDK's calls accept and a simulated one ignores.
type option = func(*sdk.Options)

func call[In, Out any](ctx context.Context, action string, in *In, effect func(*In) (*Out, error)) (*Out, error) {
	return door.Call(ctx, action, in, func() (*Out, error) { return effect(in) })
}

// DescribeScalableTargets is the operation of that name.
func (s *Scaling) DescribeScalableTargets(ctx context.Context, in *sdk.DescribeScalableTargetsInput, _ ...option) (*sdk.DescribeScalableTargetsOutput, error) {
	return call(ctx, "application-autoscaling:DescribeScalableTargets", in, s.describeTargets)
}

// RegisterScalableTarget is the operation of that name.
func (s *Scaling) RegisterScalableTarget(ctx context.Context, in *sdk.RegisterScalableTargetInput, _ ...option) (*sdk.RegisterScalableTargetOutput, error) {
	return call(ctx, "application-autoscaling:RegisterScalableTarget", in, s.registerTarget)
}

// DescribeScalingPolicies is the operation of that name.
func (s *Scaling) DescribeScalingPolicies(ctx context.Context, in *sdk.DescribeScalingPoliciesInput, _ ...option) (*sdk.DescribeScalingPoliciesOutput, error) {
	return call(ctx, "application-autoscaling:DescribeScalingPolicies", in, s.describePolicies)
}

// https://docs.aws.amazon.com/autoscaling/application/APIReference/API_DescribeScalableTargets.html
func (s *Scaling) describeTargets(in *sdk.DescribeScalableTargetsInput) (*sdk.DescribeScalableTargetsOutput, error) {
	if in.ServiceNamespace == "" {
		return nil, invalid("1 validation error detected: Value null at 'serviceNamespace' failed to satisfy constraint: Member must not be null")
	}
	var found []*target
	for _, t := range s.targets {
		if asked(in.ServiceNamespace, in.ScalableDimension) && (len(in.ResourceIds) == 0 || slices.Contains(in.ResourceIds, *resource(t.service))) {
			found = append(found, t)
		}
	}
	from, to, next, err := page(len(found), in.MaxResults, in.NextToken)
	if err != nil {
		return nil, err
	}
	out := &sdk.DescribeScalableTargetsOutput{NextToken: next, ScalableTargets: make([]types.ScalableTarget, 0, to-from)}
	for _, t := range found[from:to] {
		out.ScalableTargets = append(out.ScalableTargets, t.view())
	}
	return out, nil
}

// asked reports whether a call is about the desired counts of ECS services, the only thing that is scaled here.
func asked(namespace types.ServiceNamespace, d types.ScalableDimension) bool {
	return namespace == types.ServiceNamespaceEcs && (d == "" || d == dimension)
}

func (t *target) arn() string { return arnPrefix + "scalable-target/" + t.service }

func (t *target) view() types.ScalableTarget {
	return types.ScalableTarget{
		ServiceNamespace: types.ServiceNamespaceEcs, ScalableDimension: dimension, ResourceId: resource(t.service),
		ScalableTargetARN: aws.String(t.arn()), CreationTime: aws.Time(t.created), RoleARN: aws.String(t.role),
		MinCapacity: aws.Int32(int32(t.low)), MaxCapacity: aws.Int32(int32(t.high)),
		SuspendedState: &types.SuspendedState{
			DynamicScalingInSuspended: aws.Bool(t.halted.in), DynamicScalingOutSuspended: aws.Bool(t.halted.out),
			ScheduledScalingSuspended: aws.Bool(t.halted.scheduled),
		},
	}
}

// registerTarget makes a target, or changes of an existing one what the call names.
// https://docs.aws.amazon.com/autoscaling/application/APIReference/API_RegisterScalableTarget.html
func (s *Scaling) registerTarget(in *sdk.RegisterScalableTargetInput) (*sdk.RegisterScalableTargetOutput, error) {
	if in.ServiceNamespace != types.ServiceNamespaceEcs || in.ScalableDimension != dimension {
		return nil, invalid("Unsupported service namespace, resource type or scalable dimension")
	}
	t := s.find(serviceOf(in.ResourceId))
	made := t == nil
	if made {
		if in.MinCapacity == nil || in.MaxCapacity == nil {
			return nil, invalid("Maximum capacity and minimum capacity must be provided to register a new scalable target")
		}
		t = &target{service: serviceOf(in.ResourceId), created: s.loop.Now(), role: role}
	}
	low, high := t.low, t.high
	if in.MinCapacity != nil {
		low = int(*in.MinCapacity)
	}
	if in.MaxCapacity != nil {
		high = int(*in.MaxCapacity)
	}
	if low < 0 || low > high {
		return nil, invalid("Maximum capacity cannot be less than minimum capacity")
	}
	t.low, t.high = low, high
	if in.RoleARN != nil {
		t.role = *in.RoleARN
	}
	if made {
		s.targets = append(s.targets, t)
	}
	t.suspend(in.SuspendedState)
	return &sdk.RegisterScalableTargetOutput{ScalableTargetARN: aws.String(t.arn())}, nil
}

// suspend changes the flags that the call names and leaves the others.
func (t *target) suspend(state *types.SuspendedState) {
	if state == nil {
		return
	}
	set := func(flag *bool, to *bool) {
		if to != nil {
			*flag = *to
		}
	}
	set(&t.halted.in, state.DynamicScalingInSuspended)
	set(&t.halted.out, state.DynamicScalingOutSuspended)
	set(&t.halted.scheduled, state.ScheduledScalingSuspended)
}

// https://docs.aws.amazon.com/autoscaling/application/APIReference/API_DescribeScalingPolicies.html
func (s *Scaling) describePolicies(in *sdk.DescribeScalingPoliciesInput) (*sdk.DescribeScalingPoliciesOutput, error) {
	if in.ServiceNamespace == "" {
		return nil, invalid("1 validation error detected: Value null at 'serviceNamespace' failed to satisfy constraint: Member must not be null")
	}
	var found []types.ScalingPolicy
	for _, t := range s.targets {
		if !asked(in.ServiceNamespace, in.ScalableDimension) || in.ResourceId != nil && *in.ResourceId != *resource(t.service) {
			continue
		}
		for _, p := range t.policies {
			if len(in.PolicyNames) == 0 || slices.Contains(in.PolicyNames, p.name) {
				found = append(found, p.view(t))
			}
		}
	}
	from, to, next, err := page(len(found), in.MaxResults, in.NextToken)
	if err != nil {
		return nil, err
	}
	return &sdk.DescribeScalingPoliciesOutput{ScalingPolicies: found[from:to:to], NextToken: next}, nil
}

func (p *policy) view(t *target) types.ScalingPolicy {
	v := types.ScalingPolicy{
		PolicyName: aws.String(p.name), PolicyType: p.kind, CreationTime: aws.Time(p.created),
		PolicyARN:        aws.String(arnPrefix + "scalingPolicy:resource/ecs/service/" + t.service + ":policyName/" + p.name),
		ServiceNamespace: types.ServiceNamespaceEcs, ScalableDimension: dimension, ResourceId: resource(t.service),
		TargetTrackingScalingPolicyConfiguration: &types.TargetTrackingScalingPolicyConfiguration{
			TargetValue:      aws.Float64(p.track.Acceptable),
			DisableScaleIn:   aws.Bool(p.track.DisableScaleIn),
			ScaleInCooldown:  aws.Int32(int32(p.track.ScaleInCooldown.Seconds())),
			ScaleOutCooldown: aws.Int32(int32(p.track.ScaleOutCooldown.Seconds())),
			CustomizedMetricSpecification: &types.CustomizedMetricSpecification{
				Namespace: aws.String(p.track.Namespace), MetricName: aws.String(p.track.Metric), Statistic: types.MetricStatisticAverage,
			},
		},
	}
	for _, name := range p.track.Alarms {
		if name != "" {
			v.Alarms = append(v.Alarms, types.Alarm{
				AlarmName: aws.String(name), AlarmARN: aws.String("arn:aws:cloudwatch:eu-central-1:" + account + ":alarm:" + name),
			})
		}
	}
	return v
}

func invalid(text string) error { return &types.ValidationException{Message: &text} }

// page cuts a list, 50 entries at most. A token is the index where the next page begins.
func page(length int, size *int32, token *string) (from, to int, next *string, err error) {
	limit := 50
	if size != nil && *size > 0 {
		limit = min(limit, int(*size))
	}
	if token != nil {
		if from, err = strconv.Atoi(*token); err != nil || from < 0 {
			text := "Invalid next token"
			return 0, 0, nil, &types.InvalidNextTokenException{Message: &text}
		}
		from = min(from, length)
	}
	to = min(length, from+limit)
	if to < length {
		next = aws.String(strconv.Itoa(to))
	}
	return from, to, next, nil
}
