package release

import (
	"math"
	"strconv"
	"testing"

	"pgregory.net/rapid"
)

func itoa(n int) string { return strconv.Itoa(n) }

func TestCanaryTasks(t *testing.T) {
	for _, c := range []struct {
		primary int
		weight  Weight
		want    int
	}{
		{18, 10, 2},   // 2 of 20
		{9, 10, 1},    // 1 of 10
		{9, 25, 3},    // 3 of 12
		{3, 25, 1},    // 1 of 4
		{3, 10, 1},    // a third, rounded, would be none: one task is the least
		{4, 50, 4},    // half of 8
		{1, 99, 99},   // 99 of 100
		{0, 10, 1},    // nothing runs: the canary still does
		{9, 0, 0},     // no weight, no task
		{9, 100, 9},   // a promotion
		{0, 100, 1},   //
		{-1, 10, 1},   // a count that makes no sense does no harm
		{7, -5, 0},    //
		{7, 200, 7},   //
		{10, 5, 1},    // 0.526 rounds to 1
		{30, 5, 2},    // 1.579 rounds to 2
		{27, 10, 3},   //
		{100, 33, 49}, // 49.25
	} {
		if got := CanaryTasks(c.primary, c.weight); got != c.want {
			t.Errorf("CanaryTasks(%d, %d) = %d, want %d", c.primary, c.weight, got, c.want)
		}
	}
}

func TestCanaryTasksGiveTheirWeight(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := rapid.IntRange(1, 5000).Draw(t, "primary")
		w := Weight(rapid.IntRange(1, 99).Draw(t, "weight"))
		tasks := CanaryTasks(p, w)
		if tasks < 1 {
			t.Fatalf("%d canary tasks", tasks)
		}
		// No other count of tasks, but at least one, comes nearer to w beside p than by half a task.
		if exact := float64(p) * float64(w) / float64(100-w); tasks > 1 && math.Abs(float64(tasks)-exact) > 0.5 {
			t.Fatalf("%d tasks beside %d for %d %%, which are %.2f", tasks, p, w, exact)
		}
		if w < 99 && CanaryTasks(p, w+1) < tasks {
			t.Fatalf("more weight gives fewer tasks than %d", tasks)
		}
	})
}

func TestShare(t *testing.T) {
	for _, c := range []struct {
		canary, primary int
		want            Percent
	}{{1, 3, 25}, {0, 0, 0}, {0, 9, 0}, {2, 0, 100}, {-1, 4, 0}, {1, -4, 100}} {
		if got := Share(c.canary, c.primary); got != c.want {
			t.Errorf("Share(%d, %d) = %v, want %v", c.canary, c.primary, got, c.want)
		}
	}
}
