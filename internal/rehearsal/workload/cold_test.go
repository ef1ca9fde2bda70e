package workload_test

import (
	"testing"
	"time"

	"github.com/serin-aws/serin/internal/rehearsal/loop"
	"github.com/serin-aws/serin/internal/rehearsal/workload"
)

// steadily is a hundred requests a second.
type steadily struct{}

func (steadily) Expected(from, to time.Time) float64 { return 100 * to.Sub(from).Seconds() }

// divided gives the new version a share.
type divided struct{ share float64 }

func (d *divided) Routes() []workload.Route {
	return []workload.Route{{Version: "old", Share: 1 - d.share}, {Version: "new", Share: d.share}}
}

// A hundred requests a second of 300 ms keep some thirty environments busy: those of a version start cold, once, more of
// them when its share rises, and fewer where some are kept ready.
func TestColdStarts(t *testing.T) {
	start := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	cold := func(provisioned int) (first, then, risen int64, slow float64) {
		l, d := loop.New(start, 1), &divided{share: .1}
		usual := workload.Behaviour{P50: 300 * time.Millisecond, P99: 400 * time.Millisecond}
		r := workload.NewRequests(l, workload.RequestsConfig{
			Router: d, Arrivals: steadily{}, Baseline: usual, Canary: usual, Version: "new",
			Cold: &workload.Cold{First: workload.Behaviour{P50: 3 * time.Second, P99: 4 * time.Second}, Provisioned: provisioned},
			Open: func(_, version string) workload.RequestMetrics {
				return workload.RequestMetrics{Duration: func(_ time.Time, values, counts []float64) {
					for i, value := range values {
						if version == "new" && value > 1000 {
							slow += counts[i]
						}
					}
				}}
			},
		})
		r.Start()
		l.AdvanceTo(start.Add(2 * time.Minute))
		first = r.ColdStarts("new")
		l.AdvanceTo(start.Add(30 * time.Minute))
		then = r.ColdStarts("new")
		r.Settle(l.Now())
		d.share = .5
		l.AdvanceTo(start.Add(60 * time.Minute))
		return first, then, r.ColdStarts("new"), slow
	}
	first, then, risen, slow := cold(0)
	if first < 4 || first > 12 || then > first+4 || risen < first+8 || risen > 40 || int64(slow) != risen {
		t.Errorf("%d cold at first, %d after half an hour, %d at half of the work; %.0f were slow", first, then, risen, slow)
	}
	if _, _, fewer, _ := cold(20); fewer >= risen || fewer == 0 {
		t.Errorf("%d cold with 20 kept ready, %d without", fewer, risen)
	}
	if _, _, none, _ := cold(200); none != 0 {
		t.Errorf("%d cold with 200 kept ready", none)
	}
}
