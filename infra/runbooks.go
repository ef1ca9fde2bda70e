package infra

import (
	"maps"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsssm"
	"github.com/aws/jsii-runtime-go"

	"github.com/serin-aws/serin/internal/operate"
	"github.com/serin-aws/serin/internal/release"
)

// runbookSays is what the form of each order says above its fields.
var runbookSays = map[release.OrderVerb]string{
	release.OrderApprove:    "Approves the step of a release that waits for an approval. Whoever started a release cannot approve it, unless its target says so.",
	release.OrderReject:     "Rejects the step of a release that waits for an approval: the recorded baseline comes back.",
	release.OrderRollback:   "Brings the recorded baseline back, from the next look on (within a minute).",
	release.OrderStop:       "Brings the recorded baseline back at once: the execution is stopped and another takes over. Use rollback where a minute does not matter.",
	release.OrderPromoteNow: "Skips what is left of bakes, approvals and freeze windows. A failing canary is not promoted.",
	release.OrderStart:      "Starts a release of a target, in your name. Fill in exactly one of Image, TaskDefinition, Version, Code and Undo.",
	release.OrderRecover:    "Brings home a release that is Dirty, once what stood in the way is mended, or one that lost its execution.",
	release.OrderAbandon:    "Gives up a release that is Dirty and can never come home, or that people have dealt with by hand: its lock is free, and nothing is changed.",
	release.OrderOverride:   "Lets the next emergency release of a target start under the named alarms, for four hours.",
}

// newRunbooks makes the runbooks of a permission and returns their ARNs.
func newRunbooks(r *Releaser, may release.Permission, role awsiam.IRole, function awslambda.IFunction) []string {
	stack := awscdk.Stack_Of(r.scope)
	var arns []string
	for _, verb := range release.OrderVerbs() {
		if verb.Permission() != may {
			continue
		}
		name := operate.Runbook(verb)
		document := awsssm.NewCfnDocument(r.scope, jsii.String(logicalID(string(verb))+"Runbook"), &awsssm.CfnDocumentProps{
			Name:           &name,
			DocumentType:   jsii.String("Automation"),
			DocumentFormat: jsii.String("YAML"),
			UpdateMethod:   jsii.String("NewVersion"),
			Content:        runbook(verb, role, function),
		})
		document.Node().AddDependency(role)
		arns = append(arns, *stack.FormatArn(&awscdk.ArnComponents{
			Service: jsii.String("ssm"), Resource: jsii.String("automation-definition"), ResourceName: jsii.String(name + ":*"),
		}))
	}
	return arns
}

// runbook is the document of one order. It passes on which execution it is; the function asks Systems Manager what was
// ordered, and who started it.
// https://docs.aws.amazon.com/systems-manager/latest/userguide/automation-action-lamb.html
func runbook(verb release.OrderVerb, role awsiam.IRole, function awslambda.IFunction) map[string]any {
	return map[string]any{
		"schemaVersion": "0.3",
		"description":   "serin: " + runbookSays[verb],
		"assumeRole":    role.RoleArn(),
		"parameters":    form(verb),
		"outputs":       []any{operate.Step + ".Payload"},
		"mainSteps": []any{map[string]any{
			"name": operate.Step, "action": "aws:invokeLambdaFunction", "description": "Gives the order.", "isEnd": true,
			"maxAttempts": operate.Attempts, "timeoutSeconds": 120,
			"inputs": map[string]any{
				"FunctionName": function.FunctionArn(), "InvocationType": "RequestResponse",
				"InputPayload": map[string]any{"execution": "{{ automation:EXECUTION_ID }}"},
			},
		}},
	}
}

// form returns the fields that a person fills in. The command line fills in the same.
func form(verb release.OrderVerb) map[string]any {
	parameters := map[string]any{
		operate.ParameterTarget: field("^[a-z0-9-]{1,64}$", "The name of the target"),
		operate.ParameterReason: field("^.{1,500}$", reasonSays),
		operate.ParameterID:     optional("^[A-Za-z0-9_.:-]{0,128}$", idSays),
	}
	switch verb {
	case release.OrderStart:
		maps.Copy(parameters, named())
		maps.Copy(parameters, startForm())
		return parameters
	case release.OrderOverride:
		parameters[operate.ParameterAlarms] = map[string]any{"type": "StringList", "description": "The alarms that may be in ALARM when the emergency release starts"}
		return parameters
	case release.OrderAbandon:
		parameters[operate.ParameterRelease] = field("^r-[0-9a-f]{12}$", "The id of the release, which serin list names")
		return parameters
	case release.OrderRecover:
		maps.Copy(parameters, named())
	case release.OrderPromoteNow:
		parameters[operate.ParameterNoData] = flag("Promote even when nothing was measured")
	}
	parameters[operate.ParameterRelease] = optional(releasePattern, "The id of the release; left out, the open release of the target")
	return parameters
}

const (
	reasonSays     = "Why: it is kept with the release, and people are told"
	idSays         = "For scripts: with the same id again the order counts once. Left out, every execution is an order of its own"
	releasePattern = "^(r-[0-9a-f]{12})?$"
)

// named are the fields of an order that starts an execution of the state machine: the id becomes a part of its name.
func named() map[string]any {
	return map[string]any{
		operate.ParameterReason: optional("^.{0,500}$", reasonSays),
		operate.ParameterID:     optional("^[A-Za-z0-9_-]{0,40}$", idSays),
	}
}

func startForm() map[string]any {
	return map[string]any{
		operate.ParameterImage:          optional("^.{0,512}$", "An image of the target's repository: repository:tag or repository@sha256:..."),
		operate.ParameterTaskDefinition: optional("^.{0,512}$", "A registered task definition: its ARN or family:revision"),
		operate.ParameterVersion:        optional("^[0-9]{0,20}$", "A published version of the target's function"),
		operate.ParameterCode:           optional("^.{0,512}$", "A zip file of the target's place in S3: s3://bucket/key?versionId=..."),
		operate.ParameterUndo:           optional(releasePattern, "The id of a release that was released: what served before it is released; needs a reason"),
		operate.ParameterFirst:          flag("A first release: there is no version to compare with, alarms and health decide"),
		operate.ParameterRetry:          flag("Release a revision that was rolled back before; needs a reason"),
		operate.ParameterEmergency:      flag("Take the target's emergency plan; needs a reason"),
	}
}

func field(pattern, says string) map[string]any {
	return map[string]any{"type": "String", "allowedPattern": pattern, "description": says}
}

func optional(pattern, says string) map[string]any {
	text := field(pattern, says)
	text["default"] = ""
	return text
}

func flag(says string) map[string]any {
	return map[string]any{"type": "Boolean", "default": false, "description": says}
}
