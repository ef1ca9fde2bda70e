package judge

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

// However the odds wander, and whichever places they push out of one another's slots, the logarithm is the true one.
func TestOddsLogsAreLogarithms(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		logs := oddsLogs{grid: &rateBets.grid}
		for range rapid.IntRange(1, 100).Draw(t, "minutes") {
			odds := math.Exp(-rapid.Float64Range(0, 30).Draw(t, "minus log odds"))
			near := logs.near(odds)
			for i, g := range rateBets.grid {
				got, want := near.log(i, odds), math.Log1p(odds*(g-1))
				if math.Abs(got-want) > 4e-15*max(want, odds) && math.Abs(got-want) > 3e-16 {
					t.Fatalf("log(1 + %v*(%v-1)) = %v, want %v", odds, g, got, want)
				}
			}
		}
	})
}
