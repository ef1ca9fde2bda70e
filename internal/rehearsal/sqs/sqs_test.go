package sqs

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/serin-aws/serin/internal/rehearsal/door"
	"github.com/serin-aws/serin/internal/rehearsal/loop"
)

// within runs body in an invocation of a new account.
func within(t *testing.T, body func(ctx context.Context, s *Service)) {
	t.Helper()
	l := loop.New(time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC), 1)
	s := New(l)
	over := false
	door.New(l, nil, nil).Invoke("test", "request", time.Hour, func(ctx context.Context) { body(ctx, s) }, func(bool) { over = true })
	for !over && l.Step() {
	}
	if !over {
		t.Fatal("the invocation did not end")
	}
}

func TestQueueByName(t *testing.T) {
	within(t, func(ctx context.Context, s *Service) {
		s.Add(Queue{Name: "orders"})
		out, err := s.GetQueueUrl(ctx, &sdk.GetQueueUrlInput{QueueName: aws.String("orders")})
		if err != nil || *out.QueueUrl != "https://sqs.eu-central-1.amazonaws.com/123456789012/orders" {
			t.Errorf("got %v, %v", out, err)
		}
		s.Remove("orders")
		for name, in := range map[string]*sdk.GetQueueUrlInput{
			"removed":         {QueueName: aws.String("orders")},
			"foreign account": {QueueName: aws.String("orders"), QueueOwnerAWSAccountId: aws.String("999999999999")},
		} {
			_, err := s.GetQueueUrl(ctx, in)
			var gone *types.QueueDoesNotExist
			if !errors.As(err, &gone) {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

func TestQueueAttributes(t *testing.T) {
	within(t, func(ctx context.Context, s *Service) {
		s.Add(Queue{Name: "orders", DeadLetters: "orders-dlq", MaxReceives: 5, Visibility: time.Minute, Depth: func() (int64, int64) { return 7, 3 }})
		s.Add(Queue{Name: "orders-dlq"})
		s.Add(Queue{Name: "strict.fifo"})
		ask := func(queue string, names ...types.QueueAttributeName) map[string]string {
			out, err := s.GetQueueAttributes(ctx, &sdk.GetQueueAttributesInput{QueueUrl: aws.String(URL(queue)), AttributeNames: names})
			if err != nil {
				t.Fatal(err)
			}
			return out.Attributes
		}
		all := ask("orders", types.QueueAttributeNameAll)
		for name, want := range map[string]string{
			"QueueArn": "arn:aws:sqs:eu-central-1:123456789012:orders", "VisibilityTimeout": "60",
			"ApproximateNumberOfMessages": "7", "ApproximateNumberOfMessagesNotVisible": "3",
			"RedrivePolicy": `{"deadLetterTargetArn":"arn:aws:sqs:eu-central-1:123456789012:orders-dlq","maxReceiveCount":5}`,
		} {
			if all[name] != want {
				t.Errorf("%s is %q, want %q", name, all[name], want)
			}
		}
		if _, fifo := all["FifoQueue"]; fifo {
			t.Error("a standard queue has FifoQueue")
		}
		if got := ask("strict.fifo", types.QueueAttributeNameFifoQueue, types.QueueAttributeNameRedrivePolicy); got["FifoQueue"] != "true" || len(got) != 1 {
			t.Errorf("of a FIFO queue: %v; what a queue does not have is left out", got)
		}
		if got := ask("orders-dlq", types.QueueAttributeNameVisibilityTimeout); got["VisibilityTimeout"] != "30" {
			t.Errorf("default visibility: %v", got)
		}
		if got := ask("orders"); got != nil {
			t.Errorf("nothing asked, %v answered", got)
		}
		for _, url := range []string{URL("none"), "orders", "https://sqs.us-east-1.amazonaws.com/123456789012/orders"} {
			_, err := s.GetQueueAttributes(ctx, &sdk.GetQueueAttributesInput{QueueUrl: aws.String(url)})
			var gone *types.QueueDoesNotExist
			if !errors.As(err, &gone) {
				t.Errorf("%s: %v", url, err)
			}
		}
		_, err := s.GetQueueAttributes(ctx, &sdk.GetQueueAttributesInput{QueueUrl: aws.String(URL("orders")), AttributeNames: []types.QueueAttributeName{"Colour"}})
		var unknown *types.InvalidAttributeName
		if !errors.As(err, &unknown) {
			t.Errorf("an unknown attribute: %v", err)
		}
	})
}

func TestHandle(t *testing.T) {
	within(t, func(ctx context.Context, s *Service) {
		s.Add(Queue{Name: "orders"})
		for _, in := range []any{&sdk.GetQueueUrlInput{QueueName: aws.String("orders")}, &sdk.GetQueueAttributesInput{QueueUrl: aws.String(URL("orders"))}} {
			if out, handled, err := s.Handle(ctx, in); !handled || err != nil || out == nil {
				t.Errorf("%T: %v, %v, %v", in, out, handled, err)
			}
		}
		if _, handled, _ := s.Handle(ctx, &sdk.PurgeQueueInput{}); handled {
			t.Error("an operation that is not simulated was handled")
		}
	})
}
