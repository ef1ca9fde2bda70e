package invariant_test

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/serin-aws/serin/internal/rehearsal/invariant"
	"github.com/serin-aws/serin/internal/release"
)

const (
	old   = "sha256:old"
	fresh = "sha256:new"
)

var opened = time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)

// ending returns a release that ended as it should.
func ending(outcome release.Outcome) invariant.Ending {
	serves, phase, next, verdict := old, release.RolledBack, release.NextRollback, release.Fail
	if outcome == release.OutcomeReleased {
		serves, phase, next, verdict = fresh, release.Released, release.NextPromote, release.Pass
	}
	r := &release.Release{}
	r.ID, r.Opened, r.Phase = "r-1", opened, phase
	r.Steps = []release.Step{{Weight: 10}}
	e := invariant.Ending{
		Ended: true, Took: time.Hour, Bound: 2 * time.Hour, Outcome: outcome, Release: r, Fresh: fresh,
		Before:    []invariant.Arm{arm("canary", old, 1), arm("primary", old, 9)},
		After:     []invariant.Arm{arm("canary", serves, 1), arm("primary", serves, 9)},
		Mutations: []invariant.Mutation{{At: opened.Add(time.Minute), Action: "ecs:UpdateService", Announced: true, Alone: true, Owned: true, Held: true}},
		Holders:   map[release.Resource]release.ID{"arn:a": ""},
	}
	e.Events = chain(r,
		release.Event{Kind: release.EventOpened},
		release.Event{Kind: release.EventLook, Data: data(release.Look{Judgement: release.Judgement{Verdict: verdict}})},
		release.Event{Kind: release.EventDecision, Data: data(release.Decision{Next: next})},
		release.Event{Kind: release.EventFinished},
	)
	return e
}

func arm(service, digest string, tasks int) invariant.Arm {
	return invariant.Arm{Service: service, Desired: tasks, Running: map[string]int{digest: tasks}, App: map[string]int{digest: tasks}}
}

func data(v any) json.RawMessage {
	raw, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return raw
}

func chain(r *release.Release, events ...release.Event) []release.Event {
	for i := range events {
		events[i].Seq, events[i].Prev = int64(i+1), r.Hash
		events[i].Hash = events[i].Sum()
		if events[i].Kind.Durable() {
			r.Hash = events[i].Hash
		}
	}
	return events
}

func TestAGoodEndingBreaksNothing(t *testing.T) {
	for _, outcome := range []release.Outcome{release.OutcomeReleased, release.OutcomeRolledBack} {
		if broken := invariant.Check(ending(outcome)); len(broken) > 0 {
			t.Errorf("%s: %v", outcome, broken)
		}
	}
}

func TestEachInvariantCanBeBroken(t *testing.T) {
	for name, c := range map[string]struct {
		number  int
		outcome release.Outcome
		damage  func(*invariant.Ending)
	}{
		"old tasks after a release":   {1, release.OutcomeReleased, func(e *invariant.Ending) { e.After[1].App = map[string]int{old: 1, fresh: 8} }},
		"a new task after a rollback": {1, release.OutcomeRolledBack, func(e *invariant.Ending) { e.After[0].Running = map[string]int{fresh: 1} }},
		"a sidecar that moved":        {1, release.OutcomeRolledBack, func(e *invariant.Ending) { e.After[1].Running = map[string]int{old + "+sha256:sidecar": 9} }},
		"too little on the way":       {1, release.OutcomeReleased, func(e *invariant.Ending) { e.Short = []string{"orders wants 1 task"} }},
		"another count":               {1, release.OutcomeRolledBack, func(e *invariant.Ending) { e.After[0].Desired = 0 }},
		"scaling bounds forgotten":    {1, release.OutcomeRolledBack, func(e *invariant.Ending) { e.Before[1].Min, e.Before[1].Max = 3, 30 }},
		"promoted on a fail":          {2, release.OutcomeReleased, func(e *invariant.Ending) { relook(e, release.Fail) }},
		"promoted on no data":         {2, release.OutcomeReleased, func(e *invariant.Ending) { relook(e, release.NoData) }},
		"promoted on inconclusive":    {2, release.OutcomeReleased, func(e *invariant.Ending) { relook(e, release.Inconclusive) }},
		"something left over":         {3, release.OutcomeRolledBack, func(e *invariant.Ending) { e.LeftOver = []string{"orders:7"} }},
		"the lock kept":               {4, release.OutcomeReleased, func(e *invariant.Ending) { e.Holders["arn:a"] = "r-1" }},
		"dirty without an alarm":      {4, release.OutcomeDirty, func(e *invariant.Ending) { e.Release.Phase = release.Dirty }},
		"abandoned without an alarm":  {4, release.OutcomeAbandoned, func(e *invariant.Ending) { e.Release.Phase = release.Abandoned }},
		"abandoned, and the lock kept": {4, release.OutcomeAbandoned, func(e *invariant.Ending) {
			e.Release.Phase, e.Alarmed, e.Holders["arn:a"] = release.Abandoned, true, "r-1"
		}},
		"changed before it was recorded":  {5, release.OutcomeReleased, func(e *invariant.Ending) { e.Mutations[0].At = opened.Add(-time.Second) }},
		"changed without a lease":         {5, release.OutcomeReleased, func(e *invariant.Ending) { e.Mutations[0].Announced = false }},
		"a line of the story changed":     {5, release.OutcomeReleased, func(e *invariant.Ending) { e.Events[2].Text = "nothing happened" }},
		"the story cut short":             {5, release.OutcomeReleased, func(e *invariant.Ending) { e.Events = e.Events[:3] }},
		"changed without a release":       {5, release.OutcomeRefused, func(e *invariant.Ending) { e.Release = nil }},
		"an execution that lost it":       {6, release.OutcomeReleased, func(e *invariant.Ending) { e.Mutations[0].Owned = false }},
		"a stale write":                   {6, release.OutcomeReleased, func(e *invariant.Ending) { e.Stale = []string{"rollback-7"} }},
		"two at once":                     {6, release.OutcomeReleased, func(e *invariant.Ending) { e.Mutations[0].Alone = false }},
		"an effect after the lock passed": {6, release.OutcomeReleased, func(e *invariant.Ending) { e.Mutations[0].Held = false }},
		"complete too early":              {2, release.OutcomeReleased, func(e *invariant.Ending) { e.Settled = []invariant.Arm{arm("primary", old, 1)} }},
		"a part deleted, and home":        {1, release.OutcomeRolledBack, func(e *invariant.Ending) { remove(e, invariant.Deletion{Before: true}) }},
		"a part deleted, and released":    {1, release.OutcomeReleased, func(e *invariant.Ending) { remove(e, invariant.Deletion{After: true}) }},
		"given up for what is missing, and home": {1, release.OutcomeRolledBack, func(e *invariant.Ending) {
			remove(e, invariant.Deletion{What: "alias live", Before: true})
			e.Deleted[0].At = opened.Add(time.Hour - time.Minute) // just before it was called over
			e.Release.Hash = ""
			e.Events[2].At, e.Events[2].Text = e.Deleted[0].At, "alias live does not exist any more"
			e.Events = chain(e.Release, e.Events...)
		}},
		"given up for nothing that is missing": {7, release.OutcomeDirty, func(e *invariant.Ending) {
			e.Worked, e.Release.Phase = true, release.Dirty
			remove(e, invariant.Deletion{After: true})
		}},
		"given up without a word of what is missing": {7, release.OutcomeDirty, func(e *invariant.Ending) {
			e.Worked, e.Release.Phase = true, release.Dirty
			remove(e, invariant.Deletion{What: "service orders", Before: true})
		}},
		"given up with a word of what is named alike": {7, release.OutcomeDirty, func(e *invariant.Ending) {
			e.Worked, e.Alarmed, e.Release.Phase, e.Holders["arn:a"] = true, true, release.Dirty, e.Release.ID
			remove(e, invariant.Deletion{What: "service orders", Before: true})
			e.Release.Hash = ""
			e.Events[len(e.Events)-1].Text = "service orders-canary does not exist any more"
			e.Events = chain(e.Release, e.Events...)
		}},
		"given up too early":           {7, release.OutcomeDirty, func(e *invariant.Ending) { e.Worked, e.Alarmed, e.Release.Phase = true, true, release.Dirty }},
		"recovered without end":        {7, release.OutcomeReleased, func(e *invariant.Ending) { e.Tries = 7 }},
		"too late":                     {7, release.OutcomeReleased, func(e *invariant.Ending) { e.Took = 3 * time.Hour }},
		"without end":                  {7, release.OutcomeOpen, func(e *invariant.Ending) { e.Ended = false }},
		"an end without a final phase": {7, release.OutcomeReleased, func(e *invariant.Ending) { e.Release.Phase = release.Cleaning }},
	} {
		t.Run(name, func(t *testing.T) {
			e := ending(c.outcome)
			c.damage(&e)
			for _, v := range invariant.Check(e) {
				if v.Number == c.number {
					return
				}
			}
			t.Errorf("invariant %d did not notice: %v", c.number, invariant.Check(e))
		})
	}
}

func TestThePolicyMayPromoteTheInconclusive(t *testing.T) {
	e := ending(release.OutcomeReleased)
	relook(&e, release.Inconclusive)
	e.Release.Target.Checks.Inconclusive = release.InconclusivePromote
	if broken := invariant.Check(e); len(broken) > 0 {
		t.Error(broken)
	}
}

// What only one of the two versions needs does not keep the other from serving.
func TestWhatAnEndDoesNotNeedMayBeDeleted(t *testing.T) {
	for outcome, part := range map[release.Outcome]invariant.Deletion{
		release.OutcomeReleased:   {What: "version 7", Before: true},
		release.OutcomeRolledBack: {What: "version 8", After: true},
	} {
		e := ending(outcome)
		remove(&e, part)
		if broken := invariant.Check(e); len(broken) > 0 {
			t.Errorf("%s: %v", outcome, broken)
		}
	}
}

// remove lets somebody delete a part of the workload long before the release was called over.
func remove(e *invariant.Ending, part invariant.Deletion) {
	part.At = opened.Add(time.Minute)
	e.Deleted = append(e.Deleted, part)
	e.Release.Hash = ""
	cleaning := release.Event{Kind: release.EventPhase, Phase: release.Cleaning, At: opened.Add(time.Hour)}
	e.Events = chain(e.Release, slices.Insert(e.Events, 3, cleaning)...)
}

// relook tells the story anew with another verdict at its look.
func relook(e *invariant.Ending, verdict release.Verdict) {
	e.Release.Hash = ""
	e.Events[1].Data = data(release.Look{Judgement: release.Judgement{Verdict: verdict}})
	e.Events = chain(e.Release, e.Events...)
}
