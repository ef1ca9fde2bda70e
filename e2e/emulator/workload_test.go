//go:build emulator || aws

package emulator

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// How much of everything a target has.
const (
	primaryTasks = 3
	maxReceives  = 5
	perSecond    = 28 // messages
)

// workload is one target: a queue, two services that read it, images, and a producer.
type workload struct {
	*world
	name     string
	messages int // that are sent in all
	poison   int // every n'th message fails in every version; 0: none
	producer sync.WaitGroup
	tags     map[string]string // of digests
}

func (w *workload) repository() string {
	return w.account + ".dkr.ecr." + w.region + ".amazonaws.com/" + w.name
}

func (w *workload) queue(suffix string) string {
	host := w.endpoint
	if host == "" {
		host = "https://sqs." + w.region + ".amazonaws.com"
	}
	return host + "/" + w.account + "/" + w.name + suffix
}

// create makes the target's stack, its first version, what serin needs of it, and lets the work begin. It returns the
// first version's digest.
func (w *workload) create(t *testing.T) (digest string) {
	t.Helper()
	w.prepare(w, "release-1", 0)
	w.stack(t, w.name, "--template-body", encode(t, w.template(0)))
	digest = w.push(t, w, "release-1", 0)
	w.scale(t)
	w.aws(t, "cloudwatch", "set-alarm-state", "--alarm-name", w.name+"-dlq", "--state-value", "OK", "--state-reason", "no data yet")
	w.serves(t, digest)
	file := filepath.Join(folder, w.name+".target.yaml")
	if err := os.WriteFile(file, []byte(w.target()), 0o600); err != nil {
		t.Fatal(err)
	}
	w.stack(t, w.name+"-serin", "--template-body", w.serin(t, "iam", "-f", file), "--parameters",
		"ParameterKey=SerinAccount,ParameterValue="+w.account, "ParameterKey=PassRoles,ParameterValue="+w.role())
	w.serin(t, "apply", "-f", file)
	w.produce(t)
	return digest
}

// role is what the tasks run with.
func (w *workload) role() string { return "arn:aws:iam::" + w.account + ":role/" + w.name + "-task" }

// scale starts the tasks, now that there is an image.
func (w *workload) scale(t *testing.T) {
	t.Helper()
	for service, tasks := range w.services() {
		w.aws(t, "ecs", "update-service", "--cluster", w.name, "--service", service, "--desired-count", strconv.Itoa(tasks), "--force-new-deployment")
	}
}

func (w *workload) services() map[string]int {
	return map[string]int{w.name: primaryTasks, w.name + "-canary": 1}
}

// target is the target's file: short bakes, and CloudWatch's real minutes.
func (w *workload) target() string {
	return strings.ReplaceAll(`name: NAME
platform: ecs-queue
ecsQueue: {cluster: NAME, primaryService: NAME, canaryService: NAME-canary, container: worker, queue: NAME}
source: {ecr: {repository: NAME, tags: ["release-*"]}}
plan:
  steps:
    - {weight: 25, bake: 1m}
  maxBake: 15m
  settle: 1m
  deadline: 1h
checks:
  alarms: [NAME-dlq]
  compare:
    - name: failures
      proportion: {namespace: NAME, failed: Failed, total: Processed, by: {dimension: Service}}
  minimumSample: 150
  inconclusive: hold
`, "NAME", w.name)
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
		"Dlq": resource("SQS::Queue", properties{"QueueName": w.name + "-dlq"}),
		"Queue": resource("SQS::Queue", properties{
			"QueueName": w.name, "VisibilityTimeout": 60,
			"RedrivePolicy": properties{"deadLetterTargetArn": arn("Dlq"), "maxReceiveCount": maxReceives},
		}),
		"Repository": resource("ECR::Repository", properties{"RepositoryName": w.name, "EmptyOnDelete": true}),
		"Logs":       resource("Logs::LogGroup", properties{"LogGroupName": "/serin-e2e/" + w.name}),
		"Task": resource("IAM::Role", properties{
			"RoleName": w.name + "-task", "AssumeRolePolicyDocument": trust("ecs-tasks.amazonaws.com"),
			"ManagedPolicyArns": []string{"arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"},
			"Policies": allow(properties{
				"Effect": "Allow", "Resource": arn("Queue"),
				"Action": []string{"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility"},
			}, properties{"Effect": "Allow", "Resource": "*", "Action": "cloudwatch:PutMetricData"}),
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
	for service := range w.services() {
		id := strings.ReplaceAll(service, "-", "")
		resources[id+"Definition"] = resource("ECS::TaskDefinition", properties{
			"Family": service, "RequiresCompatibilities": []string{"FARGATE"}, "NetworkMode": "awsvpc", "Cpu": "256", "Memory": "512",
			"TaskRoleArn": arn("Task"), "ExecutionRoleArn": arn("Task"),
			"ContainerDefinitions": []properties{{
				"Name": "worker", "Image": w.repository() + ":release-1", "Essential": true, "StopTimeout": 30,
				"LogConfiguration": properties{"LogDriver": "awslogs", "Options": properties{
					"awslogs-group": ref("Logs"), "awslogs-region": w.region, "awslogs-stream-prefix": "worker",
				}},
				"Environment": []properties{
					{"Name": "QUEUE", "Value": w.queue("")},
					{"Name": "SERVICE", "Value": service},
					{"Name": "NAMESPACE", "Value": w.name},
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

func trust(service string) properties {
	return properties{"Version": "2012-10-17", "Statement": []properties{
		{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": properties{"Service": service}},
	}}
}

func allow(statements ...properties) []properties {
	return []properties{{"PolicyName": "work", "PolicyDocument": properties{"Version": "2012-10-17", "Statement": statements}}}
}

// client is for what a person would not do by hand: sending thousands of messages.
func (w *workload) client(t *testing.T) *sqs.Client {
	t.Helper()
	options := []func(*config.LoadOptions) error{config.WithRegion(w.region)}
	if w.endpoint != "" {
		options = append(options, config.WithBaseEndpoint(w.endpoint), config.WithCredentialsProvider(credentials.NewStaticCredentialsProvider(w.account, "x", "")))
	}
	cfg, err := config.LoadDefaultConfig(context.Background(), options...)
	if err != nil {
		t.Fatal(err)
	}
	return sqs.NewFromConfig(cfg)
}

// produce sends the messages, steadily, in the background.
func (w *workload) produce(t *testing.T) {
	t.Helper()
	client, over := w.client(t), make(chan struct{})
	t.Cleanup(func() {
		close(over)
		w.producer.Wait()
	})
	w.producer.Go(func() {
		tick := time.NewTicker(10 * time.Second / perSecond)
		defer tick.Stop()
		for first := 0; first < w.messages; first += 10 {
			select {
			case <-over:
				return
			case <-tick.C:
			}
			if err := w.send(client, first, min(first+10, w.messages)); err != nil {
				t.Error(err)
				return
			}
		}
	})
}

// send sends the messages from first up to before end. A batch that was taken in part is sent again for the rest.
func (w *workload) send(client *sqs.Client, first, end int) error {
	var batch []types.SendMessageBatchRequestEntry
	for id := first; id < end; id++ {
		body := fmt.Sprintf(`{"id":%d,"poison":%t}`, id, w.poisoned(id))
		batch = append(batch, types.SendMessageBatchRequestEntry{Id: aws.String(strconv.Itoa(id)), MessageBody: &body})
	}
	out, err := client.SendMessageBatch(context.Background(), &sqs.SendMessageBatchInput{QueueUrl: aws.String(w.queue("")), Entries: batch})
	if err != nil {
		return fmt.Errorf("send messages %d to %d: %w", first, end-1, err)
	}
	if len(out.Failed) > 0 {
		return fmt.Errorf("messages %d to %d: %d were not taken", first, end-1, len(out.Failed))
	}
	return nil
}

func (w *workload) poisoned(id int) bool { return w.poison > 0 && id%w.poison == w.poison-1 }
