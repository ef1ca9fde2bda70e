package asl_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/serin-aws/serin/internal/asl"
)

// One poll - Wait, Task, Choice - is three transitions and nine events.
func TestCountsOfAPoll(t *testing.T) {
	run := start(t, machine(`"A":{"Type":"Wait","Seconds":60,"Next":"B"},`+
		`"B":{"Type":"Task","Resource":"r","TimeoutSeconds":9,"Next":"C"},`+
		`"C":{"Type":"Choice","Choices":[{"Variable":"$.go","IsPresent":true,"Next":"A"}],"Default":"Z"}`+end), `{}`)
	round := func() {
		run.Resume(asl.Result{})
		run.Resume(output(`{"go":1}`))
	}
	round()
	transitions, events := run.Transitions(), run.HistoryEvents()
	round()
	if got := run.Transitions() - transitions; got != 3 {
		t.Errorf("%d transitions", got)
	}
	if got := run.HistoryEvents() - events; got != 9 {
		t.Errorf("%d events", got)
	}
	if got := strings.Join(run.Path(), " "); got != "A B C A B C A" {
		t.Error(got)
	}
}

// The history of each run written out: what is counted, event by event.
func TestCounts(t *testing.T) {
	for name, test := range map[string]struct {
		states      string
		results     []asl.Result
		transitions int
		events      int
	}{
		// ExecutionStarted, SucceedStateEntered, SucceedStateExited, ExecutionSucceeded
		"succeed": {`"A":{"Type":"Succeed"}`, nil, 1, 4},
		// ExecutionStarted, FailStateEntered, ExecutionFailed
		"fail": {`"A":{"Type":"Fail","Error":"E","Cause":"c"}`, nil, 1, 3},
		// started, entered, scheduled, task started, succeeded, exited, Z entered, exited, execution succeeded
		"task": {`"A":{` + task + `}` + end, []asl.Result{output(`1`)}, 2, 9},
		// one more attempt: one more transition, three more events
		"task with a retry": {`"A":{` + task + `,"Retry":[{"ErrorEquals":["X"]}]}` + end, []asl.Result{failure("X"), output(`1`)}, 3, 12},
		"task caught":       {`"A":{` + task + `,"Catch":[{"ErrorEquals":["X"],"Next":"Z"}]}` + end, []asl.Result{failure("X")}, 2, 9},
		// started, entered, scheduled, task started, failed, execution failed
		"task failed": {`"A":{` + task + `}` + end, []asl.Result{failure("X")}, 1, 6},
	} {
		t.Run(name, func(t *testing.T) {
			run := start(t, machine(test.states), `{}`)
			script(run, test.results...)
			if run.Transitions() != test.transitions || run.HistoryEvents() != test.events {
				t.Errorf("%d transitions and %d events, want %d and %d",
					run.Transitions(), run.HistoryEvents(), test.transitions, test.events)
			}
		})
	}
}

// fullHistory runs a machine for ever and returns the event count at its end.
func fullHistory(t *testing.T, states string) (*asl.Run, asl.End) {
	t.Helper()
	run := start(t, machine(states), `{}`)
	for range 100_000 {
		switch step := run.Next().(type) {
		case asl.End:
			return run, step
		case asl.Invoke:
			run.Resume(failure("X"))
		case asl.Sleep:
			run.Resume(asl.Result{})
		}
	}
	t.Fatal("it never ends")
	return nil, asl.End{}
}

func TestHistoryIsLimited(t *testing.T) {
	for name, states := range map[string]string{
		"choices in a circle": `"A":{"Type":"Choice","Choices":[{"Variable":"$.x","IsPresent":true,"Next":"A"}],"Default":"A"}`,
		"waits in a circle":   `"A":{"Type":"Wait","Seconds":0,"Next":"A"}`,
		"retries for ever":    `"A":{` + task + `,"Retry":[{"ErrorEquals":["X"],"MaxAttempts":99999999,"BackoffRate":1}]}` + end,
	} {
		t.Run(name, func(t *testing.T) {
			run, end := fullHistory(t, states)
			if end.Status != asl.Failed || !strings.Contains(end.Cause, "maximum number of history events") {
				t.Errorf("ended %s", show(end))
			}
			if got := run.HistoryEvents(); got < 24_990 || got > 25_000 {
				t.Errorf("%d events", got)
			}
		})
	}
}

func TestClock(t *testing.T) {
	text := machine(`"A":{` + strings.Replace(task, `"Z"`, `"W"`, 1) + `,"Parameters":{"at.$":"$$.State.EnteredTime"},"Retry":[{"ErrorEquals":["X"]}]},` +
		`"W":{"Type":"Wait","Seconds":60,"Next":"B"},"B":{` + task + `,"Parameters":{"at.$":"$$.State.EnteredTime"}}` + end)
	run := start(t, text, `{}`)
	run.Resume(asl.Result{Error: "X", At: begin.Add(10 * time.Second)})
	run.Resume(asl.Result{}) // one second of back-off
	if got := show(run.Next()); got != `invoke A#2 {"at":"2030-01-02T03:04:05.678Z"}` {
		t.Errorf("a retry moved the time of entering: %s", got)
	}
	run.Resume(asl.Result{Output: []byte(`1`), At: begin}) // earlier than what is known: no effect
	run.Resume(asl.Result{At: begin.Add(2 * time.Minute)}) // the wait ended late
	if got := show(run.Next()); got != `invoke B#1 {"at":"2030-01-02T03:06:05.678Z"}` {
		t.Errorf("got %s", got)
	}
}

func TestMachineTimeout(t *testing.T) {
	text := `{"StartAt":"A","TimeoutSeconds":100,"States":{"A":{"Type":"Wait","Seconds":70,"Next":"B"},` +
		`"B":{"Type":"Task","Resource":"r","TimeoutSeconds":60,"Next":"A","Retry":[{"ErrorEquals":["States.ALL"]}],` +
		`"Catch":[{"ErrorEquals":["States.ALL"],"Next":"A"}]}}}`
	const over = "TIMED_OUT %s States.Timeout: the state machine's TimeoutSeconds have passed"

	t.Run("a wait is cut short", func(t *testing.T) {
		run := start(t, text, `{}`)
		got := script(run, output(`1`))
		want := []string{"sleep A 1m10s retry 0", "invoke B#1 {}", "sleep A 30s retry 0", strings.Replace(over, "%s", "A", 1)}
		if !slices.Equal(got, want) {
			t.Errorf("got %q", got)
		}
	})
	t.Run("a task is cut short, and nothing catches it", func(t *testing.T) {
		run := start(t, text, `{}`)
		run.Resume(asl.Result{})
		if got := run.Next().(asl.Invoke).Timeout; got != 30*time.Second {
			t.Errorf("the task may take %v", got)
		}
		run.Resume(asl.Result{Error: "States.Timeout", At: begin.Add(100 * time.Second)})
		if got := show(run.Next()); got != strings.Replace(over, "%s", "B", 1) {
			t.Error(got)
		}
	})
}
