package infra

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsssm"
	"github.com/aws/jsii-runtime-go"

	"github.com/serin-aws/serin/internal/release"
)

// runbookSays is what the form of each order says above its fields.
var runbookSays = map[release.OrderVerb]string{
	release.OrderApprove:    "Approves the step of a release that waits for an approval. Whoever started a release cannot approve it, unless its target says so.",
	release.OrderReject:     "Rejects the step of a release that waits for an approval: the recorded baseline comes back.",
	release.OrderRollback:   "Brings the recorded baseline back, from the next look on (within a minute).",
	release.OrderStop:       "Brings the recorded baseline back at once: the execution is stopped and another takes over. Use rollback where a minute does not matter.",
	release.OrderPromoteNow: "Skips what is left of bakes, approvals and freeze windows. A failing canary is not promoted.",
	release.OrderOverride:   "Lets the next emergency release of a target start under the named alarms, for four hours.",
}

// newRunbooks makes the runbooks of a permission and returns their ARNs.
func newRunbooks(r *Releaser, may release.Permission, role awsiam.IRole, operate awslambda.IFunction) []string {
	stack := awscdk.Stack_Of(r.scope)
	var arns []string
	for _, verb := range release.OrderVerbs() {
		if verb.Permission() != may {
			continue
		}
		name := "serin-" + string(verb)
		document := awsssm.NewCfnDocument(r.scope, jsii.String(logicalID(string(verb))+"Runbook"), &awsssm.CfnDocumentProps{
			Name:           &name,
			DocumentType:   jsii.String("Automation"),
			DocumentFormat: jsii.String("YAML"),
			UpdateMethod:   jsii.String("NewVersion"),
			Content:        runbook(verb, role, operate),
		})
		document.Node().AddDependency(role)
		arns = append(arns, *stack.FormatArn(&awscdk.ArnComponents{
			Service: jsii.String("ssm"), Resource: jsii.String("automation-definition"), ResourceName: jsii.String(name + ":*"),
		}))
	}
	return arns
}

// runbook is the document of one order. Systems Manager has no variable for the person: the first step asks it who
// started this execution. The execution's id makes the order count once, however often the step is tried.
// https://docs.aws.amazon.com/systems-manager/latest/userguide/automation-variables.html
func runbook(verb release.OrderVerb, role awsiam.IRole, operate awslambda.IFunction) map[string]any {
	parameters, order := form(verb)
	order["verb"] = string(verb)
	order["who"] = "{{ Who.ExecutedBy }}"
	order["id"] = "{{ automation:EXECUTION_ID }}"
	return map[string]any{
		"schemaVersion": "0.3",
		"description":   "serin: " + runbookSays[verb],
		"assumeRole":    role.RoleArn(),
		"parameters":    parameters,
		"outputs":       []any{"Order.Payload"},
		"mainSteps": []any{
			map[string]any{
				"name": "Who", "action": "aws:executeAwsApi", "description": "Finds out who gives this order.",
				"inputs":  map[string]any{"Service": "ssm", "Api": "GetAutomationExecution", "AutomationExecutionId": "{{ automation:EXECUTION_ID }}"},
				"outputs": []any{map[string]any{"Name": "ExecutedBy", "Selector": "$.AutomationExecution.ExecutedBy", "Type": "String"}},
			},
			map[string]any{
				"name": "Order", "action": "aws:invokeLambdaFunction", "description": "Gives the order.", "isEnd": true,
				"maxAttempts": 3, "timeoutSeconds": 120,
				"inputs": map[string]any{
					"FunctionName": operate.FunctionArn(), "Qualifier": string(verb.Permission()),
					"InvocationType": "RequestResponse", "InputPayload": order,
				},
			},
		},
	}
}

// form returns the fields that a person fills in, and where they go.
func form(verb release.OrderVerb) (parameters, order map[string]any) {
	parameters = map[string]any{
		"Target": map[string]any{"type": "String", "description": "The name of the target", "allowedPattern": "^[a-z0-9-]{1,64}$"},
		"Reason": map[string]any{"type": "String", "description": "Why: it is kept with the release, and people are told", "allowedPattern": "^.{3,500}$"},
	}
	order = map[string]any{"target": "{{ Target }}", "why": "{{ Reason }}"}
	if verb == release.OrderOverride {
		parameters["Alarms"] = map[string]any{"type": "StringList", "description": "The alarms that may be in ALARM when the emergency release starts"}
		order["alarms"] = "{{ Alarms }}"
		return parameters, order
	}
	parameters["Release"] = map[string]any{
		"type": "String", "default": "", "allowedPattern": "^(r-[0-9a-f]{12})?$",
		"description": "The id of the release; left out, the open release of the target",
	}
	order["release"] = "{{ Release }}"
	if verb == release.OrderPromoteNow {
		parameters["NoData"] = map[string]any{"type": "Boolean", "default": false, "description": "Promote even when nothing was measured"}
		order["noData"] = "{{ NoData }}"
	}
	return parameters, order
}
