package judge

import "math"

// likelihood is the (quasi-)likelihood of the logarithm eta of the rate ratio, over all minutes, relative to eta = 0:
//
//	l(eta) = sum of (x*eta - d*log(1 - pi + pi*e^eta)) / phi
//
// It is concave, so it has one peak and crosses every lower level once on either side.
//
// Minutes with nearly the same share pi are summed: within a group the logarithm is taken to the second order around
// the mean share. Groups are so narrow that what is left out is about a millionth of the events of a group.
type likelihood struct {
	groups       []group
	index        map[uint64]int // of the groups, by their place on the scale of odds
	place        uint64         // of the newest minute,
	last         int            // and its group: the next is often in the same
	canary, base float64        // sums of x/phi and (d-x)/phi
}

// group sums the events d/phi of minutes with nearly the same share.
type group struct{ events, share, spread float64 } // spread: sum of events * (pi - share)^2

// groupShift drops all but four bits of the fraction of the odds: the shares of a group lie within 1/16 of a doubling.
const groupShift = 52 - 4

func (l *likelihood) add(s step) {
	if s.d == 0 {
		return
	}
	l.canary += s.x / s.phi
	l.base += (s.d - s.x) / s.phi
	if place := math.Float64bits(s.pi/(1-s.pi)) >> groupShift; place != l.place || len(l.groups) == 0 {
		l.place, l.last = place, l.group(place)
	}
	l.groups[l.last].add(s.d/s.phi, s.pi)
}

// group returns the index of the group of a place, a new one where there is none.
func (l *likelihood) group(place uint64) int {
	if at, ok := l.index[place]; ok {
		return at
	}
	if l.index == nil {
		l.index = map[uint64]int{}
	}
	l.index[place] = len(l.groups)
	l.groups = append(l.groups, group{})
	return len(l.groups) - 1
}

// add takes events in, by the updating formula of West (1979) for a weighted mean and spread.
func (g *group) add(events, share float64) {
	g.events += events
	off := share - g.share
	g.share += off * events / g.events
	g.spread += events * off * (share - g.share)
}

// at returns l.
func (l *likelihood) at(eta float64) float64 {
	excess := math.Expm1(eta)
	value := l.canary * eta
	for _, g := range l.groups {
		c := excess / (1 + g.share*excess)
		value -= g.events*math.Log(1+g.share*excess) - g.spread*c*c/2
	}
	return value
}

// slope returns the slope of l and its information, minus the curvature, to the first order.
func (l *likelihood) slope(eta float64) (slope, information float64) {
	theta := math.Exp(eta)
	slope = l.canary
	for _, g := range l.groups {
		a := 1 + g.share*(theta-1)
		q, c := theta*g.share/a, (theta-1)/a
		slope -= g.events*q - g.spread*c*theta/(a*a)
		information += g.events * q * (1 - q)
	}
	return slope, information
}

// widest bounds eta: the density beyond it holds less than 1e-12, and no ratio beyond it is told to anybody.
const widest = 30

// bell is where w*L is largest, w being the density of Interval: finite even where one arm has no failure at all.
type bell struct{ peak, width float64 }

// bell finds the peak by Newton's method within a shrinking bracket: the sum of two concave functions is concave.
func (l *likelihood) bell() bell {
	low, high, eta := -float64(widest), float64(widest), l.guess()
	var slope, information float64
	for range 100 {
		slope, information = l.slope(eta)
		tanh := math.Tanh(eta)
		slope -= tanh
		information += 1 - tanh*tanh
		if slope > 0 {
			low = eta
		} else {
			high = eta
		}
		next := eta + slope/information
		if !(next > low && next < high) {
			next = (low + high) / 2
		}
		if math.Abs(next-eta)*math.Sqrt(information) < 1e-4 { // of the width: enough for all that is asked of it
			break
		}
		eta = next
	}
	return bell{peak: eta, width: 1 / math.Sqrt(information)}
}

// guess returns about where the peak is: the log of the ratio, all shares being their mean.
func (l *likelihood) guess() float64 {
	events, share := 1e-9, .5e-9
	for _, g := range l.groups {
		events += g.events
		share += g.events * g.share
	}
	share /= events
	return max(1-widest, min(widest-1, math.Log((l.canary+.5)/(l.base+.5)*(1-share)/share)))
}

// logMixture returns the logarithm of the integral of w*L over eta. The integrand is a bell, so the trapezoidal rule
// between two points where it has all but vanished is exact to many digits: its error falls as e^(-2*pi^2/h^2) for
// points h widths apart (Trefethen and Weideman, The exponentially convergent trapezoidal rule, 2014).
func (l *likelihood) logMixture(b bell) float64 {
	top := l.weighted(b.peak)
	low, high := l.edge(b, top-vanished, -1), l.edge(b, top-vanished, 1)
	points := math.Ceil((high - low) / min(.8*b.width, .4))
	width := (high - low) / points
	sum := 0.0
	for i := range int(points) + 1 {
		sum += math.Exp(l.weighted(low+float64(i)*width) - top)
	}
	return top + math.Log(sum*width)
}

// weighted returns log(w*L).
func (l *likelihood) weighted(eta float64) float64 {
	size := math.Abs(eta)
	return l.at(eta) - size - math.Log1p(math.Exp(-2*size)) - math.Log(math.Pi/2)
}

// vanished is how far, as a logarithm, w*L falls from its peak until it no longer counts.
const vanished = 18

// edge returns a point beyond which w*L stays below e^level, on the given side of its peak, not much too far away.
func (l *likelihood) edge(b bell, level, side float64) float64 {
	step := b.width * math.Sqrt(2*vanished)
	eta := b.peak + side*step
	for l.weighted(eta) > level && math.Abs(eta) < widest {
		step *= 1.3
		eta = b.peak + side*step
	}
	return eta
}

// crossing returns where l falls through the level on the given side of a point inside, or the end of the range. step
// is a guess of how far away that is.
func (l *likelihood) crossing(level, inside, step, side float64) float64 {
	outside := inside + side*step
	for l.at(outside) >= level {
		if step > 2*widest {
			return side * math.Inf(1)
		}
		inside = outside
		step *= 2
		outside = inside + side*step
	}
	eta := outside // l is concave: from outside, Newton's steps stay outside
	for range 60 {
		value := l.at(eta)
		if value < level {
			outside = eta
		} else {
			inside = eta
		}
		slope, _ := l.slope(eta)
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
