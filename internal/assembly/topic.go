package assembly

import (
	"context"
	"log/slog"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sns"

	"github.com/serin-aws/serin/internal/conductor"
	"github.com/serin-aws/serin/internal/release"
)

// Publisher is what serin needs of SNS.
type Publisher interface {
	Publish(context.Context, *sns.PublishInput, ...func(*sns.Options)) (*sns.PublishOutput, error)
}

// topic tells people through SNS: the target's topic, or the core's own.
type topic struct {
	client Publisher
	own    string
	log    *slog.Logger
}

func (s *Serin) topic() topic { return topic{s.core.SNS, s.settings.Topic, s.log} }

// subjectLength is what SNS allows.
// https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
const subjectLength = 99

// Notify publishes a message. A failure is logged here and stops nothing.
func (t topic) Notify(ctx context.Context, r *release.Release, m conductor.Message) error {
	arn := r.Target.Notify
	if arn == "" {
		arn = t.own
	}
	subject := m.Subject[:min(len(m.Subject), subjectLength)]
	_, err := t.client.Publish(ctx, &sns.PublishInput{TopicArn: aws.String(arn), Subject: aws.String(subject), Message: aws.String(m.Text)})
	if err != nil {
		t.log.WarnContext(ctx, "nobody was told", "release", r.ID, "topic", arn, "subject", subject, "error", err.Error())
	}
	return err
}
