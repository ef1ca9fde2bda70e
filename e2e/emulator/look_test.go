//go:build emulator || aws

package emulator

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

// What is looked at again and again, and what only prepares a scenario, is done with the SDK: a run of the AWS CLI takes
// nearly a second of a processor.

// config is the SDK's.
func (w *world) config(t *testing.T) aws.Config {
	t.Helper()
	options := []func(*config.LoadOptions) error{config.WithRegion(w.region)}
	if w.endpoint != "" {
		options = append(options, config.WithBaseEndpoint(w.endpoint), config.WithCredentialsProvider(credentials.NewStaticCredentialsProvider(w.account, "x", "")))
	}
	cfg, err := config.LoadDefaultConfig(context.Background(), options...)
	if err != nil {
		t.Fatal(err)
	}
	return cfg
}

// queues is for what a person would not do by hand: sending thousands of messages.
func (w *world) queues(t *testing.T) *sqs.Client {
	t.Helper()
	return sqs.NewFromConfig(w.config(t))
}

// over says whether an execution has ended.
func (w *world) over(t *testing.T, execution string) bool {
	t.Helper()
	return w.execution(t, execution).Status != types.ExecutionStatusRunning
}

func (w *world) execution(t *testing.T, arn string) *sfn.DescribeExecutionOutput {
	t.Helper()
	out, err := sfn.NewFromConfig(w.config(t)).DescribeExecution(context.Background(), &sfn.DescribeExecutionInput{ExecutionArn: &arn})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// allExecutions lists the executions of every target.
func (w *world) allExecutions(t *testing.T) (arns []string) {
	t.Helper()
	pages := sfn.NewListExecutionsPaginator(sfn.NewFromConfig(w.config(t)), &sfn.ListExecutionsInput{StateMachineArn: &w.machine})
	for pages.HasMorePages() {
		page, err := pages.NextPage(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range page.Executions {
			arns = append(arns, aws.ToString(e.ExecutionArn))
		}
	}
	return arns
}
