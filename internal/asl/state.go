package asl

import (
	"encoding/json"
	"strconv"
	"time"
	"unicode/utf8"
)

// state is one state of a machine. Exactly one of the kinds is set.
type state struct {
	name    string
	choice  *choice
	task    *task
	wait    *wait
	succeed bool
	fail    *fail
}

// transition is a Next, a Default or a Catch's Next: a name until the machine is linked.
type transition struct {
	name string
	to   *state
}

type task struct {
	resource   string
	parameters *template // nil: the state's input as it is
	timeout    time.Duration
	result     resultPath
	retry      []retrier
	catch      []*catcher
	next       transition
}

type wait struct {
	seconds time.Duration
	path    path // nil: seconds
	next    transition
}

type fail struct {
	err       string
	cause     string
	causePath expression // nil: cause
}

// maxName is the longest name of a state in characters. Source: Step Functions Developer Guide, state machine structure.
const maxName = 80

func readState(name string, raw json.RawMessage) (*state, error) {
	o := readObject(`state "`+name+`"`, raw)
	s := &state{name: name}
	if length := utf8.RuneCountInString(name); length == 0 || length > maxName {
		o.fail("has a name of %d characters; it must have from 1 to %d", length, maxName)
	}
	o.comment()
	switch kind := o.text("Type"); kind {
	case "Choice":
		s.choice = readChoice(o)
	case "Task":
		s.task = readTask(o)
	case "Wait":
		s.wait = readWait(o)
	case "Succeed":
		s.succeed = true
	case "Fail":
		s.fail = readFail(o)
	default:
		o.fail("has the type %q, which this interpreter does not know; it must be Choice, Task, Wait, Succeed or Fail", kind)
	}
	return s, o.done()
}

func readTask(o *object) *task {
	t := &task{
		resource: o.text("Resource"),
		timeout:  time.Duration(o.whole("TimeoutSeconds", 1, maxSeconds)) * time.Second,
		result:   o.resultPath(),
		retry:    readRetry(o),
		catch:    readCatch(o),
		next:     transition{name: o.text("Next")},
	}
	if o.has("Parameters") {
		parameters := readObject(o.at+" Parameters", o.take("Parameters"))
		t.parameters = readTemplate(parameters)
		if err := parameters.done(); err != nil && o.err == nil {
			o.err = err
		}
	}
	return t
}

func readWait(o *object) *wait {
	w := &wait{next: transition{name: o.text("Next")}}
	if o.has("SecondsPath") {
		w.path = o.path("SecondsPath")
		return w
	}
	w.seconds = time.Duration(o.whole("Seconds", 0, maxSeconds)) * time.Second
	return w
}

func readFail(o *object) *fail {
	f := &fail{err: o.text("Error")}
	if !o.has("CausePath") {
		f.cause = o.text("Cause")
		return f
	}
	var err error
	if f.causePath, err = parseExpression(o.text("CausePath")); err != nil {
		o.fail("field \"CausePath\": %v", err)
	}
	return f
}

// transitions lists everything that leads out of the state.
func (s *state) transitions() []*transition {
	var out []*transition
	switch {
	case s.choice != nil:
		for _, r := range s.choice.rules {
			out = append(out, &r.next)
		}
		out = append(out, &s.choice.otherwise)
	case s.task != nil:
		out = append(out, &s.task.next)
		for _, c := range s.task.catch {
			out = append(out, &c.next)
		}
	case s.wait != nil:
		out = append(out, &s.wait.next)
	}
	return out
}

// duration is how long a Wait state waits.
func (w *wait) duration(data *document) (time.Duration, *failure) {
	if w.path == nil {
		return w.seconds, nil
	}
	found := w.path.in(data)
	if found == nil {
		return 0, &failure{errRuntime, "the Wait's path " + w.path.String() + " leads nowhere in its input"}
	}
	seconds, err := strconv.Atoi(string(found.raw))
	if err != nil || seconds < 0 || seconds > maxSeconds {
		return 0, &failure{errRuntime, "the Wait's path " + w.path.String() +
			" must lead to a whole number from 0 to 99999999, not to " + string(found.raw)}
	}
	return time.Duration(seconds) * time.Second, nil
}

// failure is the error with which a Fail state ends the execution.
func (f *fail) failure(s *scope) *failure {
	if f.causePath == nil {
		return &failure{f.err, f.cause}
	}
	raw, err := f.causePath.appendTo(nil, s)
	if err != nil {
		return err
	}
	cause, ok := (&document{raw: raw}).text()
	if !ok {
		return &failure{errRuntime, "CausePath must lead to a string, not to " + string(raw)}
	}
	return &failure{f.err, cause}
}
