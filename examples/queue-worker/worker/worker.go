package main

import (
	"context"
	"fmt"
	"log/slog"
	"strconv"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// Queue is what the worker asks of SQS.
type Queue interface {
	ReceiveMessage(context.Context, *sqs.ReceiveMessageInput, ...func(*sqs.Options)) (*sqs.ReceiveMessageOutput, error)
	DeleteMessage(context.Context, *sqs.DeleteMessageInput, ...func(*sqs.Options)) (*sqs.DeleteMessageOutput, error)
	ChangeMessageVisibility(context.Context, *sqs.ChangeMessageVisibilityInput, ...func(*sqs.Options)) (*sqs.ChangeMessageVisibilityOutput, error)
}

const (
	batch      = 10
	waitFor    = 20 * time.Second // long polling: an empty queue costs three calls a minute
	visibility = time.Minute      // asked for at each receive, and again for as long as the work goes on
	extendAt   = visibility / 2
	grace      = 90 * time.Second // for the message in hand after SIGTERM; Fargate kills 120 s after it
	slowest    = time.Minute      // between receives while everything fails
)

// Worker reads one queue, one message at a time.
type Worker struct {
	Queue   Queue
	URL     string
	Work    func(ctx context.Context, body string) error
	Metrics Metrics
	Done    *recent
	Log     *slog.Logger
	Now     func() time.Time
	Sleep   func(context.Context, time.Duration)

	failures int // in a row
}

// Run works until ctx ends. Then it finishes the message in hand and gives back those it has not begun, so that the
// other tasks have them at once. A task that waits for messages ends when its long poll does, 20 s later at most.
func (w *Worker) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		// A call that is broken off may have been given messages, which nobody sees again for a minute: it is waited for.
		out, err := w.Queue.ReceiveMessage(context.WithoutCancel(ctx), &sqs.ReceiveMessageInput{
			QueueUrl: aws.String(w.URL), MaxNumberOfMessages: batch,
			WaitTimeSeconds: int32(waitFor.Seconds()), VisibilityTimeout: int32(visibility.Seconds()),
			MessageSystemAttributeNames: []types.MessageSystemAttributeName{types.MessageSystemAttributeNameApproximateReceiveCount},
		})
		if err != nil {
			if ctx.Err() == nil {
				w.Log.Warn("nothing could be received", "error", err.Error())
				w.Sleep(ctx, time.Second)
			}
			continue
		}
		w.all(ctx, out.Messages)
		w.backOff(ctx)
	}
	return nil
}

// all works through what was received. Messages wait for their turn, so their visibility is kept up from the start.
func (w *Worker) all(ctx context.Context, messages []types.Message) {
	hold := w.hold(messages)
	defer hold.release()
	for _, m := range messages {
		if ctx.Err() != nil {
			hold.drop(m)
			w.giveBack(m, 0)
			continue
		}
		w.one(ctx, m)
		hold.drop(m)
	}
}

// one works on a message. What has begun is finished, also when the task is told to stop meanwhile.
func (w *Worker) one(ctx context.Context, m types.Message) {
	id := aws.ToString(m.MessageId)
	if w.Done.has(id) { // SQS may deliver a message again after it was worked off
		w.remove(m)
		return
	}
	began := w.Now()
	inHand, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
	err := w.Work(inHand, aws.ToString(m.Body))
	cancel()
	if receives(m) == 1 {
		w.Metrics.Outcome(began, err != nil, w.Now().Sub(began))
	}
	if err != nil {
		w.failures++
		w.Log.Warn("a message failed", "message", id, "receives", receives(m), "error", err.Error())
		w.giveBack(m, delay(receives(m)))
		return
	}
	w.failures = 0
	w.Done.add(id)
	w.remove(m)
}

// backOff waits ever longer while everything fails: a bad version must not drain the queue into the dead letters.
func (w *Worker) backOff(ctx context.Context) {
	if w.failures > 0 {
		w.Sleep(ctx, min(slowest, time.Second<<min(w.failures-1, 6)))
	}
}

// delay is how long a message that failed stays out of sight: 2, 4, 8 ... seconds, five minutes at most.
func delay(receives int) time.Duration {
	return min(5*time.Minute, time.Second<<min(receives, 9))
}

// receives is how often SQS has handed a message out, this time included.
func receives(m types.Message) int {
	n, err := strconv.Atoi(m.Attributes[string(types.MessageSystemAttributeNameApproximateReceiveCount)])
	if err != nil {
		return 1
	}
	return n
}

// The worker's own calls outlive the signal that ends it: a message that was worked off must be removed.
const callTimeout = 5 * time.Second

func (w *Worker) remove(m types.Message) {
	ctx, cancel := context.WithTimeout(context.Background(), callTimeout)
	defer cancel()
	for attempt := range 3 {
		_, err := w.Queue.DeleteMessage(ctx, &sqs.DeleteMessageInput{QueueUrl: aws.String(w.URL), ReceiptHandle: m.ReceiptHandle})
		if err == nil {
			return
		}
		w.Log.Warn("a message that was worked off could not be removed", "message", aws.ToString(m.MessageId), "attempt", attempt+1, "error", err.Error())
	}
}

func (w *Worker) giveBack(m types.Message, after time.Duration) {
	if err := w.outOfSight(m, after); err != nil { // it comes back by itself, later
		w.Log.Warn("a message could not be given back", "message", aws.ToString(m.MessageId), "error", err.Error())
	}
}

func (w *Worker) outOfSight(m types.Message, d time.Duration) error {
	ctx, cancel := context.WithTimeout(context.Background(), callTimeout)
	defer cancel()
	_, err := w.Queue.ChangeMessageVisibility(ctx, &sqs.ChangeMessageVisibilityInput{
		QueueUrl: aws.String(w.URL), ReceiptHandle: m.ReceiptHandle, VisibilityTimeout: int32(d.Seconds()),
	})
	if err != nil {
		return fmt.Errorf("change visibility: %w", err)
	}
	return nil
}

// holding keeps messages out of others' sight until each is dropped.
type holding struct {
	mu   sync.Mutex
	held map[string]types.Message
	stop context.CancelFunc
	done chan struct{}
}

func (w *Worker) hold(messages []types.Message) *holding {
	ctx, stop := context.WithCancel(context.Background())
	h := &holding{held: map[string]types.Message{}, stop: stop, done: make(chan struct{})}
	for _, m := range messages {
		h.held[aws.ToString(m.ReceiptHandle)] = m
	}
	go func() {
		defer close(h.done)
		for {
			w.Sleep(ctx, extendAt)
			if ctx.Err() != nil {
				return
			}
			h.mu.Lock()
			for _, m := range h.held {
				if err := w.outOfSight(m, visibility); err != nil {
					w.Log.Warn("a message could not be held", "message", aws.ToString(m.MessageId), "error", err.Error())
				}
			}
			h.mu.Unlock()
		}
	}()
	return h
}

// drop ends the hold on a message. After it no extension of it is under way, so giving it back stands.
func (h *holding) drop(m types.Message) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.held, aws.ToString(m.ReceiptHandle))
}

func (h *holding) release() {
	h.stop()
	<-h.done
}

// recent remembers the last messages that were worked off. It knows those of this task only: work that must not be done
// twice needs a record that all tasks share, such as a conditional write.
type recent struct {
	ids  map[string]bool
	list []string
	next int
}

func newRecent(size int) *recent { return &recent{ids: map[string]bool{}, list: make([]string, size)} }

func (r *recent) has(id string) bool { return r.ids[id] }

func (r *recent) add(id string) {
	delete(r.ids, r.list[r.next])
	r.list[r.next], r.ids[id] = id, true
	r.next = (r.next + 1) % len(r.list)
}
