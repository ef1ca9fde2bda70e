package cloudformation_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/smithy-go"

	"github.com/serin-aws/serin/internal/rehearsal/cloudformation"
	"github.com/serin-aws/serin/internal/rehearsal/door"
	"github.com/serin-aws/serin/internal/rehearsal/loop"
)

var start = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// owner takes a minute for everything, and fails as often as it is told.
type owner struct {
	loop *loop.Loop
	fail int
}

func (o *owner) after(done cloudformation.Done) {
	reason := ""
	if o.fail > 0 {
		o.fail--
		reason = "no signal"
	}
	o.loop.After(time.Minute, func() { done(reason) })
}

func (o *owner) Make(_ *cloudformation.Stack, _ cloudformation.Values, done cloudformation.Done) {
	o.after(done)
}
func (o *owner) Remove(_ *cloudformation.Stack, done cloudformation.Done) { o.after(done) }
func (o *owner) Outputs(*cloudformation.Stack) cloudformation.Values {
	return cloudformation.Values{"Endpoint": "a:80"}
}

// world runs a body as an invocation in an account with one stack.
func world(t *testing.T, body func(context.Context, *loop.Loop, *cloudformation.Service, *owner)) {
	t.Helper()
	l := loop.New(start, 1)
	o := &owner{loop: l}
	c := cloudformation.New(l, "eu-central-1", "123456789012", o)
	c.Add("live", "Resources: {}", cloudformation.Values{"Image": "1", "Size": "l"})
	over := false
	door.New(l, nil, nil).Invoke("test", "request", 3*time.Hour, func(ctx context.Context) { body(ctx, l, c, o) }, func(bool) { over = true })
	for !over && l.Step() {
	}
}

func image(value string) []types.Parameter {
	return []types.Parameter{
		{ParameterKey: aws.String("Image"), ParameterValue: &value}, {ParameterKey: aws.String("Size"), UsePreviousValue: aws.Bool(true)},
	}
}

// path lets time pass and returns the statuses on the way.
func path(l *loop.Loop, s *cloudformation.Stack) string {
	seen := []string{string(s.Status)}
	for range 50 {
		l.AdvanceTo(l.Now().Add(10 * time.Second))
		if status := string(s.Status); status != seen[len(seen)-1] {
			seen = append(seen, status)
		}
	}
	return strings.Join(seen, " ")
}

func TestStatuses(t *testing.T) {
	for name, c := range map[string]struct {
		fail  int
		do    func(context.Context, *cloudformation.Service) error
		want  string
		image string // the live stack has at the end
	}{
		"update": {0, update("2"), "UPDATE_IN_PROGRESS UPDATE_COMPLETE_CLEANUP_IN_PROGRESS UPDATE_COMPLETE", "2"},
		"update that fails": {
			1, update("2"), "UPDATE_IN_PROGRESS UPDATE_ROLLBACK_IN_PROGRESS UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS UPDATE_ROLLBACK_COMPLETE", "1",
		},
		"update that cannot be taken back": {2, update("2"), "UPDATE_IN_PROGRESS UPDATE_ROLLBACK_IN_PROGRESS UPDATE_ROLLBACK_FAILED", "1"},
		"cancelled": {
			0, func(ctx context.Context, c *cloudformation.Service) error {
				_, err := c.CancelUpdateStack(ctx, &sdk.CancelUpdateStackInput{StackName: aws.String("live")})
				return errors.Join(update("2")(ctx, c), coded(err, "ValidationError"), cancel(ctx, c))
			}, "UPDATE_ROLLBACK_IN_PROGRESS UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS UPDATE_ROLLBACK_COMPLETE", "1",
		},
		"nothing to update": {0, func(ctx context.Context, c *cloudformation.Service) error {
			return coded(update("1")(ctx, c), "ValidationError")
		}, "CREATE_COMPLETE", "1"},
		"update of another": {
			0, func(ctx context.Context, c *cloudformation.Service) error {
				return errors.Join(update("2")(ctx, c), coded(update("3")(ctx, c), "ValidationError"))
			}, "UPDATE_IN_PROGRESS UPDATE_COMPLETE_CLEANUP_IN_PROGRESS UPDATE_COMPLETE", "2",
		},
	} {
		world(t, func(ctx context.Context, l *loop.Loop, s *cloudformation.Service, o *owner) {
			o.fail = c.fail
			if err := c.do(ctx, s); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			live := s.Find("live")
			if got := path(l, live); got != c.want || live.Values["Image"] != c.image || live.Values["Size"] != "l" {
				t.Errorf("%s: %s, %v", name, got, live.Values)
			}
		})
	}
}

func update(value string) func(context.Context, *cloudformation.Service) error {
	return func(ctx context.Context, c *cloudformation.Service) error {
		_, err := c.UpdateStack(ctx, &sdk.UpdateStackInput{StackName: aws.String("live"), Parameters: image(value), UsePreviousTemplate: aws.Bool(true)})
		return err
	}
}

func cancel(ctx context.Context, c *cloudformation.Service) error {
	_, err := c.CancelUpdateStack(ctx, &sdk.CancelUpdateStackInput{StackName: aws.String("live")})
	return err
}

// coded turns the wanted error into none, and everything else into one.
func coded(err error, code string) error {
	if api, ok := errors.AsType[smithy.APIError](err); ok && api.ErrorCode() == code {
		return nil
	}
	return errors.Join(errors.New("not refused with "+code), err)
}

// A stack that does not come about can only be deleted; its name is free afterwards, and its ARN still known.
func TestLifeOfATemporaryStack(t *testing.T) {
	for _, fail := range []int{0, 1} {
		world(t, func(ctx context.Context, l *loop.Loop, c *cloudformation.Service, o *owner) {
			o.fail = fail
			in := &sdk.CreateStackInput{StackName: aws.String("temporary"), Parameters: image("2"), ClientRequestToken: aws.String("t"), Tags: []types.Tag{{Key: aws.String("a"), Value: aws.String("b")}}}
			out, err := c.CreateStack(ctx, in)
			if err != nil {
				t.Fatal(err)
			}
			if again, err := c.CreateStack(ctx, in); err != nil || *again.StackId != *out.StackId {
				t.Error("the same call again:", err)
			}
			in.ClientRequestToken = nil
			if _, err := c.CreateStack(ctx, in); coded(err, "AlreadyExistsException") != nil {
				t.Error(err)
			}
			want := []string{"CREATE_IN_PROGRESS CREATE_COMPLETE", "CREATE_IN_PROGRESS ROLLBACK_IN_PROGRESS ROLLBACK_COMPLETE"}[fail]
			if got := path(l, c.Find("temporary")); got != want {
				t.Error(got)
			}
			described, err := c.DescribeStacks(ctx, &sdk.DescribeStacksInput{StackName: out.StackId})
			if err != nil || *described.Stacks[0].Tags[0].Value != "b" || *described.Stacks[0].Outputs[0].OutputValue != "a:80" {
				t.Error(described, err)
			}
			for range 2 {
				if _, err := c.DeleteStack(ctx, &sdk.DeleteStackInput{StackName: out.StackId}); err != nil {
					t.Error(err)
				}
			}
			path(l, c.Find(*out.StackId))
			if _, err := c.DescribeStacks(ctx, &sdk.DescribeStacksInput{StackName: aws.String("temporary")}); coded(err, "ValidationError") != nil || c.Find("temporary") != nil {
				t.Error(err)
			}
			if gone, err := c.DescribeStacks(ctx, &sdk.DescribeStacksInput{StackName: out.StackId}); err != nil || gone.Stacks[0].StackStatus != types.StackStatusDeleteComplete {
				t.Error(gone, err)
			}
		})
	}
}

// The newest event says whose operation is under way, and the events say why one failed.
func TestEvents(t *testing.T) {
	world(t, func(ctx context.Context, l *loop.Loop, c *cloudformation.Service, o *owner) {
		o.fail = 1
		if _, err := c.UpdateStack(ctx, &sdk.UpdateStackInput{StackName: aws.String("live"), Parameters: image("2"), ClientRequestToken: aws.String("mine")}); err != nil {
			t.Fatal(err)
		}
		path(l, c.Find("live"))
		out, err := c.DescribeStackEvents(ctx, &sdk.DescribeStackEventsInput{StackName: aws.String("live")})
		if err != nil || out.StackEvents[0].ResourceStatus != "UPDATE_ROLLBACK_COMPLETE" || aws.ToString(out.StackEvents[0].ClientRequestToken) != "mine" {
			t.Fatal(out, err)
		}
		reasons := 0
		for _, e := range out.StackEvents {
			if e.ResourceStatus == types.ResourceStatusUpdateFailed && aws.ToString(e.ResourceStatusReason) == "no signal" {
				reasons++
			}
		}
		if reasons != 1 {
			t.Errorf("%d reasons", reasons)
		}
	})
}
