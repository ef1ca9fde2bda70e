package infra

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/jsii-runtime-go"

	"github.com/serin-aws/serin/internal/permit"
	"github.com/serin-aws/serin/internal/release"
)

// permissions are what people may be allowed, each with what its policy says of itself.
var permissions = []struct {
	name release.Permission
	says string
}{
	{release.MayStart, "serin: may start releases"},
	{release.MayApprove, "serin: may answer what a release asks: approve, reject"},
	{release.MayOperate, "serin: may bring a release home: rollback, stop, recover"},
	{release.MayOverride, "serin: may go past what a target asks for: promote-now, override"},
	{release.MayAbandon, "serin: may give up a release that is Dirty: abandon"},
}

// admitPeople makes the runbooks of all orders, and a managed policy for each permission.
func admitPeople(r *Releaser) {
	values := place(awscdk.Stack_Of(r.scope)).
		With("machine", *r.StateMachine.StateMachineArn()).With("executions", executionsOf(r)).
		With("table", *r.Ledger.TableArn()).With("bucket", *r.Reports.BucketArn())
	r.Policies = map[string]awsiam.ManagedPolicy{}
	operate := r.Functions[string(permit.Operate)]
	role := newRunbookRole(r, values.With("operate", *operate.FunctionArn()))
	for _, may := range permissions {
		own := values.With("runbook-role", *role.RoleArn()).With("runbooks", newRunbooks(r, may.name, role, operate)...)
		r.Policies[string(may.name)] = newPolicy(r, string(may.name), may.says, filled(permit.Person(), own))
	}
}

// newRunbookRole makes the role that every runbook runs with: it may call operate, which believes it nothing but the id of
// the execution that calls.
func newRunbookRole(r *Releaser, values permit.Values) awsiam.Role {
	role := awsiam.NewRole(r.scope, jsii.String("Runbooks"), &awsiam.RoleProps{
		AssumedBy: awsiam.NewServicePrincipal(jsii.String("ssm.amazonaws.com"), &awsiam.ServicePrincipalOpts{
			Conditions: &map[string]any{"StringEquals": map[string]any{"aws:SourceAccount": awscdk.Stack_Of(r.scope).Account()}},
		}),
		Description: jsii.String("serin: gives the orders of people, by its runbooks"),
		Path:        jsii.String("/serin/core/"),
	})
	grant(role, permit.Runbook(), values)
	return role
}

func newPolicy(r *Releaser, name, says string, statements []awsiam.PolicyStatement) awsiam.ManagedPolicy {
	return awsiam.NewManagedPolicy(r.scope, jsii.String(logicalID(name)+"Policy"), &awsiam.ManagedPolicyProps{
		ManagedPolicyName: jsii.String("serin-" + name + "-" + *awscdk.Stack_Of(r.scope).Region()),
		Description:       &says,
		Statements:        &statements,
	})
}
