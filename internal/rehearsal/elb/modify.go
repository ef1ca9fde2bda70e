package elb

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

func noRule() error {
	return &types.RuleNotFoundException{Message: aws.String("One or more rules not found")}
}

func noGroup() error {
	return &types.TargetGroupNotFoundException{Message: aws.String("One or more target groups not found")}
}

func refused(text string) error {
	return &types.InvalidLoadBalancerActionException{Message: aws.String(text)}
}

// modifyRule replaces the whole list of a rule's actions.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_ModifyRule.html
func (c *Control) modifyRule(in *sdk.ModifyRuleInput) (*sdk.ModifyRuleOutput, error) {
	r := c.rule(aws.ToString(in.RuleArn))
	if r == nil {
		return nil, noRule()
	}
	if r.Default {
		return nil, &types.OperationNotPermittedException{Message: aws.String("Default rules cannot be modified")}
	}
	if err := c.modify(r, in.Actions); err != nil {
		return nil, err
	}
	return &sdk.ModifyRuleOutput{Rules: []types.Rule{r.view()}}, nil
}

// modifyListener replaces the actions of the default rule.
func (c *Control) modifyListener(in *sdk.ModifyListenerInput) (*sdk.ModifyListenerOutput, error) {
	i := slices.IndexFunc(c.rules, func(r *Rule) bool { return r.Default })
	if i < 0 {
		return nil, &types.ListenerNotFoundException{Message: aws.String("One or more listeners not found")}
	}
	if err := c.modify(c.rules[i], in.DefaultActions); err != nil {
		return nil, err
	}
	return &sdk.ModifyListenerOutput{Listeners: []types.Listener{{ListenerArn: in.ListenerArn, DefaultActions: c.rules[i].view().Actions}}}, nil
}

func (c *Control) modify(r *Rule, actions []types.Action) error {
	if err := c.valid(actions); err != nil {
		return err
	}
	actions = slices.Clone(actions)
	for i := range actions { // a secret that is not given again is kept only where that is asked for
		before := slices.IndexFunc(r.Actions, func(a types.Action) bool { return a.AuthenticateOidcConfig != nil })
		oidc := actions[i].AuthenticateOidcConfig
		if oidc == nil {
			continue
		}
		if oidc.ClientSecret == nil && (!aws.ToBool(oidc.UseExistingClientSecret) || before < 0) {
			return refused("You must either specify a client secret or set UseExistingClientSecret to true")
		}
		kept := *oidc
		if kept.ClientSecret == nil {
			kept.ClientSecret = r.Actions[before].AuthenticateOidcConfig.ClientSecret
		}
		kept.UseExistingClientSecret = nil
		actions[i].AuthenticateOidcConfig = &kept
	}
	r.set(actions)
	return nil
}

// valid holds AWS's rules for a forward action.
func (c *Control) valid(actions []types.Action) error {
	action := forwardOf(actions)
	if action == nil {
		return refused("A rule must have exactly one forward, redirect or fixed-response action")
	}
	groups := tuples(action)
	if len(groups) == 0 || len(groups) > 5 {
		return refused("A forward action must have 1 to 5 target groups")
	}
	if action.ForwardConfig != nil && action.TargetGroupArn != nil && len(groups) > 1 {
		return refused("TargetGroupArn and ForwardConfig name different target groups")
	}
	sticky := divisionOf(actions).sticks > 0
	for _, tuple := range groups {
		g := c.group(aws.ToString(tuple.TargetGroupArn))
		switch weight := aws.ToInt32(tuple.Weight); {
		case g == nil:
			return noGroup()
		case weight < 0 || weight > 999:
			return refused("Weights must be between 0 and 999")
		case g.Sticky && !sticky && len(groups) > 1:
			return refused("You must enable group stickiness on a rule if you enabled target stickiness on one of its target groups")
		}
	}
	return nil
}
