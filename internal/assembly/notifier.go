package assembly

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	ebtypes "github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/aws-sdk-go-v2/service/sns"

	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/telling"
)

// Publisher is what serin needs of SNS.
type Publisher interface {
	Publish(context.Context, *sns.PublishInput, ...func(*sns.Options)) (*sns.PublishOutput, error)
}

// EventPutter is what serin needs of EventBridge.
type EventPutter interface {
	PutEvents(context.Context, *eventbridge.PutEventsInput, ...func(*eventbridge.Options)) (*eventbridge.PutEventsOutput, error)
}

// notifier tells people through SNS (the target's topic, or the core's own), other systems through EventBridge, and
// CloudWatch through the function's log. Each is tried whatever becomes of the others, and what fails is logged here
// and stops nothing.
type notifier struct {
	sns     Publisher
	topic   string
	events  EventPutter // nil: no events are sent
	bus     string
	place   telling.Place
	toll    func(context.Context, *release.Release) (release.Toll, error) // nil: nobody counts
	metrics io.Writer
	now     func() time.Time
	log     *slog.Logger
}

func (s *Serin) notifier() notifier {
	return notifier{
		sns: s.core.SNS, topic: s.settings.Topic, events: s.core.Events, bus: s.settings.Bus,
		place: telling.Place{Bucket: s.settings.Bucket}, toll: s.toll, metrics: s.metrics, now: s.runtime.Now, log: s.log,
	}
}

// patience is how long telling may take, and counting before it: a rollback must not wait for a notification that hangs.
const (
	patience         = 5 * time.Second
	patienceCounting = 3 * time.Second
)

// Notify tells of what happened to a release.
func (n notifier) Notify(ctx context.Context, r *release.Release, notice release.Notice) error {
	if line := telling.Metrics(r, notice, n.now()); line != nil && n.metrics != nil {
		if _, err := n.metrics.Write(line); err != nil {
			n.log.WarnContext(ctx, "the metrics of a release are lost", "release", r.ID, "error", err.Error())
		}
	}
	toll := n.count(ctx, r)
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	err := errors.Join(n.publish(ctx, r, notice, toll), n.put(ctx, n.place.Event(r, notice, n.now())))
	if err != nil {
		n.log.WarnContext(ctx, "not everybody was told", "release", r.ID, "target", r.Target.Name, "notice", notice.Kind, "error", err.Error())
	}
	return err
}

// count says what a release cost that is over. Who cannot know it is told without.
func (n notifier) count(ctx context.Context, r *release.Release) release.Toll {
	if n.toll == nil || !r.Phase.Final() {
		return release.Toll{}
	}
	ctx, cancel := context.WithTimeout(ctx, patienceCounting)
	defer cancel()
	toll, err := n.toll(ctx, r)
	if err != nil {
		n.log.WarnContext(ctx, "what the release cost is not counted", "release", r.ID, "target", r.Target.Name, "error", err.Error())
	}
	return toll
}

// NotifyRefused tells people and other systems that what an event asked for is not released.
func (n notifier) NotifyRefused(ctx context.Context, target release.Target, refused release.Entry, execution release.ExecutionARN) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	err := errors.Join(n.write(ctx, target, n.place.Refused(refused, execution)), n.put(ctx, telling.RefusedEvent(refused, execution, n.now())))
	if err != nil {
		n.log.WarnContext(ctx, "not everybody was told of a refusal", "release", refused.Release, "target", target.Name, "error", err.Error())
	}
	return err
}

// publish tells people.
func (n notifier) publish(ctx context.Context, r *release.Release, notice release.Notice, toll release.Toll) error {
	message, ok := n.place.Of(r, notice, toll)
	if !ok {
		return nil
	}
	return n.write(ctx, r.Target, message)
}

// write sends a message to the target's topic, or to the core's own.
func (n notifier) write(ctx context.Context, target release.Target, message telling.Message) error {
	topic := target.Notify
	if topic == "" {
		topic = n.topic
	}
	_, err := n.sns.Publish(ctx, &sns.PublishInput{TopicArn: aws.String(topic), Subject: aws.String(message.Subject), Message: aws.String(message.Text)})
	if err != nil {
		return fmt.Errorf("publish to %s: %w", topic, err)
	}
	return nil
}

// put tells other systems.
func (n notifier) put(ctx context.Context, event telling.Event) error {
	if n.events == nil || n.bus == "" {
		return nil
	}
	out, err := n.events.PutEvents(ctx, &eventbridge.PutEventsInput{Entries: []ebtypes.PutEventsRequestEntry{{
		EventBusName: aws.String(n.bus), Source: aws.String(event.Source), DetailType: aws.String(event.DetailType),
		Resources: event.Resources, Detail: aws.String(event.Detail), Time: aws.Time(n.now()),
	}}})
	switch {
	case err != nil:
		return fmt.Errorf("put an event on %s: %w", n.bus, err)
	case out.FailedEntryCount > 0:
		return fmt.Errorf("put an event on %s: %s: %s", n.bus, aws.ToString(out.Entries[0].ErrorCode), aws.ToString(out.Entries[0].ErrorMessage))
	}
	return nil
}
