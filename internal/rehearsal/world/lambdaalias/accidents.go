package lambdaalias

import (
	"slices"

	"github.com/serin-aws/serin/internal/rehearsal/lambda"
	"github.com/serin-aws/serin/internal/rehearsal/world"
)

// Accidents are what can befall the alias.
func (w *World) Accidents() []world.Accident {
	set := func(name, version string, weights map[string]float64) world.Accident {
		return world.Accident{Name: name, Foreign: true, Happen: func() { w.Alias.Set(version, weights) }}
	}
	accidents := []world.Accident{
		set("somebody points the alias to another version", older, nil),
		set("somebody removes the weights", old, nil),
		set("somebody gives another version a weight", old, map[string]float64{older: .5}),
		{Name: "somebody changes the weight", Foreign: true, Happen: func() {
			other := older // where the new version is not published yet
			if w.function.Version(fresh) != nil {
				other = fresh
			}
			w.Alias.Set(old, map[string]float64{other: .37})
		}},
	}
	if w.makes() { // what is published is what was released, or nothing
		accidents = append(accidents, world.Accident{Name: "somebody gives the function other code", Happen: func() {
			w.function.Foreign("somebody's", w.site.Loop.Now())
		}})
	}
	return accidents
}

// Delete is what somebody does to a version past serin.
func (w *World) Delete(number string) {
	before := len(w.function.Versions)
	w.function.Versions = slices.DeleteFunc(w.function.Versions, func(v *lambda.Version) bool { return v.Number == number })
	w.had -= before - len(w.function.Versions)
}

// DeleteAlias is what somebody does past serin: callers get errors from then on.
func (w *World) DeleteAlias() { w.function.Aliases = nil }
