package adopt

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/serin-aws/serin/internal/golden"
	"github.com/serin-aws/serin/internal/platform/ecsservice"
	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/targetfile"
)

// account is an account with one worker. Package ecsqueue has the tests of how a worker is read.
type account struct {
	found      ecsservice.Adoptable
	attributes map[string]string // of the queue orders
	asked      release.ECSQueue  // for the queue
}

func (a *account) Adopt(context.Context, release.ECSQueue) (ecsservice.Adoptable, error) {
	return a.found, nil
}

func (a *account) Queue(_ context.Context, place release.ECSQueue) (string, map[string]string, error) {
	a.asked = place
	return place.Queue, a.attributes, nil
}

const registry = "111122223333.dkr.ecr.eu-west-1.amazonaws.com"

func text(s string) *string { return aws.String(s) }

// standard is a worker with a sidecar, secrets, a shared file system, and a queue with dead letters.
func standard() *account {
	arn := func(rest string) *string { return text("arn:aws:ecs:eu-west-1:111122223333:" + rest) }
	return &account{
		attributes: map[string]string{
			"VisibilityTimeout": "300",
			"RedrivePolicy":     `{"deadLetterTargetArn":"arn:aws:sqs:eu-west-1:111122223333:orders-dlq","maxReceiveCount":5}`,
		},
		found: ecsservice.Adoptable{
			Definition: "orders-worker:41", Min: 3, Max: 30,
			Service: types.Service{
				ServiceName: text("orders-worker"), ServiceArn: arn("service/prod/orders-worker"), ClusterArn: arn("cluster/prod"), DesiredCount: 4,
				LaunchType: types.LaunchTypeFargate, PlatformVersion: text("1.4.0"), PropagateTags: types.PropagateTagsService, EnableExecuteCommand: true,
				NetworkConfiguration: &types.NetworkConfiguration{AwsvpcConfiguration: &types.AwsVpcConfiguration{
					Subnets: []string{"subnet-0123456789abcdef0", "subnet-0123456789abcdef1"}, SecurityGroups: []string{"sg-0123456789abcdef0"}, AssignPublicIp: types.AssignPublicIpDisabled,
				}},
				Deployments: []types.Deployment{{Status: text("PRIMARY")}},
			},
			Registration: &ecs.RegisterTaskDefinitionInput{
				Family: text("orders-worker"), Cpu: text("256"), Memory: text("512"), NetworkMode: types.NetworkModeAwsvpc,
				RequiresCompatibilities: []types.Compatibility{types.CompatibilityFargate},
				RuntimePlatform:         &types.RuntimePlatform{CpuArchitecture: types.CPUArchitectureArm64, OperatingSystemFamily: types.OSFamilyLinux},
				TaskRoleArn:             text("arn:aws:iam::111122223333:role/orders-task"), ExecutionRoleArn: text("arn:aws:iam::111122223333:role/orders-execution"),
				Tags: []types.Tag{{Key: text("team"), Value: text("yes")}},
				Volumes: []types.Volume{{Name: text("shared"), EfsVolumeConfiguration: &types.EFSVolumeConfiguration{
					FileSystemId: text("fs-0123456789abcdef0"), TransitEncryption: types.EFSTransitEncryptionEnabled,
					AuthorizationConfig: &types.EFSAuthorizationConfig{AccessPointId: text("fsap-0123456789abcdef0"), Iam: types.EFSAuthorizationConfigIAMEnabled},
				}}},
				ContainerDefinitions: []types.ContainerDefinition{
					{
						Name: text("worker"), Image: text(registry + "/team/orders-worker:release-41"), Essential: aws.Bool(true), StopTimeout: aws.Int32(120),
						Environment: []types.KeyValuePair{
							{Name: text("MODE"), Value: text("yes")},
							{Name: text("SERVICE"), Value: text("orders-worker")},
							{Name: text("QUEUE_URL"), Value: text("https://sqs.eu-west-1.amazonaws.com/111122223333/orders")},
						},
						Secrets:          []types.Secret{{Name: text("DB"), ValueFrom: text("arn:aws:secretsmanager:eu-west-1:111122223333:secret:orders-db-AbCdEf")}},
						MountPoints:      []types.MountPoint{{SourceVolume: text("shared"), ContainerPath: text("/shared")}},
						LogConfiguration: &types.LogConfiguration{LogDriver: types.LogDriverAwslogs, Options: map[string]string{"awslogs-group": "/ecs/orders", "awslogs-region": "eu-west-1", "awslogs-stream-prefix": "worker"}},
						DockerLabels:     map[string]string{"Iam": "a label stays as it is"},
					},
					{Name: text("xray"), Image: text("public.ecr.aws/xray/aws-xray-daemon:3.x"), Essential: aws.Bool(false)},
				},
			},
		},
	}
}

var orders = Request{Cluster: "prod", Service: "orders-worker"}

func (a *account) survey(t *testing.T, r Request) Worker {
	t.Helper()
	w, err := Survey(t.Context(), a, r)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// The three files, as they were last looked at. cfn-lint finds nothing in the two templates.
func TestFiles(t *testing.T) {
	w := standard().survey(t, orders)
	for name, write := range map[string]func() ([]byte, error){
		"orders-worker.target.yaml": w.TargetFile, "orders-worker.roles.json": w.Roles, "orders-worker.canary.yaml": w.Canary,
		"notes.txt": func() ([]byte, error) { return []byte(strings.Join(w.Notes(), "\n") + "\n"), nil },
	} {
		got, err := write()
		if err != nil {
			t.Fatal(err)
		}
		golden.File(t, filepath.Join("testdata", name), got)
	}
}

// The target file is a valid target, of what was found.
func TestTargetFileIsValid(t *testing.T) {
	for _, count := range []int32{0, 1, 2, 4, 9, 100} {
		a := standard()
		a.found.Service.DesiredCount = count
		file, err := a.survey(t, orders).TargetFile()
		if err != nil {
			t.Fatal(err)
		}
		target, err := targetfile.Parse("orders.target.yaml", file)
		if err != nil {
			t.Fatalf("%v\n%s", err, file)
		}
		if q := target.ECSQueue; target.Name != "orders-worker" || q.Container != "worker" || q.Queue != "orders" || target.Source.ECR.Repository != "team/orders-worker" {
			t.Errorf("%+v", target)
		}
	}
}

// What is not said is found out, where there is one answer only.
func TestChoices(t *testing.T) {
	environment := func(a *account, pairs ...string) {
		c := &a.found.Registration.ContainerDefinitions[0]
		c.Environment = nil
		for i := 0; i < len(pairs); i += 2 {
			c.Environment = append(c.Environment, types.KeyValuePair{Name: text(pairs[i]), Value: text(pairs[i+1])})
		}
	}
	for _, c := range []struct {
		name   string
		change func(*account)
		ask    func(*Request)
		want   string // container queue canary target
		wrong  string
	}{
		{"all found", nil, nil, "worker orders orders-worker-canary orders-worker", ""},
		{"all named", nil, func(r *Request) { r.Container, r.Queue, r.Canary, r.Target = "worker", "other", "c", "t" }, "worker other c t", ""},
		{"a queue by its URL", nil, func(r *Request) { r.Queue = "https://eu-west-1.queue.amazonaws.com/111122223333/other" }, "worker other orders-worker-canary orders-worker", ""},
		{"a queue by its ARN", func(a *account) { environment(a, "Q", "arn:aws:sqs:eu-west-1:111122223333:other") }, nil, "worker other orders-worker-canary orders-worker", ""},
		{"one queue twice", func(a *account) {
			environment(a, "Q", "arn:aws:sqs:eu-west-1:111122223333:other", "URL", "https://sqs.eu-west-1.amazonaws.com/111122223333/other")
		}, nil, "worker other orders-worker-canary orders-worker", ""},
		{"capitals", nil, func(r *Request) { r.Service = "Orders_Worker" }, "worker orders Orders_Worker-canary orders-worker", ""},
		{"no queue", func(a *account) { environment(a, "QUEUE", "orders", "URL", "https://example.com/111122223333/x") }, nil, "", "say with --queue"},
		{"several queues", func(a *account) {
			environment(a, "IN", "https://sqs.eu-west-1.amazonaws.com/111122223333/orders", "OUT", "https://sqs.eu-west-1.amazonaws.com/111122223333/bills")
		}, nil, "", "IN (orders), OUT (bills): say with --queue"},
		{"no such container", nil, func(r *Request) { r.Container = "work" }, "", `no container "work"; it has worker, xray`},
		{"two containers that may be meant", func(a *account) {
			side := &a.found.Registration.ContainerDefinitions[1]
			side.Essential, side.Image = nil, text(registry+"/proxy:1")
		}, nil, "", "say with --container"},
		{"not in ECR", func(a *account) { a.found.Registration.ContainerDefinitions[0].Image = text("ghcr.io/orders:1") }, func(r *Request) { r.Container = "worker" }, "", "not in Amazon ECR"},
		{"another account's registry", func(a *account) {
			a.found.Registration.ContainerDefinitions[0].Image = text("999999999999.dkr.ecr.eu-west-1.amazonaws.com/orders:1")
		}, nil, "", "of account 999999999999 in eu-west-1"},
		{"a long name", nil, func(r *Request) { r.Service = strings.Repeat("a", 60) }, "", "give one with --name"},
		{"a name with capitals", nil, func(r *Request) { r.Target = "Orders" }, "", "give one with --name"},
		{"an unreadable redrive policy", func(a *account) { a.attributes["RedrivePolicy"] = "{" }, nil, "", "RedrivePolicy"},
	} {
		a, r := standard(), orders
		if c.change != nil {
			c.change(a)
		}
		if c.ask != nil {
			c.ask(&r)
		}
		w, err := Survey(t.Context(), a, r)
		got := strings.Join([]string{w.Place.Container, w.Place.Queue, w.Place.CanaryService, string(w.Name)}, " ")
		if c.wrong == "" && (err != nil || got != c.want) || c.wrong != "" && (err == nil || !strings.Contains(err.Error(), c.wrong)) {
			t.Errorf("%s: %s, %v", c.name, got, err)
		}
	}
}

// What is unusual is said.
func TestNotes(t *testing.T) {
	a := standard()
	a.attributes["RedrivePolicy"] = `{"deadLetterTargetArn":"arn:aws:sqs:eu-west-1:111122223333:orders-dlq","maxReceiveCount":"1"}`
	if notes := strings.Join(a.survey(t, orders).Notes(), "\n"); !strings.Contains(notes, "maxReceiveCount 1") {
		t.Error(notes)
	}
	delete(a.attributes, "RedrivePolicy")
	w := a.survey(t, orders)
	if notes := strings.Join(w.Notes(), "\n"); !strings.Contains(notes, "no dead-letter queue") {
		t.Error(notes)
	}
	if alarms := w.alarms(); len(alarms) != 1 || slices.ContainsFunc(alarms, func(a alarm) bool { return strings.Contains(a.name, "dlq") }) {
		t.Errorf("%+v", alarms)
	}
}
