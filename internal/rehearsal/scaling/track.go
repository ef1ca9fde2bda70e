package scaling

import (
	"math"
	"time"
)

// begin lets a policy look once a minute, on the minute, when its alarm would have a new datapoint.
func (s *Scaling) begin(t *target, p *policy) {
	var look func()
	look = func() {
		s.scale(t, p)
		s.loop.After(time.Minute, look)
	}
	s.loop.At(s.loop.Now().Truncate(time.Minute).Add(time.Minute), look)
}

// scale makes one scaling activity, if there is one to make. Scaling out goes on during a deployment; scaling in does
// not, and waits for its cooldown after any activity.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-auto-scaling.html
func (s *Scaling) scale(t *target, p *policy) {
	now, at := s.services.Desired(t.service), s.loop.Now()
	cooling := !p.lastOut.IsZero() && at.Sub(p.lastOut) < p.track.ScaleOutCooldown
	base := now
	if cooling {
		base = p.base
	}
	want := t.wanted(p, base)
	switch {
	case want > now && !t.halted.out:
		if !cooling {
			p.base, p.lastOut = now, at
		}
	case want < now && !t.halted.in && !p.track.DisableScaleIn && !s.services.Deploying(t.service) &&
		(p.last.IsZero() || at.Sub(p.last) >= p.track.ScaleInCooldown):
		p.lastOut = time.Time{}
	default:
		return
	}
	p.last = at
	s.services.SetDesired(t.service, want)
	if p.track.Changed != nil {
		p.track.Changed(want)
	}
}

// wanted is the desired count that brings the backlog per task to what is acceptable, within the bounds: capacity in
// proportion to the metric, as target tracking computes it. base is the desired count now, or, during the cooldown
// after scaling out, the one before: the capacity added then counts towards what is wanted. The share that other
// services take stays theirs. Without a running task the metric is the whole backlog.
// https://docs.aws.amazon.com/autoscaling/application/userguide/target-tracking-scaling-policy-overview.html
func (t *target) wanted(p *policy, base int) int {
	tasks := max(1, p.track.Tasks())
	perTask := p.track.Backlog() / float64(tasks)
	want := math.Ceil(float64(max(1, base)) * perTask / p.track.Acceptable)
	return max(t.low, int(min(want, float64(t.high))))
}
