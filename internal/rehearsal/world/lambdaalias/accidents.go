package lambdaalias

import "github.com/serin-aws/serin/internal/rehearsal/world"

// Accidents are what can befall the alias.
func (w *World) Accidents() []world.Accident {
	set := func(name, version string, weights map[string]float64) world.Accident {
		return world.Accident{Name: name, Foreign: true, Happen: func() { w.Alias.Set(version, weights) }}
	}
	return []world.Accident{
		set("somebody points the alias to another version", older, nil),
		set("somebody removes the weights", old, nil),
		set("somebody gives another version a weight", old, map[string]float64{older: .5}),
		set("somebody changes the weight", old, map[string]float64{fresh: .37}),
	}
}
