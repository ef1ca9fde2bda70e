package ecsalb

import (
	"encoding/json"
	"reflect"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"pgregory.net/rapid"

	"github.com/serin-aws/serin/internal/release"
)

// Whatever weights a rule is given, it reads so afterwards, and everything else of it is what it was.
func TestARewrittenRuleReadsAsItWasMeant(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := signsIn(rapid.Bool().Draw(t, "default"))
		before, err := json.Marshal(r.actions)
		if err != nil {
			t.Fatal(err)
		}
		weight := rapid.Int32Range(0, 999)
		f := r.forward.with(blue, weight.Draw(t, "blue")).with(green, weight.Draw(t, "green"))
		f.Sticky = rapid.Bool().Draw(t, "sticky")
		actions := r.rewritten(f)
		if after, _ := json.Marshal(r.actions); string(after) != string(before) {
			t.Fatal("the rule that was read is written to")
		}
		if got := forwardOf(actions[1]); !got.equal(f) {
			t.Fatalf("reads %+v, meant %+v", got, f)
		}
		kept := *actions[0].AuthenticateOidcConfig
		kept.UseExistingClientSecret = nil
		if !reflect.DeepEqual(kept, *r.actions[0].AuthenticateOidcConfig) || len(actions) != 2 {
			t.Fatalf("%+v", actions[0])
		}
	})
}

// A group without a weight has 1, and a single group may stand without a ForwardConfig.
func TestForwardOf(t *testing.T) {
	for name, c := range map[string]struct {
		action types.Action
		want   forward
	}{
		"one group": {types.Action{TargetGroupArn: aws.String(blue)}, forward{Groups: []group{{blue, 1}}}},
		"no weight": {
			types.Action{ForwardConfig: &types.ForwardActionConfig{TargetGroups: []types.TargetGroupTuple{{TargetGroupArn: aws.String(blue)}, {TargetGroupArn: aws.String(green), Weight: aws.Int32(0)}}}},
			forward{Groups: []group{{blue, 1}, {green, 0}}},
		},
		"stickiness off": {
			types.Action{ForwardConfig: &types.ForwardActionConfig{
				TargetGroups:                []types.TargetGroupTuple{{TargetGroupArn: aws.String(blue), Weight: aws.Int32(5)}},
				TargetGroupStickinessConfig: &types.TargetGroupStickinessConfig{Enabled: aws.Bool(false), DurationSeconds: aws.Int32(60)},
			}},
			forward{Groups: []group{{blue, 5}}},
		},
	} {
		if got := forwardOf(c.action); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}

// Only the weights of the plan, up to the step that the release is at, are the release's own.
func TestStanding(t *testing.T) {
	recorded := signsIn(false).forward
	sticky := func(f forward, on bool, seconds int32) forward { f.Sticky, f.Seconds = on, seconds; return f }
	for name, c := range map[string]struct {
		now  forward
		want standing
	}{
		"as recorded":              {recorded, home},
		"a weight of the plan":     {recorded.with(blue, 90).with(green, 10), shifted},
		"a weight of a later step": {recorded.with(blue, 50).with(green, 50), foreign},
		"another weight":           {recorded.with(blue, 63).with(green, 37), foreign},
		"other parts of a weight":  {recorded.with(blue, 9).with(green, 1), foreign},
		"all to the canary":        {recorded.with(blue, 0).with(green, 100), over},
		"stickiness off":           {sticky(recorded, false, 0), loosened},
		"another stickiness":       {sticky(recorded, true, 60), foreign},
		"weight and stickiness":    {sticky(recorded.with(blue, 90).with(green, 10), false, 0), foreign},
		"a third group":            {forward{Groups: append(recorded.Groups[:2:2], group{"third", 1}), Sticky: true, Seconds: 600}, foreign},
		"without the canary":       {forward{Groups: recorded.Groups[:1], Sticky: true, Seconds: 600}, foreign},
	} {
		rel := &release.Release{Snapshot: release.Snapshot{Steps: []release.Step{{Weight: 10}, {Weight: 50}}}}
		at := &call{rel: rel, base: detail{Rule: recordedRule{ARN: ruleARN, Forward: recorded, Primary: blue, Canary: green}}, rule: rule{arn: ruleARN, forward: c.now}}
		if got := at.stand(); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
}

// Names that CloudWatch and ModifyListener know, out of ARNs.
func TestNames(t *testing.T) {
	d := detail{Rule: recordedRule{ARN: ruleARN, Primary: blue, Canary: green}}
	if got := d.metrics().Canary.Requests.String(); got != "AWS/ApplicationELB/RequestCount{TargetGroup=targetgroup/green/d4f6e1a2b3c4d5e6,LoadBalancer=app/shop/50dc6c495c0c9188}" {
		t.Error(got)
	}
	if listener(ruleARN) != listenerARN || groupName(blue) != "blue" {
		t.Error(listener(ruleARN), groupName(blue))
	}
}
