package infra

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsdynamodb"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/jsii-runtime-go"
)

// permits is what a function's permissions are about.
type permits struct {
	stack  awscdk.Stack
	ledger awsdynamodb.Table
	topic  awssns.Topic
	key    awskms.IKey
	props  ReleaserProps
}

// keyActions are what publishing to an encrypted topic needs.
func keyActions() []*string { return *jsii.Strings("kms:Decrypt", "kms:GenerateDataKey*") }

// grant gives a function what it needs: the ledger, its targets' files, the topic, and its targets' roles. Metrics
// need nothing: they are written into the log in the embedded metric format.
func (p *permits) grant(role awsiam.Role, f function) {
	p.allow(role, []string{"dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:ConditionCheckItem"}, *p.ledger.TableArn())
	p.allow(role, []string{"dynamodb:Query"}, *p.ledger.TableArn(), *p.ledger.TableArn()+"/index/"+openIndex)
	p.allow(role, []string{"ssm:GetParameter"}, p.parameters())
	p.allow(role, []string{"sns:Publish"}, append([]string{*p.topic.TopicArn()}, p.props.Topics...)...)
	p.key.Grant(role, keyActions()...)
	p.allow(role, []string{"sts:AssumeRole"}, p.roles("look")...)
	if f.changes {
		p.allow(role, []string{"sts:AssumeRole"}, p.roles("change")...)
	}
}

func (p *permits) allow(role awsiam.Role, actions []string, resources ...string) {
	role.AddToPolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Actions:   jsii.Strings(actions...),
		Resources: jsii.Strings(resources...),
	}))
}

// parameters are the targets' files.
func (p *permits) parameters() string {
	return *p.stack.FormatArn(&awscdk.ArnComponents{
		Service: jsii.String("ssm"), Resource: jsii.String("parameter"), ResourceName: jsii.String("serin/targets/*"),
	})
}

// roles are the targets' roles of one kind, in every account that has targets. Who may assume one of them, and with
// which external id, the role itself says.
func (p *permits) roles(kind string) []string {
	var roles []string
	for _, account := range append([]string{*p.stack.Account()}, p.props.TargetAccounts...) {
		roles = append(roles, *p.stack.FormatArn(&awscdk.ArnComponents{
			Service: jsii.String("iam"), Region: jsii.String(""), Account: &account,
			Resource: jsii.String("role"), ResourceName: jsii.String("serin-*-" + kind),
		}))
	}
	return roles
}
