//go:build emulator

package emulator

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/serin-aws/serin/internal/rehearsal/loop"
	simulation "github.com/serin-aws/serin/internal/rehearsal/workload"
)

// delivered is what became of the messages of a queue whose reader fails some and leaves them to come back.
type delivered struct{ sent, attempts, deleted, dead int }

const (
	receivesEach = 3 // how often a message is received before it is a dead letter
	invisible    = time.Second
)

// redelivery lets readers fail in the same way in the simulated workload and in the emulator's SQS. Where all messages
// fail, or none, everything must be the same; in between both must follow the same law.
func redelivery(t *testing.T, w *world) {
	for _, chance := range []float64{0, 1, .5} {
		theirs, ours := redelivered(t, w, chance), rehearsed(chance)
		for who, d := range map[string]delivered{"the emulator": theirs, "the simulation": ours} {
			if d.sent != d.deleted+d.dead {
				t.Errorf("failing %v, %s: of %d messages %d were deleted and %d are dead letters", chance, who, d.sent, d.deleted, d.dead)
			}
			// A message is received once, and again as long as it has failed.
			attempts := float64(d.sent) * (1 + chance + chance*chance)
			dies := math.Pow(chance, receivesEach)
			spread := 5 * math.Sqrt(float64(d.sent)*chance*(1-chance)*receivesEach*receivesEach)
			if math.Abs(float64(d.attempts)-attempts) > spread || math.Abs(float64(d.dead)-float64(d.sent)*dies) > spread {
				t.Errorf("failing %v, %s: %+v, want about %.0f receives and %.0f dead letters", chance, who, d, attempts, float64(d.sent)*dies)
			}
		}
		t.Logf("failing %v: the emulator %+v, the simulation %+v", chance, theirs, ours)
	}
}

// redelivered reads a queue of the emulator's until it is empty.
func redelivered(t *testing.T, w *world, chance float64) (d delivered) {
	t.Helper()
	load := &workload{world: w, name: "redelivery-" + strconv.Itoa(int(chance*100))}
	w.stack(t, load.name, body(encode(t, properties{"Resources": queuePair(load.name, int(invisible.Seconds()), receivesEach)})))
	client, rng, last := w.queues(t), rand.New(rand.NewPCG(1, 2)), map[string]time.Time{}
	for ; d.sent < 300; d.sent += batch {
		if err := load.send(client, d.sent, d.sent+batch); err != nil {
			t.Fatal(err)
		}
	}
	until(t, load.name+" does not become empty", func() bool {
		for {
			asked := time.Now()
			out, err := client.ReceiveMessage(context.Background(), &sqs.ReceiveMessageInput{QueueUrl: aws.String(load.queue("")), MaxNumberOfMessages: batch})
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range out.Messages {
				d.attempts++
				if before, again := last[*m.MessageId]; again && time.Since(before) < invisible {
					t.Errorf("a message came back %v after it was received", time.Since(before))
				}
				last[*m.MessageId] = asked
				if rng.Float64() < chance {
					continue
				}
				d.deleted++
				if _, err := client.DeleteMessage(context.Background(), &sqs.DeleteMessageInput{QueueUrl: aws.String(load.queue("")), ReceiptHandle: m.ReceiptHandle}); err != nil {
					t.Fatal(err)
				}
			}
			if len(out.Messages) == 0 {
				return depth(t, client, load.queue("")) == 0
			}
		}
	})
	d.dead = depth(t, client, load.queue("-dlq"))
	return d
}

// rehearsed is the same in the simulated workload.
func rehearsed(chance float64) delivered {
	begin := time.Date(2030, 1, 2, 3, 4, 0, 0, time.UTC)
	l := loop.New(begin, 1)
	work := simulation.New(l, unit{}, simulation.Config{
		Queue: "q", DeadLetters: "d", MaxReceives: receivesEach, Visibility: invisible, Arrivals: firstMinute(begin),
		Baseline: simulation.Behaviour{FailureRate: chance, P50: 10 * time.Millisecond, P99: 10 * time.Millisecond},
	})
	work.Start()
	l.AdvanceTo(begin.Add(10 * time.Minute))
	b := work.Balance()
	if b.Visible+b.InFlight > 0 {
		panic(fmt.Sprintf("the simulated queue is not empty: %+v", b))
	}
	return delivered{sent: int(b.Sent), attempts: int(work.Totals()[0].Attempts), deleted: int(b.Deleted), dead: int(b.Dead)}
}

// unit is one unit that works.
type unit struct{}

func (unit) Serving() []simulation.Server {
	return []simulation.Server{{Name: "worker", Digest: "v1", Units: 1}}
}

// firstMinute is when five messages a second come, and no more.
type firstMinute time.Time

func (f firstMinute) Expected(from, to time.Time) float64 {
	end := time.Time(f).Add(time.Minute)
	if to.After(end) {
		to = end
	}
	return max(0, to.Sub(from).Seconds()*5)
}
