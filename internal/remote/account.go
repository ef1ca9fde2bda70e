package remote

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"

	"github.com/serin-aws/serin/internal/awserr"
	"github.com/serin-aws/serin/internal/core"
	"github.com/serin-aws/serin/internal/ledger"
	"github.com/serin-aws/serin/internal/release"
)

// Parameters is what is used of SSM.
type Parameters interface {
	GetParameter(context.Context, *ssm.GetParameterInput, ...func(*ssm.Options)) (*ssm.GetParameterOutput, error)
	PutParameter(context.Context, *ssm.PutParameterInput, ...func(*ssm.Options)) (*ssm.PutParameterOutput, error)
}

// Clients are the services of one account and region, each with the calls that are used of it.
type Clients struct {
	SSM      Parameters
	DynamoDB ledger.Client
}

// Account is one account and region, with the serin that is installed there. It is not safe for use by several
// goroutines at once.
type Account struct {
	clients Clients
	place   string // for errors: where a person may be by mistake
	now     func() time.Time
	core    *core.Core // once it was read
}

// New returns an account. place says for people where it is, like "eu-central-1, profile prod".
func New(clients Clients, place string, now func() time.Time) *Account {
	return &Account{clients: clients, place: place, now: now}
}

// Core returns what is installed. An account without serin is NotFound.
func (a *Account) Core(ctx context.Context) (core.Core, error) {
	if a.core != nil {
		return *a.core, nil
	}
	out, err := a.clients.SSM.GetParameter(ctx, &ssm.GetParameterInput{Name: aws.String(core.Parameter)})
	if awserr.Is(err, "ParameterNotFound") {
		return core.Core{}, release.Errorf(release.NotFound, "",
			"there is no serin here (%s): the SSM parameter %s does not exist; look whether --profile and --region are right, or deploy the core stack first", a.place, core.Parameter)
	}
	if err != nil {
		return core.Core{}, a.failed("get parameter "+core.Parameter, err)
	}
	c, err := core.Parse([]byte(aws.ToString(out.Parameter.Value)))
	if err != nil {
		return core.Core{}, err
	}
	a.core = &c
	return c, nil
}

// Ledger returns the ledger of the account's serin. Nobody but serin's functions writes it.
func (a *Account) Ledger(ctx context.Context) (*ledger.Ledger, error) {
	c, err := a.Core(ctx)
	if err != nil {
		return nil, err
	}
	return ledger.New(a.clients.DynamoDB, c.Table, a.now), nil
}

// failed is an answer of AWS as an error that says where.
func (a *Account) failed(op string, err error) error {
	return awserr.Wrap(op+" ("+a.place+")", err)
}
