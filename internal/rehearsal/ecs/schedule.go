package ecs

import (
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// How long the scheduler takes to act on a change. AWS does not say; seconds are what people observe.
const (
	noticeMin = time.Second
	noticeMax = 5 * time.Second
)

// wake lets the scheduler look at the service soon. Changes until then are seen by the same look.
func (s *service) wake() {
	if s.awake || s.inactive {
		return
	}
	s.awake = true
	s.control.loop.After(s.control.draw(noticeMin, noticeMax), func() {
		s.awake = false
		s.look()
	})
}

// wakeAt lets the scheduler look at t, when a throttle ends.
func (s *service) wakeAt(t time.Time) {
	if s.alarm.Equal(t) {
		return
	}
	s.alarm = t
	s.control.loop.At(t, s.look)
}

// look is one pass of the service scheduler over one service.
func (s *service) look() {
	if s.inactive {
		return
	}
	if r := s.primary().record; r.status == types.ServiceDeploymentStatusPending {
		r.turn(types.ServiceDeploymentStatusInProgress, "")
	}
	stopped := s.stopSurplus() + s.stopReplaced()
	started := s.startMissing()
	if stopped+started == 0 {
		s.settle()
	}
}

// stopSurplus stops tasks of the primary deployment that are more than desired.
func (s *service) stopSurplus() int {
	p := s.primary()
	return s.stop(p.alive()-s.desired, nil, func(t *task) bool { return t.deployment == p })
}

// stopReplaced stops tasks of replaced deployments as far as the healthy ones stay at or above the least number:
// first tasks that are not healthy, then healthy ones while others stand in for them. A failed primary replaces
// nothing.
func (s *service) stopReplaced() int {
	p := s.primary()
	if len(s.deployments) == 1 || p.state == types.DeploymentRolloutStateFailed {
		return 0
	}
	least, _ := s.limits()
	alive, healthy := 0, p.healthy
	for _, d := range s.deployments[1:] {
		alive += d.alive()
		healthy += d.healthy
	}
	spare := healthy - least
	return s.stop(alive-max(0, least-p.healthy), &spare, func(t *task) bool { return t.deployment != p })
}

// stop stops up to n unprotected tasks of those given, unhealthy ones before healthy ones and older before younger
// (AWS balances availability zones and leaves the rest open). spare bounds the healthy ones; nil means no bound.
func (s *service) stop(n int, spare *int, of func(*task) bool) int {
	if n <= 0 {
		return 0
	}
	now := s.control.loop.Now()
	var victims []*task
	for _, healthy := range [...]bool{false, true} {
		for _, t := range s.tasks {
			if len(victims) == n || healthy && spare != nil && *spare <= 0 {
				break
			}
			if t.state > running || t.healthy != healthy || !of(t) || t.protected(now) {
				continue
			}
			victims = append(victims, t)
			if healthy && spare != nil {
				*spare--
			}
		}
	}
	if len(victims) == 0 {
		return 0
	}
	for _, t := range victims {
		t.terminate(types.TaskStopCodeServiceSchedulerInitiated, "Scaling activity initiated by (deployment "+s.primary().id+")")
	}
	s.tell("has stopped " + strconv.Itoa(len(victims)) + " running tasks: " + list(victims) + ".")
	return len(victims)
}

// startMissing starts what the primary deployment lacks, and replaces lost tasks of the revision it replaces with
// tasks of that same revision, so that the running version stays available when the new one fails.
// https://aws.amazon.com/about-aws/whats-new/2025/11/amazon-ecs-service-availability-rolling-deployments
func (s *service) startMissing() int {
	p := s.primary()
	least, most := s.limits()
	replaced := 0
	for _, d := range s.deployments[1:] {
		replaced += d.alive()
	}
	room := most - p.alive() - replaced
	if len(s.deployments) == 1 {
		room = s.desired - p.alive()
	}
	started := s.launch(p, min(room, s.desired-p.alive()))
	if old := s.source(); old != nil {
		started += s.launch(old, min(room-started, min(old.held, max(0, least-p.healthy))-replaced))
	}
	return started
}

// launch starts n tasks of a deployment, unless it failed or its throttle holds it.
func (s *service) launch(d *deployment, n int) int {
	if n <= 0 || d.state == types.DeploymentRolloutStateFailed {
		return 0
	}
	c := s.control
	if c.loop.Now().Before(d.notBefore) {
		s.wakeAt(d.notBefore)
		return 0
	}
	d.batch++
	if c.behave(d.revision.images[d.revision.app].digest).NoCapacity {
		s.tell("was unable to place a task. Reason: Capacity is unavailable at this time. Please try again later or in a different availability zone.")
		d.failToStart(d.batch)
		s.wake()
		return 0
	}
	for range n {
		c.start(d)
	}
	s.tell("has started " + strconv.Itoa(n) + " tasks: " + list(s.tasks[len(s.tasks)-n:]) + ".")
	return n
}

func list(tasks []*task) string {
	var text strings.Builder
	text.Grow(len(tasks) * 41)
	for i, t := range tasks {
		if i > 0 {
			text.WriteByte(' ')
		}
		text.WriteString("(task ")
		text.WriteString(t.id)
		text.WriteByte(')')
	}
	return text.String()
}

// settle notices the steady state: only the primary deployment is left and all its desired tasks are healthy. Once
// COMPLETED, a deployment stays so whatever happens to its tasks.
func (s *service) settle() {
	p := s.primary()
	if !p.active() {
		return
	}
	if len(s.deployments) == 1 && p.pending == 0 && p.running == s.desired && p.healthy == s.desired {
		s.complete(p)
		return
	}
	if least, most := s.limits(); !p.blocked && most <= least && p.alive() < s.desired && p.notBefore.IsZero() && s.quiet() {
		p.blocked = true
		s.tell("was unable to stop or start tasks during a deployment because of the service deployment configuration. Update the minimumHealthyPercent or maximumPercent value and try again.")
	}
}

// quiet reports whether nothing is on its way that could let the deployment go on.
func (s *service) quiet() bool {
	for _, d := range s.deployments {
		if d.pending > 0 || d.stopping > 0 || d.healthy < d.running {
			return false
		}
	}
	return true
}

func (s *service) complete(p *deployment) {
	p.turn(types.DeploymentRolloutStateCompleted, "ECS deployment "+p.id+" completed.")
	s.completed = p
	s.tell("(deployment " + p.id + ") deployment completed.")
	s.tell("has reached a steady state.")
	if r := p.record; r.target == p {
		r.turn(types.ServiceDeploymentStatusSuccessful, "")
	} else {
		r.turn(types.ServiceDeploymentStatusRollbackSuccessful, r.reason)
	}
	if p.record.breaker == types.ServiceDeploymentRollbackMonitorsStatusMonitoring {
		p.record.breaker = types.ServiceDeploymentRollbackMonitorsStatusMonitoringComplete
	}
}
