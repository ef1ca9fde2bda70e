package ecsservice

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/serin-aws/serin/internal/release"
)

// Homecoming is one call of a rollback. Each step answers nil when there is nothing left for it to do.
type Homecoming struct {
	*Call
	aside               int32 // tasks of the canary service until the new revision has left it
	canaryIs, primaryIs standing
}

// Homecoming looks where both services stand on the way back to what was recorded. aside is how many tasks the canary
// service keeps until the new revision has left it: none where beside healthy replacements a bad canary would go on
// taking work, what was recorded where somebody else decides who gets work.
func (c *Call) Homecoming(ctx context.Context, aside int32) (*Homecoming, error) {
	r := &Homecoming{Call: c, aside: aside}
	var err error
	if r.canaryIs, err = c.stand(ctx, c.canary); err != nil {
		return nil, err
	}
	r.primaryIs, err = c.stand(ctx, c.primary)
	return r, err
}

// Steps takes the first step that is not done yet: the canary service to its recorded definition, then the primary if it
// was touched, then the canary to its recorded number of tasks. A canary that cannot be drained - its definition is
// gone, its container instance lost - does not keep a bad primary from coming home. It is Failed only where the baseline
// cannot be brought back: a definition is gone, or the baseline itself does not come up.
func (r *Homecoming) Steps(ctx context.Context) (*release.Progress, error) {
	draining, err := r.drainCanary(ctx)
	if err != nil || draining != nil && !r.stuck(draining) {
		return draining, err
	}
	if progress, err := r.RestorePrimary(ctx); err != nil || progress != nil {
		return progress, err
	}
	if draining != nil {
		return draining, nil
	}
	return r.restCanary(ctx)
}

// Failing answers an error of a step, with everything that this call knows to be made.
func (c *Call) Failing(err error) (release.Progress, error) {
	return release.Progress{Made: c.made.list, Changed: c.changed}, err
}

// stuck reports whether waiting for the canary to drain has lost its point.
func (r *Homecoming) stuck(draining *release.Progress) bool {
	return draining.State == release.Failed || r.late(r.canary)
}

// patience is how long ECS may take to replace or stop tasks before those that are left are taken to be protected, or
// lost.
const patience = 5 * time.Minute

func (r *Homecoming) late(s *Side) bool {
	return s.service != nil && r.now().Sub(aws.ToTime(primaryDeployment(s.service).CreatedAt)) > patience
}

// drainCanary ends the work of the new revision in the canary service.
func (r *Homecoming) drainCanary(ctx context.Context) (*release.Progress, error) {
	s := r.canary
	switch r.canaryIs {
	case untouched, gone:
		return nil, nil
	case unseen:
		return r.waits(r.notShown(s))
	case ours:
		return r.bring(ctx, s, aws.Int32(r.aside), false)
	}
	if err := r.readTasks(ctx, s); err != nil {
		return nil, err
	}
	if r.canaryIs == foreign {
		return r.leave(ctx, s)
	}
	left := r.oursOf(s)
	failed := primaryDeployment(s.service).RolloutState == types.DeploymentRolloutStateFailed
	if len(left) > 0 && (s.service.DesiredCount > r.aside || failed) { // ECS reverts, healthy replacements first, or gave that up
		return r.bring(ctx, s, aws.Int32(r.aside), failed)
	}
	return r.drain(ctx, s, left)
}

// RestorePrimary brings the primary back if the new revision reached it.
func (r *Homecoming) RestorePrimary(ctx context.Context) (*release.Progress, error) {
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
func (r *Homecoming) restCanary(ctx context.Context) (*release.Progress, error) {
	s := r.canary
	if r.canaryIs != home {
		return nil, nil
	}
	if have := s.service.DesiredCount; have != s.arm.Desired {
		why, err := r.apply(ctx, s, update{count: aws.Int32(s.arm.Desired)})
		if err != nil || why != "" {
			return r.waits(r.Working(pollEvery, string(why)), err)
		}
		return r.waits(r.Working(pollEvery, fmt.Sprintf("%s goes from %d to %s of the baseline", s.arm.Service, have, TaskCount(s.arm.Desired))))
	}
	return r.settle(ctx, s, func(up upness) bool { return up.rests(s.arm.Desired, s.service) })
}

// waits makes an answer of a step.
func (r *Homecoming) waits(progress release.Progress, errs ...error) (*release.Progress, error) {
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return &progress, nil
}

// settle waits until a side runs the baseline, and nothing else, on the recorded digests.
func (r *Homecoming) settle(ctx context.Context, s *Side, reached func(upness) bool) (*release.Progress, error) {
	if primaryDeployment(s.service).RolloutState == types.DeploymentRolloutStateFailed {
		return r.bring(ctx, s, nil, true)
	}
	if progress, err := r.drain(ctx, s, r.oursOf(s)); progress != nil || err != nil {
		return progress, err
	}
	up := r.count(s, s.before)
	if !reached(up) {
		return r.waits(r.Working(pollEvery, fmt.Sprintf("%s runs %d of %s of the baseline%s%s",
			s.arm.Service, up.running, TaskCount(s.service.DesiredCount), up.rest(), r.baselineFailures(s))))
	}
	if name := s.otherDigest(); name != "" {
		r.notes = append(r.notes, fmt.Sprintf("the tag of container %s means another image now, so %s goes to the pinned copy", name, s.arm.Service))
		return r.bring(ctx, s, nil, false)
	}
	return nil, nil
}

// baselineFailures says which tasks of the baseline failed within the hour that ECS remembers, or "".
func (r *Homecoming) baselineFailures(s *Side) string {
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
func (r *Homecoming) drain(ctx context.Context, s *Side, left []*types.Task) (*release.Progress, error) {
	if len(left) == 0 {
		return nil, nil
	}
	if r.count(s, s.before).running >= int(s.service.DesiredCount) || r.late(s) {
		r.unprotect(ctx, wanted(left))
	}
	return r.waits(r.Working(pollEvery, fmt.Sprintf("%s of the new revision in %s still to stop%s", TaskCount(int32(len(left))), s.arm.Service, r.baselineFailures(s))))
}

// leave keeps what somebody else deployed. Only what serin itself changed is taken back: tasks of the new revision
// that are still there, and the canary's number of tasks.
func (r *Homecoming) leave(ctx context.Context, s *Side) (*release.Progress, error) {
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
	return r.waits(r.Working(pollEvery, fmt.Sprintf("%s goes from %d to %s", s.arm.Service, have, TaskCount(s.arm.Desired))))
}

// Ended answers when no step is left: both services run exactly the recorded digests, what somebody else deployed
// meanwhile stays, and the note says so. It is Failed where a service is gone.
func (r *Homecoming) Ended() release.Progress {
	if text := r.deleted(); text != "" {
		return r.Progress(release.Failed, 0, text)
	}
	if r.canaryIs == untouched && r.primaryIs == untouched {
		return r.staying("nothing was changed, nothing to bring back")
	}
	if r.rel.Baseline.Serves == string(nothing) {
		return r.Progress(release.Reached, 0, "nothing serves, as before the first release: "+r.rel.Baseline.Summary)
	}
	return r.staying("the baseline serves again: " + r.rel.Baseline.Summary)
}

// deleted says which services somebody has deleted, and with what to create them again, or "". serin creates none: it knows
// neither their network nor who else depends on them.
func (r *Homecoming) deleted() string {
	var missing []string
	for _, s := range []*Side{r.canary, r.primary} {
		if s.service == nil {
			missing = append(missing, fmt.Sprintf("service %s does not exist any more; deploy it again from its template, with %s and %s", s.arm.Service, r.ran(s), TaskCount(s.arm.Desired)))
		}
	}
	return strings.Join(missing, ", and ")
}

// ran names the task definition that starts what a side ran: the recorded one where it names its images by digest, and
// otherwise the pinned copy, if the release has got to making it.
func (r *Homecoming) ran(s *Side) string {
	if copies := r.made.of(kindDefinition, s.before); !s.arm.Pinned && len(copies) > 0 {
		return "task definition " + ShortName(copies[0])
	}
	return fmt.Sprintf("task definition %s (%s)", ShortName(s.arm.Definition), listed(slices.Sorted(maps.Values(s.arm.Images()))))
}

// Touched reports whether either service is, or was, anywhere but where it was recorded.
func (r *Homecoming) Touched() bool { return r.canaryIs != untouched || r.primaryIs != untouched }

// CanaryOnNew reports whether the canary service goes to the new revision, or may.
func (r *Homecoming) CanaryOnNew() bool { return r.canaryIs == ours || r.canaryIs == unseen }
