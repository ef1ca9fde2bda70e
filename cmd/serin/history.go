package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/serin-aws/serin/internal/dora"
	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/remote"
	"github.com/serin-aws/serin/internal/screen"
	"github.com/serin-aws/serin/internal/story"
)

type past struct {
	cloud
	limit  int
	days   int
	verify bool
}

func historyCommand(o outside) *cobra.Command {
	h := past{cloud: cloud{outside: o}}
	command := &cobra.Command{
		Use:   "history TARGET",
		Short: "Tell what was released of a target, and how often it went wrong",
		Long: `List the releases of a target and the requests that opened none, the newest first, each with how it ended, how long it
took and why. Requests that opened none are kept for 90 days.

Below stand the four DORA figures over the last days (--days):
  deployment frequency   releases whose promotion was decided, a week
  lead time              from the push of the image - or the start, where that is not known - to that decision
  change failure rate    of all that ended, the part that was rolled back, held, left dirty or abandoned; one that gave
                         way to a newer release, was stopped from outside, met somebody else's change or a broken
                         function does not count on either side
  time to restore        from the decision to roll back until the baseline served again

--verify checks that each story is the one that was written: every event holds the hash of the last durable one before
it, and the release's record the hash of the last. It says which event was changed, removed or put in. A look that is
missing is no finding: looks are kept for a month.

Exit codes: 0 told; 1 a story does not verify, or AWS said no; 2 wrong use, or no such target.`,
		Example: `  serin history orders-worker
  serin history orders-worker --limit 100 --days 90 -o json
  serin history orders-worker --verify`,
		Args: one("TARGET"),
		RunE: func(c *cobra.Command, args []string) error {
			return h.run(c.Context(), release.TargetName(args[0]), c.OutOrStdout())
		},
	}
	command.Flags().IntVar(&h.limit, "limit", 20, "the latest `N` lines")
	command.Flags().IntVar(&h.days, "days", 30, "count the figures over the last `N` days")
	command.Flags().BoolVar(&h.verify, "verify", false, "check the hash chain of every release that is listed")
	for _, name := range []string{"limit", "days"} {
		complete(command, name, cobra.ShellCompDirectiveNoFileComp)
	}
	h.flags(command)
	command.ValidArgsFunction = h.completeTargets
	return command
}

func (h *past) run(ctx context.Context, target release.TargetName, out io.Writer) error {
	switch {
	case h.limit < 1 || h.limit > 1000:
		return usageError("--limit is %d but must be from 1 to 1000", h.limit)
	case h.days < 1 || h.days > 3650:
		return usageError("--days is %d but must be from 1 to 3650", h.days)
	}
	account, err := h.account(ctx)
	if err != nil {
		return err
	}
	told := historyTold{Target: target, Entries: []entryTold{}}
	entries, err := account.History(ctx, target, h.limit)
	if err != nil {
		return err
	}
	broken := 0
	for _, e := range entries {
		row := entryOf(e)
		if h.verify && e.Outcome != release.OutcomeRefused && e.Outcome != release.OutcomeNothing {
			checked, err := account.Verify(ctx, e)
			if err != nil {
				return err
			}
			if row.Verified = &checked; !checked.OK {
				broken++
			}
		}
		told.Entries = append(told.Entries, row)
	}
	now := h.now()
	figures, err := account.Figures(ctx, target, now.AddDate(0, 0, -h.days), now)
	if err != nil {
		return err
	}
	told.Figures = figuresOf(figures)
	if h.output == "json" {
		err = printJSON(out, told)
	} else {
		_, err = io.WriteString(out, told.text(entries, figures, h.days))
	}
	if err == nil && broken > 0 {
		err = errors.New(unverified(broken))
	}
	return err
}

func unverified(n int) string {
	if n == 1 {
		return "the story of one release is not the one that was written"
	}
	return fmt.Sprintf("the stories of %d releases are not those that were written", n)
}

// historyTold is a target's history, for scripts.
type historyTold struct {
	Target  release.TargetName `json:"target"`
	Entries []entryTold        `json:"releases"`
	Figures figuresTold        `json:"figures"`
}

type entryTold struct {
	release.Entry
	Seconds  float64          `json:"seconds,omitempty"` // from the opening to the end
	Verified *remote.Verified `json:"verified,omitempty"`
}

type figuresTold struct {
	From               string  `json:"from"`
	To                 string  `json:"to"`
	Deployments        int     `json:"deployments"`
	Weekly             float64 `json:"deploymentsAWeek"`
	LeadTimeSeconds    float64 `json:"leadTimeMedianSeconds"`
	LeadTimeP90Seconds float64 `json:"leadTimeP90Seconds"`
	Failures           int     `json:"failures"`
	ChangeFailureRate  float64 `json:"changeFailureRate"` // 0 to 1
	RestoreSeconds     float64 `json:"timeToRestoreMedianSeconds"`
}

func figuresOf(f dora.Figures) figuresTold {
	return figuresTold{
		From: timestamp(f.From), To: timestamp(f.To), Deployments: f.Deployed, Weekly: f.Weekly, LeadTimeSeconds: f.LeadTime.Median.Seconds(),
		LeadTimeP90Seconds: f.LeadTime.P90.Seconds(), Failures: f.Failed, ChangeFailureRate: f.FailRate, RestoreSeconds: f.Restoring.Median.Seconds(),
	}
}

func entryOf(e release.Entry) entryTold {
	row := entryTold{Entry: e}
	if !e.Ended.IsZero() {
		row.Seconds = e.Ended.Sub(e.At).Seconds()
	}
	return row
}

func (t historyTold) text(entries []release.Entry, f dora.Figures, days int) string {
	var b strings.Builder
	if len(entries) == 0 {
		fmt.Fprintf(&b, "%s was never released\n", t.Target)
	}
	wide := 0
	for _, e := range entries {
		wide = max(wide, utf8.RuneCountInString(revisionOf(e)))
	}
	for i, e := range entries {
		took := "-"
		if !e.Ended.IsZero() {
			took = story.Length(e.Ended.Sub(e.At))
		}
		fmt.Fprintf(&b, "%s  %s  %-*s  %-17s  %s\n", e.At.UTC().Format("2006-01-02 15:04"), e.Release, wide, revisionOf(e), headline(e.Outcome), took)
		if e.Sentence != "" {
			fmt.Fprintf(&b, "    %s\n", strings.Join(screen.Wrap(story.Short(e.Sentence), usual-4), "\n    "))
		}
		switch v := t.Entries[i].Verified; {
		case v == nil:
		case v.OK:
			fmt.Fprintf(&b, "    \u2714 %d events verified\n", v.Events)
		default:
			for j, line := range screen.Wrap(v.Problem, usual-6) {
				fmt.Fprintf(&b, "    %s %s\n", []string{"\u2716", " "}[min(j, 1)], line)
			}
		}
	}
	fmt.Fprintf(&b, "\nthe last %d %s\n", days, plural(days, "day"))
	row := func(name, format string, args ...any) {
		fmt.Fprintf(&b, "  %-22s %s\n", name, fmt.Sprintf(format, args...))
	}
	row("deployment frequency", "%s a week (%d in all)", story.Decimal(f.Weekly), f.Deployed)
	row("lead time", "%s", times(f.LeadTime))
	if f.Changes == 0 {
		row("change failure rate", "-")
	} else {
		row("change failure rate", "%s (%d of %d)", story.Percent(f.FailRate), f.Failed, f.Changes)
	}
	row("time to restore", "%s", times(f.Restoring))
	return b.String()
}

// widest is what a revision may take of a line of the history.
const widest = 19

// revisionOf is what a request was about, without the registry.
func revisionOf(e release.Entry) string {
	text := e.Revision.String()
	if e.Revision.IsZero() {
		text = e.Request.Revision.String()
	}
	text = story.Plain(story.Short(text[strings.LastIndexByte(text, '/')+1:]))
	if runes := []rune(text); len(runes) > widest {
		return "\u2026" + string(runes[len(runes)-widest+1:])
	}
	return text
}

func times(t dora.Times) string {
	if t.Count == 0 {
		return "-"
	}
	return fmt.Sprintf("%s (median), %s (9 in 10)", story.Length(t.Median), story.Length(t.P90))
}
