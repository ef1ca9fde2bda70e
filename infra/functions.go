package infra

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/jsii-runtime-go"

	"github.com/serin-aws/serin/internal/permit"
)

// verbs are the state machine's four functions, and what they say of themselves.
var verbs = map[permit.Function]string{
	permit.DeployCanary: "serin: records the baseline and gives the canary its weight",
	permit.CheckAlarms:  "serin: looks at alarms and the comparison, and decides",
	permit.Promote:      "serin: gives all work to the new revision",
	permit.Rollback:     "serin: brings back the recorded baseline",
}

// others are the functions around the state machine. They know it; it does not know them.
var others = map[permit.Function]string{
	permit.Operate:  "serin: takes the orders of people: start, approve, reject, rollback, stop, promote-now, override, recover, abandon",
	permit.Recover:  "serin: takes over a release whose execution ended without an end of its own",
	permit.Pipeline: "serin: starts a release for a CodePipeline job and answers the job",
	permit.Report:   "serin: keeps the report of a release that has ended",
}

const (
	// timeoutSeconds lies below the task's timeout in the state machine, which is 90. A lease of a verb lasts until then: longer, and a crash is waited out longer.
	timeoutSeconds = 60
	// memoryMB is more than the programs need; CPU comes with it.
	memoryMB = 256
)

// define makes the functions of a table. Those around the state machine also learn its name.
func define(r *Releaser, p ReleaserProps, table map[permit.Function]string) {
	values, environment := corePermits(r, p), map[string]*string{
		"SERIN_TABLE":  r.Ledger.TableName(),
		"SERIN_TOPIC":  r.Topic.TopicArn(),
		"SERIN_BUCKET": r.Reports.BucketName(),
		"SERIN_BUS":    r.bus.EventBusName(),
	}
	if r.StateMachine != nil {
		environment["SERIN_MACHINE"] = r.StateMachine.StateMachineArn()
		values = values.With("machine", *r.StateMachine.StateMachineArn()).With("executions", executionsOf(r))
	}
	for _, name := range permit.Functions() {
		description, ok := table[name]
		if !ok || name == permit.Pipeline && built(p.Code, string(name)) == "" {
			continue
		}
		role := newRole(r, name, description)
		grant(role, permit.Core(name), values)
		r.Functions[string(name)] = newFunction(r, p, name, description, role, environment)
	}
}

// newRole makes a function's role. Its path says which of its targets' roles it may assume; see permit.RolePath.
func newRole(r *Releaser, name permit.Function, description string) awsiam.Role {
	return awsiam.NewRole(r.scope, jsii.String(logicalID(string(name))+"Role"), &awsiam.RoleProps{
		AssumedBy:   awsiam.NewServicePrincipal(jsii.String("lambda.amazonaws.com"), nil),
		Description: &description,
		Path:        jsii.String(permit.RolePath(name)),
	})
}

func newFunction(r *Releaser, p ReleaserProps, name permit.Function, description string, role awsiam.Role, environment map[string]*string) awslambda.Function {
	id := logicalID(string(name))
	logs := awslogs.NewLogGroup(r.scope, jsii.String(id+"Logs"), &awslogs.LogGroupProps{Retention: p.LogRetention})
	logs.GrantWrite(role)
	return awslambda.NewFunction(r.scope, &id, &awslambda.FunctionProps{
		Description:  &description,
		Runtime:      awslambda.Runtime_PROVIDED_AL2023(),
		Architecture: awslambda.Architecture_ARM_64(),
		Handler:      jsii.String("bootstrap"),
		Code:         awslambda.Code_FromAsset(program(p.Code, string(name)), nil),
		Role:         role,
		LogGroup:     logs,
		MemorySize:   jsii.Number(memoryMB),
		Timeout:      awscdk.Duration_Seconds(jsii.Number(timeoutSeconds)),
		Environment:  &environment,
		// The state machine names versions, and a running release keeps those it started with.
		CurrentVersionOptions: &awslambda.VersionOptions{RemovalPolicy: awscdk.RemovalPolicy_RETAIN},
	})
}

// executionsOf is the ARN pattern of the state machine's executions.
func executionsOf(r *Releaser) string {
	return *awscdk.Stack_Of(r.scope).FormatArn(&awscdk.ArnComponents{
		Service: jsii.String("states"), Resource: jsii.String("execution"), ArnFormat: awscdk.ArnFormat_COLON_RESOURCE_NAME,
		ResourceName: jsii.String(*r.StateMachine.StateMachineName() + ":*"),
	})
}

// program finds a function's zip, or the folder with its bootstrap.
func program(folder, name string) *string {
	if path := built(folder, name); path != "" {
		if whole, err := filepath.Abs(path); err == nil { // node was started elsewhere, perhaps
			path = whole
		}
		return &path
	}
	path := filepath.Join(folder, name)
	panic(fmt.Sprintf("infra: %s.zip does not exist, nor does the folder %s; run scripts/build-functions.sh first", path, path))
}

// built returns where a function's program lies, and nothing where it does not.
func built(folder, name string) string {
	path := filepath.Join(folder, name)
	for _, candidate := range []string{path + ".zip", path} {
		if _, err := os.Stat(candidate); err == nil {
			return candidate
		}
	}
	return ""
}
