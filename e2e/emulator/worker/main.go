// Command worker is the queue worker that the emulator's tasks run: it reads a real queue, fails as its version fails,
// and publishes what it did. Its environment is the task definition's and the image's:
//
//	QUEUE      URL of the queue
//	SERVICE    the dimension of its metrics
//	NAMESPACE  of its metrics
//	FAIL       how many of a thousand messages this version fails
//	LEDGER     the file to which it writes what became of each message, one JSON object a line
//	VERSION    the image's digest
//
// A message whose body says "poison" fails in every version. On SIGTERM it takes no more messages, finishes those it
// has, publishes its last counts and ends.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"math/rand/v2"
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// Message is the body of a message.
type Message struct {
	ID     int  `json:"id"`
	Poison bool `json:"poison,omitempty"`
}

// Line is what became of one receive of a message.
type Line struct {
	ID      int    `json:"id"`
	Version string `json:"version"`
	OK      bool   `json:"ok"`
	Receive int    `json:"receive"` // the how many'th
}

type worker struct {
	queue   *sqs.Client
	metrics *cloudwatch.Client
	ledger  *os.File
	fail    int

	minute            time.Time
	processed, failed float64
}

func main() {
	if err := run(); err != nil {
		log.Fatal(err)
	}
}

func run() error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	cfg, err := config.LoadDefaultConfig(context.Background())
	if err != nil {
		return fmt.Errorf("AWS configuration: %w", err)
	}
	fail, err := strconv.Atoi(os.Getenv("FAIL"))
	if err != nil {
		return fmt.Errorf("FAIL: %w", err)
	}
	ledger, err := os.OpenFile(os.Getenv("LEDGER"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("LEDGER: %w", err)
	}
	w := worker{queue: sqs.NewFromConfig(cfg), metrics: cloudwatch.NewFromConfig(cfg), ledger: ledger, fail: fail}
	for parent := os.Getppid(); ctx.Err() == nil && os.Getppid() == parent; { // it ends with whoever started it
		w.turn(ctx)
	}
	w.publish()
	return ledger.Close()
}

// turn takes some messages and works on them. What it has taken it finishes, whether or not it is to stop.
func (w *worker) turn(ctx context.Context) {
	if now := time.Now().Truncate(time.Minute); !now.Equal(w.minute) || w.processed >= 50 {
		w.publish()
		w.minute = now
	}
	out, err := w.queue.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{
		QueueUrl: aws.String(os.Getenv("QUEUE")), MaxNumberOfMessages: 10, WaitTimeSeconds: 2,
		MessageSystemAttributeNames: []types.MessageSystemAttributeName{types.MessageSystemAttributeNameApproximateReceiveCount},
	})
	if err != nil {
		if ctx.Err() == nil {
			log.Print(err)
			time.Sleep(200 * time.Millisecond)
		}
		return
	}
	if err := w.handle(out.Messages); err != nil {
		log.Print(err)
	}
}

// handle works on messages. Those that went well are deleted, the others go back to the queue soon.
func (w *worker) handle(messages []types.Message) error {
	var lines []Line
	var done []types.DeleteMessageBatchRequestEntry
	var back []types.ChangeMessageVisibilityBatchRequestEntry
	for i, m := range messages {
		l, err := w.work(m)
		if err != nil {
			return err
		}
		lines = append(lines, l)
		if l.OK {
			done = append(done, types.DeleteMessageBatchRequestEntry{Id: aws.String(strconv.Itoa(i)), ReceiptHandle: m.ReceiptHandle})
		} else {
			back = append(back, types.ChangeMessageVisibilityBatchRequestEntry{Id: aws.String(strconv.Itoa(i)), ReceiptHandle: m.ReceiptHandle, VisibilityTimeout: 2})
		}
	}
	if err := w.answer(done, back); err != nil {
		return err
	}
	return w.write(lines)
}

// work does one message's work.
func (w *worker) work(m types.Message) (Line, error) {
	var body Message
	if err := json.Unmarshal([]byte(aws.ToString(m.Body)), &body); err != nil {
		return Line{}, fmt.Errorf("message %q: %w", aws.ToString(m.Body), err)
	}
	receive, err := strconv.Atoi(m.Attributes[string(types.MessageSystemAttributeNameApproximateReceiveCount)])
	if err != nil {
		return Line{}, fmt.Errorf("receive count of message %d: %w", body.ID, err)
	}
	time.Sleep(10 * time.Millisecond)
	ok := !body.Poison && rand.IntN(1000) >= w.fail
	if receive == 1 { // a message counts once, whatever becomes of it later
		w.processed++
		if !ok {
			w.failed++
		}
	}
	return Line{ID: body.ID, Version: os.Getenv("VERSION"), OK: ok, Receive: receive}, nil
}

// answer tells the queue what became of messages, also while the worker is being stopped.
func (w *worker) answer(done []types.DeleteMessageBatchRequestEntry, back []types.ChangeMessageVisibilityBatchRequestEntry) error {
	ctx, queue := context.Background(), aws.String(os.Getenv("QUEUE"))
	if len(done) > 0 {
		out, err := w.queue.DeleteMessageBatch(ctx, &sqs.DeleteMessageBatchInput{QueueUrl: queue, Entries: done})
		if err != nil || len(out.Failed) > 0 {
			return fmt.Errorf("delete messages: %w, %v", err, out)
		}
	}
	if len(back) > 0 {
		out, err := w.queue.ChangeMessageVisibilityBatch(ctx, &sqs.ChangeMessageVisibilityBatchInput{QueueUrl: queue, Entries: back})
		if err != nil || len(out.Failed) > 0 {
			return fmt.Errorf("give messages back: %w, %v", err, out)
		}
	}
	return nil
}

func (w *worker) write(lines []Line) error {
	var text []byte
	for _, l := range lines {
		line, err := json.Marshal(l)
		if err != nil {
			return err
		}
		text = append(append(text, line...), '\n')
	}
	_, err := w.ledger.Write(text)
	return err
}

// publish puts the counts of the minute that was worked in. Zero failures are said too: that is what makes them known.
func (w *worker) publish() {
	if w.processed == 0 {
		return
	}
	datum := func(name string, value float64) cwtypes.MetricDatum {
		return cwtypes.MetricDatum{
			MetricName: aws.String(name), Value: aws.Float64(value), Unit: cwtypes.StandardUnitCount, Timestamp: aws.Time(w.minute),
			Dimensions: []cwtypes.Dimension{{Name: aws.String("Service"), Value: aws.String(os.Getenv("SERVICE"))}},
		}
	}
	_, err := w.metrics.PutMetricData(context.Background(), &cloudwatch.PutMetricDataInput{
		Namespace:  aws.String(os.Getenv("NAMESPACE")),
		MetricData: []cwtypes.MetricDatum{datum("Processed", w.processed), datum("Failed", w.failed)},
	})
	if err != nil {
		log.Print(err)
		return
	}
	w.processed, w.failed = 0, 0
}
