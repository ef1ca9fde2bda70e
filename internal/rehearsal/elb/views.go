package elb

import (
	"slices"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

func (c *Control) describeRules(in *sdk.DescribeRulesInput) (*sdk.DescribeRulesOutput, error) {
	out := &sdk.DescribeRulesOutput{}
	if in.ListenerArn != nil { // there is one
		for _, r := range c.rules {
			out.Rules = append(out.Rules, r.view())
		}
		return out, nil
	}
	for _, arn := range in.RuleArns {
		r := c.rule(arn)
		if r == nil {
			return nil, noRule()
		}
		out.Rules = append(out.Rules, r.view())
	}
	return out, nil
}

// view shows a rule. The secret of an identity provider is never shown.
func (r *Rule) view() types.Rule {
	actions := slices.Clone(r.Actions)
	for i := range actions {
		if oidc := actions[i].AuthenticateOidcConfig; oidc != nil {
			shown := *oidc
			shown.ClientSecret, shown.UseExistingClientSecret = nil, nil
			actions[i].AuthenticateOidcConfig = &shown
		}
	}
	priority := "10"
	if r.Default {
		priority = "default"
	}
	return types.Rule{RuleArn: aws.String(r.ARN), IsDefault: aws.Bool(r.Default), Priority: &priority, Actions: actions}
}

func (c *Control) describeGroups(in *sdk.DescribeTargetGroupsInput) (*sdk.DescribeTargetGroupsOutput, error) {
	out := &sdk.DescribeTargetGroupsOutput{}
	for _, arn := range in.TargetGroupArns {
		g := c.group(arn)
		if g == nil {
			return nil, noGroup()
		}
		out.TargetGroups = append(out.TargetGroups, types.TargetGroup{
			TargetGroupArn: aws.String(g.ARN), Protocol: g.Protocol, ProtocolVersion: aws.String("HTTP1"), Port: aws.Int32(8080),
			TargetType: types.TargetTypeEnumIp, HealthCheckProtocol: types.ProtocolEnumHttp, HealthCheckPath: aws.String(g.Path),
		})
	}
	return out, nil
}

func (c *Control) describeAttributes(in *sdk.DescribeTargetGroupAttributesInput) (*sdk.DescribeTargetGroupAttributesOutput, error) {
	g := c.group(aws.ToString(in.TargetGroupArn))
	if g == nil {
		return nil, noGroup()
	}
	attribute := func(key, value string) types.TargetGroupAttribute {
		return types.TargetGroupAttribute{Key: &key, Value: &value}
	}
	return &sdk.DescribeTargetGroupAttributesOutput{Attributes: []types.TargetGroupAttribute{
		attribute("stickiness.enabled", strconv.FormatBool(g.Sticky)),
		attribute("deregistration_delay.timeout_seconds", strconv.Itoa(int(g.Drain.Seconds()))),
	}}, nil
}

func (c *Control) describeHealth(in *sdk.DescribeTargetHealthInput) (*sdk.DescribeTargetHealthOutput, error) {
	g := c.group(aws.ToString(in.TargetGroupArn))
	if g == nil {
		return nil, noGroup()
	}
	out := &sdk.DescribeTargetHealthOutput{}
	for _, t := range c.targets(g.ARN) {
		h := &types.TargetHealth{State: t.State}
		if t.State == types.TargetHealthStateEnumUnhealthy {
			h.Reason = types.TargetHealthReasonEnumResponseCodeMismatch
		}
		out.TargetHealthDescriptions = append(out.TargetHealthDescriptions, types.TargetHealthDescription{
			Target: &types.TargetDescription{Id: aws.String(t.ID), Port: aws.Int32(8080)}, TargetHealth: h,
		})
	}
	return out, nil
}
