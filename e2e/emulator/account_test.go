//go:build emulator || aws

package emulator

import (
	"context"
	"fmt"
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
	wrong                       []string
}

// settle waits until every message is accounted for: it was processed, or it lies in the DLQ. What lies there is poison,
// or was failed by the bad version at least once. Messages are lost that are still nowhere when the queue has been empty
// for a while.
func (w *workload) settle(t *testing.T, bad string) books {
	t.Helper()
	w.stop()
	client := w.queues(t)
	var b books
	var empty time.Time
	until(t, w.name+"'s queue does not become empty", func() bool {
		switch {
		case depth(t, client, w.queue("")) > 0:
			empty = time.Time{}
			return false
		case empty.IsZero():
			empty = time.Now()
		}
		w.bury(t, client)
		b = w.tally(t, bad)
		return b.lost == 0 || time.Since(empty) > 2*time.Minute
	})
	if b.lost > 0 {
		t.Errorf("%s: %d messages are lost", w.name, b.lost)
	}
	for _, wrong := range b.wrong {
		t.Errorf("%s: %s", w.name, wrong)
	}
	t.Logf("%s: sent %d, processed %d, in the DLQ %d, lost %d; processed by version %v; failed receives by version %v",
		w.name, b.sent, b.processed, b.dead, b.lost, w.byTag(b.byVersion), w.byTag(b.failedBy))
	return b
}

// tally reads from the workers' lines and the DLQ what became of every message.
func (w *workload) tally(t *testing.T, bad string) books {
	t.Helper()
	if w.example { // the queue is empty, and nobody but a worker removes a message from it
		return books{sent: w.sent, processed: w.sent - len(w.dead), dead: len(w.dead)}
	}
	done, failed := map[int]string{}, map[int]map[string]bool{}
	b := books{sent: w.sent, byVersion: map[string]int{}, failedBy: map[string]int{}}
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
	for id := range w.sent {
		switch version, processed := done[id]; {
		case processed:
			b.processed++
			b.byVersion[version]++
		case w.dead[id]:
			b.dead++
			if !w.poisoned(id) && !failed[id][bad] {
				b.wrong = append(b.wrong, fmt.Sprintf("message %d lies in the DLQ, but is no poison and was not failed by the bad version", id))
			}
		default:
			b.lost++
		}
		if w.poisoned(id) && !w.dead[id] {
			b.wrong = append(b.wrong, fmt.Sprintf("message %d is poison and does not lie in the DLQ", id))
		}
	}
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

// bury empties the DLQ and remembers what lay there.
func (w *workload) bury(t *testing.T, client *sqs.Client) {
	t.Helper()
	if w.dead == nil {
		w.dead = map[int]bool{}
	}
	for {
		out, err := client.ReceiveMessage(context.Background(), &sqs.ReceiveMessageInput{
			QueueUrl: aws.String(w.queue("-dlq")), MaxNumberOfMessages: batch, VisibilityTimeout: 3600,
		})
		if err != nil {
			t.Fatal(err)
		}
		if len(out.Messages) == 0 {
			return
		}
		for _, m := range out.Messages {
			w.dead[decode[line](t, []byte(*m.Body)).ID] = true
		}
	}
}

// byTag writes tags for digests.
func (w *workload) byTag(counts map[string]int) map[string]int {
	out := map[string]int{}
	for digest, n := range counts {
		out[w.tagOf(digest)] = n
	}
	return out
}
