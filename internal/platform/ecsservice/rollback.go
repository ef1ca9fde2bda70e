package ecsservice

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/serin-aws/serin/internal/release"
)

// Rollback brings back what was recorded, in this order: the canary service to its recorded definition with no task
// (beside healthy replacements a bad canary would go on taking messages), then the primary if it was touched, then the
// canary to its recorded number of tasks. It is Reached when both services run exactly the recorded digests; what
// somebody else deployed meanwhile stays, and the note says so. It is Failed only where the baseline cannot be brought
// back: a service or a definition is gone, or the baseline itself does not come up.
func (c *Call) Rollback(ctx context.Context) (release.Progress, error) {
	r := &rollback{Call: c}
	var err error
	if r.canaryIs, err = c.stand(ctx, c.canary); err != nil {
		return release.Progress{}, err
	}
	if r.primaryIs, err = c.stand(ctx, c.primary); err != nil {
		return release.Progress{}, err
	}
	progress, err := r.steps(ctx)
	if err != nil {
		return release.Progress{Made: c.made.list, Changed: c.changed}, err
	}
	return *progress, nil
}

// steps takes the first step that is not done yet. A canary that cannot be drained - its definition is gone, its
// container instance lost - does not keep a bad primary from coming home.
func (r *rollback) steps(ctx context.Context) (*release.Progress, error) {
	draining, err := r.drainCanary(ctx)
	if err != nil || draining != nil && !r.stuck(draining) {
		return draining, err
	}
	if progress, err := r.restorePrimary(ctx); err != nil || progress != nil {
		return progress, err
	}
	if draining != nil {
		return draining, nil
	}
	if progress, err := r.restCanary(ctx); err != nil || progress != nil {
		return progress, err
	}
	return r.over(), nil
}

// stuck reports whether waiting for the canary to drain has lost its point.
func (r *rollback) stuck(draining *release.Progress) bool {
	return draining.State == release.Failed || r.late(r.canary)
}

// patience is how long ECS may take to replace or stop tasks before those that are left are taken to be protected, or
// lost.
const patience = 5 * time.Minute

func (r *rollback) late(s *Side) bool {
	return s.service != nil && r.now().Sub(aws.ToTime(primaryDeployment(s.service).CreatedAt)) > patience
}

// rollback is one call of Rollback. Each step answers nil when there is nothing left for it to do.
type rollback struct {
	*Call
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
		return r.bring(ctx, s, r.home(s), false)
	}
	if err := r.readTasks(ctx, s); err != nil {
		return nil, err
	}
	if r.primaryIs == foreign {
		return r.leave(ctx, s)
	}
	if progress, err := r.emptied(ctx, s); progress != nil || err != nil {
		return progress, err
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
			return r.waits(r.Working(pollEvery, string(why)), err)
		}
		return r.waits(r.Working(pollEvery, fmt.Sprintf("%s goes from %d to %s of the baseline", s.arm.Service, have, tasks(s.arm.Desired))))
	}
	return r.settle(ctx, s, func(up upness) bool { return up.rests(s.arm.Desired, s.service) })
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
func (r *rollback) settle(ctx context.Context, s *Side, reached func(upness) bool) (*release.Progress, error) {
	if primaryDeployment(s.service).RolloutState == types.DeploymentRolloutStateFailed {
		return r.bring(ctx, s, nil, true)
	}
	if progress, err := r.drain(ctx, s, r.oursOf(s)); progress != nil || err != nil {
		return progress, err
	}
	up := r.count(s, s.before)
	if !reached(up) {
		return r.waits(r.Working(pollEvery, fmt.Sprintf("%s runs %d of %s of the baseline%s%s",
			s.arm.Service, up.running, tasks(s.service.DesiredCount), up.rest(), r.baselineFailures(s))))
	}
	if name := s.otherDigest(); name != "" {
		r.notes = append(r.notes, fmt.Sprintf("the tag of container %s means another image now, so %s goes to the pinned copy", name, s.arm.Service))
		return r.bring(ctx, s, nil, false)
	}
	return nil, nil
}

// baselineFailures says which tasks of the baseline failed within the hour that ECS remembers, or "".
func (r *rollback) baselineFailures(s *Side) string {
	failed := failures(s.tasks, func(d string) bool { return !r.made.holds(d, s.next) })
	if len(failed) == 0 {
		return ""
	}
	return fmt.Sprintf("; %d of the baseline's own tasks failed within the hour: %s", len(failed), why(failed[0]))
}

// otherDigest names a container that runs another image than recorded, which happens where ECS reverts to a
// definition that is not pinned, or "". A pinned definition cannot.
func (s *Side) otherDigest() string {
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

// drain waits for tasks of the new revision to stop. Those that ECS has not told to stop although enough others run,
// or after some time, may be protected: their protection is taken away.
func (r *rollback) drain(ctx context.Context, s *Side, left []types.Task) (*release.Progress, error) {
	if len(left) == 0 {
		return nil, nil
	}
	if r.count(s, s.before).running >= int(s.service.DesiredCount) || r.late(s) {
		r.unprotect(ctx, wanted(left))
	}
	return r.waits(r.Working(pollEvery, fmt.Sprintf("%s of the new revision in %s still to stop%s", tasks(int32(len(left))), s.arm.Service, r.baselineFailures(s))))
}

// leave keeps what somebody else deployed. Only what serin itself changed is taken back: tasks of the new revision
// that are still there, and the canary's number of tasks.
func (r *rollback) leave(ctx context.Context, s *Side) (*release.Progress, error) {
	r.notes = append(r.notes, r.somebody(s)+", which stays")
	if progress, err := r.drain(ctx, s, r.oursOf(s)); progress != nil || err != nil {
		return progress, err
	}
	have := s.service.DesiredCount
	if gave, _ := r.made.gave(have); s != r.canary || !gave || have == s.arm.Desired {
		return nil, nil
	}
	why, err := r.apply(ctx, s, update{count: aws.Int32(s.arm.Desired)})
	if err != nil || why != "" {
		return r.waits(r.Working(pollEvery, string(why)), err)
	}
	return r.waits(r.Working(pollEvery, fmt.Sprintf("%s goes from %d to %s", s.arm.Service, have, tasks(s.arm.Desired))))
}

// over answers when nothing is left to do.
func (r *rollback) over() *release.Progress {
	progress := r.ended()
	return &progress
}

func (r *rollback) ended() release.Progress {
	var missing []string
	for _, s := range []*Side{r.canary, r.primary} {
		if s.service == nil {
			missing = append(missing, s.arm.Service)
		}
	}
	if len(missing) > 0 {
		return r.Progress(release.Failed, 0, fmt.Sprintf("service %s does not exist any more and cannot be brought back; create it with %s", listed(missing), r.rel.Baseline.Summary))
	}
	if r.canaryIs == untouched && r.primaryIs == untouched {
		return r.Progress(release.Reached, 0, "nothing was changed, nothing to bring back")
	}
	if r.rel.Baseline.Serves == string(nothing) {
		return r.Progress(release.Reached, 0, "nothing serves, as before the first release: "+r.rel.Baseline.Summary)
	}
	return r.Progress(release.Reached, 0, "the baseline serves again: "+r.rel.Baseline.Summary)
}
