package permit

import "github.com/serin-aws/serin/internal/release"

const ecsARN = "arn:{partition}:ecs:{region}:{account}:"

// services are the two services of a target.
func services(t *release.Target) []string {
	q := t.ECSQueue
	at := ecsARN + "service/" + last(q.Cluster) + "/"
	return []string{at + last(q.PrimaryService), at + last(q.CanaryService)}
}

func inCluster(t *release.Target) []Condition {
	return []Condition{{"ArnEquals", "ecs:cluster", []string{ecsARN + "cluster/" + last(t.ECSQueue.Cluster)}}}
}

// ecsQueueLook is what looking at a queue worker needs.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerservice.html
func ecsQueueLook(t *release.Target) []Statement {
	q := t.ECSQueue
	cluster := last(q.Cluster)
	revisions := []string{
		ecsARN + "service-revision/" + cluster + "/" + last(q.PrimaryService) + "/*",
		ecsARN + "service-revision/" + cluster + "/" + last(q.CanaryService) + "/*",
	}
	return []Statement{
		{
			Actions: []string{"ecs:DescribeServices", "ecs:ListServiceDeployments"}, Resources: services(t),
			Why: "sees where the two services stand, and what was deployed to them",
		},
		{
			Actions: []string{"ecs:DescribeServiceRevisions"}, Resources: revisions,
			Why: "reads the digests that ECS resolved for a deployment",
		},
		{
			Actions: []string{"ecs:DescribeTasks"}, Resources: []string{ecsARN + "task/" + cluster + "/*"}, When: inCluster(t),
			Why: "sees which revision each task runs, and why tasks stopped",
		},
		{
			Actions: []string{"ecs:ListTasks"}, Resources: []string{"*"}, When: inCluster(t),
			Why: "finds the tasks of the two services; IAM knows the cluster of this call only as a condition",
		},
		{
			Actions: []string{"ecs:DescribeTaskDefinition", "ecs:ListTaskDefinitions"}, Resources: []string{"*"},
			Why: "reads task definitions, its own found again by their tags; IAM takes no resource for these calls",
		},
	}
}

// ecsQueueChange is what releasing to a queue worker needs besides.
func ecsQueueChange(t *release.Target) []Statement {
	q := t.ECSQueue
	cluster := last(q.Cluster)
	statements := []Statement{
		{
			Actions: []string{"ecs:UpdateService"}, Resources: services(t),
			Why: "moves the two services to a revision, and sets the canary's number of tasks",
		},
		{
			Actions: []string{"ecs:UpdateTaskProtection"}, Resources: []string{ecsARN + "task/" + cluster + "/*"}, When: inCluster(t),
			Why: "lets a bad canary's tasks be stopped: protected ones survive deployments for two days",
		},
		{
			Actions: []string{"ecs:RegisterTaskDefinition"}, Resources: []string{ecsARN + "task-definition/*"},
			Why: "registers the new revision for each service, and pinned copies of the baseline; their families are those of the definitions that serve",
		},
		{
			Actions: []string{"ecs:DeregisterTaskDefinition"}, Resources: []string{"*"},
			Why: "takes its own definitions out of use again; IAM takes no resource for this call",
		},
		{
			Actions: []string{"ecs:TagResource"}, Resources: []string{ecsARN + "task-definition/*"}, Unseen: true,
			When: []Condition{{"StringEquals", "ecs:CreateAction", []string{"RegisterTaskDefinition"}}},
			Why:  "tags what it registers with the release, so that it is found again",
		},
		{
			Actions: []string{"iam:PassRole"}, Resources: []string{"{pass-roles}"}, Unseen: true,
			When: []Condition{{"StringEquals", "iam:PassedToService", []string{"ecs-tasks.amazonaws.com"}}},
			Why:  "registers revisions that keep the roles of the baseline: the task roles and the execution roles",
		},
		{
			Actions: []string{"sqs:GetQueueAttributes", "sqs:GetQueueUrl"}, Resources: []string{"arn:{partition}:sqs:{region}:{account}:" + last(q.Queue)},
			Why: "sees that both services can share the queue",
		},
		{
			Actions: []string{"application-autoscaling:DescribeScalableTargets"}, Resources: []string{"*"},
			Why: "sees who scales the services; IAM takes no resource for this call that is known before it is made",
		},
	}
	if t.Source.ECR != nil {
		statements = append(statements, Statement{
			Actions: []string{"ecr:DescribeImages"}, Resources: []string{"arn:{partition}:ecr:{region}:{account}:repository/" + t.Source.ECR.Repository},
			Why: "finds the digest of what is released, and whether that of the baseline can still be pulled",
		})
		return statements
	}
	return append(statements, Statement{
		Actions: []string{"ecr:DescribeImages"}, Resources: []string{"arn:{partition}:ecr:{region}:{account}:repository/*"},
		Why: "finds the digest of what is released; the target names no repository, so it is that of the image that serves",
	})
}
