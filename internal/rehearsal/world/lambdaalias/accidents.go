package lambdaalias

import (
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

// Race lets somebody give the function other code as soon as Lambda has taken over the release's.
func (w *World) Race() bool {
	if !w.makes() {
		return false
	}
	w.function.Race("somebody's")
	return true
}

// Deletions are what somebody may delete: all of it, the alias, or a version that no alias names at that moment, as people
// do who make room for code.
func (w *World) Deletions() []world.Deletion {
	version := func(number string) world.Deletion {
		return world.Deletion{What: name(number), Delete: func() bool { return w.Delete(number) }}
	}
	before, after := version(old), version(fresh)
	before.Before, after.After = true, !w.makes() // code whose version is gone before it is recorded is published once more
	again := func() { w.Control.Restore(w.function, w.Alias, old) }
	return []world.Deletion{
		{What: "function " + w.function.Name, Before: true, After: true, Delete: func() bool { return w.Control.Delete(w.function) }, Again: again},
		{What: "alias " + w.Alias.Name, Before: true, After: true, Delete: w.function.DeleteAliases, Again: again},
		before, after,
	}
}

// Delete is what somebody does to a version past serin. It reports whether Lambda takes it.
func (w *World) Delete(number string) bool {
	deleted := w.function.DeleteVersion(number)
	if deleted {
		delete(w.known, number)
	}
	return deleted
}

// DeleteAlias is what somebody does past serin: callers get errors from then on.
func (w *World) DeleteAlias() { w.function.DeleteAliases() }

// deleted reports whether callers find no alias.
func (w *World) deleted() bool { return len(w.function.Aliases) == 0 }
