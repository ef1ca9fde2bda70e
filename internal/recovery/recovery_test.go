package recovery_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/serin-aws/serin/events"
	"github.com/serin-aws/serin/internal/ledger"
	"github.com/serin-aws/serin/internal/recovery"
	"github.com/serin-aws/serin/internal/rehearsal/dynamodb"
	"github.com/serin-aws/serin/internal/rehearsal/loop"
	"github.com/serin-aws/serin/internal/release"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

const (
	machine   = "arn:aws:states:eu-central-1:123456789012:stateMachine:serin"
	execution = "arn:aws:states:eu-central-1:123456789012:execution:serin:"
	first     = release.ExecutionARN(execution + "first")
	resource  = "arn:aws:ecs:eu-central-1:123456789012:service/prod/orders"
	trigger   = `{"target":"orders","revision":{"image":"orders:2"}}`
)

var id = release.NewID("orders", first)

// stepFunctions keeps executions by their ARN, as Step Functions does.
type stepFunctions struct {
	status  map[release.ExecutionARN]recovery.Status
	inputs  map[release.ExecutionARN]string
	starts  int
	failure error // of every start
}

func (f *stepFunctions) Describe(_ context.Context, e release.ExecutionARN) (recovery.Execution, error) {
	return recovery.Execution{Status: f.status[e], Input: []byte(f.inputs[e])}, nil
}

func (f *stepFunctions) Start(_ context.Context, m, name string, input []byte) error {
	if f.failure != nil {
		return f.failure
	}
	e := release.ExecutionARN(execution + name)
	if m != machine || f.status[e] != "" {
		return nil // there already
	}
	f.starts++
	f.status[e], f.inputs[e] = recovery.Running, string(input)
	return nil
}

func (f *stepFunctions) Stop(_ context.Context, e release.ExecutionARN, _ string) error {
	if f.status[e] == recovery.Running {
		f.status[e] = "ABORTED"
	}
	return nil
}

// stage is a release that bakes, the real ledger on a simulated table, and a clock.
type stage struct {
	t       *testing.T
	clock   *loop.Loop
	ledger  *ledger.Ledger
	table   *dynamodb.Table
	states  *stepFunctions
	notices []release.Notice
	subject *recovery.Recovery
}

func newStage(t *testing.T) *stage {
	l := loop.New(time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC), 1)
	s := &stage{t: t, clock: l, table: dynamodb.New(l, "ledger", dynamodb.Settings{})}
	s.ledger = ledger.New(slow{s.table.Outside(), l}, "ledger", l.Now)
	s.states = &stepFunctions{
		status: map[release.ExecutionARN]recovery.Status{first: recovery.Running},
		inputs: map[release.ExecutionARN]string{first: trigger},
	}
	s.subject = &recovery.Recovery{
		Ledger: s.ledger, Executions: s.states, Notifier: s, Decode: events.Decode, Machine: machine, Now: l.Now,
	}
	r := release.Release{
		Snapshot: release.Snapshot{
			Schema: release.Schema, ID: id, Target: release.Target{Name: "orders"}, Steps: []release.Step{{Weight: 10}},
			Resources: []release.Resource{resource}, Opened: l.Now(), Baseline: release.Baseline{Serves: "sha256:1111111111"},
		},
		State: release.State{Phase: release.Preparing, Epoch: 1, Executions: []release.ExecutionARN{first}},
	}
	if _, err := s.ledger.Open(context.Background(), r, release.Event{At: l.Now(), Text: "baseline recorded"}); err != nil {
		t.Fatal(err)
	}
	s.change(func(r *release.Release) { s.enter(r, release.Shifting, release.Baking) })
	s.later(10 * time.Minute)
	return s
}

// slow is a table whose writes take a moment: two transactions at the same instant would conflict.
type slow struct {
	dynamodb.Outside
	clock *loop.Loop
}

func (s slow) TransactWriteItems(ctx context.Context, in *sdk.TransactWriteItemsInput, options ...func(*sdk.Options)) (*sdk.TransactWriteItemsOutput, error) {
	s.clock.AdvanceTo(s.clock.Now().Add(100 * time.Millisecond))
	return s.Outside.TransactWriteItems(ctx, in, options...)
}

func (s *stage) Notify(_ context.Context, _ *release.Release, n release.Notice) error {
	if n.Kind == release.NoticeDirty && s.release().Uncalled != n.Text {
		s.t.Error("who dies now calls nobody: it is not written that a person has still to be called")
	}
	s.notices = append(s.notices, n)
	return errors.New("nobody hears it, and nothing depends on it")
}

func (s *stage) later(d time.Duration) { s.clock.AdvanceTo(s.clock.Now().Add(d)) }

func (s *stage) release() *release.Release {
	s.t.Helper()
	r, err := s.ledger.Load(context.Background(), id)
	if err != nil {
		s.t.Fatal(err)
	}
	return r
}

func (s *stage) change(do func(*release.Release)) {
	s.t.Helper()
	r := s.release()
	do(r)
	if err := s.ledger.Save(context.Background(), r); err != nil {
		s.t.Fatal(err)
	}
}

func (s *stage) enter(r *release.Release, phases ...release.Phase) {
	s.t.Helper()
	for _, phase := range phases {
		if err := r.Enter(phase, s.clock.Now()); err != nil {
			s.t.Fatal(err)
		}
	}
}

func (s *stage) sweep() string {
	s.t.Helper()
	note, _, err := s.subject.Sweep(context.Background())
	if err != nil {
		s.t.Fatal(err)
	}
	return note
}

func (s *stage) ended(e release.ExecutionARN) string {
	s.t.Helper()
	note, err := s.subject.Ended(context.Background(), e)
	if err != nil {
		s.t.Fatal(err)
	}
	return note
}

func TestAnExecutionThatLostItsReleaseIsReplacedOnce(t *testing.T) {
	for _, status := range []recovery.Status{"ABORTED", "TIMED_OUT", "FAILED", "SUCCEEDED", "PENDING_REDRIVE", ""} {
		s := newStage(t)
		s.states.status[first] = status
		if status != "" {
			s.ended(first)
			s.ended(first) // events come twice
		}
		s.sweep()
		r := s.release()
		if want := release.ExecutionARN(execution + string(id) + "-r2"); s.states.starts != 1 || r.Owner() != want || r.Epoch != 2 || r.Recoveries != 1 {
			t.Errorf("%q: %d starts, owner %s, epoch %d", status, s.states.starts, r.Owner(), r.Epoch)
		}
		request, err := events.Decode([]byte(s.states.inputs[r.Owner()]))
		if err != nil || request.Intent != release.IntentRecover || request.Release != id || !strings.Contains(request.Reason, "its execution ended as "+string(status)) {
			t.Errorf("%q: started with %+v, %v", status, request, err)
		}
	}
}

func TestWhatNeedsNoRecovery(t *testing.T) {
	for name, prepare := range map[string]func(*stage){
		"a running execution": func(*stage) {},
		"a release that has ended": func(s *stage) {
			s.change(func(r *release.Release) { s.enter(r, release.RollingBack, release.Cleaning, release.RolledBack) })
			s.states.status[first] = "FAILED"
		},
		"a dirty release": func(s *stage) {
			s.change(func(r *release.Release) { s.enter(r, release.RollingBack, release.Dirty) })
			s.states.status[first] = "FAILED"
		},
		"an abandoned release": func(s *stage) {
			s.change(func(r *release.Release) { s.enter(r, release.RollingBack, release.Dirty, release.Abandoned) })
			s.states.status[first] = "FAILED"
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t)
			prepare(s)
			before := s.release().Version
			s.ended(first)
			s.sweep()
			if s.states.starts > 0 || s.release().Version != before || len(s.notices) > 0 {
				t.Errorf("%d starts, version %d after %d, told %v", s.states.starts, s.release().Version, before, s.notices)
			}
		})
	}
}

func TestAnEventIsOnlyAHint(t *testing.T) {
	s := newStage(t)
	s.ended(first) // it is said to have ended, and runs
	s.states.status[execution+"other"], s.states.inputs[execution+"other"] = "FAILED", `{"target":"orders","revision":{"image":"orders:3"}}`
	s.ended(execution + "other") // it opened nothing
	s.states.status[execution+"strange"], s.states.inputs[execution+"strange"] = "FAILED", `{"no":"trigger"}`
	s.ended(execution + "strange")
	if s.states.starts > 0 {
		t.Errorf("%d executions were started", s.states.starts)
	}
}

// An execution that Step Functions does not show yet is not lost: describing is eventually consistent.
func TestAYoungExecutionIsNotTakenForLost(t *testing.T) {
	s := newStage(t)
	delete(s.states.status, first)
	s.clock = loop.New(s.release().Opened.Add(time.Minute), 1)
	s.subject.Now = s.clock.Now
	s.sweep()
	if s.states.starts > 0 {
		t.Error("it was taken over a minute after it was opened")
	}
}

func TestAStartThatWasCutOffIsMadeGood(t *testing.T) {
	s := newStage(t)
	s.states.status[first] = "ABORTED"
	s.states.failure = release.Errorf(release.Unavailable, "start execution", "no answer")
	if _, _, err := s.subject.Sweep(context.Background()); err == nil || !strings.Contains(err.Error(), string(id)) {
		t.Errorf("the sweep hid %v", err)
	}
	s.states.failure = nil
	s.sweep()
	s.sweep()
	if r := s.release(); s.states.starts != 1 || r.Epoch != 2 || r.Recoveries != 1 {
		t.Errorf("%d starts, epoch %d, %d recoveries", s.states.starts, r.Epoch, r.Recoveries)
	}
}

func TestRecoveriesHaveAnEnd(t *testing.T) {
	s := newStage(t)
	var starts []time.Duration
	for began := s.clock.Now(); s.clock.Now().Sub(began) < 6*time.Hour; s.later(5 * time.Minute) {
		s.states.status[s.release().Owner()] = "ABORTED" // somebody stops whatever runs
		if before := s.states.starts; s.sweep() != "" && s.states.starts > before {
			starts = append(starts, s.clock.Now().Sub(began).Round(time.Minute))
		}
	}
	r := s.release()
	if got := fmt.Sprint(starts); got != "[0s 5m0s 15m0s 35m0s 1h15m0s]" {
		t.Errorf("started after %s", got)
	}
	lock, err := s.ledger.Lock(context.Background(), resource)
	if err != nil {
		t.Fatal(err)
	}
	if r.Phase != release.Dirty || lock.Holder != id || len(s.notices) != 1 || s.notices[0].Kind != release.NoticeDirty || !strings.Contains(s.notices[0].Text, "5 executions") {
		t.Errorf("%s, lock of %q, told %+v", r.Phase, lock.Holder, s.notices)
	}
	story, err := s.ledger.Events(context.Background(), id)
	if err != nil {
		t.Fatal(err)
	}
	if broken, ok := release.VerifyChain(story, r.Hash); !ok || story[len(story)-1].Kind != release.EventFinished {
		t.Errorf("the story breaks at %d, or does not end: %+v", broken, story[len(story)-1])
	}
}

// The state machine has said Dirty by itself; the release says it, too, and nobody is called twice.
func TestAMarkOfTheStateMachineBecomesThePhase(t *testing.T) {
	s := newStage(t)
	s.states.status[first] = "FAILED"
	_, err := s.table.Outside().PutItem(context.Background(), &sdk.PutItemInput{TableName: aws.String("ledger"), Item: map[string]types.AttributeValue{
		"pk": &types.AttributeValueMemberS{Value: "execution#" + string(first)}, "sk": &types.AttributeValueMemberS{Value: "dirty"},
	}})
	if err != nil {
		t.Fatal(err)
	}
	s.ended(first)
	s.sweep()
	if r := s.release(); r.Phase != release.Dirty || s.states.starts > 0 || len(s.notices) > 0 {
		t.Errorf("%s, %d starts, told %v", r.Phase, s.states.starts, s.notices)
	}
}

// The work is home and only the cleanup is left: that is no reason to call anybody at night, nor to keep the lock.
func TestACleanupThatNobodyFinishesIsLeft(t *testing.T) {
	for _, home := range []bool{true, false} {
		s := newStage(t)
		s.change(func(r *release.Release) {
			if home {
				s.enter(r, release.RollingBack, release.Cleaning)
			} else {
				s.enter(r, release.Promoting, release.Settling, release.Cleaning)
			}
			r.Recoveries = recovery.Most
		})
		s.states.status[first] = "ABORTED"
		s.sweep()
		lock, err := s.ledger.Lock(context.Background(), resource)
		if err != nil {
			t.Fatal(err)
		}
		r := s.release()
		if want := map[bool]release.Phase{true: release.RolledBack, false: release.Released}[home]; r.Phase != want || r.CleanupPending == "" || lock.Holder != "" {
			t.Errorf("%s, pending %q, lock of %q", r.Phase, r.CleanupPending, lock.Holder)
		}
	}
}

func TestStopTakesOverAtOnce(t *testing.T) {
	s := newStage(t)
	if err := s.subject.Stop(context.Background(), s.release(), "anna stopped the release: smoke"); err != nil {
		t.Fatal(err)
	}
	r := s.release()
	if s.states.status[first] != "ABORTED" || s.states.status[r.Owner()] != recovery.Running || r.Epoch != 2 {
		t.Errorf("%v, owner %s", s.states.status, r.Owner())
	}
	s.ended(first) // the event of the stop
	if s.states.starts != 1 {
		t.Errorf("%d starts", s.states.starts)
	}
}

// Somebody stops an execution that waits for its turn: it stands in nobody's way, and what became of it is known.
func TestWhoWaitedAndWasStoppedLeavesTheLine(t *testing.T) {
	s := newStage(t)
	second := release.ExecutionARN(execution + "second")
	waiting := release.NewID("orders", second)
	request := release.Request{Target: "orders", Revision: release.Revision{Image: "orders:3"}}
	if _, err := s.ledger.Wait(t.Context(), release.Waiting{Release: waiting, Execution: second, Request: request, Due: s.clock.Now()}); err != nil {
		t.Fatal(err)
	}
	s.states.status[second], s.states.inputs[second] = "ABORTED", `{"target":"orders","revision":{"image":"orders:3"}}`
	for range 2 {
		if note := s.ended(second); !strings.Contains(note, "before the release was opened") {
			t.Errorf("noted %q", note)
		}
	}
	line, err := s.ledger.Line(t.Context(), "orders")
	if err != nil {
		t.Fatal(err)
	}
	if _, waits := line.Find(waiting); waits || s.states.starts > 0 {
		t.Errorf("the line is %+v, %d starts", line, s.states.starts)
	}
	if entry, err := s.ledger.NotOpened(t.Context(), waiting); err != nil || entry.Outcome != release.OutcomeRefused {
		t.Errorf("%+v, %v", entry, err)
	}
}

// over ends the stage's release with something left.
func (s *stage) over(left string) {
	s.t.Helper()
	s.change(func(r *release.Release) { s.enter(r, release.Promoting, release.Settling, release.Cleaning) })
	r := s.release()
	s.enter(r, release.Released)
	r.CleanupPending = left
	if left == "" {
		r.CleanupDue = s.clock.Now().Add(24 * time.Hour) // it is kept on purpose
	} else {
		r.CleanupDue = s.clock.Now().Add(release.CleanupAgain(0))
	}
	if err := s.ledger.Finish(s.t.Context(), r); err != nil {
		s.t.Fatal(err)
	}
	s.states.status[first] = "SUCCEEDED"
}

// What a release left is tried to be removed a few times, further and further apart, as long as it stays; then it is left
// to a person. Nobody is called, and the sweep says each time that it is pending.
func TestWhatAReleaseLeftIsCleanedUpAfter(t *testing.T) {
	s := newStage(t)
	s.over("deregister orders:42: not now")
	began, starts := s.clock.Now(), []time.Duration{}
	for s.clock.Now().Sub(began) < 10*24*time.Hour {
		before := s.states.starts
		_, pending, err := s.subject.Sweep(t.Context())
		if err != nil || pending != 1 {
			t.Fatalf("%d pending, %v", pending, err)
		}
		if s.states.starts > before {
			starts = append(starts, s.clock.Now().Sub(began).Round(time.Minute))
			s.states.status[s.release().Owner()] = "SUCCEEDED" // and it found the same again
		}
		s.later(5 * time.Minute)
	}
	if got := fmt.Sprint(starts); got != "[10m0s 50m0s 3h30m0s 14h10m0s 56h50m0s]" {
		t.Errorf("started after %s", got)
	}
	if r := s.release(); r.Phase != release.Released || r.CleanupPending == "" || !r.CleanupDue.IsZero() || len(s.notices) > 0 {
		t.Errorf("%s, pending %q, due %s, told %v", r.Phase, r.CleanupPending, r.CleanupDue, s.notices)
	}
}

// The copies of the baseline go when the rollback window is over, not before, and not while another release is at work.
func TestWhatIsKeptForAWhileGoes(t *testing.T) {
	s := newStage(t)
	s.over("")
	s.later(23 * time.Hour)
	s.sweep()
	if s.states.starts > 0 {
		t.Fatal("cleaned up within the rollback window")
	}
	other := *s.release()
	other.ID, other.State = "r-ffffffffffff", release.State{Phase: release.Preparing, Epoch: 1, Executions: []release.ExecutionARN{execution + "other"}}
	s.states.status[execution+"other"] = recovery.Running
	opened, err := s.ledger.Open(t.Context(), other, release.Event{At: s.clock.Now()})
	if err != nil {
		t.Fatal(err)
	}
	s.later(2 * time.Hour)
	s.sweep()
	if s.states.starts > 0 {
		t.Fatal("cleaned up while another release is at work")
	}
	s.enter(opened, release.RollingBack, release.Cleaning, release.RolledBack)
	if err := s.ledger.Finish(t.Context(), opened); err != nil {
		t.Fatal(err)
	}
	s.sweep()
	s.sweep()
	if r := s.release(); s.states.starts != 1 || r.Cleanups != 1 || r.Recoveries != 0 {
		t.Errorf("%d starts, %d cleanups, %d recoveries", s.states.starts, r.Cleanups, r.Recoveries)
	}
}

// An execution that was stopped with the locks in its hands holds nobody up: it is replaced at once, and at the end of all
// attempts the locks are freed.
func TestACleanupThatIsStoppedFreesItsLocks(t *testing.T) {
	s := newStage(t)
	s.over("deregister orders:42: not now")
	s.later(10 * time.Minute)
	for range release.MostCleanups + 2 {
		s.sweep()
		if r := s.release(); s.states.status[r.Owner()] == recovery.Running {
			if err := s.ledger.Retake(t.Context(), r); err != nil {
				t.Fatal(err)
			}
			s.states.status[r.Owner()] = "ABORTED"
		}
		s.later(time.Second)
	}
	if err := s.ledger.Free(t.Context(), s.release().Resources); err != nil || s.states.starts != release.MostCleanups {
		t.Errorf("%v after %d executions", err, s.states.starts)
	}
}

// Whoever wrote that a release is Dirty may have died before a person was called: a sweep does it, once.
func TestASweepCallsWhomNobodyHasCalled(t *testing.T) {
	s := newStage(t)
	s.change(func(r *release.Release) {
		s.enter(r, release.RollingBack, release.Dirty)
		r.Uncalled = "service orders is gone"
	})
	for range 3 {
		s.sweep()
		s.later(5 * time.Minute)
	}
	if r := s.release(); len(s.notices) != 1 || s.notices[0] != (release.Notice{Kind: release.NoticeDirty, Text: "service orders is gone"}) || r.Uncalled != "" || r.Phase != release.Dirty {
		t.Errorf("%s, told %+v, still to be called for %q", r.Phase, s.notices, r.Uncalled)
	}
}
