package permit

import "slices"

// The names that people's statements use, beside those of Place: {machine}, {executions}, {table} and {bucket} as for
// the functions; {runbooks} the ARNs of a permission's runbooks, {runbook-role} the role that they run with, and of that
// role {operate}, the function that takes orders.

// watch is what every command that shows something needs.
var watch = []Statement{
	{
		Actions:   []string{"ssm:GetParameter"},
		Resources: []string{"arn:{partition}:ssm:{region}:{account}:parameter/serin/core", "arn:{partition}:ssm:{region}:{account}:parameter/serin/targets/*"},
		Why:       "finds serin, and reads targets",
	},
	{
		Actions:   []string{"ssm:GetParametersByPath"},
		Resources: []string{"arn:{partition}:ssm:{region}:{account}:parameter/serin/targets", "arn:{partition}:ssm:{region}:{account}:parameter/serin/targets/*"},
		Why:       "lists targets",
	},
	{
		Actions: []string{"dynamodb:GetItem", "dynamodb:Query"}, Resources: []string{"{table}", "{table}/index/open"},
		Why: "reads the story of a release",
	},
	{
		Actions: []string{"states:DescribeExecution"}, Resources: []string{"{executions}"},
		Why: "sees how an execution stands",
	},
	{
		Actions: []string{"states:ListExecutions"}, Resources: []string{"{machine}"},
		Why: "finds a release that was started moments ago, or that was refused",
	},
	{
		Actions: []string{"cloudwatch:GetMetricData"}, Resources: []string{"*"},
		Why: "draws work and queue beside the story, where the workload is in this account; CloudWatch knows no narrower resource",
	},
	{
		Actions: []string{"s3:GetObject"}, Resources: []string{"{bucket}/*"},
		Why: "reads reports",
	},
}

// Person returns what giving the orders of a permission needs, by the command line as in the console: starting its
// runbooks. Nobody needs to call a function.
func Person() []Statement { return slices.Concat(byRunbook, watch) }

const runbookExecutions = "arn:{partition}:ssm:{region}:{account}:automation-execution/*"

var byRunbook = []Statement{
	{
		Actions: []string{"ssm:StartAutomationExecution"}, Resources: []string{"{runbooks}"},
		Why: "gives orders",
	},
	{
		Actions: []string{"ssm:GetAutomationExecution"}, Resources: []string{runbookExecutions},
		Why: "sees what became of an order",
	},
	{
		Actions: []string{"iam:PassRole"}, Resources: []string{"{runbook-role}"}, Unseen: true,
		When: []Condition{{"StringEquals", "iam:PassedToService", []string{"ssm.amazonaws.com"}}},
		Why:  "a runbook runs with a role of serin's, so that whoever starts it needs no permission of its own",
	},
}

// Runbook returns what the role of the runbooks needs.
func Runbook() []Statement {
	return []Statement{{
		Actions: []string{"lambda:InvokeFunction"}, Resources: []string{"{operate}"},
		Why: "gives the order; the function asks Systems Manager for all else",
	}}
}
