package ecsalb

import (
	"context"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/serin-aws/serin/internal/awserr"
	"github.com/serin-aws/serin/internal/release"
)

// soon is when a rule is read back after it was changed.
const soon = 5 * time.Second

// weigh asks for another division of the requests. What came of it the next call sees.
func (c *call) weigh(ctx context.Context, f forward, note string) (release.Progress, error) {
	op := "set the weights of rule " + c.rule.arn
	actions := c.rule.rewritten(f)
	if err := c.Changing(ctx); err != nil {
		return c.Failing(err)
	}
	var err error
	if c.rule.isDefault { // ModifyRule does not take a default rule
		_, err = c.elb.ModifyListener(ctx, &elb.ModifyListenerInput{ListenerArn: aws.String(listener(c.rule.arn)), DefaultActions: actions})
	} else {
		_, err = c.elb.ModifyRule(ctx, &elb.ModifyRuleInput{RuleArn: &c.rule.arn, Actions: actions})
	}
	switch {
	case awserr.Is(err, "RuleNotFound", "ListenerNotFound", "TargetGroupNotFound"):
		return c.Progress(release.Failed, 0, op+": the rule, its listener or a target group does not exist any more"), nil
	case awserr.Is(err, "InvalidLoadBalancerAction", "InvalidConfigurationRequest", "ValidationError"):
		return c.Progress(release.Failed, 0, op+": AWS refused it: "+err.Error()), nil
	case err != nil:
		return c.Failing(awserr.Wrap(op, err))
	}
	return c.Working(soon, note), nil
}

// rewritten returns the whole list of the rule's actions with another division of the requests, as AWS takes it: a
// secret that it never shows is kept by saying so.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_ModifyRule.html
func (r rule) rewritten(f forward) []types.Action {
	actions := slices.Clone(r.actions)
	for i, action := range actions {
		switch {
		case action.Type == types.ActionTypeEnumForward:
			actions[i].TargetGroupArn, actions[i].ForwardConfig = nil, f.config()
		case action.AuthenticateOidcConfig != nil:
			config := *action.AuthenticateOidcConfig
			config.ClientSecret, config.UseExistingClientSecret = nil, aws.Bool(true)
			actions[i].AuthenticateOidcConfig = &config
		}
	}
	return actions
}

func (f forward) config() *types.ForwardActionConfig {
	config := &types.ForwardActionConfig{TargetGroupStickinessConfig: &types.TargetGroupStickinessConfig{Enabled: aws.Bool(f.Sticky)}}
	if f.Sticky {
		config.TargetGroupStickinessConfig.DurationSeconds = aws.Int32(f.Seconds)
	}
	for _, g := range f.Groups {
		config.TargetGroups = append(config.TargetGroups, types.TargetGroupTuple{TargetGroupArn: aws.String(g.ARN), Weight: aws.Int32(g.Weight)})
	}
	return config
}

// takesEffect is how long a load balancer may go on dividing requests as before, once its rule reads otherwise. AWS
// names no time; tasks that are taken away within it would be missed.
const takesEffect = time.Minute

// awaitEffect answers nil once the rule has read as it does for long enough. since names what is waited for: from when
// on, is kept with the release.
func (c *call) awaitEffect(since string) *release.Progress {
	now := c.Now()
	at, err := time.Parse(time.RFC3339, c.Remembered(since))
	if err != nil {
		at = now
		c.remember(since)
	}
	if left := takesEffect - now.Sub(at); left > 0 {
		progress := c.Working(max(left, time.Second), "the weights are home; waiting until the load balancer follows before any task is stopped")
		return &progress
	}
	return nil
}

// remember keeps the present time with the release.
func (c *call) remember(since string) { c.Remember(since, c.Now().UTC().Format(time.RFC3339)) }
