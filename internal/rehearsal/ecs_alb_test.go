package rehearsal

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/serin-aws/serin/internal/rehearsal/ecs"
	"github.com/serin-aws/serin/internal/rehearsal/elb"
	"github.com/serin-aws/serin/internal/rehearsal/world/ecsalb"
	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/scenario"
)

func albPlan(t testing.TB, file string, change func(*release.Target, *scenario.Scenario)) *Plan {
	t.Helper()
	return planOf(t, "shop-web", file, change)
}

func balanced(run *Run) *ecsalb.World { return run.account.world.(*ecsalb.World) }

// atOnce is a plan without a canary step: all requests move to a canary as large as the primary.
func atOnce(target *release.Target, _ *scenario.Scenario) {
	target.Plan.Steps = []release.Step{{Weight: 100}}
}

// fullBake gives the canary all requests while the primary stands by; thenFullBake does after a canary step, after which
// thenAtOnce moves everything.
func fullBake(target *release.Target, _ *scenario.Scenario) {
	target.Plan.Steps = []release.Step{{Weight: 100, Bake: release.Duration(10 * time.Minute)}}
}

func thenAtOnce(target *release.Target, _ *scenario.Scenario) {
	target.Plan.Steps = []release.Step{{Weight: 50, Bake: release.Duration(10 * time.Minute)}, {Weight: 100}}
}

func thenFullBake(target *release.Target, _ *scenario.Scenario) {
	target.Plan.Steps = []release.Step{{Weight: 50, Bake: release.Duration(10 * time.Minute)}, {Weight: 100, Bake: release.Duration(10 * time.Minute)}}
}

// alarmsAlone compares nothing; alarmsAloneAndWell has a new version that is as good as the one before, too.
func alarmsAlone(target *release.Target, _ *scenario.Scenario) { target.Checks.Compare = nil }

func alarmsAloneAndWell(target *release.Target, s *scenario.Scenario) {
	alarmsAlone(target, s)
	s.Canary = s.Baseline
}

// While all requests are with the canary the primary stands by as it was, and an alarm brings them back at once: by a
// change of the weights, before any task is started or stopped.
func TestTheWayBackFromAFullBakeIsShort(t *testing.T) {
	run, err := albPlan(t, "good.yaml", fullBake).Start(2, true, nil)
	if err != nil {
		t.Fatal(err)
	}
	run.Advance(7 * time.Minute)
	w := balanced(run)
	if primary, canary := weightsOf(w); primary != 0 || canary == 0 {
		t.Fatalf("weights %d and %d in the middle of the bake", primary, canary)
	}
	for _, arm := range w.Arms() {
		if arm.Primary && (arm.Desired != 9 || arm.App[w.Fresh()] > 0) {
			t.Errorf("the primary does not stand by as it was: %+v", arm)
		}
	}
	before := len(run.account.mutations)
	run.account.flap(run.account.alarmNames[0])
	run.Advance(90 * time.Second)
	if primary, canary := weightsOf(w); primary == 0 || canary != 0 {
		t.Errorf("weights %d and %d a minute and a half after the alarm", primary, canary)
	}
	if first := run.account.mutations[before].Action; !strings.Contains(first, "Modify") {
		t.Errorf("the first change on the way back is %s", first)
	}
	run.Finish()
	if result, err := run.Outcome(context.Background()); err != nil || result.Outcome != release.OutcomeRolledBack || len(result.Violations) > 0 {
		t.Errorf("%s %v %v", result.Outcome, result.Violations, err)
	}
}

// weightsOf returns the weights of both target groups as the rule has them.
func weightsOf(w *ecsalb.World) (primary, canary int) {
	weights, _ := w.Rule.Weights()
	for group, weight := range weights {
		if strings.Contains(group, "canary") {
			canary = weight
		} else {
			primary = weight
		}
	}
	return primary, canary
}

func TestBalancedExamples(t *testing.T) {
	for name, c := range map[string]struct {
		file   string
		change func(*release.Target, *scenario.Scenario)
		want   release.Outcome
	}{
		"good":                       {"good.yaml", nil, release.OutcomeReleased},
		"bad":                        {"bad.yaml", nil, release.OutcomeRolledBack},
		"clients stay":               {"sticky.yaml", nil, release.OutcomeRolledBack},
		"too few to tell":            {"quiet.yaml", nil, release.OutcomeHeld},
		"all at once":                {"good.yaml", atOnce, release.OutcomeReleased},
		"all at once, with a bake":   {"good.yaml", fullBake, release.OutcomeReleased},
		"a bad one, with a bake":     {"bad.yaml", fullBake, release.OutcomeRolledBack},
		"too few, with a bake":       {"quiet.yaml", fullBake, release.OutcomeHeld},
		"clients stay, with a bake":  {"sticky.yaml", fullBake, release.OutcomeRolledBack},
		"a step, then all of it":     {"good.yaml", thenFullBake, release.OutcomeReleased},
		"a step, then at once":       {"good.yaml", thenAtOnce, release.OutcomeReleased},
		"a bad step, then at once":   {"bad.yaml", thenAtOnce, release.OutcomeRolledBack},
		"too few, then at once":      {"quiet.yaml", thenAtOnce, release.OutcomeHeld},
		"a bad step, then all of it": {"bad.yaml", thenFullBake, release.OutcomeRolledBack},
		"alarms alone, good":         {"alarmed.yaml", alarmsAloneAndWell, release.OutcomeReleased},
		"alarms alone, bad":          {"alarmed.yaml", alarmsAlone, release.OutcomeRolledBack},
		"alarms alone, without data": {"good.yaml", alarmsAlone, release.OutcomeHeld},
		"never healthy":              {"good.yaml", func(_ *release.Target, s *scenario.Scenario) { s.Canary.CrashLoop = true }, release.OutcomeRolledBack},
	} {
		for seed := range uint64(3) {
			run, result := rehearsed(t, albPlan(t, c.file, c.change), seed)
			if result.Outcome != c.want || len(result.Violations) > 0 { // the rule's weights are among what may be violated
				t.Errorf("%s, seed %d: %s %v", name, seed, result.Outcome, result.Violations)
			}
			if n := balanced(run).Unanswered(); n > 0 && c.want != release.OutcomeRolledBack {
				t.Errorf("%s, seed %d: %d requests met nobody", name, seed, n)
			}
		}
	}
}

// What cannot be released to is refused before anything is changed, with what is wrong and what would be right.
func TestBalancedRefusals(t *testing.T) {
	for want, disturb := range map[string]func(*ecsalb.World){
		"forwards to 3 target groups": func(w *ecsalb.World) {
			third := w.ELB.AddGroup(elb.Group{ARN: "arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/third/0123456789abcdef"})
			config := w.Rule.Actions[1].ForwardConfig
			config.TargetGroups = append(config.TargetGroups, types.TargetGroupTuple{TargetGroupArn: aws.String(third.ARN), Weight: aws.Int32(0)})
		},
		"which the rule does not forward to": func(w *ecsalb.World) {
			config := w.Rule.Actions[1].ForwardConfig
			config.TargetGroups = config.TargetGroups[:1]
		},
		"serin did not set them": func(w *ecsalb.World) { w.Rule.Actions[1].ForwardConfig.TargetGroups[1].Weight = aws.Int32(5) },
		"differ in their protocol: shop-web has HTTP and shop-web-canary has HTTPS": func(w *ecsalb.World) { w.ELB.Group("shop-web-canary").Protocol = types.ProtocolEnumHttps },
		"health check path": func(w *ecsalb.World) { w.ELB.Group("shop-web-canary").Path = "/healthz" },
		"forwards to no target group": func(w *ecsalb.World) {
			w.Rule.Actions = []types.Action{{Type: types.ActionTypeEnumRedirect, RedirectConfig: &types.RedirectActionConfig{}}}
		},
		"there is no such rule": func(w *ecsalb.World) { w.Rule.ARN += "0" },
	} {
		run, err := albPlan(t, "good.yaml", nil).Start(1, false, nil)
		if err != nil {
			t.Fatal(err)
		}
		disturb(balanced(run))
		run.Finish()
		result, err := run.Outcome(context.Background())
		if _, note := run.ending(); err != nil || result.Outcome != release.OutcomeRefused || !strings.Contains(note, want) || len(run.account.mutations) > 0 {
			t.Errorf("%s: %s %s, %v %v", want, result.Outcome, note, run.account.mutations, err)
		}
	}
}

// The load balancer goes on for a while as its rule was: a canary that rests without a task keeps its tasks until then, so
// that no request meets nobody.
func TestTheCanaryStaysUntilTheBalancerFollows(t *testing.T) {
	for _, file := range []string{"good.yaml", "bad.yaml"} {
		for seed := range uint64(5) {
			run, result := rehearsed(t, albPlan(t, file, func(_ *release.Target, s *scenario.Scenario) { s.World.CanaryTasks = 0 }), seed)
			if n := balanced(run).Unanswered(); n > 0 || len(result.Violations) > 0 || balanced(run).Exposed().Units == 0 {
				t.Errorf("%s, seed %d: %s %v, %d requests met nobody", file, seed, result.Outcome, result.Violations, n)
			}
		}
	}
}

// Clients who stay with a target group would meet a service at rest without a task.
func TestBalancedRefusesStickinessWithoutATaskAtRest(t *testing.T) {
	run, result := rehearsed(t, albPlan(t, "sticky.yaml", func(_ *release.Target, s *scenario.Scenario) { s.World.CanaryTasks = 0 }), 1)
	if _, note := run.ending(); result.Outcome != release.OutcomeRefused || !strings.Contains(note, "give it at least one task at rest") {
		t.Errorf("%s %s", result.Outcome, note)
	}
}

// After a rollback no client is left with the new version, however long they would have stayed.
func TestStickyClientsLeaveABadVersionAtOnce(t *testing.T) {
	run, err := albPlan(t, "sticky.yaml", func(_ *release.Target, s *scenario.Scenario) { s.World.Stickiness = release.Duration(24 * time.Hour) }).Start(3, false, nil)
	if err != nil {
		t.Fatal(err)
	}
	w := balanced(run)
	on := func() float64 {
		for _, part := range w.Rule.Parts() {
			if strings.Contains(part.Group, "canary") {
				return part.Share
			}
		}
		return 0
	}
	most := 0.
	for range 60 {
		run.Advance(time.Minute)
		if weights, _ := w.Rule.Weights(); len(weights) == 2 {
			most = max(most, on())
		}
	}
	run.Finish()
	result, err := run.Outcome(context.Background())
	if err != nil || result.Outcome == release.OutcomeReleased || len(result.Violations) > 0 {
		t.Fatalf("%s %v %v", result.Outcome, result.Violations, err)
	}
	if most == 0 || on() > 1e-9 {
		t.Errorf("at most %.4f of the requests stuck to the canary, and %.4f do at the end", most, on())
	}
}

// All requests go over at once, to as many tasks as served before, and back only when the primary is healthy.
func TestBlueGreenIsNeverShortOfTasks(t *testing.T) {
	run, err := albPlan(t, "good.yaml", atOnce).Start(2, false, nil)
	if err != nil {
		t.Fatal(err)
	}
	w, over := balanced(run), false
	for range 400 {
		run.Advance(5 * time.Second)
		for _, part := range w.Rule.Parts() {
			healthy := 0
			for _, target := range w.ECS.Targets(part.Group) {
				if target.State == ecs.Healthy {
					healthy++
				}
			}
			if part.Share > .99 && healthy < 9 {
				t.Fatalf("%s gets %.2f of the requests with %d healthy tasks", part.Group, part.Share, healthy)
			}
			over = over || part.Share > .99 && strings.Contains(part.Group, "canary")
		}
	}
	run.Finish()
	if result, err := run.Outcome(context.Background()); err != nil || result.Outcome != release.OutcomeReleased || !over {
		t.Errorf("%s, over %t, %v", result.Outcome, over, err)
	}
}

// Somebody who changes the weights in the middle is seen, and what they made stays, but for the canary's part.
func TestBalancedChangedBySomebodyElse(t *testing.T) {
	for i := range 3 {
		run, err := albPlan(t, "good.yaml", nil).Start(1, false, nil)
		if err != nil {
			t.Fatal(err)
		}
		run.Advance(8 * time.Minute)
		accident := run.account.world.Accidents()[i]
		accident.Happen()
		run.Finish()
		result, err := run.Outcome(context.Background())
		if err != nil || result.Outcome != release.OutcomeRolledBack {
			t.Errorf("%s: %s %v", accident.Name, result.Outcome, err)
		}
		weights, _ := balanced(run).Rule.Weights()
		for group, weight := range weights {
			if strings.Contains(group, "canary") != (weight == 0) {
				t.Errorf("%s: the rule ends with %v", accident.Name, weights)
			}
		}
	}
}

func TestBalancedThroughTheSDKTheTraceIsTheSame(t *testing.T) {
	for seed := range uint64(3) {
		sameThroughSDK(t, albPlan(t, "bad.yaml", nil), seed)
	}
}

// While a rollback replaces the canary's tasks there is no capacity for new ones: ECS gives the deployment of the
// baseline up, and it must be made again, or the new version's tasks would stay for ever.
func TestARollbackOutlastsMissingCapacity(t *testing.T) {
	for seed := range uint64(3) {
		run, err := albPlan(t, "bad.yaml", nil).Start(seed, false, nil)
		if err != nil {
			t.Fatal(err)
		}
		for run.account.world.(*ecsalb.World).Exposed().Units < 2500 {
			run.Advance(30 * time.Second)
		}
		for _, accident := range run.account.world.Accidents() {
			if accident.Name == "there is no capacity for new tasks" {
				accident.Happen()
			}
		}
		run.Finish()
		result, err := run.Outcome(context.Background())
		if err != nil || result.Outcome != release.OutcomeRolledBack || len(result.Violations) > 0 {
			t.Errorf("seed %d: %s %v %v", seed, result.Outcome, result.Violations, err)
		}
	}
}

// Where nothing is compared an alarm with data is what finds a bad version.
func TestAnAlarmEndsAFullBake(t *testing.T) {
	for seed := range uint64(3) {
		run, err := albPlan(t, "alarmed.yaml", fullBake).Start(seed, false, nil)
		if err != nil {
			t.Fatal(err)
		}
		run.Finish()
		told, err := run.Story(t.Context())
		if err != nil || told.Outcome != release.OutcomeRolledBack || !strings.HasPrefix(told.Release.Decision.Sentence, "alarm shop-web-canary-5xx went to ALARM") {
			t.Errorf("seed %d: %v, %s: %s", seed, err, told.Outcome, told.Release.Decision.Sentence)
		}
		run.Close()
	}
}
