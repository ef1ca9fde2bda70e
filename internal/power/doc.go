// Package power says what a plan can see before it is used: how likely it catches a version that fails more often, how
// soon, how much work that costs, and how likely it promotes a version that is no worse.
//
// It releases a target many times over against drawn counts, with the judge's own test and the conductor's rules of a
// bake: bakes are minimums, the weight rises once the minimum sample is seen, a promotion needs a pass over all
// evidence, what cannot be told extends a bake up to maxBake. The numbers are drawn from a seed: the same question has
// the same answer.
//
// Where to look:
//
//	power.go   the question and the answer
//	release.go one release, minute by minute
//	advice.go  what is wrong with a plan, and what would be right
//
// It knows of failures only: other comparisons, alarms, approvals and freezes are taken to have nothing against the
// version, and failures to come one by one at a steady rate.
package power
