package screen

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/story"
)

// Next says what happens next with a release that goes on, and when; empty where it is over or was never opened.
func Next(s story.Story, now time.Time) string {
	if s.Over() || s.Release.ID == "" {
		return ""
	}
	n := upcoming{r: &s.Release, now: now}
	if look, ok := s.LastLook(); ok && look.NextLook.After(now) && watched(n.r.Phase) && !n.goesHome() {
		n.say("next look in %s", story.Length(look.NextLook.Sub(now)))
	}
	n.phase()
	return strings.Join(n.parts, " \u00b7 ")
}

func watched(phase release.Phase) bool { return phase == release.Baking || phase == release.Settling }

// upcoming collects what comes next.
type upcoming struct {
	r     *release.Release
	now   time.Time
	parts []string
}

func (n *upcoming) say(format string, args ...any) {
	n.parts = append(n.parts, fmt.Sprintf(format, args...))
}

func (n *upcoming) clock(t time.Time) string { return story.On(t, n.now) }

// goesHome reports whether it was decided that the release goes home, and that has not begun.
func (n *upcoming) goesHome() bool {
	return n.r.Decision.Next == release.NextRollback && n.r.Phase != release.RollingBack && n.r.Phase != release.Cleaning
}

func (n *upcoming) phase() {
	r := n.r
	switch {
	case n.goesHome(): // at once, but for a canary that is the only healthy copy
		n.say("goes back next, at %s at the latest", n.clock(r.Decision.At.Add(release.LongestRollback)))
	case r.Phase == release.Preparing:
		n.say("the canary gets %d %% next", story.Step(r).Weight)
	case r.Phase == release.Shifting:
		n.shifting()
	case r.Phase == release.Baking:
		n.say("%s", cmp.Or(n.hook(), n.asks(), n.frozen(), n.stepEnd()))
		n.deadline()
	case r.Phase == release.Promoting:
		n.promoting()
	case r.Phase == release.Settling:
		n.say("%s", cmp.Or(n.hook(), "settles until "+n.clock(r.Since.Add(r.Settle().Std()))+", then cleans up and is over"))
	case r.Phase == release.RollingBack:
		n.say("cleans up once the baseline is back as it was%s", n.quiet())
		n.say("calls a person at %s if it is not", n.clock(r.Since.Add(release.LongestRollback)))
	case r.Phase == release.Cleaning:
		n.cleaning()
	}
}

// shifting says when the judge looks for the first time at a step, and what comes before.
func (n *upcoming) shifting() {
	step := story.Step(n.r)
	switch hook := n.hook(); {
	case hook != "":
		n.say("%s", hook)
	case step.AtOnce():
		n.say("%s", cmp.Or(n.frozen(), "all work to the new revision next"))
	default:
		n.say("bakes for %s once the canary has %d %%", step.Bake, step.Weight)
	}
	n.deadline()
}

func (n *upcoming) promoting() {
	if settle := n.r.Settle(); settle > 0 {
		n.say("settles for %s once all work is on the new revision", settle)
		return
	}
	n.say("cleans up once all work is on the new revision")
}

// cleaning says when a cleanup ends: what cannot be removed is given up, and removed later.
func (n *upcoming) cleaning() {
	end := n.r.Since.Add(release.LongestCleanup)
	if quiet := n.r.QuietAt(""); quiet.After(end) {
		end = quiet
	}
	n.say("%s", cmp.Or(n.hook(), fmt.Sprintf("is over once nothing is left over%s", n.quiet())))
	if end.After(n.now) {
		n.say("what cannot be removed by %s is left for later", n.clock(end))
	}
}

// quiet says from when on no effect of an earlier call can land any more, where that is still to come.
func (n *upcoming) quiet() string {
	quiet := n.r.QuietAt("")
	if !quiet.After(n.now) {
		return ""
	}
	return fmt.Sprintf(", in %s at the earliest", story.Length(quiet.Sub(n.now)))
}

func (n *upcoming) deadline() {
	switch {
	case n.r.Target.Plan.Deadline <= 0:
	case !n.r.PausedSince.IsZero():
		n.say("the deadline waits meanwhile")
	default:
		n.say("deadline %s", n.clock(n.r.Deadline(n.now)))
	}
}

// hook says which hook is waited for, and until when.
func (n *upcoming) hook() string {
	if n.r.Hooks == nil || n.r.Hooks.Step != n.r.Step {
		return ""
	}
	for _, call := range n.r.Hooks.Calls {
		if !call.Over() && !call.Since.IsZero() {
			end := n.clock(call.Since.Add(n.r.HookPatience(call).Std()))
			return fmt.Sprintf("waits for hook %s until %s at most", story.Plain(n.r.Target.Hooks[call.Hook].Name()), end)
		}
	}
	return ""
}

// asks says until when an answer is awaited, where one is.
func (n *upcoming) asks() string {
	if !n.r.Asks() {
		return ""
	}
	end := n.clock(n.r.AskedSince.Add(n.r.Target.Approvals.Expires.Std()))
	if n.r.Target.Approvals.OnExpiry == release.ExpiryPromote {
		return "asks for an approval; goes on without one at " + end
	}
	return "asks for an approval; rolls back without one at " + end
}

// frozen says until when the target's freeze window keeps a release from going on, where that is what it waits for.
func (n *upcoming) frozen() string {
	if closed, until := n.r.Target.Frozen(n.now); closed && !n.r.PausedSince.IsZero() {
		return "frozen until " + release.When(until)
	}
	return ""
}

// stepEnd says when a step's bake ends, and how long that may be put off.
func (n *upcoming) stepEnd() string {
	end := n.r.BakeSince.Add(story.Step(n.r).Bake.Std())
	if n.now.After(end) && n.r.Target.Plan.MaxBake > 0 {
		latest := n.r.BakeSince.Add(n.r.Target.Plan.Longest(story.Step(n.r)).Std())
		if n.now.After(latest) {
			return "held: nobody can tell yet; goes back at the deadline"
		}
		return "extended until " + n.clock(latest) + " at most" + n.afterwards()
	}
	return "step ends " + n.clock(end)
}

// afterwards says what becomes of a step of which nobody can tell.
func (n *upcoming) afterwards() string {
	switch n.r.Target.Checks.Inconclusive {
	case release.InconclusiveRollback:
		return ", then rolled back"
	case release.InconclusivePromote:
		return ", then goes on"
	}
	return ", then held"
}
