//go:build emulator || aws

package emulator

import (
	"context"
	"strconv"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// line is what became of one receive of a message, as the worker writes it.
type line struct {
	ID      int    `json:"id"`
	Version string `json:"version"`
	OK      bool   `json:"ok"`
	Receive int    `json:"receive"`
}

// books is what became of every message of a target.
type books struct {
	sent, processed, dead, lost int
	byVersion                   map[string]int // processed
	failedBy                    map[string]int // receives that failed
}

// settle waits until the queue is empty and accounts for every message: it was processed, or it lies in the DLQ. What
// lies there is poison, or was failed by the bad version at least once.
func (w *workload) settle(t *testing.T, bad string) books {
	t.Helper()
	w.producer.Wait()
	client := w.client(t)
	until(t, 4*time.Minute, w.name+"'s queue does not become empty", func() bool { return depth(t, client, w.queue("")) == 0 })
	done, failed := map[int]string{}, map[int]map[string]bool{}
	b := books{sent: w.messages, byVersion: map[string]int{}, failedBy: map[string]int{}}
	for _, l := range w.lines(t, w) {
		if l.OK {
			done[l.ID] = l.Version
			continue
		}
		b.failedBy[l.Version]++
		if failed[l.ID] == nil {
			failed[l.ID] = map[string]bool{}
		}
		failed[l.ID][l.Version] = true
	}
	dead := w.dead(t, client)
	for id := range w.messages {
		switch version, processed := done[id]; {
		case processed:
			b.processed++
			b.byVersion[version]++
		case dead[id]:
			b.dead++
			if !w.poisoned(id) && !failed[id][bad] {
				t.Errorf("%s: message %d lies in the DLQ, but is no poison and was not failed by the bad version", w.name, id)
			}
		default:
			b.lost++
		}
		if w.poisoned(id) && !dead[id] {
			t.Errorf("%s: message %d is poison and does not lie in the DLQ", w.name, id)
		}
	}
	if b.lost > 0 {
		t.Errorf("%s: %d messages are lost", w.name, b.lost)
	}
	t.Logf("%s: sent %d, processed %d, in the DLQ %d, lost %d; processed by version %v; failed receives by version %v",
		w.name, b.sent, b.processed, b.dead, b.lost, w.named(b.byVersion), w.named(b.failedBy))
	return b
}

// depth is how many messages a queue holds, in flight or not.
func depth(t *testing.T, client *sqs.Client, queue string) int {
	t.Helper()
	out, err := client.GetQueueAttributes(context.Background(), &sqs.GetQueueAttributesInput{
		QueueUrl: &queue, AttributeNames: []types.QueueAttributeName{types.QueueAttributeNameAll},
	})
	if err != nil {
		t.Fatal(err)
	}
	sum := 0
	for _, name := range []types.QueueAttributeName{
		types.QueueAttributeNameApproximateNumberOfMessages, types.QueueAttributeNameApproximateNumberOfMessagesNotVisible,
		types.QueueAttributeNameApproximateNumberOfMessagesDelayed,
	} {
		n, err := strconv.Atoi(out.Attributes[string(name)])
		if err != nil {
			t.Fatalf("%s of %s: %v", name, queue, err)
		}
		sum += n
	}
	return sum
}

// dead empties the DLQ.
func (w *workload) dead(t *testing.T, client *sqs.Client) map[int]bool {
	t.Helper()
	found := map[int]bool{}
	for {
		out, err := client.ReceiveMessage(context.Background(), &sqs.ReceiveMessageInput{
			QueueUrl: aws.String(w.queue("-dlq")), MaxNumberOfMessages: 10, VisibilityTimeout: 600,
		})
		if err != nil {
			t.Fatal(err)
		}
		if len(out.Messages) == 0 {
			return found
		}
		for _, m := range out.Messages {
			found[decode[line](t, []byte(*m.Body)).ID] = true
		}
	}
}

// named writes tags for digests.
func (w *workload) named(counts map[string]int) map[string]int {
	out := map[string]int{}
	for digest, n := range counts {
		out[w.tagOf(digest)] = n
	}
	return out
}
