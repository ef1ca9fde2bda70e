package workload

import (
	"math"
	"testing"
	"time"

	"github.com/serin-aws/serin/internal/rehearsal/loop"
)

// router divides requests as it says.
type router []Route

func (r *router) Routes() []Route { return *r }

// requests lets work be routed for a while and returns what each version did.
func requests(seed uint64, c RequestsConfig, d time.Duration) []Served {
	l := loop.New(start, seed)
	r := NewRequests(l, c)
	r.Start()
	l.AdvanceTo(start.Add(d))
	return r.Served()
}

func routed(routes router) RequestsConfig {
	return RequestsConfig{
		Router: &routes, Arrivals: steady{perSecond: 100}, Version: "8",
		Baseline: Behaviour{FailureRate: .01}, Canary: Behaviour{FailureRate: .1},
	}
}

// Every request goes to one version, in the shares that the router says, give or take chance.
func TestRequestsAreDealtOutByShare(t *testing.T) {
	served := requests(1, routed(router{{Version: "7", Share: .9}, {Version: "8", Share: .1}}), time.Hour)
	if len(served) != 2 {
		t.Fatal(served)
	}
	all := float64(served[0].Requests + served[1].Requests)
	if share := float64(served[1].Requests) / all; math.Abs(share-.1) > .005 || math.Abs(all-360_000) > 3000 {
		t.Errorf("%.4f of %.0f", share, all)
	}
	for i, want := range []float64{.01, .1} {
		if rate := float64(served[i].Failed) / float64(served[i].Requests); math.Abs(rate-want) > want/10 {
			t.Errorf("version %s fails %.4f", served[i].Version, rate)
		}
	}
}

// At little traffic the share that a version gets is far from its weight.
func TestTheShareVariesAtLittleTraffic(t *testing.T) {
	c := routed(router{{Version: "7", Share: .9}, {Version: "8", Share: .1}})
	c.Arrivals = steady{perSecond: .1}
	least, most := 1.0, 0.0
	for seed := range uint64(50) {
		var fresh, all int64
		for _, s := range requests(seed, c, 10*time.Minute) {
			all += s.Requests
			if s.Version == "8" {
				fresh = s.Requests
			}
		}
		share := float64(fresh) / float64(all)
		least, most = min(least, share), max(most, share)
	}
	if least > .06 || most < .14 {
		t.Errorf("from %.3f to %.3f", least, most)
	}
}

// A copy is answered beside the request that it is a copy of, and users never wait for it.
func TestCopiesAreNotRequests(t *testing.T) {
	served := requests(1, routed(router{{Version: "7", Share: 1}, {Version: "8", Copies: .5}}), time.Hour)
	live, shadow := served[0], served[1]
	if shadow.Requests != 0 || math.Abs(float64(shadow.Copied)/float64(live.Requests)-.5) > .01 || shadow.Broken == 0 {
		t.Errorf("%+v, %+v", live, shadow)
	}
}

// The new version behaves as the old one until its time has come.
func TestOnset(t *testing.T) {
	c := routed(router{{Version: "8", Share: 1}})
	c.From, c.Canary.FailureRate = 30*time.Minute, 1
	served := requests(1, c, time.Hour)[0]
	if rate := float64(served.Failed) / float64(served.Requests); math.Abs(rate-.505) > .02 {
		t.Errorf("%.3f failed", rate)
	}
}
