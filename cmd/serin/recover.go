package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/serin-aws/serin/internal/operate"
	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/remote"
)

type recovering struct {
	cloud
	reason string
}

func recoverCommand(o outside) *cobra.Command {
	r := recovering{cloud: cloud{outside: o}}
	command := &cobra.Command{
		Use:   "recover TARGET",
		Short: "Bring home a release that is Dirty, or lost its execution",
		Long: `Start an execution that brings the recorded baseline back: of a release that is Dirty, once what stood in the way is
mended, or of one whose execution ended without an end of its own. serin does the latter by itself within minutes.
Of a release that is over and left something (serin list says "cleanup pending") it makes one more attempt to clean up.
It can be started again and again: only the newest execution of a release may act. It is started by the runbook
` + operate.Runbook(release.OrderRecover) + ` of Systems Manager, which knows who you are, by whoever may roll back and stop.

TARGET is a target's name, or a release's id.

Exit codes: 0 started; 1 there is nothing to recover, or AWS said no; 2 wrong use.`,
		Example: `  serin recover orders-worker --reason "the service's role is back"
  serin recover r-7f3c2a9b0d1e && serin status r-7f3c2a9b0d1e --wait`,
		Args: one("TARGET"),
		RunE: func(c *cobra.Command, args []string) error {
			in := operate.Input{Verb: release.OrderRecover, Why: r.reason}
			return r.giveOf(c, args[0], (*remote.Account).Named, in, func(answer operate.Answer) string {
				return fmt.Sprintf("%s  %s  is being brought home\n  execution  %s\n  follow     serin watch %s\n", answer.Target, answer.Release, answer.Execution, answer.Release)
			})
		},
	}
	command.Flags().StringVar(&r.reason, "reason", "", "why, in one line of `TEXT`")
	complete(command, "reason", cobra.ShellCompDirectiveNoFileComp)
	r.flags(command)
	command.ValidArgsFunction = r.completeTargets
	return command
}
