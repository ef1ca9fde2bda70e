package rehearsal

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"github.com/serin-aws/serin/internal/asl"
	"github.com/serin-aws/serin/internal/entry"
	"github.com/serin-aws/serin/internal/operate"
	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/scenario"
)

// sweepEvery is how often the core stack lets recover look after all open releases.
const sweepEvery = 5 * time.Minute

// Deliver says how long after an execution's end recover hears of it, once for each time: after a second where it is nil,
// never where the event is lost, twice for a duplicate.
type Deliver func(status asl.Status) []time.Duration

// around installs the functions around the state machine.
func (a *Account) around() {
	a.recover = plain("recover", a.serin.Recover())
	a.operate = plain("operate", a.serin.Operate())
}

// plain is a function that the state machine does not call.
func plain[Answer any](name string, f entry.Function[Answer]) function {
	return function{name: name, handler: func(ctx context.Context, event json.RawMessage) (any, error) { return f(ctx, event) }}
}

// ended tells recover of an execution that ended otherwise than by a state of its own, as the rule on execution-status
// events does, and lets the sweep begin: before, it would find nothing to do.
func (a *Account) ended(e *execution) {
	if e.end.Status == asl.Succeeded || e.end.State == "RolledBack" || e.end.State == "Refused" {
		return
	}
	delays := []time.Duration{time.Second}
	if a.deliver != nil {
		delays = a.deliver(e.end.Status)
	}
	event, err := json.Marshal(map[string]any{
		"source": "aws.states", "detail-type": "Step Functions Execution Status Change",
		"detail": map[string]any{"executionArn": e.arn, "stateMachineArn": machineARN, "status": e.end.Status},
	})
	if err != nil { // texts
		panic(err)
	}
	for _, delay := range delays {
		a.loop.After(delay, func() { a.call(a.recover, event) })
	}
	if !a.sweeps {
		a.sweeps = true
		a.loop.After(sweepEvery, a.sweep)
	}
}

// sweep lets recover look after all open releases, again and again.
func (a *Account) sweep() {
	a.call(a.recover, json.RawMessage(`{"sweep":true}`))
	a.loop.After(sweepEvery, a.sweep)
}

// call runs a function that nobody waits for.
func (a *Account) call(f function, event json.RawMessage) {
	a.invokeFunction(f, caller{}, event, func(asl.Result) {})
}

// Order lets a person give an order. What became of it is told in Orders, once the function has answered.
func (r *Run) Order(o scenario.Order) {
	r.account.order(r.plan.Target.Name, o, func(result asl.Result) { r.ordered(o, result) })
}

// Runbook starts a runbook as somebody, as the console does. What became of it is told as of an order. It may start another
// release: the run goes on until that is over, too.
func (r *Run) Runbook(document, who string, parameters map[string][]string) {
	r.over = false
	r.asked++
	r.account.automate(document, who, parameters, func(result asl.Result) {
		r.asked--
		r.ordered(scenario.Order{Verb: strings.TrimPrefix(document, operate.Runbook("")), Who: who}, result)
	})
}

func (r *Run) ordered(o scenario.Order, result asl.Result) {
	r.Orders = append(r.Orders, Ordered{At: r.Now(), Order: o, Answer: result.Output, Refused: result.Cause})
}

// order gives an order of a scenario's.
func (a *Account) order(target release.TargetName, o scenario.Order, done func(asl.Result)) {
	a.give(operate.Input{Verb: release.OrderVerb(o.Verb), Who: o.Who, Target: target, Why: o.Why, NoData: o.NoData, Alarms: o.Alarms}, done)
}

// give starts the runbook of an order.
func (a *Account) give(in operate.Input, done func(asl.Result)) {
	a.automate(operate.Runbook(in.Verb), in.Who, in.Parameters(), done)
}

// automate starts a runbook; its one step calls operate. done hears what came of it.
func (a *Account) automate(document, who string, parameters map[string][]string, done func(asl.Result)) {
	execution := a.SSM.Automate(document, who, parameters)
	call, err := json.Marshal(operate.Call{Execution: execution})
	if err != nil { // a text
		panic(err)
	}
	var try func(attempts int)
	try = func(attempts int) {
		a.invokeFunction(a.operate, caller{}, call, func(result asl.Result) {
			if result.Error != "" && attempts > 1 {
				try(attempts - 1)
				return
			}
			a.SSM.Automated(execution, ended(result))
			done(result)
		})
	}
	try(operate.Attempts)
}

func ended(result asl.Result) types.AutomationExecutionStatus {
	if result.Error != "" {
		return types.AutomationExecutionStatusFailed
	}
	return types.AutomationExecutionStatusSuccess
}

// Ordered is an order of the scenario, and what came of it.
type Ordered struct {
	At      time.Time
	Order   scenario.Order
	Answer  json.RawMessage
	Refused string // Lambda's text of the refusal
}

// notes takes what the functions write into their log for CloudWatch's metrics.
type notes struct{ account *Account }

// Write sees whether the metric of the Dirty alarm was raised.
func (n notes) Write(line []byte) (int, error) {
	if bytes.Contains(line, []byte(`"Dirty":1`)) {
		n.account.dirtyCounted = true
	}
	return len(line), nil
}
