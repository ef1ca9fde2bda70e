package screen

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/story"
)

// Action is something that a person can do now, and the command that does it.
type Action struct {
	What    string `json:"what"`
	Command string `json:"command"`
}

// Actions returns what a person can do about a release on AWS, the likeliest first. None means that there is nothing to
// do but wait.
func Actions(s story.Story) []Action {
	r := &s.Release
	name := r.Target.Name
	one := func(what, format string, args ...any) Action {
		return Action{what, "serin " + fmt.Sprintf(format, args...)}
	}
	switch _, home := r.OrderedHome(); {
	case r.ID == "":
		return nil
	case s.Outcome == release.OutcomeDirty:
		return []Action{
			one("see what is wrong", "report %s --out report.html", r.ID),
			one("then back to "+r.Baseline.Name(), "recover %s --reason \"...\"", name),
			one("where that cannot be", "abandon %s --reason \"...\"", name),
		}
	case s.Outcome == release.OutcomeReleased:
		return []Action{one("back to "+r.Baseline.Name(), "start %s --undo %s --reason \"...\"", name, r.ID)}
	case slices.Contains([]release.Outcome{release.OutcomeRolledBack, release.OutcomeHeld, release.OutcomeAbandoned}, s.Outcome):
		return []Action{one("try it again", "start %s %s --retry --reason \"...\"", name, cmp.Or(r.Again().Flag(), "--image ..."))}
	case s.Over() || r.Home || home || r.Phase == release.Cleaning:
		return nil
	}
	var actions []Action
	if r.Asks() {
		actions = append(actions, one("let it go on", "approve %s --reason \"...\"", name), one("refuse it", "reject %s --reason \"...\"", name))
	}
	back := "back to " + r.Baseline.Name()
	actions = append(actions, one(back, "rollback %s --reason \"...\"", name), one(back+", at once", "stop %s --reason \"...\"", name))
	if _, on := r.OrderedOn(); !on && r.Phase == release.Baking {
		actions = append(actions, one("skip what is left", "promote %s --now --reason \"...\"", name))
	}
	return actions
}
