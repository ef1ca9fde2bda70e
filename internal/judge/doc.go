// Package judge tells a canary that is worse than the baseline from chance, at every look, as often as one likes.
//
// It is pure: minutes of counts and states of alarms in, a verdict out; no clock, no AWS, and the same evidence has the
// same verdict whatever was asked before.
// The comparisons are e-processes (tests by betting): nonnegative processes whose expectation under "not worse" never
// exceeds 1, at any time at which one happens to look. By Ville's inequality the chance that such a process ever
// reaches 1/alpha is at most alpha, so a look a minute costs nothing, and processes of several metrics may be averaged
// whatever their dependence.
//
// Where to look:
//
//	evidence.go    what one look has to go by
//	judge.go       Evidence in, one release.Judgement out (sitting.go: look by look, without folding a minute twice)
//	alarm.go       alarms: they only veto
//	minute.go      the counts of a minute in both arms, and what is wrong with them
//	settings.go    what may be set, with defaults
//	process.go     the test of a failure proportion, minute by minute: fail, pass, inconclusive, no data
//	result.go      what a process says at one moment, and Proportion, which does it all at once
//	step.go        the e-value of one minute
//	onset.go       the mixture over how much worse and since when, and the burst cap
//	odds.go        the logarithms that each minute needs, taken once for many minutes
//	wealth.go      numbers too small or too large for a float64
//	dispersion.go  how much more than chance the counts scatter
//	passing.go     what it takes to pass, and how many units that still needs
//	interval.go    the confidence sequence of the rate ratio (likelihood.go: what it is made of)
//	fastpath.go    a canary so broken that no test is needed
//	panel.go       several tests under one bound (compared.go: each on its way through its minutes)
//	fold.go        one verdict of all checks
//	latency.go     slow requests and percentiles (hypergeometric.go: the exact test of odds)
//	throughput.go  work done per worker-minute
//	share.go       the share of the work against what the running tasks explain
//	history.go     how much the arms differ by themselves, from the hours before the release
//	sentence.go    the same for a person (figures.go: counts, shares and times in it)
//
// Sources: Wald, Sequential tests of statistical hypotheses (1945), for the likelihood ratio and the limit; Ville
// (1939) for the bound at all times; Robbins, Statistical methods related to the law of the iterated logarithm (1970),
// for mixtures and confidence sequences; Lindon and Malek, Anytime-valid inference for multinomial count data
// (arXiv 2011.03567), for comparing counts by conditioning on their sum; Howard, Ramdas, McAuliffe and Sekhon,
// Time-uniform Chernoff bounds (2020) and Time-uniform nonparametric confidence sequences (2021); Wang (arXiv
// 2409.19888) for averaging e-values; Lorden, Procedures for reacting to a change in distribution (1971), for a change
// that comes late.
package judge
