package ecsservice

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/serin-aws/serin/internal/release"
)

// restoreTries is how many deployments of the baseline may fail, and restoreSpan how long after the first of them the last
// was begun, before Rollback says that it does not come up. Capacity that is missing, or a registry that does not answer,
// comes back in minutes. What failed longer ago than that before the next try says nothing of now: nobody did anything in
// between, and whoever takes the release over begins anew.
const (
	restoreTries = 3
	restoreSpan  = 30 * time.Minute
)

// bring deploys the baseline to a side.
func (r *Homecoming) bring(ctx context.Context, s *Side, count *int32, force bool) (*release.Progress, error) {
	definition, err := r.homeDefinition(ctx, s)
	if err != nil && release.CodeOf(err) == release.NotFound {
		return r.empty(ctx, s, count, err)
	}
	if err != nil {
		return nil, err
	}
	if text, err := r.hopeless(ctx, s, definition); text != "" || err != nil {
		return r.waits(r.Progress(release.Failed, 0, text), err)
	}
	why, err := r.apply(ctx, s, update{definition: definition, count: count, force: force})
	if err != nil || why != "" {
		return r.waits(r.Working(pollEvery, string(why)), err)
	}
	note := fmt.Sprintf("%s goes back to %s", s.arm.Service, ShortName(definition))
	if count == nil {
		return r.waits(r.Working(pollEvery, note))
	}
	// Soon: whoever is not told to stop by then is protected.
	return r.waits(r.Working(soon, note+fmt.Sprintf(" with %s until the new revision has stopped", TaskCount(*count))))
}

// empty ends what it can of a new revision whose predecessor is gone: the canary is left without tasks. The primary
// has to go on, bad as it may be.
func (r *Homecoming) empty(ctx context.Context, s *Side, count *int32, missing error) (*release.Progress, error) {
	if count != nil && s.service.DesiredCount != *count {
		if _, err := r.apply(ctx, s, update{count: count}); err != nil {
			return nil, err
		}
	}
	return r.waits(r.Progress(release.Failed, 0, fmt.Sprintf("%s cannot be brought back to %s: %v; deploy it by hand with %s",
		s.arm.Service, ShortName(s.arm.Definition), missing, listed(slices.Sorted(maps.Values(s.arm.Images()))))))
}

// hopeless says that the baseline was deployed often enough and failed each time, or "".
func (r *Homecoming) hopeless(ctx context.Context, s *Side, definition string) (string, error) {
	past, err := r.history(ctx, s)
	if err != nil {
		return "", err
	}
	var tries []deployed // the newest first
	for _, d := range past {
		if d.definition != definition || !d.ended() || d.at.Before(r.rel.Since) {
			continue
		}
		if n := len(tries); n > 0 && tries[n-1].at.Sub(d.at) > restoreSpan {
			break
		}
		tries = append(tries, d)
	}
	n := len(tries)
	if n < restoreTries || tries[0].at.Sub(tries[n-1].at) < restoreSpan {
		return "", nil
	}
	return fmt.Sprintf("%s does not come up on its own baseline %s: %d deployments of it failed, the last as %s (%s); see its stopped tasks, its image and its roles",
		s.arm.Service, ShortName(definition), n, tries[0].status, tries[0].reason), nil
}

// homeDefinition returns an active definition that starts exactly the recorded digests: the recorded one if it is
// pinned, else serin's copy. Infrastructure code deregisters definitions that it replaced, and a service cannot go to
// such a one: it is registered again.
func (c *Call) homeDefinition(ctx context.Context, s *Side) (string, error) {
	if err := c.lookUp(ctx); err != nil {
		return "", err
	}
	copies := c.made.of(kindDefinition, s.before)
	candidates := copies
	if s.arm.Pinned {
		candidates = append([]string{s.arm.Definition}, copies...)
	}
	if found, err := c.firstActive(ctx, candidates); found != "" || err != nil {
		return found, err
	}
	return c.registerAgain(ctx, s, copies)
}

// firstActive returns the first definition that a service can be deployed with, or "".
func (c *Call) firstActive(ctx context.Context, candidates []string) (string, error) {
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
func (c *Call) registerAgain(ctx context.Context, s *Side, copies []string) (string, error) {
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
