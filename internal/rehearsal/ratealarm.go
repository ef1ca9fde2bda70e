package rehearsal

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"github.com/serin-aws/serin/internal/rehearsal/cloudwatch"
	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/story"
)

// usualRule is the alarm that many have in place of a comparison: on the canary's failure rate, in two minutes of three
// above 2 %.
var usualRule = story.RateRule{Above: 0.02, Minutes: 2, Of: 3}

const rateAlarmName = "rate-alarm" // in the simulated account

// RateAlarm rehearses the plan runs times, with the seeds from first on, with nothing to judge the canary but a rate
// alarm, and says what came of it. The canary goes through the same steps and bakes, its work and failures are drawn
// anew, and serin looks at the alarm as it looks at any. It is nil where the target compares no failures.
func (p *Plan) RateAlarm(ctx context.Context, runs int, first uint64) (*story.RateAlarm, error) {
	compared, ok := p.comparesFailures()
	if !ok {
		return nil, nil
	}
	alarmed, err := p.alarmed()
	if err != nil {
		return nil, err
	}
	results, err := seeds(ctx, runs, first, func(ctx context.Context, seed uint64) (story.RateRun, error) {
		return alarmed.rateRun(ctx, seed, compared)
	})
	if err != nil {
		return nil, err
	}
	told := usualRule.Tell(results)
	return &told, nil
}

// comparesFailures returns the comparison whose metrics the alarm watches, too.
func (p *Plan) comparesFailures() (release.Comparison, bool) {
	for _, c := range p.Target.Checks.Compare {
		if c.Kind() == release.CompareFailures {
			return c, true
		}
	}
	return release.Comparison{}, false
}

// alarmed is the plan with functions that compare nothing and look at one alarm, which has no data yet. The workload works
// and publishes as before.
func (p *Plan) alarmed() (*Plan, error) {
	alarmed := *p
	alarmed.Faults, alarmed.Pushes = nil, 0
	target := p.Target
	target.Checks.Compare, target.Checks.Alarms = nil, []string{rateAlarmName}
	alarmed.alarms = []*cloudwatch.Definition{cloudwatch.Silent(rateAlarmName)}
	return &alarmed, alarmed.store(target)
}

// rateRun is one such release.
func (p *Plan) rateRun(ctx context.Context, seed uint64, compared release.Comparison) (out story.RateRun, err error) {
	run, err := p.Start(seed, false, nil)
	if err != nil {
		return out, err
	}
	defer run.Close()
	for there := false; !there && !run.Over(); {
		run.Advance(time.Minute)
		if there, err = run.setRateAlarm(ctx, compared); err != nil {
			return out, err
		}
	}
	run.Finish()
	whole, err := run.Outcome(ctx)
	if _, fired := run.account.CloudWatch.Outside().Fired(rateAlarmName); !fired || !whole.Detected {
		return out, err
	}
	return story.RateRun{Fired: true, After: whole.Detection, Failures: whole.Failures}, err
}

// setRateAlarm sets the alarm as soon as it is known where the canary is measured: for a function not before it has a
// version.
func (r *Run) setRateAlarm(ctx context.Context, compared release.Comparison) (there bool, err error) {
	opened, err := r.opened(ctx)
	if opened == nil || err != nil {
		return false, err
	}
	measured, ok := opened.MeasuredAt().Compared(compared)
	if !ok {
		return false, nil
	}
	definition, err := cloudwatch.Define(rateAlarmOn(measured.Canary))
	if err == nil {
		r.account.CloudWatch.Install(definition)
	}
	return true, err
}

// rateAlarmOn is the alarm as one would define it with metric math: a minute in which nothing failed may have no data of
// failures, a minute without work has no rate.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
func rateAlarmOn(arm release.Measured) types.MetricAlarm {
	query := func(id string, metric release.Metric) types.MetricDataQuery {
		m := &types.Metric{Namespace: aws.String(metric.Namespace), MetricName: aws.String(metric.Name)}
		for _, d := range metric.Dimensions {
			m.Dimensions = append(m.Dimensions, types.Dimension{Name: aws.String(d.Name), Value: aws.String(d.Value)})
		}
		return types.MetricDataQuery{Id: aws.String(id), ReturnData: aws.Bool(false), MetricStat: &types.MetricStat{
			Metric: m, Period: aws.Int32(60), Stat: aws.String("Sum"),
		}}
	}
	queries := []types.MetricDataQuery{query("units", arm.Units)}
	var failed []string
	for i, metric := range arm.Failed {
		id := fmt.Sprintf("failed%d", i)
		queries = append(queries, query(id, metric))
		failed = append(failed, fmt.Sprintf("FILL(%s, 0)", id))
	}
	queries = append(queries, types.MetricDataQuery{
		Id: aws.String("rate"), Expression: aws.String(fmt.Sprintf("(%s) / units", strings.Join(failed, " + "))), ReturnData: aws.Bool(true),
	})
	return types.MetricAlarm{
		AlarmName: aws.String(rateAlarmName), Metrics: queries, Threshold: aws.Float64(usualRule.Above),
		ComparisonOperator: types.ComparisonOperatorGreaterThanThreshold,
		EvaluationPeriods:  aws.Int32(int32(usualRule.Of)), DatapointsToAlarm: aws.Int32(int32(usualRule.Minutes)),
	}
}
