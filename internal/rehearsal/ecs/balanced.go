package ecs

import (
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// Balanced puts the tasks of a service into a load balancer's target group: a task is registered when it is RUNNING,
// works from the moment at which the load balancer calls it healthy, and gets SIGTERM when the load balancer has let
// its requests end.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-load-balancing.html
type Balanced struct {
	TargetGroup string // ARN
	Container   string
	Port        int32
	Healthy     Range         // from RUNNING until the load balancer calls a task healthy
	Fails       time.Duration // from RUNNING until it gives up one that is not
	Drain       time.Duration // the target group's deregistration delay
}

// TargetState says what a load balancer makes of a task.
type TargetState int

// The states.
const (
	Initial   TargetState = iota // registered, no health check passed yet
	Healthy                      // gets requests
	Unhealthy                    // fails the health check
	Draining                     // deregistered, and may still have requests
)

// Target is one task as its target group has it.
type Target struct {
	ID     string
	Digest string // of its app container
	State  TargetState
}

// Targets returns who is registered in a target group, the oldest first.
func (c *Control) Targets(group string) []Target {
	var found []Target
	for _, s := range c.services {
		if s.balanced == nil || s.balanced.TargetGroup != group {
			continue
		}
		for _, t := range s.tasks {
			if state, registered := t.target(); registered {
				found = append(found, Target{ID: t.id, Digest: t.digest(), State: state})
			}
		}
	}
	return found
}

func (t *task) target() (state TargetState, registered bool) {
	switch {
	case t.state == running && t.works:
		return Healthy, true
	case t.state == running && t.behaviour.Unhealthy:
		return Unhealthy, true
	case t.state == running:
		return Initial, true
	case t.state == stopping && !t.started.IsZero() && t.control().loop.Now().Before(t.stoppingAt.Add(t.deployment.service.drains())):
		return Draining, true
	}
	return 0, false
}

// register puts a task that has just become RUNNING into its target group.
func (t *task) register() {
	c, b := t.control(), t.deployment.service.balanced
	if !t.behaviour.Unhealthy {
		c.loop.After(c.draw(b.Healthy.Min, b.Healthy.Max), t.pass)
		return
	}
	c.loop.After(b.Fails, func() {
		if t.state != running {
			return
		}
		t.deployment.failure()
		t.terminate(types.TaskStopCodeServiceSchedulerInitiated, fmt.Sprintf("Task failed ELB health checks in (target-group %s)", b.TargetGroup))
		t.deployment.service.wake()
	})
}

// drains is how long a task that is told to stop may go on with the requests that it has.
func (s *service) drains() time.Duration {
	if s.balanced == nil {
		return 0
	}
	return s.balanced.Drain
}

func (s *service) loadBalancers() []types.LoadBalancer {
	if s.balanced == nil {
		return nil
	}
	b := s.balanced
	return []types.LoadBalancer{{TargetGroupArn: aws.String(b.TargetGroup), ContainerName: aws.String(b.Container), ContainerPort: aws.Int32(b.Port)}}
}
