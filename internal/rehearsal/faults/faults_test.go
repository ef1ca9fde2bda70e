package faults

import (
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestOneSeedOneList(t *testing.T) {
	rates := Usual(0.01)
	if first := Draw(7, rates, 5); !reflect.DeepEqual(first, Draw(7, rates, 5)) || reflect.DeepEqual(first, Draw(8, rates, 5)) {
		t.Error("a seed gives two lists, or two seeds give one")
	}
	if list := Draw(3, Rates{}, 5); slices.ContainsFunc(list, func(f Fault) bool { return f.Kind.Occasion() != Always }) {
		t.Errorf("nothing was asked for: %v", list)
	}
}

// Every kind is drawn, and within its bounds.
func TestDrawReachesEveryKind(t *testing.T) {
	seen := map[Kind]int{}
	for seed := range uint64(2000) {
		for _, f := range Draw(seed, Usual(0.01), 5) {
			seen[f.Kind]++
			late := map[Kind]bool{Late: f.For < MaxLate, Slow: f.For < MaxSlow, Skewed: f.For.Abs() <= MaxSkew, Accident: f.At < Horizon && f.Which < 5, Outage: f.At+f.For < Horizon, Belated: f.For < MaxBelated, TwoTriggers: f.For < MaxBelated, BelatedTrigger: f.For < MaxBelated}
			if within, bounded := late[f.Kind]; bounded && !within {
				t.Fatalf("out of bounds: %s", f)
			}
		}
	}
	for _, kind := range Kinds() {
		if seen[kind] == 0 {
			t.Errorf("%s is never drawn", kind)
		}
	}
}

// What is left breaks, and without any one of it nothing does.
func TestShorten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 60).Draw(t, "faults")
		needed := rapid.SliceOfNDistinct(rapid.IntRange(1, n), 1, min(n, 4), rapid.ID[int]).Draw(t, "needed")
		list := make([]Fault, n)
		for i := range list {
			list[i].Nth = i + 1
		}
		broken := func(list []Fault) bool {
			return !slices.ContainsFunc(needed, func(nth int) bool {
				return !slices.ContainsFunc(list, func(f Fault) bool { return f.Nth == nth })
			})
		}
		if got := Shorten(list, 10_000, broken); len(got) != len(needed) || !broken(got) {
			t.Fatalf("%v is left of %d; %v are needed", got, n, needed)
		}
		if got := Shorten(list, 3, broken); !broken(got) {
			t.Fatalf("given up early, %v breaks nothing", got)
		}
	})
}
