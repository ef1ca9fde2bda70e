package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/serin-aws/serin/internal/operate"
	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/remote"
)

// order is one thing that a person asks of a release.
type order struct {
	cloud
	input operate.Input
	now   bool // of promote: said so
}

// orderCommand returns the command of an order. The verb is the command's name but for promote-now.
func orderCommand(o outside, verb release.OrderVerb, command *cobra.Command) *cobra.Command {
	d := order{cloud: cloud{outside: o}, input: operate.Input{Verb: verb}}
	command.Args = one("TARGET")
	if verb != release.OrderOverride {
		command.Long += `

TARGET is a target's name, for the release of it that is under way, or a release's id. The order is an execution of the
runbook ` + operate.Runbook(verb) + ` of Systems Manager, which knows who you are. It is written into the ledger in your name, with the
reason, and obeyed by whatever function of the release has its turn next.`
	}
	command.Long += `

Exit codes: 0 ordered; 1 it makes no sense now, or AWS said no; 2 wrong use, or you may not.`
	flags := command.Flags()
	switch verb {
	case release.OrderPromoteNow:
		flags.BoolVar(&d.now, "now", false, "yes: skip what is left of bakes, approvals and freeze windows")
		flags.BoolVar(&d.input.NoData, "without-data", false, "promote even though nothing was measured")
		required(command, "now")
	case release.OrderOverride:
		flags.StringArrayVar(&d.input.Alarms, "alarm", nil, "an `ALARM` that may be in ALARM at the start (may be repeated)")
		required(command, "alarm")
		complete(command, "alarm", cobra.ShellCompDirectiveNoFileComp)
	}
	d.asked(command)
	command.RunE = func(c *cobra.Command, args []string) error {
		return d.giveOf(c, args[0], (*remote.Account).Address, d.input, func(answer operate.Answer) string {
			return fmt.Sprintf("%s: %s\n", told(answer), answer.Note)
		})
	}
	return command
}

// asked adds what is asked with every order: why, and which it is.
func (d *order) asked(command *cobra.Command) {
	command.Flags().StringVar(&d.input.Why, "reason", "", "why, in one line of `TEXT`")
	command.Flags().StringVar(&d.input.ID, "id", "", "an `ID` that counts once, however often the command is run (default: a new one)")
	required(command, "reason")
	for _, name := range []string{"reason", "id"} {
		complete(command, name, cobra.ShellCompDirectiveNoFileComp)
	}
	d.flags(command)
	command.ValidArgsFunction = d.completeTargets
}

func approveCommand(o outside) *cobra.Command {
	return orderCommand(o, release.OrderApprove, &cobra.Command{
		Use:   "approve TARGET --reason TEXT",
		Short: "Let a release go on that asks for an approval",
		Long: `Approve the step at which a release asks (approval: required). Whoever started the release cannot approve it, unless
the target's file says so (approvals.byRequester). Of a release that was started by hand, past serin start and its runbook,
nobody knows who that was: then two people approve.`,
		Example: `  serin approve orders-worker --reason "looks good on the dashboard"`,
	})
}

func rejectCommand(o outside) *cobra.Command {
	return orderCommand(o, release.OrderReject, &cobra.Command{
		Use:     "reject TARGET --reason TEXT",
		Short:   "Refuse a release that asks for an approval",
		Long:    `Refuse the approval that a release asks for: what served before comes back.`,
		Example: `  serin reject orders-worker --reason "the campaign starts tonight"`,
	})
}

func promoteCommand(o outside) *cobra.Command {
	return orderCommand(o, release.OrderPromoteNow, &cobra.Command{
		Use:   "promote TARGET --now --reason TEXT",
		Short: "Promote a release before its plan does",
		Long: `Promote a release now: what is left of bakes, approvals and freeze windows is skipped. A verdict of fail is not: the
next look still rolls back what fails, and what has no data is promoted only with --without-data.`,
		Example: `  serin promote orders-worker --now --reason "fixes the checkout, seen on the canary"`,
	})
}

func rollbackCommand(o outside) *cobra.Command {
	return orderCommand(o, release.OrderRollback, &cobra.Command{
		Use:   "rollback TARGET --reason TEXT",
		Short: "Bring back what served before the release",
		Long: `Roll a release back that is under way: its recorded baseline comes back, from the release's next look on. That is
within a minute while it bakes, and within five while it waits for a person. serin stop does it at once.
A release that is over is undone by releasing what served before; serin status shows the command.`,
		Example: `  serin rollback orders-worker --reason "customers call"
  serin rollback r-7f3c2a9b0d1e --reason "customers call"`,
	})
}

func stopCommand(o outside) *cobra.Command {
	return orderCommand(o, release.OrderStop, &cobra.Command{
		Use:     "stop TARGET --reason TEXT",
		Short:   "Bring back what served before, at once",
		Long:    `Stop a release: its execution is stopped where it is, and another one brings the recorded baseline back at once.`,
		Example: `  serin stop orders-worker --reason "customers call"`,
	})
}

func overrideCommand(o outside) *cobra.Command {
	return orderCommand(o, release.OrderOverride, &cobra.Command{
		Use:   "override TARGET --alarm NAME --reason TEXT",
		Short: "Let the next emergency release start although an alarm fires",
		Long: `Say that alarms do not count for the next emergency release of a target: they fire for what it is to repair. It holds
for one start and expires by itself. serin start --emergency --override does both in one step, for who may do both.`,
		Example: `  serin override orders-worker --alarm orders-dlq-not-empty --reason "fix-7 repairs it"
  serin start orders-worker --image orders-worker:fix-7 --emergency --reason "fix-7 repairs it"`,
	})
}

// find says what a name on the command line stands for: Account.Address a release by its id, or a target alone;
// Account.Named the one release, open or over, so that an order means it also when it comes once more.
type find func(account *remote.Account, ctx context.Context, name string) (remote.Reference, error)

// giveOf gives an order of what a name stands for, and prints the answer.
func (c *cloud) giveOf(command *cobra.Command, name string, find find, in operate.Input, text func(operate.Answer) string) error {
	ctx, out := command.Context(), command.OutOrStdout()
	account, err := c.account(ctx)
	if err != nil {
		return err
	}
	ref, err := find(account, ctx, name)
	if err != nil {
		return err
	}
	in.Target, in.Release, in.ID = ref.Target, ref.Release, cmp.Or(in.ID, freshID())
	answer, err := c.give(ctx, account, in, command.ErrOrStderr())
	if err != nil {
		return err
	}
	if c.output == "json" {
		return printJSON(out, answer)
	}
	_, err = io.WriteString(out, text(answer))
	return err
}

// How a runbook is waited for: its one step takes as long as the function, and Systems Manager some seconds around it.
const (
	firstOrderLook = 500 * time.Millisecond
	lastOrderLook  = 5 * time.Second
	orderSilence   = 15 * time.Second // after so long a person is told what is waited for
	orderPatience  = 6 * time.Minute  // more than the step may take with all its attempts
)

// give gives an order by its runbook and waits for the answer.
func (c *cloud) give(ctx context.Context, account *remote.Account, in operate.Input, errOut io.Writer) (operate.Answer, error) {
	ordering, err := account.Order(ctx, in)
	if err != nil {
		return operate.Answer{}, err
	}
	var waited time.Duration
	for pause := firstOrderLook; ; pause = min(2*pause, lastOrderLook) {
		if err := c.wait(ctx, pause); err != nil {
			return operate.Answer{}, err
		}
		if waited < orderSilence && waited+pause >= orderSilence {
			fmt.Fprintf(errOut, "serin: waiting for Systems Manager: %s\n", ordering)
		}
		waited += pause
		answer, done, err := account.Ordered(ctx, ordering)
		switch {
		case done:
			return answer, err
		case err != nil && !passing(err):
			return answer, fmt.Errorf("the order is on its way, and what becomes of it cannot be seen; serin status %s tells: %w", in.Target, err)
		case waited >= orderPatience:
			return answer, release.Errorf(release.Unavailable, ordering.String(), "it has not ended after %s and may be obeyed yet; serin status %s tells, and Systems Manager, Automation, shows it%s",
				release.Duration(orderPatience), in.Target, after(err))
		}
	}
}

// after is the last error, where there is one, at the end of a sentence.
func after(err error) string {
	if err == nil {
		return ""
	}
	return ": " + err.Error()
}

func told(a operate.Answer) string {
	if a.Release == "" {
		return string(a.Target)
	}
	return string(a.Target) + "  " + string(a.Release)
}

// freshID returns an id that nobody has used.
func freshID() string { return "cli-" + rand.Text() }
