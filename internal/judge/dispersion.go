package judge

import "math"

// dispersion estimates phi, how much more than chance the counts scatter, from the minutes before the one it is for:
// a phi that looked at its own minute would not be a fixed exponent, and the e-value none.
//
// With y = d - x and theta the Mantel-Haenszel estimate of the rate ratio, the squared standardised residual is
//
//	z^2 = (x(1-pi) - y*theta*pi)^2 / (d*theta*pi*(1-pi))
//
// so the sum over all minutes at the newest theta needs three running sums only. The estimate is their mean (Pearson's
// chi-square over its degrees of freedom, McCullagh and Nelder, Generalized linear models, 4.5.2), drawn towards 1 by
// a few imagined minutes without excess, less one standard error: chance alone must not slow the test down. A level
// that differs between the arms is in theta and costs nothing; scatter around it does. A change of the level does look
// like scatter while it is new, so the newest minutes wait before they count: a canary that turns bad is not excused by
// the very minutes that show it.
type dispersion struct {
	least, noise float64
	fixed        bool

	given  int               // minutes, those that wait included
	queue  [patience]counted // a ring
	oldest int
	queued int

	minutes      float64
	canary, base float64 // sums of x(1-pi) and y*pi: their ratio is the Mantel-Haenszel estimate
	xx, xy, yy   float64 // the three sums of z^2
	information  float64 // sum of d*pi*(1-pi)
	kurtosis     float64 // sum of 1/(d*pi*(1-pi)): the variance of z^2 is about 2 + that
}

// counted is a minute that waits.
type counted struct {
	step
	left float64
}

const (
	patience   = 8  // minutes that wait at most,
	waitingOf  = 3  // and one of so many: of few minutes none can be spared
	imagined   = 4. // minutes without excess that the estimate starts from
	firstGuess = 3  // minutes before there is an estimate at all
)

func newDispersion(s Settings) dispersion {
	return dispersion{least: s.Dispersion, noise: s.Noise, fixed: s.FixedDispersion}
}

// phi returns the exponent for a minute. Noise in a rate grows with the number of events that show it, so what was
// seen at a small share of the work is scaled up for a larger one.
func (d *dispersion) phi(s step) float64 {
	if d.fixed || s.d == 0 {
		return d.least
	}
	information := s.information(1)
	phi := max(d.least, 1+d.noise*information)
	if excess := d.excess(); excess > 0 {
		phi = max(phi, 1+excess*max(1, information*d.minutes/d.information))
	}
	return phi
}

// excess returns by how much the counts so far scatter more than chance, below 0 where they do not.
func (d *dispersion) excess() float64 {
	if d.minutes < firstGuess {
		return 0
	}
	theta := (d.canary + .5) / (d.base + .5)
	n := imagined + d.minutes
	mean := (imagined + d.xx/theta - 2*d.xy + d.yy*theta) / (n - 1)
	return mean - math.Sqrt(2*n+d.kurtosis)/n - 1
}

// add takes a minute in. A minute without events, or with one arm only, says nothing. left is 1 where
// events are rare; where many of the units are events, it is the part that is not, by which the variance is smaller
// (drawing without replacement).
func (d *dispersion) add(s step, left float64) {
	if s.information(1)*left <= 0 {
		return
	}
	d.given++
	if d.queued == patience || d.queued >= d.given/waitingOf {
		if d.queued == 0 {
			d.count(s, left)
			return
		}
		d.count(d.queue[d.oldest].step, d.queue[d.oldest].left)
		d.oldest = (d.oldest + 1) % patience
		d.queued--
	}
	d.queue[(d.oldest+d.queued)%patience] = counted{s, left}
	d.queued++
}

// count takes a minute into the estimate.
func (d *dispersion) count(s step, left float64) {
	information := s.information(1) * left
	x, y, odds := s.x, s.d-s.x, s.pi/(1-s.pi)
	d.minutes++
	d.canary += x * (1 - s.pi)
	d.base += y * s.pi
	d.xx += x / s.d * x / odds / left
	d.xy += x / s.d * y / left
	d.yy += y / s.d * y * odds / left
	d.information += information
	d.kurtosis += 1 / information
}
