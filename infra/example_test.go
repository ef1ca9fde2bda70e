package infra_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/jsii-runtime-go"

	"github.com/serin-aws/serin/infra"
	"github.com/serin-aws/serin/internal/permit"
)

// A queue worker that exists gets a canary: ten lines are added to the app that defines it.
func Example() {
	defer inAFolderOfTheirs()()
	app := awscdk.NewApp(&awscdk.AppProps{AnalyticsReporting: jsii.Bool(false)})
	newStack := func(name string) awscdk.Stack { return awscdk.NewStack(app, &name, nil) }

	// What is there already: roles in a stack of their own, a queue, and a worker that reads it.
	targets, stack, core := newStack("OrdersTarget"), newStack("Orders"), newStack("Serin")
	newRole := func(name string) awsiam.IRole {
		role := awsiam.NewRole(targets, &name, &awsiam.RoleProps{AssumedBy: awsiam.NewServicePrincipal(jsii.String("ecs-tasks.amazonaws.com"), nil)})
		return awsiam.Role_FromRoleArn(stack, &name, role.RoleArn(), nil)
	}
	taskRole, executionRole := newRole("Task"), newRole("Execution")
	dlq := awssqs.NewQueue(stack, jsii.String("DeadLetters"), nil)
	queue := awssqs.NewQueue(stack, jsii.String("Queue"), &awssqs.QueueProps{
		QueueName: jsii.String("orders"), DeadLetterQueue: &awssqs.DeadLetterQueue{Queue: dlq, MaxReceiveCount: jsii.Number(5)},
	})
	definition := awsecs.NewFargateTaskDefinition(stack, jsii.String("Definition"), &awsecs.FargateTaskDefinitionProps{TaskRole: taskRole, ExecutionRole: executionRole})
	definition.AddContainer(jsii.String("worker"), &awsecs.ContainerDefinitionOptions{
		Image:       awsecs.ContainerImage_FromRegistry(jsii.String("111122223333.dkr.ecr.eu-central-1.amazonaws.com/orders-worker:release-7"), nil),
		Environment: &map[string]*string{"QUEUE_URL": queue.QueueUrl()},
	})
	worker := awsecs.NewFargateService(stack, jsii.String("Worker"), &awsecs.FargateServiceProps{
		ServiceName: jsii.String("orders-worker"), TaskDefinition: definition, MinHealthyPercent: jsii.Number(100),
		Cluster: awsecs.NewCluster(stack, jsii.String("Cluster"), &awsecs.ClusterProps{ClusterName: jsii.String("prod"), Vpc: awsec2.NewVpc(stack, jsii.String("Vpc"), nil)}),
	})

	// What puts a canary beside it.
	target := infra.ReadTarget("orders.target.yaml")
	serin := infra.NewReleaser(core, "Releaser", nil) // once per account and region
	infra.AddTarget(targets, "Orders", &infra.TargetProps{
		Target: target, PassRoles: []awsiam.IRole{taskRole, executionRole},
	})
	infra.NewQueueWorkerCanary(stack, "Canary", &infra.QueueWorkerCanaryProps{
		Target: target, Service: worker, Queue: queue, DeadLetters: dlq, Topic: serin.Topic,
	})

	services := *assertions.Template_FromStack(stack, nil).FindResources(jsii.String("AWS::ECS::Service"), nil)
	var names []string
	for _, service := range services {
		properties, _ := (*service)["Properties"].(map[string]any)
		names = append(names, fmt.Sprint(properties["ServiceName"]))
	}
	slices.Sort(names)
	fmt.Println(strings.Join(names, "\n"))
	// Output:
	// orders-worker
	// orders-worker-canary
}

// inAFolderOfTheirs makes a folder with a target file and the functions' programs the current one, and returns what
// leaves it again.
func inAFolderOfTheirs() func() {
	before, err := os.Getwd()
	if err != nil {
		panic(err)
	}
	folder, err := os.MkdirTemp("", "serin-example-")
	if err != nil {
		panic(err)
	}
	write := func(name string, text []byte) {
		path := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			panic(err)
		}
		if err := os.WriteFile(path, text, 0o600); err != nil {
			panic(err)
		}
	}
	for name, file := range map[string]string{
		"orders.target.yaml": targetFile, "orders-api.target.yaml": aliasFile, "shop.target.yaml": balancedFile, "catalogue.target.yaml": mirrorFile,
	} {
		text, err := os.ReadFile(filepath.Join(before, file))
		if err != nil {
			panic(err)
		}
		write(name, text)
	}
	for _, name := range permit.Functions() {
		write("build/functions/"+string(name)+".zip", []byte(name))
	}
	if err := os.Chdir(folder); err != nil {
		panic(err)
	}
	return func() {
		if err := os.Chdir(before); err != nil {
			panic(err)
		}
		if err := os.RemoveAll(folder); err != nil {
			panic(err)
		}
	}
}

// The README promises ten lines for each workload, and they are those of the examples.
func TestReadme(t *testing.T) {
	var examples strings.Builder
	for _, file := range []string{"example_test.go", "example_others_test.go"} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		examples.WriteString(strings.ReplaceAll(string(text), "\n\t", "\n"))
	}
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := strings.Split(string(readme), "```go\n")[1:]
	if len(blocks) != 4 {
		t.Errorf("the README has lines of Go for %d workloads", len(blocks))
	}
	for _, block := range blocks {
		code, _, closed := strings.Cut(block, "```")
		if n := strings.Count(code, "\n"); !closed || n > 10 {
			t.Errorf("the README has %d lines", n)
		}
		if !strings.Contains(examples.String(), code) {
			t.Errorf("the examples do not hold the README's lines:\n%s", code)
		}
	}
}
