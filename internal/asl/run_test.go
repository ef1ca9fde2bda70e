package asl_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/serin-aws/serin/internal/asl"
)

var begin = time.Date(2030, 1, 2, 3, 4, 5, 678_000_000, time.UTC)

const arn = "arn:aws:states:eu-west-1:123456789012:execution:serin:run-1"

func start(t *testing.T, text, input string) *asl.Run {
	t.Helper()
	return load(t, text).Start(asl.Execution{
		ID: arn, Name: "run-1", Input: json.RawMessage(input), StartTime: begin,
	}, func() float64 { return 0.5 })
}

func output(text string) asl.Result  { return asl.Result{Output: json.RawMessage(text)} }
func failure(name string) asl.Result { return asl.Result{Error: name, Cause: "because " + name} }

// show writes a step as a line, for comparisons that a person can read.
func show(step asl.Step) string {
	switch s := step.(type) {
	case asl.Invoke:
		return fmt.Sprintf("invoke %s#%d %s", s.State, s.Attempt, s.Input)
	case asl.Sleep:
		return fmt.Sprintf("sleep %s %v retry %d", s.State, s.For, s.Retry)
	case asl.End:
		if s.Status == asl.Succeeded {
			return fmt.Sprintf("%s %s %s", s.Status, s.State, s.Output)
		}
		return fmt.Sprintf("%s %s %s: %s", s.Status, s.State, s.Error, s.Cause)
	}
	return fmt.Sprintf("%T", step)
}

// script resumes a run with each result in turn, sleeping where it must, and returns every step.
func script(run *asl.Run, results ...asl.Result) []string {
	steps := []string{show(run.Next())}
	for {
		switch run.Next().(type) {
		case asl.End:
			return steps
		case asl.Sleep:
			run.Resume(asl.Result{})
		case asl.Invoke:
			if len(results) == 0 {
				return steps
			}
			run.Resume(results[0])
			results = results[1:]
		}
		steps = append(steps, show(run.Next()))
	}
}

func compare(t *testing.T, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("got\n  %s\nwant\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

func TestTaskData(t *testing.T) {
	for name, test := range map[string]struct {
		fields, input string
		result        asl.Result
		want          []string
	}{
		"input as it is": {"", `{ "a" : 1 }`, output(`{"b":2}`), []string{`invoke A#1 {"a":1}`, `SUCCEEDED Z {"b":2}`}},
		"no input":       {"", ``, output(`1`), []string{`invoke A#1 {}`, `SUCCEEDED Z 1`}},
		"no output":      {"", `{}`, asl.Result{}, []string{`invoke A#1 {}`, `SUCCEEDED Z null`}},
		"big numbers stay": {
			`,"Parameters":{"n.$":"$.n"}`, `{"n":12345678901234567890.10}`, output(`1e400`),
			[]string{`invoke A#1 {"n":12345678901234567890.10}`, `SUCCEEDED Z 1e400`},
		},
		"result replaces":  {`,"ResultPath":"$"`, `{"a":1}`, output(`[2]`), []string{`invoke A#1 {"a":1}`, `SUCCEEDED Z [2]`}},
		"result discarded": {`,"ResultPath":null`, `{"a":1}`, output(`[2]`), []string{`invoke A#1 {"a":1}`, `SUCCEEDED Z {"a":1}`}},
		"result added": {
			`,"ResultPath":"$.r"`, `{"z":"<&>","a":[1, 2]}`, output(`{"b":2}`),
			[]string{`invoke A#1 {"z":"<&>","a":[1,2]}`, `SUCCEEDED Z {"a":[1,2],"z":"<&>","r":{"b":2}}`},
		},
		"result replaces a field": {`,"ResultPath":"$.a"`, `{"a":1}`, output(`2`), []string{`invoke A#1 {"a":1}`, `SUCCEEDED Z {"a":2}`}},
		"result into an empty":    {`,"ResultPath":"$.a"`, `{}`, output(`2`), []string{`invoke A#1 {}`, `SUCCEEDED Z {"a":2}`}},
		"result into no object": {
			`,"ResultPath":"$.a"`, `[]`, output(`2`),
			[]string{`invoke A#1 []`, `FAILED A States.ResultPathMatchFailure: ResultPath $.a cannot be applied to data that is no object`},
		},
		"result into no object, caught": {
			`,"ResultPath":"$.a","Catch":[{"ErrorEquals":["States.ResultPathMatchFailure"],"ResultPath":null,"Next":"Z"}]`, `[]`, output(`2`),
			[]string{`invoke A#1 []`, `SUCCEEDED Z []`},
		},
		"output no JSON": {"", `{}`, output(`{`), []string{`invoke A#1 {}`, `FAILED A States.Runtime: the task's output is not valid JSON`}},
		"literals": {
			`,"Parameters":{"s":"<x>","n":1.50,"b":true,"z":null,"o":{"p.$":"$.a"},"l":[1,[],{"q.$":"$.a"},{}]}`, `{"a":"v"}`, output(`0`),
			[]string{`invoke A#1 {"s":"<x>","n":1.50,"b":true,"z":null,"o":{"p":"v"},"l":[1,[],{"q":"v"},{}]}`, `SUCCEEDED Z 0`},
		},
		"deep path": {`,"Parameters":{"x.$":"$.a.b.c"}`, `{"a":{"b":{"c":[true]}}}`, output(`0`), []string{`invoke A#1 {"x":[true]}`, `SUCCEEDED Z 0`}},
		"path nowhere": {
			`,"Parameters":{"x.$":"$.a.b"},"Retry":[{"ErrorEquals":["States.ALL"]}],"Catch":[{"ErrorEquals":["States.ALL"],"Next":"Z"}]`,
			`{"a":"text"}`, output(`0`),
			[]string{`FAILED A States.Runtime: the path $.a.b leads nowhere in the state's input`},
		},
		"context": {
			`,"Parameters":{"i.$":"$$.Execution.Id","n.$":"$$.Execution.Name","s.$":"$$.Execution.StartTime","in.$":"$$.Execution.Input",` +
				`"t.$":"$$.State.Name","e.$":"$$.State.EnteredTime","m.$":"$$.StateMachine.Name","a.$":"$$.StateMachine.Id"}`,
			`{ "k": "v" }`, output(`0`),
			[]string{
				`invoke A#1 {"i":"` + arn + `","n":"run-1","s":"2030-01-02T03:04:05.678Z","in":{"k":"v"},` +
					`"t":"A","e":"2030-01-02T03:04:05.678Z","m":"serin","a":"arn:aws:states:eu-west-1:123456789012:stateMachine:serin"}`,
				`SUCCEEDED Z 0`,
			},
		},
		"format": {
			`,"Parameters":{"x.$":"States.Format('{}-{} \\{\\}\\' {}{}', $.s, $.n, $.b, $.z)"}`, `{"s":"a\"b","n":1.0,"b":false,"z":null}`, output(`0`),
			[]string{`invoke A#1 {"x":"a\"b-1.0 {}' falsenull"}`, `SUCCEEDED Z 0`},
		},
		"format an object": {
			`,"Parameters":{"x.$":"States.Format('{}', $)"}`, `{"s":1}`, output(`0`),
			[]string{`FAILED A States.Runtime: States.Format takes strings, numbers, booleans and null, not {"s":1}`},
		},
		"JSON to string": {
			`,"Parameters":{"x.$":"States.Format('<{}>', States.JsonToString($$.Execution.Input))"}`, `{"b": {"x":1}, "a": "\u00e9"}`, output(`0`),
			[]string{`invoke A#1 {"x":"\u003c{\"b\":{\"x\":1},\"a\":\"\\u00e9\"}\u003e"}`, `SUCCEEDED Z 0`},
		},
		"format a literal": {`,"Parameters":{"x.$":"States.Format('a{}', 'it\\'s')"}`, `{}`, output(`0`), []string{`invoke A#1 {"x":"ait's"}`, `SUCCEEDED Z 0`}},
	} {
		t.Run(name, func(t *testing.T) {
			run := start(t, machine(`"A":{`+task+test.fields+`}`+end), test.input)
			compare(t, script(run, test.result), test.want)
		})
	}
}

func TestInvokeSaysResourceAndTimeout(t *testing.T) {
	got, ok := start(t, machine(`"A":{`+task+`}`+end), `{}`).Next().(asl.Invoke)
	if !ok || got.Resource != "r" || got.Timeout != time.Minute {
		t.Errorf("got %+v", got)
	}
}

func TestChoice(t *testing.T) {
	text := machine(`"A":{"Type":"Choice","Default":"Other","Choices":[` +
		`{"And":[{"Variable":"$.a","IsPresent":true},{"Variable":"$.a","StringEquals":"x"},{"Variable":"$.b.c","IsPresent":true}],"Next":"Both"},` +
		`{"Variable":"$.a","IsPresent":false,"Next":"None"},` +
		`{"Variable":"$.a","StringEquals":"x","Next":"X"},` +
		`{"Variable":"$.b","StringEquals":"y","Next":"Y"}]},` +
		`"Both":{"Type":"Succeed"},"None":{"Type":"Succeed"},"X":{"Type":"Succeed"},"Y":{"Type":"Succeed"},"Other":{"Type":"Succeed"}`)
	for input, want := range map[string]string{
		`{"a":"x","b":{"c":null}}`: "SUCCEEDED Both",
		`{"a":"x","b":"c"}`:        "SUCCEEDED X",
		`{"a":"\u0078"}`:           "SUCCEEDED X",
		`{"a":"q","b":"y"}`:        "SUCCEEDED Y",
		`{"a":"q","b":"z"}`:        "SUCCEEDED Other",
		`{"a":null,"b":"y"}`:       "SUCCEEDED Y", // null is there, and is no string
		`{"a":1,"b":true}`:         "SUCCEEDED Other",
		`{}`:                       "SUCCEEDED None",
		`[]`:                       "SUCCEEDED None",
		`"text"`:                   "SUCCEEDED None",
		`{"a":"q"}`:                "FAILED A States.Runtime: the Choice's path $.b leads nowhere in its input",
	} {
		got := show(start(t, text, input).Next())
		if !strings.HasPrefix(got, want) {
			t.Errorf("%s: got %s, want %s", input, got, want)
		}
	}
}

func TestWait(t *testing.T) {
	byPath := machine(`"A":{"Type":"Wait","SecondsPath":"$.w","Next":"Z"}` + end)
	for input, want := range map[string]string{
		`{"w":90}`:        "sleep A 1m30s retry 0",
		`{"w":0}`:         "sleep A 0s retry 0",
		`{"w":99999999}`:  "sleep A 27777h46m39s retry 0",
		`{"w":100000000}`: "FAILED A States.Runtime: the Wait's path $.w must lead to a whole number from 0 to 99999999, not to 100000000",
		`{"w":-1}`:        "FAILED A States.Runtime: the Wait's path $.w must lead to a whole number from 0 to 99999999, not to -1",
		`{"w":1.5}`:       "FAILED A States.Runtime: the Wait's path $.w must lead to a whole number from 0 to 99999999, not to 1.5",
		`{"w":"60"}`:      `FAILED A States.Runtime: the Wait's path $.w must lead to a whole number from 0 to 99999999, not to "60"`,
		`{"w":null}`:      "FAILED A States.Runtime: the Wait's path $.w must lead to a whole number from 0 to 99999999, not to null",
		`{}`:              "FAILED A States.Runtime: the Wait's path $.w leads nowhere in its input",
	} {
		if got := show(start(t, byPath, input).Next()); got != want {
			t.Errorf("%s: got %s, want %s", input, got, want)
		}
	}
	fixed := start(t, machine(`"A":{"Type":"Wait","Seconds":5,"Next":"Z"}`+end), `{"k":1}`)
	compare(t, script(fixed), []string{"sleep A 5s retry 0", `SUCCEEDED Z {"k":1}`})
}

func TestFail(t *testing.T) {
	byPath := machine(`"A":{"Type":"Fail","Error":"E","CausePath":"$.why"}`)
	for input, want := range map[string]string{
		`{"why":"it \u0041"}`: "FAILED A E: it A",
		`{"why":""}`:          "FAILED A E: ",
		`{"why":1}`:           "FAILED A States.Runtime: CausePath must lead to a string, not to 1",
		`{}`:                  "FAILED A States.Runtime: the path $.why leads nowhere in the state's input",
	} {
		if got := show(start(t, byPath, input).Next()); got != want {
			t.Errorf("%s: got %s, want %s", input, got, want)
		}
	}
	constant := show(start(t, machine(`"A":{"Type":"Fail","Error":"E","Cause":"c"}`), `{}`).Next())
	if constant != "FAILED A E: c" {
		t.Error(constant)
	}
}

func TestInputIsChecked(t *testing.T) {
	text := machine(`"A":{"Type":"Succeed"}`)
	if got := show(start(t, text, `{`).Next()); got != "FAILED  InvalidExecutionInput: the execution's input is not valid JSON" {
		t.Error(got)
	}
	large := `"` + strings.Repeat("x", 256*1024) + `"`
	if got := show(start(t, text, large).Next()); !strings.Contains(got, "States.DataLimitExceeded") {
		t.Error(got)
	}
}

func TestDataLimit(t *testing.T) {
	large := `"` + strings.Repeat("x", 256*1024-2) + `"` // exactly 256 KiB
	caught := `,"Retry":[{"ErrorEquals":["States.ALL"]}],"Catch":[{"ErrorEquals":["States.ALL"],"Next":"Z"}]`
	for name, test := range map[string]struct {
		fields string
		result asl.Result
		want   asl.Status
		err    string
	}{
		"the most":           {``, output(large), asl.Succeeded, ""},
		"too much":           {``, output(`[` + large + `]`), asl.Failed, "States.DataLimitExceeded"},
		"too much discarded": {`,"ResultPath":null`, output(`[` + large + `]`), asl.Failed, "States.DataLimitExceeded"},
		"too much merged":    {`,"ResultPath":"$.r"`, output(large), asl.Failed, "States.DataLimitExceeded"},
		"cannot be caught":   {caught, output(`[` + large + `]`), asl.Failed, "States.DataLimitExceeded"},
		"too large a cause":  {`,"Catch":[{"ErrorEquals":["X"],"Next":"Z"}]`, asl.Result{Error: "X", Cause: large}, asl.Failed, "States.DataLimitExceeded"},
	} {
		t.Run(name, func(t *testing.T) {
			run := start(t, machine(`"A":{`+task+test.fields+`}`+end), `{}`)
			run.Resume(test.result)
			got, ok := run.Next().(asl.End)
			if !ok || got.Status != test.want || got.Error != test.err {
				t.Errorf("got %T %v %v", run.Next(), got.Status, got.Error)
			}
		})
	}
	run := start(t, machine(`"A":{`+task+`,"Parameters":{"twice.$":"$","more.$":"$"}}`+end), `"`+strings.Repeat("x", 200_000)+`"`)
	if got, ok := run.Next().(asl.End); !ok || got.Error != "States.DataLimitExceeded" {
		t.Errorf("parameters too large: got %T", run.Next())
	}
}

func TestMisuseIsLoud(t *testing.T) {
	expectPanic := func(name string, do func()) {
		t.Helper()
		defer func() {
			if recover() == nil {
				t.Errorf("%s went through", name)
			}
		}()
		do()
	}
	over := start(t, machine(`"A":{"Type":"Succeed"}`), `{}`)
	expectPanic("resuming what has ended", func() { over.Resume(asl.Result{}) })
	asleep := start(t, machine(`"A":{"Type":"Wait","Seconds":5,"Next":"Z"}`+end), `{}`)
	expectPanic("answering a sleep", func() { asleep.Resume(output(`1`)) })
	expectPanic("failing a sleep", func() { asleep.Resume(failure("X")) })
}

func TestNextStaysUntilResume(t *testing.T) {
	run := start(t, machine(`"A":{`+task+`}`+end), `{}`)
	if first := show(run.Next()); show(run.Next()) != first || run.Transitions() != 1 {
		t.Error("asking twice moved the run")
	}
}

func TestAbort(t *testing.T) {
	run := start(t, machine(`"A":{`+task+`}`+end), `{}`)
	run.Abort("Stopped", "by hand")
	if got := show(run.Next()); got != "ABORTED A Stopped: by hand" {
		t.Error(got)
	}
	run.Abort("Again", "")
	if got := show(run.Next()); got != "ABORTED A Stopped: by hand" {
		t.Error(got)
	}
}

func TestExecutionThatIsNoARN(t *testing.T) {
	m := load(t, machine(`"A":{`+task+`,"Parameters":{"m.$":"$$.StateMachine.Name"}}`+end))
	run := m.Start(asl.Execution{ID: "run-1"}, nil)
	if got := show(run.Next()); !strings.Contains(got, "was the run started with an execution ARN?") {
		t.Error(got)
	}
}
