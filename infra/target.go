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
// Deploy it before a stack that reads what serves (NewQueueWorkerCanary, HandOver).
func AddTarget(scope constructs.Construct, id string, props *TargetProps) *InstalledTarget {
	scope = constructs.NewConstruct(scope, &id)
	target, stack := props.Target, awscdk.Stack_Of(scope)
	made := &InstalledTarget{}
	core := props.Core
	if core == "" {
		core = *stack.Account()
		made.Parameter = newTargetParameter(scope, target)
	}
	// A parameter of CloudFormation's is written when its definition changes and at no other time. This one never
	// changes, so what serin writes stays.
	made.Live = awsssm.NewCfnParameter(scope, jsii.String("Live"), &awsssm.CfnParameterProps{
		Name: jsii.String(target.Name.LiveParameter()), Type: jsii.String("StringList"), Value: jsii.String(permit.NothingLive(target)),
		Description: jsii.String("serin writes here what serves; infrastructure code reads it"),
	})
	made.Live.ApplyRemovalPolicy(awscdk.RemovalPolicy_RETAIN, nil)
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
	target, stack := props.Target, awscdk.Stack_Of(scope)
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
	grant(role, statements, place(stack).With("pass-roles", pass...))
	return role
}
