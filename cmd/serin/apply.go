package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/serin-aws/serin/internal/remote"
	"github.com/serin-aws/serin/internal/targetfile"
)

type apply struct {
	cloud
	file string
	dry  bool
}

func applyCommand(o outside) *cobra.Command {
	a := apply{cloud: cloud{outside: o}}
	command := &cobra.Command{
		Use:   "apply -f FILE",
		Short: "Write a target to AWS",
		Long: `Check a target file as serin validate does and write it to the SSM parameter /serin/targets/NAME, where releases read
it. What changes is shown setting by setting, defaults included; a target that stands there already is left alone.
Up to 4 KB it is a standard parameter, up to 8 KB an advanced one, which costs money; a larger target is refused.
A release that is open goes on with the target as it was when it began.

Exit codes: 0 written, or nothing to write; 1 AWS said no; 2 a wrong file or wrong use.`,
		Example: `  serin apply -f orders.target.yaml --dry-run
  serin apply -f orders.target.yaml --profile prod --region eu-central-1
  serin apply -f - -o json < orders.target.yaml`,
		Args:              none,
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(c *cobra.Command, _ []string) error {
			return a.run(c.Context(), c.InOrStdin(), c.OutOrStdout(), c.ErrOrStderr())
		},
	}
	targetFlag(command, &a.file)
	command.Flags().BoolVar(&a.dry, "dry-run", false, "show what would change, and write nothing")
	a.flags(command)
	return command
}

func (a *apply) run(ctx context.Context, in io.Reader, out, errOut io.Writer) error {
	name, data, err := readInput(a.file, in)
	if err != nil {
		return err
	}
	target, err := targetfile.Parse(name, data)
	if err != nil {
		return err
	}
	account, err := a.account(ctx)
	if err != nil {
		return err
	}
	done, err := account.Compare(ctx, target)
	if err != nil {
		return err
	}
	done.DryRun = a.dry
	if !a.dry {
		if done, err = account.Apply(ctx, done); err != nil {
			return err
		}
	}
	if a.output == "json" {
		return printJSON(out, done)
	}
	for _, note := range targetfile.Notes(target) {
		fmt.Fprintf(errOut, "note: %s\n", note)
	}
	for _, warning := range done.Warnings {
		fmt.Fprintf(errOut, "warning: %s\n", warning)
	}
	_, err = io.WriteString(out, applied(done))
	return err
}

// applied says what became of a target.
func applied(p remote.Application) string {
	var b strings.Builder
	verb := map[remote.Result]string{remote.Created: "created", remote.Changed: "changed", remote.Unchanged: "unchanged"}[p.Result]
	if p.DryRun && p.Result != remote.Unchanged {
		verb = "would be " + verb
	}
	fmt.Fprintf(&b, "%s %s: %s, %d bytes, %s tier", p.Target, verb, p.Parameter, p.Bytes, strings.ToLower(p.Tier))
	if p.Version > 0 && !(p.DryRun && p.Result != remote.Unchanged) {
		fmt.Fprintf(&b, ", version %d", p.Version)
	}
	b.WriteByte('\n')
	for _, change := range p.Changes {
		switch from, to := written(change.From), written(change.To); {
		case from == "":
			fmt.Fprintf(&b, "  + %s: %s\n", change.Path, to)
		case to == "":
			fmt.Fprintf(&b, "  - %s: %s\n", change.Path, from)
		default:
			fmt.Fprintf(&b, "  ~ %s: %s -> %s\n", change.Path, from, to)
		}
	}
	return b.String()
}

// written is a value as it stands in YAML: a text without quotes.
func written(value json.RawMessage) string {
	var text string
	if json.Unmarshal(value, &text) == nil {
		return text
	}
	return string(value)
}
