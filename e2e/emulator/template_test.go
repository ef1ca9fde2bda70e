//go:build emulator || aws

package emulator

import (
	"cmp"
	"maps"
	"strings"
)

// target is the target's file: short bakes, and CloudWatch's real minutes.
func (w *workload) target() string {
	return strings.NewReplacer("NAMESPACE", w.namespace(), "NAME", w.name, "CONCURRENCY", cmp.Or(w.concurrency, "reject"), "STEP", w.step).Replace(`name: NAME
platform: ecs-queue
ecsQueue: {cluster: NAME, primaryService: NAME, canaryService: NAME-canary, container: worker, queue: NAME}
source: {ecr: {repository: NAME, tags: ["release-*"]}}
concurrency: CONCURRENCY
plan:
  steps:
    - {weight: 25, bake: 1mSTEP}
  maxBake: 45m
  settle: 10s
  deadline: 2h
checks:
  alarms: [NAME-dlq]
  compare:
    - name: failures
      proportion: {namespace: NAMESPACE, failed: Failed, total: Processed, by: {dimension: Service}}
  minimumSample: 150
  inconclusive: hold
`)
}

// namespace is that of the workers' metrics.
func (w *workload) namespace() string {
	if w.example {
		return "Orders"
	}
	return w.name
}

type properties = map[string]any

// template is the target's stack, with so many tasks of each service.
func (w *workload) template(tasks int) properties {
	resource := func(kind string, p properties) properties {
		return properties{"Type": "AWS::" + kind, "Properties": p}
	}
	ref := func(name string) properties { return properties{"Ref": name} }
	arn := func(name string) properties { return properties{"Fn::GetAtt": []string{name, "Arn"}} }
	resources := properties{
		"Repository": resource("ECR::Repository", properties{"RepositoryName": w.name, "EmptyOnDelete": true}),
		"Logs":       resource("Logs::LogGroup", properties{"LogGroupName": "/serin-verify/" + w.name}),
		"Task": resource("IAM::Role", properties{
			"RoleName": w.name + "-task", "AssumeRolePolicyDocument": trust("ecs-tasks.amazonaws.com"),
			"ManagedPolicyArns": []string{"arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"},
			"Policies": allow(properties{
				"Effect": "Allow", "Resource": arn("Queue"),
				"Action": []string{"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility"},
			}, properties{"Effect": "Allow", "Resource": "*", "Action": "cloudwatch:PutMetricData"}),
		}),
		"People": resource("IAM::Role", properties{ // whoever of the account takes it on is known by the session's name
			"RoleName": w.name + "-people", "AssumeRolePolicyDocument": trusts(properties{"AWS": "arn:aws:iam::" + w.account + ":root"}),
			"ManagedPolicyArns": []string{w.policy("start"), w.policy("approve")},
		}),
		"Cluster": resource("ECS::Cluster", properties{"ClusterName": w.name}),
		"Alarm": resource("CloudWatch::Alarm", properties{
			"AlarmName": w.name + "-dlq", "Namespace": "AWS/SQS", "MetricName": "ApproximateNumberOfMessagesVisible", "Statistic": "Maximum",
			"Dimensions": []properties{{"Name": "QueueName", "Value": w.name + "-dlq"}}, "Period": 60, "EvaluationPeriods": 1,
			"Threshold": 1000000, "ComparisonOperator": "GreaterThanThreshold", "TreatMissingData": "notBreaching",
		}),
		"Start": resource("IAM::Role", properties{
			"RoleName": w.name + "-start", "AssumeRolePolicyDocument": trust("events.amazonaws.com"),
			"Policies": allow(properties{"Effect": "Allow", "Resource": w.machine, "Action": "states:StartExecution"}),
		}),
		"Push": resource("Events::Rule", properties{
			"EventPattern": properties{"source": []string{"aws.ecr"}, "detail-type": []string{"ECR Image Action"}, "detail": properties{
				"action-type": []string{"PUSH"}, "result": []string{"SUCCESS"}, "repository-name": []string{w.name},
				"image-tag": []properties{{"wildcard": "release-*"}},
			}},
			"Targets": []properties{{
				"Id": "Start", "Arn": w.machine, "RoleArn": arn("Start"),
				"InputTransformer": properties{"InputTemplate": `{"target":"` + w.name + `","event":<aws.events.event.json>}`},
			}},
		}),
	}
	maps.Copy(resources, queuePair(w.name, 60, maxReceives))
	for service := range w.services() {
		id := strings.ReplaceAll(service, "-", "")
		resources[id+"Definition"] = resource("ECS::TaskDefinition", properties{
			"Family": service, "RequiresCompatibilities": []string{"FARGATE"}, "NetworkMode": "awsvpc", "Cpu": "256", "Memory": "512",
			"TaskRoleArn": arn("Task"), "ExecutionRoleArn": arn("Task"),
			"ContainerDefinitions": []properties{{
				"Name": "worker", "Image": w.repository() + ":initial", "Essential": true, "StopTimeout": 30,
				"LogConfiguration": properties{"LogDriver": "awslogs", "Options": properties{
					"awslogs-group": ref("Logs"), "awslogs-region": w.region, "awslogs-stream-prefix": "worker",
				}},
				"Environment": []properties{
					{"Name": "QUEUE", "Value": w.queue("")},
					{"Name": "QUEUE_URL", "Value": w.queue("")}, // the example's name for it
					{"Name": "SERVICE", "Value": service},
					{"Name": "NAMESPACE", "Value": w.namespace()},
				},
			}},
		})
		resources[id+"Service"] = resource("ECS::Service", properties{
			"Cluster": ref("Cluster"), "ServiceName": service, "TaskDefinition": ref(id + "Definition"), "DesiredCount": tasks, "LaunchType": "FARGATE",
			"DeploymentConfiguration": properties{
				"MaximumPercent": 200, "MinimumHealthyPercent": 100, "DeploymentCircuitBreaker": properties{"Enable": true, "Rollback": true},
			},
			"NetworkConfiguration": properties{"AwsvpcConfiguration": properties{"Subnets": w.subnets, "AssignPublicIp": "ENABLED"}},
		})
	}
	return properties{"Resources": resources}
}

// queuePair is a queue with its DLQ; a message is invisible for so many seconds, and received so often at most.
func queuePair(name string, invisible, receives int) properties {
	return properties{
		"Dlq": properties{"Type": "AWS::SQS::Queue", "Properties": properties{"QueueName": name + "-dlq"}},
		"Queue": properties{"Type": "AWS::SQS::Queue", "Properties": properties{
			"QueueName": name, "VisibilityTimeout": invisible,
			"RedrivePolicy": properties{"deadLetterTargetArn": properties{"Fn::GetAtt": []string{"Dlq", "Arn"}}, "maxReceiveCount": receives},
		}},
	}
}

func trust(service string) properties { return trusts(properties{"Service": service}) }

func trusts(principal properties) properties {
	return properties{"Version": "2012-10-17", "Statement": []properties{
		{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal},
	}}
}

func allow(statements ...properties) []properties {
	return []properties{{"PolicyName": "work", "PolicyDocument": properties{"Version": "2012-10-17", "Statement": statements}}}
}
