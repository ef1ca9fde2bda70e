package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/serin-aws/serin/internal/judge"
	"github.com/serin-aws/serin/internal/minutes"
	"github.com/serin-aws/serin/internal/yamlfile"
)

// judging is what the command was asked for.
type judging struct {
	minutes                         string
	margin, alpha, beta, phi, worse float64
	horizon                         int
	report                          reportPath
	output                          string

	given func(flag string) bool // on the command line
}

func judgeCommand() *cobra.Command {
	j := judging{}
	command := &cobra.Command{
		Use:   "judge --minutes FILE.csv",
		Short: "Judge a history of canary and baseline, minute by minute",
		Long: `Judge a history of canary and baseline as check-alarms would have judged it, looking at every minute. The history is
a CSV file whose first line names the columns, in any order:
  ` + minutes.Header + `
minute is a number or an RFC 3339 time and must rise; minutes may be missing. canary_n and baseline_n count what was
done in that minute (requests, messages), canary_failed and baseline_failed what of it failed.

With -o json: e is the evidence against the canary, which fails at 1/alpha; ratioLow and ratioHigh hold the ratio of
the failure rates (null: no upper end); decidedAtMinute is the row, from 0, that failed the canary, or null. e is
1e304 where it is more than that, since JSON has no infinity.

Exit codes: 0 there is a verdict, whichever; 1 something broke; 2 bad input.`,
		Example: `  serin judge --minutes history.csv
  serin judge --minutes history.csv --margin 1 --report history.html
  query-metrics | serin judge --minutes - -o json`,
		Args:              none,
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(c *cobra.Command, _ []string) error {
			return j.run(c.InOrStdin(), c.OutOrStdout())
		},
	}
	j.flags(command)
	return command
}

func (j *judging) flags(command *cobra.Command) {
	flags := command.Flags()
	flags.StringVar(&j.minutes, "minutes", "", "the history: a `FILE.csv`, or - for standard input")
	flags.Float64Var(&j.margin, "margin", 1.25, "`RATIO` of the failure rates that does not matter, 1 to 100")
	flags.Float64Var(&j.worse, "worse", 0, "`RATIO` that a pass must exclude, above the margin, at most 1000 (default 2, or 1.6 times a margin above 1.25)")
	flags.Float64Var(&j.alpha, "alpha", .01, "accepted `CHANCE` of failing a canary within the margin, 1e-9 to 0.2")
	flags.Float64Var(&j.beta, "beta", .05, "accepted `CHANCE` of passing a canary that is worse, 1e-9 to 0.5")
	flags.Float64Var(&j.phi, "phi", 0, "`FAILURES` that one cause makes, 1 to 1e6, for all minutes (default: estimated from the minutes before)")
	flags.IntVar(&j.horizon, "horizon", 60, "`MINUTES` within which a change is expected: the plan's longest bakes")
	flags.StringVar((*string)(&j.report), "report", "", "write what happened to `FILE.html`")
	outputFlag(command, &j.output)
	required(command, "minutes")
	complete(command, "minutes", cobra.ShellCompDirectiveFilterFileExt, "csv")
	complete(command, "report", cobra.ShellCompDirectiveFilterFileExt, "html")
	for _, name := range []string{"margin", "worse", "alpha", "beta", "phi", "horizon"} {
		complete(command, name, cobra.ShellCompDirectiveNoFileComp)
	}
	j.given = flags.Changed
}

// settings returns what was asked for. To the judge a zero is a default; on a command line it is a mistake.
func (j *judging) settings() (judge.Settings, error) {
	if !j.given("worse") {
		j.worse = max(2, 1.6*j.margin)
	}
	if !j.given("phi") {
		j.phi = 1
	}
	for _, option := range []struct {
		name             string
		value, low, high float64
	}{
		{"margin", j.margin, 1, 100},
		{"worse", j.worse, 1, 1000},
		{"alpha", j.alpha, 1e-9, .2}, // as falseRollback: above it the cap on what one minute may say is too low to find anything
		{"beta", j.beta, 1e-9, .5},
		{"phi", j.phi, 1, 1e6},
		{"horizon", float64(j.horizon), 1, minutes.MaxRows},
	} {
		if !(option.value >= option.low && option.value <= option.high) { // not a number is neither
			return judge.Settings{}, usageError("--%s is %g but must be from %g to %.10g", option.name, option.value, option.low, option.high)
		}
	}
	if j.worse <= j.margin {
		return judge.Settings{}, usageError("--worse is %g but must be above --margin (%g)", j.worse, j.margin)
	}
	if err := checkOutput(j.output); err != nil {
		return judge.Settings{}, err
	}
	return judge.Settings{
		Margin: j.margin, Worse: j.worse, Alpha: j.alpha, Beta: j.beta, Horizon: j.horizon,
		Dispersion: j.phi, FixedDispersion: j.given("phi"),
	}, j.report.check("--report")
}

func (j *judging) run(in io.Reader, out io.Writer) error {
	settings, err := j.settings()
	if err != nil {
		return err
	}
	name := "(standard input)"
	if j.minutes != "-" {
		file, err := os.Open(j.minutes)
		if err != nil {
			return usageError("--minutes cannot be read: %v", err)
		}
		defer file.Close() //nolint:errcheck // only read
		if at, err := file.Stat(); err == nil && at.IsDir() {
			return usageError("--minutes is %s but must be a file, and that is a folder", j.minutes)
		}
		name, in = j.minutes, file
	}
	return j.replay(name, in, out, settings)
}

// replay judges a history and tells of it once all of it was read: a file that is wrong in its last line is not told
// of. Until then what is to be told waits in a file, so that a long history needs little memory.
func (j *judging) replay(name string, in io.Reader, out io.Writer, settings judge.Settings) (err error) {
	waiting, err := os.CreateTemp("", "serin-judge-*")
	if err != nil {
		return fmt.Errorf("keep what is to be told: %w", err)
	}
	defer func() { err = errors.Join(err, waiting.Close(), os.Remove(waiting.Name())) }()
	process, err := judge.NewProcess(settings)
	if err != nil {
		return err
	}
	tellers := []teller{newTextTeller(name, out, waiting)}
	if j.output == "json" {
		tellers = []teller{newJSONTeller(out, waiting)}
	}
	if j.report != "" {
		tellers = append([]teller{newPageTeller(name, settings, j.report)}, tellers...)
	}
	return judgeAll(minutes.NewReader(name, in), process, tellers)
}

// teller tells of a replay.
type teller interface {
	// look is called after each row.
	look(row minutes.Row, p *judge.Process) error
	// end is called once after the last row.
	end(p *judge.Process) error
}

func judgeAll(rows *minutes.Reader, process *judge.Process, tellers []teller) error {
	for {
		row, err := rows.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if problem, ok := errors.AsType[*minutes.Problem](err); ok {
			return yamlfile.Problems{{File: problem.File, Place: yamlfile.Place{Line: problem.Line, Column: problem.Column}, Path: problem.Field, Text: problem.Text}}.Err()
		}
		if err == nil {
			err = process.Add(row.Minute)
		}
		if err != nil {
			return err
		}
		for _, t := range tellers {
			if err := t.look(row, process); err != nil {
				return err
			}
		}
	}
	for _, t := range tellers {
		if err := t.end(process); err != nil {
			return err
		}
	}
	return nil
}
