package definition_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/serin-aws/serin/internal/asl"
	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/statemachine/definition"
)

const execution = "arn:aws:states:eu-west-1:123456789012:execution:serin:run-1"

var begin = time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)

func start(t *testing.T, input string) *asl.Run {
	t.Helper()
	machine, err := asl.Load(definition.Release())
	if err != nil {
		t.Fatal(err)
	}
	return machine.Start(asl.Execution{
		ID: execution, Name: "run-1", Input: json.RawMessage(input), StartTime: begin,
	}, func() float64 { return 1 })
}

// answer is what a function says when all is well.
func answer(next release.Next) asl.Result {
	text, err := json.Marshal(release.Answer{Release: "r-1", Next: next, Wait: 60, Note: "why " + string(next)})
	if err != nil {
		panic(err)
	}
	return asl.Result{Output: text}
}

// tasks are the four functions' states.
var tasks = []string{"DeployCanary", "CheckAlarms", "Promote", "Rollback"}

// at returns a run whose current step is the invocation of a task.
func at(t *testing.T, task string) *asl.Run {
	t.Helper()
	run := start(t, `{"target":"orders"}`)
	script := map[string][]release.Next{
		"DeployCanary": nil,
		"CheckAlarms":  {release.NextCheck},
		"Promote":      {release.NextCheck, release.NextPromote},
		"Rollback":     {release.NextRollback},
	}[task]
	for _, next := range script {
		run.Resume(answer(next))
	}
	if got := run.Next().(asl.Invoke).State; got != task {
		t.Fatalf("the way to %s leads to %s", task, got)
	}
	return run
}

// failOn fails every attempt of the current task with one error until the state is left. It returns the number of
// retries and the time spent in back-off.
func failOn(run *asl.Run, name string) (retries int, backOff time.Duration) {
	entered := len(run.Path())
	for len(run.Path()) == entered {
		switch step := run.Next().(type) {
		case asl.End:
			return retries, backOff
		case asl.Sleep:
			retries++
			backOff += step.For
			run.Resume(asl.Result{})
		case asl.Invoke:
			run.Resume(asl.Result{Error: name, Cause: "because " + name})
		}
	}
	return retries, backOff
}

// stateOf is where a run stands.
func stateOf(run *asl.Run) string { return run.Path()[len(run.Path())-1] }

// Every declared code, at every task, leads where its class says.
func TestErrorCodes(t *testing.T) {
	for _, task := range tasks {
		for _, row := range release.Codes() {
			t.Run(task+"/"+string(row.Code), func(t *testing.T) {
				run := at(t, task)
				retries, _ := failOn(run, string(row.Code))
				want := map[release.Class]string{release.ClassRetry: "Rollback", release.ClassRollback: "Rollback", release.ClassDirty: "MarkDirty"}[row.Class]
				if task == "Rollback" { // nothing stands behind it but a person
					want = "MarkDirty"
				}
				if got := stateOf(run); got != want {
					t.Errorf("arrived at %s, want %s", got, want)
				}
				retried := row.Class == release.ClassRetry || task == "Rollback" && row.Class != release.ClassDirty
				if (retries > 0) != retried {
					t.Errorf("%d retries", retries)
				}
			})
		}
	}
}

// A crash or a timeout of a function must not roll back a good release: one good answer after any number of bad
// ones short of the last carries on.
func TestCrashesAreRetried(t *testing.T) {
	errors := []string{
		"Lambda.Unknown", "Sandbox.Timedout", "Runtime.ExitError", "States.Timeout", "Lambda.TooManyRequestsException",
		"Lambda.ServiceException", "Lambda.AWSLambdaException", "Lambda.SdkClientException",
		"Lambda.ClientExecutionTimeoutException", "Lambda.CodeArtifactUserPendingException",
	}
	for _, task := range tasks {
		for _, name := range errors {
			full, _ := failOn(at(t, task), name)
			if full < 4 {
				t.Errorf("%s: %s is retried %d times only", task, name, full)
			}
			run := at(t, task)
			for range full {
				run.Resume(asl.Result{Error: name})
				run.Resume(asl.Result{})
			}
			run.Resume(answer(release.NextWait))
			if _, asleep := run.Next().(asl.Sleep); !asleep || slices.Contains(run.Path()[len(run.Path())-2:], "MarkDirty") {
				t.Errorf("%s: %s and then a good answer led to %s", task, name, stateOf(run))
			}
		}
	}
}

// Any other error is a surprise; behind the first mutation it brings the baseline back.
func TestSurprisesRollBack(t *testing.T) {
	for _, task := range tasks[:3] {
		run := at(t, task)
		if retries, _ := failOn(run, "wrapError"); retries != 0 || stateOf(run) != "Rollback" {
			t.Errorf("%s: %d retries, then %s", task, retries, stateOf(run))
		}
		var input struct {
			Data struct {
				Error struct{ Error, Cause string }
			}
		}
		if err := json.Unmarshal(run.Next().(asl.Invoke).Input, &input); err != nil {
			t.Fatal(err)
		}
		if got := input.Data.Error; got.Error != "wrapError" || got.Cause != "because wrapError" {
			t.Errorf("%s: Rollback is not told of the error: %+v", task, got)
		}
	}
}

// Rollback's retries span a broken function: about six hours, the first of them soon. Here each delay is as long as it may
// be; they are drawn evenly from zero up, so that on average they are half as long.
func TestRollbackRetriesForSixHours(t *testing.T) {
	for _, name := range []string{"Runtime.ExitError", "Lambda.TooManyRequestsException", "Unavailable", "Denied"} {
		run := at(t, "Rollback")
		retries, backOff := failOn(run, name)
		if mean := backOff / 2; mean < 6*time.Hour || mean > 6*time.Hour+30*time.Minute {
			t.Errorf("%s: %d retries in %v", name, retries, mean)
		}
		if run.HistoryEvents() > 200 {
			t.Errorf("%s: the retries alone take %d history events", name, run.HistoryEvents())
		}
	}
	run := at(t, "Rollback")
	run.Resume(asl.Result{Error: "Lambda.ServiceException"})
	if got := run.Next().(asl.Sleep).For; got > 5*time.Second {
		t.Errorf("the first retry comes after %v", got)
	}
}

// Every word that a function may say, at every task: where it leads, and where all other words lead.
func TestWords(t *testing.T) {
	words := []release.Next{
		release.NextWait, release.NextCheck, release.NextShift, release.NextPromote, release.NextSettle,
		release.NextRollback, release.NextDone, release.NextRecovered, release.NextNothing, release.NextRefused, "", "Wait", "unknown",
	}
	for task, test := range map[string]struct {
		known     map[release.Next]string
		otherwise string
	}{
		"DeployCanary": {map[release.Next]string{
			"wait": "WaitForCanary", "check": "CheckAlarms", "nothing": "NothingToRelease", "refused": "Refused",
		}, "Rollback"},
		"CheckAlarms": {map[release.Next]string{"wait": "Bake", "shift": "DeployCanary", "promote": "Promote"}, "Rollback"},
		"Promote":     {map[release.Next]string{"wait": "WaitForPromotion", "settle": "CheckAlarms", "done": "Released"}, "Rollback"},
		"Rollback":    {map[release.Next]string{"wait": "WaitForRollback", "done": "RolledBack", "recovered": "Recovered"}, "MarkDirty"},
	} {
		for _, word := range words {
			run := at(t, task)
			run.Resume(answer(word))
			want, known := test.known[word]
			if !known {
				want = test.otherwise
			}
			if got := stateOf(run); got != want {
				t.Errorf("%s says %q: arrived at %s, want %s", task, word, got, want)
			}
		}
		for _, odd := range []string{`{}`, `null`, `[]`, `"wait"`, `{"next":null}`, `{"next":["wait"]}`, `{"next":"wait"}`} {
			run := at(t, task)
			run.Resume(asl.Result{Output: json.RawMessage(odd)})
			if got := stateOf(run); got != test.otherwise {
				t.Errorf("%s answers %s: arrived at %s, want %s", task, odd, got, test.otherwise)
			}
		}
		waiting := at(t, task)
		waiting.Resume(answer(release.NextWait))
		if got := waiting.Next().(asl.Sleep).For; got != time.Minute {
			t.Errorf("%s: waits %v", task, got)
		}
		waiting.Resume(asl.Result{})
		if got := waiting.Next().(asl.Invoke).State; got != task {
			t.Errorf("%s: after the wait comes %s", task, got)
		}
	}
}

func TestIntent(t *testing.T) {
	for input, want := range map[string]string{
		``: "DeployCanary", `{"target":"x"}`: "DeployCanary", `{"intent":"release"}`: "DeployCanary",
		`{"intent":"recover"}`: "Rollback", `{"intent":"rollback"}`: "Rollback", `{"intent":"cleanup"}`: "Rollback",
		`{"intent":"other"}`: "DeployCanary", `{"intent":null}`: "DeployCanary", `[]`: "DeployCanary", `"recover"`: "DeployCanary",
	} {
		if got := start(t, input).Next().(asl.Invoke).State; got != want {
			t.Errorf("%s starts with %s, want %s", input, got, want)
		}
	}
}

func TestTasksAreToldEverything(t *testing.T) {
	run := start(t, `{"target":"orders"}`)
	first := `{"data":{"target":"orders"},"execution":"` + execution + `","state":"DeployCanary","trigger":{"target":"orders"}}`
	if got := string(run.Next().(asl.Invoke).Input); got != first {
		t.Errorf("got %s", got)
	}
	run.Resume(answer(release.NextCheck))
	second := `{"data":{"release":"r-1","next":"check","wait":60,"note":"why check"},"execution":"` + execution + `","state":"CheckAlarms","trigger":{"target":"orders"}}`
	if got := string(run.Next().(asl.Invoke).Input); got != second {
		t.Errorf("got %s", got)
	}
	for _, task := range tasks {
		step := at(t, task).Next().(asl.Invoke)
		if step.Resource != "${"+task+"}" || step.Timeout != 90*time.Second {
			t.Errorf("%s: %s, %v", task, step.Resource, step.Timeout)
		}
	}
}

func TestEnds(t *testing.T) {
	for name, test := range map[string]struct {
		task string
		next release.Next
		want asl.End
	}{
		"released":    {"Promote", release.NextDone, asl.End{Status: asl.Succeeded, State: "Released"}},
		"recovered":   {"Rollback", release.NextRecovered, asl.End{Status: asl.Succeeded, State: "Recovered"}},
		"nothing":     {"DeployCanary", release.NextNothing, asl.End{Status: asl.Succeeded, State: "NothingToRelease"}},
		"refused":     {"DeployCanary", release.NextRefused, asl.End{Status: asl.Failed, State: "Refused", Error: "Refused", Cause: "why refused"}},
		"rolled back": {"Rollback", release.NextDone, asl.End{Status: asl.Failed, State: "RolledBack", Error: "RolledBack", Cause: "why done"}},
	} {
		t.Run(name, func(t *testing.T) {
			run := at(t, test.task)
			run.Resume(answer(test.next))
			got := run.Next().(asl.End)
			got.Output = nil
			if got.Status != test.want.Status || got.State != test.want.State || got.Error != test.want.Error || got.Cause != test.want.Cause {
				t.Errorf("got %+v", got)
			}
		})
	}
}

// Dirty is reached whatever happens on the way, and each of the three calls is made.
func TestDirty(t *testing.T) {
	want := []struct{ resource, input string }{
		{
			"arn:${Partition}:states:::dynamodb:putItem",
			`{"Item":{"at":{"S":"2030-01-02T03:04:05.000Z"},"input":{"S":"{\"target\":\"orders\"}"},"pk":{"S":"execution#` + execution +
				`"},"sk":{"S":"dirty"}},"TableName":"${LedgerTable}"}`,
		},
		{
			"arn:${Partition}:states:::aws-sdk:cloudwatch:putMetricData",
			`{"MetricData":[{"Dimensions":[{"Name":"StateMachine","Value":"serin"}],"MetricName":"Dirty","Unit":"Count","Value":1}],"Namespace":"Serin"}`,
		},
		{"arn:${Partition}:states:::sns:publish", ""},
	}
	for _, broken := range []bool{false, true} {
		t.Run(fmt.Sprintf("calls fail %v", broken), func(t *testing.T) {
			run := at(t, "Rollback")
			run.Resume(asl.Result{Error: "LedgerCorrupt", Cause: "the baseline of r-1 cannot be read"})
			for _, call := range want {
				step := run.Next().(asl.Invoke)
				if step.Resource != call.resource || call.input != "" && string(step.Input) != call.input {
					t.Errorf("call %s %s\nwant %s %s", step.Resource, step.Input, call.resource, call.input)
				}
				if strings.HasSuffix(step.Resource, "sns:publish") {
					checkMessage(t, step.Input)
				}
				if broken {
					failOn(run, "States.TaskFailed")
					continue
				}
				run.Resume(asl.Result{Output: json.RawMessage(`{"SdkHttpMetadata":{}}`)})
			}
			end := run.Next().(asl.End)
			if end.Status != asl.Failed || end.State != "Dirty" || end.Error != "Dirty" || end.Cause == "" {
				t.Errorf("ended %+v", end)
			}
		})
	}
}

// A cleanup after the end of a release calls nobody, whether its first call fails or a later one; the release is well.
func TestACleanupThatFailsWakesNobody(t *testing.T) {
	for name, before := range map[string][]string{
		"at its first call":  nil,
		"after an answer":    {`{"release":"r-1","next":"wait","wait":5,"note":"","intent":"cleanup"}`},
		"with a strange one": {`{"release":"r-1","next":"what","intent":"cleanup"}`},
	} {
		t.Run(name, func(t *testing.T) {
			run := start(t, `{"intent":"cleanup","target":"orders","release":"r-1"}`)
			for _, answer := range before {
				run.Resume(asl.Result{Output: json.RawMessage(answer)})
				if _, asleep := run.Next().(asl.Sleep); asleep {
					run.Resume(asl.Result{})
				}
			}
			if _, over := run.Next().(asl.End); !over {
				failOn(run, "Panicked")
			}
			end := run.Next().(asl.End)
			if end.Status != asl.Failed || end.State != "CleanupLeft" || slices.Contains(run.Path(), "MarkDirty") {
				t.Errorf("ended %+v by way of %v", end, run.Path())
			}
		})
	}
}

// checkMessage sees that the person called is told which execution it is and why it went wrong.
func checkMessage(t *testing.T, input json.RawMessage) {
	t.Helper()
	var message struct{ TopicArn, Subject, Message string }
	if err := json.Unmarshal(input, &message); err != nil {
		t.Fatal(err)
	}
	if message.TopicArn != "${Topic}" || len(message.Subject) > 100 {
		t.Errorf("%+v", message)
	}
	for _, part := range []string{execution, "LedgerCorrupt", "the baseline of r-1 cannot be read", `"release":"r-1"`} {
		if !strings.Contains(message.Message, part) {
			t.Errorf("the message does not say %q: %s", part, message.Message)
		}
	}
}

// A plan of two 10-minute steps, looked at every minute, must stay cheap.
func TestTransitionsOfTwoSteps(t *testing.T) {
	run := start(t, `{"target":"orders"}`)
	for step := range 2 {
		for range 3 { // the tasks start
			run.Resume(answer(release.NextWait))
			run.Resume(asl.Result{})
		}
		run.Resume(answer(release.NextCheck))
		for range 10 {
			run.Resume(answer(release.NextWait))
			run.Resume(asl.Result{})
		}
		run.Resume(answer([]release.Next{release.NextShift, release.NextPromote}[step]))
	}
	run.Resume(answer(release.NextSettle))
	if got := run.Transitions(); got > 150 {
		t.Errorf("%d transitions before settling", got)
	}
}

// What a Retry or Catch names must be an error that somebody raises: one of our codes, or one of AWS's.
func TestErrorNamesAreKnown(t *testing.T) {
	known := map[string]bool{
		"Lambda.ClientExecutionTimeoutException": true, "Lambda.ServiceException": true, "Lambda.AWSLambdaException": true,
		"Lambda.SdkClientException": true, "Lambda.TooManyRequestsException": true, "Lambda.CodeArtifactUserPendingException": true,
		"Lambda.Unknown": true, "Sandbox.Timedout": true, "Runtime.ExitError": true, "States.Timeout": true, "States.ALL": true,
	}
	for _, row := range release.Codes() {
		known[string(row.Code)] = true
	}
	lists := regexp.MustCompile(`"ErrorEquals": \[([^\]]*)\]`).FindAllSubmatch(definition.Release(), -1)
	if len(lists) < 20 {
		t.Fatalf("only %d lists of errors found", len(lists))
	}
	for _, list := range lists {
		for _, name := range regexp.MustCompile(`"([^"]*)"`).FindAllSubmatch(list[1], -1) {
			if !known[string(name[1])] {
				t.Errorf("nobody raises %q", name[1])
			}
		}
	}
}

// Every state says in a sentence what it is for, and every task but those on the way to Dirty can fail safely.
func TestStatesAreExplained(t *testing.T) {
	var machine struct {
		Comment        string
		TimeoutSeconds int
		States         map[string]struct {
			Type, Comment string
			Catch         []struct{ ErrorEquals []string }
		}
	}
	if err := json.Unmarshal(definition.Release(), &machine); err != nil {
		t.Fatal(err)
	}
	if machine.Comment == "" || machine.TimeoutSeconds != 14*24*3600 {
		t.Errorf("comment %q, timeout %d", machine.Comment, machine.TimeoutSeconds)
	}
	for name, state := range machine.States {
		if !strings.HasSuffix(state.Comment, ".") {
			t.Errorf("%s has the comment %q", name, state.Comment)
		}
		if n := len(state.Catch); state.Type == "Task" && (n == 0 || !slices.Equal(state.Catch[n-1].ErrorEquals, []string{"States.ALL"})) {
			t.Errorf("%s does not catch everything", name)
		}
	}
}
