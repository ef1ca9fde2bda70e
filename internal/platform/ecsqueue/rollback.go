package ecsqueue

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/serin-aws/serin/internal/release"
)

// restoreTries is how many deployments of the baseline may fail before Rollback says that it does not come up.
const restoreTries = 3

// Rollback brings back what was recorded, in this order: the canary service to its recorded definition with no task
// (beside healthy replacements a bad canary would go on taking messages), then the primary if it was touched, then the
// canary to its recorded number of tasks. It is Reached when both services run exactly the recorded digests; what
// somebody else deployed meanwhile stays, and the note says so. It is Failed only where the baseline cannot be brought
// back: a service or a definition is gone, or the baseline itself does not come up.
func (p *Platform) Rollback(ctx context.Context, rel *release.Release) (release.Progress, error) {
	c, err := p.begin(ctx, rel)
	if err != nil {
		return release.Progress{}, err
	}
	r := &rollback{call: c}
	if r.canaryIs, err = c.stand(ctx, c.canary); err != nil {
		return release.Progress{}, err
	}
	if r.primaryIs, err = c.stand(ctx, c.primary); err != nil {
		return release.Progress{}, err
	}
	for _, step := range []func(context.Context) (*release.Progress, error){r.drainCanary, r.restorePrimary, r.restCanary} {
		if progress, err := step(ctx); err != nil {
			return release.Progress{Made: c.made.list}, err
		} else if progress != nil {
			return *progress, nil
		}
	}
	return r.over(), nil
}

// rollback is one call of Rollback. Each step answers nil when there is nothing left for it to do.
type rollback struct {
	*call
	canaryIs, primaryIs standing
}

// drainCanary ends the work of the new revision in the canary service.
func (r *rollback) drainCanary(ctx context.Context) (*release.Progress, error) {
	s := r.canary
	switch r.canaryIs {
	case untouched, gone:
		return nil, nil
	case unseen:
		return r.waits(r.notShown(s))
	case ours:
		return r.bring(ctx, s, aws.Int32(0), false)
	}
	if err := r.readTasks(ctx, s); err != nil {
		return nil, err
	}
	if r.canaryIs == foreign {
		return r.leave(ctx, s)
	}
	left := r.oursOf(s)
	if len(left) > 0 && s.service.DesiredCount > 0 { // ECS is reverting, healthy replacements first
		return r.bring(ctx, s, aws.Int32(0), false)
	}
	return r.drain(ctx, s, left)
}

// restorePrimary brings the primary back if the new revision reached it.
func (r *rollback) restorePrimary(ctx context.Context) (*release.Progress, error) {
	s := r.primary
	switch r.primaryIs {
	case untouched, gone:
		return nil, nil
	case unseen:
		return r.waits(r.notShown(s))
	case ours:
		return r.bring(ctx, s, nil, false)
	}
	if err := r.readTasks(ctx, s); err != nil {
		return nil, err
	}
	if r.primaryIs == foreign {
		return r.leave(ctx, s)
	}
	return r.settle(ctx, s, func(up upness) bool { return up.completed && up.others == 0 })
}

// restCanary brings the canary service back to its recorded number of tasks.
func (r *rollback) restCanary(ctx context.Context) (*release.Progress, error) {
	s := r.canary
	if r.canaryIs != home {
		return nil, nil
	}
	if have := s.service.DesiredCount; have != s.arm.Desired {
		why, err := r.apply(ctx, s, update{count: aws.Int32(s.arm.Desired)})
		if err != nil || why != "" {
			return r.waits(r.working(pollEvery, string(why)), err)
		}
		return r.waits(r.working(pollEvery, fmt.Sprintf("%s goes from %d to %s of the baseline", s.arm.Service, have, tasks(s.arm.Desired))))
	}
	return r.settle(ctx, s, func(up upness) bool {
		return up.complete(s.arm.Desired, len(s.service.Deployments) == 1)
	})
}

// waits makes an answer of a step.
func (r *rollback) waits(progress release.Progress, errs ...error) (*release.Progress, error) {
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return &progress, nil
}

// settle waits until a side runs the baseline, and nothing else, on the recorded digests.
func (r *rollback) settle(ctx context.Context, s *side, reached func(upness) bool) (*release.Progress, error) {
	if progress, err := r.drain(ctx, s, r.oursOf(s)); progress != nil || err != nil {
		return progress, err
	}
	if primaryDeployment(s.service).RolloutState == types.DeploymentRolloutStateFailed {
		return r.bring(ctx, s, nil, true)
	}
	up := r.count(s, s.before)
	if !reached(up) {
		note := fmt.Sprintf("%s runs %d of %s of the baseline%s", s.arm.Service, up.running, tasks(s.service.DesiredCount), up.rest())
		if failed := failures(s.tasks, func(d string) bool { return !r.made.holds(d, s.next) }); len(failed) > 0 {
			note += fmt.Sprintf("; %d of its tasks failed within the hour: %s", len(failed), why(failed[0]))
		}
		return r.waits(r.working(pollEvery, note))
	}
	if name := s.otherDigest(); name != "" {
		r.notes = append(r.notes, fmt.Sprintf("the tag of container %s means another image now, so %s goes to the pinned copy", name, s.arm.Service))
		return r.bring(ctx, s, nil, false)
	}
	return nil, nil
}

// otherDigest names a container that runs another image than recorded, which happens where ECS reverts to a
// definition that is not pinned, or "". A pinned definition cannot.
func (s *side) otherDigest() string {
	if s.arm.Pinned {
		return ""
	}
	for _, task := range s.tasks {
		if aws.ToString(task.TaskDefinitionArn) != s.arm.Definition || aws.ToString(task.LastStatus) != taskRunning {
			continue
		}
		for _, c := range task.Containers {
			recorded, running := s.arm.digest(aws.ToString(c.Name)), aws.ToString(c.ImageDigest)
			if recorded != "" && running != "" && running != string(recorded) {
				return aws.ToString(c.Name)
			}
		}
	}
	return ""
}

// bring deploys the baseline to a side.
func (r *rollback) bring(ctx context.Context, s *side, count *int32, force bool) (*release.Progress, error) {
	definition, err := r.homeDefinition(ctx, s)
	if err != nil && release.CodeOf(err) == release.NotFound {
		return r.waits(r.progress(release.Failed, 0, fmt.Sprintf("%s cannot be brought back to %s: %v", s.arm.Service, shortName(s.arm.Definition), err)))
	}
	if err != nil {
		return nil, err
	}
	if text, err := r.hopeless(ctx, s, definition); text != "" || err != nil {
		return r.waits(r.progress(release.Failed, 0, text), err)
	}
	why, err := r.apply(ctx, s, update{definition: definition, count: count, force: force})
	if err != nil || why != "" {
		return r.waits(r.working(pollEvery, string(why)), err)
	}
	note := fmt.Sprintf("%s goes back to %s", s.arm.Service, shortName(definition))
	if count != nil {
		note += fmt.Sprintf(" with %s until the new revision has stopped", tasks(*count))
	}
	return r.waits(r.working(soon, note))
}

// hopeless says that the baseline was deployed often enough and failed each time, or "".
func (r *rollback) hopeless(ctx context.Context, s *side, definition string) (string, error) {
	past, err := r.history(ctx, s)
	if err != nil {
		return "", err
	}
	tries, last := 0, deployed{}
	for _, d := range past {
		if d.definition == definition && d.ended() {
			if tries == 0 {
				last = d
			}
			tries++
		}
	}
	if tries < restoreTries {
		return "", nil
	}
	return fmt.Sprintf("%s does not come up on its own baseline %s: %d deployments of it failed, the last as %s (%s); see its stopped tasks, its image and its roles",
		s.arm.Service, shortName(definition), tries, last.status, last.reason), nil
}

// patience is how long ECS may take to replace tasks before those that are left are taken to be protected.
const patience = 5 * time.Minute

// drain waits for tasks of the new revision to stop. Those that ECS has not told to stop although enough others run,
// or after some time, may be protected: their protection is taken away.
func (r *rollback) drain(ctx context.Context, s *side, left []types.Task) (*release.Progress, error) {
	if len(left) == 0 {
		return nil, nil
	}
	replaced := r.count(s, s.before).running >= int(s.service.DesiredCount)
	if replaced || r.now().Sub(aws.ToTime(primaryDeployment(s.service).CreatedAt)) > patience {
		r.unprotect(ctx, wanted(left))
	}
	return r.waits(r.working(soon, fmt.Sprintf("%s of the new revision in %s still to stop", tasks(int32(len(left))), s.arm.Service)))
}

// leave keeps what somebody else deployed. Only what serin itself changed is taken back: tasks of the new revision
// that are still there, and the canary's number of tasks.
func (r *rollback) leave(ctx context.Context, s *side) (*release.Progress, error) {
	r.notes = append(r.notes, r.changed(s)+", which stays")
	if progress, err := r.drain(ctx, s, r.oursOf(s)); progress != nil || err != nil {
		return progress, err
	}
	have := s.service.DesiredCount
	if gave, _ := r.made.gave(have); s != r.canary || !gave || have == s.arm.Desired {
		return nil, nil
	}
	why, err := r.apply(ctx, s, update{count: aws.Int32(s.arm.Desired)})
	if err != nil || why != "" {
		return r.waits(r.working(pollEvery, string(why)), err)
	}
	return r.waits(r.working(pollEvery, fmt.Sprintf("%s goes from %d to %s", s.arm.Service, have, tasks(s.arm.Desired))))
}

// over answers when nothing is left to do.
func (r *rollback) over() release.Progress {
	var missing []string
	for _, s := range []*side{r.canary, r.primary} {
		if s.service == nil {
			missing = append(missing, s.arm.Service)
		}
	}
	if len(missing) > 0 {
		return r.progress(release.Failed, 0, fmt.Sprintf("service %s does not exist any more and cannot be brought back; create it with %s", listed(missing), r.rel.Baseline.Summary))
	}
	if r.canaryIs == untouched && r.primaryIs == untouched {
		return r.progress(release.Reached, 0, "nothing was changed, nothing to bring back")
	}
	return r.progress(release.Reached, 0, "the baseline serves again: "+r.rel.Baseline.Summary)
}

// homeDefinition returns an active definition that starts exactly the recorded digests: the recorded one if it is
// pinned, else serin's copy. Infrastructure code deregisters definitions that it replaced, and a service cannot go to
// such a one: it is registered again.
func (c *call) homeDefinition(ctx context.Context, s *side) (string, error) {
	var candidates []string
	if s.arm.Pinned {
		candidates = append(candidates, s.arm.Definition)
	}
	if found, err := c.firstActive(ctx, append(candidates, c.made.of(kindDefinition, s.before)...)); found != "" || err != nil {
		return found, err
	}
	if err := c.lookUp(ctx); err != nil {
		return "", err
	}
	copies := c.made.of(kindDefinition, s.before)
	if found, err := c.firstActive(ctx, copies); found != "" || err != nil {
		return found, err
	}
	return c.registerAgain(ctx, s, copies)
}

// firstActive returns the first definition that a service can be deployed with, or "".
func (c *call) firstActive(ctx context.Context, candidates []string) (string, error) {
	for _, candidate := range candidates {
		d, _, err := c.describe(ctx, candidate)
		if err != nil && release.CodeOf(err) != release.NotFound {
			return "", err
		}
		if err == nil && d.Status == types.TaskDefinitionStatusActive {
			return candidate, nil
		}
	}
	return "", nil
}

// registerAgain registers a pinned copy of the recorded definition or, where that was deleted, of an earlier copy.
func (c *call) registerAgain(ctx context.Context, s *side, copies []string) (string, error) {
	var missing error
	for _, source := range append([]string{s.arm.Definition}, copies...) {
		arm := s.arm
		arm.Definition = source
		in, err := c.pinnedCopy(ctx, arm)
		if err == nil {
			return c.register(ctx, in, s.before)
		}
		if release.CodeOf(err) != release.NotFound {
			return "", err
		}
		missing = cmp.Or(missing, err)
	}
	return "", missing
}
