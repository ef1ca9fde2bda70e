package telling

import (
	"fmt"
	"strings"
	"time"
	"unicode"

	"github.com/serin-aws/serin/internal/release"
)

// Message is what people get.
type Message struct {
	Subject string // one line of ASCII, at most 99 characters
	Text    string
}

// maxSubject is what SNS allows: "less than 100 characters".
// https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
const maxSubject = 99

// maxText is far below SNS's 256 KB, and more than anybody reads at night.
const maxText = 16 << 10

// Of returns what people are told of a notice. Nobody is written to when a release starts: ok is false.
func (p Place) Of(r *release.Release, n release.Notice, toll release.Toll) (m Message, ok bool) {
	var what, text string
	switch n.Kind {
	case release.NoticeReleased:
		what, text = released(r, toll)
	case release.NoticeRolledBack:
		what, text = rolledBack(r, toll)
	case release.NoticeWaiting:
		what, text = waiting(r, n.Text)
	case release.NoticeDirty:
		what, text = dirty(r, n.Text, toll)
	case release.NoticeAbandoned:
		what, text = abandoned(r)
	default:
		return Message{}, false
	}
	return Message{Subject: subject(r.Target.Name, what), Text: sendable(text+tasks(r), p.links(r, n.Kind))}, true
}

// sendable makes a text that SNS takes: valid UTF-8 without control characters, and not too long. The links at its end are
// kept, whatever else is left out.
func sendable(text, links string) string {
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' {
			return unicode.ReplacementChar
		}
		return r
	}, strings.ToValidUTF8(text, string(unicode.ReplacementChar)))
	if room := maxText - len(links); len(text) > room {
		text = strings.ToValidUTF8(text[:room], "") + "...\n"
	}
	return text + links
}

// Refused returns what people are told of an event that released nothing.
func (p Place) Refused(refused release.Entry, arn release.ExecutionARN) Message {
	revision := refused.Request.Revision
	text := fmt.Sprintf("%s (%s) is not released; what served goes on serving.\nWhy: %s\n"+
		"To start it once that is mended: serin start %s %s\n",
		revision, refused.Request.StartedBy, stop(refused.Sentence), refused.Target, revision.Flag())
	link := execution(arn)
	if link != "" {
		link = "Execution: " + link + "\n"
	}
	return Message{Subject: subject(refused.Target, "did not start"), Text: sendable(text, link)}
}

func released(r *release.Release, toll release.Toll) (what, text string) {
	what = "released, nothing to do"
	switch {
	case r.CleanupPending != "":
		what = "released, cleanup pending"
	case len(r.HookFailures()) > 0:
		what = "released, a hook failed"
	}
	return what, fmt.Sprintf("%s serves %s %s.\nWhy: %s\n%s%s"+
		"To go back to what served before: serin start %s --undo %s --reason \"...\"\n",
		r.Target.Name, r.Revision, since(r), sentence(r), cost(r, toll), rest(r), r.Target.Name, r.ID)
}

func rolledBack(r *release.Release, toll release.Toll) (what, text string) {
	what = "rolled back, nothing to do"
	switch {
	case r.CleanupPending != "":
		what = "rolled back, cleanup pending"
	case r.Outcome() == release.OutcomeHeld:
		what = "held and rolled back: nobody could tell"
	case len(r.HookFailures()) > 0 && r.Hooks.Stage == release.AfterRollback:
		what = "rolled back, a hook failed after it"
	case r.Decision.Reason == release.ReasonSuperseded:
		what = "gave way to a newer release, nothing to do"
	}
	return what, fmt.Sprintf("%s serves %s again %s.\nWhy: %s\n%s%s%s",
		r.Target.Name, r.Baseline.Name(), since(r), sentence(r), cost(r, toll), rest(r), again(r))
}

// again says what becomes of the revision that was taken back, and how to release it all the same.
func again(r *release.Release) string {
	start := fmt.Sprintf("serin start %s %s", r.Target.Name, r.Again().Flag())
	switch {
	case r.Decision.Reason == release.ReasonSuperseded:
		return fmt.Sprintf("The newer release goes on by itself: serin watch %s\n", r.Target.Name)
	case !r.Decision.Reason.Blames():
		return fmt.Sprintf("Nothing speaks against this revision. To start it again: %s --reason \"...\"\n", start)
	}
	return fmt.Sprintf("This revision will not start again by itself. To try it again: %s --retry --reason \"...\"\n", start)
}

// cost says what the canary's work came to, and what lies in the dead-letter queue.
func cost(r *release.Release, toll release.Toll) string {
	var text strings.Builder
	if units := toll.Canary.Units; units > 0 {
		fmt.Fprintf(&text, "%s of %s %s failed on the canary.\n", release.Count(toll.Canary.Failed), release.Count(units), r.Target.Platform.Units())
	}
	if d := toll.DeadLetters; d != nil {
		fmt.Fprintf(&text, "In %s: %s now, %s before this release; what failed last may still come.\n",
			queue(r.Metrics.DeadLetters), messages(d.Now), release.Count(d.Before))
	}
	return text.String()
}

func messages(n int64) string {
	if n == 1 {
		return "1 message"
	}
	return release.Count(n) + " messages"
}

// queue returns the name of the queue that a metric is of.
func queue(m release.Metric) string {
	if len(m.Dimensions) == 0 {
		return "the dead-letter queue"
	}
	return m.Dimensions[0].Value
}

// waiting says what is asked, and how to answer.
func waiting(r *release.Release, text string) (string, string) {
	name := r.Target.Name
	text = stop(text) + "\n"
	if r.Decision.Next == release.NextRollback {
		return "needs you", text + fmt.Sprintf("Look: serin watch %s\n", name)
	}
	text += fmt.Sprintf("%s of the work goes to %s, the rest to %s.\nSeen so far: %s\n", share(r), r.Revision, r.Baseline.Name(), stop(r.Judgement.Sentence))
	if r.Asks() {
		return "waits for your approval", text + fmt.Sprintf("To go on:  serin approve %s --reason \"...\"\nTo go back: serin reject %s --reason \"...\"\n%s%s", name, name, two(r), silence(r))
	}
	blind := ""
	if r.Judgement.Verdict == release.NoData {
		blind = " --without-data"
	}
	return "needs you", text + fmt.Sprintf("To go on all the same: serin promote %s --now%s --reason \"...\"\nTo go back now:        serin rollback %s --reason \"...\"\nOtherwise nothing is to be done.\n", name, blind, name)
}

// two says that one approval does not do, where it does not.
func two(r *release.Release) string {
	if !r.TwoApprove() {
		return ""
	}
	return "Two people must approve: it was started by hand past the runbook, and nobody knows by whom. What serin start has started needs one.\n"
}

// silence says what becomes of a question that nobody answers.
func silence(r *release.Release) string {
	by, then := r.AskedSince.Add(r.Target.Approvals.Expires.Std()).UTC(), "it is rolled back"
	if r.Target.Approvals.OnExpiry == release.ExpiryPromote {
		then = "it goes on"
	}
	when := by.Format("15:04 UTC")
	if by.Sub(r.AskedSince) >= 12*time.Hour {
		when = release.When(by)
	}
	return fmt.Sprintf("Without an answer by %s %s.\n", when, then)
}

// dirty is the one that wakes somebody: what is wrong, what was tried, what to do in which order, what can wait.
func dirty(r *release.Release, why string, toll release.Toll) (what, text string) {
	return "DIRTY: could not be rolled back", fmt.Sprintf(`The baseline of %[1]s could not be brought back, and serin has stopped trying.
What serves now: nobody can say; %[6]s, %[7]s or both.
What is wrong: %[2]s
%[8]sWhat was there before: %[3]s
What was tried: rolling back, by %[4]d of serin's executions; the last one is linked below.
The lock of %[1]s stays, so no other release of it starts until this one is over.
What to do, in this order:
  1. See what runs now:                   serin status %[1]s
  2. Mend what stands in the way (what is wrong, above, names it).
  3. Let serin bring the baseline back:   serin recover %[1]s --reason "..."
  4. Wait until it says RolledBack:       serin watch %[1]s
Where that can never be, as something is gone for good or you have brought all home by hand, give the release up: its lock
is free then, and serin changes nothing:  serin abandon %[1]s --reason "..."
Safe to leave until morning: everything but the work of %[1]s itself; other targets are released as ever.
%[5]s`, r.Target.Name, stop(why), r.Baseline.Summary, len(r.Executions), cost(r, toll), r.Baseline.Name(), r.Revision, evidence(r, why))
}

// abandoned says who has given up a release, and what is people's from then on.
func abandoned(r *release.Release) (what, text string) {
	order, _ := r.Abandonment()
	return "abandoned, its lock is free", fmt.Sprintf(`Release %[2]s of %[1]s was Dirty, and is given up.
Why: %[3]s
serin has changed nothing with that, and brings nothing home any more: what serves is what people have left there.
What was there before: %[4]s
The next release of %[1]s records what serves when it starts, and goes back to that.
%[5]s`, r.Target.Name, r.ID, stop(order.String()), r.Baseline.Summary, r.Leftovers())
}

// evidence says why a release was to go home, where that is not what stands in the way.
func evidence(r *release.Release, why string) string {
	if r.Decision.Next != release.NextRollback || r.Decision.Sentence == "" || r.Decision.Sentence == why {
		return ""
	}
	return "Why it was to go back: " + sentence(r) + "\n"
}

// rest says what is left to do.
func rest(r *release.Release) string { return hooks(r) + leftover(r) }

// hooks are those that failed at the last stage without keeping the release from anything: nobody else tells of them.
func hooks(r *release.Release) string {
	if r.Decision.Reason == release.ReasonHook && r.Hooks != nil && r.Hooks.Stage != release.AfterRollback {
		return "" // that is why
	}
	var text strings.Builder
	what := "release"
	if r.Hooks != nil && r.Hooks.Stage == release.AfterRollback {
		what = "rollback"
	}
	for _, failure := range r.HookFailures() {
		fmt.Fprintf(&text, "The %s stands, but %s\n", what, stop(failure))
	}
	return text.String()
}

func leftover(r *release.Release) string {
	if r.CleanupPending == "" {
		return "Nothing to do.\n"
	}
	return "Left over and not in use: " + stop(r.CleanupPending) + "\nNothing to do: serin tries again for two days and a half. Where serin list says \"cleanup pending\" after that, remove it by hand when it suits you.\n"
}

// links are where to look. There is a report once the release is over.
func (p Place) links(r *release.Release, kind release.NoticeKind) string {
	var text strings.Builder
	for _, link := range []struct{ name, to string }{{"Execution", execution(r.Owner())}, {"Report", p.report(r)}} {
		if link.to != "" && (link.name != "Report" || kind != release.NoticeWaiting) {
			fmt.Fprintf(&text, "%s: %s\n", link.name, link.to)
		}
	}
	return text.String()
}

// tasks are the canary's tasks that failed, and their logs.
func tasks(r *release.Release) string {
	if len(r.Stopped) == 0 {
		return ""
	}
	var text strings.Builder
	text.WriteString("Tasks that failed:\n")
	const most = 3
	for _, s := range r.Stopped[:min(len(r.Stopped), most)] {
		fmt.Fprintf(&text, "  %s %s %s: %s\n", s.At.UTC().Format("15:04:05"), s.Service, s.Task, stop(s.Why))
		if w, ok := whereOf(string(r.Owner())); ok && s.LogStream != "" {
			fmt.Fprintf(&text, "    %s\n", logs(w, s.LogGroup, s.LogStream))
		}
	}
	if more := len(r.Stopped) - most; more > 0 {
		fmt.Fprintf(&text, "  and %d more\n", more)
	}
	return text.String()
}

func share(r *release.Release) string { return fmt.Sprintf("%d %%", r.Current().Weight) }

// since says since when what serves does so, and how it stood then.
func since(r *release.Release) string {
	at := r.Served.At
	if at.IsZero() { // nothing had been moved
		at = r.Since
	}
	text := "since " + at.UTC().Format("15:04 UTC")
	if r.Served.How != "" {
		text += " (" + r.Served.How + ")"
	}
	return text
}

func sentence(r *release.Release) string {
	if r.Decision.Sentence == "" {
		return stop(string(r.Decision.Reason))
	}
	return stop(r.Decision.Sentence)
}

// stop ends a sentence, which is one line whatever somebody wrote into it.
func stop(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	if text == "" || strings.ContainsAny(text[len(text)-1:], ".!?") {
		return text
	}
	return text + "."
}

// subject makes one line of ASCII: who and what. Of a target's name that is too long the end is left out, never of what
// happened to it.
func subject(target release.TargetName, what string) string {
	const brand, between = "serin: ", " "
	ascii := func(text string) string {
		return strings.Map(func(r rune) rune {
			if r < ' ' || r > '~' {
				return '?'
			}
			return r
		}, text)
	}
	name := ascii(string(target))
	if room := maxSubject - len(brand+between+what); len(name) > room {
		name = name[:room-3] + "..."
	}
	return brand + name + between + what
}
