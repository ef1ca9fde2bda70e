package workload

import "math"

// Cold says what it takes that an execution environment is new, for work whose environments are made when they are needed.
// An environment is kept for as long as the rehearsal lasts.
type Cold struct {
	First       Behaviour // latency of the first request that an environment answers, as the platform measures it
	Provisioned int       // environments that are kept ready, divided among the versions by their shares: AWS names no rule
}

// environments of one version: how many it has, and how many requests were the first of one.
type environments struct {
	warm int
	cold int64
}

// coldOf returns how many of n requests in so many seconds are the first of an environment. A version has as many
// environments as it has ever had requests at one time: their mean number, and twice its root for those that come in
// bunches.
func (r *Requests) coldOf(s *Served, n int64, seconds, share float64, took *latency) int64 {
	if r.config.Cold == nil || n == 0 || seconds <= 0 {
		return 0
	}
	mean := float64(n) / seconds * took.mean() / 1000
	need := int(math.Ceil(mean + 2*math.Sqrt(mean)))
	ready := int(share * float64(r.config.Cold.Provisioned))
	fresh := min(int64(need-max(ready, s.environments.warm)), n)
	if fresh <= 0 {
		return 0
	}
	s.environments.warm = need
	s.environments.cold += fresh
	return fresh
}

// mean returns a distribution's mean, in milliseconds.
func (l *latency) mean() float64 {
	sum := 0.0
	for i, value := range l.values {
		sum += value * l.weights[i]
	}
	return sum
}

// ColdStarts returns how many requests of a version were the first of an environment.
func (r *Requests) ColdStarts(version string) int64 {
	var n int64
	for _, s := range r.served {
		if s.Version == version {
			n += s.environments.cold
		}
	}
	return n
}
