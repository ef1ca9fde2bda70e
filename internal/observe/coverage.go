package observe

import (
	"slices"
	"time"
)

// alarms asks how many samples the alarms' own metrics had. It returns the indexes of each alarm's series.
func (a *ask) alarms(alarms []described) [][]int {
	asked := make([][]int, len(alarms))
	for i, alarm := range alarms {
		for _, m := range alarm.metrics {
			asked[i] = append(asked[i], a.want(m, "SampleCount"))
		}
	}
	return asked
}

// cover fills in which alarms had data throughout the window: a metric alarm by its own metrics, a composite alarm by
// the alarms that its rule names.
func (a *ask) cover(alarms []described, asked [][]int) {
	for i := range alarms {
		alarms[i].Throughout = len(asked[i]) > 0 && a.throughout(asked[i])
	}
	for i := range alarms {
		if alarms[i].rule != "" {
			alarms[i].Throughout = throughoutBelow(alarms, alarms[i].rule, len(alarms))
		}
	}
}

// throughout reports whether in every whole period of the window, of which there is at least one, any of an alarm's
// metrics had a sample: an alarm on failures per work has data where there was work, although nobody published a
// failure. What was not answered completely had none.
func (a *ask) throughout(indexes []int) bool {
	if a.incomplete(indexes...) != "" {
		return false
	}
	period := time.Minute
	for _, i := range indexes {
		period = max(period, time.Duration(a.asked[i].period)*time.Second)
	}
	whole := a.window.within(period).by(period)
	had := make([]bool, whole.periods())
	for _, i := range indexes {
		for _, p := range a.answers[i].points {
			if row, ok := whole.row(p); ok && p.value > 0 {
				had[row] = true
			}
		}
	}
	return len(had) > 0 && !slices.Contains(had, false)
}

// throughoutBelow reports whether any alarm that a rule names had data throughout. One that the target does not name
// was not described, so nothing is known of it. depth ends a rule that leads back to itself.
func throughoutBelow(alarms []described, rule string, depth int) bool {
	if depth == 0 {
		return false
	}
	for _, name := range children(rule) {
		i := slices.IndexFunc(alarms, func(a described) bool { return a.Name == name })
		switch {
		case i < 0:
		case alarms[i].rule != "" && throughoutBelow(alarms, alarms[i].rule, depth-1):
			return true
		case alarms[i].rule == "" && alarms[i].Throughout:
			return true
		}
	}
	return false
}
