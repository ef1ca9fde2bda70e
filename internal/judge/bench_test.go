package judge

import (
	"math/rand/v2"
	"testing"
	"time"
)

func BenchmarkReplay(b *testing.B) {
	sc := good()[1]
	sc.minutes = 1440
	minutes := sc.draw(rand.New(rand.NewPCG(1, 2)))
	p, _ := NewProcess(Settings{})
	b.ReportAllocs()
	start := time.Unix(0, 0)
	for i := range b.N {
		m := minutes[i%1440]
		m.Start = start.Add(time.Duration(i) * time.Minute)
		if i%1440 == 0 {
			p, _ = NewProcess(Settings{Horizon: 1440})
		}
		if err := p.Add(m); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "minutes/s")
}

func BenchmarkJudge(b *testing.B) {
	sc := good()[1]
	sc.minutes = 1440
	r := rand.New(rand.NewPCG(1, 2))
	e := Evidence{Since: time.Unix(0, 0), Unit: "messages", MinimumSample: 300}
	for range 10 {
		e.Comparisons = append(e.Comparisons, Comparison{Name: "failures", Minutes: sc.draw(r), Settings: Settings{Horizon: 1440}})
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Judge(e); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkInterval asks for the interval after every minute, as a replay that tells of each does.
func BenchmarkInterval(b *testing.B) {
	sc := good()[1]
	sc.minutes = 1440
	minutes := sc.draw(rand.New(rand.NewPCG(1, 2)))
	p, _ := NewProcess(Settings{Horizon: 1440})
	b.ReportAllocs()
	for i := range b.N {
		if i%1440 == 0 {
			p, _ = NewProcess(Settings{Horizon: 1440})
		}
		if err := p.Add(minutes[i%1440]); err != nil {
			b.Fatal(err)
		}
		p.Interval()
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "minutes/s")
}
