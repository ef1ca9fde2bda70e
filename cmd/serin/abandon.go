package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/serin-aws/serin/internal/operate"
	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/remote"
)

func abandonCommand(o outside) *cobra.Command {
	d := order{cloud: cloud{outside: o}, input: operate.Input{Verb: release.OrderAbandon}}
	command := &cobra.Command{
		Use:   "abandon TARGET --reason TEXT",
		Short: "Give up a release that is Dirty and can never come home",
		Long: `Give up a release that is Dirty: its lock becomes free, and nothing of the workload is changed. It is for what serin
recover can never bring home, because a part of it is gone for good, and for what people have dealt with by hand. What
serves then is what people have left there; the next release of the target records that, and goes back to it.

What serin made for the release and removes no more is told, with the commands that remove it. The release counts as
failed, and there is nothing to undo. It stays in the history, with who gave it up and why. /serin/live/TARGET, which
infrastructure code reads, says what it said before the release; the next one writes it.

The order is an execution of the runbook ` + operate.Runbook(release.OrderAbandon) + ` of Systems Manager, which knows who you are. A managed policy of
its own permits it, serin-` + string(release.MayAbandon) + `-REGION: who may recover may not abandon by that. While an earlier call may still
have an effect, a minute or two, the order is refused and says until when.

TARGET is a target's name, or a release's id.

Exit codes: 0 abandoned; 1 it is not Dirty, or AWS said no; 2 wrong use, or you may not.`,
		Example: `  serin abandon orders-worker --reason "the service is decommissioned"
  serin abandon r-7f3c2a9b0d1e --reason "brought home by hand, see incident 381"`,
		Args: one("TARGET"),
		RunE: func(c *cobra.Command, args []string) error {
			return d.giveOf(c, args[0], (*remote.Account).Named, d.input, func(answer operate.Answer) string {
				return fmt.Sprintf("%s: %s.\n%s", told(answer), answer.Note, answer.Leftovers)
			})
		},
	}
	d.asked(command)
	return command
}
