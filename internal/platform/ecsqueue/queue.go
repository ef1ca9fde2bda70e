package ecsqueue

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/serin-aws/serin/internal/awserr"
	"github.com/serin-aws/serin/internal/platform/ecsservice"
	"github.com/serin-aws/serin/internal/release"
)

// queue finds the queue and returns its name and attributes; field is where a person named it. A FIFO queue hands one message group to one consumer at a time, in
// order: a canary that fails would block groups that the primary could serve.
func (p *Platform) queue(ctx context.Context, op, field, written string) (string, map[string]string, error) {
	url, name := written, ecsservice.ShortName(written)
	missing := release.Errorf(release.NotFound, op, "queue %s does not exist in this account and region; check %s", written, field)
	if !strings.Contains(url, "://") {
		out, err := p.sqs.GetQueueUrl(ctx, &sqs.GetQueueUrlInput{QueueName: aws.String(name)})
		if noQueue(err) {
			return "", nil, missing
		}
		if err != nil {
			return "", nil, awserr.Wrap("find queue "+name, err)
		}
		url = aws.ToString(out.QueueUrl)
	}
	out, err := p.sqs.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{
		QueueUrl: aws.String(url), AttributeNames: []sqstypes.QueueAttributeName{sqstypes.QueueAttributeNameAll},
	})
	if noQueue(err) {
		return "", nil, missing
	}
	if err != nil {
		return "", nil, awserr.Wrap("read the attributes of queue "+name, err)
	}
	if strings.HasSuffix(name, ".fifo") || out.Attributes[string(sqstypes.QueueAttributeNameFifoQueue)] == "true" {
		return "", nil, release.Errorf(release.Invalid, op, "queue %s is a FIFO queue: a failing canary would block whole message groups, for the primary too; ecs-queue needs a standard queue", name)
	}
	return name, out.Attributes, nil
}

// deadLetters returns the name of the queue that messages go to which fail too often, or nothing.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html
func deadLetters(attributes map[string]string) string {
	var policy struct {
		Target string `json:"deadLetterTargetArn"`
	}
	if err := json.Unmarshal([]byte(attributes[string(sqstypes.QueueAttributeNameRedrivePolicy)]), &policy); err != nil {
		return "" // none
	}
	return policy.Target[strings.LastIndexByte(policy.Target, ':')+1:]
}

func noQueue(err error) bool {
	return awserr.Is(err, "QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue")
}
