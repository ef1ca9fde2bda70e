package conductor_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/serin-aws/serin/internal/release"
)

func TestEmergency(t *testing.T) {
	override := func(alarms ...string) release.Override {
		return release.Override{ID: "order-1", Alarms: alarms, Who: "arn:aws:sts::123456789012:assumed-role/ops/ana", Why: "known", Until: morning.Add(6 * time.Hour)}
	}
	for name, c := range map[string]struct {
		change   func(*stage)
		override release.Override
		next     release.Next
		says     string
	}{
		"without an alarm":                   {nil, release.Override{}, release.NextCheck, ""},
		"an alarm that nobody has named":     {func(s *stage) { s.firing = []string{"dlq"} }, release.Override{}, release.NextRefused, "dlq is in ALARM and no override names it"},
		"an alarm that somebody has named":   {func(s *stage) { s.firing = []string{"dlq"} }, override("dlq", "age"), release.NextCheck, ""},
		"one of two":                         {func(s *stage) { s.firing = []string{"dlq", "age"} }, override("age"), release.NextRefused, "dlq is in ALARM and no override names it"},
		"an override that has expired":       {func(s *stage) { s.firing = []string{"dlq"}; s.later(5 * time.Hour) }, override("dlq"), release.NextRefused, "no override names it"},
		"within a freeze":                    {func(s *stage) { s.target.Freeze = []string{"Mon 08:00-Mon 18:00 UTC"} }, release.Override{}, release.NextRefused, "is frozen until"},
		"within a freeze, by an override":    {func(s *stage) { s.target.Freeze = []string{"Mon 08:00-Mon 18:00 UTC"} }, override("dlq"), release.NextCheck, ""},
		"a revision that failed before":      {func(s *stage) { s.rejected("one") }, release.Override{}, release.NextCheck, ""},
		"a plain start under an alarm stays": {func(s *stage) { s.firing = []string{"dlq"}; s.target.Emergency = nil }, override("dlq"), release.NextRefused, "no emergency plan"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t)
			s.target.Emergency = &release.Emergency{Steps: []release.Step{{Weight: 40, Bake: release.Duration(3 * time.Minute)}}, Settle: release.Duration(7 * time.Minute)}
			s.revision("3", time.Hour)
			if c.change != nil {
				c.change(s)
			}
			if c.override.ID != "" {
				if err := s.ledger.Override(t.Context(), "orders", c.override); err != nil {
					t.Fatal(err)
				}
			}
			answer := s.want(c.next, "deploy-canary", as("three", emergency))
			if !strings.Contains(answer.Note, c.says) {
				t.Errorf("says %q", answer.Note)
			}
			if c.next == release.NextCheck {
				s.wantEmergency(c.override)
			}
		})
	}
}

// wantEmergency checks that an emergency release goes by its own plan, and that its story says so.
func (s *stage) wantEmergency(o release.Override) {
	s.t.Helper()
	r, err := s.ledger.Load(context.Background(), idOf("three"))
	if err != nil || r.Steps[0].Weight != 40 || r.Settle().Std() != 7*time.Minute {
		s.t.Fatalf("%+v, %v", r, err)
	}
	events, err := s.ledger.Events(context.Background(), r.ID)
	if err != nil || !strings.HasPrefix(events[0].Text, "emergency (payments fail): baseline recorded") {
		s.t.Errorf("the story says %q, %v", events[0].Text, err)
	}
	if o.ID == "" {
		return
	}
	if !strings.Contains(events[0].Text, "overridden by ana (known)") || !r.Overridden("dlq") {
		s.t.Errorf("the story says %q", events[0].Text)
	}
	all, err := s.ledger.Overrides(context.Background(), "orders")
	if err != nil || all[0].Used != r.ID {
		s.t.Errorf("overrides %+v, %v", all, err)
	}
}

// An emergency goes before everybody else, and only to another emergency does it give way.
func TestAnEmergencyGoesFirst(t *testing.T) {
	for _, way := range []release.Concurrency{release.Queue, release.Supersede, release.Reject} {
		t.Run(string(way), func(t *testing.T) {
			s := newStage(t)
			s.target.Concurrency = way
			s.target.Emergency = &release.Emergency{Steps: s.target.Plan.Steps}
			s.want(release.NextCheck, "deploy-canary", as("one", byHand))
			s.revision("3", time.Hour)
			if way != release.Reject {
				s.want(release.NextWait, "deploy-canary", as("two", byHand))
			}
			s.later(time.Second)
			s.revision("4", 2*time.Hour)
			s.want(release.NextWait, "deploy-canary", as("three", emergency))
			answer := s.want(release.NextRollback, "check-alarms", as("one", byHand))
			if !strings.Contains(answer.Note, "gives way to the emergency release "+string(idOf("three"))) {
				t.Errorf("says %q", answer.Note)
			}
			s.home("one")
			s.later(time.Second)
			if way != release.Reject {
				next := map[release.Concurrency]release.Next{release.Queue: release.NextWait, release.Supersede: release.NextRefused}[way]
				s.want(next, "deploy-canary", as("two", byHand))
			}
			s.want(release.NextCheck, "deploy-canary", as("three", emergency))
			s.later(time.Second)
			s.revision("5", 3*time.Hour)
			next := release.NextWait
			if way == release.Reject {
				next = release.NextRefused
			}
			s.want(next, "deploy-canary", as("four", byHand))
			s.want(release.NextWait, "check-alarms", as("three", emergency))
		})
	}
}
