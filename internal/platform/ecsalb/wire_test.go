package ecsalb

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/serin-aws/serin/internal/platform/ecsservice"
	"github.com/serin-aws/serin/internal/release"
)

const (
	ruleARN     = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener-rule/app/shop/50dc6c495c0c9188/f2f7dc8efc522ab2/9683b2d02a6cabee"
	listenerARN = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener/app/shop/50dc6c495c0c9188/f2f7dc8efc522ab2"
	blue        = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/blue/73e2d6bc24d8a067"
	green       = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/green/d4f6e1a2b3c4d5e6"
)

// signsIn is a rule that signs users in before it forwards, as AWS shows it: without the secret.
func signsIn(isDefault bool) rule {
	r := rule{arn: ruleARN, isDefault: isDefault, actions: []types.Action{
		{Type: types.ActionTypeEnumAuthenticateOidc, Order: aws.Int32(1), AuthenticateOidcConfig: &types.AuthenticateOidcActionConfig{
			Issuer: aws.String("https://login.example"), ClientId: aws.String("shop"), Scope: aws.String("openid"),
			AuthorizationEndpoint: aws.String("https://login.example/a"), TokenEndpoint: aws.String("https://login.example/t"), UserInfoEndpoint: aws.String("https://login.example/u"),
		}},
		{Type: types.ActionTypeEnumForward, Order: aws.Int32(2), ForwardConfig: &types.ForwardActionConfig{
			TargetGroupStickinessConfig: &types.TargetGroupStickinessConfig{Enabled: aws.Bool(true), DurationSeconds: aws.Int32(600)},
			TargetGroups:                []types.TargetGroupTuple{{TargetGroupArn: aws.String(blue), Weight: aws.Int32(1)}, {TargetGroupArn: aws.String(green), Weight: aws.Int32(0)}},
		}},
	}}
	r.forward = forwardOf(r.actions[1])
	return r
}

// sent returns what the SDK puts on the wire for a change of the weights.
func sent(t *testing.T, r rule, f forward) url.Values {
	t.Helper()
	var form url.Values
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, in *http.Request) {
		body, err := io.ReadAll(in.Body)
		if err != nil {
			t.Error(err)
		}
		if form, err = url.ParseQuery(string(body)); err != nil {
			t.Error(err)
		}
		name := form.Get("Action")
		_, _ = io.WriteString(w, "<"+name+"Response><"+name+"Result/></"+name+"Response>")
	}))
	t.Cleanup(server.Close)
	client := elb.New(elb.Options{Region: "eu-west-1", BaseEndpoint: &server.URL, Credentials: credentials.NewStaticCredentialsProvider("a", "b", "")})
	c := &call{Call: &ecsservice.Call{}, elb: client, rule: r}
	if progress, err := c.weigh(t.Context(), f, "goes on"); err != nil || progress.State != release.Working || !progress.Changed {
		t.Fatalf("%+v, %v", progress, err)
	}
	return form
}

// A change of weights replaces the whole list of actions: whoever signs users in and the stickiness must be in it, and
// the secret that AWS never shows must be kept.
func TestTheWholeListOfActionsIsSent(t *testing.T) {
	weights := signsIn(false).forward.with(blue, 90).with(green, 10)
	for name, c := range map[string]struct {
		isDefault bool
		want      map[string]string
	}{
		"a rule":           {false, map[string]string{"Action": "ModifyRule", "RuleArn": ruleARN}},
		"the default rule": {true, map[string]string{"Action": "ModifyListener", "ListenerArn": listenerARN}},
	} {
		form := sent(t, signsIn(c.isDefault), weights)
		list := map[bool]string{false: "Actions.member.", true: "DefaultActions.member."}[c.isDefault]
		want := map[string]string{
			list + "1.Type": "authenticate-oidc", list + "1.Order": "1",
			list + "1.AuthenticateOidcConfig.Issuer": "https://login.example", list + "1.AuthenticateOidcConfig.ClientId": "shop",
			list + "1.AuthenticateOidcConfig.Scope": "openid", list + "1.AuthenticateOidcConfig.UseExistingClientSecret": "true",
			list + "1.AuthenticateOidcConfig.AuthorizationEndpoint": "https://login.example/a",
			list + "1.AuthenticateOidcConfig.TokenEndpoint":         "https://login.example/t",
			list + "1.AuthenticateOidcConfig.UserInfoEndpoint":      "https://login.example/u",
			list + "2.Type": "forward", list + "2.Order": "2",
			list + "2.ForwardConfig.TargetGroups.member.1.TargetGroupArn":        blue,
			list + "2.ForwardConfig.TargetGroups.member.1.Weight":                "90",
			list + "2.ForwardConfig.TargetGroups.member.2.TargetGroupArn":        green,
			list + "2.ForwardConfig.TargetGroups.member.2.Weight":                "10",
			list + "2.ForwardConfig.TargetGroupStickinessConfig.Enabled":         "true",
			list + "2.ForwardConfig.TargetGroupStickinessConfig.DurationSeconds": "600",
			"Version": "2015-12-01",
		}
		for key, value := range c.want {
			want[key] = value
		}
		for key, value := range want {
			if form.Get(key) != value {
				t.Errorf("%s: %s is %q, want %q", name, key, form.Get(key), value)
			}
		}
		for key := range form {
			if _, known := want[key]; !known {
				t.Errorf("%s: %s=%s is sent too", name, key, form.Get(key))
			}
		}
	}
}

// Weight 0 must be on the wire: left out, it would be 1.
func TestWeightZeroIsSent(t *testing.T) {
	f := signsIn(false).forward
	f.Sticky = false
	form := sent(t, signsIn(false), f)
	const config = "Actions.member.2.ForwardConfig."
	if form.Get(config+"TargetGroups.member.2.Weight") != "0" || form.Get(config+"TargetGroupStickinessConfig.Enabled") != "false" {
		t.Errorf("sent %v", form)
	}
}
