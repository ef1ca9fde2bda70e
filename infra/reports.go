package infra

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/jsii-runtime-go"

	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/telling"
)

// reportDays is how long a release's report is kept: a year and a month, so that last year's can be looked at.
const reportDays = 396

// newReports makes the private bucket in which the function report keeps the report of each release.
func newReports(r *Releaser, p ReleaserProps) awss3.Bucket {
	return awss3.NewBucket(r.scope, jsii.String("Reports"), &awss3.BucketProps{
		Encryption:        awss3.BucketEncryption_S3_MANAGED,
		EnforceSSL:        jsii.Bool(true),
		BlockPublicAccess: awss3.BlockPublicAccess_BLOCK_ALL(),
		ObjectOwnership:   awss3.ObjectOwnership_BUCKET_OWNER_ENFORCED,
		Versioned:         jsii.Bool(true), // a report may be written again by a later attempt
		LifecycleRules: &[]*awss3.LifecycleRule{{
			Id:                                  jsii.String("reports-end"),
			Expiration:                          awscdk.Duration_Days(jsii.Number(reportDays)),
			NoncurrentVersionExpiration:         awscdk.Duration_Days(jsii.Number(30)),
			AbortIncompleteMultipartUploadAfter: awscdk.Duration_Days(jsii.Number(1)),
		}},
		RemovalPolicy: p.LedgerRemoval, // the ledger and the reports tell the same story
	})
}

// keepReports gives every release that ends to the function report, by serin's own event.
func keepReports(r *Releaser, report awslambda.Function) {
	dropIntoMissed(r, report)
	var ends []*string
	for _, kind := range []release.NoticeKind{release.NoticeReleased, release.NoticeRolledBack, release.NoticeDirty, release.NoticeAbandoned} {
		ends = append(ends, jsii.String(telling.DetailType(kind)))
	}
	awsevents.NewRule(r.scope, jsii.String("ReleaseEnded"), &awsevents.RuleProps{
		Description:  jsii.String("serin: a release ended; its report is kept"),
		EventBus:     r.bus,
		EventPattern: &awsevents.EventPattern{Source: jsii.Strings(telling.Source), DetailType: &ends},
		Targets:      &[]awsevents.IRuleTarget{deliverTo(r, report, nil)},
	})
}
