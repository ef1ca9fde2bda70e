package infra

import (
	"fmt"
	"os"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsssm"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/serin-aws/serin/internal/permit"
	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/targetfile"
)

// Target is one workload and how it is released: what stands in a target's file.
type Target = release.Target

// ReadTarget reads and checks a target's file. What is wrong with it ends the synthesis, each mistake with its line.
func ReadTarget(file string) *Target {
	text, err := os.ReadFile(file)
	if err != nil {
		panic(fmt.Sprintf("infra: %v", err))
	}
	target, err := targetfile.Parse(file, text)
	if err != nil {
		panic(fmt.Sprintf("infra: %v", err))
	}
	return &target
}

// TargetProps says what serin is to know of a target, and may do for it. Target is required.
type TargetProps struct {
	Target *Target
	// PassRoles are the roles that the workload's units run with: of ECS tasks the task roles and the execution roles.
	// serin hands them on with the revisions that it registers, and no others.
	PassRoles []awsiam.IRole
	// Core is the account in which serin is installed. Empty means the stack's own. The target's parameter is read in
	// that account: in another account's stack it is left out, and serin apply writes it.
	Core string
	// Live is the parameter that says what serves, where NewLive has made it already. Nil: made.
	Live awsssm.CfnParameter
}

// InstalledTarget is what AddTarget made.
type InstalledTarget struct {
	Parameter    awsssm.StringParameter // nil where serin is in another account
	Live         awsssm.CfnParameter    // what serves; serin writes it, see LiveOf
	Look, Change awsiam.Role
}

// AddTarget defines, in the target's own stack, what serin needs to release it: the parameter that it is read from, the
// two roles that serin works with, and the parameter that says what serves.
//
// Deploy it before a stack that reads what serves: those of NewQueueWorkerCanary, NewLambdaAliasCanary and
// NewLoadBalancedCanary.
func AddTarget(scope constructs.Construct, id string, props *TargetProps) *InstalledTarget {
	scope = constructs.NewConstruct(scope, &id)
	target, stack := props.Target, awscdk.Stack_Of(scope)
	made := &InstalledTarget{}
	core := props.Core
	if core == "" {
		core = *stack.Account()
		made.Parameter = newTargetParameter(scope, target)
	}
	made.Live = props.Live
	if made.Live == nil {
		made.Live = NewLive(scope, "Live", target)
	}
	made.Look = newTargetRole(scope, props, permit.Look, core)
	made.Change = newTargetRole(scope, props, permit.Change, core)
	return made
}

func newTargetParameter(scope constructs.Construct, target *Target) awsssm.StringParameter {
	text, err := targetfile.Marshal(*target)
	if err != nil {
		panic(fmt.Sprintf("infra: %v", err))
	}
	tier := awsssm.ParameterTier_STANDARD
	if len(text) > 4<<10 {
		tier = awsssm.ParameterTier_ADVANCED
	}
	return awsssm.NewStringParameter(scope, jsii.String("Target"), &awsssm.StringParameterProps{
		ParameterName: jsii.String("/serin/targets/" + string(target.Name)),
		Description:   jsii.String("serin: how " + string(target.Name) + " is released"),
		StringValue:   jsii.String(string(text)),
		Tier:          tier,
	})
}

func newTargetRole(scope constructs.Construct, props *TargetProps, access permit.Access, core string) awsiam.Role {
	stack := awscdk.Stack_Of(scope)
	target, values := ruleOf(props.Target, place(stack))
	statements, err := permit.Target(target, access)
	if err != nil {
		panic(fmt.Sprintf("infra: %v", err))
	}
	var pass []string
	for _, role := range props.PassRoles {
		pass = append(pass, *role.RoleArn())
	}
	trust := permit.TrustOf(target, access, *stack.Partition(), core)
	role := awsiam.NewRole(scope, jsii.String(logicalID(string(access))+"Role"), &awsiam.RoleProps{
		RoleName:    jsii.String(permit.RoleName(target, access)),
		Description: jsii.String(permit.RoleDescription(target, access)),
		ExternalIds: jsii.Strings(trust.ExternalID),
		AssumedBy: awsiam.NewPrincipalWithConditions(awsiam.NewAccountPrincipal(core), &map[string]any{
			"ArnLike": map[string]any{"aws:PrincipalArn": trust.Roles},
		}),
	})
	grant(role, statements, values.With("pass-roles", pass...))
	return role
}

// ruleOf returns a target whose listener rule can be read as an ARN, and values with what it names. The ARN of a rule
// that is made by the same app is not known before it is deployed, and its parts are values then.
func ruleOf(target *Target, values permit.Values) (*Target, permit.Values) {
	if target.ECSALB == nil || !*awscdk.Token_IsUnresolved(target.ECSALB.ListenerRule) {
		return target, values
	}
	at, known := *target.ECSALB, *target
	parts := *awscdk.Fn_Split(jsii.String("/"), &at.ListenerRule, jsii.Number(6)) // arn:...:listener-rule/app/NAME/ID/LISTENER/RULE
	at.ListenerRule = "arn:{partition}:elasticloadbalancing:{region}:{account}:listener-rule/app/{listener}/{rule}"
	known.ECSALB = &at
	return &known, values.With("listener", *parts[2]+"/"+*parts[3]+"/"+*parts[4]).With("rule", *parts[5])
}
