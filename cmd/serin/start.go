package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/serin-aws/serin/internal/operate"
	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/remote"
)

type start struct {
	cloud
	input    operate.Input
	undo     string // a release's id or a target's name
	override []string
	wait     bool
}

func startCommand(o outside) *cobra.Command {
	s := start{cloud: cloud{outside: o}, input: operate.Input{Verb: release.OrderStart}}
	command := &cobra.Command{
		Use:   "start TARGET (--image IMAGE | --task-definition NAME | --version N | --code OBJECT | --undo RELEASE)",
		Short: "Start a release of a target",
		Long: `Start a release: an execution of serin's state machine, in your name. The start is an execution of the runbook
` + operate.Runbook(release.OrderStart) + ` of Systems Manager, which knows who you are. It prints the release's id as soon as the release runs;
with --wait it tells what happens until the end, and its exit code says how that was.

Whether the target takes the release is decided by the release itself, after the start: what serves already is nothing
to release; a busy target makes it wait, or refuses it, as its file says; an image that is older than what serves, or
that was rolled back before, is refused. Only a person starts one of those again, with --retry.

--emergency takes the short plan of the target's file (emergency:). It does not start while an alarm of the target is
in ALARM, except those that somebody with the permission for it has overridden: --override does so, and then starts.

--undo releases what served before another release, in the same careful way: an older revision, and so a retry.

--id makes the start count once: a CI job that is run again with the same id follows the release that it started first.

Exit codes: 0 started; with --wait as of serin status --wait. 1 AWS said no; 2 wrong use.`,
		Example: `  serin start orders-worker --image orders-worker:release-42
  serin start orders-worker --image orders-worker@sha256:9b1e... --wait --id "$CI_JOB_ID"
  serin start orders-worker --task-definition orders-worker:57
  serin start orders-api --code 's3://orders-code/orders-api/release-42.zip?versionId=3HL4kqtJ...'
  serin start orders-worker --image orders-worker:release-42 --retry --reason "the queue was down yesterday"
  serin start orders-worker --undo r-7f3c2a9b0d1e --reason "slow since Friday"
  serin start orders-worker --image orders-worker:fix-7 --emergency --override orders-dlq-not-empty \
    --reason "fixes the poison message"`,
		Args: one("TARGET"),
		RunE: func(c *cobra.Command, args []string) error {
			s.input.Target = release.TargetName(args[0])
			return s.run(c.Context(), c.OutOrStdout(), c.ErrOrStderr())
		},
	}
	s.startFlags(command)
	s.flags(command)
	command.ValidArgsFunction = s.completeTargets
	return command
}

func (s *start) startFlags(command *cobra.Command) {
	flags := command.Flags()
	flags.StringVar(&s.input.Revision.Image, "image", "", "release an `IMAGE` of the target's repository: repository:tag or repository@sha256:..., whose digest may be as short as serin shows it")
	flags.StringVar(&s.input.Revision.TaskDefinition, "task-definition", "", "release a registered task definition: its ARN or `FAMILY:REVISION`")
	flags.StringVar(&s.input.Revision.Version, "version", "", "release a published version `N` of the target's function")
	flags.StringVar(&s.input.Revision.Code, "code", "", "release a zip file of the target's place in S3: an `OBJECT` like 's3://bucket/key?versionId=...', or its newest version")
	flags.StringVar(&s.undo, "undo", "", "release what served before a `RELEASE` that was released (its id, or the target's name for the latest); needs --reason")
	flags.BoolVar(&s.input.First, "first", false, "a first release: there is no version to compare with, alarms and health decide")
	flags.BoolVar(&s.input.Retry, "retry", false, "release a revision that was rolled back before; needs --reason")
	flags.BoolVar(&s.input.Emergency, "emergency", false, "take the target's emergency plan; needs --reason")
	flags.StringArrayVar(&s.override, "override", nil, "with --emergency: start although this `ALARM` is in ALARM (may be repeated)")
	flags.StringVar(&s.input.Why, "reason", "", "why, in one line of `TEXT`")
	flags.StringVar(&s.input.ID, "id", "", "start once under this `ID`, however often the command is run")
	flags.BoolVar(&s.wait, "wait", false, "wait for the end and return how it was")
	for _, name := range []string{"image", "task-definition", "version", "code", "undo", "override", "reason", "id"} {
		complete(command, name, cobra.ShellCompDirectiveNoFileComp)
	}
}

func (s *start) check() error {
	named := 0
	for _, flag := range []string{s.input.Revision.Image, s.input.Revision.TaskDefinition, s.input.Revision.Version, s.input.Revision.Code, s.undo} {
		if flag != "" {
			named++
		}
	}
	switch wrong := s.input.Revision.Check(); {
	case named != 1:
		return usageError("exactly one of --image, --task-definition, --version, --code and --undo must say what to release")
	case s.undo == "" && wrong != nil:
		return usageError("%v", wrong)
	case s.input.Why == "" && s.undo != "":
		return usageError("--undo needs --reason: say what is wrong with what serves")
	case s.input.Why == "" && s.input.Retry:
		return usageError("--retry needs --reason: say why it will go better this time")
	case s.input.Why == "" && s.input.Emergency:
		return usageError("--emergency needs --reason")
	case len(s.override) > 0 && !s.input.Emergency:
		return usageError("--override goes with --emergency: a usual release may not pass a firing alarm")
	}
	return nil
}

func (s *start) run(ctx context.Context, out, errOut io.Writer) error {
	if err := s.check(); err != nil {
		return err
	}
	account, err := s.account(ctx)
	if err != nil {
		return err
	}
	if err := s.complete(ctx, account); err != nil {
		return err
	}
	if len(s.override) > 0 {
		if err := s.overriding(ctx, account, errOut); err != nil {
			return err
		}
	}
	answer, err := s.give(ctx, account, s.input, errOut)
	if err != nil {
		return err
	}
	started := begun{Release: answer.Release, Target: answer.Target, Execution: answer.Execution, StartedBy: answer.StartedBy, Again: answer.Again}
	if !s.wait {
		return s.tell(out, started)
	}
	if s.output == "text" {
		if err := s.tell(out, started); err != nil {
			return err
		}
		fmt.Fprintln(out)
	}
	f := follow{cloud: s.cloud, account: account, ref: remote.Reference{Release: started.Release, Target: started.Target, Execution: started.Execution}}
	return f.wait(ctx, out, errOut)
}

// complete finds out the rest of what the start says, and reports what can be told before it is made.
func (s *start) complete(ctx context.Context, account *remote.Account) error {
	if err := account.Startable(ctx, s.input); err != nil {
		return err
	}
	var err error
	if s.input.Revision.Image, err = account.InFull(ctx, s.input.Target, s.input.Revision.Image); err != nil {
		return err
	}
	if s.undo != "" {
		ref, err := account.Named(ctx, s.undo)
		if err != nil {
			return err
		}
		s.input.Undo = ref.Release
	}
	if s.input.ID == "" { // for people who look at the list of executions; and a start that is sent twice counts once
		now := s.now().UTC()
		s.input.ID = fmt.Sprintf("%s-%03d", now.Format("20060102T150405"), now.Nanosecond()/int(time.Millisecond))
	}
	return s.input.Check()
}

// begun is an execution that was started, and the release that it makes.
type begun struct {
	Release   release.ID           `json:"release"`
	Target    release.TargetName   `json:"target"`
	Execution release.ExecutionARN `json:"execution"`
	StartedBy string               `json:"startedBy"`
	Again     bool                 `json:"again"` // it was started before, by the same request with the same id
}

// overriding says that alarms do not count for this start.
func (s *start) overriding(ctx context.Context, account *remote.Account, errOut io.Writer) error {
	answer, err := s.give(ctx, account, operate.Input{Verb: release.OrderOverride, Target: s.input.Target, Why: s.input.Why, Alarms: s.override, ID: freshID()}, errOut)
	if err == nil {
		fmt.Fprintln(errOut, answer.Note)
	}
	return err
}

func (s *start) tell(out io.Writer, started begun) error {
	if s.output == "json" {
		return printJSON(out, started)
	}
	verb := "started"
	if started.Again {
		verb = "was started before, under this id, and is not started twice"
	}
	what := s.input.Revision.String()
	if s.undo != "" {
		what = "what served before " + string(s.input.Undo)
	}
	_, err := fmt.Fprintf(out, `%s  %s  %s  %s
  execution  %s
  follow     serin watch %s
  wait       serin status %s --wait
  go back    serin rollback %s --reason "..."
`, started.Target, started.Release, what, verb, started.Execution, started.Release, started.Release, started.Target)
	return err
}
