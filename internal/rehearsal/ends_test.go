package rehearsal

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/serin-aws/serin/internal/release"
)

// Every end of the rendered state machine, by the path that leads to it and the story that the ledger tells of it.
func TestEveryEnd(t *testing.T) {
	for name, c := range map[string]struct {
		file  string
		input map[string]any
		stop  time.Duration
		end   string   // of the execution; empty where it was stopped
		path  []string // states that it goes through, in this order
		story []string // phases that the ledger tells, or what it says of a request that opened nothing
	}{
		"Released": {
			file: "good.yaml", end: "Released",
			path:  []string{"Intent?", "DeployCanary", "CheckAlarms", "Verdict?", "DeployCanary", "CheckAlarms", "Promote", "Promoted?", "CheckAlarms", "Promote", "Released"},
			story: []string{"Preparing", "Shifting", "Baking", "Shifting", "Baking", "Promoting", "Settling", "Cleaning", "Released"},
		},
		"RolledBack": {
			file: "bad.yaml", end: "RolledBack",
			path:  []string{"DeployCanary", "CheckAlarms", "Verdict?", "Rollback", "Restored?", "RolledBack"},
			story: []string{"Preparing", "Shifting", "Baking", "RollingBack", "Cleaning", "RolledBack"},
		},
		"Recovered": {
			file: "good.yaml", stop: 5 * time.Minute,
			path:  []string{"DeployCanary", "CheckAlarms", "Bake"},
			story: []string{"Preparing", "Shifting", "Baking", "RollingBack", "Cleaning", "RolledBack"},
		},
		"NothingToRelease": {
			file: "good.yaml", input: byHand(orders, "release-41"), end: "NothingToRelease",
			path: []string{"DeployCanary", "CanaryReady?", "NothingToRelease"}, story: []string{"serves already"},
		},
		"Refused": {
			file: "good.yaml", input: byHand(orders, "no-such-tag"), end: "Refused",
			path: []string{"DeployCanary", "CanaryReady?", "Refused"}, story: []string{"no such image"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := plan(t, c.file, nil).Several(1)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(s.Close)
			if c.input == nil {
				c.input = map[string]any{"revision": s.account.world.Revision()}
			}
			id := s.Start(0, orders, "one", c.input)
			if c.stop > 0 {
				s.Stop(c.stop, "one")
				s.Advance(c.stop + 10*time.Minute)
			}
			s.wantEnds(t, 30*time.Hour, nil)
			if end, _ := s.End("one"); c.stop == 0 && end != c.end {
				t.Errorf("ended in %s", end)
			}
			if path := s.Path("one"); !holds(path, c.path) {
				t.Errorf("the path %v does not lead through %v", path, c.path)
			}
			if c.stop > 0 {
				last := s.account.executions[len(s.account.executions)-1]
				if end, _ := s.End(last.name); end != "Recovered" || !strings.HasPrefix(last.name, string(id)) {
					t.Errorf("%s ended in %s", last.name, end)
				}
			}
			s.wantStory(t, id, c.story)
		})
	}
}

// wantStory compares the phases of a release with what was expected of them, or the sentence of one that was not opened.
func (s *Several) wantStory(t *testing.T, id release.ID, want []string) {
	t.Helper()
	if declined, err := s.Ledger.NotOpened(t.Context(), id); err == nil {
		if len(want) != 1 || !strings.Contains(declined.Sentence, want[0]) {
			t.Errorf("declined: %q", declined.Sentence)
		}
		return
	}
	events, err := s.Ledger.Events(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	var phases []string
	for _, event := range events {
		if event.Kind == release.EventOpened || event.Kind == release.EventPhase {
			phases = append(phases, string(event.Phase))
		}
	}
	if !slices.Equal(phases, want) {
		t.Errorf("the ledger tells %v, want %v", phases, want)
	}
}

// holds reports whether the wanted states stand in a path, in their order.
func holds(path, want []string) bool {
	for _, state := range path {
		if len(want) > 0 && state == want[0] {
			want = want[1:]
		}
	}
	return len(want) == 0
}
