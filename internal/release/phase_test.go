package release

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

var allPhases = []Phase{Preparing, Shifting, Baking, Promoting, Settling, RollingBack, Cleaning, Released, RolledBack, Dirty, Abandoned}

// TestTransitions holds the whole table: every pair of phases, on the way out and on the way home.
func TestTransitions(t *testing.T) {
	type move struct {
		from, to Phase
		home     bool
	}
	legal := map[move]bool{}
	for _, home := range []bool{false, true} {
		for from, tos := range map[Phase][]Phase{
			Preparing:   {Shifting, RollingBack},
			Shifting:    {Baking, Promoting, RollingBack},
			Baking:      {Shifting, Promoting, RollingBack},
			Promoting:   {Settling, RollingBack},
			Settling:    {Cleaning, RollingBack},
			RollingBack: {Cleaning, Dirty},
			Dirty:       {RollingBack, Abandoned}, // a person leads out
		} {
			for _, to := range tos {
				legal[move{from, to, home}] = true
			}
		}
	}
	legal[move{Cleaning, Released, false}] = true
	legal[move{Cleaning, RolledBack, true}] = true

	then := time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)
	now := then.Add(time.Minute)
	for _, home := range []bool{false, true} {
		for _, from := range allPhases {
			for _, to := range allPhases {
				r := Release{Snapshot: Snapshot{ID: "r-1"}, State: State{Phase: from, Since: then, Home: home}}
				err := r.Enter(to, now)
				switch want := legal[move{from, to, home}]; {
				case want && (err != nil || r.Phase != to || !r.Since.Equal(now) || r.Home != (home || to == RollingBack)):
					t.Errorf("%s -> %s, home %v: %v, now %s since %s, home %v", from, to, home, err, r.Phase, r.Since, r.Home)
				case !want && (CodeOf(err) != Illegal || r.Phase != from || !r.Since.Equal(then) || r.Home != home):
					t.Errorf("%s -> %s, home %v must be refused and change nothing: %v, now %s, home %v", from, to, home, err, r.Phase, r.Home)
				}
			}
		}
	}
}

func TestAnUnknownPhaseLeadsNowhere(t *testing.T) {
	for _, odd := range []Phase{"", "baking", "Paused"} {
		r := Release{State: State{Phase: odd}}
		for _, to := range allPhases {
			if err := r.Enter(to, time.Time{}); CodeOf(err) != Illegal {
				t.Errorf("%q -> %s: %v", odd, to, err)
			}
		}
		r.Phase = Shifting
		if err := r.Enter(odd, time.Time{}); CodeOf(err) != Illegal {
			t.Errorf("Shifting -> %q: %v", odd, err)
		}
	}
}

// From wherever a walk through the phases has come: a release on its way home never ends Released and one that is not
// never ends RolledBack, a clean end is an end, from a dirty one only a person leads home, or gives it up, and the
// lock is kept until it is clean or given up.
func TestWalksThroughThePhases(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := Release{State: State{Phase: Preparing}}
		rolledBack := false
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			before := r.Phase
			to := rapid.SampledFrom(allPhases).Draw(t, "to")
			if err := r.Enter(to, time.Time{}); err != nil {
				if r.Phase != before {
					t.Fatalf("refused and yet %s -> %s", before, r.Phase)
				}
				continue
			}
			rolledBack = rolledBack || to == RollingBack
			switch {
			case before.Final() && (before != Dirty || to != RollingBack && to != Abandoned):
				t.Fatalf("%s was an end, and %s follows", before, to)
			case to == Released && rolledBack, to == RolledBack && !rolledBack:
				t.Fatalf("it ends %s, rolled back: %v", to, rolledBack)
			case r.Phase.HoldsLock() == (to == Released || to == RolledBack || to == Abandoned):
				t.Fatalf("%s holds the lock: %v", to, r.Phase.HoldsLock())
			}
		}
	})
}

// Every phase that is not an end can be left, and an end can be reached from it.
func TestNoPhaseIsATrap(t *testing.T) {
	for _, from := range allPhases {
		for _, home := range []bool{false, true} {
			if !from.Final() && !endReachable(from, home, map[Phase]bool{}) {
				t.Errorf("no end can be reached from %s, home %v", from, home)
			}
		}
	}
}

func endReachable(from Phase, home bool, seen map[Phase]bool) bool {
	if from.Final() {
		return true
	}
	if seen[from] {
		return false
	}
	seen[from] = true
	for _, to := range allPhases {
		r := Release{State: State{Phase: from, Home: home}}
		if r.Enter(to, time.Time{}) == nil && endReachable(to, r.Home, seen) {
			return true
		}
	}
	return false
}
