package report

import (
	"math"
	"strconv"
	"time"
)

// axis is the time axis that all plots share.
type axis struct{ from, to time.Time }

// x returns where a time stands, in percent of the width; times outside stand at the edges.
func (a axis) x(t time.Time) float64 {
	whole := a.to.Sub(a.from)
	if whole <= 0 {
		return 0
	}
	return min(100, max(0, 100*float64(t.Sub(a.from))/float64(whole)))
}

// tick is a labelled time. Minor ticks lose their label on a narrow screen.
type tick struct {
	X      string
	Label  string
	Anchor string // of the label: it must not stick out at the end
	Minor  bool
}

// ticks returns about eight round times.
func (a axis) ticks() []tick {
	const most = 9
	steps := []time.Duration{1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440, 2880}
	step := steps[len(steps)-1] * time.Minute
	for _, candidate := range steps {
		if a.to.Sub(a.from) <= candidate*time.Minute*most {
			step = candidate * time.Minute
			break
		}
	}
	form := "15:04"
	switch {
	case step >= 24*time.Hour:
		form = "Jan 2"
	case step >= 6*time.Hour:
		form = "Jan 2 15h"
	}
	var ticks []tick
	for t := a.from.UTC().Truncate(step); !t.After(a.to); t = t.Add(step) {
		if !t.Before(a.from) {
			one := tick{X: percent(a.x(t)), Label: t.Format(form), Anchor: "middle", Minor: len(ticks)%2 == 1}
			dated := t.Unix() != 0 // minute 0 of a history that numbers its minutes is no day
			if midnight := t.Equal(t.Truncate(24 * time.Hour)); midnight && dated && step < 6*time.Hour {
				one.Label, one.Minor = t.Format("Jan 2"), false
			}
			if a.x(t) > 97 {
				one.Anchor = "end"
			}
			ticks = append(ticks, one)
		}
	}
	return ticks
}

// resolution returns the length of a bin that gives at most so many bins: whole minutes.
func (a axis) resolution(most int) time.Duration {
	for _, minutes := range []time.Duration{1, 2, 5, 10, 15, 30, 60, 120, 240, 480, 720} {
		if a.to.Sub(a.from) <= minutes*time.Minute*time.Duration(most) {
			return minutes * time.Minute
		}
	}
	return 24 * time.Hour
}

// scale maps values to pixels from the top of a plot.
type scale struct {
	low, high float64 // values at the bottom and at the top
	height    float64 // pixels
	log       bool
}

const padding = 8 // pixels above and below the values

func (s scale) y(value float64) float64 {
	low, high := s.low, s.high
	if s.log {
		value, low, high = math.Log10(max(value, 1e-300)), math.Log10(low), math.Log10(high)
	}
	share := 0.0
	if high > low {
		share = min(1, max(0, (value-low)/(high-low)))
	}
	return padding + (1-share)*(s.height-2*padding)
}

// nice returns the smallest round number with a round half that is not below the value, 1 for 0.
func nice(value float64) float64 {
	if value <= 0 || math.IsNaN(value) || math.IsInf(value, 0) {
		return 1
	}
	power := math.Pow(10, math.Floor(math.Log10(value)))
	for _, step := range []float64{1, 2, 4, 6, 8, 10} {
		if step*power >= value*(1-1e-9) {
			return step * power
		}
	}
	return 10 * power
}

func percent(x float64) string { return trimmed(x) + "%" }

func pixels(y float64) string { return trimmed(y) }

// trimmed writes a coordinate with at most two digits after the point.
func trimmed(x float64) string {
	return strconv.FormatFloat(hundredth(x), 'f', -1, 64)
}

func hundredth(x float64) float64 { return math.Round(x*100) / 100 }
