package ecsalb

import (
	"context"
	"fmt"

	"github.com/serin-aws/serin/internal/platform/ecsservice"
	"github.com/serin-aws/serin/internal/release"
)

// departed is what the release remembers: since when no request is meant for the canary any more.
const departed = "weights home"

// Rollback takes the requests off the canary, brings both services back to what was recorded, and then the rule, exactly.
// The requests go to the primary at once where it serves; where it does not - all of them were with the canary, and the
// primary was being changed - it is brought back first. It is Reached when both services run the recorded digests and the
// rule reads as recorded; what somebody else made of either meanwhile stays, and the note says so. It is Failed where
// somebody has deleted a service, a definition or the rule; what is left goes home first.
func (p *Platform) Rollback(ctx context.Context, rel *release.Release) (release.Progress, error) {
	c, err := p.begin(ctx, rel)
	if err != nil {
		return release.Progress{}, err
	}
	way, err := c.Homecoming(ctx, c.base.Canary.Desired)
	if err != nil {
		return c.Failing(err)
	}
	if primary, _ := c.Services(); primary == nil { // the canary may be all that serves
		return way.Ended(), nil
	}
	if !c.gone && c.stand() == foreign {
		c.Aside(c.somebody() + ", which stays")
	}
	progress, err := c.goHome(ctx, way)
	switch {
	case err != nil:
		return c.Failing(err)
	case progress != nil:
		return *progress, nil
	}
	ended := way.Ended()
	if c.gone && ended.State == release.Reached {
		return c.Progress(release.Failed, 0, c.unruled()), nil
	}
	return ended, nil
}

// unruled says what a person has to make again where the rule was deleted.
func (c *call) unruled() string {
	return fmt.Sprintf("the listener's rule %s does not exist any more, so no request finds the services by it, which run the baseline again; create a rule for the same requests that forwards to %s, and write its ARN into ecsALB.listenerRule",
		c.base.Rule.ARN, c.base.Rule.Forward.text())
}

// goHome takes the first step that is not done yet: requests, then capacity, then the rule as it was.
func (c *call) goHome(ctx context.Context, way *ecsservice.Homecoming) (*release.Progress, error) {
	if !c.gone && !c.departed(way) {
		return c.depart(ctx, way)
	}
	if way.Touched() {
		if waiting := c.awaitEffect(departed); waiting != nil {
			return waiting, nil
		}
	}
	if progress, err := way.Steps(ctx); progress != nil || err != nil {
		return progress, err
	}
	if _, canary := c.Services(); canary == nil || !c.loosened() { // without the service nobody should stick to its group
		return nil, nil
	}
	canary, err := c.health(ctx, c.base.Rule.Canary)
	if err != nil {
		return nil, err
	}
	if canary.healthy < int(c.base.Canary.Desired) { // whoever still sticks to it must find a task
		progress := c.Working(pollEvery, fmt.Sprintf("%d of %s of the baseline are healthy in target group %s", canary.healthy, ecsservice.TaskCount(c.base.Canary.Desired), groupName(c.base.Rule.Canary)))
		return &progress, nil
	}
	f := c.rule.forward
	f.Sticky, f.Seconds = true, c.base.Rule.Forward.Seconds
	progress, err := c.weigh(ctx, f, "the rule keeps clients with their target group again")
	return &progress, err
}

// loosened reports whether serin has turned the rule's stickiness off, also where somebody else has changed weights
// since.
func (c *call) loosened() bool {
	stands := c.stand()
	return stands == loosened || stands == foreign && !c.gone && c.Remembered(departed) != "" && c.base.Rule.Forward.Sticky && !c.rule.forward.Sticky
}

// departed reports whether no request is meant for the new revision any more.
func (c *call) departed(way *ecsservice.Homecoming) bool {
	if c.rule.forward.weight(c.base.Rule.Canary) > 0 {
		return false
	}
	return c.stand() != home || !c.base.Rule.Forward.Sticky || c.base.Rule.Bound || !way.CanaryOnNew()
}

// depart takes the requests off the canary, as soon as the primary can take them.
func (c *call) depart(ctx context.Context, way *ecsservice.Homecoming) (*release.Progress, error) {
	if progress, err := c.primaryTakesOver(ctx, way); progress != nil || err != nil {
		return progress, err
	}
	c.remember(departed)
	progress, err := c.weigh(ctx, c.withoutCanary(), "all requests go to the primary")
	return &progress, err
}

// withoutCanary is the rule's division without the canary: as recorded, without stickiness while the new revision
// leaves; of what somebody else made of it, only the canary's weight is taken back.
func (c *call) withoutCanary() forward {
	rule := c.base.Rule
	if c.stand() != foreign {
		f := rule.Forward
		f.Sticky = f.Sticky && rule.Bound
		return f
	}
	f := c.rule.forward.with(rule.Canary, 0)
	if f.weight(rule.Primary) == 0 {
		f = f.with(rule.Primary, rule.Forward.weight(rule.Primary))
	}
	return f
}

// primaryTakesOver answers nil when the primary can take all requests: at once where it serves a part of them, and
// otherwise when it is back and as many of its tasks are healthy as are wanted.
func (c *call) primaryTakesOver(ctx context.Context, way *ecsservice.Homecoming) (*release.Progress, error) {
	serves, err := c.health(ctx, c.base.Rule.Primary)
	if err != nil {
		return nil, err
	}
	primary, _ := c.Services()
	wanted := int(primary.DesiredCount)
	if c.rule.forward.weight(c.base.Rule.Primary) > 0 && (serves.healthy > 0 || wanted == 0) {
		return nil, nil
	}
	if progress, err := way.RestorePrimary(ctx); progress != nil || err != nil {
		return progress, err
	}
	if serves.healthy >= wanted {
		return nil, nil
	}
	progress := c.Working(pollEvery, fmt.Sprintf("the requests stay with the canary until the primary can take them: %d of %s are healthy in target group %s",
		serves.healthy, ecsservice.TaskCount(primary.DesiredCount), groupName(c.base.Rule.Primary)))
	return &progress, nil
}
