package infra

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/jsii-runtime-go"
)

// reportDays is how long a release's report is kept: a year and a month, so that last year's can be looked at.
const reportDays = 396

// newReports makes the private bucket in which the functions keep the report of each release.
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
