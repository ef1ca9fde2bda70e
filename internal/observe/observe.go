package observe

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"

	"github.com/serin-aws/serin/internal/judge"
	"github.com/serin-aws/serin/internal/release"
)

// Client is what observe uses of CloudWatch.
type Client interface {
	DescribeAlarms(context.Context, *cloudwatch.DescribeAlarmsInput, ...func(*cloudwatch.Options)) (*cloudwatch.DescribeAlarmsOutput, error)
	DescribeAlarmHistory(context.Context, *cloudwatch.DescribeAlarmHistoryInput, ...func(*cloudwatch.Options)) (*cloudwatch.DescribeAlarmHistoryOutput, error)
	GetMetricData(context.Context, *cloudwatch.GetMetricDataInput, ...func(*cloudwatch.Options)) (*cloudwatch.GetMetricDataOutput, error)
}

// Observer reads CloudWatch.
type Observer struct {
	client Client
	now    func() time.Time
}

// New returns an Observer that asks client and takes now as the present time.
func New(client Client, now func() time.Time) *Observer {
	return &Observer{client: client, now: now}
}

// Preflight returns the state of the target's alarms before a release. A configured alarm that does not exist is an
// Invalid error. What an alarm in ALARM means is the caller's to decide: a release does not start under one.
func (o *Observer) Preflight(ctx context.Context, target release.Target) ([]AlarmState, error) {
	found, err := o.describe(ctx, target.Checks.Alarms)
	if err != nil {
		return nil, err
	}
	states := make([]AlarmState, len(found))
	for i, a := range found {
		states[i] = AlarmState{Name: a.Name, State: a.State, Since: a.Since, Reason: a.reason}
	}
	return states, nil
}

// Evidence returns everything since the canary's start: one DescribeAlarms, one DescribeAlarmHistory for each alarm
// that changed its state since, and one GetMetricData, unless there is more than a call of theirs can hold.
func (o *Observer) Evidence(ctx context.Context, r *release.Release, s release.Sighting) (judge.Evidence, error) {
	start := startOf(r, s)
	alarms, err := o.describe(ctx, r.Target.Checks.Alarms)
	if err != nil {
		return judge.Evidence{}, err
	}
	for i := range alarms {
		if err := o.recall(ctx, &alarms[i], start); err != nil {
			return judge.Evidence{}, err
		}
	}
	ask := newAsk(windowOf(start, o.now()))
	sampled, pairs := ask.alarms(alarms), ask.comparisons(r)
	work, shares := r.MeasuredAt().Work, r.Shares
	if requests := r.MeasuredAt().Canary.Requests; r.Phase == release.Baking && len(pairs) == 0 && !requests.IsZero() {
		work, shares = requests, nil // the canary's alone: nothing is left to explain
	}
	worked := ask.work(work)
	if err := o.fetch(ctx, ask); err != nil {
		return judge.Evidence{}, err
	}
	ask.cover(alarms, sampled)
	evidence := judge.Evidence{
		Since: start, Until: ask.window.Until, Shares: shares, Unit: r.Target.Platform.Units(),
		FalseRollback: r.Target.Checks.FalseRollback, MinimumSample: r.Target.Checks.MinimumSample,
	}
	evidence.Alarms = make([]judge.Alarm, len(alarms))
	for i := range alarms {
		evidence.Alarms[i] = alarms[i].Alarm
		evidence.Alarms[i].Overridden = r.Overridden(alarms[i].Name)
	}
	for _, p := range pairs {
		comparison, err := ask.filled(p)
		if err != nil {
			return judge.Evidence{}, err
		}
		evidence.Comparisons = append(evidence.Comparisons, comparison)
	}
	evidence.Work, err = ask.workOf(worked)
	return evidence, err
}
