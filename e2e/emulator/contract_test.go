//go:build emulator

package emulator

import (
	"context"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/smithy-go"

	"github.com/serin-aws/serin/internal/rehearsal/door"
	"github.com/serin-aws/serin/internal/rehearsal/loop"
	simulated "github.com/serin-aws/serin/internal/rehearsal/sqs"
)

// ledgerContract runs the ledger's contract tests, which also hold the simulated table, against the emulator's DynamoDB.
func ledgerContract(t *testing.T, w *world) {
	c := cli{env: append([]string{"SERIN_DYNAMODB=" + w.endpoint}, w.env...)}
	out, err := c.run(t, "go", "test", "-count=1", "-run", "TestContractAtEndpoint", "-v", "../../internal/ledger")
	if err != nil {
		t.Fatal(err)
	}
	if passed := strings.Count(string(out), "--- PASS: TestContractAtEndpoint/"); passed < 10 {
		t.Fatalf("only %d parts of the contract were run\n%s", passed, out)
	} else {
		t.Logf("%d parts of the ledger's contract hold", passed)
	}
}

// queues is what serin asks of SQS.
type queues interface {
	GetQueueUrl(context.Context, *sqs.GetQueueUrlInput, ...func(*sqs.Options)) (*sqs.GetQueueUrlOutput, error)
	GetQueueAttributes(context.Context, *sqs.GetQueueAttributesInput, ...func(*sqs.Options)) (*sqs.GetQueueAttributesOutput, error)
}

// queueContract asks the simulated SQS and the emulator's the same and compares the answers.
func queueContract(t *testing.T, w *world) {
	const visible, inFlight = 7, 3
	load := &workload{world: w, name: "contract"}
	emulated := load.queues(t)
	load.stack(t, load.name, body(encode(t, load.template(0))))
	if err := load.send(emulated, 0, visible+inFlight); err != nil {
		t.Fatal(err)
	}
	taken := 0
	until(t, "the messages do not come", func() bool {
		out, err := emulated.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: aws.String(load.queue("")), MaxNumberOfMessages: int32(inFlight - taken)})
		if err != nil {
			t.Fatal(err)
		}
		taken += len(out.Messages)
		return taken == inFlight
	})
	theirs := answers(t.Context(), emulated, load.name)

	var ours map[string]any
	l := loop.New(time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC), 1)
	service := simulated.New(l)
	service.Add(simulated.Queue{
		Name: load.name, DeadLetters: load.name + "-dlq", MaxReceives: maxReceives, Visibility: time.Minute,
		Depth: func() (int64, int64) { return visible, inFlight },
	})
	service.Add(simulated.Queue{Name: load.name + "-dlq"})
	door.New(l, nil, nil).Invoke("test", "request", time.Hour, func(ctx context.Context) { ours = answers(ctx, service, load.name) }, func(bool) {})
	for ours == nil && l.Step() {
	}
	for question, answer := range ours {
		if !reflect.DeepEqual(answer, theirs[question]) {
			t.Errorf("%s: simulated %v, the emulator %v", question, answer, theirs[question])
		}
	}
	t.Logf("%d answers of SQS are the same", len(ours))
}

// answers asks everything that decides something in serin.
func answers(ctx context.Context, client queues, name string) map[string]any {
	found := map[string]any{}
	for _, queue := range []string{name, name + "-dlq", "nowhere"} {
		out, err := client.GetQueueUrl(ctx, &sqs.GetQueueUrlInput{QueueName: &queue})
		if err != nil {
			found["URL of "+queue] = codeOf(err)
			continue
		}
		url := aws.ToString(out.QueueUrl)
		found["end of the URL of "+queue] = url[strings.LastIndex(url, "/"):]
		for _, attribute := range []types.QueueAttributeName{
			types.QueueAttributeNameVisibilityTimeout, types.QueueAttributeNameApproximateNumberOfMessages,
			types.QueueAttributeNameApproximateNumberOfMessagesNotVisible, types.QueueAttributeNameApproximateNumberOfMessagesDelayed,
			types.QueueAttributeNameRedrivePolicy, types.QueueAttributeNameFifoQueue, types.QueueAttributeNameQueueArn,
		} {
			out, err := client.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{QueueUrl: &url, AttributeNames: []types.QueueAttributeName{attribute}})
			if err != nil {
				found[string(attribute)+" of "+queue] = codeOf(err)
				continue
			}
			found[string(attribute)+" of "+queue] = meaning(out.Attributes)
		}
	}
	return found
}

// meaning reads attributes: a redrive policy as JSON, an ARN without its region.
func meaning(attributes map[string]string) map[string]any {
	found := map[string]any{}
	for name, value := range attributes {
		value = strings.ReplaceAll(value, ":eu-central-1:", ":"+region+":")
		var policy map[string]any
		if json.Unmarshal([]byte(value), &policy) == nil {
			policy["maxReceiveCount"] = number(policy["maxReceiveCount"])
			found[name] = policy
			continue
		}
		found[name] = value
	}
	return found
}

// number reads a number that may be written as a text: SQS gives back what it was given.
func number(value any) any {
	if text, ok := value.(string); ok {
		var n float64
		if json.Unmarshal([]byte(text), &n) == nil {
			return n
		}
	}
	return value
}

func codeOf(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) {
		return api.ErrorCode()
	}
	return err.Error()
}
