package judge

import "math"

// table is what both arms did in a minute: of d units that were slow, x fell on the canary. Where slow units are not
// rare, their number is not Poisson, and x given d is Fisher's non-central hypergeometric: it depends on the odds ratio
// of being slow alone.
type table struct{ canary, baseline, slow, x float64 }

// logE returns the logarithm of the exact likelihood ratio of the odds ratio g*margin against margin:
//
//	e = g^x * Z(margin) / Z(g*margin),   Z(w) = sum over k of C(canary, k) * C(baseline, d-k) * w^k
//
// Fisher (1935); Cornfield (1956). The likelihood ratio is monotone in the odds, so its expectation is at most 1 at
// every odds ratio up to the margin.
func (t table) logE(margin, g, logZ float64) float64 {
	return t.x*math.Log(g) + logZ - t.logZ(g*margin)
}

// wideSum is the standard deviation above which Z is not summed but taken from the bell that its terms form then. The
// error is about a millionth of it, and shrinks with the counts.
const wideSum = 300

// logZ returns log Z(w), summed outwards from its largest term.
func (t table) logZ(w float64) float64 {
	low, high := max(0, t.slow-t.baseline), min(t.canary, t.slow)
	top := t.mode(w, low, high)
	log := logChoose(t.canary, top) + logChoose(t.baseline, t.slow-top) + top*math.Log(w)
	variance := 1 / (1/(top+.5) + 1/(t.canary-top+.5) + 1/(t.slow-top+.5) + 1/(t.baseline-t.slow+top+.5))
	if variance > wideSum*wideSum {
		return log + math.Log(2*math.Pi*variance)/2
	}
	const negligible = 1e-18
	sum := 1.0
	for k, term := top, 1.0; k < high && term > negligible*sum; k++ {
		term *= t.step(k) * w
		sum += term
	}
	for k, term := top, 1.0; k > low && term > negligible*sum; k-- {
		term /= t.step(k-1) * w
		sum += term
	}
	return log + math.Log(sum)
}

// step returns the ratio of the term k+1 to the term k, for w = 1.
func (t table) step(k float64) float64 {
	return (t.canary - k) / (k + 1) * (t.slow - k) / (t.baseline - t.slow + k + 1)
}

// mode returns the k of the largest term, where step*w passes 1: the smaller root of a*k^2 + b*k + c, in the form that
// also holds for a = 0.
func (t table) mode(w, low, high float64) float64 {
	a := w - 1
	b := -((t.canary+t.slow+2)*w + t.baseline - t.slow)
	c := (t.canary + 1) * (t.slow + 1) * w
	k := math.Floor(-2 * c / (b - math.Sqrt(max(0, b*b-4*a*c))))
	return min(max(k, low), high)
}

func logChoose(n, k float64) float64 {
	a, _ := math.Lgamma(n + 1)
	b, _ := math.Lgamma(k + 1)
	c, _ := math.Lgamma(n - k + 1)
	return a - b - c
}
