package ecsalb

import "github.com/serin-aws/serin/internal/rehearsal/world"

// Accidents are what can befall the rule, and the two services.
func (w *World) Accidents() []world.Accident {
	set := func(name string, primary, canary int32) world.Accident {
		return world.Accident{Name: name, Foreign: true, Happen: func() { w.Rule.Set(primary, canary) }}
	}
	accidents := []world.Accident{
		set("somebody gives the canary half of the requests", 50, 50),
		set("somebody takes the canary's weight away", 1, 0),
		set("somebody sends all requests to the canary's group", 0, 1),
	}
	for _, a := range w.Services.Accidents() {
		happen := a.Happen
		a.Happen = func() { w.hurt = true; happen() }
		accidents = append(accidents, a)
	}
	return accidents
}

// Deletions are the rule and the two services. Their target groups cannot be deleted: the rule names them.
func (w *World) Deletions() []world.Deletion {
	return append(w.Services.Deletions(), world.Deletion{
		What: "rule", Before: true, After: true, Delete: func() bool { return w.ELB.DeleteRule(w.Rule) },
		Again: func() { w.Rule = w.ELB.AddRule(w.Rule.ARN+"0", false, w.was...) }, // a rule that is made again has another ARN
	})
}
