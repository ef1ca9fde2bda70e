package conductor_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/serin-aws/serin/internal/conductor"
	"github.com/serin-aws/serin/internal/release"
)

// as starts an execution of another name, with another trigger.
func as(name, trigger string) func(*conductor.Input) {
	return func(in *conductor.Input) {
		in.Execution = executionOf(name)
		if trigger != "" {
			in.Trigger = []byte(trigger)
		}
	}
}

func executionOf(name string) release.ExecutionARN {
	return release.ExecutionARN("arn:aws:states:eu-central-1:123456789012:execution:serin:" + name)
}

func idOf(name string) release.ID { return release.NewID("orders", executionOf(name)) }

const (
	byHand    = `{"target":"orders","revision":{"image":"orders:3"}}`
	retried   = `{"target":"orders","revision":{"image":"orders:3"},"retry":true,"reason":"the database was down"}`
	emergency = `{"target":"orders","revision":{"image":"orders:3"},"emergency":true,"reason":"payments fail"}`
	first     = `{"target":"orders","revision":{"image":"orders:3"},"first":true}`
)

var pushed = `{"target":"orders","event":{"source":"aws.ecr","detail-type":"ECR Image Action","account":"123456789012","region":"eu-central-1",` +
	`"detail":{"result":"SUCCESS","action-type":"PUSH","repository-name":"orders","image-tag":"3","image-digest":"sha256:` + strings.Repeat("3", 64) + `"}}}`

// revision is what the next start asks for, pinned.
func (s *stage) revision(digest string, pushed time.Duration) {
	s.prepared.Revision = release.Revision{Image: "orders:" + digest, Digest: release.Digest("sha256:" + strings.Repeat(digest, 64))}
	s.prepared.Pushed = morning.Add(pushed)
}

var morning = time.Date(2026, 1, 5, 8, 0, 0, 0, time.UTC)

// home brings the stage's release home, as an execution's rollback does.
func (s *stage) home(name string) {
	s.t.Helper()
	s.want(release.NextWait, "rollback", as(name, byHand))
	s.later(time.Minute)
	s.want(release.NextDone, "rollback", as(name, byHand))
}

// rejected starts a release and takes it home, for a reason that blames the revision.
func (s *stage) rejected(name string) {
	s.t.Helper()
	s.want(release.NextCheck, "deploy-canary", as(name, byHand))
	s.judgement = release.Judgement{Verdict: release.Fail, Sentence: "it fails more often"}
	s.want(release.NextRollback, "check-alarms", as(name, byHand))
	s.home(name)
	s.judgement = release.Judgement{Verdict: release.Pass, Sentence: "all is well"}
}

// abandoned starts a release that nobody can take home, and a person gives it up.
func (s *stage) abandoned(name string) {
	s.t.Helper()
	s.want(release.NextCheck, "deploy-canary", as(name, byHand))
	s.judgement = release.Judgement{Verdict: release.Fail, Sentence: "it fails more often"}
	s.want(release.NextRollback, "check-alarms", as(name, byHand))
	s.judgement, s.progress = release.Judgement{Verdict: release.Pass, Sentence: "all is well"}, release.Progress{State: release.Failed, Note: "service orders is gone"}
	s.want(release.NextDirty, "rollback", as(name, byHand))
	s.abandon(idOf(name))
	s.progress = release.Progress{State: release.Reached, Note: "as asked for"}
}

// abandon writes what operate writes when a person gives a Dirty release up.
func (s *stage) abandon(id release.ID) {
	s.t.Helper()
	r, err := s.ledger.Load(s.t.Context(), id)
	if err != nil {
		s.t.Fatal(err)
	}
	r.Orders = []release.Order{{Verb: release.OrderAbandon, Who: "anna", Why: "decommissioned"}}
	if err := errors.Join(r.Enter(release.Abandoned, s.clock.Now()), s.ledger.Finish(s.t.Context(), r)); err != nil {
		s.t.Fatal(err)
	}
}

func TestWhatABusyTargetAnswers(t *testing.T) {
	for name, c := range map[string]struct {
		way     release.Concurrency
		change  func(*stage) // after the first release was opened
		trigger string
		next    release.Next
		says    string
	}{
		"reject refuses":                      {release.Reject, nil, byHand, release.NextRefused, "is Baking; start again when that is over"},
		"but lets an emergency wait":          {release.Reject, func(s *stage) { s.target.Emergency = &release.Emergency{Steps: s.target.Plan.Steps} }, emergency, release.NextWait, "waits for release"},
		"queue waits":                         {release.Queue, nil, byHand, release.NextWait, "waits for release"},
		"supersede waits":                     {release.Supersede, nil, byHand, release.NextWait, "which is Baking"},
		"the same revision":                   {release.Queue, func(s *stage) { s.revision("2", time.Hour) }, byHand, release.NextRefused, "nothing to do: serin watch"},
		"the same revision, on purpose":       {release.Queue, func(s *stage) { s.revision("2", time.Hour) }, retried, release.NextRefused, "nothing to do"},
		"an older image, by an event":         {release.Queue, func(s *stage) { s.revision("3", -time.Hour) }, pushed, release.NextRefused, "was pushed on 5 Jan 07:00:00 UTC, before"},
		"an older image, by hand":             {release.Queue, func(s *stage) { s.revision("3", -time.Hour) }, byHand, release.NextWait, ""},
		"a revision that does not exist":      {release.Queue, func(s *stage) { s.refusal = release.Errorf(release.NotFound, "image", "push it first") }, byHand, release.NextRefused, "push it first"},
		"an emergency without a plan for it":  {release.Queue, nil, emergency, release.NextRefused, "has no emergency plan"},
		"a dirty release is nothing to await": {release.Queue, (*stage).soil, byHand, release.NextRefused, "is Dirty and keeps its lock; bring it home first: serin recover"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t)
			s.target.Concurrency = c.way
			s.revision("2", time.Hour)
			s.want(release.NextCheck, "deploy-canary")
			s.revision("3", 2*time.Hour)
			if c.change != nil {
				c.change(s)
			}
			answer := s.want(c.next, "deploy-canary", as("two", c.trigger))
			if !strings.Contains(answer.Note, c.says) || answer.Release != idOf("two") {
				t.Errorf("%s says %q", answer.Release, answer.Note)
			}
			line, err := s.ledger.Line(t.Context(), "orders")
			if _, waits := line.Find(idOf("two")); err != nil || waits != (c.next == release.NextWait) {
				t.Errorf("waits: %v, %v", waits, err)
			}
			entry, err := s.ledger.NotOpened(t.Context(), idOf("two"))
			if (err == nil) != (c.next == release.NextRefused) || err == nil && entry.Sentence != answer.Note {
				t.Errorf("recorded %+v, %v", entry, err)
			}
			if again := s.want(c.next, "deploy-canary", as("two", c.trigger)); c.next == release.NextRefused && again.Note != answer.Note {
				t.Errorf("asked again, it says %q", again.Note)
			}
		})
	}
}

// A person's name is believed where Systems Manager says the same of the same start; whoever may start executions by hand
// can write what he likes, and nothing is released for it.
func TestNobodyStartsInAnothersName(t *testing.T) {
	const id, anna = "01234567-89ab-cdef-0123-456789abcdef", "arn:aws:sts::123456789012:assumed-role/Developer/anna"
	input := func(revision, reason, who string) string {
		return fmt.Sprintf(`{"intent":"release","target":"orders","revision":%s,"reason":%q,"startedBy":%q,"runbook":%q}`, revision, reason, who, id)
	}
	asked := release.Request{Intent: release.IntentRelease, Target: "orders", Revision: release.Revision{Image: "orders:2"}, Reason: "so", StartedBy: anna, Runbook: id}
	for name, c := range map[string]struct {
		execution string
		trigger   string
		known     bool
		opens     bool
	}{
		"what the runbook has started":   {"orders-one", input(`{"image":"orders:2"}`, "so", anna), true, true},
		"once more, by hand":             {"orders-two", input(`{"image":"orders:2"}`, "so", anna), true, false},
		"a name that ends like it":       {"x-orders-one", input(`{"image":"orders:2"}`, "so", anna), true, false},
		"another image":                  {"orders-one", input(`{"image":"orders:3"}`, "so", anna), true, false},
		"another reason":                 {"orders-one", input(`{"image":"orders:2"}`, "", anna), true, false},
		"another person":                 {"orders-one", input(`{"image":"orders:2"}`, "so", strings.Replace(anna, "anna", "ben", 1)), true, false},
		"a runbook that has not started": {"orders-one", input(`{"image":"orders:2"}`, "so", anna), false, false},
	} {
		s := newStage(t)
		if c.known {
			s.runbooks = map[string]runbook{id: {asked, "orders-one"}}
		}
		next := release.NextRefused
		if c.opens {
			next = release.NextCheck
		}
		answer := s.want(next, "deploy-canary", as(c.execution, c.trigger))
		r, err := s.ledger.Load(t.Context(), answer.Release)
		if opened := err == nil; opened != c.opens || opened && (r.Request != asked || len(s.refused) > 0) || !opened && answer.Note == "" {
			t.Errorf("%s: %+v, %v", name, answer, err)
		}
		if next == release.NextRefused && len(s.calls) > 0 {
			t.Errorf("%s: something was done: %v", name, s.calls)
		}
	}
}

// A start that fails for good, as in a storm of throttling, is written down, and holds nobody up.
func TestAStartThatFailedIsNotLost(t *testing.T) {
	s := newStage(t)
	s.revision("2", time.Hour)
	s.want(release.NextCheck, "deploy-canary")
	s.revision("3", 2*time.Hour)
	s.want(release.NextWait, "deploy-canary", as("two", ""))
	failed := func(in *conductor.Input) {
		as("two", "")(in)
		in.Data.Error = &conductor.Caught{Error: "Throttled", Cause: "rate exceeded"}
	}
	answer := s.want(release.NextDone, "rollback", failed)
	entry, err := s.ledger.NotOpened(t.Context(), idOf("two"))
	if err != nil || entry.Outcome != release.OutcomeRefused || entry.Sentence != answer.Note || !strings.Contains(answer.Note, "Throttled: rate exceeded") {
		t.Errorf("recorded %+v, %v", entry, err)
	}
	if line, err := s.ledger.Line(t.Context(), "orders"); err != nil || len(line) > 0 {
		t.Errorf("still waits: %+v, %v", line, err)
	}
	if len(s.refused) > 0 {
		t.Errorf("a person was told of what the person had started: %q", s.refused)
	}
	pushFailed := func(in *conductor.Input) {
		as("three", pushed)(in)
		in.Data.Error = &conductor.Caught{Error: "Throttled", Cause: "rate exceeded"}
	}
	if s.want(release.NextDone, "rollback", pushFailed); len(s.refused) != 1 || !strings.Contains(s.refused[0], "Throttled: rate exceeded") {
		t.Errorf("told %q", s.refused)
	}
}

// Nobody looks at the execution that a push has started: people are told why it released nothing, once. What serin knows
// already is no news, and a person or a pipeline sees for itself.
func TestARefusedPushIsToldOf(t *testing.T) {
	for name, c := range map[string]struct {
		change  func(*stage)
		trigger string
		told    string // empty: nobody
	}{
		"an alarm":            {func(s *stage) { s.firing = []string{"dlq"} }, pushed, "orders: alarms of orders: dlq is in ALARM"},
		"an alarm, by hand":   {func(s *stage) { s.firing = []string{"dlq"} }, byHand, ""},
		"a freeze window":     {func(s *stage) { s.target.Freeze = []string{"Mon 08:00-Mon 10:00 UTC"} }, pushed, "orders: target orders: is frozen until"},
		"a workload at odds":  {func(s *stage) { s.refusal = release.Errorf(release.Unstable, "service orders", "is being deployed") }, pushed, "orders: service orders: is being deployed"},
		"the same push":       {func(s *stage) { s.rejected("one") }, pushed, ""},
		"an older image":      {func(s *stage) { s.prepared.LivePushed = morning.Add(3 * time.Hour) }, pushed, ""},
		"what serves already": {func(s *stage) { s.prepared.Live = true }, pushed, ""},
		"what is in flight":   {func(s *stage) { s.want(release.NextCheck, "deploy-canary", as("one", byHand)) }, pushed, ""},
		"a busy target":       {func(s *stage) { s.target.Concurrency = release.Reject; s.busy() }, pushed, "orders: target orders: is busy"},
		"a release like any":  {func(*stage) {}, pushed, ""},
		"and one that is told": {func(s *stage) {
			s.firing = []string{"dlq"}
			s.want(release.NextRefused, "deploy-canary", as("two", pushed))
			s.refused = nil
		}, pushed, ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t)
			s.revision("3", 2*time.Hour)
			c.change(s)
			if _, err := s.call("deploy-canary", as("two", c.trigger)); err != nil {
				t.Fatal(err)
			}
			if told := strings.Join(s.refused, "; "); !strings.HasPrefix(told, c.told) || (c.told == "") != (told == "") || len(s.refused) > 1 {
				t.Errorf("told %q, want %q", s.refused, c.told)
			}
		})
	}
}

// busy opens a release of another revision, and leaves the stage with the one that it had.
func (s *stage) busy() {
	s.t.Helper()
	s.revision("2", time.Hour)
	s.want(release.NextCheck, "deploy-canary", as("one", byHand))
	s.revision("3", 2*time.Hour)
}

// soil makes the first release dirty.
func (s *stage) soil() {
	s.progress = release.Progress{State: release.Failed, Note: "service orders is gone"}
	s.want(release.NextDirty, "rollback")
}

func TestWhatAFreeTargetRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		change  func(*stage)
		trigger string
		next    release.Next
		says    string
	}{
		"rolled back before":                {func(s *stage) { s.rejected("one") }, byHand, release.NextRefused, "was rolled back by release " + string(idOf("one")) + " on 5 Jan"},
		"and how to start it again":         {func(s *stage) { s.rejected("one") }, byHand, release.NextRefused, "serin start orders --image orders@sha256:333"},
		"a person's retry":                  {func(s *stage) { s.rejected("one") }, retried, release.NextCheck, ""},
		"given up before":                   {func(s *stage) { s.abandoned("one") }, byHand, release.NextRefused, "was given up by release " + string(idOf("one")) + " on 5 Jan"},
		"given up before, on purpose":       {func(s *stage) { s.abandoned("one") }, retried, release.NextCheck, ""},
		"another one was given up":          {func(s *stage) { s.abandoned("one"); s.revision("4", 3*time.Hour) }, byHand, release.NextCheck, ""},
		"gave way before":                   {func(s *stage) { s.supersededOnce() }, byHand, release.NextCheck, ""},
		"gave way before, and a late event": {func(s *stage) { s.supersededOnce() }, pushed, release.NextRefused, "was rolled back by"},
		"older than what serves":            {func(s *stage) { s.prepared.LivePushed = morning.Add(3 * time.Hour) }, pushed, release.NextRefused, "sha256:11111111, which serves"},
		"as old as what serves":             {func(s *stage) { s.prepared.LivePushed = s.prepared.Pushed }, pushed, release.NextCheck, ""},
		"older than what serves, by hand":   {func(s *stage) { s.prepared.LivePushed = morning.Add(3 * time.Hour) }, byHand, release.NextCheck, ""},
		"first, and a baseline serves":      {func(s *stage) { s.target.Checks.Alarms = []string{"dlq"} }, first, release.NextRefused, "so this is no first release"},
		"first, and nothing judges it":      {func(s *stage) { s.prepared.Presence = release.Absent }, first, release.NextRefused, "names no alarm"},
		"nothing serves":                    {func(s *stage) { s.prepared.Presence = release.Absent }, byHand, release.NextRefused, "start again with --first"},
		"first, and nothing serves": {func(s *stage) {
			s.prepared.Presence, s.target.Checks.Alarms = release.Absent, []string{"dlq"}
		}, first, release.NextCheck, ""},
		"scaled to nothing": {func(s *stage) { s.prepared.Presence = release.Rests }, byHand, release.NextCheck, ""},
		"first, scaled to nothing": {func(s *stage) {
			s.prepared.Presence, s.target.Checks.Alarms = release.Rests, []string{"dlq"}
		}, first, release.NextCheck, ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t)
			s.revision("3", 2*time.Hour)
			c.change(s)
			if answer := s.want(c.next, "deploy-canary", as("three", c.trigger)); !strings.Contains(answer.Note, c.says) {
				t.Errorf("says %q", answer.Note)
			}
		})
	}
}

// supersededOnce has the stage's revision give way to another one, which then fails as well.
func (s *stage) supersededOnce() {
	s.target.Concurrency = release.Supersede
	s.want(release.NextCheck, "deploy-canary", as("one", byHand))
	s.revision("4", time.Hour)
	s.want(release.NextWait, "deploy-canary", as("two", byHand))
	s.want(release.NextRollback, "check-alarms", as("one", byHand))
	s.home("one")
	s.later(time.Minute)
	s.rejected("two")
	s.revision("3", 2*time.Hour)
}

func TestTwoTargetsOnOneService(t *testing.T) {
	s := newStage(t)
	s.want(release.NextCheck, "deploy-canary", as("one", byHand))
	s.target.Name = "parcels"
	trigger := strings.ReplaceAll(byHand, `"orders"`, `"parcels"`)
	answer := s.want(release.NextRefused, "deploy-canary", as("two", trigger))
	if !strings.Contains(answer.Note, resource+" is held by release "+string(idOf("one"))+" of target orders: two targets name the same resource") {
		t.Errorf("says %q", answer.Note)
	}
	// The platform may have seen that the workload is busy before the lock was asked for: the reason is the same.
	s.refusal = release.Errorf(release.Unstable, "service orders", "has 2 deployments")
	answer = s.want(release.NextRefused, "deploy-canary", as("three", trigger))
	if !strings.Contains(answer.Note, "two targets name the same resource") {
		t.Errorf("says %q", answer.Note)
	}
}
