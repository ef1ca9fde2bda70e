package events

import (
	"regexp"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"

	"github.com/serin-aws/serin/internal/release"
)

// Hint is what the function recover is called with: an execution that is said to have ended, or the time to look after
// all open releases.
type Hint struct {
	Sweep     bool
	Execution release.ExecutionARN
	Status    string // as it was said; Step Functions is asked
}

// status is a "Step Functions Execution Status Change" event, or the sweep's own input. Of the event only what names
// the execution is read: input and output are the execution's, and are asked for.
// https://docs.aws.amazon.com/step-functions/latest/dg/eventbridge-integration.html
type status struct {
	Sweep      *bool  `json:"sweep"`
	DetailType string `json:"detail-type"`
	Source     string `json:"source"`
	Detail     struct {
		Execution string `json:"executionArn"`
		Machine   string `json:"stateMachineArn"`
		Status    string `json:"status"`
	} `json:"detail"`
}

// maxEvent is what EventBridge and Step Functions let through at most.
const maxEvent = 1 << 20

var executionForm = regexp.MustCompile(`^arn:[a-z-]+:states:[a-z0-9-]+:\d{12}:execution:[A-Za-z0-9_.-]{1,80}:[A-Za-z0-9_.-]{1,80}$`)

// ended are the statuses of an execution that has no end of its own, and of one that has: which it is, the ledger says.
var ended = []string{"ABORTED", "FAILED", "TIMED_OUT", "SUCCEEDED"}

// DecodeHint reads what the function recover is called with. machine is the ARN of serin's state machine: executions of
// others are none of serin's business. Every error is a release.Error of code Invalid.
func DecodeHint(input []byte, machine string) (Hint, error) {
	if len(input) > maxEvent {
		return Hint{}, wrong("it has %d bytes; at most %d are read", len(input), maxEvent)
	}
	var s status
	if err := json.Unmarshal(input, &s); err != nil {
		return Hint{}, wrong("%s", plain(err))
	}
	if s.Sweep != nil {
		if !*s.Sweep || s.Source != "" || s.DetailType != "" || s.Detail.Execution != "" {
			return Hint{}, wrong("sweep must be true and stand alone")
		}
		return Hint{Sweep: true}, nil
	}
	switch d := s.Detail; {
	case s.Source != "aws.states" || s.DetailType != "Step Functions Execution Status Change":
		return Hint{}, wrong("event is %q of %q but must be a \"Step Functions Execution Status Change\" of \"aws.states\", or {\"sweep\": true}", short(s.DetailType), short(s.Source))
	case d.Machine != machine || machine == "":
		return Hint{}, wrong("event tells of the state machine %q, which is not serin's", short(d.Machine))
	case !executionForm.MatchString(d.Execution) || !strings.HasPrefix(d.Execution, strings.Replace(machine, ":stateMachine:", ":execution:", 1)+":"):
		return Hint{}, wrong("event.detail.executionArn is %q, which is no execution of serin's state machine", short(d.Execution))
	case !slices.Contains(ended, d.Status):
		return Hint{}, wrong("event tells of status %q; only an end is of interest", short(d.Status))
	}
	return Hint{Execution: release.ExecutionARN(s.Detail.Execution), Status: s.Detail.Status}, nil
}
