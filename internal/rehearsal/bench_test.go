package rehearsal

import (
	"context"
	"testing"
)

// BenchmarkReleases rehearses whole releases, one after another on one processor.
func BenchmarkReleases(b *testing.B) {
	for _, file := range []string{"good.yaml", "bad.yaml"} {
		b.Run(file, func(b *testing.B) {
			p := plan(b, file, nil)
			seed := uint64(0)
			b.ReportAllocs()
			for b.Loop() {
				seed++
				if _, err := p.One(context.Background(), seed); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "releases/s")
		})
	}
}
