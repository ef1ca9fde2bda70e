package storytest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/story"
)

// Account is what a story is read from.
type Account struct {
	Ledger    *Ledger
	Metrics   *Metrics
	Rehearsed *story.Rehearsed
}

// ID returns the release's id.
func (a Account) ID() release.ID { return a.Ledger.Release.ID }

// Story reads the story as a rehearsal would show it. The hand-made accounts never fail.
func (a Account) Story() story.Story {
	s, err := story.Read(context.Background(), a.Ledger, a.Metrics, a.ID())
	if err != nil {
		panic(err)
	}
	s.Rehearsed = a.Rehearsed
	return s
}

const (
	oldDigest = release.Digest("sha256:9b1e04d7c2aa5be0f61d3f8c7a90b1e2d3c4f5a6978812ab34cd56ef7890a1b2")
	newDigest = release.Digest("sha256:41d0c2a15f7be93d0a6c8e1b2f3d4a5968770c1d2e3fa4b5c6d7e8f901234567")
)

// Target is the workload of every hand-made release.
func Target() release.Target {
	return release.Target{
		Name:     "orders-worker",
		Platform: release.PlatformECSQueue,
		ECSQueue: &release.ECSQueue{
			Cluster: "prod", PrimaryService: "orders-worker", CanaryService: "orders-worker-canary", Container: "worker", Queue: "orders",
		},
		Source: release.Source{ECR: &release.ECRSource{Repository: "orders-worker", Tags: []string{"release-*"}}},
		Plan: release.Plan{
			Steps: []release.Step{
				{Weight: 10, Bake: release.Duration(10 * time.Minute)},
				{Weight: 25, Bake: release.Duration(10 * time.Minute)},
			},
			MaxBake: release.Duration(30 * time.Minute), Settle: release.Duration(15 * time.Minute), Deadline: release.Duration(3 * time.Hour),
		},
		Checks: release.Checks{
			Alarms: []string{"orders-dlq-not-empty", "orders-latency", "orders-oldest-message"},
			Compare: []release.Comparison{{Name: "failures", Margin: 1.25, Proportion: &release.Proportion{
				Namespace: "Orders", Failed: "Failed", Total: "Processed", By: release.ByDimension{Dimension: "Service"},
			}}},
			FalseRollback: 0.01, MinimumSample: 300, Inconclusive: release.InconclusiveHold,
		},
		Concurrency: release.Supersede,
	}
}

// Good returns a release that was promoted.
func Good() Account {
	s := open(Target(), 40, 0.002, 0.002, 0)
	s.shift(0, 2)
	s.bake(1, 11)
	s.shift(11, 6)
	s.bake(13, 23)
	s.at(23, 25)
	s.decide(release.NextPromote, "", s.worker.look().Sentence)
	s.enter(release.Promoting, "all work goes to sha256:41d0c2a1: primary orders-worker-43, 18 tasks in place of 18")
	s.visit("Promote", "Promoted?", "WaitForPromotion")
	s.at(25, 25)
	s.visit("Promote", "Promoted?", "WaitForPromotion")
	s.fault("promote", "ecs:DescribeServices", "ThrottlingException", "ecs:DescribeServices throttled twice; the SDK tried again")
	s.at(27, 5)
	s.r.Judgement = release.Judgement{}
	s.enter(release.Settling, "primary runs sha256:41d0c2a1 (18 of 18 healthy); watched for 15m")
	s.visit("Promote", "Promoted?")
	s.looks(28, 42, 24)
	s.at(42, 10)
	s.enter(release.Cleaning, "settled: nothing fired and every task stayed healthy")
	s.visit("CheckAlarms", "Verdict?", "Promote", "Promoted?")
	s.at(42, 31)
	s.enter(release.Released, "sha256:41d0c2a1 serves all of orders-worker")
	s.visit("Released")
	return s.account("good.yaml: canary fails 0.2 % like the baseline", "SUCCEEDED", 48)
}

// Bad returns a release that was rolled back by comparison.
func Bad() Account {
	s := bad(Target())
	s.rollback("canary to sha256:9b1e04d7, 0 then 2 tasks")
	return s.account("bad3.yaml: canary fails 3 % from minute 4 on", "FAILED", s.minutes()+4)
}

// Open returns the bad release while it bakes, a few minutes before it is found out.
func Open() Account {
	s := open(Target(), 40, 0.004, 0.03, 3*time.Minute)
	s.shift(0, 2)
	s.bake(1, 6)
	return s.account("bad3.yaml: canary fails 3 % from minute 4 on", "", s.minutes())
}

// Held returns a release with too little work to judge: it was rolled back at its deadline.
func Held() Account {
	s := open(Target(), 0.06, 0.002, 0.002, 0)
	s.shift(0, 2)
	s.bake(1, 31)
	s.at(31, 12)
	s.r.Called = "orders-worker: the canary cannot be judged; the release holds at 10 % until 17:02"
	s.event(release.EventCalled, s.r.Called, nil)
	s.bake(32, 180)
	s.at(180, 2)
	s.decide(release.NextRollback, release.ReasonInconclusive, s.r.Judgement.Sentence)
	s.rollback("canary to sha256:9b1e04d7, 0 then 2 tasks")
	return s.account("quiet.yaml: one message a minute", "FAILED", 186)
}

// Crashed returns a release whose canary never came up; the judge never looked.
func Crashed() Account {
	s := open(Target(), 40, 0.002, 0.002, 0)
	s.at(0, 12)
	s.enter(release.Shifting, "canary is given 10 %: 2 tasks of orders-worker-canary:42")
	s.visit("DeployCanary", "CanaryReady?", "WaitForCanary")
	s.at(1, 0)
	s.event(release.EventProgress, "0 of 2 canary tasks run: the last one stopped with exit code 1 after 3 s", nil)
	s.visit("DeployCanary", "CanaryReady?", "WaitForCanary")
	s.at(2, 0)
	s.decide(release.NextRollback, release.ReasonCanary, "4 canary tasks in a row stopped within 5 s (exit code 1, essential container worker)")
	s.visit("DeployCanary", "CanaryReady?")
	s.rollback("canary to sha256:9b1e04d7, 0 then 2 tasks")
	return s.account("crashloop.yaml", "FAILED", 9)
}

// Dirty returns a release that could not be brought home.
func Dirty() Account {
	s := dirty()
	return s.account("", "FAILED", s.minutes()+4)
}

func dirty() *script {
	s := bad(Target())
	s.enter(release.RollingBack, "canary to sha256:9b1e04d7, 0 then 2 tasks")
	s.visit("Rollback", "Restored?", "WaitForRollback", "Rollback", "MarkDirty", "CountDirty", "CallPerson", "Dirty")
	s.now = s.now.Add(20 * time.Minute)
	s.r.Called = "orders-worker-canary: UpdateService is denied since 14:31; the canary still runs sha256:41d0c2a1"
	s.event(release.EventCalled, s.r.Called, nil)
	s.enter(release.Dirty, "the baseline could not be brought back; the lock is kept")
	return s
}

// Abandoned returns a release that a person gave up after nobody could bring it home.
func Abandoned() Account {
	s := dirty()
	s.now = s.now.Add(50 * time.Minute)
	order := release.Order{
		ID: "one", Verb: release.OrderAbandon, Who: "arn:aws:sts::123456789012:assumed-role/Lead/anna", Why: "the service is decommissioned", At: s.now,
	}
	s.r.Orders = append(s.r.Orders, order)
	s.event(release.EventOrder, order.String(), order)
	s.enter(release.Abandoned, "the lock is free; serin has changed nothing with that, and brings nothing home any more")
	return s.account("", "FAILED", s.minutes()+4)
}

// Refused returns the story of a release that was not started.
func Refused() story.Story {
	s := story.NotStarted(Target(), request(), release.OutcomeRefused,
		"alarm orders-dlq-not-empty is in ALARM already (since 13:40): a canary cannot be judged by it; clear it, or override it by name", start)
	s.Rehearsed = &story.Rehearsed{Seed: 7, Scenario: "alarm.yaml", End: "FAILED", Transitions: 4, Path: []story.Visit{
		{At: start, State: "Intent?"},
		{At: start.Add(time.Second), State: "DeployCanary"},
		{At: start.Add(2 * time.Second), State: "CanaryReady?"},
		{At: start.Add(2 * time.Second), State: "Refused"},
	}}
	return s
}

// Hostile returns a rolled back release in which every name that a stranger may choose tries to break out.
func Hostile() Account {
	target := Target()
	const script = `</script><script>document.title="broken"</script>`
	target.ECSQueue.Queue = `orders"><img src=x onerror=alert(1)>`
	target.Checks.Alarms = []string{script, "\u202egnidaelsim\u202c", "שלום-תור", "a\x1b[31mred\x07"}
	target.Checks.Compare[0].Name = `fail<b>ures</b>' " ` + "`{{.}}`"
	s := bad(target)
	s.r.Revision = release.Revision{Image: "orders-worker:" + script}
	s.r.Request.StartedBy = script
	s.r.Request.Reason = "</style><style>body{display:none}</style>\x1b[2J"
	s.r.Baseline.Serves = script
	s.rollback(script + " \u2028\u2067")
	return s.account(script, "FAILED", s.minutes()+4)
}

func request() release.Request {
	return release.Request{
		Target: "orders-worker", Revision: release.Revision{Image: "orders-worker:release-42"}, StartedBy: "codepipeline orders #381",
	}
}

// metricsOf says where the work of two services on one queue is measured.
func metricsOf(target release.Target) release.Metrics {
	return release.Metrics{
		Canary: release.ArmMetrics{Value: target.ECSQueue.CanaryService}, Baseline: release.ArmMetrics{Value: target.ECSQueue.PrimaryService},
	}
}

func open(target release.Target, perTask, baseline, canary float64, onset time.Duration) *script {
	s := &script{now: start}
	s.worker = worker{rng: rand.New(rand.NewPCG(4, 2)), perTask: perTask, baseline: baseline, canary: canary, onset: start.Add(onset)}
	s.r = release.Release{
		Snapshot: release.Snapshot{
			Schema: release.Schema, ID: "r-7f3c2a94be10", Target: target, Request: request(),
			Revision: release.Revision{Image: "orders-worker:release-42", Digest: newDigest},
			Baseline: release.Baseline{Serves: oldDigest.Short(), Summary: "orders-worker:41, orders-worker-canary:40, 18 + 2 tasks"},
			Steps:    target.Plan.Steps, Opened: start, Metrics: metricsOf(target),
		},
		State: release.State{
			Phase: release.Preparing, Since: start, Epoch: 1,
			Executions: []release.ExecutionARN{"arn:aws:states:eu-central-1:123456789012:execution:serin:7f3c2a94"},
		},
	}
	s.visit("Intent?", "DeployCanary")
	s.event(release.EventOpened, "baseline recorded: orders-worker:41, orders-worker-canary:40, 18 + 2 tasks", nil)
	return s
}

// bad is a release whose canary fails more from its fourth minute on, up to the decision to roll back.
func bad(target release.Target) *script {
	s := open(target, 40, 0.004, 0.03, 3*time.Minute)
	s.shift(0, 2)
	for m := 1; ; m++ {
		s.bake(m, m+1)
		if s.r.Judgement.Verdict == release.Fail {
			break
		}
		if m > 30 {
			panic("the hand-made judge did not find the bad canary")
		}
	}
	s.now = s.now.Add(2 * time.Second)
	s.decide(release.NextRollback, release.ReasonVerdict, s.r.Judgement.Sentence)
	return s
}

// shift gives the canary so many tasks, from a minute on.
func (s *script) shift(minute, tasks int) {
	s.at(minute, 14)
	if s.r.Phase == release.Baking {
		s.r.Step++
	}
	weight := s.r.Current().Weight
	s.enter(release.Shifting, fmt.Sprintf("canary is given %d %%: %d tasks of orders-worker-canary:42", weight, tasks))
	s.visit("DeployCanary", "CanaryReady?", "WaitForCanary")
	s.at(minute+1, 12)
	s.share(tasks, 20-tasks)
	if s.r.CanarySince.IsZero() {
		s.r.CanarySince = s.now
	}
	s.r.BakeSince = s.now
	s.visit("DeployCanary", "CanaryReady?")
	s.enter(release.Baking, fmt.Sprintf("canary runs orders-worker-canary:42 (%d of %d healthy, 58 s); watched for %s", tasks, tasks, s.r.Current().Bake))
}

// bake looks once a minute from one minute to another.
func (s *script) bake(from, to int) { s.looks(from, to, s.r.Shares[len(s.r.Shares)-1].Canary) }

func (s *script) looks(from, to, canary int) {
	for m := from; m < to; m++ {
		s.at(m, 20)
		settling := s.r.Phase == release.Settling
		if settling {
			canary = 2
		}
		s.worker.minute(s.r.Target, s.now.Truncate(time.Minute), canary, 20-min(canary, 19), !settling)
		s.judge(settling)
		s.visit("CheckAlarms", "Verdict?", "Bake")
	}
}

func (s *script) judge(settling bool) {
	names := s.r.Target.Checks.Alarms
	alarms := []release.Check{alarm(names[0], release.Pass, names[0]+" is OK")}
	if len(names) > 1 {
		alarms = append(alarms, alarm(names[1], release.NoData, names[1]+" has no data"))
	}
	for _, name := range names[min(2, len(names)):] {
		alarms = append(alarms, alarm(name, release.Pass, name+" is OK"))
	}
	judgement := s.worker.look(alarms...)
	if settling {
		judgement = release.Judgement{Verdict: release.Pass, Sentence: "2 alarms are OK; every task is healthy", Checks: alarms}
	}
	s.r.Judgement = judgement
	share := release.TaskShare{Canary: 2, Primary: 18}
	if n := len(s.r.Shares); n > 0 {
		share = s.r.Shares[n-1]
	}
	units := func(n int) release.Units { return release.Units{Desired: n, Running: n, Healthy: n} }
	s.event(release.EventLook, judgement.Sentence, release.Look{
		Judgement: judgement, Weight: release.Share(share.Canary, share.Primary),
		Canary: units(share.Canary), Primary: units(share.Primary), NextLook: s.now.Add(time.Minute),
	})
}

// rollback brings the baseline back in a minute and a half.
func (s *script) rollback(text string) {
	s.enter(release.RollingBack, text)
	s.visit("CheckAlarms", "Verdict?", "Rollback", "Restored?", "WaitForRollback")
	s.now = s.now.Add(90 * time.Second)
	s.visit("Rollback", "Restored?")
	s.enter(release.Cleaning, "canary runs sha256:9b1e04d7 again (2 of 2 healthy); scaling bounds are as recorded")
	s.now = s.now.Add(8 * time.Second)
	s.enter(release.RolledBack, "orders-worker serves "+s.r.Baseline.Serves+" again")
	s.visit("RolledBack")
}

// minutes returns how many minutes the release has lasted.
func (s *script) minutes() int { return int(s.now.Sub(start) / time.Minute) }

// account ends the script: the workload goes on until so many minutes after the start, in the minutes that no look
// of the judge has filled.
func (s *script) account(scenario, end string, until int) Account {
	filled := map[time.Time]bool{}
	for _, v := range s.worker.metrics.series[seriesKey("Orders", "Processed", "Service", s.r.Target.ECSQueue.PrimaryService)] {
		filled[v.at] = true
	}
	for m := -6; m <= until; m++ {
		at := start.Add(time.Duration(m) * time.Minute).Truncate(time.Minute)
		if !filled[at] {
			s.worker.minute(s.r.Target, at, 2, 18, false)
		}
	}
	s.worker.metrics.sort()
	account := Account{Ledger: &Ledger{Release: s.r, Log: s.log}, Metrics: &s.worker.metrics}
	if scenario != "" {
		account.Rehearsed = s.rehearsal(scenario, end)
	}
	return account
}
