package judge

import "math"

// wealth is the amount value * e^scale: a number that may be far too small or too large for a float64. The scale is 0
// whenever the amount is not, which is nearly always and fast.
type wealth struct{ value, scale float64 }

// The bounds of amounts that need no scale, and of the logarithms of factors that a float64 holds.
const (
	smallest, largest = 1e-250, 1e250
	largestFactor     = 550
)

// grow adds u and multiplies by the factor, which lies within e^-largestFactor and e^largestFactor.
func (w *wealth) grow(u, factor float64) {
	value := (w.value + u) * factor
	if w.scale == 0 && value > smallest && value < largest {
		w.value = value
		return
	}
	w.set(logAddExp(w.log(), math.Log(u)) + math.Log(factor))
}

// growLog is grow for any factor, given its logarithm.
func (w *wealth) growLog(u, log float64) {
	if math.Abs(log) < largestFactor {
		w.grow(u, math.Exp(log))
		return
	}
	w.set(logAddExp(w.log(), math.Log(u)) + log)
}

// log returns the logarithm of the amount, -Inf for nothing.
func (w *wealth) log() float64 { return math.Log(w.value) + w.scale }

func (w *wealth) set(log float64) {
	if math.IsInf(log, -1) {
		*w = wealth{}
		return
	}
	*w = wealth{value: 1, scale: log}
	if value := math.Exp(log); value > smallest && value < largest {
		*w = wealth{value: value}
	}
}

// logAddExp returns log(e^a + e^b) without leaving the logarithm.
func logAddExp(a, b float64) float64 {
	if a < b {
		a, b = b, a
	}
	if diff := b - a; diff > -40 { // e^-40 is far below the last digit
		return a + math.Log1p(math.Exp(diff))
	}
	return a
}
