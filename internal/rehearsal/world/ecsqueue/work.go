package ecsqueue

import (
	"maps"
	"slices"
	"time"

	"github.com/serin-aws/serin/internal/rehearsal/cloudwatch"
	"github.com/serin-aws/serin/internal/rehearsal/ecs"
	"github.com/serin-aws/serin/internal/rehearsal/scaling"
	"github.com/serin-aws/serin/internal/rehearsal/sqs"
	"github.com/serin-aws/serin/internal/rehearsal/workload"
	"github.com/serin-aws/serin/internal/rehearsal/world"
	"github.com/serin-aws/serin/internal/rehearsal/world/ecsservice"
	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/scenario"
)

// work puts a queue before the services, lets messages arrive, and scales the primary service on what waits.
func (w *World) work() {
	target, s := w.site.Target, w.site.Scenario
	q := target.ECSQueue
	queue := ecsservice.NameOf(q.Queue)
	deadLetters := s.World.Queue.DeadLetter
	if deadLetters == "" {
		deadLetters = queue + "-dlq"
	}
	config := workload.Config{
		Queue: queue, DeadLetters: deadLetters, MaxReceives: s.World.Queue.MaxReceiveCount, Visibility: s.World.Queue.Visibility.Std(),
		Arrivals: world.Arrivals{Arrivals: s.Arrivals, Start: w.site.Start}, Concurrency: s.World.Concurrency,
		Baseline: world.BehaviourOf(s.Baseline), Canary: world.BehaviourOf(s.Canary),
		CanaryDigest: w.Fresh(), From: s.Canary.From.Std(),
		Open: w.openMetric, Values: w.openValues,
	}
	for _, c := range target.Checks.Compare {
		config.Workers = append(config.Workers, published(c))
	}
	w.Workload = workload.New(w.site.Loop, fleet{w.ECS}, config)
	w.ECS.OnChange(func() { w.Workload.Settle(w.site.Loop.Now()) })
	w.ECS.OnFirstRunning(w.Fresh(), w.Workload.CanaryRan)
	w.Workload.Start()
	w.SQS.Add(sqs.Queue{
		Name: queue, DeadLetters: deadLetters, MaxReceives: config.MaxReceives, Visibility: config.Visibility,
		Depth: func() (visible, inFlight int64) { b := w.Workload.Balance(); return b.Visible, b.InFlight },
	})
	w.SQS.Add(sqs.Queue{Name: deadLetters, Depth: func() (visible, inFlight int64) { return w.Workload.Balance().Dead, 0 }})
	w.scale(ecsservice.NameOf(q.Cluster), q.PrimaryService, q.CanaryService, s)
}

// scale lets application auto scaling follow the backlog per task of both services.
func (w *World) scale(cluster, primary, canary string, s scenario.Scenario) {
	bounds := s.World.Scaling
	if bounds == nil {
		return
	}
	scaled := cluster + "/" + primary
	w.Scaling.Register(scaled, bounds.Min, bounds.Max)
	perTask := max(1, s.Arrivals.Count(0, time.Minute)/float64(max(1, s.World.PrimaryTasks)))
	w.Scaling.Track(scaled, scaling.Tracking{
		Name: "backlog-per-task", Acceptable: perTask, Namespace: "Serin/Rehearsal", Metric: "BacklogPerTask",
		Backlog: func() float64 { b := w.Workload.Balance(); return float64(b.Visible) },
		Tasks:   func() int { return w.ECS.Working(primary) + w.ECS.Working(canary) },
	})
}

// published is what the workers publish so that a target can compare it.
func published(c release.Comparison) workload.WorkerMetrics {
	by := func(namespace string, by release.ByDimension) workload.WorkerMetrics {
		m := workload.WorkerMetrics{Namespace: namespace, Dimension: by.Dimension}
		for _, name := range slices.Sorted(maps.Keys(by.With)) {
			m.With = append(m.With, workload.Dimension{Name: name, Value: by.With[name]})
		}
		return m
	}
	switch {
	case c.Proportion != nil:
		m := by(c.Proportion.Namespace, c.Proportion.By)
		m.Failed, m.Total = c.Proportion.Failed, c.Proportion.Total
		return m
	case c.Latency != nil:
		m := by(c.Latency.Namespace, c.Latency.By)
		m.Latency, m.Unit = c.Latency.Metric, units[c.Latency.Unit]
		return m
	case c.Throughput != nil:
		m := by(c.Throughput.Namespace, c.Throughput.By)
		m.Total = c.Throughput.Metric
		return m
	}
	return workload.WorkerMetrics{}
}

var units = map[release.TimeUnit]time.Duration{
	release.InMicroseconds: time.Microsecond, release.InMilliseconds: time.Millisecond, release.InSeconds: time.Second,
}

// openMetric and openValues let the workload publish to the simulated CloudWatch.
func (w *World) openMetric(namespace, metric string, dimensions ...workload.Dimension) workload.Metric {
	return w.series(namespace, metric, dimensions).Add
}

func (w *World) openValues(namespace, metric string, dimensions ...workload.Dimension) workload.Values {
	return w.series(namespace, metric, dimensions).AddValues
}

func (w *World) series(namespace, metric string, dimensions []workload.Dimension) *cloudwatch.Series {
	dims := make([]cloudwatch.Dim, len(dimensions))
	for i, d := range dimensions {
		dims[i] = cloudwatch.Dim(d)
	}
	return w.site.CloudWatch.Series(namespace, metric, dims...)
}

// fleet lets the workload see who serves.
type fleet struct{ ecs *ecs.Control }

// Serving returns the services' running tasks by version.
func (f fleet) Serving() []workload.Server {
	rows := f.ecs.Serving()
	serving := make([]workload.Server, len(rows))
	for i, row := range rows {
		serving[i] = workload.Server(row)
	}
	return serving
}
