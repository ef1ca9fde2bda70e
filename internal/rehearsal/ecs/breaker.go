package ecs

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// threshold is how many consecutive failed tasks make a deployment fail: half the desired count, but 3 to 200, unless
// the service configures something else.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html
func (s *service) threshold() int {
	percent, bounded := 50, true
	if b := s.rolling.DeploymentCircuitBreaker; b != nil && b.ThresholdConfiguration != nil {
		switch t := b.ThresholdConfiguration; t.Type {
		case types.ThresholdTypeCount:
			return max(1, int(t.Value))
		case types.ThresholdTypeUnboundedPercent:
			percent, bounded = int(t.Value), false
		default:
			percent = int(t.Value)
		}
	}
	half := (s.desired*percent + 99) / 100
	if !bounded {
		return max(1, half)
	}
	return min(200, max(3, half))
}

// failure counts a task that ended by itself before it was healthy. A deployment that reached the steady state is
// not watched any more.
func (d *deployment) failure() {
	if !d.active() {
		return
	}
	d.failed++
	d.updated = d.service.control.loop.Now()
	b := d.service.rolling.DeploymentCircuitBreaker
	if b == nil || !b.Enable || !d.primary() || d.failed < d.service.threshold() {
		return
	}
	d.service.trip(d, b.Rollback)
}

// success notes a task that became healthy: the failures before it no longer count, unless the service counts all of
// them (resetOnHealthyTask false).
func (d *deployment) success() {
	b := d.service.rolling.DeploymentCircuitBreaker
	if b != nil && b.ResetOnHealthyTask != nil && !*b.ResetOnHealthyTask {
		return
	}
	d.failed = 0
}

// failToStart notes a launch of which a task never reached RUNNING, and throttles the next one: tasks that reached
// RUNNING and then stopped are replaced without delay. AWS documents the limit of 27 minutes; that the wait doubles
// from a minute on is what people observe.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-throttle-logic.html
func (d *deployment) failToStart(batch int) {
	if batch != d.failedBatch {
		d.failedBatch = batch
		d.failedStarts++
		if d.failedStarts > 1 {
			wait := min(27*time.Minute, time.Minute<<min(d.failedStarts-2, 10))
			d.notBefore = d.service.control.loop.Now().Add(wait)
			d.service.tell("is unable to consistently start tasks successfully. For more information, see the Troubleshooting section.")
		}
	}
	d.failure()
}

// trip fails a deployment. With rollback on, a new deployment of the last completed revision starts, with that
// revision's digests; without one to return to, nothing is started any more.
func (s *service) trip(d *deployment, rollback bool) {
	const why = "ECS deployment circuit breaker: tasks failed to start."
	d.turn(types.DeploymentRolloutStateFailed, why)
	s.tell("(deployment " + d.id + ") deployment failed: tasks failed to start.")
	r := d.record
	undoing := r.target != d
	r.breaker = types.ServiceDeploymentRollbackMonitorsStatusTriggered
	home := s.completed
	if !rollback || home == nil {
		if undoing {
			r.turn(types.ServiceDeploymentStatusRollbackFailed, why)
		} else {
			r.turn(types.ServiceDeploymentStatusStopped, why)
		}
		return
	}
	// "When the rollback starts, the deployment changes from a COMPLETED to IN_PROGRESS. This means that the
	// deployment is not eligible for another rollback until it reaches a COMPLETED state."
	s.completed = nil
	next := s.add(home.revision)
	next.reason = "ECS deployment circuit breaker: rolling back to deploymentId " + home.id + "."
	next.record = r
	r.rollback, r.rolledBack = home.revision, next.created
	r.turn(types.ServiceDeploymentStatusRollbackInProgress, why)
	s.tell("rolling back to deployment " + home.id + ".")
	s.wake()
}
