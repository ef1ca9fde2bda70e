package rehearsal

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/serin-aws/serin/internal/hook"
	"github.com/serin-aws/serin/internal/rehearsal/hooks"
	"github.com/serin-aws/serin/internal/rehearsal/invariant"
	"github.com/serin-aws/serin/internal/rehearsal/loop"
	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/scenario"
)

// hooksOf are the functions that a target names as hooks, each as the scenario has it.
func hooksOf(l *loop.Loop, target release.Target, s scenario.Scenario) *hooks.Service {
	service := hooks.New(l, hook.Patience)
	for _, h := range target.Hooks {
		f := &hooks.Function{ARN: h.Function, Does: hooks.Succeeds, Takes: time.Second}
		if as, told := s.Hooks[h.Name()]; told {
			f.Does, f.InProgress, f.Takes = hooks.Does(as.Does), as.InProgress.Std(), as.Takes.Std()
			for _, stage := range as.Stages {
				f.At = append(f.At, string(stage))
			}
			if as.Missing {
				continue
			}
		}
		service.Add(f)
	}
	return service
}

// knownHooks refuses a scenario that says what a hook does that the target does not name.
func knownHooks(target release.Target, s scenario.Scenario) error {
	for _, name := range slices.Sorted(maps.Keys(s.Hooks)) {
		if !slices.ContainsFunc(target.Hooks, func(h release.Hook) bool { return h.Name() == name }) {
			return release.Errorf(release.Invalid, "scenario", "hooks.%s is no hook of target %s; write the name of a function that its hooks name", name, target.Name)
		}
	}
	return nil
}

// brokenHooks returns what a release did against its hooks: it was released although one that may forbid it did not agree,
// or its hooks were not asked.
func (a *Account) brokenHooks(end invariant.Ending) []string {
	if end.Release == nil || len(end.Release.Target.Hooks) == 0 {
		return nil
	}
	if _, ordered := end.Release.OrderedOn(); ordered { // a person promoted it past its hooks
		return nil
	}
	var broken []string
	for _, h := range end.Release.Target.Hooks {
		for _, stage := range h.Stages {
			agreed, want := a.agreed(end.Release.ID, h.Function, stage), hookRounds(end.Release, stage)
			switch {
			case end.Outcome == release.OutcomeReleased && h.OnFailure == release.HookRollback && agreed < want:
				broken = append(broken, fmt.Sprintf("hook %s %s agreed %d times of %d, and the version was released", h.Name(), stage, agreed, want))
			case end.Outcome == release.OutcomeRolledBack && a.trouble == nil && stage == release.AfterRollback && a.asked(end.Release.ID, h.Function, stage) == 0:
				broken = append(broken, fmt.Sprintf("hook %s was not asked %s", h.Name(), stage))
			}
		}
	}
	return broken
}

// hookRounds is how often a release that is through has come to a stage.
func hookRounds(r *release.Release, stage release.HookStage) int {
	switch stage {
	case release.BeforeTraffic, release.AfterPromotion:
		return 1
	case release.AfterStep:
		n := 0
		for _, step := range r.Steps {
			if !step.AtOnce() {
				n++
			}
		}
		return n
	case release.AfterRollback:
	}
	return 0
}

// agreed counts the executions of a hook at a stage of a release that said SUCCEEDED at last.
func (a *Account) agreed(id release.ID, function string, stage release.HookStage) int {
	return a.executionsOf(id, function, stage, func(x *hooks.Execution) bool { return x.Said == string(release.HookSucceeded) })
}

func (a *Account) asked(id release.ID, function string, stage release.HookStage) int {
	return a.executionsOf(id, function, stage, func(*hooks.Execution) bool { return true })
}

func (a *Account) executionsOf(id release.ID, function string, stage release.HookStage, that func(*hooks.Execution) bool) int {
	n := 0
	for _, f := range a.Hooks.Functions() {
		for _, x := range f.Executions {
			if f.ARN == function && x.Release == string(id) && x.Stage == string(stage) && that(x) {
				n++
			}
		}
	}
	return n
}
