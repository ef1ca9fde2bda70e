package assembly

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	ebtypes "github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/aws-sdk-go-v2/service/sns"

	"github.com/serin-aws/serin/internal/release"
)

// outlets keep what was published and put, or fail.
type outlets struct {
	published []*sns.PublishInput
	put       []*eventbridge.PutEventsInput
	noTopic   error
	noBus     error
	refused   int32 // entries that EventBridge did not take
}

func (o *outlets) Publish(_ context.Context, in *sns.PublishInput, _ ...func(*sns.Options)) (*sns.PublishOutput, error) {
	o.published = append(o.published, in)
	return &sns.PublishOutput{}, o.noTopic
}

func (o *outlets) PutEvents(_ context.Context, in *eventbridge.PutEventsInput, _ ...func(*eventbridge.Options)) (*eventbridge.PutEventsOutput, error) {
	o.put = append(o.put, in)
	return &eventbridge.PutEventsOutput{
		FailedEntryCount: o.refused, Entries: []ebtypes.PutEventsResultEntry{{ErrorCode: aws.String("ThrottlingException")}},
	}, o.noBus
}

func rolledBack(topic string) *release.Release {
	r := &release.Release{}
	r.ID, r.Target.Name, r.Target.Notify, r.Phase, r.Home = "r-0123456789ab", "orders", topic, release.RolledBack, true
	r.Steps = []release.Step{{Weight: 10}}
	return r
}

func listening(o *outlets, metrics *bytes.Buffer) notifier {
	return notifier{
		sns: o, topic: "arn:own", events: o, bus: "bus", metrics: metrics,
		now: func() time.Time { return time.Date(2026, 1, 5, 12, 0, 0, 0, time.UTC) }, log: slog.New(slog.DiscardHandler),
	}
}

func TestNotifyTellsPeopleSystemsAndCloudWatch(t *testing.T) {
	for topic, want := range map[string]string{"": "arn:own", "arn:theirs": "arn:theirs"} {
		var o outlets
		var metrics bytes.Buffer
		if err := listening(&o, &metrics).Notify(context.Background(), rolledBack(topic), release.Notice{Kind: release.NoticeRolledBack}); err != nil {
			t.Fatal(err)
		}
		if len(o.published) != 1 || aws.ToString(o.published[0].TopicArn) != want || !strings.Contains(aws.ToString(o.published[0].Subject), "orders rolled back") {
			t.Errorf("published %+v", o.published)
		}
		if len(o.put) != 1 || aws.ToString(o.put[0].Entries[0].DetailType) != "serin Release RolledBack" || aws.ToString(o.put[0].Entries[0].EventBusName) != "bus" {
			t.Errorf("put %+v", o.put)
		}
		if !strings.Contains(metrics.String(), `"Outcome":"rolledBack"`) || strings.Count(metrics.String(), "\n") != 1 {
			t.Errorf("metrics %s", &metrics)
		}
	}
}

// What fails for one listener does not keep the others from hearing.
func TestEachIsToldWhateverBecomesOfTheOthers(t *testing.T) {
	for name, o := range map[string]*outlets{
		"no topic":               {noTopic: errors.New("nobody there")},
		"no bus":                 {noBus: errors.New("no bus there")},
		"nothing":                {noTopic: errors.New("nobody there"), noBus: errors.New("no bus there")},
		"the entry is not taken": {refused: 1},
	} {
		t.Run(name, func(t *testing.T) {
			var metrics bytes.Buffer
			err := listening(o, &metrics).Notify(context.Background(), rolledBack(""), release.Notice{Kind: release.NoticeRolledBack})
			if err == nil || len(o.published) != 1 || len(o.put) != 1 || metrics.Len() == 0 {
				t.Errorf("%v: published %d, put %d, metrics %d bytes", err, len(o.published), len(o.put), metrics.Len())
			}
		})
	}
}

func TestNobodyIsWrittenToWhenAReleaseStarts(t *testing.T) {
	var o outlets
	r := rolledBack("")
	r.Phase = release.Preparing
	if err := listening(&o, nil).Notify(context.Background(), r, release.Notice{Kind: release.NoticeStarted}); err != nil || len(o.published) > 0 || len(o.put) != 1 {
		t.Errorf("%v: published %d, put %d", err, len(o.published), len(o.put))
	}
}

// A push that is refused is told of where the target's people listen, and to other systems.
func TestARefusalIsTold(t *testing.T) {
	entry := release.Entry{Release: "r-0123456789ab", Target: "orders", Sentence: "alarm dlq is in ALARM", Request: release.Request{Automatic: true}}
	for topic, want := range map[string]string{"": "arn:own", "arn:theirs": "arn:theirs"} {
		var o outlets
		err := listening(&o, nil).NotifyRefused(context.Background(), release.Target{Name: "orders", Notify: topic}, entry, "")
		if err != nil || len(o.published) != 1 || aws.ToString(o.published[0].TopicArn) != want || len(o.put) != 1 {
			t.Errorf("%q: %v, published %+v, put %d", topic, err, o.published, len(o.put))
		}
		if text := aws.ToString(o.published[0].Message); !strings.Contains(text, "alarm dlq is in ALARM") {
			t.Errorf("%s", text)
		}
		event := o.put[0].Entries[0]
		if aws.ToString(event.DetailType) != "serin Release Refused" || aws.ToString(event.EventBusName) != "bus" || !strings.Contains(aws.ToString(event.Detail), `"sentence":"alarm dlq is in ALARM"`) {
			t.Errorf("put %+v", event)
		}
	}
	for name, o := range map[string]*outlets{"no topic": {noTopic: errors.New("nobody there")}, "no bus": {noBus: errors.New("no bus there")}} {
		err := listening(o, nil).NotifyRefused(context.Background(), release.Target{}, entry, "")
		if err == nil || len(o.published) != 1 || len(o.put) != 1 {
			t.Errorf("%s: %v, published %d, put %d", name, err, len(o.published), len(o.put))
		}
	}
}
