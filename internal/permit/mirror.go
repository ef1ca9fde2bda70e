package permit

import (
	"regexp"
	"strings"

	"github.com/serin-aws/serin/internal/release"
)

// stackARN is the ARN pattern of a CloudFormation stack; its last part is an id that nobody knows before.
func stackARN(name string) string {
	return "arn:{partition}:cloudformation:{region}:{account}:stack/" + name + "/*"
}

// mirrorLook is what looking at a mirrored workload needs.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscloudformation.html
func mirrorLook(t *release.Target) []Statement {
	m := t.EC2Mirror
	return []Statement{
		{
			Actions: []string{"cloudformation:DescribeStackEvents", "cloudformation:DescribeStacks"}, Resources: []string{stackARN(m.Stack), stackARN(m.Temporary)},
			Why: "sees where the two stacks stand, and why one failed",
		},
		{
			Actions: []string{"elasticloadbalancing:DescribeTargetHealth"}, Resources: []string{"*"},
			Why: "sees whether the new version answers; IAM takes no resource for this call",
		},
	}
}

// mirrorChange is what releasing to it needs besides. What is in the stacks - instances, groups, balancers - is made by
// CloudFormation with the live stack's service role: serin may hand that on, and touches nothing of it itself.
func mirrorChange(t *release.Target) []Statement {
	m := t.EC2Mirror
	statements := []Statement{
		{
			Actions: []string{"cloudformation:CreateStack", "cloudformation:DeleteStack"}, Resources: []string{stackARN(m.Temporary)},
			Why: "makes the temporary stack of a release, and removes it",
		},
		{
			Actions: []string{"cloudformation:TagResource"}, Resources: []string{stackARN(m.Temporary)}, Unseen: true,
			When: []Condition{{"StringEquals", "cloudformation:CreateAction", []string{"CreateStack"}}},
			Why:  "tags the temporary stack with its release, so that it is found again",
		},
		{
			Actions:   []string{"cloudformation:CancelUpdateStack", "cloudformation:ContinueUpdateRollback", "cloudformation:UpdateStack"},
			Resources: []string{stackARN(m.Stack)},
			Why:       "sets the live stack's parameters - the image, the mirror - and brings the recorded ones back",
		},
		{
			Actions: []string{"iam:PassRole"}, Resources: []string{"{pass-roles}"}, Unseen: true,
			When: []Condition{{"StringEquals", "iam:PassedToService", []string{"cloudformation.amazonaws.com"}}},
			Why:  "lets CloudFormation make the temporary stack with the service role that the live stack has",
		},
		findImages(t),
	}
	if m.Template == "" {
		return append(statements, Statement{
			Actions: []string{"cloudformation:GetTemplate"}, Resources: []string{stackARN(m.Stack)},
			Why: "makes the temporary stack from the live stack's template",
		})
	}
	return append(statements, Statement{
		Actions: []string{"s3:GetObject"}, Resources: []string{"arn:{partition}:s3:::" + objectOf(m.Template)}, Unseen: true,
		Why: "CloudFormation reads the temporary stack's template in the caller's name",
	})
}

// The two ways in which S3 writes the URL of an object: the bucket in the host, and in the path.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html
var bucketInHost = regexp.MustCompile(`^https://(.+)\.s3[.-][a-z0-9.-]*amazonaws\.com(?:\.cn)?/(.+)$`)

// objectOf returns bucket/key of an object's URL.
func objectOf(url string) string {
	if parts := bucketInHost.FindStringSubmatch(url); parts != nil {
		return parts[1] + "/" + parts[2]
	}
	_, path, _ := strings.Cut(strings.TrimPrefix(url, "https://"), "/")
	return path
}
