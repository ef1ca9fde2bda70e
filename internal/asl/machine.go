package asl

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// maxDefinition is the largest definition in bytes. Source: Step Functions service quotas, "request size".
const maxDefinition = 1 << 20

// Machine is a state machine ready to run. Nothing changes it, so any number of runs may share it.
type Machine struct {
	start   *state
	states  map[string]*state
	names   []string      // in the order of the definition
	timeout time.Duration // 0: none
}

// Load reads a definition and checks it as a whole. The error names the state and the field.
func Load(definition []byte) (*Machine, error) {
	if len(definition) > maxDefinition {
		return nil, fmt.Errorf("asl: the definition has %d bytes, more than %d", len(definition), maxDefinition)
	}
	machine, err := readMachine(readObject("the state machine", definition))
	if err != nil {
		return nil, fmt.Errorf("asl: %w", err)
	}
	return machine, nil
}

func readMachine(o *object) (*Machine, error) {
	o.comment()
	if o.has("Version") && o.text("Version") != "1.0" {
		o.fail("field \"Version\" must be 1.0")
	}
	if o.has("QueryLanguage") && o.text("QueryLanguage") != "JSONPath" {
		o.fail("field \"QueryLanguage\" must be JSONPath")
	}
	m := &Machine{states: map[string]*state{}}
	if o.has("TimeoutSeconds") {
		m.timeout = time.Duration(o.whole("TimeoutSeconds", 1, maxSeconds)) * time.Second
	}
	start := transition{name: o.text("StartAt")}
	states := readObject("field \"States\"", o.need("States"))
	if o.err == nil {
		o.err = m.readStates(states)
	}
	if err := o.done(); err != nil {
		return nil, err
	}
	if err := m.link(&start); err != nil {
		return nil, err
	}
	m.start = start.to
	return m, m.checkReached()
}

func (m *Machine) readStates(o *object) error {
	m.names = o.names
	for _, name := range o.names {
		if o.err != nil {
			break
		}
		s, err := readState(name, o.take(name))
		if err != nil {
			return err
		}
		m.states[name] = s
	}
	return o.done()
}

// link resolves every transition by name.
func (m *Machine) link(start *transition) error {
	if start.to = m.states[start.name]; start.to == nil {
		return fmt.Errorf("field \"StartAt\" names %q, which is no state", start.name)
	}
	for _, name := range m.names {
		for _, next := range m.states[name].transitions() {
			if next.to = m.states[next.name]; next.to == nil {
				return fmt.Errorf("state %q leads to %q, which is no state", name, next.name)
			}
		}
	}
	return nil
}

// checkReached finds states that nothing leads to.
func (m *Machine) checkReached() error {
	reached := map[*state]bool{m.start: true}
	open := []*state{m.start}
	for len(open) > 0 {
		s := open[0]
		open = open[1:]
		for _, next := range s.transitions() {
			if !reached[next.to] {
				reached[next.to] = true
				open = append(open, next.to)
			}
		}
	}
	for _, name := range m.names {
		if !reached[m.states[name]] {
			return fmt.Errorf("state %q is reached from nowhere", name)
		}
	}
	return nil
}

// States returns the names of all states in the order of the definition.
func (m *Machine) States() []string { return slices.Clone(m.names) }

// Resource returns the Resource of a Task state, or "" for any other name.
func (m *Machine) Resource(name string) string {
	s := m.states[name]
	if s == nil || s.task == nil {
		return ""
	}
	return s.task.resource
}

// Start begins an execution. random gives numbers from 0 up to 1 for jittered back-off; it is called only there.
func (m *Machine) Start(execution Execution, random func() float64) *Run {
	if len(execution.Input) == 0 {
		execution.Input = json.RawMessage("{}")
	}
	r := &Run{
		machine:   m,
		execution: execution,
		random:    random,
		now:       execution.StartTime,
		events:    1, // ExecutionStarted
	}
	r.input = newDocument(execution.Input)
	switch {
	case r.input == nil: // StartExecution would not have started it
		r.finish(End{Status: Failed, Error: "InvalidExecutionInput", Cause: "the execution's input is not valid JSON"})
	case len(r.input.raw) > maxPayload:
		r.fail(&failure{errTooBig, fmt.Sprintf("the input holds %d bytes, more than %d", len(r.input.raw), maxPayload)})
	default:
		r.advance(m.start, r.input)
	}
	return r
}
