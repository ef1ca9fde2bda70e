package sqs

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/serin-aws/serin/internal/rehearsal/door"
	"github.com/serin-aws/serin/internal/rehearsal/loop"
)

const (
	account = "123456789012"
	region  = "eu-central-1"
	host    = "https://sqs." + region + ".amazonaws.com/"
)

// Queue is one queue as it is configured. Zero fields take SQS's own defaults.
type Queue struct {
	Name        string
	DeadLetters string        // the name of its dead-letter queue, of the same account; empty: none
	MaxReceives int           // with DeadLetters: how often a message is received before it goes there
	Visibility  time.Duration // whole seconds; default 30 s
	Depth       Depth         // nil: empty
}

// Depth answers how many messages are visible and how many in flight, now.
type Depth func() (visible, inFlight int64)

// Service is the SQS of one simulated account.
type Service struct {
	created time.Time
	queues  map[string]Queue
}

// New returns an SQS without queues.
func New(l *loop.Loop) *Service {
	return &Service{created: l.Now(), queues: map[string]Queue{}}
}

// Add creates a queue or replaces one. A name that ends in .fifo makes a FIFO queue.
func (s *Service) Add(q Queue) {
	if q.Visibility == 0 {
		q.Visibility = 30 * time.Second
	}
	s.queues[q.Name] = q
}

// Remove deletes a queue.
func (s *Service) Remove(name string) { delete(s.queues, name) }

// URL returns the URL of a queue of the given name.
func URL(name string) string { return host + account + "/" + name }

// ARN returns the ARN of a queue of the given name.
func ARN(name string) string { return "arn:aws:sqs:" + region + ":" + account + ":" + name }

// GetQueueUrl answers the URL of a queue by its name.
func (s *Service) GetQueueUrl(ctx context.Context, in *sdk.GetQueueUrlInput, _ ...func(*sdk.Options)) (*sdk.GetQueueUrlOutput, error) {
	return door.Call(ctx, "sqs:GetQueueUrl", in, func() (*sdk.GetQueueUrlOutput, error) {
		name := aws.ToString(in.QueueName)
		owner := aws.ToString(in.QueueOwnerAWSAccountId)
		if _, ok := s.queues[name]; !ok || owner != "" && owner != account {
			return nil, noQueue()
		}
		return &sdk.GetQueueUrlOutput{QueueUrl: aws.String(URL(name))}, nil
	})
}

// GetQueueAttributes answers the attributes that are asked for; one that a queue does not have is left out.
func (s *Service) GetQueueAttributes(ctx context.Context, in *sdk.GetQueueAttributesInput, _ ...func(*sdk.Options)) (*sdk.GetQueueAttributesOutput, error) {
	return door.Call(ctx, "sqs:GetQueueAttributes", in, func() (*sdk.GetQueueAttributesOutput, error) {
		name, ok := strings.CutPrefix(aws.ToString(in.QueueUrl), host+account+"/")
		if !ok {
			return nil, noQueue()
		}
		q, ok := s.queues[name]
		if !ok {
			return nil, noQueue()
		}
		return s.answer(q, in.AttributeNames)
	})
}

func noQueue() error {
	return &types.QueueDoesNotExist{
		Message: aws.String("The specified queue does not exist."),
		// The code of SQS's older protocol, which the SDK puts in its place.
		ErrorCodeOverride: aws.String("AWS.SimpleQueueService.NonExistentQueue"),
	}
}

func (s *Service) answer(q Queue, names []types.QueueAttributeName) (*sdk.GetQueueAttributesOutput, error) {
	all := s.attributes(q)
	out := &sdk.GetQueueAttributesOutput{}
	for _, name := range names {
		if name == types.QueueAttributeNameAll {
			out.Attributes = all
			return out, nil
		}
		if !known(name) {
			return nil, &types.InvalidAttributeName{Message: aws.String("Unknown Attribute " + string(name) + ".")}
		}
		if value, ok := all[string(name)]; ok {
			if out.Attributes == nil {
				out.Attributes = make(map[string]string, len(names))
			}
			out.Attributes[string(name)] = value
		}
	}
	return out, nil
}

func known(name types.QueueAttributeName) bool {
	for _, n := range name.Values() {
		if n == name {
			return true
		}
	}
	return false
}

// attributes returns every attribute of a queue. RedrivePolicy and FifoQueue are there only where they apply.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_GetQueueAttributes.html
func (s *Service) attributes(q Queue) map[string]string {
	var visible, inFlight int64
	if q.Depth != nil {
		visible, inFlight = q.Depth()
	}
	created := strconv.FormatInt(s.created.Unix(), 10)
	all := map[string]string{
		"QueueArn":                              ARN(q.Name),
		"VisibilityTimeout":                     strconv.Itoa(int(q.Visibility / time.Second)),
		"ApproximateNumberOfMessages":           strconv.FormatInt(visible, 10),
		"ApproximateNumberOfMessagesNotVisible": strconv.FormatInt(inFlight, 10),
		"ApproximateNumberOfMessagesDelayed":    "0",
		"CreatedTimestamp":                      created,
		"LastModifiedTimestamp":                 created,
		"DelaySeconds":                          "0",
		"MaximumMessageSize":                    "262144",
		"MessageRetentionPeriod":                "345600",
		"ReceiveMessageWaitTimeSeconds":         "0",
		"SqsManagedSseEnabled":                  "true",
	}
	if q.DeadLetters != "" {
		all["RedrivePolicy"] = `{"deadLetterTargetArn":"` + ARN(q.DeadLetters) + `","maxReceiveCount":` + strconv.Itoa(q.MaxReceives) + `}`
	}
	if strings.HasSuffix(q.Name, ".fifo") {
		all["FifoQueue"], all["ContentBasedDeduplication"] = "true", "false"
	}
	return all
}
