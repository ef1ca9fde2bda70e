package scaling

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"
	"github.com/aws/smithy-go"
	"pgregory.net/rapid"

	"github.com/serin-aws/serin/internal/rehearsal/door"
	"github.com/serin-aws/serin/internal/rehearsal/loop"
)

var start = time.Date(2026, 3, 2, 9, 0, 30, 0, time.UTC)

// fleet is a service that starts and stops tasks at once, beside others that read the same queue.
type fleet struct {
	desired   int
	others    int
	deploying bool
	backlog   float64
}

func (f *fleet) Desired(string) int         { return f.desired }
func (f *fleet) SetDesired(_ string, n int) { f.desired = n }
func (f *fleet) Deploying(string) bool      { return f.deploying }
func (f *fleet) tasks() int                 { return f.desired + f.others }
func (f *fleet) waiting() float64           { return f.backlog }

type world struct {
	loop *loop.Loop
	door *door.Door
	fleet
	*Scaling
}

const orders = "prod/orders"

func newWorld(low, high int, change ...func(*Tracking)) *world {
	l := loop.New(start, 1)
	w := &world{loop: l, door: door.New(l, nil, nil)}
	w.Scaling = New(l, &w.fleet)
	w.Register(orders, low, high)
	with := Tracking{Name: "backlog", Acceptable: 100, Backlog: w.waiting, Tasks: w.tasks, Namespace: "Orders", Metric: "BacklogPerTask"}
	for _, f := range change {
		f(&with)
	}
	w.Track(orders, with)
	return w
}

func (w *world) minutes(n int) { w.loop.AdvanceTo(w.loop.Now().Add(time.Duration(n) * time.Minute)) }

func (w *world) within(calls func(ctx context.Context)) {
	over := false
	w.door.Invoke("test", "request", time.Hour, calls, func(bool) { over = true })
	for !over {
		w.loop.Step()
	}
}

func code(err error) string {
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		return api.ErrorCode()
	}
	return ""
}

// https://docs.aws.amazon.com/autoscaling/application/userguide/target-tracking-scaling-policy-overview.html
func TestDesiredFollowsTheBacklog(t *testing.T) {
	for name, c := range map[string]struct {
		desired, others int
		backlog         float64
		want            int
	}{
		"fine as it is":           {3, 0, 300, 3},
		"a little more":           {3, 0, 301, 4},
		"much more":               {3, 0, 1000, 10},
		"over the maximum":        {3, 0, 1e9, 12},
		"less":                    {9, 0, 450, 5},
		"nothing":                 {9, 0, 0, 2},
		"below the minimum":       {1, 0, 0, 2},
		"above the maximum":       {20, 0, 1e9, 12},
		"none running":            {0, 0, 700, 7},
		"the canary takes a part": {9, 1, 1000, 9}, // ten tasks share a thousand messages
		"and of more":             {9, 1, 1100, 10},
	} {
		w := newWorld(2, 12)
		w.fleet = fleet{desired: c.desired, others: c.others, backlog: c.backlog}
		w.minutes(1)
		if w.desired != c.want {
			t.Errorf("%s: %d, want %d", name, w.desired, c.want)
		}
	}
}

func TestAMinuteApart(t *testing.T) {
	w := newWorld(1, 100)
	w.fleet = fleet{desired: 1, backlog: 500}
	w.loop.AdvanceTo(start.Add(29 * time.Second))
	if w.desired != 1 {
		t.Error("before the full minute")
	}
	w.loop.AdvanceTo(start.Add(30 * time.Second))
	if w.desired != 5 {
		t.Errorf("%d at the full minute", w.desired)
	}
}

// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-auto-scaling.html: scale-in is off during a
// deployment, scale-out goes on.
func TestDuringADeployment(t *testing.T) {
	w := newWorld(1, 20)
	w.fleet = fleet{desired: 5, backlog: 0, deploying: true}
	w.minutes(10)
	if w.desired != 5 {
		t.Errorf("scaled in to %d during a deployment", w.desired)
	}
	w.backlog = 800
	w.minutes(1)
	if w.desired != 8 {
		t.Errorf("did not scale out: %d", w.desired)
	}
	w.backlog, w.deploying = 0, false
	w.minutes(10)
	if w.desired != 1 {
		t.Errorf("did not scale in afterwards: %d", w.desired)
	}
}

// https://docs.aws.amazon.com/autoscaling/application/userguide/target-tracking-scaling-policy-overview.html (cooldown)
func TestCooldowns(t *testing.T) {
	var activities []int
	w := newWorld(1, 100, func(p *Tracking) { p.Changed = func(n int) { activities = append(activities, n) } })
	w.fleet = fleet{desired: 2, backlog: 400}
	w.minutes(1) // 4: the capacity before the activity was 2
	w.others = -2
	w.minutes(1) // still two run: what was added counts, so nothing more is wanted
	if !slices.Equal(activities, []int{4}) {
		t.Errorf("%v: the capacity on its way was not counted", activities)
	}
	w.backlog = 1000
	w.minutes(1) // a larger need is met within the cooldown
	if !slices.Equal(activities, []int{4, 10}) {
		t.Errorf("%v", activities)
	}
	w.others, w.backlog = 0, 100
	w.minutes(4)
	if len(activities) != 2 {
		t.Errorf("%v: scaled in within the cooldown", activities)
	}
	w.minutes(2)
	if !slices.Equal(activities, []int{4, 10, 1}) {
		t.Errorf("%v", activities)
	}
}

// https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-suspend-resume-scaling.html
func TestSuspended(t *testing.T) {
	for name, c := range map[string]struct {
		in, out bool
		more    int // after a greater backlog
		less    int // after none
	}{
		"nothing": {false, false, 9, 1},
		"in":      {true, false, 9, 9},
		"out":     {false, true, 5, 1},
		"both":    {true, true, 5, 5},
	} {
		w := newWorld(1, 20)
		w.fleet = fleet{desired: 5, backlog: 900}
		w.Suspend(orders, c.in, c.out, false)
		w.minutes(1)
		if w.desired != c.more {
			t.Errorf("%s suspended: %d, want %d", name, w.desired, c.more)
		}
		w.backlog = 0
		w.minutes(20)
		if w.desired != c.less {
			t.Errorf("%s suspended: %d, want %d", name, w.desired, c.less)
		}
	}
	w := newWorld(1, 20, func(p *Tracking) { p.DisableScaleIn = true })
	w.fleet = fleet{desired: 5}
	w.minutes(20)
	if w.desired != 5 {
		t.Errorf("scaled in to %d although the policy does not", w.desired)
	}
}

func TestBoundsHold(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		low := rapid.IntRange(0, 10).Draw(rt, "low")
		high := rapid.IntRange(low, 40).Draw(rt, "high")
		w := newWorld(low, high)
		w.fleet = fleet{desired: rapid.IntRange(low, high).Draw(rt, "desired")}
		for range 30 {
			w.backlog = rapid.Float64Range(0, 1e7).Draw(rt, "backlog")
			w.others = rapid.IntRange(-3, 5).Draw(rt, "others")
			w.deploying = rapid.Bool().Draw(rt, "deploying")
			before := w.desired
			w.minutes(1)
			if w.desired < low || w.desired > high || w.deploying && w.desired < before {
				rt.Fatalf("from %d to %d, bounds %d to %d", before, w.desired, low, high)
			}
		}
	})
}

// https://docs.aws.amazon.com/autoscaling/application/APIReference/API_RegisterScalableTarget.html
func TestRegisterScalableTarget(t *testing.T) {
	w := newWorld(2, 12)
	w.Suspend(orders, true, false, false)
	register := func(ctx context.Context, change func(*sdk.RegisterScalableTargetInput)) error {
		in := &sdk.RegisterScalableTargetInput{
			ServiceNamespace: types.ServiceNamespaceEcs, ScalableDimension: dimension, ResourceId: aws.String("service/prod/orders"),
		}
		change(in)
		_, err := w.RegisterScalableTarget(ctx, in)
		return err
	}
	w.within(func(ctx context.Context) {
		for name, change := range map[string]func(*sdk.RegisterScalableTargetInput){
			"min over max":  func(in *sdk.RegisterScalableTargetInput) { in.MinCapacity = aws.Int32(13) },
			"negative":      func(in *sdk.RegisterScalableTargetInput) { in.MinCapacity = aws.Int32(-1) },
			"new, no bound": func(in *sdk.RegisterScalableTargetInput) { in.ResourceId = aws.String("service/prod/new") },
			"lambda":        func(in *sdk.RegisterScalableTargetInput) { in.ServiceNamespace = types.ServiceNamespaceLambda },
		} {
			if err := register(ctx, change); code(err) != "ValidationException" {
				t.Errorf("%s: %v", name, err)
			}
		}
		if b, _ := w.Bounds(orders); b != (Bounds{Service: orders, Min: 2, Max: 12, InSuspended: true}) {
			t.Errorf("a refused call changed %+v", b)
		}
		if err := register(ctx, func(in *sdk.RegisterScalableTargetInput) {
			in.MaxCapacity, in.SuspendedState = aws.Int32(20), &types.SuspendedState{DynamicScalingOutSuspended: aws.Bool(true)}
		}); err != nil {
			t.Error(err)
		}
		if b, _ := w.Bounds(orders); b != (Bounds{Service: orders, Min: 2, Max: 20, InSuspended: true, OutSuspended: true}) {
			t.Errorf("what the call does not name changed: %+v", b)
		}
		if err := register(ctx, func(in *sdk.RegisterScalableTargetInput) {
			in.ResourceId, in.MinCapacity, in.MaxCapacity = aws.String("service/prod/new"), aws.Int32(0), aws.Int32(3)
		}); err != nil {
			t.Error(err)
		}
	})
	if all := w.Snapshot(); len(all) != 2 || all[1].Service != "prod/new" {
		t.Errorf("%+v", all)
	}
	if _, ok := w.Bounds("prod/payments"); ok {
		t.Error("a service that is not scalable has bounds")
	}
}

// https://docs.aws.amazon.com/autoscaling/application/APIReference/API_DescribeScalableTargets.html
// https://docs.aws.amazon.com/autoscaling/application/APIReference/API_DescribeScalingPolicies.html
func TestDescribe(t *testing.T) {
	w := newWorld(2, 12, func(p *Tracking) { p.Alarms = [2]string{"high", "low"} })
	w.Register("prod/other", 1, 3)
	w.within(func(ctx context.Context) {
		for name, c := range map[string]struct {
			in   sdk.DescribeScalableTargetsInput
			want int
		}{
			"all":           {sdk.DescribeScalableTargetsInput{ServiceNamespace: types.ServiceNamespaceEcs}, 2},
			"one":           {sdk.DescribeScalableTargetsInput{ServiceNamespace: types.ServiceNamespaceEcs, ResourceIds: []string{"service/prod/orders", "service/prod/payments"}}, 1},
			"the dimension": {sdk.DescribeScalableTargetsInput{ServiceNamespace: types.ServiceNamespaceEcs, ScalableDimension: dimension}, 2},
			"another":       {sdk.DescribeScalableTargetsInput{ServiceNamespace: types.ServiceNamespaceLambda}, 0},
		} {
			if out, err := w.DescribeScalableTargets(ctx, &c.in); err != nil || len(out.ScalableTargets) != c.want {
				t.Errorf("%s: %+v, %v", name, out, err)
			}
		}
		out, _ := w.DescribeScalableTargets(ctx, &sdk.DescribeScalableTargetsInput{ServiceNamespace: types.ServiceNamespaceEcs, MaxResults: aws.Int32(1)})
		if len(out.ScalableTargets) != 1 || out.NextToken == nil || *out.ScalableTargets[0].MinCapacity != 2 || *out.ScalableTargets[0].SuspendedState.DynamicScalingInSuspended {
			t.Errorf("%+v", out)
		}
		*out.ScalableTargets[0].MinCapacity = 99
		if b, _ := w.Bounds(orders); b.Min != 2 {
			t.Error("an answer is a window into the world")
		}
		if _, err := w.DescribeScalableTargets(ctx, &sdk.DescribeScalableTargetsInput{}); code(err) != "ValidationException" {
			t.Error(err)
		}
		if _, err := w.DescribeScalableTargets(ctx, &sdk.DescribeScalableTargetsInput{ServiceNamespace: types.ServiceNamespaceEcs, NextToken: aws.String("x")}); code(err) != "InvalidNextTokenException" {
			t.Error(err)
		}
		policies, err := w.DescribeScalingPolicies(ctx, &sdk.DescribeScalingPoliciesInput{ServiceNamespace: types.ServiceNamespaceEcs, ResourceId: aws.String("service/prod/orders")})
		if err != nil || len(policies.ScalingPolicies) != 1 {
			t.Fatalf("%+v, %v", policies, err)
		}
		p := policies.ScalingPolicies[0]
		if *p.TargetTrackingScalingPolicyConfiguration.TargetValue != 100 || len(p.Alarms) != 2 || p.PolicyType != types.PolicyTypeTargetTrackingScaling {
			t.Errorf("%+v", p)
		}
		for _, in := range []*sdk.DescribeScalingPoliciesInput{
			{ServiceNamespace: types.ServiceNamespaceEcs, ResourceId: aws.String("service/prod/other")},
			{ServiceNamespace: types.ServiceNamespaceEcs, PolicyNames: []string{"other"}},
		} {
			if out, err := w.DescribeScalingPolicies(ctx, in); err != nil || len(out.ScalingPolicies) != 0 {
				t.Errorf("%+v, %v", out, err)
			}
		}
		if _, err := w.DescribeScalingPolicies(ctx, &sdk.DescribeScalingPoliciesInput{}); code(err) != "ValidationException" {
			t.Error(err)
		}
	})
}

func TestHandle(t *testing.T) {
	w := newWorld(1, 2)
	w.within(func(ctx context.Context) {
		for _, in := range []any{
			&sdk.DescribeScalableTargetsInput{ServiceNamespace: types.ServiceNamespaceEcs},
			&sdk.RegisterScalableTargetInput{ServiceNamespace: types.ServiceNamespaceEcs, ScalableDimension: dimension, ResourceId: aws.String("service/prod/orders")},
			&sdk.DescribeScalingPoliciesInput{ServiceNamespace: types.ServiceNamespaceEcs},
		} {
			if _, known, err := w.Handle(ctx, in); !known || err != nil {
				t.Errorf("%T: %v %v", in, known, err)
			}
		}
		if _, known, _ := w.Handle(ctx, &sdk.PutScalingPolicyInput{}); known {
			t.Error("PutScalingPolicy is not simulated")
		}
	})
}
