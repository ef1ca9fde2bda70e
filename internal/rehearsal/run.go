package rehearsal

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"time"

	"github.com/aws/smithy-go"

	"github.com/serin-aws/serin/internal/asl"
	"github.com/serin-aws/serin/internal/ledger"
	"github.com/serin-aws/serin/internal/price"
	"github.com/serin-aws/serin/internal/rehearsal/cloudwatch"
	"github.com/serin-aws/serin/internal/rehearsal/faults"
	"github.com/serin-aws/serin/internal/rehearsal/invariant"
	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/scenario"
	"github.com/serin-aws/serin/internal/story"
	"github.com/serin-aws/serin/internal/targetfile"
	"github.com/serin-aws/serin/statemachine/definition"
)

// Plan is what is rehearsed. It is read only, so many runs may share one.
type Plan struct {
	Target     release.Target
	Scenario   scenario.Scenario
	ThroughSDK bool // the real SDK clients in front of the simulated services

	// Faults returns what goes wrong in the run of a seed, of a workload that knows so many accidents; nil: nothing does.
	Faults func(seed uint64, accidents int) []faults.Fault
	// FaultsFor is how long after its start things go wrong with a release; 0: to its end.
	FaultsFor time.Duration
	// Pushes is how many images are pushed in each run, for two targets that name the same workload; 0: one release is
	// started, as usual. See crowd.go.
	Pushes int
	// Deliver says when the event of an execution's end arrives; nil: once, and soon.
	Deliver Deliver

	machine   *asl.Machine
	stored    release.Target           // as the functions read it
	parameter []byte                   // the same, as it stands in SSM
	alarms    []*cloudwatch.Definition // of the scenario
	frozen    time.Duration            // what freeze windows add to what a release may take
}

// NewPlan loads the state machine's definition for a target and a scenario.
func NewPlan(target release.Target, s scenario.Scenario) (*Plan, error) {
	if err := fits(target, s); err != nil {
		return nil, err
	}
	machine, err := asl.Load(definition.Release())
	if err != nil {
		return nil, err
	}
	alarms, err := alarmsOf(target, s)
	if err != nil {
		return nil, err
	}
	p := &Plan{Target: target, Scenario: s, machine: machine, alarms: alarms}
	if err := p.store(target); err != nil {
		return nil, err
	}
	p.frozen = frozen(target, epoch, p.bound())
	return p, nil
}

// store writes the target that the functions read.
func (p *Plan) store(target release.Target) error {
	parameter, err := targetfile.Marshal(target)
	p.stored, p.parameter = target, parameter
	return err
}

// parse reads a target as the functions do. Thousands of runs read the same text: what the plan's own text says is known.
func (p *Plan) parse(name string, text []byte) (release.Target, error) {
	if bytes.Equal(text, p.parameter) {
		return p.stored, nil
	}
	return targetfile.Parse(name, text)
}

// Run is one release under way in its own simulated account.
type Run struct {
	plan      *Plan
	seed      uint64
	account   *Account
	execution *execution
	before    []invariant.Arm
	id        release.ID
	ledger    *ledger.Ledger // past the door, for those who look on
	home      glance         // at whether the release is over
	asked     int            // runbooks that have not been answered
	over      bool           // the release has ended, or has taken longer than it may
	took      time.Duration  // from the trigger to that end

	Orders []Ordered // what came of the scenario's orders
}

// Start builds an account from the plan and starts a release in it. logs receives the functions' logs and may be nil.
func (p *Plan) Start(seed uint64, keepCalls bool, logs io.Writer) (*Run, error) {
	a, err := p.account(seed, keepCalls, logs)
	if err != nil {
		return nil, err
	}
	input, err := json.Marshal(map[string]any{"target": p.Target.Name, "revision": a.world.Revision(), "startedBy": release.Pipeline + " (rehearsed)"})
	if err != nil {
		return nil, err
	}
	a.loop.AdvanceTo(epoch)
	if err := a.world.Disturb(); err != nil {
		return nil, err
	}
	r := &Run{plan: p, seed: seed, account: a, before: a.world.Arms()}
	if p.Faults != nil {
		a.meet(p.Faults(seed, len(a.accidents())), epoch.Add(cmp.Or(p.FaultsFor, p.bound())))
	}
	r.execution = a.start("rehearsal", input)
	r.id = release.NewID(p.Target.Name, r.execution.arn)
	r.ledger = a.ledger()
	for _, o := range p.Scenario.Orders {
		a.loop.After(o.At.Std(), func() { r.Order(o) })
	}
	return r, nil
}

// Close gives back what the account holds of the machine it runs on. The run cannot go on after it.
func (r *Run) Close() { r.account.door.Close() }

// bound is how long a release may take in all: to its deadline, through promotion and settling or through the span in
// which a rollback is tried, and some.
func (p *Plan) bound() time.Duration {
	const rollback, slack = 7 * time.Hour, time.Hour
	plan := p.Target.Plan
	return plan.Deadline.Std() + plan.Settle.Std() + rollback + slack
}

// limit is the bound and what freeze windows add to it.
func (r *Run) limit() time.Duration { return r.plan.bound() + r.plan.frozen }

// frozen is how long the target's freeze windows can keep a release waiting that starts at from and takes so long without
// them.
func frozen(target release.Target, from time.Time, span time.Duration) time.Duration {
	const longest = 14 * 24 * time.Hour // the state machine's own limit
	whole := span
	for at := time.Duration(0); len(target.Freeze) > 0 && at < min(whole, longest); at += time.Minute {
		if closed, until := target.Frozen(from.Add(at)); closed {
			whole += until.Sub(from.Add(at))
			at = until.Sub(from)
		}
	}
	return whole - span
}

// Advance runs the account for so long in virtual time, or to the end of the release. Whether it is over is asked at
// events alone, so that whoever looks on in small steps sees the same story as whoever runs to the end at once.
func (r *Run) Advance(d time.Duration) {
	until := r.account.loop.Now().Add(d)
	for !r.over {
		if !r.stepTo(until) {
			r.account.loop.AdvanceTo(until)
			return
		}
	}
}

// stepTo runs the next event of the account, if it is not after t.
func (r *Run) stepTo(t time.Time) bool {
	if !r.account.loop.StepTo(t) {
		return false
	}
	r.over = r.ended() || r.Now().Sub(epoch) > r.limit()
	return true
}

// Over reports whether the execution has ended, or has taken longer than it may.
func (r *Run) Over() bool { return r.over }

// ended reports whether every execution has ended, and the release with them: one that lost its execution is taken over.
func (r *Run) ended() bool {
	if r.asked > 0 || !r.account.quiet() {
		return false
	}
	return r.home.at(r.account, r.atHome)
}

// glance is what the ledger was asked last. The answer is good for a minute, and until another execution starts.
type glance struct {
	begun  int // executions
	taken  time.Time
	answer bool
}

func (g *glance) at(a *Account, ask func() bool) bool {
	if now, begun := a.loop.Now(), len(a.executions); g.begun != begun || now.Sub(g.taken) >= time.Minute {
		*g = glance{begun, now, ask()}
	}
	return g.answer
}

// quiet reports whether no execution is under way, and no function that could still open a release.
func (a *Account) quiet() bool {
	for _, e := range a.executions {
		// A function goes on when its execution is stopped, and may open the release after that.
		if e.end == nil || e.end.Status == asl.Aborted && a.loop.Now().Before(e.done.Add(functionTimeout)) {
			return false
		}
	}
	return a.trouble == nil || a.busy == 0 // a function that was given up may open the release yet
}

// atHome asks the ledger whether the release is over.
func (r *Run) atHome() bool {
	opened, err := r.ledger.LoadMarked(context.Background(), r.id)
	if err != nil {
		return release.CodeOf(err) == release.NotFound
	}
	return opened.Phase.Final()
}

// done is when the last execution ended.
func (r *Run) done() time.Time {
	var done time.Time
	for _, e := range r.account.executions {
		if e.done.After(done) {
			done = e.done
		}
	}
	return done
}

// transitions counts those of all executions.
func (a *Account) transitions() int {
	n := 0
	for _, e := range a.executions {
		n += e.run.Transitions()
	}
	return n
}

// Now returns the virtual time.
func (r *Run) Now() time.Time { return r.account.loop.Now() }

// Finish runs to the end of the release, and long enough after it that every late effect has landed.
func (r *Run) Finish() {
	r.Advance(r.limit() + time.Hour)
	r.took = r.done().Sub(epoch)
	if !r.ended() {
		return
	}
	r.account.calmDown(r.done().Add(3*faults.MaxLate), r.ended)
}

// calmDown runs to a time after the end or, where things went wrong, until the workload has got over what befell it.
func (a *Account) calmDown(quiet time.Time, ended func() bool) {
	if a.trouble != nil {
		a.trouble.until = a.loop.Now()
		quiet = a.loop.Now().Add(calm)
	}
	a.loop.AdvanceTo(quiet)
	// A sweep that has just begun ends first, and what it starts: after the end, executions that clean up.
	for latest := quiet.Add(time.Hour); (a.busy > 0 || !ended()) && a.loop.Now().Before(latest) && a.loop.Step(); {
	}
}

// underWay reports whether an execution has not ended: after the release's end, one that cleans up after it.
func (r *Run) underWay() bool {
	return slices.ContainsFunc(r.account.executions, func(e *execution) bool { return e.end == nil })
}

// calm is how long a workload takes at most to get over an accident: ECS pauses up to 15 minutes between its attempts
// to start a task.
const calm = 20 * time.Minute

// opened returns the release, or nil where none was opened.
func (r *Run) opened(ctx context.Context) (*release.Release, error) {
	opened, err := r.ledger.Load(ctx, r.id)
	if err != nil && release.CodeOf(err) == release.NotFound {
		return nil, nil
	}
	return opened, err
}

// Story tells the release as far as it has come, from the ledger and the metrics as on AWS, with what only a rehearsal
// knows.
func (r *Run) Story(ctx context.Context) (story.Story, error) {
	told, err := r.told(ctx)
	if err != nil {
		return told, err
	}
	told.Rehearsed = &story.Rehearsed{
		Seed: r.seed, Path: r.execution.visits, Transitions: r.account.transitions(), Calls: r.account.calls, Usage: r.account.used(),
	}
	if r.execution.end != nil {
		told.Rehearsed.End = string(r.execution.end.Status)
	}
	return told, nil
}

func (r *Run) told(ctx context.Context) (story.Story, error) {
	opened, err := r.opened(ctx)
	if err != nil {
		return story.Story{}, err
	}
	if opened != nil {
		return story.Read(ctx, r.ledger, r.account.CloudWatch.Outside(), r.id)
	}
	request := release.Request{Intent: release.IntentRelease, Target: r.plan.Target.Name, Revision: r.account.world.Revision()}
	outcome, note := r.ending()
	return story.NotStarted(r.plan.Target, request, outcome, note, r.Now()), nil
}

// ending says how the execution ended, for one that opened no release.
func (r *Run) ending() (release.Outcome, string) {
	switch end := r.execution.end; {
	case end == nil:
		return release.OutcomeOpen, "the release is being prepared"
	case end.State == "NothingToRelease":
		var answer release.Answer
		if err := json.Unmarshal(end.Output, &answer); err != nil {
			return release.OutcomeNothing, ""
		}
		return release.OutcomeNothing, answer.Note
	case end.State == "Dirty":
		return release.OutcomeDirty, end.Cause
	default:
		return release.OutcomeRefused, end.Cause
	}
}

// used returns what AWS would bill.
func (a *Account) used() price.Usage {
	u := a.usage
	u.Transitions = float64(a.transitions())
	units := a.Table.Units()
	u.Writes, u.Reads = units.Write, units.Read
	return u
}

// Trace is everything that the run did to the world, in order: two runs of one seed have the same.
func (r *Run) Trace() []byte { return r.account.trace() }

func (a *Account) trace() []byte {
	var text bytes.Buffer
	for _, call := range a.calls {
		text.WriteString(call.At.Format(time.RFC3339Nano) + " " + call.Function + " " + call.Action + " " + call.Error + "\n")
	}
	return text.Bytes()
}

func (r *Run) happened() []Happened { return r.account.trouble.happened }

// errorCode returns AWS's error code, and the error's text for any other.
func errorCode(err error) string {
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		return api.ErrorCode()
	}
	return err.Error()
}
