package asl

import (
	"fmt"
	"strings"
	"time"
)

// timestamp is how Step Functions writes a time into the context object.
const timestamp = "2006-01-02T15:04:05.000Z"

// contextValue is a path into the context object, "$$.State.Name".
type contextValue struct {
	path  string
	value func(s *scope) string // nil for the execution's input
}

var contextValues = map[string]func(s *scope) string{
	"$$.Execution.Id":        func(s *scope) string { return s.run.execution.ID },
	"$$.Execution.Name":      func(s *scope) string { return s.run.execution.Name },
	"$$.Execution.StartTime": func(s *scope) string { return written(s.run.execution.StartTime) },
	"$$.State.Name":          func(s *scope) string { return s.state },
	"$$.State.EnteredTime":   func(s *scope) string { return written(s.run.entered) },
	"$$.StateMachine.Id":     func(s *scope) string { return machineARN(s.run.execution.ID) },
	"$$.StateMachine.Name":   func(s *scope) string { return machineName(s.run.execution.ID) },
}

func parseContext(text string) (expression, error) {
	if text == "$$.Execution.Input" {
		return contextValue{path: text}, nil
	}
	value, ok := contextValues[text]
	if !ok {
		return nil, fmt.Errorf("%q is not a path into the context object that this interpreter knows", text)
	}
	return contextValue{path: text, value: value}, nil
}

func (c contextValue) appendTo(out []byte, s *scope) ([]byte, *failure) {
	if c.value == nil {
		return append(out, s.run.input.raw...), nil
	}
	text := c.value(s)
	if text == "" {
		return nil, &failure{errRuntime, fmt.Sprintf("the context path %s is empty: was the run started with an execution ARN?", c.path)}
	}
	return quote(out, text), nil
}

func written(at time.Time) string { return at.UTC().Format(timestamp) }

// machineName reads "arn:aws:states:region:account:execution:MACHINE:name"; empty when it is no such ARN.
func machineName(execution string) string {
	parts := strings.Split(execution, ":")
	if len(parts) != 8 || parts[5] != "execution" {
		return ""
	}
	return parts[6]
}

func machineARN(execution string) string {
	name := machineName(execution)
	if name == "" {
		return ""
	}
	return strings.Join(append(strings.Split(execution, ":")[:5], "stateMachine", name), ":")
}
