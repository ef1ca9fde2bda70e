package release

import "math"

// Weight is the share of the work that the canary is given, in whole percent, 0 to 100.
type Weight int

// Check answers an Invalid error for what is no weight of a step of the given release: a step has 1 to 100.
func (w Weight) Check(id ID) error {
	if w < 1 || w > 100 {
		return Errorf(Invalid, "shift release "+string(id), "weight %d is not 1 to 100", w)
	}
	return nil
}

// Percent is a share as it is seen: percent, 0 to 100, with a fraction.
type Percent float64

// CanaryTasks returns how many canary tasks give the weight beside p running primary tasks where tasks are the
// units of work: max(1, round(p*w/(100-w))). Weight 0 needs none; 100 is a promotion, not a number of tasks, and
// answers p.
func CanaryTasks(p int, w Weight) int {
	switch {
	case w <= 0:
		return 0
	case w >= 100:
		return max(1, p)
	}
	return max(1, int(math.Round(float64(p)*float64(w)/float64(100-w))))
}

// Share returns canary's part of canary+primary in percent, and 0 where there is neither.
func Share(canary, primary int) Percent {
	if canary <= 0 {
		return 0
	}
	return Percent(100 * float64(canary) / float64(canary+max(0, primary)))
}
