package ecsservice

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// standing says what a service is going to or has reached.
type standing int

const (
	gone      standing = iota // the service does not exist
	untouched                 // it is as it was recorded
	unseen                    // it looks as it was recorded, although serin has deployed to it: ECS does not show it yet
	ours                      // it goes to a definition of the new revision
	home                      // it was on the new revision and goes to the recorded definition again
	foreign                   // somebody else deployed to it
)

// glance classifies a side by its definition and deployment alone. A definition that is not recognized is looked up
// by tag before it is called foreign: the record of what serin made may have been lost with a crash.
func (c *Call) glance(ctx context.Context, s *Side) (standing, error) {
	if s.service == nil {
		return gone, nil
	}
	current := primaryDeployment(s.service)
	definition := aws.ToString(current.TaskDefinition)
	if definition == s.arm.Definition {
		if aws.ToString(current.Id) == s.arm.Deployment {
			return untouched, nil
		}
		return home, nil
	}
	if !c.made.holds(definition, parts...) {
		if err := c.lookUp(ctx); err != nil {
			return foreign, err
		}
	}
	switch {
	case c.made.holds(definition, s.next):
		return ours, nil
	case c.made.holds(definition, s.before):
		return home, nil
	}
	return foreign, nil
}

// stand classifies a side and asks ECS's history wherever the service alone does not tell: a deployment that ECS
// reverted leaves a service that looks as if nothing had been, and one that has just begun may not be shown yet.
func (c *Call) stand(ctx context.Context, s *Side) (standing, error) {
	seen, err := c.glance(ctx, s)
	if err != nil || seen != untouched && seen != home {
		return seen, err
	}
	past, deployed, err := c.everOurs(ctx, s)
	if err != nil {
		return seen, err
	}
	deployed = deployed || len(c.made.of(kindDeployment, s.next)) > 0
	copied := c.made.holds(aws.ToString(primaryDeployment(s.service).TaskDefinition), s.before)
	switch {
	case seen == home && !deployed && !copied:
		return foreign, nil // the recorded definition, deployed anew: an unpinned tag may mean another image now
	case seen == untouched && deployed && !past.ended() && c.now().Sub(c.rel.Since) < startup:
		return unseen, nil
	case seen == untouched && deployed:
		return home, nil
	}
	return seen, nil
}
