package pipeline

import (
	"cmp"
	"fmt"

	"github.com/serin-aws/serin/internal/release"
)

// Continuation asks to be called again.
type Continuation struct {
	Token     string
	Summary   string
	Execution string // ARN
}

// Success is the end of a job whose revision serves.
type Success struct {
	Summary   string
	Execution string // ARN
	Outputs   map[string]string
}

// Failure is the end of any other job.
type Failure struct {
	Kind      Kind
	Message   string
	Execution string // name
}

// Kind is CodePipeline's type of a failure.
type Kind string

// The kinds that are used.
const (
	broken        Kind = "JobFailed"
	misconfigured Kind = "ConfigurationError"
	forbidden     Kind = "PermissionError"
)

// Bounds that CodePipeline sets, in characters; ours lie below, because people read these texts in a narrow column.
// https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_FailureDetails.html
// https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_ExecutionDetails.html
const (
	maxMessage = 2000 // of 5000
	maxSummary = 1000 // of 2048
	maxOutput  = 1000 // of 122,880 in all
)

func failure(job Job, kind Kind, message string) Failure {
	return Failure{Kind: kind, Message: cut(cmp.Or(message, "no reason was given"), maxMessage), Execution: job.Execution}
}

// success is the answer of a released revision.
func success(job Job, r *release.Release) Success {
	return Success{
		Summary: cut(fmt.Sprintf("%s serves %s: %s", r.Target.Name, r.Revision, r.Decision.Sentence), maxSummary), Execution: job.Execution,
		Outputs: outputs(r.ID, r.Judgement.Verdict.String(), r.Revision),
	}
}

// nothing is the answer of a revision that serves already: the action has what it wanted.
func nothing(job Job, said release.Answer) Success {
	return Success{
		Summary: cut(said.Note, maxSummary), Execution: job.Execution,
		Outputs: outputs(said.Release, "nothing", job.Request.Revision),
	}
}

func outputs(id release.ID, verdict string, revision release.Revision) map[string]string {
	return map[string]string{"release": string(id), "verdict": verdict, "revision": cut(cmp.Or(string(revision.Digest), revision.String()), maxOutput)}
}

// ending says why a release did not come about, and what to do.
func ending(r *release.Release) string {
	why := cmp.Or(r.Decision.Sentence, string(r.Decision.Reason), "no reason was recorded")
	if r.Phase == release.Dirty {
		return fmt.Sprintf("%s is DIRTY: its baseline could not be brought back (%s). A person is needed: serin status %s", r.Target.Name, why, r.Target.Name)
	}
	if order, abandoned := r.Abandonment(); abandoned {
		return fmt.Sprintf("%s could not be brought back (%s), and a person has given that up: %s", r.Target.Name, why, order)
	}
	return fmt.Sprintf("%s serves %s again: %s. What happened: serin report %s", r.Target.Name, r.Baseline.Name(), why, r.ID)
}

// standing says how far a release has come.
func standing(r *release.Release) string {
	if r.Asks() {
		return fmt.Sprintf("%s: step %d of %d waits for an approval: serin approve %s", r.ID, r.Step+1, len(r.Steps), r.Target.Name)
	}
	return fmt.Sprintf("%s: %s, step %d of %d. %s", r.ID, r.Phase, r.Step+1, len(r.Steps), r.Judgement.Sentence)
}

func cut(text string, most int) string {
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most-3]) + "..."
	}
	return text
}
