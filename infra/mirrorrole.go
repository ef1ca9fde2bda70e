package infra

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/serin-aws/serin/internal/permit"
)

// madeOf is what CloudFormation needs for the two stacks of a mirrored service: of each type of resource in the template
// the permissions that the type's published schema lists, as far as the template uses it, and what rolling updates ask
// for. IAM knows neither the ids of what is made, nor for most calls the name; what has a name begins with its stack's.
// https://docs.aws.amazon.com/cloudformation-cli/latest/userguide/resource-type-schema.html ("handlers")
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-attribute-updatepolicy.html
func madeOf(target *Target) []permit.Statement {
	named := func(prefix string) []string {
		m := target.EC2Mirror
		return []string{prefix + m.Stack + "-*", prefix + m.Temporary + "-*"}
	}
	const here = ":{region}:{account}:"
	roles := named("arn:{partition}:iam::{account}:role/")
	return []permit.Statement{
		{Resources: named("arn:{partition}:ssm" + here + "parameter/"), Actions: []string{
			"ssm:AddTagsToResource", "ssm:DeleteParameter", "ssm:ListTagsForResource", "ssm:PutParameter", "ssm:RemoveTagsFromResource",
		}},
		{Resources: append(named("arn:{partition}:ssm"+here+"parameter/"), "arn:{partition}:ssm:{region}::parameter/aws/service/*"), Actions: []string{"ssm:GetParameters"}},
		{Resources: roles, Actions: []string{
			"iam:AttachRolePolicy", "iam:CreateRole", "iam:DeleteRole", "iam:DeleteRolePolicy", "iam:DetachRolePolicy", "iam:GetRole", "iam:GetRolePolicy",
			"iam:ListAttachedRolePolicies", "iam:ListRolePolicies", "iam:PutRolePolicy", "iam:TagRole", "iam:UntagRole", "iam:UpdateAssumeRolePolicy",
		}},
		{Resources: roles, Actions: []string{"iam:PassRole"}, When: []permit.Condition{{Operator: "StringEquals", Key: "iam:PassedToService", Values: []string{"ec2.amazonaws.com"}}}},
		{Resources: named("arn:{partition}:iam::{account}:instance-profile/"), Actions: []string{
			"iam:AddRoleToInstanceProfile", "iam:CreateInstanceProfile", "iam:DeleteInstanceProfile", "iam:GetInstanceProfile", "iam:RemoveRoleFromInstanceProfile",
		}},
		{Resources: []string{"arn:{partition}:iam::{account}:role/aws-service-role/*"}, Actions: []string{"iam:CreateServiceLinkedRole"}, When: []permit.Condition{
			{Operator: "StringEquals", Key: "iam:AWSServiceName", Values: []string{"autoscaling.amazonaws.com", "elasticloadbalancing.amazonaws.com"}},
		}},
		{Resources: named("arn:{partition}:cloudwatch" + here + "alarm:"), Actions: []string{
			"cloudwatch:DeleteAlarms", "cloudwatch:DescribeAlarms", "cloudwatch:ListTagsForResource", "cloudwatch:PutMetricAlarm", "cloudwatch:TagResource", "cloudwatch:UntagResource",
		}},
		{Resources: []string{
			"arn:{partition}:autoscaling" + here + "autoScalingGroup:*:autoScalingGroupName/" + target.EC2Mirror.Stack + "-*",
			"arn:{partition}:autoscaling" + here + "autoScalingGroup:*:autoScalingGroupName/" + target.EC2Mirror.Temporary + "-*",
		}, Actions: []string{
			"autoscaling:AttachLoadBalancerTargetGroups", "autoscaling:CreateAutoScalingGroup", "autoscaling:CreateOrUpdateTags", "autoscaling:DeleteAutoScalingGroup",
			"autoscaling:DeleteTags", "autoscaling:DetachLoadBalancerTargetGroups", "autoscaling:ResumeProcesses", "autoscaling:SuspendProcesses",
			"autoscaling:TerminateInstanceInAutoScalingGroup", "autoscaling:UpdateAutoScalingGroup",
		}},
		{Resources: []string{"arn:{partition}:elasticloadbalancing" + here + "*"}, Actions: []string{
			"elasticloadbalancing:AddTags", "elasticloadbalancing:CreateListener", "elasticloadbalancing:CreateLoadBalancer", "elasticloadbalancing:CreateTargetGroup",
			"elasticloadbalancing:DeleteListener", "elasticloadbalancing:DeleteLoadBalancer", "elasticloadbalancing:DeleteTargetGroup",
			"elasticloadbalancing:ModifyListener", "elasticloadbalancing:ModifyListenerAttributes", "elasticloadbalancing:ModifyLoadBalancerAttributes",
			"elasticloadbalancing:ModifyTargetGroup", "elasticloadbalancing:ModifyTargetGroupAttributes", "elasticloadbalancing:RemoveTags",
			"elasticloadbalancing:SetIpAddressType", "elasticloadbalancing:SetSecurityGroups", "elasticloadbalancing:SetSubnets",
		}},
		{Resources: []string{"arn:{partition}:ec2" + here + "*", "arn:{partition}:ec2:{region}::image/*", "arn:{partition}:ec2:{region}::snapshot/*"}, Actions: []string{
			"ec2:AuthorizeSecurityGroupEgress", "ec2:AuthorizeSecurityGroupIngress", "ec2:CreateLaunchTemplate", "ec2:CreateLaunchTemplateVersion",
			"ec2:CreateSecurityGroup", "ec2:CreateTags", "ec2:DeleteLaunchTemplate", "ec2:DeleteSecurityGroup", "ec2:DeleteTags",
			"ec2:RevokeSecurityGroupEgress", "ec2:RevokeSecurityGroupIngress", "ec2:RunInstances",
		}},
		{Resources: []string{"*"}, Actions: []string{ // IAM takes no resource for these
			"autoscaling:Describe*", "ec2:Describe*", "elasticloadbalancing:Describe*", "iam:ListRoles", "ssm:DescribeParameters",
		}},
	}
}

// NewMirrorRole makes the service role that CloudFormation makes a mirrored service with, and the temporary stack of a
// release. Deploy the service with it (cdk deploy --role-arn), and name it among the target's PassRoles: serin hands it
// on and may make no machine itself. Nobody has used it on AWS yet: where something is missing, CloudFormation says so.
func NewMirrorRole(scope constructs.Construct, id string, target *Target) awsiam.Role {
	if target == nil || target.EC2Mirror == nil {
		panic("infra: NewMirrorRole needs a target of the platform ec2-mirror")
	}
	role := awsiam.NewRole(scope, &id, &awsiam.RoleProps{
		Description: jsii.String("makes the stacks of the mirrored service " + string(target.Name)),
		AssumedBy:   awsiam.NewServicePrincipal(jsii.String("cloudformation.amazonaws.com"), nil),
	})
	grant(role, madeOf(target), place(awscdk.Stack_Of(scope)))
	return role
}
