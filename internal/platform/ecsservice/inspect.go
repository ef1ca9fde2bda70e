package ecsservice

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/serin-aws/serin/internal/release"
)

// Inspect reads how the work is divided now, whether the new revision stays up, and whether somebody else changed a
// service. It changes nothing.
func (c *Call) Inspect(ctx context.Context) (release.Sighting, error) {
	for _, s := range []*Side{c.canary, c.primary} {
		if _, err := c.glance(ctx, s); err != nil { // finds by tag what a lost record does not name
			return release.Sighting{}, err
		}
		if s == c.primary && !c.onNew(s) {
			continue // the service itself counts the baseline's tasks, of which there may be hundreds
		}
		if err := c.readTasks(ctx, s); err != nil {
			return release.Sighting{}, err
		}
	}
	var sighting release.Sighting
	c.countUnits(&sighting)
	sighting.Stopped = c.stopped(ctx)
	return sighting, c.judgeSides(ctx, &sighting)
}

// countUnits counts the tasks of both services by revision.
func (c *Call) countUnits(sighting *release.Sighting) {
	var newRunning, allRunning int
	for _, s := range []*Side{c.canary, c.primary} {
		for _, task := range s.tasks {
			if !runs(task) {
				continue
			}
			allRunning++
			isNew := c.made.holds(aws.ToString(task.TaskDefinitionArn), s.next)
			if isNew {
				newRunning++
			}
			switch {
			case s == c.primary:
				addUnit(&sighting.Primary, task)
			case isNew:
				addUnit(&sighting.Canary, task)
				if started := aws.ToTime(task.StartedAt); !started.IsZero() && (sighting.CanaryStarted.IsZero() || started.Before(sighting.CanaryStarted)) {
					sighting.CanaryStarted = started
				}
			}
		}
	}
	if c.primary.service != nil && !c.onNew(c.primary) {
		running := int(c.primary.service.RunningCount)
		sighting.Primary.Running, sighting.Primary.Healthy = running, running
		allRunning += running
	}
	sighting.Weight = release.Share(newRunning, allRunning-newRunning)
	if c.primary.service != nil {
		sighting.Primary.Desired = int(c.primary.service.DesiredCount)
	}
	if c.onNew(c.canary) {
		sighting.Canary.Desired = int(c.canary.service.DesiredCount)
	}
	sighting.Serving = c.serving(newRunning, allRunning)
}

// runs reports whether a task takes messages and was not told to stop.
func runs(task *types.Task) bool {
	return aws.ToString(task.LastStatus) == taskRunning && aws.ToString(task.DesiredStatus) != taskStopped
}

// addUnit counts a running task. Without a container health check ECS knows nothing of a task's health (UNKNOWN).
func addUnit(units *release.Units, task *types.Task) {
	units.Running++
	if task.HealthStatus != types.HealthStatusUnhealthy {
		units.Healthy++
	}
}

// onNew reports whether a service goes to the new revision.
func (c *Call) onNew(s *Side) bool {
	return s.service != nil && c.made.holds(aws.ToString(primaryDeployment(s.service).TaskDefinition), s.next)
}

// serving names what does most of the work; without any task, what the primary would start.
func (c *Call) serving(newRunning, allRunning int) string {
	if 2*newRunning > allRunning || allRunning == 0 && c.onNew(c.primary) {
		return c.rel.Revision.String()
	}
	return release.Digest(c.rel.Baseline.Serves).Short()
}

// judgeSides says what is wrong with the services themselves.
func (c *Call) judgeSides(ctx context.Context, sighting *release.Sighting) error {
	for _, s := range []*Side{c.canary, c.primary} {
		seen, err := c.glance(ctx, s)
		if err != nil {
			return err
		}
		if seen == home || seen == untouched && c.deployedTo(s) {
			if seen, err = c.stand(ctx, s); err != nil {
				return err
			}
		}
		if err := c.judgeSide(ctx, s, seen, sighting); err != nil {
			return err
		}
	}
	c.judgeCount(sighting)
	return nil
}

// deployedTo reports whether serin has recorded a deployment of the new revision to a side.
func (c *Call) deployedTo(s *Side) bool { return len(c.made.of(kindDeployment, s.next)) > 0 }

func (c *Call) judgeSide(ctx context.Context, s *Side, seen standing, sighting *release.Sighting) error {
	switch seen {
	case gone:
		sighting.Foreign = "service " + s.arm.Service + " does not exist any more"
	case foreign:
		sighting.Foreign = c.somebody(s)
	case home:
		past, _, err := c.everOurs(ctx, s)
		if err != nil {
			return err
		}
		if !c.rel.Home { // on the way home the baseline is where it belongs
			sighting.Trouble = c.reverted(s, past)
		}
	case ours:
		if text := c.ailing(s); text != "" {
			sighting.Trouble = text
		}
	}
	return nil
}

// ailing says what is wrong with the new revision in a service, or "".
func (c *Call) ailing(s *Side) string {
	if text := c.failed(s); text != "" {
		return text
	}
	var running, unhealthy int
	latest := later(aws.ToTime(primaryDeployment(s.service).CreatedAt), c.rel.BakeSince)
	for _, task := range s.tasks {
		if !c.made.holds(aws.ToString(task.TaskDefinitionArn), s.next) {
			continue
		}
		if runs(task) {
			running++
			if task.HealthStatus == types.HealthStatusUnhealthy {
				unhealthy++
			}
		}
		latest = later(latest, endOf(task))
	}
	if running > 0 && unhealthy == running {
		return fmt.Sprintf("all %s of the new revision in %s fail their container health check", TaskCount(int32(running)), s.arm.Service)
	}
	if none := c.now().Sub(latest); running == 0 && s.service.DesiredCount > 0 && none > startup {
		return fmt.Sprintf("no task of the new revision has run in %s for %s; %s", s.arm.Service, release.Duration(none.Truncate(time.Minute)), lastEvent(s.service))
	}
	return ""
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// judgeCount notices that somebody else set the canary's number of tasks. The primary's belongs to its scaling.
func (c *Call) judgeCount(sighting *release.Sighting) {
	s := c.canary
	if s.service == nil || sighting.Foreign != "" {
		return
	}
	have := s.service.DesiredCount
	gave, recorded := c.made.gave(have)
	if have == s.arm.Desired || gave || !recorded || c.rel.Home {
		return
	}
	sighting.Foreign = fmt.Sprintf("somebody else set %s to %s; serin did not", s.arm.Service, TaskCount(have))
}
