package scaling

import (
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"

	"github.com/serin-aws/serin/internal/rehearsal/loop"
)

const (
	account   = "123456789012"
	arnPrefix = "arn:aws:application-autoscaling:eu-central-1:" + account + ":"
	role      = "arn:aws:iam::" + account + ":role/aws-service-role/ecs.application-autoscaling.amazonaws.com/AWSServiceRoleForApplicationAutoScaling_ECSService"
	dimension = types.ScalableDimensionECSServiceDesiredCount
)

// Services is what scaling moves. A service is named cluster/name.
type Services interface {
	Desired(service string) int
	SetDesired(service string, n int)
	Deploying(service string) bool
}

// Scaling is Application Auto Scaling of one account and region, for the desired counts of ECS services.
type Scaling struct {
	loop     *loop.Loop
	services Services
	targets  []*target // in order of registration
}

type target struct {
	service  string // cluster/name
	created  time.Time
	low      int
	high     int
	role     string
	halted   suspension
	policies []*policy // in order of creation
}

// suspension says which scaling activities do not take place.
type suspension struct{ in, out, scheduled bool }

type policy struct {
	name    string
	created time.Time
	kind    types.PolicyType
	track   Tracking

	last    time.Time // the last scaling activity
	lastOut time.Time // the scaling out whose cooldown runs
	base    int       // the desired count before it
}

// Tracking is a target tracking policy on the backlog per task: messages visible in the queue, divided by the tasks
// of both services that read it.
// https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-using-sqs-queue.html
type Tracking struct {
	Name             string
	Acceptable       float64        // backlog per task that is fine; above 0
	Backlog          func() float64 // messages that wait now
	Tasks            func() int     // running tasks that share the backlog, those of a canary service included
	Namespace        string         // of the metric, for DescribeScalingPolicies; so is Metric
	Metric           string
	ScaleInCooldown  time.Duration // zero means 300 s, the default for ECS services
	ScaleOutCooldown time.Duration // the same
	DisableScaleIn   bool
	Alarms           [2]string         // names of the alarms that target tracking made; may be empty
	Changed          func(desired int) // told of each scaling activity; may be nil
}

// New returns Application Auto Scaling without targets.
func New(l *loop.Loop, services Services) *Scaling {
	return &Scaling{loop: l, services: services}
}

// Register makes a service scalable between low and high tasks, or changes the bounds of one that is. service is
// cluster/name.
func (s *Scaling) Register(service string, low, high int) {
	t := s.find(service)
	if t == nil {
		t = &target{service: service, created: s.loop.Now(), role: role}
		s.targets = append(s.targets, t)
	}
	t.low, t.high = low, high
}

// Suspend turns scaling activities of a service off or on, as a person does in the console.
func (s *Scaling) Suspend(service string, in, out, scheduled bool) {
	if t := s.find(service); t != nil {
		t.halted = suspension{in, out, scheduled}
	}
}

// Track gives a registered service a target tracking policy that acts each minute from now on. It panics where the
// service is not registered: a world is built wrong then.
func (s *Scaling) Track(service string, with Tracking) {
	t := s.find(service)
	if t == nil {
		panic("scaling: " + service + " is not a scalable target")
	}
	for _, cooldown := range [...]*time.Duration{&with.ScaleInCooldown, &with.ScaleOutCooldown} {
		if *cooldown == 0 {
			*cooldown = 300 * time.Second
		}
	}
	p := &policy{name: with.Name, created: s.loop.Now(), kind: types.PolicyTypeTargetTrackingScaling, track: with}
	t.policies = append(t.policies, p)
	s.begin(t, p)
}

// Bounds returns how a service may be scaled; ok is false where it is not scalable.
func (s *Scaling) Bounds(service string) (b Bounds, ok bool) {
	t := s.find(service)
	if t == nil {
		return Bounds{}, false
	}
	return Bounds{Service: t.service, Min: t.low, Max: t.high, InSuspended: t.halted.in, OutSuspended: t.halted.out, ScheduledSuspended: t.halted.scheduled}, true
}

// Bounds of a scalable target and its flags, for invariants.
type Bounds struct {
	Service                                       string
	Min, Max                                      int
	InSuspended, OutSuspended, ScheduledSuspended bool
}

// Snapshot returns the bounds of every target in order of registration.
func (s *Scaling) Snapshot() []Bounds {
	all := make([]Bounds, 0, len(s.targets))
	for _, t := range s.targets {
		b, _ := s.Bounds(t.service)
		all = append(all, b)
	}
	return all
}

func (s *Scaling) find(service string) *target {
	at := slices.IndexFunc(s.targets, func(t *target) bool { return t.service == service })
	if at < 0 {
		return nil
	}
	return s.targets[at]
}

// resource is the id of an ECS service here; the part after "service/" is cluster/name.
func resource(service string) *string { return aws.String("service/" + service) }

func serviceOf(resource *string) string {
	return strings.TrimPrefix(aws.ToString(resource), "service/")
}
