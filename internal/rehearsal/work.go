package rehearsal

import (
	"time"

	"github.com/serin-aws/serin/internal/rehearsal/cloudwatch"
	"github.com/serin-aws/serin/internal/rehearsal/ecs"
	"github.com/serin-aws/serin/internal/rehearsal/scaling"
	"github.com/serin-aws/serin/internal/rehearsal/sqs"
	"github.com/serin-aws/serin/internal/rehearsal/workload"
	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/scenario"
)

// alarmsOf compiles the scenario's alarms; without any, every alarm of the target exists and has no data.
func alarmsOf(target release.Target, s scenario.Scenario) ([]*cloudwatch.Definition, error) {
	var alarms []*cloudwatch.Definition
	if s.AlarmSet == nil {
		for _, name := range target.Checks.Alarms {
			alarms = append(alarms, cloudwatch.Silent(name))
		}
		return alarms, nil
	}
	for _, alarm := range s.AlarmSet.Metric {
		d, err := cloudwatch.Define(alarm)
		if err != nil {
			return nil, release.Errorf(release.Invalid, s.Alarms, "%w", err)
		}
		alarms = append(alarms, d)
	}
	for _, alarm := range s.AlarmSet.Composite {
		d, err := cloudwatch.DefineComposite(alarm)
		if err != nil {
			return nil, release.Errorf(release.Invalid, s.Alarms, "%w", err)
		}
		alarms = append(alarms, d)
	}
	return alarms, nil
}

// work puts a queue before the services, lets messages arrive, and scales the primary service on what waits.
func (a *Account) work(target release.Target, s scenario.Scenario) {
	q := target.ECSQueue
	queue := nameOf(q.Queue)
	deadLetters := s.World.Queue.DeadLetter
	if deadLetters == "" {
		deadLetters = queue + "-dlq"
	}
	config := workload.Config{
		Queue: queue, DeadLetters: deadLetters, MaxReceives: s.World.Queue.MaxReceiveCount, Visibility: s.World.Queue.Visibility.Std(),
		Arrivals: arrivals{s.Arrivals}, Concurrency: s.World.Concurrency,
		Baseline: behaviour(s.Baseline), Canary: behaviour(s.Canary),
		CanaryDigest: string(a.versions.fresh), From: s.Canary.From.Std(),
		Open: a.openMetric,
	}
	for _, c := range target.Checks.Compare {
		if p := c.Proportion; p != nil {
			config.Workers = append(config.Workers, workload.WorkerMetrics{
				Namespace: p.Namespace, Dimension: p.By.Dimension, Failed: p.Failed, Total: p.Total,
			})
		}
	}
	a.Workload = workload.New(a.loop, fleet{a.ECS}, config)
	a.ECS.OnChange(func() { a.Workload.Settle(a.loop.Now()) })
	a.ECS.OnFirstRunning(string(a.versions.fresh), a.Workload.CanaryRan)
	a.Workload.Start()
	a.SQS.Add(sqs.Queue{
		Name: queue, DeadLetters: deadLetters, MaxReceives: config.MaxReceives, Visibility: config.Visibility,
		Depth: func() (visible, inFlight int64) { b := a.Workload.Balance(); return b.Visible, b.InFlight },
	})
	a.SQS.Add(sqs.Queue{Name: deadLetters, Depth: func() (visible, inFlight int64) { return a.Workload.Balance().Dead, 0 }})
	a.scale(nameOf(q.Cluster), q.PrimaryService, q.CanaryService, s)
}

// scale lets application auto scaling follow the backlog per task of both services.
func (a *Account) scale(cluster, primary, canary string, s scenario.Scenario) {
	bounds := s.World.Scaling
	if bounds == nil {
		return
	}
	scaled := cluster + "/" + primary
	a.Scaling.Register(scaled, bounds.Min, bounds.Max)
	perTask := max(1, s.Arrivals.Count(0, time.Minute)/float64(max(1, s.World.PrimaryTasks)))
	a.Scaling.Track(scaled, scaling.Tracking{
		Name: "backlog-per-task", Acceptable: perTask, Namespace: "Serin/Rehearsal", Metric: "BacklogPerTask",
		Backlog: func() float64 { b := a.Workload.Balance(); return float64(b.Visible) },
		Tasks:   func() int { return a.ECS.Working(primary) + a.ECS.Working(canary) },
	})
}

func behaviour(b scenario.Behaviour) workload.Behaviour {
	return workload.Behaviour{FailureRate: float64(b.FailureRate), P50: time.Duration(b.Latency.P50), P99: time.Duration(b.Latency.P99)}
}

// openMetric lets the workload publish to the simulated CloudWatch.
func (a *Account) openMetric(namespace, metric, dimension, value string) workload.Metric {
	series := a.CloudWatch.Series(namespace, metric, cloudwatch.Dim{Name: dimension, Value: value})
	return series.Add
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

// arrivals counts a scenario's arrivals from the start of the release; before it, work arrived as it does at first.
type arrivals struct{ scenario.Arrivals }

// Expected returns how many messages arrive between two times.
func (a arrivals) Expected(from, to time.Time) float64 {
	before := max(0, min(to.Sub(epoch), 0)-min(from.Sub(epoch), 0)).Seconds() * a.Rate(0)
	return before + a.Count(max(0, from.Sub(epoch)), max(0, to.Sub(epoch)))
}
