package judge

import "math"

// step is one minute as the test sees it: of d events, x fell on the canary, which did the share pi of the work.
// phi, at least 1, says how much more than chance the counts scatter.
//
// Given d, and if events come at rates lambda in the baseline and theta*lambda in the canary, x is binomial with the
// odds theta*pi : 1-pi, whatever lambda was in that minute: what both arms share cancels.
type step struct {
	x, d, pi, phi float64
}

// logShare returns log(1 - pi + theta*pi): how much larger the whole failure rate is than the baseline's.
func (s step) logShare(theta float64) float64 {
	return math.Log1p(s.pi * (theta - 1))
}

// logE returns the logarithm of the step e-value against "the rate ratio is at most margin" in favour of g times margin:
//
//	e = [ g^x * ((1 - pi + margin*pi) / (1 - pi + margin*g*pi))^d ] ^ (1/phi),   g > 1
//
// For phi = 1 it is the likelihood ratio of the two binomials, so its expectation at theta = margin is exactly 1, and
// less below. It needs no Poisson counts: where each of n units of an arm fails on its own with probability p or
// theta*p, the expectation over both counts is at most exp(sum of n*p*(factor-1)) = 1 too (from 1+y <= e^y). A power
// 1/phi <= 1 keeps the expectation below 1 by Jensen's inequality; it is quasi-likelihood, the usual correction for
// counts whose variance is phi times the binomial one.
func (s step) logE(margin, g float64) float64 {
	if s.d == 0 {
		return 0
	}
	return (s.x*math.Log(g) + s.d*(s.logShare(margin)-s.logShare(margin*g))) / s.phi
}

// logLikelihood returns the logarithm of the minute's likelihood at the rate ratio theta, relative to theta = 1. It is
// given log(theta) too: that is the same for all minutes.
func (s step) logLikelihood(theta, logTheta float64) float64 {
	if s.d == 0 {
		return 0
	}
	return (s.x*logTheta - s.d*s.logShare(theta)) / s.phi
}

// information returns the Fisher information of the minute about log theta: the binomial variance of x given d.
func (s step) information(theta float64) float64 {
	q := s.canaryOdds(theta)
	return s.d * q * (1 - q)
}

// canaryOdds returns the probability that an event falls on the canary.
func (s step) canaryOdds(theta float64) float64 {
	return theta * s.pi / (1 + s.pi*(theta-1))
}
