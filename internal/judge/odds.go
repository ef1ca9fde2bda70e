package judge

import "math"

// oddsLogs gives log(1 + odds*(g-1)) for every alternative g. A logarithm is dear, and the odds of one minute lie near
// those of another: it is taken once for each place on the scale of odds, and carried from there to the odds asked for
// by the series of log(1+z), which is exact to the last digits for so small a z.
type oddsLogs struct {
	grid   *[alternatives]float64
	places [placesPerDoubling]*place // by the last bits of their number; few are ever asked for
}

// place is a narrow range of odds, with the logarithms in its middle.
type place struct {
	number uint64
	middle float64
	logs   [alternatives]float64
	slopes [alternatives]float64 // of 1 + odds*(g-1), relative to what it is in the middle
}

// A place is 1/32 of a doubling at most, so |z| is at most 1/65, and what the series leaves out less than z^8/8 = 4e-16.
const (
	placesPerDoubling = 32
	placeShift        = 52 - 5 // drops all but five bits of a float64's fraction
)

// near returns the place that holds the odds.
func (l *oddsLogs) near(odds float64) *place {
	number := math.Float64bits(odds) >> placeShift
	p := l.places[number%placesPerDoubling]
	if p == nil {
		p = new(place)
		l.places[number%placesPerDoubling] = p
	}
	if p.number != number {
		p.number, p.middle = number, math.Float64frombits(number<<placeShift|1<<(placeShift-1))
		for i, g := range l.grid {
			at := 1 + p.middle*(g-1)
			p.logs[i], p.slopes[i] = math.Log(at), (g-1)/at
		}
	}
	return p
}

// log returns log(1 + odds*(g-1)) for the alternative i.
func (p *place) log(i int, odds float64) float64 {
	z := (odds - p.middle) * p.slopes[i]
	return p.logs[i] + z*(1-z*(1./2-z*(1./3-z*(1./4-z*(1./5-z*(1./6-z/7))))))
}
