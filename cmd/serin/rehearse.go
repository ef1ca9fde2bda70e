package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/serin-aws/serin/internal/rehearsal"
	"github.com/serin-aws/serin/internal/rehearsal/faults"
	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/scenario"
	"github.com/serin-aws/serin/internal/screen"
	"github.com/serin-aws/serin/internal/story"
	"github.com/serin-aws/serin/internal/targetfile"
)

// rehearse is what the command was asked for.
type rehearse struct {
	target, scenario string
	runs             int
	seed             uint64
	through          string
	speed            float64
	report           string
	output           string
	faults           bool
	faultRate        float64
	faultsOnly       []int
	pushes           int
}

func rehearseCommand() *cobra.Command {
	var r rehearse
	command := &cobra.Command{
		Use:   "rehearse -f FILE --scenario FILE",
		Short: "Rehearse releases of a target on this machine, without AWS",
		Long: `Rehearse one release of a target, or thousands: the real functions and the real state machine run against a simulated
AWS account in virtual time. One run is shown as it goes. Many runs answer whether the plan would catch a bad version,
how soon, how many messages would fail until then, and how often it would roll back a good version; and what an alarm on
the canary's failure rate, above 2 % in 2 of 3 minutes, would have done alone (up to 200 of the releases are rehearsed
once more for that, with the comparison taken out).
The same files and seed always give the same story.

The scenario says how much work arrives, what exists in the account, and how both versions behave;
serin schema scenario prints everything that can stand in it.

In a terminal, q goes from the live view to the end at once; Ctrl-C stops everything. Elsewhere, and with TERM=dumb,
every event is one line. NO_COLOR turns colours off; where the locale is not UTF-8, signs are ASCII.

Exit codes: 0 every invariant held, however the releases ended; 1 an invariant was broken, or something else failed;
2 bad input, also a release that was refused; 130 stopped by Ctrl-C.`,
		Example: `  serin rehearse -f target.yaml --scenario bad.yaml --report bad.html
  serin rehearse -f target.yaml --scenario bad.yaml --seed 7 --speed 60
  serin rehearse -f target.yaml --scenario good.yaml --runs 1000 -o json`,
		Args:              none,
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(c *cobra.Command, _ []string) error {
			return r.run(c.Context(), c.InOrStdin(), c.OutOrStdout(), c.ErrOrStderr())
		},
	}
	r.flags(command)
	return command
}

// usualFaults is the share of the calls that go wrong where --fault-rate says nothing.
const usualFaults = 0.01

func (r *rehearse) flags(command *cobra.Command) {
	targetFlag(command, &r.target)
	flags := command.Flags()
	flags.StringVar(&r.scenario, "scenario", "", "the scenario: a `FILE`")
	flags.IntVar(&r.runs, "runs", 1, "rehearse `N` releases, with the seeds S, S+1, ...")
	flags.Uint64Var(&r.seed, "seed", 1, "the seed `S` of the first run")
	flags.StringVar(&r.through, "through", "types", "the `WAY` from the functions to the simulated services: types (fast), or sdk (real SDK clients)")
	flags.Float64Var(&r.speed, "speed", 0, "live view: `X` virtual seconds in a second (0 means 300)")
	flags.StringVar(&r.report, "report", "", "write the story of the first run to `FILE.html`")
	flags.BoolVar(&r.faults, "faults", false, "let things go wrong, drawn from the seed: calls, functions, executions, the workload")
	flags.Float64Var(&r.faultRate, "fault-rate", usualFaults, "`SHARE` of the calls that go wrong with --faults; all else that goes wrong follows it")
	flags.IntSliceVar(&r.faultsOnly, "faults-only", nil, "of the faults of --seed only those with these `NUMBERS`, to replay a shortened story")
	flags.IntVar(&r.pushes, "pushes", 0, "in each run not one release but `N` versions pushed one after another, first the scenario's, then such as behave like what served, each for two targets that name the same workload")
	outputFlag(command, &r.output)
	complete(command, "scenario", cobra.ShellCompDirectiveFilterFileExt, fileTypes...)
	required(command, "scenario")
	complete(command, "report", cobra.ShellCompDirectiveFilterFileExt, "html")
	complete(command, "through", cobra.ShellCompDirectiveNoFileComp, "types", "sdk")
	for _, name := range []string{"runs", "seed", "speed", "fault-rate", "faults-only", "pushes"} {
		complete(command, name, cobra.ShellCompDirectiveNoFileComp)
	}
}

// usageError is a wrong use that only shows once the flags are read.
func usageError(format string, args ...any) error {
	return release.Errorf(release.Invalid, "", format, args...)
}

func (r *rehearse) check() error {
	switch {
	case r.runs < 1 || r.runs > 10_000_000:
		return usageError("--runs is %d but must be from 1 to 10000000", r.runs)
	case r.through != "types" && r.through != "sdk":
		return usageError("--through is %q but must be types or sdk", r.through)
	case !(r.faultRate > 0 && r.faultRate <= 0.5):
		return usageError("--fault-rate is %g but must be above 0 and at most 0.5", r.faultRate)
	case !r.faults && (len(r.faultsOnly) > 0 || r.faultRate != usualFaults):
		return usageError("--fault-rate and --faults-only need --faults")
	case r.pushes < 0 || r.pushes > 100:
		return usageError("--pushes is %d but must be from 0 to 100", r.pushes)
	case r.pushes > 0 && (r.report != "" || r.speed != 0):
		return usageError("--pushes rehearses several releases at once: it has no live view for --speed and no story for --report")
	case !(r.speed >= 0 && r.speed <= fastest): // not a number is neither
		return usageError("--speed is %g but must be from 0 to %d", r.speed, fastest)
	}
	if err := checkOutput(r.output); err != nil {
		return err
	}
	return reportPath(r.report).check("--report")
}

func (r *rehearse) run(ctx context.Context, in io.Reader, out, errOut io.Writer) error {
	if err := r.check(); err != nil {
		return err
	}
	plan, file, err := r.plan(in)
	if err != nil {
		return err
	}
	if r.runs > 1 || r.pushes > 0 {
		return r.many(ctx, plan, file, out, errOut)
	}
	return r.one(ctx, plan, file, in, out, errOut)
}

func (r *rehearse) plan(in io.Reader) (*rehearsal.Plan, []byte, error) {
	name, file, err := readInput(r.target, in)
	if err != nil {
		return nil, nil, err
	}
	target, err := targetfile.Parse(name, file)
	if err != nil {
		return nil, nil, err
	}
	s, err := scenario.Open(r.scenario)
	if err != nil {
		return nil, nil, err
	}
	plan, err := rehearsal.NewPlan(target, s)
	if err != nil {
		return nil, nil, err
	}
	plan.ThroughSDK = r.through == "sdk"
	plan.Pushes = r.pushes
	if r.faults {
		plan.Disturb(faults.Usual(r.faultRate), r.faultsOnly)
	}
	return plan, file, nil
}

// one rehearses one release and shows it as it goes.
func (r *rehearse) one(ctx context.Context, plan *rehearsal.Plan, file []byte, in io.Reader, out, errOut io.Writer) error {
	run, err := plan.Start(r.seed, true, nil)
	if err != nil {
		return err
	}
	defer run.Close()
	seen := false // the outcome, in a live view
	if r.output == "text" {
		if seen, err = r.show(ctx, run, in, out); err != nil {
			return err
		}
	}
	told, err := r.finish(ctx, run, file)
	if err != nil {
		return err
	}
	result, err := run.Outcome(ctx)
	if err != nil {
		return err
	}
	var counted story.Tally
	counted.Add(result)
	switch {
	case r.output == "json":
		err = printJSON(out, counted.Summary())
	case seen:
		_, err = io.WriteString(out, screen.Facts(told, r.report, width(out), colourful(out)))
	case told.Outcome != release.OutcomeRefused: // the error says it all
		_, err = io.WriteString(out, screen.Summary(told, r.report, width(out), colourful(out)))
	}
	if err != nil {
		return err
	}
	return r.verdict(ctx, plan, counted.Summary(), violationsOf(r.seed, result), told, errOut)
}

// finish runs to the end, tells the story and writes it to the report. A refused release leaves an earlier report be.
func (r *rehearse) finish(ctx context.Context, run *rehearsal.Run, file []byte) (story.Story, error) {
	run.Finish()
	told, err := run.Story(ctx)
	if err != nil {
		return told, err
	}
	told.File, told.Rehearsed.Scenario = string(file), filepath.Base(r.scenario)
	if told.Outcome == release.OutcomeRefused {
		return told, nil
	}
	return told, reportPath(r.report).write(told)
}

// rateRuns is of how many releases it is said what an alarm alone would have done: enough for a median.
const rateRuns = 200

// many rehearses many releases and says what they have in common.
func (r *rehearse) many(ctx context.Context, plan *rehearsal.Plan, file []byte, out, errOut io.Writer) error {
	summary, violations, err := plan.Many(ctx, r.runs, r.seed)
	if err != nil {
		return err
	}
	summary.Scenario = filepath.Base(r.scenario)
	refused := summary.Outcomes.Refused == summary.Runs
	if !refused && !r.faults && r.pushes == 0 {
		if summary.RateAlarm, err = plan.RateAlarm(ctx, min(r.runs, rateRuns), r.seed); err != nil {
			return err
		}
	}
	var told story.Story
	if refused || r.report != "" {
		if told, err = r.first(ctx, plan, file); err != nil {
			return err
		}
	}
	switch {
	case r.output == "json":
		err = printJSON(out, summary)
	case !refused: // the error says it all
		_, err = io.WriteString(out, screen.Table(summary, colourful(out)))
	}
	if err != nil {
		return err
	}
	return r.verdict(ctx, plan, summary, violations, told, errOut)
}

// first rehearses the first of many runs once more, with its story.
func (r *rehearse) first(ctx context.Context, plan *rehearsal.Plan, file []byte) (story.Story, error) {
	run, err := plan.Start(r.seed, true, nil)
	if err != nil {
		return story.Story{}, err
	}
	defer run.Close()
	return r.finish(ctx, run, file)
}

// verdict turns what came out into the command's exit code. told is the first run's story, needed where all were refused.
func (r *rehearse) verdict(ctx context.Context, plan *rehearsal.Plan, summary story.Summary, violations []rehearsal.Violation, told story.Story, errOut io.Writer) error {
	if len(violations) > 0 {
		return r.broken(ctx, plan, summary.Runs, violations, errOut)
	}
	if summary.Outcomes.Refused == summary.Runs {
		return refused(told)
	}
	return nil
}

// refused says why a release was not started, and says it once.
func refused(told story.Story) error {
	again := fmt.Sprintf("prepare %s: ", told.Release.Target.Name) // what was tried, of a target that is named before
	return usageError("not started, %s", strings.Replace(told.Sentence, again, "", 1))
}

func printJSON(out io.Writer, v any) error {
	encoder := json.NewEncoder(out)
	encoder.SetIndent("", "  ")
	return encoder.Encode(v)
}
