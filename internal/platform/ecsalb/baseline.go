package ecsalb

import (
	"context"

	"github.com/serin-aws/serin/internal/platform/ecsservice"
	"github.com/serin-aws/serin/internal/release"
)

// detail is the platform's part of a baseline: the two services, and the rule that divides the requests.
type detail struct {
	ecsservice.Record
	Rule recordedRule `json:"rule"`
}

// recordedRule is the rule as it was before the first mutation.
type recordedRule struct {
	ARN     string  `json:"arn"`
	Forward forward `json:"forward"`
	Primary string  `json:"primary"` // ARN of the primary service's target group
	Canary  string  `json:"canary"`  // and of the canary's
	// Bound says that a target group has stickiness of its own: AWS then insists on the rule's.
	Bound bool `json:"bound,omitempty"`
}

// shifted is the record with a weight from 1 to 100 for the canary.
func (r recordedRule) shifted(w release.Weight) forward {
	return r.Forward.with(r.Primary, int32(100-w)).with(r.Canary, int32(w))
}

// check answers a LedgerCorrupt error for a record that cannot be restored from.
func (d detail) check(rel *release.Release) error {
	if err := d.Check(rel); err != nil {
		return err
	}
	if d.Rule.ARN == "" || d.Rule.Primary == "" || d.Rule.Canary == "" || len(d.Rule.Forward.Groups) != 2 {
		return release.Errorf(release.LedgerCorrupt, "read the baseline of release "+string(rel.ID),
			"the record of the listener's rule is incomplete; the ledger's table keeps earlier versions (point-in-time recovery)")
	}
	return nil
}

// call is one call of a verb: the release, its record, the services and the rule as this call found them.
type call struct {
	*ecsservice.Call
	elb  ELB
	rel  *release.Release
	base detail
	rule rule
	gone bool // the rule does not exist any more
}

// AnnouncesChanges says that every change of this platform is announced: of services by package ecsservice, of the rule
// by weigh.
func (p *Platform) AnnouncesChanges() {}

// begin reads the baseline, both services and the rule.
func (p *Platform) begin(ctx context.Context, rel *release.Release) (*call, error) {
	base, err := p.baselines.Read(rel, func(d detail) error { return d.check(rel) })
	if err != nil {
		return nil, err
	}
	services, err := p.pair.Begin(ctx, rel, base.Record)
	if err != nil {
		return nil, err
	}
	c := &call{Call: services, elb: p.elb, rel: rel, base: base}
	c.rule, err = p.readRule(ctx, base.Rule.ARN)
	if err != nil && release.CodeOf(err) == release.NotFound {
		c.rule, c.gone, err = p.successor(ctx, base.Rule)
	}
	return c, err
}
