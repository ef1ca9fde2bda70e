package remote

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"

	"github.com/serin-aws/serin/internal/assembly"
	"github.com/serin-aws/serin/internal/awserr"
	"github.com/serin-aws/serin/internal/core"
	"github.com/serin-aws/serin/internal/ledger"
	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/story"
	"github.com/serin-aws/serin/internal/targetfile"
)

var (
	targetForm  = regexp.MustCompile(`^[a-z0-9-]{1,64}$`)
	releaseForm = regexp.MustCompile(`^r-[0-9a-f]{12}$`)
)

// Parameters is what is used of SSM.
type Parameters interface {
	GetParametersByPath(context.Context, *ssm.GetParametersByPathInput, ...func(*ssm.Options)) (*ssm.GetParametersByPathOutput, error)
	GetParameter(context.Context, *ssm.GetParameterInput, ...func(*ssm.Options)) (*ssm.GetParameterOutput, error)
	PutParameter(context.Context, *ssm.PutParameterInput, ...func(*ssm.Options)) (*ssm.PutParameterOutput, error)
}

// Clients are the services of one account and region, each with the calls that are used of it.
type Clients struct {
	SSM           Parameters
	DynamoDB      ledger.Client
	StepFunctions Executions
	Runbooks      Runbooks
	CloudWatch    Watch
}

// Watch returns the metrics of a target's account, read for a release.
type Watch func(ctx context.Context, self string, target release.Target, id release.ID) (story.Metrics, error)

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

// Target returns a target as releases find it.
func (a *Account) Target(ctx context.Context, name release.TargetName) (release.Target, error) {
	if _, err := a.Core(ctx); err != nil {
		return release.Target{}, err
	}
	if err := checkTarget(name); err != nil {
		return release.Target{}, err
	}
	target, _, err := assembly.ReadTarget(ctx, a.clients.SSM, name, targetfile.Parse)
	if err != nil && release.CodeOf(err) == release.NotFound {
		return target, release.Errorf(release.NotFound, "", "there is no target %s here (%s); serin list names those that are, serin apply -f FILE makes one", name, a.place)
	}
	return target, err
}

func checkTarget(name release.TargetName) error {
	if targetForm.MatchString(string(name)) {
		return nil
	}
	return release.Errorf(release.Invalid, "", "%q is no target's name (a-z, 0-9 and -, up to 64), no release's id (like r-0123456789ab) and no execution's ARN", name)
}

// targetsPath is where the parameters of all targets stand.
var targetsPath = strings.TrimSuffix(assembly.TargetParameter(""), "/")

// Targets returns the names of all targets, in order.
func (a *Account) Targets(ctx context.Context) ([]release.TargetName, error) {
	if _, err := a.Core(ctx); err != nil {
		return nil, err
	}
	var names []release.TargetName
	in := &ssm.GetParametersByPathInput{Path: aws.String(targetsPath)}
	for {
		out, err := a.clients.SSM.GetParametersByPath(ctx, in)
		if err != nil {
			return nil, a.failed("list the parameters below "+targetsPath, err)
		}
		for _, parameter := range out.Parameters {
			names = append(names, release.TargetName(strings.TrimPrefix(aws.ToString(parameter.Name), targetsPath+"/")))
		}
		if aws.ToString(out.NextToken) == "" {
			slices.Sort(names)
			return names, nil
		}
		in.NextToken = out.NextToken
	}
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
