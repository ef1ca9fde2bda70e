package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/serin-aws/serin/internal/rehearsal"
	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/report"
	"github.com/serin-aws/serin/internal/scenario"
	"github.com/serin-aws/serin/internal/screen"
	"github.com/serin-aws/serin/internal/story"
	"github.com/serin-aws/serin/internal/targetfile"
	"github.com/serin-aws/serin/internal/yamlfile"
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
}

func rehearseCommand() *cobra.Command {
	var r rehearse
	command := &cobra.Command{
		Use:   "rehearse -f FILE --scenario FILE",
		Short: "Rehearse releases of a target on this machine, without AWS",
		Long: `Rehearse one release, or thousands, of a target: the real functions and the real state machine against a simulated
AWS account in virtual time. One run is shown as it goes; many runs answer whether the plan would catch a bad version,
how soon, at what price, and how often it would roll back a good one. One seed always gives the same story.

Exit codes: 0 no invariant was broken, 1 one was, 2 bad input, also a release that was refused.`,
		Example: `  serin rehearse -f target.yaml --scenario bad.yaml --report bad.html
  serin rehearse -f target.yaml --scenario good.yaml --runs 1000 -o json
  serin rehearse -f target.yaml --scenario bad.yaml --seed 7 --speed 60`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return r.run(c.Context(), c.OutOrStdout(), c.ErrOrStderr())
		},
	}
	flags := command.Flags()
	flags.StringVarP(&r.target, "file", "f", "", "target `FILE`")
	flags.StringVar(&r.scenario, "scenario", "", "scenario `FILE`")
	flags.IntVar(&r.runs, "runs", 1, "how many releases to rehearse, with the seeds S, S+1, ...")
	flags.Uint64Var(&r.seed, "seed", 1, "seed of the first run")
	flags.StringVar(&r.through, "through", "types", "how the functions reach the simulated services: types, or sdk for real SDK clients")
	flags.Float64Var(&r.speed, "speed", 0, "virtual seconds a second for the live view of one run; 0: quick")
	flags.StringVar(&r.report, "report", "", "write the story of the first run to `FILE.html`")
	flags.StringVarP(&r.output, "output", "o", "text", "text or json")
	for _, name := range []string{"file", "scenario"} {
		if err := command.MarkFlagRequired(name); err != nil {
			panic(err) // the flag stands above
		}
	}
	return command
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
	case r.output != "text" && r.output != "json":
		return usageError("--output is %q but must be text or json", r.output)
	case r.speed < 0:
		return usageError("--speed is %g but must not be negative", r.speed)
	}
	return nil
}

func (r *rehearse) run(ctx context.Context, out, errOut io.Writer) error {
	if err := r.check(); err != nil {
		return err
	}
	plan, file, err := r.plan()
	if err != nil {
		return err
	}
	if r.runs > 1 {
		return r.many(ctx, plan, out, errOut)
	}
	return r.one(ctx, plan, file, out)
}

func (r *rehearse) plan() (*rehearsal.Plan, []byte, error) {
	file, err := yamlfile.Open(r.target)
	if err != nil {
		return nil, nil, err
	}
	target, err := targetfile.Parse(r.target, file)
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
	return plan, file, nil
}

// one rehearses one release and shows it as it goes.
func (r *rehearse) one(ctx context.Context, plan *rehearsal.Plan, file []byte, out io.Writer) error {
	run, err := plan.Start(r.seed, true, nil)
	if err != nil {
		return err
	}
	if r.output == "text" {
		if err := r.show(ctx, run, out); err != nil {
			return err
		}
	}
	run.Finish()
	told, err := run.Story(ctx)
	if err != nil {
		return err
	}
	told.File, told.Rehearsed.Scenario = string(file), filepath.Base(r.scenario)
	if err := r.writeReport(told); err != nil {
		return err
	}
	result, err := run.Outcome(ctx)
	if err != nil {
		return err
	}
	var counted story.Tally
	counted.Add(result)
	if r.output == "json" {
		err = printJSON(out, counted.Summary())
	} else {
		_, err = io.WriteString(out, screen.Summary(told, r.report, colourful(out)))
	}
	if err != nil {
		return err
	}
	return r.verdict(counted.Summary(), violationsOf(r.seed, result), told.Sentence)
}

// many rehearses many releases and says what they have in common.
func (r *rehearse) many(ctx context.Context, plan *rehearsal.Plan, out, errOut io.Writer) error {
	summary, violations, err := plan.Many(ctx, r.runs, r.seed)
	if err != nil {
		return err
	}
	summary.Scenario = filepath.Base(r.scenario)
	if r.report != "" {
		if err := r.reportFirst(ctx, plan); err != nil {
			return err
		}
	}
	if r.output == "json" {
		err = printJSON(out, summary)
	} else {
		_, err = io.WriteString(out, screen.Table(summary, colourful(out)))
	}
	if err != nil {
		return err
	}
	for _, v := range violations[:min(10, len(violations))] {
		fmt.Fprintf(errOut, "seed %d: %s\n  replay: serin rehearse -f %s --scenario %s --seed %d\n", v.Seed, v.Text, r.target, r.scenario, v.Seed)
	}
	return r.verdict(summary, violations, "every release was refused; rehearse one alone to see why")
}

func (r *rehearse) reportFirst(ctx context.Context, plan *rehearsal.Plan) error {
	run, err := plan.Start(r.seed, true, nil)
	if err != nil {
		return err
	}
	run.Finish()
	told, err := run.Story(ctx)
	if err != nil {
		return err
	}
	return r.writeReport(told)
}

// verdict turns what came out into the command's exit code.
func (r *rehearse) verdict(summary story.Summary, violations []rehearsal.Violation, refusal string) error {
	if len(violations) > 0 {
		first := violations[0]
		return fmt.Errorf("%d of %d runs broke an invariant; the first: seed %d: %s", len(violations), summary.Runs, first.Seed, first.Text)
	}
	if summary.Outcomes.Refused == summary.Runs {
		return usageError("%s", refusal)
	}
	return nil
}

func violationsOf(seed uint64, run story.Run) []rehearsal.Violation {
	var violations []rehearsal.Violation
	for _, text := range run.Violations {
		violations = append(violations, rehearsal.Violation{Seed: seed, Text: text})
	}
	return violations
}

func (r *rehearse) writeReport(told story.Story) error {
	if r.report == "" {
		return nil
	}
	file, err := os.Create(r.report)
	if err != nil {
		return usageError("--report cannot be written: %v", err)
	}
	if err := report.Write(file, told); err != nil {
		file.Close() //nolint:errcheck // the first error is the one to tell
		return err
	}
	return file.Close()
}

func printJSON(out io.Writer, v any) error {
	encoder := json.NewEncoder(out)
	encoder.SetIndent("", "  ")
	return encoder.Encode(v)
}

// look is how much virtual time passes between two looks of somebody who watches.
const look = 15 * time.Second
