package assembly

import (
	"context"
	"io"
	"log/slog"
	"sync/atomic"

	"github.com/serin-aws/serin/events"
	"github.com/serin-aws/serin/internal/conductor"
	"github.com/serin-aws/serin/internal/entry"
	"github.com/serin-aws/serin/internal/hook"
	"github.com/serin-aws/serin/internal/imagegate"
	"github.com/serin-aws/serin/internal/judge"
	"github.com/serin-aws/serin/internal/ledger"
	"github.com/serin-aws/serin/internal/observe"
	"github.com/serin-aws/serin/internal/platform/ecsalb"
	"github.com/serin-aws/serin/internal/platform/ecsqueue"
	"github.com/serin-aws/serin/internal/platform/ecsservice"
	"github.com/serin-aws/serin/internal/platform/lambdaalias"
	"github.com/serin-aws/serin/internal/platform/mirror"
	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/s3object"
)

// Core are the clients of serin's own account.
type Core struct {
	DynamoDB ledger.Client
	SSM      ParameterGetter
	Runbooks RunbookReader // of operate, and of deploy-canary
	SNS      Publisher
	Events   EventPutter // nil: no events are sent

	StepFunctions StepFunctions // of operate, recover and pipeline

	Parse Parse // reads a target's parameter; nil: targetfile.Parse
}

// Parse reads a target from its text; name stands in errors.
type Parse func(name string, text []byte) (release.Target, error)

// Workload are the clients of a target's account, with one of the target's two roles.
type Workload struct {
	ecsservice.Clients
	SQS            ecsqueue.SQS
	Lambda         lambdaalias.Lambda
	Code           s3object.Client
	CloudFormation mirror.CloudFormation
	ELB            mirror.ELB
	Rules          ecsalb.ELB
	CloudWatch     observe.Client
	Scans          imagegate.Scans
	Hooks          hook.Lambda // a client of its own: see hook.Patience
}

// Access names the role of a target that a function works with.
type Access string

// The two roles of a target.
const (
	Look   Access = "look"   // reads only
	Change Access = "change" // may change what the target names
)

// Accounts finds the clients for a target. The release's id is the session's name, so that CloudTrail tells who did
// what for which release.
type Accounts func(ctx context.Context, target release.Target, id release.ID, access Access) (Workload, error)

// Settings are what the functions' environment says.
type Settings struct {
	Table string // the ledger's
	Topic string // ARN of the core's own topic

	// Only some functions have these; empty where they do not.
	Bus     string // name or ARN of the event bus that serin's own events go to
	Bucket  string // of the reports
	Machine string // ARN of the state machine: of operate, recover and pipeline
}

// Serin is everything that the functions need.
type Serin struct {
	core     Core
	accounts Accounts
	settings Settings
	runtime  conductor.Runtime
	ledger   *ledger.Ledger
	log      *slog.Logger
	metrics  io.Writer
	built    built
	trigger  atomic.Pointer[trigger]
	sitting  judge.Sitting
}

// trigger is the trigger that was read last: an execution gives the same one to each of its functions.
type trigger struct {
	text    string
	request release.Request
}

func (s *Serin) decode(text []byte) (release.Request, error) {
	if known := s.trigger.Load(); known != nil && known.text == string(text) {
		return known.request, nil
	}
	request, err := events.Decode(text)
	if err == nil {
		s.trigger.Store(&trigger{string(text), request})
	}
	return request, err
}

// built is the platform that was built last: an invocation asks for the same one again and again.
type built struct {
	name     release.PlatformName
	clients  Workload
	platform every
}

// New puts serin together. metrics receives lines in CloudWatch's embedded metric format, and may be nil.
func New(core Core, accounts Accounts, settings Settings, runtime conductor.Runtime, log *slog.Logger, metrics io.Writer) *Serin {
	return &Serin{
		core: core, accounts: accounts, settings: settings, runtime: runtime, log: log, metrics: metrics,
		ledger: ledger.New(core.DynamoDB, settings.Table, runtime.Now).By(runtime.Request),
	}
}

// Ledger returns the ledger that the functions use.
func (s *Serin) Ledger() *ledger.Ledger { return s.ledger }

// DeployCanary returns the handler of the function deploy-canary.
func (s *Serin) DeployCanary() entry.Handler {
	verb := conductor.DeployCanary{
		Decode: s.decode, Targets: s.targets(), Starts: s.operate(), Ledger: s.ledger, History: s.ledger, Waiting: s.ledger, Notifier: s.notifier(), Runtime: s.runtime,
		Platform: platform[conductor.PreparerShifter](s, Change), Watcher: s.watcher, Gate: s.gate, Hooks: s.hooks(Change),
	}
	return entry.New(verb.Handle, s.log)
}

// CheckAlarms returns the handler of the function check-alarms.
func (s *Serin) CheckAlarms() entry.Handler {
	verb := conductor.CheckAlarms{
		Decode: s.decode, Ledger: s.ledger, Lines: s.ledger, Notifier: s.notifier(), Runtime: s.runtime,
		Platform: platform[conductor.Inspector](s, Look), Watcher: s.watcher, Hooks: s.hooks(Look),
	}
	return entry.New(verb.Handle, s.log)
}

// Promote returns the handler of the function promote.
func (s *Serin) Promote() entry.Handler {
	verb := conductor.Promote{
		Decode: s.decode, Ledger: s.ledger, Notifier: s.notifier(), Runtime: s.runtime,
		Platform: platform[conductor.PromoterCleaner](s, Change),
	}
	return entry.New(verb.Handle, s.log)
}

// Rollback returns the handler of the function rollback.
func (s *Serin) Rollback() entry.Handler {
	verb := conductor.Rollback{
		Decode: s.decode, Ledger: s.ledger, Declined: s.ledger, Notifier: s.notifier(), Runtime: s.runtime,
		Platform: platform[conductor.Restorer](s, Change), Hooks: s.hooks(Change),
	}
	return entry.New(verb.Handle, s.log)
}

// every is all that a platform can do; a verb asks for a part of it.
type every interface {
	conductor.PreparerShifter
	conductor.PromoterCleaner
	conductor.Restorer
}

// platform finds the platform of a target, as the part of it that a verb asks for.
func platform[P any](s *Serin, access Access) conductor.For[P] {
	return func(ctx context.Context, target release.Target, id release.ID) (P, error) {
		var none P
		clients, err := s.accounts(ctx, target, id, access)
		if err != nil {
			return none, err
		}
		whole, err := s.build(target, clients)
		if err != nil {
			return none, err
		}
		part, ok := whole.(P)
		if !ok {
			return none, release.Errorf(release.Unexpected, "platform "+string(target.Platform), "lacks a verb")
		}
		return part, nil
	}
}

func (s *Serin) build(target release.Target, clients Workload) (every, error) {
	if s.built.name == target.Platform && s.built.clients == clients {
		return s.built.platform, nil
	}
	whole, known := s.platformOf(target.Platform, clients)
	if !known {
		return nil, release.Errorf(release.Invalid, "target "+string(target.Name), "its platform %q is none that this version of serin knows", target.Platform)
	}
	s.built = built{target.Platform, clients, whole}
	return whole, nil
}

// platformOf builds a platform. Each that serin knows has its line here.
func (s *Serin) platformOf(name release.PlatformName, in Workload) (whole every, known bool) {
	switch name {
	case release.PlatformECSQueue:
		return ecsqueue.New(ecsqueue.Clients{Clients: in.Clients, SQS: in.SQS}, s.runtime.Now), true
	case release.PlatformECSALB:
		return ecsalb.New(ecsalb.Clients{Clients: in.Clients, ELB: in.Rules}, s.runtime.Now), true
	case release.PlatformLambdaAlias:
		return lambdaalias.New(lambdaalias.Clients{Lambda: in.Lambda, ECR: in.ECR, S3: in.Code, SSM: in.SSM}, s.runtime.Now), true
	case release.PlatformEC2Mirror:
		return mirror.New(mirror.Clients{CloudFormation: in.CloudFormation, ELB: in.ELB, ECR: in.ECR, SSM: in.SSM}, s.runtime.Now), true
	}
	return nil, false
}
