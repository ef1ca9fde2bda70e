package sns

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sns/types"

	"github.com/serin-aws/serin/internal/rehearsal/door"
	"github.com/serin-aws/serin/internal/rehearsal/loop"
)

const prefix = "arn:aws:sns:eu-central-1:123456789012:"

// Bounds of a message.
// https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
const (
	maxSubject = 100       // characters
	maxMessage = 256 << 10 // bytes
)

// Message is one that was published.
type Message struct {
	ID      string
	At      time.Time
	Topic   string // ARN
	Subject string
	Text    string
}

// Service is the SNS of one simulated account.
type Service struct {
	loop     *loop.Loop
	topics   []string
	messages []Message
}

// New returns an SNS without topics.
func New(l *loop.Loop) *Service { return &Service{loop: l} }

// ARN returns the ARN of a topic of the given name.
func ARN(name string) string { return prefix + name }

// Add creates a topic by its name and returns its ARN.
func (s *Service) Add(name string) string {
	arn := ARN(name)
	if !slices.Contains(s.topics, arn) {
		s.topics = append(s.topics, arn)
	}
	return arn
}

// Messages returns everything that was published, in order.
func (s *Service) Messages() []Message { return slices.Clone(s.messages) }

// Publish keeps a message.
func (s *Service) Publish(ctx context.Context, in *sdk.PublishInput, _ ...func(*sdk.Options)) (*sdk.PublishOutput, error) {
	return door.Call(ctx, "sns:Publish", in, func() (*sdk.PublishOutput, error) { return s.publish(in) })
}

func (s *Service) publish(in *sdk.PublishInput) (*sdk.PublishOutput, error) {
	topic := aws.ToString(in.TopicArn)
	if topic == "" {
		topic = aws.ToString(in.TargetArn)
	}
	switch subject := in.Subject; {
	case !strings.HasPrefix(topic, "arn:"):
		return nil, wrong("Invalid parameter: TopicArn or TargetArn Reason: no value for required parameter")
	case !slices.Contains(s.topics, topic):
		return nil, &types.NotFoundException{Message: aws.String("Topic does not exist")}
	case aws.ToString(in.Message) == "":
		return nil, wrong("Invalid parameter: Empty message")
	case len(*in.Message) > maxMessage:
		return nil, wrong("Invalid parameter: Message too long")
	case subject != nil && !validSubject(*subject):
		return nil, wrong("Invalid parameter: Subject")
	}
	id := "00000000-0000-4000-8000-" + padded(len(s.messages)+1)
	s.messages = append(s.messages, Message{
		ID: id, At: s.loop.Now(), Topic: topic, Subject: aws.ToString(in.Subject), Text: *in.Message,
	})
	return &sdk.PublishOutput{MessageId: aws.String(id)}, nil
}

func wrong(message string) error {
	return &types.InvalidParameterException{Message: aws.String(message)}
}

func padded(n int) string {
	digits := strconv.Itoa(n)
	return strings.Repeat("0", 12-len(digits)) + digits
}

// validSubject holds SNS's rule: ASCII, at most 100 characters, no line breaks or control characters, and a letter,
// number or punctuation mark at the beginning.
func validSubject(subject string) bool {
	if subject == "" || len(subject) > maxSubject || subject[0] == ' ' {
		return false
	}
	for i := range len(subject) {
		if subject[i] < ' ' || subject[i] > '~' {
			return false
		}
	}
	return true
}
