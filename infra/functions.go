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
)

// function is one of serin's functions.
type function struct {
	name        string // of its folder under functions/ and of its zip
	id          string
	description string
	changes     bool // may assume the role that changes a target
}

// functions are the state machine's four. Only check-alarms may never change anything.
var functions = []function{
	{"deploy-canary", "DeployCanary", "serin: records the baseline and gives the canary its weight", true},
	{"check-alarms", "CheckAlarms", "serin: looks at alarms and the comparison, and decides", false},
	{"promote", "Promote", "serin: gives all work to the new revision", true},
	{"rollback", "Rollback", "serin: brings back the recorded baseline", true},
}

const (
	// timeoutSeconds lies below the task's timeout in the state machine, which is 90. A lease of a verb lasts until then: longer, and a crash is waited out longer.
	timeoutSeconds = 60
	// memoryMB is more than the programs need; CPU comes with it.
	memoryMB = 256
)

func newFunctions(r *Releaser, p ReleaserProps, allow *permits) map[string]awslambda.Function {
	made := map[string]awslambda.Function{}
	for _, f := range functions {
		made[f.name] = newFunction(r, p, f, allow)
	}
	return made
}

func newFunction(r *Releaser, p ReleaserProps, f function, allow *permits) awslambda.Function {
	logs := awslogs.NewLogGroup(r.scope, jsii.String(f.id+"Logs"), &awslogs.LogGroupProps{Retention: p.LogRetention})
	role := awsiam.NewRole(r.scope, jsii.String(f.id+"Role"), &awsiam.RoleProps{
		AssumedBy:   awsiam.NewServicePrincipal(jsii.String("lambda.amazonaws.com"), nil),
		Description: jsii.String(f.description),
	})
	logs.GrantWrite(role)
	allow.grant(role, f)
	return awslambda.NewFunction(r.scope, jsii.String(f.id), &awslambda.FunctionProps{
		Description:  jsii.String(f.description),
		Runtime:      awslambda.Runtime_PROVIDED_AL2023(),
		Architecture: awslambda.Architecture_ARM_64(),
		Handler:      jsii.String("bootstrap"),
		Code:         awslambda.Code_FromAsset(program(p.Code, f.name), nil),
		Role:         role,
		LogGroup:     logs,
		MemorySize:   jsii.Number(memoryMB),
		Timeout:      awscdk.Duration_Seconds(jsii.Number(timeoutSeconds)),
		Environment: &map[string]*string{
			"SERIN_TABLE": r.Ledger.TableName(),
			"SERIN_TOPIC": r.Topic.TopicArn(),
		},
		// The state machine names versions, and a running release keeps those it started with.
		CurrentVersionOptions: &awslambda.VersionOptions{RemovalPolicy: awscdk.RemovalPolicy_RETAIN},
	})
}

// program finds a function's zip, or the folder with its bootstrap.
func program(folder, name string) *string {
	path := filepath.Join(folder, name)
	for _, candidate := range []string{path + ".zip", path} {
		if _, err := os.Stat(candidate); err == nil {
			return &candidate
		}
	}
	panic(fmt.Sprintf("infra: %s.zip does not exist, nor does the folder %s; run scripts/build-functions.sh first", path, path))
}
