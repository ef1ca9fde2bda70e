package telling

import (
	"encoding/json"
	"time"

	"github.com/serin-aws/serin/internal/release"
)

// Source is the source of serin's own events on EventBridge.
const Source = "serin"

// EventSchema is the version of an event's form. Fields may be added to it; nothing is taken away or given another
// meaning without another number.
const EventSchema = 1

// Event is one event on EventBridge.
type Event struct {
	Source     string
	DetailType string   // "serin Release RolledBack"
	Resources  []string // the execution's ARN
	Detail     string   // JSON
}

// DetailType is the detail-type of the events of a kind.
func DetailType(kind release.NoticeKind) string { return "serin Release " + string(kind) }

// Detail is what an event tells of a release.
type Detail struct {
	Schema    int                  `json:"schema"`
	Kind      release.NoticeKind   `json:"kind"`
	At        time.Time            `json:"at"`
	Release   release.ID           `json:"release"`
	Target    release.TargetName   `json:"target"`
	Platform  release.PlatformName `json:"platform"`
	Revision  string               `json:"revision"` // what is released: a digest, or a version
	Baseline  string               `json:"baseline"` // what served before
	Phase     release.Phase        `json:"phase"`
	Outcome   release.Outcome      `json:"outcome"`
	Reason    release.Reason       `json:"reason,omitempty"`
	Sentence  string               `json:"sentence,omitempty"` // the evidence
	Wanted    string               `json:"wanted,omitempty"`   // what a person is wanted for
	Step      int                  `json:"step"`               // from 1
	Steps     int                  `json:"steps"`
	Weight    release.Weight       `json:"weight"` // of the step
	StartedBy string               `json:"startedBy,omitempty"`
	Opened    time.Time            `json:"opened"`
	Execution release.ExecutionARN `json:"execution"`
	Report    string               `json:"report,omitempty"` // s3://bucket/key
}

// Refusal is what an event tells of a push that is not released. Its fields mean what those of a Detail do.
type Refusal struct {
	Schema    int                  `json:"schema"`
	Kind      release.NoticeKind   `json:"kind"`
	At        time.Time            `json:"at"`
	Release   release.ID           `json:"release"`
	Target    release.TargetName   `json:"target"`
	Revision  string               `json:"revision"` // what was pushed
	Outcome   release.Outcome      `json:"outcome"`
	Sentence  string               `json:"sentence"` // why it is not released
	StartedBy string               `json:"startedBy,omitempty"`
	Execution release.ExecutionARN `json:"execution"`
}

// RefusedEvent returns the event of a push that is not released.
func RefusedEvent(refused release.Entry, execution release.ExecutionARN, now time.Time) Event {
	return event(release.NoticeRefused, execution, Refusal{
		Schema: EventSchema, Kind: release.NoticeRefused, At: now.UTC(), Release: refused.Release, Target: refused.Target,
		Revision: refused.Request.Revision.String(), Outcome: refused.Outcome, Sentence: refused.Sentence,
		StartedBy: refused.Request.StartedBy, Execution: execution,
	})
}

// event returns an event that an execution has.
func event(kind release.NoticeKind, execution release.ExecutionARN, detail any) Event {
	text, err := json.Marshal(detail)
	if err != nil { // texts, numbers and times
		panic(err)
	}
	return Event{Source: Source, DetailType: DetailType(kind), Resources: []string{string(execution)}, Detail: string(text)}
}

// Event returns the event of a notice.
func (p Place) Event(r *release.Release, n release.Notice, now time.Time) Event {
	sentence := r.Decision.Sentence
	if n.Kind == release.NoticeWaiting && sentence == "" {
		sentence = r.Judgement.Sentence
	}
	d := Detail{
		Schema: EventSchema, Kind: n.Kind, At: now.UTC(), Release: r.ID, Target: r.Target.Name, Platform: r.Target.Platform,
		Revision: string(r.Revision.Digest), Baseline: r.Baseline.Serves, Phase: r.Phase, Outcome: r.Outcome(),
		Reason: r.Decision.Reason, Sentence: sentence, Wanted: n.Text, Step: r.Step + 1, Steps: len(r.Steps),
		Weight: r.Current().Weight, StartedBy: r.Request.StartedBy, Opened: r.Opened.UTC(), Execution: r.Owner(),
	}
	if d.Revision == "" {
		d.Revision = r.Revision.String()
	}
	if p.Bucket != "" {
		d.Report = "s3://" + p.Bucket + "/" + ReportKey(r)
	}
	return event(n.Kind, r.Owner(), d)
}
