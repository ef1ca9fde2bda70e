// Package ecsalb is the simulated workload of the platform ecs-alb: a primary and a canary service behind one rule of a
// load balancer.
//
//	world.go      World, the load balancer, and what only this platform promises
//	work.go       requests, who answers them, and the metrics that the load balancer publishes
//	disturb.go    what a scenario states of the rule
//	accidents.go  what can befall it
//
// The two services are those of package ecsservice.
package ecsalb

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	elbsdk "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/serin-aws/serin/internal/assembly"
	"github.com/serin-aws/serin/internal/rehearsal/ecs"
	"github.com/serin-aws/serin/internal/rehearsal/elb"
	"github.com/serin-aws/serin/internal/rehearsal/invariant"
	"github.com/serin-aws/serin/internal/rehearsal/workload"
	"github.com/serin-aws/serin/internal/rehearsal/world"
	"github.com/serin-aws/serin/internal/rehearsal/world/ecsservice"
)

// World is one ecs-alb workload.
type World struct {
	*ecsservice.Services
	ELB      *elb.Control
	Rule     *elb.Rule
	Requests *workload.Requests

	site            world.Site
	primary, canary string // ARNs of the target groups
	hurt            bool   // an accident has taken tasks away
	was             []types.Action
}

// The load balancer's times: two health checks 15 s apart, and a deregistration delay as people set it for short
// requests.
const (
	drain = 30 * time.Second
	fails = 75 * time.Second
)

// New builds the workload that the site's target and scenario describe, in its steady state.
func New(site world.Site) (world.World, error) {
	at := site.Target.ECSALB
	w := &World{site: site, primary: groupARN(site, at.PrimaryService), canary: groupARN(site, at.CanaryService)}
	var err error
	w.Services, err = ecsservice.New(site, ecsservice.Place{
		Cluster: at.Cluster, Primary: at.PrimaryService, Canary: at.CanaryService, Container: at.Container,
		Balanced: func(service string) *ecs.Balanced {
			return &ecs.Balanced{
				TargetGroup: groupARN(site, service), Container: at.Container, Port: 8080,
				Healthy: ecs.Range{Min: 15 * time.Second, Max: 35 * time.Second}, Fails: fails, Drain: drain,
			}
		},
	})
	if err != nil {
		return nil, err
	}
	w.balance()
	w.was = slices.Clone(w.Rule.Actions)
	w.work()
	return w, nil
}

func groupARN(site world.Site, service string) string {
	return fmt.Sprintf("arn:aws:elasticloadbalancing:%s:%s:targetgroup/%s/%016x", site.Region, site.Account, service, len(service))
}

// balance puts the load balancer before the services: people sign in first, and all requests go to the primary.
func (w *World) balance() {
	w.ELB = elb.New(w.site.Loop, w.targets)
	w.ELB.AddGroup(elb.Group{ARN: w.primary, Drain: drain})
	w.ELB.AddGroup(elb.Group{ARN: w.canary, Drain: drain})
	sticky := &types.TargetGroupStickinessConfig{Enabled: aws.Bool(false)}
	if stays := w.site.Scenario.World.Stickiness.Std(); stays > 0 {
		sticky = &types.TargetGroupStickinessConfig{Enabled: aws.Bool(true), DurationSeconds: aws.Int32(int32(stays.Seconds()))}
	}
	w.Rule = w.ELB.AddRule(w.site.Target.ECSALB.ListenerRule, false,
		types.Action{Type: types.ActionTypeEnumAuthenticateOidc, Order: aws.Int32(1), AuthenticateOidcConfig: &types.AuthenticateOidcActionConfig{
			Issuer: aws.String("https://login.example"), ClientId: aws.String("shop"), ClientSecret: aws.String(world.Secrets[0]),
			AuthorizationEndpoint: aws.String("https://login.example/authorize"), TokenEndpoint: aws.String("https://login.example/token"),
			UserInfoEndpoint: aws.String("https://login.example/me"),
		}},
		types.Action{Type: types.ActionTypeEnumForward, Order: aws.Int32(2), ForwardConfig: &types.ForwardActionConfig{
			TargetGroupStickinessConfig: sticky,
			TargetGroups: []types.TargetGroupTuple{
				{TargetGroupArn: aws.String(w.primary), Weight: aws.Int32(1)}, {TargetGroupArn: aws.String(w.canary), Weight: aws.Int32(0)},
			},
		}})
}

func (w *World) targets(group string) []elb.Target {
	registered := w.ECS.Targets(group)
	targets := make([]elb.Target, len(registered))
	for i, t := range registered {
		targets[i] = elb.Target{ID: t.ID, State: states[t.State]}
	}
	return targets
}

var states = map[ecs.TargetState]elb.State{
	ecs.Initial: types.TargetHealthStateEnumInitial, ecs.Healthy: types.TargetHealthStateEnumHealthy,
	ecs.Unhealthy: types.TargetHealthStateEnumUnhealthy, ecs.Draining: types.TargetHealthStateEnumDraining,
}

// Clients are the platform's clients.
func (w *World) Clients(throughSDK bool) assembly.Workload {
	clients := assembly.Workload{Clients: w.Services.Clients(throughSDK), Rules: w.ELB, CloudWatch: w.site.CloudWatch, Scans: w.ECR}
	if throughSDK {
		clients.Rules = elbsdk.NewFromConfig(world.Mounted(w.site.Region, w.ELB.Handle))
		clients.CloudWatch, clients.Scans = world.CloudWatch(w.site), w.Scans()
	}
	return clients
}

// Changes reports whether an action changes the workload.
func (w *World) Changes(action string) bool {
	return action == "elasticloadbalancing:ModifyRule" || action == "elasticloadbalancing:ModifyListener" || w.Services.Changes(action)
}

// Exposed counts what the new version has done so far.
func (w *World) Exposed() world.Exposure {
	var e world.Exposure
	for _, s := range w.Requests.Served() {
		if s.Version == w.Fresh() {
			e.Units, e.Failures = e.Units+s.Requests, e.Failures+s.Failed
		}
	}
	return e
}

// FirstRan is when the new version answered its first request.
func (w *World) FirstRan() (time.Time, bool) { return w.Requests.First() }

// Broken checks what only this platform promises: the rule is what it was, with all that it does, and no
// request met a target group without a task, where nothing but serin took any away.
func (w *World) Broken(e invariant.Ending) []string {
	if !e.Ended {
		return nil
	}
	if e.GivenUp() {
		return w.toNobody(e)
	}
	var broken []string
	if is := w.Rule.Actions; !reflect.DeepEqual(is, w.was) && !(e.Foreign && reflect.DeepEqual(unweighted(is), unweighted(w.was))) {
		broken = append(broken, fmt.Sprintf("the rule's actions are %s and were %s", told(is), told(w.was)))
	}
	if n := w.Unanswered(); n > 0 && !e.Foreign && len(e.Deleted) == 0 && !w.hurt && !w.site.Scenario.Canary.CrashLoop {
		broken = append(broken, fmt.Sprintf("%d requests met a target group without a task", n))
	}
	return broken
}

// toNobody: where somebody has deleted the canary's service, and nothing else, no request is sent to its target group for
// long, although a person has to be called.
func (w *World) toNobody(e invariant.Ending) []string {
	weights, _ := w.Rule.Weights()
	canary := "service " + w.site.Target.ECSALB.CanaryService
	if e.Worked && !e.Foreign && len(e.Deleted) == 1 && e.Deleted[0].What == canary && weights[w.canary] > 0 {
		return []string{fmt.Sprintf("%s was deleted, and its target group still has the weight %d", canary, weights[w.canary])}
	}
	return nil
}

// unweighted is what a rule says beside the weights, which somebody may have changed: in what order it acts, how it signs
// users in, and whether they stay.
func unweighted(actions []types.Action) []types.Action {
	actions = slices.Clone(actions)
	for i, a := range actions {
		if a.ForwardConfig != nil {
			actions[i].ForwardConfig = &types.ForwardActionConfig{TargetGroupStickinessConfig: a.ForwardConfig.TargetGroupStickinessConfig}
		}
	}
	return actions
}

func told(actions []types.Action) string {
	text, err := json.Marshal(actions)
	if err != nil { // texts and numbers
		panic(err)
	}
	return string(text)
}

// Unanswered counts the requests that met a target group without any task.
func (w *World) Unanswered() int64 {
	n := int64(0)
	for _, s := range w.Requests.Served() {
		if s.Version == nobody {
			n += s.Requests
		}
	}
	return n
}
