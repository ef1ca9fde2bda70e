package assembly

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"github.com/serin-aws/serin/internal/conductor"
	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/targetfile"
)

func TestRoleARN(t *testing.T) {
	const self = "arn:aws-cn:lambda:cn-north-1:123456789012:function:serin-promote:7"
	for name, c := range map[string]struct {
		self, role string
		access     Access
		want       string
	}{
		"the default":   {self, "", Look, "arn:aws-cn:iam::123456789012:role/serin-orders-look"},
		"a name":        {self, "release-orders", Change, "arn:aws-cn:iam::123456789012:role/release-orders-change"},
		"another's":     {self, "arn:aws:iam::210987654321:role/serin-orders", Change, "arn:aws:iam::210987654321:role/serin-orders-change"},
		"nobody's self": {"", "", Look, ""},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := RoleARN(c.self, release.Target{Name: "orders", Role: c.role}, c.access)
			if got != c.want || (err == nil) != (c.want != "") {
				t.Errorf("got %q, %v; want %q", got, err, c.want)
			}
		})
	}
}

// parameters is SSM with one parameter, or an error.
type parameters struct {
	value string
	err   error
}

func (p parameters) GetParameter(_ context.Context, in *ssm.GetParameterInput, _ ...func(*ssm.Options)) (*ssm.GetParameterOutput, error) {
	if p.err != nil {
		return nil, p.err
	}
	if aws.ToString(in.Name) != "/serin/targets/orders" {
		return nil, &ssmtypes.ParameterNotFound{}
	}
	return &ssm.GetParameterOutput{Parameter: &ssmtypes.Parameter{Value: aws.String(p.value)}}, nil
}

const target = `{"name":"orders","platform":"ecs-queue","ecsQueue":{"cluster":"prod","primaryService":"orders","canaryService":"orders-canary","container":"worker","queue":"orders"},"source":{"ecr":{"repository":"orders"}},"plan":{"preset":"Canary10Percent15Minutes"},"checks":{"alarms":["a"]}}`

func TestTargetsComeFromSSM(t *testing.T) {
	for name, c := range map[string]struct {
		parameters parameters
		ask        release.TargetName
		code       release.Code
		says       string
	}{
		"there":            {parameters{value: target}, "orders", "", ""},
		"not there":        {parameters{value: target}, "other", release.NotFound, "serin apply -f FILE"},
		"broken":           {parameters{value: strings.Replace(target, "ecs-queue", "ecs", 1)}, "orders", release.Invalid, "/serin/targets/orders"},
		"of another name":  {parameters{value: strings.Replace(target, `"name":"orders"`, `"name":"others"`, 1)}, "orders", release.Invalid, "another name"},
		"SSM says nothing": {parameters{err: errors.New("connection reset")}, "orders", release.Unavailable, "connection reset"},
	} {
		t.Run(name, func(t *testing.T) {
			got, hash, err := targets{c.parameters, targetfile.Parse}.Target(context.Background(), c.ask)
			if c.code == "" {
				if err != nil || got.Name != "orders" || hash != targetfile.Hash([]byte(target)) {
					t.Errorf("%+v %s %v", got, hash, err)
				}
				return
			}
			if release.CodeOf(err) != c.code || !strings.Contains(err.Error(), c.says) {
				t.Errorf("got %v, want %s saying %q", err, c.code, c.says)
			}
		})
	}
}

// publisher keeps what was published, or fails.
type publisher struct {
	got []*sns.PublishInput
	err error
}

func (p *publisher) Publish(_ context.Context, in *sns.PublishInput, _ ...func(*sns.Options)) (*sns.PublishOutput, error) {
	p.got = append(p.got, in)
	return &sns.PublishOutput{}, p.err
}

func TestNotify(t *testing.T) {
	var p publisher
	own := topic{client: &p, own: "arn:own", log: slog.New(slog.DiscardHandler)}
	message := conductor.Message{Subject: strings.Repeat("s", 200), Text: "text"}
	for want, r := range map[string]*release.Release{
		"arn:own":    {},
		"arn:theirs": {Snapshot: release.Snapshot{Target: release.Target{Notify: "arn:theirs"}}},
	} {
		if err := own.Notify(context.Background(), r, message); err != nil {
			t.Fatal(err)
		}
		last := p.got[len(p.got)-1]
		if aws.ToString(last.TopicArn) != want || len(aws.ToString(last.Subject)) >= 100 || aws.ToString(last.Message) != "text" {
			t.Errorf("%s: %+v", want, last)
		}
	}
	p.err = errors.New("nobody there")
	if own.Notify(context.Background(), &release.Release{}, message) == nil {
		t.Error("a failure was hidden from the caller")
	}
}

func TestOnAWSNeedsItsEnvironment(t *testing.T) {
	_, err := OnAWS(context.Background(), func(string) string { return "" }, io.Discard)
	if release.CodeOf(err) != release.Invalid || err == nil || !strings.Contains(err.Error(), "SERIN_T") {
		t.Errorf("%v", err)
	}
}
