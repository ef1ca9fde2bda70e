package rehearsal

import (
	"context"
	"io"
	"log/slog"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/lambda"

	"github.com/serin-aws/serin/internal/asl"
	"github.com/serin-aws/serin/internal/assembly"
	"github.com/serin-aws/serin/internal/conductor"
	"github.com/serin-aws/serin/internal/ledger"
	"github.com/serin-aws/serin/internal/price"
	"github.com/serin-aws/serin/internal/rehearsal/cloudwatch"
	"github.com/serin-aws/serin/internal/rehearsal/door"
	"github.com/serin-aws/serin/internal/rehearsal/dynamodb"
	"github.com/serin-aws/serin/internal/rehearsal/hooks"
	"github.com/serin-aws/serin/internal/rehearsal/invariant"
	"github.com/serin-aws/serin/internal/rehearsal/loop"
	"github.com/serin-aws/serin/internal/rehearsal/sns"
	"github.com/serin-aws/serin/internal/rehearsal/ssm"
	"github.com/serin-aws/serin/internal/rehearsal/world"
	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/story"
)

const (
	accountID = "123456789012"
	region    = "eu-central-1"
	tableName = "serin-ledger"
	topicName = "serin"
	topicARN  = "arn:aws:sns:" + region + ":" + accountID + ":" + topicName
)

// epoch is when every release is started: a Monday morning.
var epoch = time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)

// warmUp is how long the workload has been working when the release is started, so that alarms have looked at it, and so
// that there are minutes enough to compare those with in which the new version does all of the work.
func (p *Plan) warmUp() time.Duration {
	const alarms = 6 * time.Minute
	steps, err := p.Target.Plan.Resolved()
	if err != nil || steps[len(steps)-1].SideBySide() || steps[len(steps)-1].AtOnce() {
		return alarms
	}
	return alarms + release.LongestFullBake
}

// Account is one simulated AWS account with serin in it and one workload.
type Account struct {
	Table      *dynamodb.Table
	SSM        *ssm.Service
	SNS        *sns.Service
	CloudWatch *cloudwatch.Service
	Hooks      *hooks.Service

	loop      *loop.Loop
	door      *door.Door
	world     world.World
	machine   *asl.Machine
	functions map[string]function // by the resource that the definition names
	recover   function
	operate   function
	serin     *assembly.Serin
	requests  int
	usage     price.Usage
	calls     []story.Call
	keepCalls bool
	callCount int
	mutations []invariant.Mutation

	executions []*execution // in the order of their start
	deliver    Deliver
	sweeps     bool                      // recover looks after open releases from time to time
	trouble    *trouble                  // nil: nothing goes wrong
	refuse     func(action string) error // in place of trouble: with what calls are answered; nil: with what they do
	alarmNames []string                  // of the target
	target     release.TargetName
	busy       int                                      // invocations that have not ended
	beside     map[release.TargetName]assembly.Workload // of other targets than the plan's
	known      map[string]release.Target                // by the text of their parameters, which are read again and again
	callers    map[string]caller                        // by the request id of their invocation

	dirtyCounted bool // the metric of the Dirty alarm was raised
}

// account builds the account that the plan describes, in its steady state, with serin in it.
func (p *Plan) account(seed uint64, keepCalls bool, logs io.Writer) (*Account, error) {
	l := loop.New(epoch.Add(-p.warmUp()), seed)
	a := &Account{loop: l, keepCalls: keepCalls, deliver: p.Deliver, target: p.Target.Name, callers: map[string]caller{}}
	a.door = door.New(l, func(action string) door.Disturbance {
		if a.refuse != nil {
			return door.Disturbance{Before: a.refuse(action)}
		}
		if a.trouble == nil {
			return door.Disturbance{}
		}
		return a.trouble.disturb(action)
	}, a.watch)
	a.door.OnLanded(a.land)
	a.Table = dynamodb.New(l, tableName, dynamodb.Settings{})
	a.SSM = ssm.New(l)
	a.SSM.Set(assembly.TargetParameter(p.Target.Name), string(p.parameter))
	a.SNS = sns.New(l)
	a.SNS.Add(topicName)
	a.CloudWatch = cloudwatch.New(l)
	a.CloudWatch.Install(p.alarms...)
	a.alarmNames = p.Target.Checks.Alarms
	a.Hooks = hooksOf(l, p.Target, p.Scenario)
	build, err := worldOf(p.Target.Platform)
	if err != nil {
		return nil, err
	}
	site := world.Site{
		Account: accountID, Region: region, Loop: l, CloudWatch: a.CloudWatch, SSM: a.SSM,
		Target: p.Target, Scenario: p.Scenario, Start: epoch,
	}
	if a.world, err = build(site); err != nil {
		return nil, err
	}
	a.install(p, logs)
	return a, nil
}

// install puts serin's functions into the account.
func (a *Account) install(p *Plan, logs io.Writer) {
	core, clients := a.typed(), a.clients(a.world, p.ThroughSDK)
	if p.ThroughSDK {
		core = a.throughSDK()
	}
	core.Parse = func(name string, text []byte) (release.Target, error) {
		if target, ok := a.known[string(text)]; ok {
			return target, nil
		}
		return p.parse(name, text)
	}
	accounts := func(_ context.Context, target release.Target, _ release.ID, _ assembly.Access) (assembly.Workload, error) {
		if other, ok := a.beside[target.Name]; ok {
			return other, nil
		}
		return clients, nil
	}
	runtime := conductor.Runtime{Now: a.door.Now, Request: door.RequestID}
	log := slog.New(slog.DiscardHandler)
	if logs != nil {
		log = slog.New(slog.NewJSONHandler(logs, nil))
	}
	a.machine = p.machine
	a.serin = assembly.New(core, accounts, assembly.Settings{Table: tableName, Topic: topicARN, Machine: machineARN}, runtime, log, notes{a})
	a.functions = map[string]function{
		"${DeployCanary}": plain("deploy-canary", a.serin.DeployCanary()),
		"${CheckAlarms}":  plain("check-alarms", a.serin.CheckAlarms()),
		"${Promote}":      plain("promote", a.serin.Promote()),
		"${Rollback}":     plain("rollback", a.serin.Rollback()),
	}
	a.around()
}

// clients are those of a workload, and of the hooks around it.
func (a *Account) clients(w world.World, throughSDK bool) assembly.Workload {
	clients := w.Clients(throughSDK)
	clients.Hooks = a.Hooks
	if throughSDK {
		clients.Hooks = lambda.NewFromConfig(world.Mounted(region, a.Hooks.Handle))
	}
	return clients
}

// watch counts every call, and keeps them where somebody will read them.
func (a *Account) watch(v door.Visit) {
	a.callCount++
	a.usage.Call(v.Action, v.In)
	if a.keepCalls {
		call := story.Call{At: v.At, Function: v.Function, Action: v.Action}
		if v.Err != nil {
			call.Error = errorCode(v.Err)
		}
		a.calls = append(a.calls, call)
	}
}

// ledger is the ledger for those who look on.
func (a *Account) ledger() *ledger.Ledger { return a.serin.Ledger().Over(a.Table.Outside()) }
