package asl_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/serin-aws/serin/internal/asl"
	"github.com/serin-aws/serin/statemachine/definition"
)

// BenchmarkRelease runs a whole release of two steps through the release machine, about 120 transitions.
func BenchmarkRelease(b *testing.B) {
	m, err := asl.Load(definition.Release())
	if err != nil {
		b.Fatal(err)
	}
	answer := func(next string) asl.Result {
		return output(`{"release":"r-0123456789ab","next":"` + next + `","wait":60,"note":"looked; the bake is not over"}`)
	}
	wait, check, shift, promote, done := answer("wait"), answer("check"), answer("shift"), answer("promote"), answer("done")
	input := json.RawMessage(`{"target":"orders-worker","revision":{"image":"orders-worker:release-42"}}`)
	b.ReportAllocs()
	b.ResetTimer()
	transitions := 0
	for range b.N {
		run := m.Start(asl.Execution{ID: arn, Name: "run-1", Input: input, StartTime: time.Unix(0, 0)}, nil)
		for i := 0; ; i++ {
			if _, over := run.Next().(asl.End); over {
				break
			}
			if _, asleep := run.Next().(asl.Sleep); asleep {
				run.Resume(asl.Result{})
				continue
			}
			switch {
			case run.Next().(asl.Invoke).State == "DeployCanary":
				run.Resume(check)
			case run.Next().(asl.Invoke).State == "Promote":
				run.Resume(done)
			case run.Transitions() > 110:
				run.Resume(promote)
			case i == 30:
				run.Resume(shift)
			default:
				run.Resume(wait)
			}
		}
		transitions += run.Transitions()
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(transitions), "ns/transition")
	b.ReportMetric(float64(transitions)/float64(b.N), "transitions/op")
}
