package sns

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sns/types"

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

func TestPublishKeepsMessages(t *testing.T) {
	within(t, func(ctx context.Context, s *Service) {
		topic := s.Add("serin")
		for _, text := range []string{"first", "second"} {
			out, handled, err := s.Handle(ctx, &sdk.PublishInput{TopicArn: &topic, Subject: aws.String("orders rolled back"), Message: &text})
			if err != nil || !handled || *out.(*sdk.PublishOutput).MessageId == "" {
				t.Fatal(out, handled, err)
			}
		}
		got := s.Messages()
		if len(got) != 2 || got[0].Text != "first" || got[1].Subject != "orders rolled back" || got[1].Topic != topic || got[0].ID == got[1].ID || got[0].At.IsZero() {
			t.Errorf("kept %+v", got)
		}
		got[0].Text = "changed"
		if s.Messages()[0].Text != "first" {
			t.Error("what a reader wrote changed the account")
		}
		if _, handled, _ := s.Handle(ctx, &sdk.SubscribeInput{}); handled {
			t.Error("an operation that is not simulated was handled")
		}
	})
}

// https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
func TestPublishRefuses(t *testing.T) {
	within(t, func(ctx context.Context, s *Service) {
		topic := s.Add("serin")
		publish := func(subject, message string) error {
			in := &sdk.PublishInput{TopicArn: &topic, Message: &message}
			if subject != "-" {
				in.Subject = &subject
			}
			_, err := s.Publish(ctx, in)
			return err
		}
		for name, row := range map[string]struct {
			subject, message string
			ok               bool
		}{
			"no subject":        {"-", "text", true},
			"100 characters":    {strings.Repeat("x", 100), "text", true},
			"101 characters":    {strings.Repeat("x", 101), "text", false},
			"line break":        {"a\nb", "text", false},
			"not ASCII":         {"zur\u00fcckgerollt", "text", false},
			"empty subject":     {"", "text", false},
			"leading space":     {" x", "text", false},
			"empty message":     {"-", "", false},
			"256 KB":            {"-", strings.Repeat("x", 256<<10), true},
			"more than 256 KB":  {"-", strings.Repeat("x", 256<<10+1), false},
			"control character": {"a\x07", "text", false},
		} {
			err := publish(row.subject, row.message)
			var wrong *types.InvalidParameterException
			if row.ok && err != nil || !row.ok && !errors.As(err, &wrong) {
				t.Errorf("%s: %v", name, err)
			}
		}
		_, err := s.Publish(ctx, &sdk.PublishInput{TopicArn: aws.String(ARN("other")), Message: aws.String("x")})
		var none *types.NotFoundException
		if !errors.As(err, &none) {
			t.Errorf("a topic that does not exist: %v", err)
		}
	})
}
