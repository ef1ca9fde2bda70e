package main

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"
	"github.com/aws/smithy-go"

	"github.com/serin-aws/serin/internal/core"
	"github.com/serin-aws/serin/internal/ledger"
	"github.com/serin-aws/serin/internal/rehearsal/dynamodb"
	"github.com/serin-aws/serin/internal/rehearsal/loop"
	"github.com/serin-aws/serin/internal/remote"
)

const coreText = `{"schema":1,"stateMachine":"arn:aws:states:eu-central-1:123456789012:stateMachine:serin","table":"serin-ledger",` +
	`"topic":"arn:aws:sns:eu-central-1:123456789012:serin","operate":"arn:aws:lambda:eu-central-1:123456789012:function:serin-operate","bucket":"serin-reports"}`

// installed is an account with serin in it, for commands to be called against.
type installed struct {
	t          *testing.T
	loop       *loop.Loop
	parameters *parameters
	clients    remote.Clients
	where      remote.Where // of the last command
}

func install(t *testing.T) *installed {
	l := loop.New(time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC), 1)
	i := &installed{t: t, loop: l, parameters: &parameters{stored: map[string]parameter{}}}
	i.parameters.stored[core.Parameter] = parameter{value: coreText, version: 1}
	i.clients = remote.Clients{SSM: i.parameters, DynamoDB: dynamodb.New(l, "serin-ledger", dynamodb.Settings{}).Outside()}
	return i
}

// call runs serin in the account as a shell would, and returns what came out.
func (i *installed) call(in string, args ...string) (code int, out, errOut string) {
	var o, e bytes.Buffer
	world := outside{now: i.loop.Now, connect: func(_ context.Context, where remote.Where, now func() time.Time) (*remote.Account, error) {
		i.where = where
		return remote.New(i.clients, "eu-central-1", now), nil
	}}
	code = execute(root(world), args, strings.NewReader(in), &o, &e)
	return code, o.String(), e.String()
}

// ledger is the account's ledger, to furnish it.
func (i *installed) ledger() *ledger.Ledger {
	return ledger.New(i.clients.DynamoDB, "serin-ledger", i.loop.Now)
}

// parameters is a Parameter Store that keeps the rules of tiers.
type parameters struct {
	stored map[string]parameter
	fails  error // of every call
	writes int
}

type parameter struct {
	value    string
	advanced bool
	version  int64
}

func (p *parameters) GetParameter(_ context.Context, in *ssm.GetParameterInput, _ ...func(*ssm.Options)) (*ssm.GetParameterOutput, error) {
	there, ok := p.stored[aws.ToString(in.Name)]
	switch {
	case p.fails != nil:
		return nil, p.fails
	case !ok:
		return nil, &ssmtypes.ParameterNotFound{}
	}
	return &ssm.GetParameterOutput{Parameter: &ssmtypes.Parameter{Name: in.Name, Value: aws.String(there.value), Version: there.version}}, nil
}

func (p *parameters) PutParameter(_ context.Context, in *ssm.PutParameterInput, _ ...func(*ssm.Options)) (*ssm.PutParameterOutput, error) {
	there, exists := p.stored[aws.ToString(in.Name)]
	advanced := in.Tier == ssmtypes.ParameterTierAdvanced
	switch {
	case p.fails != nil:
		return nil, p.fails
	case exists && !aws.ToBool(in.Overwrite):
		return nil, &ssmtypes.ParameterAlreadyExists{}
	case there.advanced && !advanced:
		return nil, awsAnswer("ValidationException", "You can't downgrade a parameter from the advanced-parameter tier to the standard-parameter tier.")
	case !advanced && len(aws.ToString(in.Value)) > 4096 || len(aws.ToString(in.Value)) > 8192:
		return nil, awsAnswer("ValidationException", "Parameter value is too large")
	}
	p.writes++
	p.stored[aws.ToString(in.Name)] = parameter{value: aws.ToString(in.Value), advanced: advanced, version: there.version + 1}
	return &ssm.PutParameterOutput{Version: there.version + 1, Tier: in.Tier}, nil
}

// awsAnswer is an error as AWS answers it.
func awsAnswer(code, message string) error {
	return &smithy.GenericAPIError{Code: code, Message: message, Fault: smithy.FaultClient}
}

// meddled is a Parameter Store that somebody else writes to between every read and write.
type meddled struct{ *parameters }

func (m meddled) PutParameter(ctx context.Context, in *ssm.PutParameterInput, options ...func(*ssm.Options)) (*ssm.PutParameterOutput, error) {
	there := m.stored[aws.ToString(in.Name)]
	there.version++
	m.stored[aws.ToString(in.Name)] = there
	return m.parameters.PutParameter(ctx, in, options...)
}
