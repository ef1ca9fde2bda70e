package story_test

import (
	"slices"
	"testing"

	"github.com/serin-aws/serin/internal/price"
	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/story"
	"github.com/serin-aws/serin/internal/story/storytest"
)

func TestActionsAreCountedMostFrequentFirst(t *testing.T) {
	r := story.Rehearsed{Calls: []story.Call{
		{Action: "ecs:UpdateService"}, {Action: "dynamodb:GetItem"}, {Action: "dynamodb:GetItem", Error: "ThrottlingException"}, {Action: "ecs:ListTasks"},
	}}
	want := []story.ActionCount{{Action: "dynamodb:GetItem", Calls: 2, Failed: 1}, {Action: "ecs:UpdateService", Calls: 1}, {Action: "ecs:ListTasks", Calls: 1}}
	if got := r.Actions(); !slices.Equal(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
}

func TestTransitionsAreBilledOnce(t *testing.T) {
	r := story.Rehearsed{Transitions: 126, Usage: price.Usage{Transitions: 126}}
	if got, want := r.Cost().USD, price.Of(price.Usage{Transitions: 126}).USD; got != want {
		t.Errorf("126 transitions cost %v, want %v", got, want)
	}
}

func TestAReleaseThatNeverBegan(t *testing.T) {
	for outcome, want := range map[release.Outcome]string{
		release.OutcomeRefused: "orders-worker is unchanged: busy",
		release.OutcomeNothing: "orders-worker is unchanged: busy",
		release.OutcomeOpen:    "orders-worker is being prepared: busy",
		release.OutcomeDirty:   "orders-worker is unchanged, but its release ended badly: busy",
	} {
		s := story.NotStarted(storytest.Target(), release.Request{}, outcome, "busy", storytest.Refused().From)
		if s.Sentence != want || s.Outcome != outcome {
			t.Errorf("%s: %q, want %q", outcome, s.Sentence, want)
		}
		s.Measure(t.Context(), nil)
		if len(s.Missing) > 0 {
			t.Errorf("%s: nothing ran, but metrics are missed: %q", outcome, s.Missing)
		}
	}
}
