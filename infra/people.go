package infra

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/jsii-runtime-go"

	"github.com/serin-aws/serin/internal/permit"
	"github.com/serin-aws/serin/internal/release"
)

// permissions are what people may be allowed beside starting releases, each with what its policy says of itself.
var permissions = []struct {
	name release.Permission
	says string
}{
	{release.MayApprove, "serin: may answer what a release asks: approve, reject"},
	{release.MayOperate, "serin: may bring a release home: rollback, stop"},
	{release.MayOverride, "serin: may go past what a target asks for: promote-now, override"},
}

// admitPeople makes an alias of operate, a role for runbooks, the runbooks and a managed policy for each permission, and
// the policy for starting releases.
func admitPeople(r *Releaser, p ReleaserProps) {
	stack := awscdk.Stack_Of(r.scope)
	values := place(stack).
		With("machine", *r.StateMachine.StateMachineArn()).With("executions", executionsOf(r)).
		With("table", *r.Ledger.TableArn()).With("bucket", *r.Reports.BucketArn()).
		With("executions-of-runbooks", *stack.FormatArn(&awscdk.ArnComponents{
			Service: jsii.String("ssm"), Resource: jsii.String("automation-execution"), ResourceName: jsii.String("*"),
		}))
	r.Policies = map[string]awsiam.ManagedPolicy{
		"start": newPolicy(r, "start", "serin: may start releases", filled(permit.Starter(), values)),
	}
	operate := r.Functions[string(permit.Operate)]
	for _, may := range permissions {
		alias := awslambda.NewAlias(r.scope, jsii.String("May"+logicalID(string(may.name))), &awslambda.AliasProps{
			AliasName: jsii.String(string(may.name)), Version: operate.CurrentVersion(), Description: jsii.String(may.says),
		})
		own := values.With("operate", *alias.FunctionArn())
		role := awsiam.NewRole(r.scope, jsii.String(logicalID(string(may.name))+"Runbooks"), &awsiam.RoleProps{
			AssumedBy: awsiam.NewServicePrincipal(jsii.String("ssm.amazonaws.com"), &awsiam.ServicePrincipalOpts{
				Conditions: &map[string]any{"StringEquals": map[string]any{"aws:SourceAccount": stack.Account()}},
			}),
			Description: jsii.String("serin: gives the orders of the permission " + string(may.name) + ", in the name of who started the runbook"),
			Path:        jsii.String("/serin/core/"),
		})
		grant(role, permit.Runbook(), own)
		own = own.With("runbook-role", *role.RoleArn()).With("runbooks", newRunbooks(r, may.name, role, operate)...)
		r.Policies[string(may.name)] = newPolicy(r, string(may.name), may.says, filled(permit.Person(p.RunbooksOnly), own))
	}
}

func newPolicy(r *Releaser, name, says string, statements []awsiam.PolicyStatement) awsiam.ManagedPolicy {
	return awsiam.NewManagedPolicy(r.scope, jsii.String(logicalID(name)+"Policy"), &awsiam.ManagedPolicyProps{
		ManagedPolicyName: jsii.String("serin-" + name + "-" + *awscdk.Stack_Of(r.scope).Region()),
		Description:       &says,
		Statements:        &statements,
	})
}
