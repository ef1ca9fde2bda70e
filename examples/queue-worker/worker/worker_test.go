package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// fakeQueue is an SQS queue: visibility, receipts, receive counts, dead letters, and now and then a message that is
// delivered again although it was removed.
type fakeQueue struct {
	mu      sync.Mutex
	now     func() time.Time
	waiting []*fakeMessage
	dead    []string
	again   string // the id of a message that is delivered once more after its removal
	most    int    // receives before a message is a dead letter
}

type fakeMessage struct {
	id, receipt string
	visible     time.Time
	receives    int
	removed     bool
}

func (q *fakeQueue) ReceiveMessage(ctx context.Context, in *sqs.ReceiveMessageInput, _ ...func(*sqs.Options)) (*sqs.ReceiveMessageOutput, error) {
	until := time.Now().Add(time.Duration(in.WaitTimeSeconds) * time.Second)
	for {
		if ctx.Err() != nil { // who hangs up may have been given messages: they are out of sight, and nobody has them
			q.take(in)
			return nil, ctx.Err()
		}
		if out := q.take(in); len(out.Messages) > 0 || time.Now().After(until) {
			return out, nil
		}
		sleep(ctx, 100*time.Millisecond)
	}
}

func (q *fakeQueue) take(in *sqs.ReceiveMessageInput) *sqs.ReceiveMessageOutput {
	q.mu.Lock()
	defer q.mu.Unlock()
	out := &sqs.ReceiveMessageOutput{}
	for _, m := range q.waiting {
		if m.removed || q.now().Before(m.visible) || len(out.Messages) == int(in.MaxNumberOfMessages) {
			continue
		}
		if m.receives >= q.most {
			m.removed = true
			q.dead = append(q.dead, m.id)
			continue
		}
		m.receives++
		m.receipt = m.id + "/" + strconv.Itoa(m.receives)
		m.visible = q.now().Add(time.Duration(in.VisibilityTimeout) * time.Second)
		out.Messages = append(out.Messages, types.Message{
			MessageId: aws.String(m.id), ReceiptHandle: aws.String(m.receipt), Body: aws.String(m.id),
			Attributes: map[string]string{"ApproximateReceiveCount": strconv.Itoa(m.receives)},
		})
	}
	return out
}

func (q *fakeQueue) find(receipt string) *fakeMessage {
	i := slices.IndexFunc(q.waiting, func(m *fakeMessage) bool { return m.receipt == receipt })
	if i < 0 {
		return nil
	}
	return q.waiting[i]
}

func (q *fakeQueue) DeleteMessage(_ context.Context, in *sqs.DeleteMessageInput, _ ...func(*sqs.Options)) (*sqs.DeleteMessageOutput, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	m := q.find(aws.ToString(in.ReceiptHandle))
	if m == nil {
		return nil, errors.New("ReceiptHandleIsInvalid")
	}
	m.removed = m.id != q.again
	if !m.removed {
		q.again, m.visible = "", q.now()
	}
	return &sqs.DeleteMessageOutput{}, nil
}

func (q *fakeQueue) ChangeMessageVisibility(_ context.Context, in *sqs.ChangeMessageVisibilityInput, _ ...func(*sqs.Options)) (*sqs.ChangeMessageVisibilityOutput, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	m := q.find(aws.ToString(in.ReceiptHandle))
	if m == nil || m.removed {
		return nil, errors.New("InvalidParameterValue: the message is not in flight")
	}
	m.visible = q.now().Add(time.Duration(in.VisibilityTimeout) * time.Second)
	return &sqs.ChangeMessageVisibilityOutput{}, nil
}

func (q *fakeQueue) left() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	left := 0
	for _, m := range q.waiting {
		if !m.removed {
			left++
		}
	}
	return left
}

func filled(n int) *fakeQueue {
	q := &fakeQueue{now: time.Now, most: 5}
	for i := range n {
		q.waiting = append(q.waiting, &fakeMessage{id: fmt.Sprintf("m%03d", i)})
	}
	return q
}

// begun counts how often the work on each message was begun and finished.
type begun struct {
	mu       sync.Mutex
	started  map[string]int
	finished map[string]int
}

func (b *begun) work(took time.Duration, fails func(id string) bool) func(context.Context, string) error {
	b.started, b.finished = map[string]int{}, map[string]int{}
	return func(ctx context.Context, id string) error {
		b.mu.Lock()
		b.started[id]++
		b.mu.Unlock()
		sleep(ctx, took)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if fails != nil && fails(id) {
			return errors.New("it fails")
		}
		b.mu.Lock()
		b.finished[id]++
		b.mu.Unlock()
		return nil
	}
}

func worker(q *fakeQueue, work func(context.Context, string) error, out io.Writer) *Worker {
	return &Worker{
		Queue: q, URL: "queue", Work: work, Done: newRecent(1000), Log: slog.New(slog.DiscardHandler), Now: time.Now, Sleep: sleep,
		Metrics: Metrics{Out: out, Service: "orders-worker-canary"},
	}
}

// A task that is told to stop while it waits for messages does not hang up on SQS: what it is given in that moment goes
// back at once.
func TestStopWhileWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, b := filled(10), &begun{}
		for _, m := range q.waiting { // they arrive just after the task was told to stop
			m.visible = time.Now().Add(5 * time.Second)
		}
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- worker(q, b.work(time.Millisecond, nil), io.Discard).Run(ctx) }()
		sleep(t.Context(), 4900*time.Millisecond)
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		for _, m := range q.waiting {
			if m.visible.After(time.Now()) {
				t.Errorf("%s is out of sight although nobody works on it", m.id)
			}
		}
		if len(b.started) != 0 {
			t.Errorf("%d messages were begun after the signal", len(b.started))
		}
	})
}

// A task that is told to stop in the middle of 100 messages loses none and does none twice, wherever the signal falls:
// what it had in hand is finished, the rest is at once there for the next task.
func TestStopInTheMiddle(t *testing.T) {
	for _, after := range []time.Duration{0, 10 * time.Millisecond, 700 * time.Millisecond, 2345 * time.Millisecond, 7 * time.Second} {
		t.Run(after.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				q, b := filled(100), &begun{}
				work := b.work(250*time.Millisecond, nil)
				ctx, stop := context.WithCancel(t.Context())
				ended := make(chan error)
				go func() { ended <- worker(q, work, io.Discard).Run(ctx) }()
				sleep(t.Context(), after)
				told := time.Now()
				stop()
				if err := <-ended; err != nil {
					t.Error(err)
				}
				if took := time.Since(told); took > time.Second {
					t.Errorf("it took %s to stop", took)
				}
				for _, m := range q.waiting {
					if !m.removed && m.visible.After(time.Now()) {
						t.Errorf("%s is out of sight although nobody works on it", m.id)
					}
				}
				next, end := context.WithCancel(t.Context())
				go func() { ended <- worker(q, work, io.Discard).Run(next) }()
				sleep(t.Context(), time.Minute)
				end()
				if err := <-ended; err != nil {
					t.Error(err)
				}
				if q.left() != 0 || len(q.dead) != 0 || len(b.finished) != 100 {
					t.Errorf("%d left, %d dead, %d done", q.left(), len(q.dead), len(b.finished))
				}
				for id, n := range b.started {
					if n != 1 || b.finished[id] != 1 {
						t.Errorf("%s was begun %d times and finished %d times", id, n, b.finished[id])
					}
				}
			})
		})
	}
}

// Work that takes longer than a message stays out of sight is done once.
func TestLongWorkIsHeld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, b := filled(12), &begun{}
		work := b.work(40*time.Second, nil)
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error)
		for range 2 {
			go func() { ended <- worker(q, work, io.Discard).Run(ctx) }()
		}
		sleep(t.Context(), 10*time.Minute)
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if err := <-ended; err != nil {
			t.Error(err)
		}
		for id, n := range b.started {
			if n != 1 {
				t.Errorf("%s was begun %d times", id, n)
			}
		}
		if q.left() != 0 {
			t.Errorf("%d left", q.left())
		}
	})
}

// A message that fails is counted once, at its first receive, however often it comes again; it ends as a dead letter.
func TestFirstReceivesAreCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, b := filled(20), &begun{}
		var out bytes.Buffer
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() {
			ended <- worker(q, b.work(time.Millisecond, func(id string) bool { return id == "m007" }), &out).Run(ctx)
		}()
		sleep(t.Context(), 30*time.Minute)
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		processed, failed := 0, 0
		for line := range bytes.Lines(out.Bytes()) {
			var outcome struct {
				Service           string
				Processed, Failed int
			}
			if err := json.Unmarshal(line, &outcome); err != nil || outcome.Service != "orders-worker-canary" {
				t.Fatalf("%s: %v", line, err)
			}
			processed, failed = processed+outcome.Processed, failed+outcome.Failed
		}
		if processed != 20 || failed != 1 || b.started["m007"] != 5 || !slices.Equal(q.dead, []string{"m007"}) {
			t.Errorf("%d processed, %d failed, begun %d times, dead %v", processed, failed, b.started["m007"], q.dead)
		}
	})
}

// A version that fails everything slows down: in ten minutes it spoils a few dozen messages, not the queue.
func TestBackOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, b := filled(5000), &begun{}
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() {
			ended <- worker(q, b.work(time.Millisecond, func(string) bool { return true }), io.Discard).Run(ctx)
		}()
		sleep(t.Context(), 10*time.Minute)
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if len(b.started) > 200 || len(b.started) < 20 {
			t.Errorf("%d messages were begun", len(b.started))
		}
	})
}

// SQS may deliver a message again that was removed: it is not done again.
func TestDeliveredAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, b := filled(10), &begun{}
		q.again = "m003"
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- worker(q, b.work(time.Millisecond, nil), io.Discard).Run(ctx) }()
		sleep(t.Context(), 5*time.Minute)
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if b.started["m003"] != 1 || q.left() != 0 {
			t.Errorf("begun %d times, %d left", b.started["m003"], q.left())
		}
	})
}
