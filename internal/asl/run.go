package asl

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// maxEvents is how long an execution's history may grow; event 25,000 must be the last.
// Source: Step Functions Developer Guide, "Avoid reaching the history quota".
const maxEvents = 25000

// Run is one execution. It is not safe for concurrent use.
type Run struct {
	machine   *Machine
	execution Execution
	input     *document // the execution's
	random    func() float64

	now     time.Time // as far as the caller has told
	entered time.Time // when the state was entered
	at      *state
	data    *document // the state's input
	tries   int       // attempts of the task since the state was entered
	retries []int     // retries of each retrier since the state was entered
	pending Step

	path        []string
	transitions int
	events      int
}

// Next returns what the execution waits for. It stays the same until Resume.
func (r *Run) Next() Step { return r.pending }

// Resume says what came of the step. To resume an execution that has ended, or to answer a Sleep with an output or
// an error, is a mistake of the caller and panics.
func (r *Run) Resume(result Result) {
	switch step := r.pending.(type) {
	case Invoke:
		r.resumeInvoke(result)
	case Sleep:
		if result.Output != nil || result.Error != "" {
			panic("asl: a Sleep was resumed with the result of a task")
		}
		r.resumeSleep(step, result.At)
	default:
		panic("asl: an execution that has ended was resumed")
	}
}

// Abort ends the execution from outside, as StopExecution does. It does nothing once the execution has ended.
func (r *Run) Abort(err, cause string) {
	if _, over := r.pending.(End); !over {
		r.finish(End{Status: Aborted, State: r.stateName(), Error: err, Cause: cause})
	}
}

// Path returns the names of the states entered, in order. A retry of a task does not enter it again. The names are
// shared with the run and not to be changed.
func (r *Run) Path() []string { return slices.Clip(r.path) }

// Transitions returns what AWS bills: the states entered and the retries.
func (r *Run) Transitions() int { return r.transitions }

// HistoryEvents returns how many events the execution's history holds, as AWS counts for the states known here: one
// when the execution starts and one when it ends, one when a state is entered and one when it is left (a Fail
// state is never left, nor is a state whose error ends the execution), and for each attempt of a task three: that it
// was scheduled, that it started, and what came of it.
func (r *Run) HistoryEvents() int { return r.events }

func (r *Run) resumeInvoke(result Result) {
	r.tick(result.At)
	r.events++ // succeeded, failed or timed out
	if r.expired() {
		return
	}
	var next *state
	var data *document
	if result.Error != "" {
		next, data = r.failed(&failure{result.Error, result.Cause})
	} else {
		next, data = r.answered(result.Output)
	}
	r.advance(next, data)
}

func (r *Run) resumeSleep(step Sleep, at time.Time) {
	r.tick(r.now.Add(step.For))
	r.tick(at)
	if r.expired() {
		return
	}
	if step.Retry > 0 {
		r.transitions++
		next, data := r.attempt()
		r.advance(next, data)
		return
	}
	r.events++ // WaitStateExited
	r.advance(r.at.wait.next.to, r.data)
}

// advance goes from state to state until there is something to wait for.
func (r *Run) advance(s *state, data *document) {
	for s != nil {
		if !r.enter(s, data) {
			return
		}
		s, data = r.visit()
	}
}

// enter makes s the current state. It answers false when the history is full.
func (r *Run) enter(s *state, data *document) bool {
	r.at, r.data, r.entered = s, data, r.now
	r.tries, r.retries = 0, nil
	r.path = append(r.path, s.name)
	r.transitions++
	r.events++
	return r.room()
}

// room ends the execution when its history is full. AWS documents no name for this error.
func (r *Run) room() bool {
	if r.events < maxEvents-1 {
		return true
	}
	r.fail(&failure{errRuntime, fmt.Sprintf("the execution reached the maximum number of history events (%d)", maxEvents)})
	return false
}

// visit does what the current state does, and returns where it leads or nil when there is something to wait for.
func (r *Run) visit() (*state, *document) {
	switch s := r.at; {
	case s.choice != nil:
		next, err := s.choice.pick(r.data)
		if err != nil {
			r.fail(err)
			return nil, nil
		}
		r.events++
		return next, r.data
	case s.task != nil:
		return r.attempt()
	case s.wait != nil:
		length, err := s.wait.duration(r.data)
		if err != nil {
			r.fail(err)
			return nil, nil
		}
		r.sleep(length, 0)
	case s.succeed:
		r.events++
		r.finish(End{Status: Succeeded, State: s.name, Output: r.data.raw})
	default:
		r.fail(s.fail.failure(r.scope()))
	}
	return nil, nil
}

// attempt invokes the current task.
func (r *Run) attempt() (*state, *document) {
	t := r.at.task
	input := r.data.raw
	if t.parameters != nil {
		var err *failure
		if input, err = t.parameters.fill(r.scope()); err != nil {
			return r.failed(err)
		}
	}
	r.events += 2 // scheduled, started
	if !r.room() {
		return nil, nil
	}
	r.tries++
	r.pending = Invoke{
		State: r.at.name, Resource: t.resource, Input: input, Attempt: r.tries,
		Timeout: r.within(t.timeout),
	}
	return nil, nil
}

// answered takes a task's output.
func (r *Run) answered(output json.RawMessage) (*state, *document) {
	result := newDocument(output)
	if result == nil {
		return r.failed(&failure{errRuntime, "the task's output is not valid JSON"})
	}
	data, err := r.at.task.result.put(r.data, result)
	if err != nil {
		return r.failed(err)
	}
	if size := max(len(result.raw), len(data.raw)); size > maxPayload {
		return r.failed(&failure{errTooBig, fmt.Sprintf("the task's output holds %d bytes, more than %d", size, maxPayload)})
	}
	r.events++
	return r.at.task.next.to, data
}

// failed looks for a retry, then for a catch. The first retrier that names the error decides: once its attempts
// are used up, no later one is asked.
func (r *Run) failed(err *failure) (*state, *document) {
	t := r.at.task
	if r.retries == nil {
		r.retries = make([]int, len(t.retry))
	}
	for i, retrier := range t.retry {
		if !retrier.errors.match(err) {
			continue
		}
		if r.retries[i] < retrier.attempts {
			delay := retrier.delay(r.retries[i], r.random)
			r.retries[i]++
			r.sleep(delay, r.tries)
			return nil, nil
		}
		break
	}
	for _, c := range t.catch {
		if c.errors.match(err) {
			return r.caught(c, err)
		}
	}
	r.fail(err)
	return nil, nil
}

// caught puts the error's output {Error, Cause} where the catcher says.
func (r *Run) caught(c *catcher, err *failure) (*state, *document) {
	output := quote([]byte(`{"Error":`), err.name)
	output = append(quote(append(output, `,"Cause":`...), err.cause), '}')
	data, misplaced := c.result.put(r.data, &document{raw: output})
	if misplaced != nil {
		r.fail(misplaced)
		return nil, nil
	}
	if len(data.raw) > maxPayload {
		r.fail(&failure{errTooBig, fmt.Sprintf("the error's output holds %d bytes, more than %d", len(data.raw), maxPayload)})
		return nil, nil
	}
	r.events++
	return c.next.to, data
}

func (r *Run) sleep(length time.Duration, retry int) {
	r.pending = Sleep{State: r.at.name, For: r.within(length), Retry: retry}
}

func (r *Run) fail(err *failure) {
	r.finish(End{Status: Failed, State: r.stateName(), Error: err.name, Cause: err.cause})
}

func (r *Run) finish(end End) {
	r.events = min(r.events+1, maxEvents) // the last one takes the place of what no longer fitted
	r.pending = end
}

func (r *Run) stateName() string {
	if r.at == nil {
		return ""
	}
	return r.at.name
}

func (r *Run) scope() *scope { return &scope{data: r.data, run: r, state: r.at.name} }

// tick moves the clock on, never back.
func (r *Run) tick(at time.Time) {
	if at.After(r.now) {
		r.now = at
	}
}

// left is the time until the machine's own timeout.
func (r *Run) left() time.Duration {
	return r.machine.timeout - r.now.Sub(r.execution.StartTime)
}

// within cuts a duration at the machine's timeout.
func (r *Run) within(length time.Duration) time.Duration {
	if r.machine.timeout == 0 {
		return length
	}
	return min(length, r.left())
}

// expired ends the execution when the machine's timeout has passed.
func (r *Run) expired() bool {
	if r.machine.timeout == 0 || r.left() > 0 {
		return false
	}
	r.finish(End{Status: TimedOut, State: r.at.name, Error: errTimeout, Cause: "the state machine's TimeoutSeconds have passed"})
	return true
}
