package storytest

import (
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/story"
)

// worker is the workload: two ECS services that read one queue.
type worker struct {
	rng       *rand.Rand
	perTask   float64 // messages a minute
	baseline  float64 // failure rate
	canary    float64
	onset     time.Time // when the canary's failure rate sets in
	metrics   Metrics
	canaryAll release.Arm // since the canary's start
	baseAll   release.Arm
	logE      float64
	depth     float64
}

// minute does a minute's work of so many tasks and publishes it; fresh says that the canary's tasks run the new
// version.
func (w *worker) minute(target release.Target, at time.Time, canary, primary int, fresh bool) {
	rate := w.baseline
	if fresh && !at.Before(w.onset) {
		rate = w.canary
	}
	x := w.arm(target, target.ECSQueue.CanaryService, at, canary, rate)
	y := w.arm(target, target.ECSQueue.PrimaryService, at, primary, w.baseline)
	if fresh {
		w.bet(x, y)
	}
	w.depth = max(0, w.depth*0.6+40*w.rng.Float64()+float64(x.Failed))
	w.metrics.Put("AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", target.ECSQueue.Queue, at, math.Round(w.depth))
	w.metrics.Put("AWS/SQS", "ApproximateAgeOfOldestMessage", "QueueName", target.ECSQueue.Queue, at, math.Round(1+w.depth/12+3*w.rng.Float64()))
}

func (w *worker) arm(target release.Target, service string, at time.Time, tasks int, rate float64) release.Arm {
	mean := w.perTask * float64(tasks) * (0.9 + 0.2*w.rng.Float64())
	arm := release.Arm{Units: w.poisson(mean)}
	for range arm.Units {
		if w.rng.Float64() < rate {
			arm.Failed++
		}
	}
	p := target.Checks.Compare[0].Proportion
	if arm.Units > 0 {
		w.metrics.Put(p.Namespace, p.Total, p.By.Dimension, service, at, float64(arm.Units))
	}
	if arm.Failed > 0 {
		w.metrics.Put(p.Namespace, p.Failed, p.By.Dimension, service, at, float64(arm.Failed))
	}
	return arm
}

func (w *worker) poisson(mean float64) int64 {
	if mean <= 0 {
		return 0
	}
	return max(0, int64(math.Round(mean+math.Sqrt(mean)*w.rng.NormFloat64())))
}

// bet adds a minute to the evidence: the likelihood ratio of a fourfold failure rate against 1.25 times the
// baseline's, conditioned on the failures of both arms.
func (w *worker) bet(canary, primary release.Arm) {
	const worse, margin = 4, 1.25
	share := float64(canary.Units) / float64(max(1, canary.Units+primary.Units))
	failed := float64(canary.Failed + primary.Failed)
	w.logE += float64(canary.Failed)*math.Log(worse) + failed*math.Log((1-share+margin*share)/(1-share+margin*worse*share))
	w.canaryAll.Units += canary.Units
	w.canaryAll.Failed += canary.Failed
	w.baseAll.Units += primary.Units
	w.baseAll.Failed += primary.Failed
}

// look is what the judge would make of it.
func (w *worker) look(alarms ...release.Check) release.Judgement {
	check := release.Check{
		Kind: release.CheckComparison, Name: "failures", Canary: w.canaryAll, Baseline: w.baseAll,
		EValue: math.Exp(w.logE), Threshold: 100,
	}
	ratio := w.canaryAll.Rate() / max(1e-9, w.baseAll.Rate())
	spread := math.Exp(3 / math.Sqrt(float64(max(1, w.canaryAll.Failed))))
	check.RatioLow, check.RatioHigh, check.Level = ratio/spread, ratio*spread, 0.95
	rates := fmt.Sprintf("canary fails %s of %s messages against %s of %s", story.Percent(w.canaryAll.Rate()),
		release.Count(w.canaryAll.Units), story.Percent(w.baseAll.Rate()), release.Count(w.baseAll.Units))
	switch {
	case w.canaryAll.Units == 0:
		check.Verdict, check.Sentence = release.NoData, "no canary messages since 14:03; is the worker publishing?"
	case check.EValue >= check.Threshold:
		check.Verdict = release.Fail
		check.Sentence = fmt.Sprintf("%s: at least %.1f times as often; chance of a false alarm below 1 %%", rates, check.RatioLow)
	case check.EValue < 0.05:
		check.Verdict = release.Pass
		check.Sentence = fmt.Sprintf("%s canary messages; a failure rate 2 times the primary's is excluded (at most 1.4 times, 95 %%)", release.Count(w.canaryAll.Units))
	default:
		check.Verdict, check.UnitsLeft = release.Inconclusive, max(20, 900-w.canaryAll.Units)
		check.Sentence = fmt.Sprintf("%s canary messages so far; about %s more are needed to tell a doubled failure rate from chance",
			release.Count(w.canaryAll.Units), release.Count(check.UnitsLeft))
	}
	checks := append([]release.Check{check}, alarms...)
	return release.Judgement{Verdict: check.Verdict, Sentence: check.Sentence, Checks: checks}
}

func alarm(name string, verdict release.Verdict, sentence string) release.Check {
	return release.Check{Kind: release.CheckAlarm, Name: name, Verdict: verdict, Sentence: sentence}
}
