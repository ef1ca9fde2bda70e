package infra

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsdynamodb"
	"github.com/aws/jsii-runtime-go"
)

// openIndex lists what serin still works at, or a person must: only such items have the attribute "open".
const openIndex = "open"

func newLedger(r *Releaser, p ReleaserProps) awsdynamodb.Table {
	text := func(name string) *awsdynamodb.Attribute {
		return &awsdynamodb.Attribute{Name: &name, Type: awsdynamodb.AttributeType_STRING}
	}
	table := awsdynamodb.NewTable(r.scope, jsii.String("Ledger"), &awsdynamodb.TableProps{
		PartitionKey:        text("pk"),
		SortKey:             text("sk"),
		BillingMode:         awsdynamodb.BillingMode_PAY_PER_REQUEST,
		Encryption:          awsdynamodb.TableEncryption_AWS_MANAGED,
		TimeToLiveAttribute: jsii.String("ttl"),
		RemovalPolicy:       p.LedgerRemoval,
		DeletionProtection:  jsii.Bool(p.LedgerRemoval == awscdk.RemovalPolicy_RETAIN),
		PointInTimeRecoverySpecification: &awsdynamodb.PointInTimeRecoverySpecification{
			PointInTimeRecoveryEnabled: jsii.Bool(true),
		},
	})
	table.AddGlobalSecondaryIndex(&awsdynamodb.GlobalSecondaryIndexProps{
		IndexName:    jsii.String(openIndex),
		PartitionKey: text("open"),
		SortKey:      text("pk"),
		// The index may be a little behind, so whoever reads it loads the release itself.
		ProjectionType: awsdynamodb.ProjectionType_KEYS_ONLY,
	})
	return table
}
