package permit

import "slices"

// The names that people's statements use, beside those of Place: {machine}, {executions}, {table} and {bucket} as for
// the functions; {operate} the ARN of an alias of the function operate, {runbooks} the ARNs of the runbooks that give
// the same orders, {executions-of-runbooks}, and {runbook-role}, the role that they run with.

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

// Starter returns what starting releases needs.
func Starter() []Statement {
	return append([]Statement{{
		Actions: []string{"states:StartExecution"}, Resources: []string{"{machine}"},
		Why: "starts a release",
	}}, watch...)
}

// Person returns what giving the orders of a permission needs: in the console through the runbooks, and by the command
// line through an alias of operate, unless orders are given by runbooks only.
func Person(runbooksOnly bool) []Statement {
	statements := byRunbook
	if !runbooksOnly {
		statements = append([]Statement{{
			Actions: []string{"lambda:InvokeFunction"}, Resources: []string{"{operate}"},
			Why: "gives orders by the command line",
		}}, statements...)
	}
	return slices.Concat(statements, watch)
}

var byRunbook = []Statement{
	{
		Actions: []string{"ssm:StartAutomationExecution"}, Resources: []string{"{runbooks}"},
		Why: "gives orders in the console",
	},
	{
		Actions: []string{"ssm:GetAutomationExecution"}, Resources: []string{"{executions-of-runbooks}"},
		Why: "sees what became of a runbook",
	},
	{
		Actions: []string{"iam:PassRole"}, Resources: []string{"{runbook-role}"}, Unseen: true,
		When: []Condition{{"StringEquals", "iam:PassedToService", []string{"ssm.amazonaws.com"}}},
		Why:  "a runbook runs with a role of serin's, so that whoever may only start it can say nothing but its own name",
	},
}

// Runbook returns what the role of a permission's runbooks needs. No permission reaches another's alias or runbooks:
// {operate} and {runbooks} are its own.
func Runbook() []Statement {
	return []Statement{
		{
			Actions: []string{"lambda:InvokeFunction"}, Resources: []string{"{operate}"},
			Why: "gives the order",
		},
		{
			Actions: []string{"ssm:GetAutomationExecution"}, Resources: []string{"{executions-of-runbooks}"},
			Why: "finds out who started the runbook",
		},
	}
}
