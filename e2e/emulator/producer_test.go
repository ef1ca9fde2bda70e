//go:build emulator || aws

package emulator

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// produce sends messages, steadily, in the background: until the release is over, because without work nothing can be
// judged, and so many as are to be accounted for. stop waits for the last one.
func (w *workload) produce(t *testing.T) {
	t.Helper()
	client, over := w.queues(t), make(chan struct{})
	rate, least := w.load()
	var sending sync.WaitGroup
	w.stop = sync.OnceFunc(func() { close(over); sending.Wait() })
	t.Cleanup(w.stop)
	sending.Go(func() {
		tick := time.NewTicker(batch * time.Second / time.Duration(rate))
		defer tick.Stop()
		for ; !closed(over) || w.sent < least; w.sent += batch {
			select {
			case <-t.Context().Done(): // the test has failed
				return
			case <-tick.C:
			}
			if err := w.send(client, w.sent, w.sent+batch); err != nil {
				t.Error(err)
				return
			}
		}
	})
}

func closed(channel chan struct{}) bool {
	select {
	case <-channel:
		return true
	default:
		return false
	}
}

// send sends the messages from first up to before end. A batch that was taken in part is sent again for the rest.
func (w *workload) send(client *sqs.Client, first, end int) error {
	var batch []types.SendMessageBatchRequestEntry
	for id := first; id < end; id++ {
		body := fmt.Sprintf(`{"id":%d,"poison":%t}`, id, w.poisoned(id))
		batch = append(batch, types.SendMessageBatchRequestEntry{Id: aws.String(strconv.Itoa(id)), MessageBody: &body})
	}
	out, err := client.SendMessageBatch(context.Background(), &sqs.SendMessageBatchInput{QueueUrl: aws.String(w.queue("")), Entries: batch})
	if err != nil {
		return fmt.Errorf("send messages %d to %d: %w", first, end-1, err)
	}
	if len(out.Failed) > 0 {
		return fmt.Errorf("messages %d to %d: %d were not taken", first, end-1, len(out.Failed))
	}
	return nil
}

func (w *workload) poisoned(id int) bool { return w.poison > 0 && id%w.poison == w.poison-1 }
