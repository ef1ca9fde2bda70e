package asl_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/serin-aws/serin/internal/asl"
)

// sleeps fails a task with each error in turn and returns the back-off before each retry, and the end.
func sleeps(t *testing.T, fields string, errors ...string) ([]time.Duration, string) {
	t.Helper()
	run := start(t, machine(`"A":{`+task+fields+`}`+end), `{"d":1}`)
	var delays []time.Duration
	for {
		switch step := run.Next().(type) {
		case asl.End:
			return delays, show(step)
		case asl.Sleep:
			delays = append(delays, step.For)
			run.Resume(asl.Result{})
		case asl.Invoke:
			if len(errors) == 0 {
				return delays, show(step)
			}
			run.Resume(failure(errors[0]))
			errors = errors[1:]
		}
	}
}

func TestRetry(t *testing.T) {
	second := func(values ...float64) []time.Duration {
		var out []time.Duration
		for _, v := range values {
			out = append(out, time.Duration(v*float64(time.Second)))
		}
		return out
	}
	for name, test := range map[string]struct {
		fields string
		errors string
		delays []time.Duration
		end    string
	}{
		"defaults": {
			`,"Retry":[{"ErrorEquals":["X"]}]`, "X X X X",
			second(1, 2, 4), "FAILED A X: because X",
		},
		"fields": {
			`,"Retry":[{"ErrorEquals":["X"],"IntervalSeconds":3,"MaxAttempts":4,"BackoffRate":1.5}]`, "X X X X X",
			second(3, 4.5, 6.75, 10.125), "FAILED A X: because X",
		},
		"bounded": {
			`,"Retry":[{"ErrorEquals":["X"],"IntervalSeconds":10,"MaxAttempts":5,"MaxDelaySeconds":25}]`, "X X X X",
			second(10, 20, 25, 25), `invoke A#5 {"d":1}`,
		},
		"jittered": { // the test's random source gives a half
			`,"Retry":[{"ErrorEquals":["X"],"IntervalSeconds":10,"MaxAttempts":5,"MaxDelaySeconds":25,"JitterStrategy":"FULL"}]`, "X X X",
			second(5, 10, 12.5), `invoke A#4 {"d":1}`,
		},
		"no jitter": {
			`,"Retry":[{"ErrorEquals":["X"],"JitterStrategy":"NONE"}]`, "X", second(1), `invoke A#2 {"d":1}`,
		},
		"never": {
			`,"Retry":[{"ErrorEquals":["X"],"MaxAttempts":0},{"ErrorEquals":["States.ALL"]}]`, "X", nil, "FAILED A X: because X",
		},
		"counted for each retrier": {
			`,"Retry":[{"ErrorEquals":["X","Y"],"IntervalSeconds":1,"MaxAttempts":2},{"ErrorEquals":["C"],"IntervalSeconds":5}]`, "X Y C X",
			second(1, 2, 5), "FAILED A X: because X",
		},
		"the first retrier decides, used up or not": {
			`,"Retry":[{"ErrorEquals":["X"],"MaxAttempts":1},{"ErrorEquals":["States.ALL"],"IntervalSeconds":9}]`, "X X",
			second(1), "FAILED A X: because X",
		},
		"all": {
			`,"Retry":[{"ErrorEquals":["States.ALL"]}]`, "Anything States.Timeout Lambda.Unknown", second(1, 2, 4), `invoke A#4 {"d":1}`,
		},
		"all but runtime": {
			`,"Retry":[{"ErrorEquals":["States.ALL"]}]`, "States.Runtime", nil, "FAILED A States.Runtime: because States.Runtime",
		},
		"all but data limit": {
			`,"Retry":[{"ErrorEquals":["States.ALL"]}]`, "States.DataLimitExceeded", nil, "FAILED A States.DataLimitExceeded: because States.DataLimitExceeded",
		},
		"task failed": {
			`,"Retry":[{"ErrorEquals":["States.TaskFailed"]}]`, "Anything", second(1), `invoke A#2 {"d":1}`,
		},
		"task failed but not timeout": {
			`,"Retry":[{"ErrorEquals":["States.TaskFailed"]}]`, "States.Timeout", nil, "FAILED A States.Timeout: because States.Timeout",
		},
		"names are exact": {
			`,"Retry":[{"ErrorEquals":["lambda.unknown","Lambda.Unknow"]}]`, "Lambda.Unknown", nil, "FAILED A Lambda.Unknown: because Lambda.Unknown",
		},
		"grows no further than AWS lets it": {
			`,"Retry":[{"ErrorEquals":["X"],"IntervalSeconds":99999999,"BackoffRate":1e300,"MaxAttempts":9}]`, "X X X",
			second(99999999, 99999999, 99999999), `invoke A#4 {"d":1}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			delays, end := sleeps(t, test.fields, strings.Fields(test.errors)...)
			if !slices.Equal(delays, test.delays) || end != test.end {
				t.Errorf("got %v then %s\nwant %v then %s", delays, end, test.delays, test.end)
			}
		})
	}
}

// A retrier's count belongs to one visit of the state: a loop that comes round again starts anew.
func TestRetriesStartAnewWhenTheStateIsEnteredAgain(t *testing.T) {
	run := start(t, machine(`"A":{"Type":"Task","Resource":"r","TimeoutSeconds":9,"Next":"B","Retry":[{"ErrorEquals":["X"],"MaxAttempts":1}]},`+
		`"B":{"Type":"Wait","Seconds":7,"Next":"A"}`), `{}`)
	compare(t, script(run, failure("X"), output(`1`), failure("X"), failure("X")), []string{
		"invoke A#1 {}", "sleep A 1s retry 1", "invoke A#2 {}", "sleep B 7s retry 0",
		"invoke A#1 1", "sleep A 1s retry 1", "invoke A#2 1", "FAILED A X: because X",
	})
}

func TestRunsShareAMachineButNoCounts(t *testing.T) {
	m := load(t, machine(`"A":{`+task+`,"Retry":[{"ErrorEquals":["X"],"MaxAttempts":1}]}`+end))
	for range 3 {
		run := m.Start(asl.Execution{ID: arn}, nil)
		compare(t, script(run, failure("X"), output(`1`)), []string{"invoke A#1 {}", "sleep A 1s retry 1", "invoke A#2 {}", "SUCCEEDED Z 1"})
	}
}

func TestCatch(t *testing.T) {
	catchers := `,"Catch":[` +
		`{"ErrorEquals":["Named"],"ResultPath":"$.error","Next":"Y"},` +
		`{"ErrorEquals":["States.TaskFailed"],"Next":"Z"},` +
		`{"ErrorEquals":["States.ALL"],"ResultPath":null,"Next":"Y"}],` +
		`"Retry":[{"ErrorEquals":["Named"],"MaxAttempts":1}]`
	for name, test := range map[string]struct {
		input  string
		errors []asl.Result
		want   string
	}{
		"beside the data, after the retry": {
			`{"d":1,"error":"old"}`,
			[]asl.Result{failure("Named"), {Error: "Named", Cause: `say "x"`}},
			`SUCCEEDED Y {"d":1,"error":{"Error":"Named","Cause":"say \"x\""}}`,
		},
		"in place of the data": {`{"d":1}`, []asl.Result{failure("Other")}, `SUCCEEDED Z {"Error":"Other","Cause":"because Other"}`},
		"nowhere":              {`{"d":1}`, []asl.Result{failure("States.Timeout")}, `SUCCEEDED Y {"d":1}`},
		"not runtime":          {`{"d":1}`, []asl.Result{failure("States.Runtime")}, `FAILED A States.Runtime: because States.Runtime`},
		"into no object": {
			`[1]`,
			[]asl.Result{failure("Named"), failure("Named")},
			`FAILED A States.ResultPathMatchFailure: ResultPath $.error cannot be applied to data that is no object`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			run := start(t, machine(`"A":{`+task+catchers+`},"Y":{"Type":"Succeed"}`+end), test.input)
			steps := script(run, test.errors...)
			if got := steps[len(steps)-1]; got != test.want {
				t.Errorf("got %s\nwant %s", got, test.want)
			}
		})
	}
}
