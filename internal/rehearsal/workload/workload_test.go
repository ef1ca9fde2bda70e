package workload

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/serin-aws/serin/internal/rehearsal/loop"
)

// Every message is in exactly one place, whatever happens to the fleet and whenever anybody looks.
func TestNoMessageIsLostOrMadeUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := loop.New(start, rapid.Uint64().Draw(t, "seed"))
		f := &fleet{primary(3)}
		w := New(l, f, config(func(c *Config) {
			c.Arrivals = steady{perSecond: rapid.Float64Range(0, 200).Draw(t, "rate")}
			c.Baseline.FailureRate = rapid.SampledFrom([]float64{0, .01, .5, 1}).Draw(t, "baseline")
			c.Canary.FailureRate = rapid.SampledFrom([]float64{0, .1, 1}).Draw(t, "canary")
			c.MaxReceives = rapid.IntRange(1, 5).Draw(t, "receives")
			c.Visibility = time.Duration(rapid.IntRange(1, 300).Draw(t, "visibility")) * time.Second
			if rapid.Bool().Draw(t, "no dead-letter queue") {
				c.DeadLetters = ""
			}
			c.From = time.Duration(rapid.IntRange(0, 300).Draw(t, "from")) * time.Second
		}))
		w.Start()
		for range rapid.IntRange(1, 20).Draw(t, "steps") {
			l.AdvanceTo(l.Now().Add(time.Duration(rapid.IntRange(0, 150_000).Draw(t, "ms")) * time.Millisecond))
			w.Settle(l.Now())
			*f = fleet{primary(rapid.IntRange(0, 12).Draw(t, "primary")), canary(rapid.IntRange(0, 3).Draw(t, "canary"))}
			b := w.Balance()
			if b.Sent != b.Deleted+b.Visible+b.InFlight+b.Dead {
				t.Fatalf("%+v does not add up", b)
			}
			if min(b.Sent, b.Deleted, b.Visible, b.InFlight, b.Dead) < 0 {
				t.Fatalf("%+v holds less than nothing", b)
			}
			var attempts, failures, dead int64
			for _, total := range w.Totals() {
				attempts, failures, dead = attempts+total.Attempts, failures+total.FailedAttempts, dead+total.Dead
				if total.Failed > total.Received || total.Received > total.Attempts || total.Failed > total.FailedAttempts || total.Dead > total.FailedAttempts {
					t.Fatalf("%+v cannot be", total)
				}
			}
			if attempts-failures != b.Deleted || b.Dead > dead {
				t.Fatalf("%d attempts, %d failed, %d dead, but %+v", attempts, failures, dead, b)
			}
		}
	})
}

func TestTheSameSeedIsTheSameStory(t *testing.T) {
	play := func(seed uint64) string {
		_, w := run(t, seed, config(nil), &fleet{primary(9), canary(1)}, time.Hour)
		return fmt.Sprintf("%+v %+v", w.Balance(), w.Totals())
	}
	if first := play(1); play(1) != first {
		t.Error("one seed gave two stories")
	}
	if play(1) == play(2) {
		t.Error("two seeds gave one story")
	}
}

// near fails unless got lies within five standard deviations of a count that is expected.
func near(t *testing.T, what string, got int64, want float64) {
	t.Helper()
	if math.Abs(float64(got)-want) > 5*math.Sqrt(want)+1 {
		t.Errorf("%s: %d, expected about %.0f", what, got, want)
	}
}

// The figures of an hour at 100/s in ten units agree with what was asked for.
func TestFiguresAreAsAsked(t *testing.T) {
	published := recorder{}
	_, w := run(t, 3, config(func(c *Config) { c.Open = published.open }), &fleet{primary(9), canary(1)}, time.Hour)
	b := w.Balance()
	near(t, "sent", b.Sent, 360_000)
	if b.Visible != 0 || b.Dead != 0 {
		t.Errorf("a primary that keeps up leaves %+v", b)
	}
	totals := w.Totals()
	old, fresh := totals[0], totals[1]
	near(t, "canary's first receives", fresh.Received, 36_000)
	near(t, "canary's failures", fresh.Failed, 36_000*.03)
	near(t, "baseline's failures", old.Failed, 324_000*.002)
	// One in ten of the retries lands on the canary.
	retries := old.Attempts - old.Received + fresh.Attempts - fresh.Received
	near(t, "retries", retries, 36_000*.03+324_000*.002)
	near(t, "failures in flight", b.InFlight, 100*60*(.9*.002+.1*.03))
	for key, want := range map[string]float64{
		"Orders Processed Service=orders-canary": float64(fresh.Received), "Orders Failed Service=orders-canary": float64(fresh.Failed),
		"Orders Processed Service=orders": float64(old.Received), "Orders Failed Service=orders": float64(old.Failed),
		"AWS/SQS NumberOfMessagesSent QueueName=orders": float64(b.Sent), "AWS/SQS NumberOfMessagesDeleted QueueName=orders": float64(b.Deleted),
		"AWS/SQS NumberOfMessagesReceived QueueName=orders": float64(old.Attempts + fresh.Attempts),
	} {
		if got := published.total(key); got != want {
			t.Errorf("%s adds up to %v, want %v", key, got, want)
		}
	}
}

func TestTheCanaryIsGoodUntilItsOnset(t *testing.T) {
	f := &fleet{primary(9)}
	l := loop.New(start, 5)
	w := New(l, f, config(func(c *Config) {
		c.Baseline.FailureRate, c.Canary.FailureRate, c.From = 0, 1, 4*time.Minute
	}))
	w.Start()
	l.AdvanceTo(start.Add(10*time.Minute + 17*time.Second))
	w.Settle(l.Now())
	if _, began := w.Onset(); began {
		t.Fatal("an onset before the canary ran")
	}
	*f = fleet{primary(9), canary(1)}
	ran := l.Now()
	l.AdvanceTo(ran.Add(4 * time.Minute)) // 17 s into a minute, and nobody settles then
	if at, began := w.Onset(); !began || !at.Equal(ran.Add(4*time.Minute)) {
		t.Errorf("onset at %s, want %s", at, ran.Add(4*time.Minute))
	}
	if got := w.Totals()[1]; got.Failed != 0 || got.Received == 0 {
		t.Fatalf("before the onset: %+v", got)
	}
	l.AdvanceTo(ran.Add(4*time.Minute + 43*time.Second))
	near(t, "failures in the 43 s after the onset", w.Totals()[1].Failed, 43*10)
	before := w.Totals()[1]
	l.AdvanceTo(ran.Add(10 * time.Minute))
	if got := w.Totals()[1]; got.Failed-before.Failed != got.Received-before.Received {
		t.Errorf("after the onset: %+v, and before %+v", got, before)
	}
}

func TestCanaryRanIsTheFirstRunningTask(t *testing.T) {
	f := &fleet{primary(9)}
	l := loop.New(start, 5)
	w := New(l, f, config(func(c *Config) { c.From = time.Minute }))
	w.CanaryRan(start.Add(30 * time.Second)) // RUNNING, not healthy yet
	w.CanaryRan(start.Add(90 * time.Second)) // a second task changes nothing
	if at, _ := w.Onset(); !at.Equal(start.Add(90 * time.Second)) {
		t.Errorf("onset at %s", at)
	}
}

func TestAQueueBacksUpAndDrains(t *testing.T) {
	f := &fleet{primary(3)} // 3 units * 2 at once / 0.116 s = 52/s for 100/s
	l, w := run(t, 7, config(func(c *Config) {
		c.Arrivals, c.Baseline.FailureRate = steady{perSecond: 100, until: start.Add(10 * time.Minute)}, 0
	}), f, time.Minute)
	rate := 3 * w.baseline.rate
	for minute := 2.; minute <= 10; minute++ {
		l.AdvanceTo(start.Add(time.Duration(minute) * time.Minute))
		near(t, "backlog", w.Balance().Visible, (100-rate)*60*minute)
		age, ok := w.queue.age(l.Now())
		if want := 60 * minute * (1 - rate/100); !ok || math.Abs(age.Seconds()-want) > 4 {
			t.Errorf("minute %v: the oldest message is %s old, want about %.0f s", minute, age, want)
		}
	}
	w.Settle(l.Now())
	*f = fleet{primary(30)}
	l.AdvanceTo(start.Add(15 * time.Minute))
	if b := w.Balance(); b.Visible != 0 || b.Deleted != b.Sent {
		t.Errorf("thirty units left %+v", b)
	}
	if _, ok := w.queue.age(l.Now()); ok {
		t.Error("an empty queue has an oldest message")
	}
}

// Nobody works: everything waits, and nothing dies, because SQS moves a message when somebody asks for it.
func TestWithoutWorkersEverythingWaits(t *testing.T) {
	_, w := run(t, 7, config(nil), &fleet{}, 10*time.Minute)
	if b := w.Balance(); b.Visible != b.Sent || b.Sent == 0 || len(w.Totals()) != 0 {
		t.Errorf("%+v", b)
	}
}

// A version that fails everything drains the queue into the dead-letter queue: a message is tried MaxReceives times,
// a visibility timeout apart, and then moved.
func TestPoisonEndsInTheDeadLetterQueue(t *testing.T) {
	published := recorder{}
	l, w := run(t, 7, config(func(c *Config) {
		c.Baseline.FailureRate, c.MaxReceives, c.Open = 1, 3, published.open
		c.Arrivals = steady{perSecond: 10, until: start.Add(time.Minute)}
	}), &fleet{primary(9)}, 3*time.Minute)
	if b := w.Balance(); b.Dead != 0 {
		t.Fatalf("after three tries and before the fourth: %+v", b)
	}
	if got := published["AWS/SQS ApproximateNumberOfMessagesVisible QueueName=orders-dlq"]; got != nil {
		t.Errorf("an idle dead-letter queue published %v", got)
	}
	l.AdvanceTo(start.Add(5 * time.Minute))
	b := w.Balance()
	if b.Dead != b.Sent || b.Sent == 0 {
		t.Fatalf("after the fourth asking: %+v", b)
	}
	total := w.Totals()[0]
	if total.Attempts != 3*b.Sent || total.Failed != b.Sent || total.Dead != b.Sent {
		t.Errorf("%+v for %d messages", total, b.Sent)
	}
	if got := published.total("AWS/SQS NumberOfMessagesSent QueueName=orders-dlq"); got != 0 {
		t.Errorf("%v messages count as sent to the dead-letter queue; SQS does not count what it moves", got)
	}
	if got := published["AWS/SQS ApproximateNumberOfMessagesVisible QueueName=orders-dlq"][start.Add(4*time.Minute)]; got != float64(b.Sent) {
		t.Errorf("the dead-letter queue shows %v, want %d", got, b.Sent)
	}
}

// Without a dead-letter queue a message is tried again for ever.
func TestWithoutADeadLetterQueueNothingDies(t *testing.T) {
	_, w := run(t, 7, config(func(c *Config) {
		c.Baseline.FailureRate, c.DeadLetters = 1, ""
		c.Arrivals = steady{perSecond: 10, until: start.Add(time.Minute)}
	}), &fleet{primary(9)}, time.Hour)
	b := w.Balance()
	if b.Dead != 0 || b.Deleted != 0 || w.Totals()[0].Dead != 0 || w.Totals()[0].Attempts < 50*b.Sent {
		t.Errorf("%+v, %+v", b, w.Totals())
	}
}

// A slow version takes what it can; the others take the rest.
func TestASlowVersionTakesLess(t *testing.T) {
	_, w := run(t, 9, config(func(c *Config) {
		c.Canary = Behaviour{P50: 10 * time.Second, P99: 20 * time.Second}
		c.Baseline.FailureRate = 0
	}), &fleet{primary(9), canary(1)}, time.Hour)
	if b := w.Balance(); b.Visible > 100 {
		t.Fatalf("the primary does not keep up: %+v", b)
	}
	near(t, "the slow canary's work", w.Totals()[1].Received, w.canary.rate*3600)
}

// A version that nobody gives work to publishes nothing.
func TestIdleServicesPublishNothing(t *testing.T) {
	published := recorder{}
	run(t, 9, config(func(c *Config) { c.Arrivals, c.Open = steady{}, published.open }), &fleet{primary(9)}, 10*time.Minute)
	if len(published["Orders Processed Service=orders"]) != 0 {
		t.Error("an idle service published")
	}
	if got := len(published["AWS/SQS NumberOfMessagesSent QueueName=orders"]); got != 10 {
		t.Errorf("a queue that is polled published %d minutes, want 10", got)
	}
	if len(published["AWS/SQS ApproximateAgeOfOldestMessage QueueName=orders"]) != 0 {
		t.Error("an empty queue published an age")
	}
}

// Two comparisons may share a metric: the workers publish it once all the same.
func TestASharedMetricIsPublishedOnce(t *testing.T) {
	published := recorder{}
	_, w := run(t, 9, config(func(c *Config) {
		c.Open = published.open
		c.Workers = append(c.Workers, WorkerMetrics{Namespace: "Orders", Dimension: "Service", Failed: "Slow", Total: "Processed"})
	}), &fleet{primary(9)}, 10*time.Minute)
	if got, want := published.total("Orders Processed Service=orders"), float64(w.Totals()[0].Received); got != want {
		t.Errorf("%v published, %v received", got, want)
	}
	if published.total("Orders Slow Service=orders") != published.total("Orders Failed Service=orders") {
		t.Error("a metric of the second comparison is missing")
	}
}

func TestLatencies(t *testing.T) {
	got := map[float64]float64{}
	_, w := run(t, 9, config(func(c *Config) {
		c.Workers[0].Latency = "Duration"
		c.Open = recorder{}.open
		c.Values = func(_, _ string, _ ...Dimension) Values {
			return func(_ time.Time, values, counts []float64) {
				for i, v := range values {
					got[v] += counts[i]
				}
			}
		}
		c.Baseline = Behaviour{P50: 100 * time.Millisecond, P99: time.Second}
	}), &fleet{primary(9)}, time.Hour)
	sum, below, slow := 0., 0., 0.
	for v, n := range got {
		sum += n
		if v < 99 {
			below += n
		}
		if v > 950 {
			slow += n
		}
	}
	if sum != float64(w.Totals()[0].Attempts) {
		t.Errorf("%v latencies of %d attempts", sum, w.Totals()[0].Attempts)
	}
	if part := below / sum; part < .47 || part > .51 {
		t.Errorf("%.1f %% below the median", 100*part)
	}
	if part := slow / sum; part < .005 || part > .02 {
		t.Errorf("%.2f %% near or above p99", 100*part)
	}
}

func TestStop(t *testing.T) {
	l, w := run(t, 9, config(nil), &fleet{primary(9)}, 5*time.Minute)
	w.Stop()
	for l.Step() {
	}
	if got := l.Now().Sub(start); got > 6*time.Minute {
		t.Errorf("the workload went on for %s", got)
	}
}

func TestMultinomialDealsEverythingOut(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		weights := rapid.SliceOfN(rapid.SampledFrom([]float64{0, .1, 1, 7}), 1, 6).Draw(t, "weights")
		n := rapid.Int64Range(0, 100_000).Draw(t, "n")
		counts := make([]int64, len(weights))
		multinomial(rng, n, weights, counts)
		var all int64
		heavy := 0.
		for i, c := range counts {
			all += c
			heavy += weights[i]
			if c < 0 || weights[i] == 0 && c != 0 {
				t.Fatalf("%v of %v", counts, weights)
			}
		}
		if heavy > 0 && all != n {
			t.Fatalf("%d of %d dealt out", all, n)
		}
	})
}

// The draws have the mean and the variance that they should have.
func TestDraws(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 4))
	const rounds = 40_000
	moments := func(draw func() int64) (mean, variance float64) {
		sum, squares := 0., 0.
		for range rounds {
			v := float64(draw())
			sum, squares = sum+v, squares+v*v
		}
		mean = sum / rounds
		return mean, squares/rounds - mean*mean
	}
	check := func(name string, mean, variance, wantMean, wantVariance float64) {
		if math.Abs(mean-wantMean) > 5*math.Sqrt(wantVariance/rounds)+1e-9 || math.Abs(variance-wantVariance) > .05*wantVariance+1e-9 {
			t.Errorf("%s: mean %.4f, variance %.4f; want %.4f, %.4f", name, mean, variance, wantMean, wantVariance)
		}
	}
	for _, mean := range []float64{.01, .5, 5, 50, 6000} {
		m, v := moments(func() int64 { return poisson(rng, mean) })
		check(fmt.Sprint("poisson ", mean), m, v, mean, mean)
	}
	for _, c := range []struct {
		n int64
		p float64
	}{{1, .3}, {20, .002}, {600, .002}, {600, .03}, {6000, .1}, {6000, .5}, {6000, .97}, {100_000, .9}} {
		m, v := moments(func() int64 { return binomial(rng, c.n, c.p) })
		check(fmt.Sprint("binomial ", c), m, v, float64(c.n)*c.p, float64(c.n)*c.p*(1-c.p))
	}
}

func BenchmarkHour(b *testing.B) {
	nothing := func(string, string, ...Dimension) Metric {
		return func(time.Time, float64, float64, float64, float64) {}
	}
	b.ReportAllocs()
	for b.Loop() {
		run(b, rand.Uint64(), config(func(c *Config) { c.Open = nothing }), &fleet{primary(9), canary(1)}, time.Hour)
	}
}
