package telling_test

import (
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/telling"
)

// What SNS takes: a subject of ASCII that begins with a letter, number or punctuation mark, has no line breaks or control
// characters and less than 100 characters; a message of UTF-8, up to 256 KB.
// https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
var subjectForm = regexp.MustCompile(`^[!-~][ -~]{0,98}$`)

func sendable(t *rapid.T, m telling.Message) {
	if !subjectForm.MatchString(m.Subject) || !strings.HasPrefix(m.Subject, "serin: ") {
		t.Fatalf("subject %q of %d characters", m.Subject, len(m.Subject))
	}
	if m.Text == "" || len(m.Text) > 256<<10 || !utf8.ValidString(m.Text) || !strings.HasSuffix(m.Text, "\n") {
		t.Fatalf("a text of %d bytes, valid %t", len(m.Text), utf8.ValidString(m.Text))
	}
	if i := strings.IndexFunc(m.Text, func(r rune) bool { return unicode.IsControl(r) && r != '\n' }); i >= 0 {
		t.Fatalf("%q", m.Text[max(0, i-10):])
	}
}

// Whatever names and reasons there are, short or as long as they may be, in any script, or no text at all: SNS takes what
// people are told, and the links are in it.
func TestAnyMessageCanBeSent(t *testing.T) {
	kinds := []release.NoticeKind{release.NoticeWaiting, release.NoticeReleased, release.NoticeRolledBack, release.NoticeDirty, release.NoticeAbandoned}
	reasons := []release.Reason{release.ReasonVerdict, release.ReasonHook, release.ReasonPerson, release.ReasonSuperseded, release.ReasonInconclusive}
	name := rapid.OneOf(rapid.StringMatching(`[a-z0-9-]{1,64}`), rapid.Just(strings.Repeat("m", 64)), rapid.StringN(0, 64, -1))
	text := rapid.OneOf(rapid.String(), rapid.Just(strings.Repeat("\u00fc", 20_000)), rapid.Just("a\r\nb\x00\x1b[2J\xff"), rapid.Just(""))
	rapid.Check(t, func(t *rapid.T) {
		r := at(release.RolledBack, hookFailed(rapid.SampledFrom(release.HookStages()).Draw(t, "stage")))
		r.Phase = rapid.SampledFrom([]release.Phase{release.RolledBack, release.Released, release.Baking, release.Dirty, release.Abandoned}).Draw(t, "phase")
		r.Target.Name = release.TargetName(name.Draw(t, "name"))
		r.Decision.Sentence, r.Decision.Reason = text.Draw(t, "why"), rapid.SampledFrom(reasons).Draw(t, "reason")
		r.Orders = []release.Order{{Verb: release.OrderAbandon, Who: text.Draw(t, "who"), Why: text.Draw(t, "reason given")}}
		r.Judgement.Sentence, r.CleanupPending, r.Served.How = text.Draw(t, "seen"), text.Draw(t, "left"), text.Draw(t, "how")
		r.Revision.Image = text.Draw(t, "image")
		r.Stopped = []release.Stopped{{Task: "abc", Service: name.Draw(t, "service"), Why: text.Draw(t, "stopped"), LogGroup: "/ecs/orders", LogStream: text.Draw(t, "stream")}}
		kind := rapid.SampledFrom(kinds).Draw(t, "kind")
		m, ok := place.Of(r, release.Notice{Kind: kind, Text: text.Draw(t, "text")}, release.Toll{})
		if !ok {
			t.Fatal("nothing is told")
		}
		sendable(t, m)
		if !strings.Contains(m.Text, "Execution: https://") {
			t.Fatal("no link to the execution")
		}
		refused := pushRefused
		refused.Target, refused.Sentence, refused.Request.Revision.Image = r.Target.Name, r.Decision.Sentence, r.Revision.Image
		sendable(t, place.Refused(refused, execution))
	})
}
