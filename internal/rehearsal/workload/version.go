package workload

import (
	"math"
	"time"
)

// Behaviour is how a version of the workload does.
type Behaviour struct {
	FailureRate float64       // chance that handling a message fails, 0 to 1
	P50, P99    time.Duration // of the time it takes, which is log-normal; zero: 80 ms and 600 ms
}

// The latency of a version that nothing is said about.
const (
	usualP50 = 80 * time.Millisecond
	usualP99 = 600 * time.Millisecond
)

// z99 is the 99th percentile of the standard normal distribution.
const z99 = 2.3263478740408408

// shape returns the mean and the standard deviation of the logarithm of the latency in seconds.
func (b Behaviour) shape() (mu, sigma float64) {
	p50, p99 := b.P50, b.P99
	if p50 <= 0 {
		p50, p99 = usualP50, usualP99
	}
	p99 = max(p99, p50)
	return math.Log(p50.Seconds()), math.Log(float64(p99)/float64(p50)) / z99
}

// mean returns the mean latency in seconds.
func (b Behaviour) mean() float64 {
	mu, sigma := b.shape()
	return math.Exp(mu + sigma*sigma/2)
}

// Total is what one version did in one service.
type Total struct {
	Service, Digest string
	Received        int64 // messages received for the first time
	Failed          int64 // those of them that failed
	Attempts        int64 // messages received, again or for the first time
	FailedAttempts  int64
	Dead            int64 // messages whose last attempt this version failed: they end in the dead-letter queue
}
