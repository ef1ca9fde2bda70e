package ecsservice

import (
	"context"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/serin-aws/serin/internal/awserr"
	"github.com/serin-aws/serin/internal/release"
)

// Cleanup deregisters the task definitions of this release that no task and no deployment of its services uses. After
// a release the pinned copies of the baseline are retained for the rollback window. What serves is written down.
//
// Called after the end of the release it leaves alone what served at the end: that may be what a later release would
// bring back.
func (c *Call) Cleanup(ctx context.Context) (release.Progress, error) {
	used, err := c.used(ctx)
	if err != nil {
		return release.Progress{}, err
	}
	if err := c.lookUp(ctx); err != nil { // also what a lost record does not name, and duplicates
		return release.Progress{}, err
	}
	c.noteServed()
	var removed, retained int
	for _, arn := range c.made.of(kindDefinition, parts...) {
		switch {
		case slices.Contains(used, arn), c.served(arn):
		case c.retained(arn):
			retained++
		default:
			done, err := c.deregister(ctx, arn)
			if err != nil {
				return release.Progress{Made: c.made.list}, err
			}
			removed += done
		}
	}
	note := fmt.Sprintf("%s deregistered", definitions(removed))
	if retained > 0 {
		note += fmt.Sprintf(", %s of the baseline retained for %s", definitions(retained), c.rel.Target.RollbackWindow)
	}
	if why := c.publish(ctx); why != "" {
		return c.Working(liveEvery, why), nil
	}
	progress := c.Progress(release.Reached, 0, note)
	if retained > 0 {
		progress.Retained = c.rel.Target.RollbackWindow.Std()
	}
	return progress, nil
}

func definitions(n int) string {
	if n == 1 {
		return "1 task definition"
	}
	return fmt.Sprintf("%d task definitions", n)
}

// used returns the task definitions that the two services run or go to.
func (c *Call) used(ctx context.Context) ([]string, error) {
	var used []string
	for _, s := range []*Side{c.canary, c.primary} {
		if s.service == nil {
			continue
		}
		if err := c.readTasks(ctx, s); err != nil {
			return nil, err
		}
		used = append(used, aws.ToString(s.service.TaskDefinition))
		for _, d := range s.service.Deployments {
			used = append(used, aws.ToString(d.TaskDefinition))
		}
		for _, task := range s.tasks {
			if aws.ToString(task.LastStatus) != taskStopped {
				used = append(used, aws.ToString(task.TaskDefinitionArn))
			}
		}
	}
	return used, nil
}

// retained reports whether a definition is a copy of the baseline that a rollback after the release may need.
func (c *Call) retained(arn string) bool {
	if c.rel.Home || !c.made.holds(arn, forCanaryBaseline, forPrimaryBaseline) {
		return false
	}
	return !c.rel.Phase.Final() || c.now().Before(c.rel.Since.Add(c.rel.Target.RollbackWindow.Std()))
}

// noteServed records, as long as the release is not over, which definitions the services keep.
func (c *Call) noteServed() {
	for _, s := range []*Side{c.canary, c.primary} {
		if s.service != nil && !c.rel.Phase.Final() {
			c.made.add(kindServed, aws.ToString(s.service.TaskDefinition), s.next)
		}
	}
}

// served reports whether a service kept a definition when the release ended, which is over now. Where that could not be
// seen and somebody has moved a service since, all of what it ended with may have been kept.
func (c *Call) served(arn string) bool {
	kept := c.made.of(kindServed, parts...)
	switch {
	case !c.rel.Phase.Final():
		return false
	case len(kept) > 0:
		return slices.Contains(kept, arn)
	case c.standsAsLeft():
		return false // what the services run is what they ended with
	case c.rel.Home:
		return c.made.holds(arn, forCanaryBaseline, forPrimaryBaseline)
	}
	return c.made.holds(arn, forCanary, forPrimary)
}

// standsAsLeft reports whether both services still run what a release that is over has left them with.
func (c *Call) standsAsLeft() bool {
	for _, s := range []*Side{c.canary, c.primary} {
		if s.service == nil {
			continue
		}
		runs := aws.ToString(s.service.TaskDefinition)
		if c.rel.Home && runs != s.arm.Definition && !c.made.holds(runs, s.before) || !c.rel.Home && !c.made.holds(runs, s.next) {
			return false
		}
	}
	return true
}

// deregister takes a definition of this release out of use and answers how many it took: none where that was done
// before, or where the tags say that the definition is not this release's.
func (c *Call) deregister(ctx context.Context, arn string) (int, error) {
	d, tags, err := c.describe(ctx, arn)
	if err != nil && release.CodeOf(err) == release.NotFound {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	if d.Status != types.TaskDefinitionStatusActive || TagValue(tags, release.TagRelease) != string(c.rel.ID) {
		return 0, nil
	}
	if err := c.Changing(ctx); err != nil {
		return 0, err
	}
	_, err = c.clients.ECS.DeregisterTaskDefinition(ctx, &ecs.DeregisterTaskDefinitionInput{TaskDefinition: aws.String(arn)})
	if err != nil {
		return 0, awserr.Wrap("deregister "+ShortName(arn), err)
	}
	return 1, nil
}
