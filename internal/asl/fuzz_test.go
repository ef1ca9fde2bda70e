package asl_test

import (
	"encoding/json"
	"testing"

	"pgregory.net/rapid"

	"github.com/serin-aws/serin/internal/asl"
	"github.com/serin-aws/serin/statemachine/definition"
)

// maxScript bounds a run in tests: no machine needs more resumptions to fill its history.
const maxScript = 25_000

// drive resumes a run with results until it ends, and checks at each step what must always hold.
func drive(t interface{ Fatalf(string, ...any) }, run *asl.Run, result func() asl.Result) {
	for range maxScript {
		switch step := run.Next().(type) {
		case asl.End:
			if step.Status == "" || (step.Status == asl.Succeeded) != (step.Error == "") {
				t.Fatalf("a malformed end: %+v", step)
			}
			if run.HistoryEvents() > 25_000 {
				t.Fatalf("%d events", run.HistoryEvents())
			}
			if len(run.Path()) > run.Transitions() {
				t.Fatalf("%d states entered in %d transitions", len(run.Path()), run.Transitions())
			}
			return
		case asl.Invoke:
			if step.Timeout <= 0 || !json.Valid(step.Input) {
				t.Fatalf("a malformed invoke: %+v", step)
			}
			run.Resume(result())
		case asl.Sleep:
			if step.For < 0 {
				t.Fatalf("sleep of %v", step.For)
			}
			run.Resume(asl.Result{})
		}
	}
	t.Fatalf("no end in %d steps", maxScript)
}

// Whatever a definition holds, Load answers or refuses, and what it takes can be run to an end.
func FuzzLoad(f *testing.F) {
	f.Add(definition.Release(), []byte(`{"target":"x"}`))
	f.Add([]byte(machine(`"A":{"Type":"Wait","SecondsPath":"$.w","Next":"Z"}`+end)), []byte(`{"w":1}`))
	f.Add([]byte(machine(`"A":{`+task+`,"ResultPath":"$.r","Parameters":{"a.$":"States.Format('{}\\{', $.a)","b":[{"c.$":"$"}]},`+
		`"Retry":[{"ErrorEquals":["States.ALL"],"JitterStrategy":"FULL"}],"Catch":[{"ErrorEquals":["States.ALL"],"Next":"Z"}]}`+end)), []byte(`{"a":1}`))
	f.Add([]byte(machine(`"A":{"Type":"Fail","Error":"E","CausePath":"States.JsonToString($$.Execution.Input)"}`)), []byte(`[]`))
	f.Fuzz(func(t *testing.T, text, input []byte) {
		m, err := asl.Load(text)
		if (err == nil) != (m != nil) {
			t.Fatalf("machine %v and error %v", m, err)
		}
		if err != nil {
			return
		}
		results := []asl.Result{failure("X"), output(string(input)), failure("States.Timeout")}
		i := 0
		drive(t, m.Start(asl.Execution{ID: arn, Input: input, StartTime: begin}, func() float64 { return 0.5 }), func() asl.Result {
			i++
			return results[i%len(results)]
		})
	})
}

// Whatever the functions answer, the release machine ends, and never in a way that it does not name. The answers are
// objects, as every function of ours gives them: an error could not be put beside anything else.
func TestAnyScriptEnds(t *testing.T) {
	m := load(t, string(definition.Release()))
	words := []string{"wait", "check", "shift", "promote", "settle", "rollback", "done", "recovered", "nothing", "refused", "?"}
	errors := []string{
		"States.Timeout", "Lambda.Unknown", "Lambda.TooManyRequestsException", "Throttled", "Invalid", "LedgerCorrupt", "States.Runtime", "wrapError",
	}
	answer := rapid.Custom(func(t *rapid.T) asl.Result {
		switch rapid.IntRange(0, 9).Draw(t, "kind") {
		case 0, 1, 2:
			return failure(rapid.SampledFrom(errors).Draw(t, "error"))
		case 3:
			return output(rapid.SampledFrom([]string{`{}`, `{"next":1}`, `{"next":"wait"}`, `{"next":{}}`, `{`}).Draw(t, "odd"))
		}
		text, err := json.Marshal(map[string]any{
			"release": "r-1", "note": "why", "wait": rapid.IntRange(-1, 300).Draw(t, "wait"),
			"next": rapid.SampledFrom(words).Draw(t, "next"),
		})
		if err != nil {
			t.Fatal(err)
		}
		return output(string(text))
	})
	named := map[string]bool{"RolledBack": true, "Refused": true, "Dirty": true, "States.Runtime": true, "States.Timeout": true}
	rapid.Check(t, func(t *rapid.T) {
		input := rapid.SampledFrom([]string{``, `{}`, `{"intent":"recover"}`, `{"intent":"rollback"}`, `{"intent":3}`}).Draw(t, "input")
		script := rapid.SliceOfN(answer, 1, 60).Draw(t, "script")
		run := m.Start(asl.Execution{ID: arn, Input: json.RawMessage(input), StartTime: begin}, func() float64 {
			return rapid.Float64Range(0, 0.999).Draw(t, "random")
		})
		i := -1
		drive(t, run, func() asl.Result {
			if i++; i < len(script) {
				return script[i]
			}
			return output(`{"next":"rollback","note":"the script is over"}`) // unknown to Restored?: on to Dirty
		})
		if last, ok := run.Next().(asl.End); !ok || last.Status != asl.Succeeded && !named[last.Error] {
			t.Fatalf("ended as %s", show(run.Next()))
		}
	})
}
