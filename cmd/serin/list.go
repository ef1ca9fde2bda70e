package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/remote"
	"github.com/serin-aws/serin/internal/story"
)

type list struct {
	cloud
	open bool
}

func listCommand(o outside) *cobra.Command {
	l := list{cloud: cloud{outside: o}}
	command := &cobra.Command{
		Use:   "list",
		Short: "List all targets and how it stands with each",
		Long: `List all targets of the account and region: what is under way or waits first, then the latest release of every other.

Exit codes: 0 told; 1 AWS said no; 2 wrong use.`,
		Example: `  serin list
  serin list --open -o json`,
		Args:              none,
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE:              func(c *cobra.Command, _ []string) error { return l.run(c.Context(), c.OutOrStdout()) },
	}
	command.Flags().BoolVar(&l.open, "open", false, "only targets with a release under way, dirty or waiting")
	l.flags(command)
	return command
}

// listed is one target, for scripts.
type listed struct {
	Target   release.TargetName `json:"target"`
	Release  release.ID         `json:"release,omitempty"` // the latest
	Outcome  release.Outcome    `json:"outcome,omitempty"`
	Phase    release.Phase      `json:"phase,omitempty"`
	Since    string             `json:"since,omitempty"`
	Revision string             `json:"revision,omitempty"`
	Asks     bool               `json:"approval"` // it asks a person
	Waiting  []release.ID       `json:"waiting"`
	Cleanup  string             `json:"cleanupPending,omitempty"`
}

func (l *list) run(ctx context.Context, out io.Writer) error {
	account, err := l.account(ctx)
	if err != nil {
		return err
	}
	all, err := account.Overviews(ctx)
	if err != nil {
		return err
	}
	rows := []listed{}
	for _, o := range all {
		row := listedOf(o)
		if busy := len(row.Waiting) > 0 || row.Outcome == release.OutcomeOpen || row.Outcome == release.OutcomeDirty; busy || !l.open {
			rows = append(rows, row)
		}
	}
	if l.output == "json" {
		return printJSON(out, rows)
	}
	return writeList(out, rows, all, l.now())
}

func listedOf(o remote.Overview) listed {
	row := listed{Target: o.Target, Waiting: []release.ID{}}
	for _, w := range o.Waiting {
		row.Waiting = append(row.Waiting, w.Release)
	}
	if r := o.Release; r != nil {
		row.Release, row.Outcome, row.Phase, row.Since = r.ID, r.Outcome(), r.Phase, timestamp(r.Since)
		row.Revision, row.Asks, row.Cleanup = r.Revision.String(), r.Asks(), o.Cleanup
	}
	return row
}

func writeList(out io.Writer, rows []listed, all []remote.Overview, now time.Time) error {
	if len(rows) == 0 {
		_, err := fmt.Fprintln(out, "nothing is under way")
		if len(all) == 0 {
			_, err = fmt.Fprintln(out, "there are no targets here yet; serin apply -f FILE makes one")
		}
		return err
	}
	releases := map[release.TargetName]*release.Release{}
	for _, o := range all {
		releases[o.Target] = o.Release
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "TARGET\tSTATE\tSINCE\tREVISION\tRELEASE")
	for _, row := range rows {
		since := "-"
		if r := releases[row.Target]; r != nil {
			since = moment(r.Since, now)
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", row.Target, state(row, releases[row.Target]), since, orDash(row.Revision), orDash(string(row.Release)))
	}
	return table.Flush()
}

// state says in a few words how it stands with a target.
func state(row listed, r *release.Release) string {
	var words []string
	switch {
	case r == nil:
		words = append(words, "never released")
	case row.Asks:
		words = append(words, "asks for approval")
	case row.Outcome != release.OutcomeOpen:
		words = append(words, headline(row.Outcome))
	case r.Phase == release.Baking || r.Phase == release.Shifting:
		words = append(words, fmt.Sprintf("%s %d of %d, %d %%", r.Phase, min(r.Step+1, len(r.Steps)), len(r.Steps), story.Step(r).Weight))
	default:
		words = append(words, string(r.Phase))
	}
	if row.Cleanup != "" {
		words = append(words, "cleanup pending")
	}
	if n := len(row.Waiting); n > 0 {
		words = append(words, fmt.Sprintf("%d waiting", n))
	}
	return strings.Join(words, ", ")
}

// headline names an outcome in a table.
func headline(outcome release.Outcome) string {
	switch outcome {
	case release.OutcomeDirty:
		return "DIRTY"
	case release.OutcomeHeld:
		return "held, rolled back"
	}
	return strings.ToLower(story.Headline(outcome))
}

// moment is a time of today, or a day, in UTC.
func moment(t, now time.Time) string {
	if t.UTC().Format(time.DateOnly) == now.UTC().Format(time.DateOnly) {
		return t.UTC().Format("15:04")
	}
	return t.UTC().Format(time.DateOnly)
}

func orDash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}
