package events

import (
	"regexp"
	"strings"

	stdjson "encoding/json"

	"github.com/go-json-experiment/json"

	"github.com/serin-aws/serin/internal/release"
)

// Job is a CodePipeline job for the Lambda invoke action, as far as serin reads it. The event carries live credentials
// for the pipeline's artifacts: they are never read, so that they can reach no log, no error and no ledger.
type Job struct {
	ID         string
	Continued  string // the continuation token: the name of the execution that an earlier job of the action started
	Parameters string // UserParameters, as the pipeline's author wrote them
}

// job is the part of the event that is read.
// https://docs.aws.amazon.com/codepipeline/latest/userguide/actions-invoke-lambda-function.html
type job struct {
	Job struct {
		ID   string `json:"id"`
		Data struct {
			Action struct {
				Configuration struct {
					Parameters string `json:"UserParameters"`
				} `json:"configuration"`
			} `json:"actionConfiguration"`
			Continued string `json:"continuationToken"`
		} `json:"data"`
	} `json:"CodePipeline.job"`
}

// nameForm is what Step Functions takes as the name of an execution, and a job's id.
var nameForm = regexp.MustCompile(`^[A-Za-z0-9_-]{1,80}$`)

// DecodeJob reads a job. Every error is a release.Error of code Invalid; it holds nothing of the event but its form.
// Where the job's id could be read it is returned beside the error, because a job that nobody answers hangs its
// pipeline.
func DecodeJob(event []byte) (Job, error) {
	if len(event) > maxEvent {
		return Job{}, wrong("it has %d bytes; at most %d are read", len(event), maxEvent)
	}
	var j job
	if err := json.Unmarshal(event, &j); err != nil {
		return Job{}, wrong("it is no CodePipeline job")
	}
	switch read := (Job{ID: j.Job.ID, Continued: j.Job.Data.Continued, Parameters: j.Job.Data.Action.Configuration.Parameters}); {
	case !nameForm.MatchString(read.ID):
		return Job{}, wrong("it is no CodePipeline job: it has no id")
	case read.Continued != "" && !nameForm.MatchString(read.Continued):
		return Job{ID: read.ID}, wrong("its continuation token is none of serin's")
	default:
		return read, nil
	}
}

// Trigger returns the input of the execution that a job starts, from its UserParameters: a start as people write it.
func (j Job) Trigger() ([]byte, release.Request, error) {
	if j.Parameters == "" {
		return nil, release.Request{}, wrong(`the action's UserParameters are empty; write what is released there, like {"target": "orders-worker", "revision": {"image": "orders-worker:#{build.TAG}"}}`)
	}
	r, err := Decode([]byte(j.Parameters))
	if err != nil {
		return nil, r, err
	}
	if r.Intent != release.IntentRelease || r.Automatic || r.Runbook != "" {
		return nil, r, wrong("the action's UserParameters must start a release: target and revision, and nothing but first, retry, emergency, reason and startedBy beside them")
	}
	if r.ByHand() {
		r.StartedBy = strings.Replace(r.StartedBy, release.Hand, release.Pipeline, 1)
	}
	input, err := stdjson.Marshal(struct {
		Target    release.TargetName `json:"target"`
		Revision  release.Revision   `json:"revision"`
		First     bool               `json:"first,omitempty"`
		Retry     bool               `json:"retry,omitempty"`
		Emergency bool               `json:"emergency,omitempty"`
		Reason    string             `json:"reason,omitempty"`
		StartedBy string             `json:"startedBy"`
	}{r.Target, r.Revision, r.First, r.Retry, r.Emergency, r.Reason, r.StartedBy})
	if err != nil { // texts and flags
		panic(err)
	}
	return input, r, nil
}
