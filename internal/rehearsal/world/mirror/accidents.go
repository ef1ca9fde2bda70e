package mirror

import (
	"time"

	"github.com/serin-aws/serin/internal/rehearsal/cloudformation"
	"github.com/serin-aws/serin/internal/rehearsal/ecr"
	"github.com/serin-aws/serin/internal/rehearsal/world"
)

// trouble is what the next operations of CloudFormation run into.
type trouble struct {
	creations, updates, removals int // of them that fail
}

// take returns why an operation fails; empty where it does not.
func (t *trouble) take(s *cloudformation.Stack, creation bool) string {
	of := &t.updates
	if creation {
		of = &t.creations
	}
	if *of == 0 {
		return ""
	}
	*of--
	return "You have requested more vCPU capacity than your current limit allows, in " + s.Name
}

func (t *trouble) takeRemoval() string {
	if t.removals == 0 {
		return ""
	}
	t.removals--
	return "resource sg-1 has a dependent object"
}

// Accidents are what can befall the stacks. A second update that fails is the one that takes the first back: the stack is
// then stuck until it is told to go on.
func (w *World) Accidents() []world.Accident {
	at := w.site.Target.EC2Mirror
	foreign := func(name string, change cloudformation.Values) world.Accident {
		return world.Accident{Name: name, Foreign: true, Happen: func() { w.CloudFormation.ForeignUpdate(at.Stack, change) }}
	}
	return []world.Accident{
		{Name: "the next creation of a stack fails", Happen: func() { w.trouble.creations++ }},
		{Name: "the next update of a stack is taken back", Happen: func() { w.trouble.updates++ }},
		{Name: "the next update of a stack fails, and taking it back too", Happen: func() { w.trouble.updates += 2 }},
		{Name: "the next deletion of a stack fails", Happen: func() { w.trouble.removals++ }},
		{Name: "a machine of " + at.Temporary + " does not answer for a while", Happen: func() {
			if s := w.CloudFormation.Find(at.Temporary); s != nil && len(w.fleets[s].machines) > 0 {
				w.fleets[s].machines[0].healthy = w.site.Loop.Now().Add(3 * time.Minute)
			}
		}},
		{Name: "the tag of the version that serves is moved to the new one", Happen: func() { w.ECR.MoveTag(w.repository, oldTag, w.fresh) }},
		foreign("somebody deploys another image to "+at.Stack, cloudformation.Values{at.Parameters.Image: ecr.URI(w.repository) + "@" + ecr.Digest("a hot fix")}),
		foreign("somebody sets the mirrored share of "+at.Stack, cloudformation.Values{at.Parameters.MirrorPercent: "37"}),
		foreign("somebody puts nginx back in "+at.Stack, cloudformation.Values{at.Parameters.ProxyMode: nginx, at.Parameters.MirrorHost: "", at.Parameters.MirrorPercent: "0"}),
		foreign("somebody changes a parameter of "+at.Stack, cloudformation.Values{size: "m7g.xlarge"}),
		{Name: "somebody deletes " + at.Temporary, Foreign: true, Happen: func() { w.CloudFormation.ForeignDelete(at.Temporary) }},
	}
}

// Deletions are the live stack. The temporary one is serin's own.
func (w *World) Deletions() []world.Deletion {
	stack := w.site.Target.EC2Mirror.Stack
	return []world.Deletion{{
		What: "stack " + stack, Before: true, After: true,
		Delete: func() bool { return w.CloudFormation.ForeignDelete(stack) }, Again: func() { w.build(w.site.Loop.Now()) },
	}}
}
