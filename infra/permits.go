package infra

import (
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/jsii-runtime-go"

	"github.com/serin-aws/serin/internal/permit"
)

// place returns the values that every permission may name.
func place(stack awscdk.Stack) permit.Values {
	return permit.Place(*stack.Partition(), *stack.Region(), *stack.Account())
}

// corePermits returns what the functions' permissions are about.
func corePermits(r *Releaser, p ReleaserProps) permit.Values {
	values := place(awscdk.Stack_Of(r.scope)).
		With("table", *r.Ledger.TableArn()).
		With("topic", *r.Topic.TopicArn()).
		With("topics", p.Topics...).
		With("key", *r.key.KeyArn()).
		With("bucket", *r.Reports.BucketArn()).
		With("bus", *r.bus.EventBusArn())
	for _, access := range permit.Accesses() {
		values = values.With("roles-"+string(access), rolesOf(r, p, access)...)
	}
	return values
}

// rolesOf are the targets' roles of one kind, in every account that has targets. Who may assume one of them, and with
// which external id, the role itself says.
func rolesOf(r *Releaser, p ReleaserProps, access permit.Access) []string {
	stack := awscdk.Stack_Of(r.scope)
	var roles []string
	for _, account := range append([]string{*stack.Account()}, p.TargetAccounts...) {
		roles = append(roles, *stack.FormatArn(&awscdk.ArnComponents{
			Service: jsii.String("iam"), Region: jsii.String(""), Account: &account,
			Resource: jsii.String("role"), ResourceName: jsii.String("serin-*-" + string(access)),
		}))
	}
	return roles
}

// grant gives a role what a table of permissions says.
func grant(role awsiam.IRole, statements []permit.Statement, values permit.Values) {
	for _, s := range filled(statements, values) {
		role.AddToPrincipalPolicy(s)
	}
}

// filled turns statements into the CDK's.
func filled(statements []permit.Statement, values permit.Values) []awsiam.PolicyStatement {
	all, err := permit.Fill(statements, values)
	if err != nil { // the table and its values are both ours
		panic(err)
	}
	var made []awsiam.PolicyStatement
	for _, s := range all {
		props := &awsiam.PolicyStatementProps{Actions: jsii.Strings(s.Actions...), Resources: jsii.Strings(s.Resources...)}
		if len(s.When) > 0 {
			conditions := map[string]any{}
			for operator, keys := range permit.Conditions(s) {
				conditions[operator] = keys
			}
			props.Conditions = &conditions
		}
		made = append(made, awsiam.NewPolicyStatement(props))
	}
	return made
}

// keyActions are what publishing to an encrypted topic needs.
func keyActions() []*string { return *jsii.Strings("kms:Decrypt", "kms:GenerateDataKey*") }

// logicalID turns a name like "deploy-canary" into DeployCanary.
func logicalID(name string) string {
	var id strings.Builder
	for word := range strings.SplitSeq(name, "-") {
		id.WriteString(strings.ToUpper(word[:1]) + word[1:])
	}
	return id.String()
}
