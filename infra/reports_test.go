package infra_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/telling"
)

// Every end of a release reaches the function report by serin's own event, nothing else does, and an event that cannot
// be delivered or worked off is kept.
func TestEveryEndIsReported(t *testing.T) {
	resources := resourcesOf(t, core(t))
	var rule struct {
		EventPattern struct {
			Source     []string `json:"source"`
			DetailType []string `json:"detail-type"`
		}
		Targets []struct {
			Arn              any
			DeadLetterConfig map[string]any
			RetryPolicy      struct{ MaximumEventAgeInSeconds, MaximumRetryAttempts int }
		}
	}
	caught := false
	for id, r := range resources {
		switch {
		case r.Type == "AWS::Events::Rule" && strings.HasPrefix(id, "ReleaserReleaseEnded"):
			remarshal(t, r.Properties, &rule)
		case r.Type == "AWS::Lambda::EventInvokeConfig" && strings.Contains(textOf(r.Properties["FunctionName"]), "ReleaserReport"):
			caught = strings.Contains(textOf(r.Properties["DestinationConfig"]), "ReleaserMissed")
		}
	}
	ended := &release.Release{Snapshot: release.Snapshot{Steps: []release.Step{{Weight: 10}}}}
	for kind, ends := range map[release.NoticeKind]bool{
		release.NoticeStarted: false, release.NoticeWaiting: false, release.NoticeRefused: false,
		release.NoticeReleased: true, release.NoticeRolledBack: true, release.NoticeDirty: true,
	} {
		event := telling.Place{}.Event(ended, release.Notice{Kind: kind}, time.Time{})
		if got := slices.Contains(rule.EventPattern.DetailType, event.DetailType); got != ends || !slices.Equal(rule.EventPattern.Source, []string{event.Source}) {
			t.Errorf("%s: matched %t by %+v", event.DetailType, got, rule.EventPattern)
		}
	}
	if len(rule.Targets) != 1 || !strings.Contains(textOf(rule.Targets[0].Arn), "ReleaserReport") {
		t.Fatalf("delivered to %+v", rule.Targets)
	}
	if to := rule.Targets[0]; len(to.DeadLetterConfig) == 0 || to.RetryPolicy.MaximumRetryAttempts == 0 || to.RetryPolicy.MaximumEventAgeInSeconds == 0 || !caught {
		t.Errorf("an event that cannot be delivered is lost: %+v, after Lambda's attempts kept: %t", to, caught)
	}
}
