package events

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/serin-aws/serin/internal/release"
)

// maxTrigger is far above what any trigger needs; Step Functions itself allows 256 KiB.
const maxTrigger = 64 << 10

var (
	targetForm  = regexp.MustCompile(`^[a-z0-9-]{1,64}$`)
	releaseForm = regexp.MustCompile(`^r-[0-9a-f]{12}$`)
	runbookForm = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)
)

// How much is kept of what people write and of who they are, in characters. An IAM user's ARN has up to 630.
const (
	maxReason    = 500
	maxStartedBy = 640
)

// trigger is every field that an execution's input may have.
type trigger struct {
	Intent   release.Intent     `json:"intent"`
	Target   release.TargetName `json:"target"`
	Revision release.Revision   `json:"revision"`
	Event    jsontext.Value     `json:"event"`
	Release  release.ID         `json:"release"`

	First     bool   `json:"first"`
	Retry     bool   `json:"retry"`
	Emergency bool   `json:"emergency"`
	Reason    string `json:"reason"`
	StartedBy string `json:"startedBy"`
	Runbook   string `json:"runbook"`
}

// Decode reads an execution's input. Every error is a release.Error of code Invalid and says what would be right.
// Unknown, repeated and misspelt fields are errors.
func Decode(input []byte) (release.Request, error) {
	if len(input) > maxTrigger {
		return release.Request{}, wrong("it has %d bytes; at most %d are read", len(input), maxTrigger)
	}
	var t trigger
	if err := json.Unmarshal(input, &t, json.RejectUnknownMembers(true)); err != nil {
		return release.Request{}, wrong("%s", plain(err))
	}
	if !targetForm.MatchString(string(t.Target)) {
		return release.Request{}, wrong("target is %q but must be the name of a target, like orders-worker (a-z, 0-9 and -)", short(string(t.Target)))
	}
	if n := utf8.RuneCountInString(t.Reason); n > maxReason {
		return release.Request{}, wrong("reason has %d characters; at most %d are kept", n, maxReason)
	}
	if n := utf8.RuneCountInString(t.StartedBy); n > maxStartedBy {
		return release.Request{}, wrong("startedBy has %d characters; at most %d are kept", n, maxStartedBy)
	}
	switch t.Intent {
	case "", release.IntentRelease:
		return start(t)
	case release.IntentRecover, release.IntentRollback, release.IntentCleanup:
		return takeOver(t)
	}
	return release.Request{}, wrong("intent is %q but must be release, recover, rollback or cleanup", short(string(t.Intent)))
}

func start(t trigger) (release.Request, error) {
	r := release.Request{
		Intent: release.IntentRelease, Target: t.Target, Revision: t.Revision,
		First: t.First, Retry: t.Retry, Emergency: t.Emergency, Reason: t.Reason, StartedBy: cmp.Or(t.StartedBy, release.Hand), Runbook: t.Runbook,
	}
	if r.ByHand() && t.StartedBy != "" { // anybody may write anything there
		r.StartedBy = fmt.Sprintf("%s (says %s)", release.Hand, release.Person(t.StartedBy))
	}
	if t.Release != "" {
		return release.Request{}, wrong("release is named, but only intent recover, rollback or cleanup takes a release over")
	}
	if t.Revision.Digest != "" {
		return release.Request{}, wrong("revision.digest is found out by serin; name an image by it, as repository@%s", short(string(t.Revision.Digest)))
	}
	if t.Runbook != "" && (!runbookForm.MatchString(t.Runbook) || !strings.HasPrefix(t.StartedBy, "arn:")) {
		return release.Request{}, wrong("runbook is %q, but only the runbook serin-start writes itself there, and who started it into startedBy", short(t.Runbook))
	}
	if t.Event == nil {
		if err := t.Revision.Check(); err != nil {
			return release.Request{}, wrong("%v", err)
		}
		if err := reasoned(t); err != nil {
			return release.Request{}, err
		}
		return r, nil
	}
	if !t.Revision.IsZero() {
		return release.Request{}, wrong("it has both a revision and an event; write one of them")
	}
	if t.First || t.Retry || t.Emergency || t.StartedBy != "" || t.Runbook != "" {
		return release.Request{}, wrong("first, retry, emergency, startedBy and runbook are a person's; an event starts none of them")
	}
	r.Automatic = true
	var err error
	r.Revision, r.StartedBy, err = announced(t.Event)
	return r, err
}

// reasoned asks for a reason where a person goes beyond what serin would do.
func reasoned(t trigger) error {
	if strings.TrimSpace(t.Reason) != "" {
		return nil
	}
	switch {
	case t.Retry:
		return wrong("retry is set without a reason; say in reason why this revision, which was rolled back before, shall be tried again")
	case t.Emergency:
		return wrong("emergency is set without a reason; say in reason what it is to repair")
	}
	return nil
}

func takeOver(t trigger) (release.Request, error) {
	if !releaseForm.MatchString(string(t.Release)) {
		return release.Request{}, wrong("release is %q but must be the id of the release to take over, like r-0123456789ab", short(string(t.Release)))
	}
	if t.Event != nil || !t.Revision.IsZero() || t.First || t.Retry || t.Emergency || t.StartedBy != "" || t.Runbook != "" {
		return release.Request{}, wrong("intent %s takes a release over as it is: revision, event, first, retry, emergency, startedBy and runbook have no place in it", t.Intent)
	}
	return release.Request{Intent: t.Intent, Target: t.Target, Release: t.Release, Reason: t.Reason, StartedBy: string(t.Intent)}, nil
}

func wrong(format string, args ...any) error {
	return release.Errorf(release.Invalid, "the execution's input", format, args...)
}

// plain says what a JSON error means without the library's own words for it, and without the input's values.
func plain(err error) string {
	if semantic, ok := errors.AsType[*json.SemanticError](err); ok {
		at := short(string(semantic.JSONPointer))
		if errors.Is(err, json.ErrUnknownName) {
			return fmt.Sprintf("%s is no field of it; the fields are intent, target, revision {image | taskDefinition | version | code}, event, release, first, retry, emergency, reason, startedBy and runbook", at)
		}
		return fmt.Sprintf("%s has the wrong type (%s)", at, semantic.JSONKind)
	}
	if syntax, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		if errors.Is(err, jsontext.ErrDuplicateName) {
			return fmt.Sprintf("%s stands in it twice", short(string(syntax.JSONPointer)))
		}
		return fmt.Sprintf("it is no JSON at byte %d", syntax.ByteOffset)
	}
	return "it cannot be read as JSON"
}

// short keeps a value that is shown to a person to a line.
func short(text string) string {
	text = strings.ToValidUTF8(text, "?")
	if runes := []rune(text); len(runes) > 80 {
		return string(runes[:77]) + "..."
	}
	return text
}
