//go:build mirror

package mirror

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

// Whatever becomes of the shadow, users notice nothing: not one error, and their slowest requests take as long as
// through an Envoy beside it that mirrors nothing. Every request is sent to both in the same moment, and after each
// round the two change their parts, so that what the machine does besides falls on both. What is held to the limit is
// the median of the rounds' ratios, over as many rounds as it takes to tell. A round in which those of the Envoy that
// mirrors nothing wait, too, tells of the machine and not of the shadow: where there is little else, nothing can be told.
func TestShadowCannotHurt(t *testing.T) {
	for name, spoil := range map[string]func(*backend){
		"well":     func(*backend) {},
		"hung":     func(b *backend) { b.mode("hung") },
		"slow":     func(b *backend) { b.mode("slow") },
		"failing":  func(b *backend) { b.mode("failing") },
		"refusing": (*backend).stop,
	} {
		t.Run(name, func(t *testing.T) {
			live, shadow := startBackend(t), startBackend(t)
			with, without := at(t, live.address, shadow.address, 50), at(t, live.address, shadow.address, 0)
			spoil(shadow)
			const least, most, limit = 3, 15, 1.10
			var ratios []float64
			mirrored := 0
			for rounds := 0; rounds < most && (len(ratios) < least || median(ratios) > limit); rounds++ {
				a, b := both(t, with.address, without.address)
				mirrored += a.sent
				if usual := quantile(b.took, .99); usual <= longest+longest/4 {
					ratios = append(ratios, float64(quantile(a.took, .99))/float64(usual))
				}
				with, without = without, with
				with.to("envoy", shadow.address, "50")
				without.to("envoy", shadow.address, "0")
			}
			if name == "well" {
				if copies := settled(shadow).Requests; copies < mirrored/3 {
					t.Errorf("of %d requests only %d were mirrored", mirrored, copies)
				}
			}
			if len(ratios) < least {
				t.Skipf("the machine is too busy to tell: in %d of %d rounds users wait for it also without a shadow", most-len(ratios), most)
			}
			t.Logf("users' p99 with a shadow as a multiple of the one without: %.3f (median of %.3f)", median(ratios), ratios)
			if median(ratios) > limit {
				t.Errorf("users' p99 is %.3f times what it is without a shadow, at most %.2f is meant", median(ratios), limit)
			}
		})
	}
}

// longest is how long the service takes for the slowest of the requests that both sends.
const longest = 99 * time.Millisecond

// both lets the same traffic come to two proxies in the same moments, for a round.
func both(t *testing.T, with, without string) (a, b *load) {
	t.Helper()
	path := func(n int) (string, string) { return "GET", fmt.Sprintf("/work?ms=%d", 20+n*7%80) }
	a, b = &load{address: with, rate: 150, path: path}, &load{address: without, rate: 150, path: path}
	done, ended := make(chan struct{}), make(chan struct{})
	time.AfterFunc(3*time.Second, func() { close(done) })
	go func() { a.run(done); close(ended) }()
	b.run(done)
	<-ended
	a.fine(t)
	b.fine(t)
	a.leave()
	b.leave()
	return a, b
}

func median(all []float64) float64 {
	sorted := slices.Sorted(slices.Values(all))
	return sorted[len(sorted)/2]
}
