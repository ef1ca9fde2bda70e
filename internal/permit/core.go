package permit

import (
	"fmt"
	"slices"
)

// Function names one of serin's functions, as its folder under functions/ is named.
type Function string

// The functions.
const (
	DeployCanary Function = "deploy-canary"
	CheckAlarms  Function = "check-alarms"
	Promote      Function = "promote"
	Rollback     Function = "rollback"
	Operate      Function = "operate"
	Recover      Function = "recover"
	Pipeline     Function = "pipeline"
	Report       Function = "report"
)

// Functions returns all functions in the order in which they are shown.
func Functions() []Function {
	return []Function{DeployCanary, CheckAlarms, Promote, Rollback, Operate, Recover, Pipeline, Report}
}

// Reach says which of its targets' roles a function may assume. The path of its own role says the same, and is what
// the roles of targets ask for: see Trust.
func Reach(f Function) (Access, bool) {
	switch f {
	case DeployCanary, Promote, Rollback:
		return Change, true
	case CheckAlarms, Report, Recover:
		return Look, true
	}
	return "", false
}

// RolePath returns the IAM path of a function's role.
func RolePath(f Function) string {
	if access, ok := Reach(f); ok {
		return "/serin/" + string(access) + "/"
	}
	return "/serin/core/"
}

// The names that core statements use, beside those of Place: {table} and {topic} are ARNs of the core's own,
// {topics} those that targets name, {key} the topic's key, {bucket} the reports', {bus} the event bus,
// {machine} the state machine, {executions} its executions, {roles-look} and {roles-change} ARN patterns of
// the targets' roles.

var (
	readLedger = Statement{
		Actions: []string{"dynamodb:GetItem"}, Resources: []string{"{table}"},
		Why: "reads a release",
	}
	queryLedger = Statement{
		Actions: []string{"dynamodb:Query"}, Resources: []string{"{table}", "{table}/index/open"},
		Why: "reads the story of a release, and finds the open ones",
	}
	writeLedger = Statement{
		Actions: []string{"dynamodb:ConditionCheckItem", "dynamodb:PutItem"}, Resources: []string{"{table}"},
		Why: "writes the story of a release; a transaction is allowed item by item",
	}
	readTargets = Statement{
		Actions: []string{"ssm:GetParameter"}, Resources: []string{"arn:{partition}:ssm:{region}:{account}:parameter/serin/targets/*"},
		Why: "reads a target's file when a release of it starts",
	}
	tellPeople = Statement{
		Actions: []string{"sns:Publish"}, Resources: []string{"{topic}", "{topics}"},
		Why: "tells people",
	}
	useKey = Statement{
		Actions: []string{"kms:Decrypt", "kms:GenerateDataKey*"}, Resources: []string{"{key}"}, Unseen: true,
		Why: "SNS encrypts with the topic's key in the publisher's name",
	}
	tellSystems = Statement{
		Actions: []string{"events:PutEvents"}, Resources: []string{"{bus}"},
		Why: "tells other systems how a release goes",
	}
	keepReport = Statement{
		Actions: []string{"s3:PutObject"}, Resources: []string{"{bucket}/*"},
		Why: "keeps the report of a release that has ended",
	}
	look = Statement{
		Actions: []string{"sts:AssumeRole"}, Resources: []string{"{roles-look}"}, Unseen: true,
		Why: "looks at the workload, also to tell people what a release cost; each role says itself whom it lets in",
	}
	change = Statement{
		Actions: []string{"sts:AssumeRole"}, Resources: []string{"{roles-change}"}, Unseen: true,
		Why: "changes the workload; each role says itself whom it lets in",
	}
	start = Statement{
		Actions: []string{"states:StartExecution"}, Resources: []string{"{machine}"},
		Why: "starts an execution of the state machine",
	}
	describe = Statement{
		Actions: []string{"states:DescribeExecution"}, Resources: []string{"{executions}"},
		Why: "asks how an execution stands: events may be late, lost or repeated",
	}
	askRunbook = Statement{
		Actions: []string{"ssm:GetAutomationExecution"}, Resources: []string{runbookExecutions},
		Why: "asks what the runbook was started with, and by whom: a caller is believed neither",
	}
	stop = Statement{
		Actions: []string{"states:StopExecution"}, Resources: []string{"{executions}"},
		Why: "ends an execution in whose place another brings the baseline back",
	}
	answerJob = Statement{
		Actions: []string{"codepipeline:PutJobFailureResult", "codepipeline:PutJobSuccessResult"}, Resources: []string{"*"},
		Why: "answers a pipeline's job; jobs are no resources in IAM, so nothing narrower will do",
	}
)

// core is the table.
var core = map[Function][]Statement{
	DeployCanary: slices.Concat(ledger, telling, []Statement{readTargets, askRunbook, look, change}),
	CheckAlarms:  slices.Concat(ledger, telling, []Statement{look}),
	Promote:      slices.Concat(ledger, telling, []Statement{look, change}),
	Rollback:     slices.Concat(ledger, telling, []Statement{look, change}),
	Operate:      slices.Concat(ledger, telling, []Statement{start, stop, describe, askRunbook}),
	Recover:      slices.Concat(ledger, telling, []Statement{start, describe, look}),
	Pipeline:     slices.Concat(readOnly, []Statement{start, describe, answerJob}),
	Report:       slices.Concat(readOnly, []Statement{keepReport, look}),
}

var (
	readOnly = []Statement{readLedger, queryLedger}
	ledger   = []Statement{readLedger, queryLedger, writeLedger}
	telling  = []Statement{tellPeople, useKey, tellSystems}
)

// Core returns what one of serin's functions may do, beside writing its log.
func Core(f Function) []Statement {
	statements, ok := core[f]
	if !ok {
		panic(fmt.Sprintf("permit: there is no function %q", f))
	}
	return slices.Clone(statements)
}
