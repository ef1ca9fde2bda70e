package story_test

import (
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/story"
	"github.com/serin-aws/serin/internal/story/storytest"
)

func TestStoryOfEveryEnd(t *testing.T) {
	tests := []struct {
		name     string
		story    story.Story
		outcome  release.Outcome
		sentence string // a part of it that no other end has
		serves   string
		phases   string
		looks    bool
	}{
		{
			"good", storytest.Good().Story(), release.OutcomeReleased, "orders-worker serves sha256:41d0c2a1 since 14:29 UTC: ", "sha256:41d0c2a1",
			"Preparing Shifting Baking Shifting Baking Promoting Settling Cleaning", true,
		},
		{
			"bad", storytest.Bad().Story(), release.OutcomeRolledBack, "orders-worker serves sha256:9b1e04d7 again since 14:16 UTC: canary fails ", "sha256:9b1e04d7",
			"Preparing Shifting Baking RollingBack Cleaning", true,
		},
		{
			"held", storytest.Held().Story(), release.OutcomeHeld, "orders-worker serves sha256:9b1e04d7 again since 17:03 UTC: 32 canary messages so far; ", "sha256:9b1e04d7",
			"Preparing Shifting Baking RollingBack Cleaning", true,
		},
		{
			"crashed", storytest.Crashed().Story(), release.OutcomeRolledBack, "4 canary tasks in a row stopped within 5 s", "sha256:9b1e04d7",
			"Preparing Shifting RollingBack Cleaning", false,
		},
		{
			"dirty", storytest.Dirty().Story(), release.OutcomeDirty, "could not be brought home and the lock is kept: orders-worker-canary: UpdateService is denied",
			"unknown: sha256:9b1e04d7 or sha256:41d0c2a1, look before you act", "Preparing Shifting Baking RollingBack", true,
		},
		{
			"abandoned", storytest.Abandoned().Story(), release.OutcomeAbandoned, "orders-worker serves what people have left there; its lock is free: anna abandoned the release: the service is decommissioned",
			"what people have left there", "Preparing Shifting Baking RollingBack", true,
		},
		{
			"open", storytest.Open().Story(), release.OutcomeOpen, "orders-worker is watching the canary at step 1 of 2: ",
			"sha256:9b1e04d7, and sha256:41d0c2a1 with 10 % of the work", "Preparing Shifting Baking", true,
		},
		{"refused", storytest.Refused(), release.OutcomeRefused, "orders-worker is unchanged: alarm orders-dlq-not-empty is in ALARM already", "what served before", "", false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := test.story
			if s.Outcome != test.outcome {
				t.Errorf("outcome %s, want %s", s.Outcome, test.outcome)
			}
			if !strings.Contains(s.Sentence, test.sentence) {
				t.Errorf("sentence %q does not say %q", s.Sentence, test.sentence)
			}
			if s.Serves != test.serves {
				t.Errorf("serves %q, want %q", s.Serves, test.serves)
			}
			var phases []string
			for _, span := range s.Phases {
				phases = append(phases, string(span.Phase))
			}
			if got := strings.Join(phases, " "); got != test.phases {
				t.Errorf("phases %q, want %q", got, test.phases)
			}
			if got := len(s.Looks) > 0; got != test.looks {
				t.Errorf("%d looks", len(s.Looks))
			}
			if len(s.Missing) > 0 {
				t.Errorf("something is missing: %q", s.Missing)
			}
		})
	}
}

func TestPhasesFollowEachOtherWithoutGaps(t *testing.T) {
	s := storytest.Good().Story()
	for i, span := range s.Phases {
		if span.Open {
			t.Errorf("%s of a finished release is open", span.Phase)
		}
		if i > 0 && !span.Start.Equal(s.Phases[i-1].End) {
			t.Errorf("%s begins %s, but %s ended %s", span.Phase, span.Start, s.Phases[i-1].Phase, s.Phases[i-1].End)
		}
	}
	if end := s.Phases[len(s.Phases)-1].End; !end.Equal(s.Release.Since) {
		t.Errorf("the last phase ends %s, the release %s", end, s.Release.Since)
	}
	open := storytest.Open().Story()
	if last := open.Phases[len(open.Phases)-1]; !last.Open {
		t.Error("the phase of a running release is closed")
	}
}

func TestMetricsMayBeMissingOrLate(t *testing.T) {
	t.Run("no client", func(t *testing.T) {
		a := storytest.Bad()
		s, err := story.Read(t.Context(), a.Ledger, nil, a.ID())
		if err != nil {
			t.Fatal(err)
		}
		wantMissing(t, s, "were not read")
		if s.Outcome != release.OutcomeRolledBack || len(s.Band) == 0 {
			t.Error("what the ledger knows is not told")
		}
	})
	t.Run("an error of CloudWatch", func(t *testing.T) {
		a := storytest.Bad()
		a.Metrics.Err = errors.New("AccessDenied: not authorized to perform cloudwatch:GetMetricData")
		wantMissing(t, a.Story(), "AccessDenied")
	})
	t.Run("a canary that publishes nothing", func(t *testing.T) {
		a := storytest.Bad()
		a.Metrics.Drop("Orders", "Processed", "Service", "orders-worker-canary")
		wantMissing(t, a.Story(), "Orders/Processed{Service=orders-worker-canary}")
	})
	t.Run("no failures at all is nothing missing", func(t *testing.T) {
		a := storytest.Bad()
		a.Metrics.Drop("Orders", "Failed", "Service", "orders-worker-canary")
		a.Metrics.Drop("Orders", "Failed", "Service", "orders-worker")
		if s := a.Story(); len(s.Missing) > 0 {
			t.Errorf("missing: %q", s.Missing)
		}
	})
}

func wantMissing(t *testing.T, s story.Story, part string) {
	t.Helper()
	if len(s.Missing) != 1 || !strings.Contains(s.Missing[0], part) {
		t.Errorf("missing %q, want one sentence with %q", s.Missing, part)
	}
}

func TestPagesAreFollowed(t *testing.T) {
	whole := storytest.Good().Story()
	paged := storytest.Good()
	paged.Metrics.PageSize = 7
	if got := paged.Story(); !reflect.DeepEqual(got.Measures, whole.Measures) || !reflect.DeepEqual(got.Queue, whole.Queue) {
		t.Error("a story read in pages differs from one read at once")
	}
}

func TestTheLedgerMustBeReadable(t *testing.T) {
	a := storytest.Good()
	if _, err := story.Read(t.Context(), a.Ledger, a.Metrics, "r-000000000000"); release.CodeOf(err) != release.NotFound {
		t.Errorf("reading an unknown release answers %v", err)
	}
}

func TestTamperingShows(t *testing.T) {
	a := storytest.Bad()
	i := slices.IndexFunc(a.Ledger.Log, func(e release.Event) bool { return e.Kind == release.EventDecision })
	a.Ledger.Log[i].Text = "all is well"
	wantMissing(t, a.Story(), "does not fit together")
}

func TestExpiredLooksAreNoTampering(t *testing.T) {
	a := storytest.Bad()
	a.Ledger.Log = slices.DeleteFunc(a.Ledger.Log, func(e release.Event) bool { return e.Kind == release.EventLook })
	s := a.Story()
	wantMissing(t, s, "have expired")
	if !strings.Contains(s.Sentence, "canary fails") {
		t.Errorf("the decision's sentence is lost: %q", s.Sentence)
	}
}

// A release that moves on between the two reads of the ledger must not look tampered with.
func TestEventsNewerThanTheReleaseAreLeftOut(t *testing.T) {
	a := storytest.Bad()
	i := slices.IndexFunc(a.Ledger.Log, func(e release.Event) bool { return e.Kind == release.EventDecision })
	a.Ledger.Release.Seq, a.Ledger.Release.Hash = a.Ledger.Log[i].Seq, a.Ledger.Log[i].Hash
	s := a.Story()
	if len(s.Missing) > 0 {
		t.Errorf("missing: %q", s.Missing)
	}
	if last := s.Events[len(s.Events)-1]; last.Kind != release.EventDecision {
		t.Errorf("the story ends with %s", last.Kind)
	}
}

func TestUnreadableLooksAreCounted(t *testing.T) {
	a := storytest.Open()
	for i := range a.Ledger.Log {
		if a.Ledger.Log[i].Kind == release.EventLook {
			a.Ledger.Log[i].Data = json.RawMessage(`{"judgement":{"verdict":"splendid"}}`)
			a.Ledger.Log[i].Hash = a.Ledger.Log[i].Sum()
		}
	}
	s := a.Story()
	if len(s.Missing) == 0 || !strings.Contains(s.Missing[0], "cannot be decoded") {
		t.Errorf("missing: %q", s.Missing)
	}
}

func TestWorkBelongsToTheVersionThatDidIt(t *testing.T) {
	minute := func(s story.Story, clock string) story.Minute {
		for _, m := range s.Measures[0].Minutes {
			if story.Clock(m.At) == clock {
				return m
			}
		}
		t.Fatalf("no minute %s", clock)
		return story.Minute{}
	}
	good, bad := storytest.Good().Story(), storytest.Bad().Story()
	tests := []struct {
		name            string
		minute          story.Minute
		old, new, moves bool
	}{
		{"before the release the canary's place runs the baseline", minute(good, "13:58"), true, false, false},
		{"while the canary starts its place is moving", minute(good, "14:02"), true, false, true},
		{"side by side", minute(good, "14:05"), true, true, false},
		{"a later step does not make the canary old again", minute(good, "14:13"), true, true, false},
		{"while promoting the primary is moving", minute(good, "14:27"), false, true, true},
		{"after promotion all is new", minute(good, "14:35"), false, true, false},
		{"side by side in a bad release", minute(bad, "14:10"), true, true, false},
		{"while rolling back only the canary is moving", minute(bad, "14:15"), true, false, true},
		{"once home all is old", minute(bad, "14:17"), true, false, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			m := test.minute
			if got := [3]bool{m.Old.Units > 0, m.New.Units > 0, m.Moving.Units > 0}; got != [3]bool{test.old, test.new, test.moves} {
				t.Errorf("old %d, new %d, moving %d", m.Old.Units, m.New.Units, m.Moving.Units)
			}
		})
	}
}

func TestNoWorkIsLost(t *testing.T) {
	for name, account := range map[string]storytest.Account{"good": storytest.Good(), "bad": storytest.Bad(), "held": storytest.Held()} {
		s := account.Story()
		var sum, failed int64
		for _, m := range s.Measures[0].Minutes {
			sum += m.Old.Units + m.New.Units + m.Moving.Units
			failed += m.Old.Failed + m.New.Failed + m.Moving.Failed
		}
		wantUnits, wantFailed := account.Metrics.Sum("Orders", "Processed", s.From, s.To), account.Metrics.Sum("Orders", "Failed", s.From, s.To)
		if sum != wantUnits || failed != wantFailed {
			t.Errorf("%s: the story has %d units, %d failed; the metrics %d and %d", name, sum, failed, wantUnits, wantFailed)
		}
	}
}

func TestExposedIsTheCanarysWork(t *testing.T) {
	bad := storytest.Bad().Story()
	exposed := bad.Exposed(&bad.Measures[0])
	judged := bad.Judged[0].Points[len(bad.Judged[0].Points)-1].Check.Canary
	if exposed.Failed < judged.Failed-2 || exposed.Failed > judged.Failed+5 {
		t.Errorf("users had %d failures of the canary, the judge saw %d", exposed.Failed, judged.Failed)
	}
	good := storytest.Good().Story()
	judged = good.Judged[0].Points[len(good.Judged[0].Points)-1].Check.Canary
	if exposed := good.Exposed(&good.Measures[0]); exposed.Units > judged.Units+500 {
		t.Errorf("%d units, %d judged: the promoted version's work is no exposure any more", exposed.Units, judged.Units)
	}
}

func TestBandSharesAreShares(t *testing.T) {
	for name, account := range map[string]storytest.Account{
		"good": storytest.Good(), "bad": storytest.Bad(), "held": storytest.Held(), "crashed": storytest.Crashed(), "open": storytest.Open(),
	} {
		s := account.Story()
		if len(s.Band) != int(s.To.Sub(s.From)/time.Minute) {
			t.Errorf("%s: %d slices between %s and %s", name, len(s.Band), s.From, s.To)
		}
		for _, slice := range s.Band {
			if slice.New < 0 || slice.Moving < 0 || slice.New+slice.Moving > 1+1e-9 {
				t.Errorf("%s at %s: new %v, moving %v", name, story.Clock(slice.At), slice.New, slice.Moving)
			}
		}
	}
}

// A primary whose work is not published yet makes the canary's share no larger.
func TestAMinuteWithoutThePrimaryIsNotMeasured(t *testing.T) {
	a := storytest.Bad()
	a.Metrics.Drop("Orders", "Processed", "Service", "orders-worker")
	for _, slice := range a.Story().Band {
		if slice.Measured || slice.New+slice.Moving > 0.11 {
			t.Fatalf("at %s the band says %v, moving %v, measured: %v", story.Clock(slice.At), slice.New, slice.Moving, slice.Measured)
		}
	}
}

func TestBandTellsTheOutcome(t *testing.T) {
	last := func(s story.Story) story.Slice { return s.Band[len(s.Band)-1] }
	if end := last(storytest.Good().Story()); end.New != 1 || end.Verdict != release.Pass {
		t.Errorf("a released version has %v of the work, %s", end.New, end.Verdict)
	}
	if end := last(storytest.Bad().Story()); end.New != 0 || end.Verdict != release.Fail {
		t.Errorf("a rolled back version has %v of the work, %s", end.New, end.Verdict)
	}
	if end := last(storytest.Held().Story()); end.New != 0 || end.Verdict != release.Inconclusive {
		t.Errorf("a held version has %v of the work, %s", end.New, end.Verdict)
	}
}

// One message of a quiet worker is no share of 100 %.
// What a person takes home has not failed: nothing on the page may say so.
func TestAPersonsDecisionIsNoVerdict(t *testing.T) {
	failed := func(reason release.Reason) bool {
		account := storytest.Crashed() // the judge never looked
		account.Ledger.Release.Decision.Reason = reason
		return slices.ContainsFunc(account.Story().Band, func(s story.Slice) bool { return s.Verdict == release.Fail })
	}
	for reason, want := range map[release.Reason]bool{release.ReasonCanary: true, release.ReasonPerson: false, release.ReasonSuperseded: false} {
		if failed(reason) != want {
			t.Errorf("%s: failed %t", reason, !want)
		}
	}
}

func TestFewMessagesAreNoShare(t *testing.T) {
	for _, slice := range storytest.Held().Story().Band {
		if slice.Measured || slice.New > 0.11 {
			t.Fatalf("at %s the band says %v of the work, measured: %v", story.Clock(slice.At), slice.New, slice.Measured)
		}
	}
}

func TestAlarmsBecomeLanes(t *testing.T) {
	s := storytest.Bad().Story()
	want := map[string]story.AlarmState{
		"orders-dlq-not-empty": story.AlarmOK, "orders-latency": story.AlarmNoData, "orders-oldest-message": story.AlarmOK,
	}
	if len(s.Alarms) != len(want) {
		t.Fatalf("%d lanes", len(s.Alarms))
	}
	for _, lane := range s.Alarms {
		if len(lane.States) != 1 || lane.States[0].State != want[lane.Name] {
			t.Errorf("%s: %+v", lane.Name, lane.States)
		}
	}
}

func TestARecordOfYearsIsCut(t *testing.T) {
	a := storytest.Bad()
	a.Ledger.Release.Opened = time.Time{}
	s := a.Story()
	if s.To.Sub(s.From) > story.Longest || len(s.Band) > int(story.Longest/time.Minute) {
		t.Errorf("the story covers %s", s.To.Sub(s.From))
	}
}
