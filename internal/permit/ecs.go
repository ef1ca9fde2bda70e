package permit

import "github.com/serin-aws/serin/internal/release"

const ecsARN = "arn:{partition}:ecs:{region}:{account}:"

// pair are the names of two ECS services and of their cluster.
type pair struct{ cluster, primary, canary string }

func (p pair) services() []string {
	at := ecsARN + "service/" + p.cluster + "/"
	return []string{at + p.primary, at + p.canary}
}

func (p pair) inCluster() []Condition {
	return []Condition{{"ArnEquals", "ecs:cluster", []string{ecsARN + "cluster/" + p.cluster}}}
}

// ecsLook is what looking at two ECS services needs.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerservice.html
func ecsLook(p pair) []Statement {
	revisions := []string{
		ecsARN + "service-revision/" + p.cluster + "/" + p.primary + "/*",
		ecsARN + "service-revision/" + p.cluster + "/" + p.canary + "/*",
	}
	return []Statement{
		{
			Actions: []string{"ecs:DescribeServices", "ecs:ListServiceDeployments"}, Resources: p.services(),
			Why: "sees where the two services stand, and what was deployed to them",
		},
		{
			Actions: []string{"ecs:DescribeServiceRevisions"}, Resources: revisions,
			Why: "reads the digests that ECS resolved for a deployment",
		},
		{
			Actions: []string{"ecs:DescribeTasks"}, Resources: []string{ecsARN + "task/" + p.cluster + "/*"}, When: p.inCluster(),
			Why: "sees which revision each task runs, and why tasks stopped",
		},
		{
			Actions: []string{"ecs:ListTasks"}, Resources: []string{"*"}, When: p.inCluster(),
			Why: "finds the tasks of the two services; IAM knows the cluster of this call only as a condition",
		},
		{
			Actions: []string{"ecs:DescribeTaskDefinition", "ecs:ListTaskDefinitions"}, Resources: []string{"*"},
			Why: "reads task definitions, its own found again by their tags; IAM takes no resource for these calls",
		},
	}
}

// ecsChange is what releasing to two ECS services needs besides; work is what finding their work does.
func ecsChange(t *release.Target, p pair, work ...Statement) []Statement {
	statements := []Statement{
		{
			Actions: []string{"ecs:UpdateService"}, Resources: p.services(),
			Why: "moves the two services to a revision, and sets the canary's number of tasks",
		},
		{
			Actions: []string{"ecs:UpdateTaskProtection"}, Resources: []string{ecsARN + "task/" + p.cluster + "/*"}, When: p.inCluster(),
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
	}
	statements = append(append(statements, work...), Statement{
		Actions: []string{"application-autoscaling:DescribeScalableTargets"}, Resources: []string{"*"},
		Why: "sees who scales the services; IAM takes no resource for this call that is known before it is made",
	})
	return append(statements, findImages(t))
}
