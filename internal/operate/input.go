package operate

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/serin-aws/serin/internal/release"
)

// Input is one order as a person gives it.
type Input struct {
	Verb    release.OrderVerb
	Target  release.TargetName
	Release release.ID // the open release of the target where it is left out
	Who     string     // the ARN of who gives it, as AWS says; whoever gives it cannot say
	Why     string
	ID      string   // counts once: the same id again answers the same and changes nothing
	Alarms  []string // override: the alarms that may be in ALARM at the start
	NoData  bool     // promote-now: even when nothing was measured

	Revision  release.Revision // start: what is released; nothing with Undo
	Undo      release.ID       // start: the release before which served what is released now
	First     bool             // start: there is no version to compare with
	Retry     bool             // start: it was rolled back before
	Emergency bool             // start: by the target's emergency plan

	Runbook string // the execution that gives the order
}

// Answer says what was ordered and when it is obeyed.
type Answer struct {
	Release release.ID         `json:"release,omitempty"`
	Target  release.TargetName `json:"target"`
	Verb    release.OrderVerb  `json:"verb"`
	Note    string             `json:"note"`

	// Of an order that starts an execution of the state machine.
	Execution release.ExecutionARN `json:"execution,omitempty"`
	StartedBy string               `json:"startedBy,omitempty"`
	Again     bool                 `json:"again,omitempty"` // it was started before, under the same id

	Leftovers release.Leftovers `json:"leftovers,omitempty"` // of a release that was abandoned: what is people's now
}

// Bounds of what people write.
const (
	maxWhy    = 500
	maxAlarms = 20
	maxAlarm  = 255 // CloudWatch's own bound of an alarm's name
)

var (
	targetForm  = regexp.MustCompile(`^[a-z0-9-]{1,64}$`)
	releaseForm = regexp.MustCompile(`^r-[0-9a-f]{12}$`)
	idForm      = regexp.MustCompile(`^[A-Za-z0-9_.:-]{1,128}$`)
	nameForm    = regexp.MustCompile(`^[A-Za-z0-9_-]{1,40}$`) // of an id that becomes a part of an execution's name
)

// Check returns everything that is wrong with an order, or nil. Who gives it and an id that is left out are not looked
// at: they are Systems Manager's.
func (in Input) Check() error {
	var wrong []string
	bad := func(is bool, format string, args ...any) {
		if is {
			wrong = append(wrong, fmt.Sprintf(format, args...))
		}
	}
	bad(in.Verb.Permission() == "", "verb is %q but must be one of %v", in.Verb, release.OrderVerbs())
	bad(!targetForm.MatchString(string(in.Target)), "target is %q but must be a target's name (a-z, 0-9 and -)", in.Target)
	bad(in.Release != "" && !releaseForm.MatchString(string(in.Release)), "release is %q but must be like r-0123456789ab, or left out", in.Release)
	bad(!in.named() && !line(in.Why, maxWhy) || !said(in.Why), "why must say in one line of at most %d characters why", maxWhy)
	bad(in.named() && in.ID != "" && !nameForm.MatchString(in.ID), "the id is %q but must be of 1 to 40 letters, digits, - and _", in.ID)
	bad(!in.named() && in.ID != "" && !idForm.MatchString(in.ID), "id must be up to 128 letters, digits and _.:- and new for every order; it makes an order that is sent twice count once")
	bad(in.Verb != release.OrderOverride && len(in.Alarms) > 0, "alarms belong to the verb override")
	bad(in.Verb == release.OrderOverride && (len(in.Alarms) == 0 || len(in.Alarms) > maxAlarms || slices.ContainsFunc(in.Alarms, func(a string) bool { return !line(a, maxAlarm) })),
		"override must name the alarms that may be in ALARM at the start, 1 to %d of them", maxAlarms)
	bad(in.Verb == release.OrderAbandon && in.Release == "", "abandon must name the release, which serin status %s does", in.Target)
	bad(in.NoData && in.Verb != release.OrderPromoteNow, "noData belongs to the verb promote-now")
	in.checkStart(bad)
	if len(wrong) == 0 {
		return nil
	}
	return release.Errorf(release.Invalid, "the order", "%s", strings.Join(wrong, "; "))
}

// line reports whether a text is one line that says something.
func line(text string, most int) bool {
	return strings.TrimSpace(text) != "" && utf8.RuneCountInString(text) <= most && utf8.ValidString(text) &&
		!strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r == 0x7f })
}
