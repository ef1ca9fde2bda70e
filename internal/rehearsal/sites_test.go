package rehearsal

import (
	"flag"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/serin-aws/serin/internal/rehearsal/faults"
	"github.com/serin-aws/serin/internal/release"
)

// sites says that what has a part of its places rehearsed with every build has all of them: pairs at distinct sites, the
// calls of the examples, storms. It takes hours.
var sites = flag.Bool("sites", false, "leave nothing out: every pair of faults at distinct sites, every call, a storm every ten seconds")

// site is where in a release something goes wrong. A release polls: what a function does at its tenth look is what it did
// at its first, as long as the release has not moved. So two calls are at one site when they are the same call, counted
// from the beginning of their invocation, of the same function, in the same phase and step of the release.
type site struct {
	kind           faults.Kind
	function, what string // an action; a state for a stop
	nth            int    // of the same action in its invocation
	phase          release.Phase
	step           int
}

// writes reports whether what happens at the site differs from one time to the next: what is read at a poll is read
// again at the next, but what is written decides.
func (s site) writes() bool {
	return s.kind != faults.CrashAfter || strings.Contains(s.what, "TransactWriteItems")
}

// placed is a fault at its site.
type placed struct {
	fault faults.Fault
	site  site
}

// places lists where things can go wrong in a release that meets the given faults, in the order of time.
func places(t *testing.T, p *Plan, meets ...faults.Fault) []placed {
	t.Helper()
	faulty := *p
	faulty.Faults = only(meets...)
	run, err := faulty.Start(1, false, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer run.Close()
	var list []placed
	seen := map[string]map[string]int{} // how often a function has called what since it was invoked
	run.account.trouble.heard = func(occasion faults.Occasion, nth int, what string) {
		if occasion == faults.Invocation {
			seen[what] = map[string]int{}
			return
		}
		f := faults.Fault{Kind: faults.CrashAfter, Nth: nth}
		function := run.account.door.Function()
		at := site{function: function, what: what}
		switch occasion {
		case faults.Change:
			f = faults.Fault{Kind: faults.Late, Nth: nth, For: faults.MaxLate - time.Second}
		case faults.Turn:
			f = faults.Fault{Kind: faults.Stopped, Nth: nth}
		default:
			if seen[function] == nil { // the state machine itself
				seen[function] = map[string]int{}
			}
			seen[function][what]++
		}
		if at.kind = f.Kind; function != "" {
			at.nth = seen[function][what]
		}
		if r, err := run.account.recorded(run.id); err == nil {
			at.phase, at.step = r.Phase, r.Step
		}
		list = append(list, placed{f, at})
	}
	run.Finish()
	return list
}

// distinct keeps of each site the first occasion, and of one that writes the last one, too.
func distinct(list []placed) (kept, dropped []faults.Fault) {
	first, last := map[site]int{}, map[site]int{}
	for i, p := range list {
		if _, known := first[p.site]; !known {
			first[p.site] = i
		}
		last[p.site] = i
	}
	for i, p := range list {
		if first[p.site] == i || last[p.site] == i && p.site.writes() {
			kept = append(kept, p.fault)
		} else {
			dropped = append(dropped, p.fault)
		}
	}
	return kept, dropped
}

// after returns the occasions from a fault on; a fault that befell nothing has none.
func after(list []placed, f faults.Fault) []placed {
	for i, p := range list {
		if p.fault == f {
			return list[i+1:]
		}
	}
	return nil
}

// Every pair of faults at distinct sites: the second ones are those of a release that meets the first, so that what
// happens on the way home is among them. Of the pairs that are left out as repetitions a sample is rehearsed.
func TestPairsAtDistinctSites(t *testing.T) { onEachPlatform(t, pairsAtSites) }

func pairsAtSites(t *testing.T, p *Plan) {
	t.Helper()
	all := places(t, p)
	firsts, others := distinct(all)
	s := sampler{t: t, p: p, every: 20, rng: rand.New(rand.NewPCG(1, 2))}
	if *sites {
		s.every = 1
	}
	for i, first := range firsts {
		if i%s.every == 0 {
			s.from(first)
		}
	}
	for i, first := range others { // whose first fault is a repetition itself
		if i%s.every == 0 {
			s.oneOf(first, faultsOf(after(places(t, p, first), first)))
		}
	}
	t.Logf("%d places, %d at distinct sites; rehearsed: %d pairs of every %d. first fault, and %d of those left out", len(all), len(firsts), s.pairs, s.every, s.sampled)
}

// sampler rehearses pairs, and a sample of those that are left out.
type sampler struct {
	t     *testing.T
	p     *Plan
	every int
	rng   *rand.Rand

	pairs, sampled int
}

// from rehearses the pairs of a first fault; without -sites one in so many.
func (s *sampler) from(first faults.Fault) {
	seconds, repeated := distinct(after(places(s.t, s.p, first), first))
	for i, second := range seconds {
		if i%s.every != 0 {
			continue
		}
		s.must(first, second)
		if s.pairs++; s.pairs%2000 == 0 {
			s.t.Logf("%s: %d pairs so far", time.Now().Format(time.TimeOnly), s.pairs)
		}
	}
	s.oneOf(first, repeated)
}

func (s *sampler) oneOf(first faults.Fault, seconds []faults.Fault) {
	if len(seconds) > 0 {
		s.sampled++
		s.must(first, seconds[s.rng.IntN(len(seconds))])
	}
}

func (s *sampler) must(list ...faults.Fault) {
	if err := meets(s.p, list...); err != nil {
		s.t.Error(err)
	}
}

func faultsOf(list []placed) []faults.Fault {
	all := make([]faults.Fault, len(list))
	for i, p := range list {
		all[i] = p.fault
	}
	return all
}
