//go:build emulator || aws

package emulator

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// How much of everything a target has.
const (
	primaryTasks = 3
	maxReceives  = 5
	perSecond    = 20 // messages
	batch        = 10
	least        = 5000 // messages in all
)

// workload is one target: a queue, two services that read it, images, and a producer.
type workload struct {
	*world
	name    string
	example bool              // its workers are the example's, which write down nothing of a message
	poison  int               // every n'th message fails in every version; 0: none
	sent    int               // messages
	stop    func()            // of the producer
	tags    map[string]string // of digests
	dead    map[int]bool      // messages that lay in the DLQ

	step, concurrency string // more of the target's file
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
	w.install(t)
	t.Cleanup(func() { w.evidence(t, w.name) })
	w.produce(t)
	return digest
}

// install makes the roles for serin, and writes the target's parameter.
func (w *workload) install(t *testing.T) {
	t.Helper()
	file := filepath.Join(folder, w.name+".target.yaml")
	if err := os.WriteFile(file, []byte(w.target()), 0o600); err != nil {
		t.Fatal(err)
	}
	w.stack(t, w.name+"-serin", "--template-body", w.serin(t, "iam", "-f", file), "--parameters",
		"ParameterKey=SerinAccount,ParameterValue="+w.account, "ParameterKey=PassRoles,ParameterValue="+w.role())
	w.serin(t, "apply", "-f", file)
}

// role is what the tasks run with.
func (w *workload) role() string { return "arn:aws:iam::" + w.account + ":role/" + w.name + "-task" }

// policy is one of the core stack's for people.
func (w *workload) policy(may string) string {
	return "arn:aws:iam::" + w.account + ":policy/serin-" + may + "-" + w.region
}

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
	return strings.NewReplacer("NAMESPACE", w.namespace(), "NAME", w.name, "CONCURRENCY", cmp.Or(w.concurrency, "reject"), "STEP", w.step).Replace(`name: NAME
platform: ecs-queue
ecsQueue: {cluster: NAME, primaryService: NAME, canaryService: NAME-canary, container: worker, queue: NAME}
source: {ecr: {repository: NAME, tags: ["release-*"]}}
concurrency: CONCURRENCY
plan:
  steps:
    - {weight: 25, bake: 1mSTEP}
  maxBake: 45m
  settle: 1m
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
			"RoleName": w.name + "-people", "AssumeRolePolicyDocument": properties{"Version": "2012-10-17", "Statement": []properties{
				{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": properties{"AWS": "arn:aws:iam::" + w.account + ":root"}},
			}},
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
				"Name": "worker", "Image": w.repository() + ":release-1", "Essential": true, "StopTimeout": 30,
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

func trust(service string) properties {
	return properties{"Version": "2012-10-17", "Statement": []properties{
		{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": properties{"Service": service}},
	}}
}

func allow(statements ...properties) []properties {
	return []properties{{"PolicyName": "work", "PolicyDocument": properties{"Version": "2012-10-17", "Statement": statements}}}
}

// produce sends messages, steadily, in the background: until the release is over, because without work nothing can be
// judged, and so many as are to be accounted for. stop waits for the last one.
func (w *workload) produce(t *testing.T) {
	t.Helper()
	client, over := w.queues(t), make(chan struct{})
	var sending sync.WaitGroup
	w.stop = sync.OnceFunc(func() { close(over); sending.Wait() })
	t.Cleanup(w.stop)
	sending.Go(func() {
		tick := time.NewTicker(batch * time.Second / perSecond)
		defer tick.Stop()
		for ; !closed(over) || w.sent < least; w.sent += batch {
			select {
			case <-t.Context().Done(): // the test has failed
				return
			case <-tick.C:
			}
			if err := w.send(client, w.sent, w.sent+batch); err != nil {
				t.Error(err)
				return
			}
		}
	})
}

func closed(channel chan struct{}) bool {
	select {
	case <-channel:
		return true
	default:
		return false
	}
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
