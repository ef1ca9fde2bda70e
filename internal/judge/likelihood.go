package judge

import "math"

// likelihood is the (quasi-)likelihood of the logarithm eta of the rate ratio, over all minutes, relative to eta = 0:
//
//	l(eta) = sum of (x*eta - d*log(1 - pi + pi*e^eta)) / phi
//
// It is concave, so it has one peak and crosses every lower level once on either side.
//
// Minutes with nearly the same share pi are summed: within a group the logarithm is taken to the second order around
// the mean share. Groups are so narrow that what is left out is below a millionth of the events of a group.
type likelihood struct {
	taken        int // minutes in it
	groups       []group
	index        map[int]int // of the groups, by their place on the scale of log-odds
	canary, base float64     // sums of x/phi and (d-x)/phi
}

// group sums the events d/phi of minutes with nearly the same share.
type group struct{ events, share, spread float64 } // spread: sum of events * (pi - share)^2

// groupWidth is how far the log-odds of the shares in a group lie apart at most.
const groupWidth = .02

// take brings the likelihood up to date with steps, of which it has taken the first before.
func (l *likelihood) take(steps []step) {
	for _, s := range steps[l.taken:] {
		l.add(s)
	}
	l.taken = len(steps)
}

func (l *likelihood) add(s step) {
	if s.d == 0 {
		return
	}
	l.canary += s.x / s.phi
	l.base += (s.d - s.x) / s.phi
	place := int(math.Floor(math.Log(s.pi/(1-s.pi)) / groupWidth))
	at, ok := l.index[place]
	if !ok {
		if l.index == nil {
			l.index = map[int]int{}
		}
		at = len(l.groups)
		l.index[place] = at
		l.groups = append(l.groups, group{})
	}
	l.groups[at].add(s.d/s.phi, s.pi)
}

// add takes events in, by the updating formula of West (1979) for a weighted mean and spread.
func (g *group) add(events, share float64) {
	g.events += events
	off := share - g.share
	g.share += off * events / g.events
	g.spread += events * off * (share - g.share)
}

// at returns l and its slope, and its information, minus the curvature, to the first order.
func (l *likelihood) at(eta float64) (value, slope, information float64) {
	theta := math.Exp(eta)
	value, slope = l.canary*eta, l.canary
	for _, g := range l.groups {
		a := 1 + g.share*(theta-1)
		q, c := theta*g.share/a, (theta-1)/a
		value -= g.events*math.Log1p(g.share*(theta-1)) - g.spread*c*c/2
		slope -= g.events*q - g.spread*c*theta/(a*a)
		information += g.events * q * (1 - q)
	}
	return value, slope, information
}

// widest bounds eta: the density beyond it holds less than 1e-12, and no ratio beyond it is told to anybody.
const widest = 30

// peak returns the eta at which w*L is largest, w being the density of Interval: finite even where one arm has no
// failure at all. The sum of two concave functions is concave: Newton's method within a shrinking bracket finds it.
func (l *likelihood) peak() float64 {
	low, high, eta := -float64(widest), float64(widest), 0.0
	for range 100 {
		_, slope, information := l.at(eta)
		slope -= math.Tanh(eta)
		sech := 1 / math.Cosh(eta)
		information += sech * sech
		if slope > 0 {
			low = eta
		} else {
			high = eta
		}
		next := eta + slope/information
		if next <= low || next >= high {
			next = (low + high) / 2
		}
		if math.Abs(next-eta) < 1e-9 {
			break
		}
		eta = next
	}
	return eta
}

// logMixture returns the logarithm of the integral of w*L over eta. The integrand is a bell around its peak, so the
// trapezoidal rule between two points where it has all but vanished is exact to many digits.
func (l *likelihood) logMixture(peak float64) float64 {
	const points = 80
	top := l.weighted(peak)
	low, high := l.edge(peak, top-vanished, -1), l.edge(peak, top-vanished, 1)
	width := (high - low) / points
	sum := 0.0
	for i := range points + 1 {
		sum += math.Exp(l.weighted(low+float64(i)*width) - top)
	}
	return top + math.Log(sum*width)
}

// weighted returns log(w*L).
func (l *likelihood) weighted(eta float64) float64 {
	value, _, _ := l.at(eta)
	return value - math.Log(math.Pi*math.Cosh(eta))
}

// vanished is how far, as a logarithm, w*L falls from its peak until it no longer counts.
const vanished = 25

// edge returns a point beyond which w*L stays below e^level, on the given side of its peak, not much too far away.
func (l *likelihood) edge(peak, level float64, side float64) float64 {
	_, _, information := l.at(peak)
	sech := 1 / math.Cosh(peak)
	step := math.Sqrt(2 * vanished / (information + sech*sech))
	eta := peak + side*step
	for l.weighted(eta) > level && math.Abs(eta) < widest {
		step *= 1.5
		eta = peak + side*step
	}
	return eta
}

// crossing returns where l falls through the level on the given side of the peak, or the end of the range.
func (l *likelihood) crossing(level, peak float64, side float64) float64 {
	inside := peak
	var outside float64
	for step := .125; ; step *= 2 {
		outside = peak + side*step
		if value, _, _ := l.at(outside); value < level {
			break
		}
		if step > 2*widest {
			return side * math.Inf(1)
		}
		inside = outside
	}
	eta := (inside + outside) / 2
	for range 60 {
		value, slope, _ := l.at(eta)
		if value < level {
			outside = eta
		} else {
			inside = eta
		}
		next := eta + (level-value)/slope
		if (next-inside)*(next-outside) >= 0 {
			next = (inside + outside) / 2
		}
		if math.Abs(next-eta) < 1e-6 {
			return next
		}
		eta = next
	}
	return eta
}
