package infra

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsdynamodb"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	sfn "github.com/aws/aws-cdk-go/awscdk/v2/awsstepfunctions"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/serin-aws/serin/statemachine"
)

// ReleaserProps is how the core is installed. The zero value is a good installation.
type ReleaserProps struct {
	// Code is the folder with the functions' programs, <name>.zip each, as scripts/build-functions.sh makes them.
	// Empty means build/functions.
	Code string
	// Name names the state machine. Empty means that CloudFormation names it.
	Name string
	// TargetAccounts are the accounts, beside the stack's own, whose targets may be released.
	TargetAccounts []string
	// Topics are the ARNs of the topics, beside the core's own, that targets name in notify.
	Topics []string
	// Key encrypts the topic. CloudWatch must be allowed to use it, or the alarm on Dirty is not heard.
	// Nil means a new key that allows that.
	Key awskms.IKey
	// LogRetention is how long logs are kept. Empty means three months. The ledger keeps the story of a release
	// for as long as it says itself.
	LogRetention awslogs.RetentionDays
	// LedgerRemoval is what happens to the ledger when the stack is deleted. Empty means that it is retained, and
	// protected against deletion. A ledger that is lost in the middle of a release loses its baseline.
	LedgerRemoval awscdk.RemovalPolicy
}

// Releaser is the core of serin: the state machine, its functions, the ledger, the topic and the reports.
type Releaser struct {
	scope constructs.Construct
	key   awskms.IKey         // the topic's
	bus   awsevents.IEventBus // where serin tells other systems

	StateMachine sfn.StateMachine
	Ledger       awsdynamodb.Table
	Topic        awssns.Topic // a person should subscribe to it
	Reports      awss3.Bucket
	DirtyAlarm   awscloudwatch.Alarm
	Missed       awssqs.Queue                  // events that did not reach recover or report
	Functions    map[string]awslambda.Function // by name: "deploy-canary"

	// Policies are for people, by what they permit: start, approve, operate, override.
	Policies map[string]awsiam.ManagedPolicy
}

// NewReleaser defines the core in scope. There can be one in an account and region: the SSM parameter /serin/core says
// where it is.
func NewReleaser(scope constructs.Construct, id string, props *ReleaserProps) *Releaser {
	p := withDefaults(props)
	r := &Releaser{scope: constructs.NewConstruct(scope, jsii.String(id)), Functions: map[string]awslambda.Function{}}
	r.bus = awsevents.EventBus_FromEventBusName(r.scope, jsii.String("Bus"), jsii.String("default"))
	r.Ledger = newLedger(r, p)
	r.key, r.Topic = newTopic(r, p)
	r.Reports = newReports(r, p)
	define(r, p, verbs)
	r.StateMachine = newMachine(r, p)
	r.key.Grant(r.StateMachine, keyActions()...)
	r.DirtyAlarm = newDirtyAlarm(r)
	define(r, p, others)
	r.Missed = newMissed(r.scope, r.Topic, "An event did not reach serin's function recover or report; the message in the queue says which and why. "+
		"An execution that ended unseen is found by the sweep every 5 minutes all the same; a report is written by hand with: serin report RELEASE.")
	watchExecutions(r, r.Functions["recover"])
	watchCleanups(r)
	keepReports(r, r.Functions["report"])
	admitPeople(r)
	newCoreParameter(r)
	return r
}

func withDefaults(props *ReleaserProps) ReleaserProps {
	var p ReleaserProps
	if props != nil {
		p = *props
	}
	if p.Code == "" {
		p.Code = "build/functions"
	}
	if p.LogRetention == "" {
		p.LogRetention = awslogs.RetentionDays_THREE_MONTHS
	}
	if p.LedgerRemoval == "" {
		p.LedgerRemoval = awscdk.RemovalPolicy_RETAIN
	}
	return p
}

func newMachine(r *Releaser, p ReleaserProps) sfn.StateMachine {
	props := &statemachine.Props{
		DeployCanary: r.Functions["deploy-canary"].CurrentVersion(),
		CheckAlarms:  r.Functions["check-alarms"].CurrentVersion(),
		Promote:      r.Functions["promote"].CurrentVersion(),
		Rollback:     r.Functions["rollback"].CurrentVersion(),
		Ledger:       r.Ledger,
		Topic:        r.Topic,
		Logs: awslogs.NewLogGroup(r.scope, jsii.String("MachineLogs"), &awslogs.LogGroupProps{
			// Under this prefix the log deliveries of many state machines share one resource policy.
			LogGroupName:  jsii.String("/aws/vendedlogs/states/" + *awscdk.Names_UniqueResourceName(r.scope, &awscdk.UniqueResourceNameOptions{})),
			Retention:     p.LogRetention,
			RemovalPolicy: awscdk.RemovalPolicy_DESTROY, // a name that stayed behind would be in the way next time
		}),
	}
	if p.Name != "" {
		props.Name = &p.Name
	}
	return statemachine.New(r.scope, "Machine", props)
}
