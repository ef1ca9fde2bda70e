package main

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/serin-aws/serin/internal/report"
)

type reporting struct {
	follow
	to string
}

func reportCommand(o outside) *cobra.Command {
	r := reporting{follow: follow{cloud: cloud{outside: o}}}
	command := &cobra.Command{
		Use:   "report RELEASE",
		Short: "Write the report of a release",
		Long: `Write the report of a release, finished or not: one self-contained HTML page, from the ledger and the workload's own
metrics. Metrics are read with your own permissions, or in another account with the target's role for looking; what
cannot be read is named in the report, and the judge's looks in the ledger carry it.

RELEASE is a release's id, an execution's ARN, or a target's name: its open release, or else its latest.

Exit codes: 0 written; 1 AWS said no; 2 wrong use, no such release, or one that was never opened.`,
		Example: `  serin report orders-worker
  serin report r-7f3c2a9b0d1e --out friday.html
  serin report r-7f3c2a9b0d1e --out - > friday.html`,
		Args: one("RELEASE"),
		RunE: func(c *cobra.Command, args []string) error {
			return r.run(c.Context(), args[0], c.OutOrStdout(), c.ErrOrStderr())
		},
	}
	command.Flags().StringVar(&r.to, "out", "", "the `FILE` to write, or - for standard output (default: the release's id and .html)")
	complete(command, "out", cobra.ShellCompDirectiveFilterFileExt, "html")
	r.flags(command)
	command.ValidArgsFunction = r.completeTargets
	return command
}

func (r *reporting) run(ctx context.Context, name string, out, errOut io.Writer) error {
	if r.to != "-" {
		if err := reportPath(r.to).check("--out"); err != nil {
			return err
		}
	}
	if err := r.find(ctx, name); err != nil {
		return err
	}
	told, err := r.measured(ctx)
	if err != nil {
		return err
	}
	if told.Release.ID == "" {
		return usageError("%s; there is nothing to report on", told.Sentence)
	}
	for _, missing := range told.Missing {
		fmt.Fprintf(errOut, "note: %s\n", missing)
	}
	if r.to == "-" {
		return report.Write(out, told)
	}
	if r.to == "" {
		r.to = string(told.Release.ID) + ".html"
	}
	if err := reportPath(r.to).write(told); err != nil {
		return err
	}
	if r.output == "json" {
		return printJSON(out, map[string]any{"release": told.Release.ID, "target": told.Release.Target.Name, "file": r.to})
	}
	_, err = fmt.Fprintf(out, "%s  %s  %s\n", told.Release.Target.Name, told.Release.ID, r.to)
	return err
}
