package judge

import "math"

// bets are the alternatives: how many times the margin the canary's rate may be, and how much is bet on each, by
// whether the canary is worse from its first minute on or from a later one. A grid is as dense as the power needs and
// no denser: what is bet on one alternative is lost to the others.
//
// One minute multiplies the evidence by at most alpha^-burst, so that no single minute rolls back on its own: above one
// half, two can.
type bets struct {
	grid, early, late [alternatives]float64
	burst             float64
}

const alternatives = 8

// rateBets are the bets on a rate ratio. A late change has cost its place in time already, and only small ones are hard
// to find, so nearly all of it is on them.
var rateBets = bets{
	grid:  [alternatives]float64{1.25, 1.55, 2.1, 3.3, 5.5, 9, 20, 60},
	early: [alternatives]float64{.04, .23, .18, .25, .15, .08, .05, .02},
	late:  [alternatives]float64{.03, .72, .14, .05, .03, .01, .01, .01},
	burst: .52,
}

// first is what is bet on a canary that is worse from its first minute on. The rest is spread over the later minutes of
// the horizon: less and less, since a later change has less time left to be found in, and a quarter of the mean on each
// of its last minutes.
const (
	first  = .32
	falls  = .4  // part of the mean by which it is more at first, and less before the end
	ending = .15 // part of the horizon that is its end
)

// onset is the e-process against "in no minute was the rate ratio above margin":
//
//	R_j(g) = (R_{j-1}(g) + u_j * v_j(g)) * e_j(g)
//	M_t    = sum over g of R_t(g) + 1 - (u_1 + ... + u_t)
//	M~_t   = M~_{t-1} * min(M_t / M_{t-1}, alpha^-burst)
//
// u_j is what is bet on a change in minute j, v_j(g) the part of it that is bet on a factor g. M is a mixture of
// products of step e-values, and the money not yet bet, so its expectation cannot rise above 1; the cap only throws
// money away. It is the Bayes rule for a change at an unknown time (Shiryaev 1963) with a prior that ends at the
// horizon, which makes it a test of level alpha where a CUSUM would have false alarms forever (Lorden 1971).
type onset struct {
	margin float64
	bets   *bets
	share  float64 // what is bet on a change in a later minute that is not one of the last, on average
	full   int     // the last minute on which all of that is bet
	end    int     // the last minute on which anything is bet
	logCap float64
	reject float64 // log of 1/alpha

	logGrid  [alternatives]float64
	oddsLogs oddsLogs
	minutes  int
	waiting  float64 // money not yet bet
	started  [alternatives]wealth
	logM     float64
	capped   float64 // log M~
}

func newOnset(margin, alpha float64, horizon int, b *bets) onset {
	last := int(ending * float64(horizon))
	o := onset{margin: margin, bets: b, oddsLogs: oddsLogs{grid: &b.grid}, full: horizon - last, end: horizon, waiting: 1}
	o.reject = -math.Log(alpha)
	o.logCap = b.burst * o.reject
	for i, g := range b.grid {
		o.logGrid[i] = math.Log(g)
	}
	if horizon > 1 {
		o.share = (1 - first) / (float64(horizon-1-last) + float64(last)/4)
	}
	return o
}

// bet returns what is bet on a change in the next minute, and on which alternatives, and takes it from the waiting
// money.
func (o *onset) bet() (u float64, on *[alternatives]float64) {
	o.minutes++
	on = &o.bets.late
	switch {
	case o.minutes == 1:
		u, on = first, &o.bets.early
		if o.end == 1 {
			u = 1
		}
	case o.minutes <= o.full:
		u = o.share * (1 + falls*(1-2*o.place()))
	case o.minutes <= o.end:
		u = o.share / 4
	}
	o.waiting -= u
	if o.minutes >= o.end {
		o.waiting = 0 // not what rounding leaves of it
	}
	return u, on
}

// place returns where this minute lies from the second to the last before the horizon's end, 0 to 1.
func (o *onset) place() float64 {
	if o.full <= 2 {
		return .5
	}
	return float64(o.minutes-2) / float64(o.full-2)
}

// add puts one more minute into the process: step.logE for every alternative.
func (o *onset) add(s step) {
	var logs [alternatives]float64
	if s.d > 0 {
		odds := s.pi * o.margin / (1 + s.pi*(o.margin-1))
		x, d, near := s.x/s.phi, s.d/s.phi, o.oddsLogs.near(odds)
		for i := range logs {
			logs[i] = x*o.logGrid[i] - d*near.log(i, odds)
		}
	}
	o.addLogs(&logs)
}

// addLogs puts in one more minute, given the logarithm of its step e-value for each alternative.
func (o *onset) addLogs(logs *[alternatives]float64) {
	u, on := o.bet()
	for i := range o.started {
		o.started[i].growLog(u*on[i], logs[i])
	}
	o.settle()
}

// rejects reports whether the evidence reaches 1/alpha.
func (o *onset) rejects() bool { return o.capped >= o.reject }

// settle brings M and its capped form up to date.
func (o *onset) settle() {
	log := o.logTotal()
	o.capped += min(log-o.logM, o.logCap)
	o.logM = log
}

// logTotal returns log M.
func (o *onset) logTotal() float64 {
	sum, plain := o.waiting, true
	for _, w := range o.started {
		sum += w.value
		plain = plain && w.scale == 0
	}
	if plain && sum > 0 {
		return math.Log(sum)
	}
	log := math.Log(o.waiting)
	for _, w := range o.started {
		log = logAddExp(log, w.log())
	}
	return log
}
