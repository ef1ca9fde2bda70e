package judge

import "math"

// The alternatives: how many times the margin the canary's rate may be, and how much is bet on each. The grid is as
// dense as the power needs and no denser: what is bet on one alternative is lost to the others.
var (
	grid    = [...]float64{1.5, 2, 3, 5, 9, 20, 60, 200}
	weights = [...]float64{.15, .16, .16, .15, .13, .10, .08, .07}
)

var logGrid = func() (logs [len(grid)]float64) {
	for i, g := range grid {
		logs[i] = math.Log(g)
	}
	return logs
}()

// first is what is bet on a canary that is worse from its first minute on. The rest is spread evenly over the later
// minutes of the horizon.
const first = .6

// burst is the exponent of the burst cap: one minute multiplies the evidence by at most alpha^-burst, so no single
// minute rolls back on its own (two can).
const burst = .7

// onset is the e-process against "in no minute was the rate ratio above margin":
//
//	R_j(g) = (R_{j-1}(g) + u_j) * e_j(g)
//	M_t    = sum over g of v_g * R_t(g) + 1 - (u_1 + ... + u_t)
//	M~_t   = M~_{t-1} * min(M_t / M_{t-1}, alpha^-0.7)
//
// u_j is what is bet on a change in minute j, v_g on a factor g. M is a mixture of products of step e-values, and the
// money not yet bet, so its expectation cannot rise above 1; the cap only throws money away.
type onset struct {
	margin  float64
	horizon int
	weights *[len(grid)]float64
	logCap  float64

	minutes int
	waiting float64 // money not yet bet
	started [len(grid)]wealth
	logM    float64
	capped  float64 // log M~
}

func newOnset(margin, alpha float64, horizon int) onset {
	return onset{margin: margin, horizon: horizon, weights: &weights, logCap: -burst * math.Log(alpha), waiting: 1}
}

// bet returns what is bet on a change in the next minute, and takes it from the waiting money.
func (o *onset) bet() float64 {
	o.minutes++
	u := 0.0
	switch {
	case o.horizon == 1 && o.minutes == 1:
		u = 1
	case o.minutes == 1:
		u = first
	case o.minutes <= o.horizon:
		u = (1 - first) / float64(o.horizon-1)
	}
	o.waiting -= u
	if o.minutes >= o.horizon {
		o.waiting = 0 // not what rounding leaves of it
	}
	return u
}

// add puts one more minute into the process.
func (o *onset) add(s step) {
	u := o.bet()
	if factors, ok := s.powers(o.margin); ok {
		for i := range o.started {
			o.started[i].grow(u, factors[i])
		}
	} else {
		null := s.logShare(o.margin)
		for i := range o.started {
			o.started[i].growLog(u, (s.x*logGrid[i]+s.d*(null-s.logShare(o.margin*grid[i])))/s.phi)
		}
	}
	o.settle()
}

// addLogs puts in one more minute of another kind, given the logarithm of its step e-value for each alternative.
func (o *onset) addLogs(logs *[len(grid)]float64) {
	u := o.bet()
	for i := range o.started {
		o.started[i].growLog(u, logs[i])
	}
	o.settle()
}

// settle brings M and its capped form up to date.
func (o *onset) settle() {
	log := o.logTotal()
	o.capped += min(log-o.logM, o.logCap)
	o.logM = log
}

// logTotal returns log M.
func (o *onset) logTotal() float64 {
	sum, plain := o.waiting, true
	for i, w := range o.started {
		sum += o.weights[i] * w.value
		plain = plain && w.scale == 0
	}
	if plain && sum > 0 {
		return math.Log(sum)
	}
	log := math.Log(o.waiting)
	for i, w := range o.started {
		log = logAddExp(log, math.Log(o.weights[i])+w.log())
	}
	return log
}
