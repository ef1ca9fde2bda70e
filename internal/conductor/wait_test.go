package conductor_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/serin-aws/serin/internal/release"
)

func TestSupersede(t *testing.T) {
	s := newStage(t)
	s.target.Concurrency = release.Supersede
	s.revision("2", 0)
	s.want(release.NextCheck, "deploy-canary", as("one", byHand))
	for _, name := range []string{"3", "4"} {
		s.later(time.Second)
		s.revision(name, time.Hour)
		s.want(release.NextWait, "deploy-canary", as(name, byHand))
	}
	answer := s.want(release.NextRollback, "check-alarms", as("one", byHand))
	if want := "superseded by the newer release " + string(idOf("4")) + " of sha256:44444444"; answer.Note != want {
		t.Errorf("says %q, want %q", answer.Note, want)
	}
	answer = s.want(release.NextRefused, "deploy-canary", as("3", byHand))
	if !strings.Contains(answer.Note, "superseded by the newer release "+string(idOf("4"))) {
		t.Errorf("says %q", answer.Note)
	}
	s.home("one")
	s.later(time.Minute)
	s.want(release.NextRefused, "deploy-canary", as("3", byHand))
	s.want(release.NextCheck, "deploy-canary", as("4", byHand))
	r, err := s.ledger.Load(t.Context(), idOf("one"))
	if err != nil || r.Decision.Reason != release.ReasonSuperseded || r.Phase != release.RolledBack {
		t.Errorf("%+v, %v", r, err)
	}
	if line, err := s.ledger.Line(t.Context(), "orders"); err != nil || len(line) != 0 {
		t.Errorf("still in the line: %+v, %v", line, err)
	}
}

// From Promoting on a release gives way to nobody: the newer one waits until it is over.
func TestAPromotionIsNotSuperseded(t *testing.T) {
	s := newStage(t)
	s.target.Concurrency = release.Supersede
	s.baked()
	s.want(release.NextPromote, "check-alarms")
	s.revision("3", time.Hour)
	s.want(release.NextWait, "deploy-canary", as("two", byHand))
	s.want(release.NextSettle, "promote")
	s.want(release.NextWait, "check-alarms")
	s.later(15 * time.Minute)
	s.want(release.NextPromote, "check-alarms")
	s.want(release.NextWait, "deploy-canary", as("two", byHand))
	s.want(release.NextDone, "promote")
	s.later(time.Second)
	s.want(release.NextCheck, "deploy-canary", as("two", byHand))
}

// An execution that was stopped while it waited holds up nobody for long, and what it waited for is refused to nobody.
func TestAStoppedExecutionLosesItsTurnAndNothingElse(t *testing.T) {
	s := newStage(t)
	s.target.Concurrency = release.Queue
	s.want(release.NextCheck, "deploy-canary", as("one", byHand))
	for _, name := range []string{"3", "4", "5"} {
		s.later(time.Second)
		s.revision(name, time.Hour)
		s.want(release.NextWait, "deploy-canary", as(name, byHand))
	}
	s.judgement.Verdict = release.Fail
	s.want(release.NextRollback, "check-alarms", as("one", byHand))
	s.home("one")
	s.judgement.Verdict = release.Pass
	s.want(release.NextWait, "deploy-canary", as("4", byHand)) // 3 came first, and might still come
	s.later(release.Overdue)
	s.want(release.NextWait, "deploy-canary", as("5", byHand)) // 4 lives
	s.later(time.Minute)
	s.want(release.NextCheck, "deploy-canary", as("4", byHand))
	s.want(release.NextWait, "deploy-canary", as("3", byHand)) // it lived after all, and has its place
	line, err := s.ledger.Line(t.Context(), "orders")
	if err != nil || len(line) != 2 || line[0].Release != idOf("3") {
		t.Errorf("the line is %+v, %v", line, err)
	}
}

func TestNobodyWaitsForEver(t *testing.T) {
	s := newStage(t)
	s.target.Concurrency = release.Queue
	s.progress = release.Progress{State: release.Working, Wait: time.Hour, Note: "it takes its time"}
	s.want(release.NextWait, "deploy-canary", as("one", byHand))
	s.revision("3", time.Hour)
	looks := 0
	for ; looks < 2*release.WaitLooks(); looks++ {
		answer, err := s.call("deploy-canary", as("two", byHand))
		if err != nil {
			t.Fatal(err)
		}
		if answer.Next == release.NextRefused {
			if !strings.Contains(answer.Note, "has waited 3d") {
				t.Errorf("says %q", answer.Note)
			}
			break
		}
		s.later(time.Duration(answer.Wait) * time.Second)
	}
	if looks < 100 || looks > release.WaitLooks() {
		t.Errorf("%d looks; at most %d are counted on", looks, release.WaitLooks())
	}
}

// What waits is what was asked for, whatever its tag means by then.
func TestATagThatMovesWhileItsReleaseWaits(t *testing.T) {
	s := newStage(t)
	s.target.Concurrency = release.Queue
	s.want(release.NextCheck, "deploy-canary", as("one", byHand))
	s.revision("3", time.Hour)
	s.want(release.NextWait, "deploy-canary", as("two", byHand))
	s.judgement.Verdict = release.Fail
	s.want(release.NextRollback, "check-alarms", as("one", byHand))
	s.home("one")
	s.want(release.NextCheck, "deploy-canary", as("two", byHand))
	if want := "orders@sha256:" + strings.Repeat("3", 64); s.asked.Image != want {
		t.Errorf("asked for %s, want %s", s.asked.Image, want)
	}
}

// Any number of executions, started and called in any order: one is open at a time, and each ends with an answer.
func TestAQueueLosesNobody(t *testing.T) {
	s := newStage(t)
	s.target.Concurrency = release.Queue
	var waiting []string
	for i := range 9 {
		name := fmt.Sprint("e", i)
		s.revision(fmt.Sprint(i+1), time.Hour)
		next := release.NextWait
		if i == 0 {
			next = release.NextCheck
		} else {
			waiting = append(waiting, name)
		}
		s.want(next, "deploy-canary", as(name, byHand))
		s.later(time.Second)
	}
	open := "e0"
	for _, next := range waiting {
		for _, other := range waiting { // all of them look; only the next one's turn has come
			answer, err := s.call("deploy-canary", as(other, byHand))
			if err != nil || answer.Next != release.NextWait && answer.Next != release.NextShift && answer.Next != release.NextRollback && answer.Next != release.NextCheck {
				t.Fatalf("%s answered %+v, %v", other, answer, err)
			}
		}
		s.judgement.Verdict = release.Fail
		s.want(release.NextRollback, "check-alarms", as(open, byHand))
		s.home(open)
		s.judgement.Verdict = release.Pass
		s.later(time.Second)
		s.prepared.Revision = release.Revision{Image: "orders:" + next, Digest: release.Digest("sha256:" + next)}
		s.want(release.NextCheck, "deploy-canary", as(next, byHand))
		open = next
	}
	page, err := s.ledger.Releases(t.Context(), "orders", 100, "")
	if err != nil || len(page.Entries) != 9 {
		t.Errorf("%d releases were opened, %v", len(page.Entries), err)
	}
}

// Who waits behind a release that ends Dirty and is given up has its turn.
func TestWhoWaitsGoesOnWhenOneIsAbandoned(t *testing.T) {
	s := newStage(t)
	s.target.Concurrency = release.Queue
	s.revision("2", time.Hour)
	s.want(release.NextCheck, "deploy-canary")
	s.revision("3", 2*time.Hour)
	s.want(release.NextWait, "deploy-canary", as("two", byHand))
	s.soil()
	s.abandon(release.NewID("orders", execution))
	s.progress = release.Progress{State: release.Reached, Note: "as asked for"}
	s.want(release.NextCheck, "deploy-canary", as("two", byHand))
	if holder := s.holder(); holder != idOf("two") {
		t.Errorf("the lock is %s's", holder)
	}
}
