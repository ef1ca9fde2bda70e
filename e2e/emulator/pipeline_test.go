//go:build emulator

package emulator

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// jobs is CodePipeline as far as an action's Lambda function sees it: the emulator has none. It calls the function with
// a job, again with its token for as long as it asks for that, and takes its answer.
// https://docs.aws.amazon.com/codepipeline/latest/userguide/actions-invoke-lambda-function.html
type jobs struct {
	mu      sync.Mutex
	answers map[string]jobAnswer // by the job's id
}

type jobAnswer struct {
	JobID             string `json:"jobId"`
	ContinuationToken string
	FailureDetails    *struct{ Message string }
	ExecutionDetails  struct{ Summary, ExternalExecutionID string }
}

const (
	jobSucceeds = "CodePipeline_20150709.PutJobSuccessResult"
	jobFails    = "CodePipeline_20150709.PutJobFailureResult"
)

// take takes the answer of a job.
func (j *jobs) take(w http.ResponseWriter, r *http.Request) {
	text, err := io.ReadAll(r.Body)
	var a jobAnswer
	if err == nil {
		err = json.Unmarshal(text, &a)
	}
	if err != nil || a.JobID == "" {
		answer(w, http.StatusBadRequest, map[string]string{"__type": "ValidationException", "message": string(text)})
		return
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.answers == nil {
		j.answers = map[string]jobAnswer{}
	}
	j.answers[a.JobID] = a
	answer(w, http.StatusOK, struct{}{})
}

func (j *jobs) answered(id string) (a jobAnswer, ok bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	a, ok = j.answers[id]
	delete(j.answers, id)
	return a, ok
}

// run runs an action with these parameters to its end, and returns how it ended and how often it was continued.
func (j *jobs) run(t *testing.T, w *world, id, parameters string) (last jobAnswer, continued int) {
	t.Helper()
	text, err := os.ReadFile("../../events/codepipeline-job.json")
	if err != nil {
		t.Fatal(err)
	}
	event := decode[map[string]properties](t, text)
	job := event["CodePipeline.job"]
	job["id"] = id
	data := job["data"].(properties)
	data["actionConfiguration"].(properties)["configuration"].(properties)["UserParameters"] = parameters
	function := w.function(t, "ReleaserPipeline")
	until(t, "the job does not end", func() bool {
		data["continuationToken"] = last.ContinuationToken
		w.invoke(t, function, encode(t, event))
		found, ok := j.answered(id)
		if !ok {
			t.Fatal("the function did not answer the job")
		}
		if last = found; last.ContinuationToken == "" {
			return true
		}
		continued++
		time.Sleep(10 * time.Second) // CodePipeline takes half a minute
		return false
	})
	return last, continued
}

// function finds a function of the core stack by what its logical id begins with.
func (w *world) function(t *testing.T, begin string) string {
	t.Helper()
	for _, r := range w.resources(t, core) {
		if r.ResourceType == "AWS::Lambda::Function" && strings.HasPrefix(r.LogicalResourceID, begin) {
			return r.PhysicalResourceID
		}
	}
	t.Fatalf("stack %s has no function %s", core, begin)
	return ""
}

// invoke calls a function and wants it to succeed.
func (w *world) invoke(t *testing.T, function, payload string) {
	t.Helper()
	out := filepath.Join(t.TempDir(), "answer")
	said := read[struct{ FunctionError string }](t, w.cli, "lambda", "invoke", "--function-name", function, "--payload", payload, out)
	if said.FunctionError != "" {
		text, _ := os.ReadFile(out)
		t.Fatalf("%s failed: %s", function, strings.TrimSpace(string(text)))
	}
}
