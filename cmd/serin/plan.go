package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/serin-aws/serin/internal/power"
	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/story"
	"github.com/serin-aws/serin/internal/targetfile"
)

// planning is what the command was asked for.
type planning struct {
	target         string
	rate, failures string
	runs           int
	seed           uint64
	output         string
}

func planCommand() *cobra.Command {
	p := planning{}
	command := &cobra.Command{
		Use:   "plan -f FILE --rate 100/s --failures 0.2%",
		Short: "Say what a plan can see before it is used",
		Long: `Say what a plan can see before it is used: how likely it catches a version that fails 1.5, 2, 5 and 10 times as
often, how soon, and how much work the canary does until then; and how likely it promotes a version that is no worse.
The target is released many times over against drawn counts, with the judge's own test and the rules of a bake. A plan
that cannot see ten times as many failures, or holds many good versions, is called out, with what to change.

The numbers are for failures that come one by one at a steady rate, and for the weights as they are written. Alarms,
other comparisons, approvals and freezes are taken to have nothing against the version.

Exit codes: 0 there is an answer, whichever; 1 something broke; 2 bad input.`,
		Example: `  serin plan -f orders.target.yaml --rate 100/s --failures 0.2%
  serin plan -f orders.target.yaml --rate 20/min --failures 1% -o json`,
		Args:              none,
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(c *cobra.Command, _ []string) error {
			return p.run(c.InOrStdin(), c.OutOrStdout())
		},
	}
	targetFlag(command, &p.target)
	flags := command.Flags()
	flags.StringVar(&p.rate, "rate", "", "`WORK` of both versions together: 100/s, 20/min, 5/h")
	flags.StringVar(&p.failures, "failures", "", "`PART` of it that fails today: 0.2%, or 0.002")
	flags.IntVar(&p.runs, "runs", 400, "`RELEASES` drawn of each version, 1 to 100000")
	flags.Uint64Var(&p.seed, "seed", 1, "`SEED` of the draws: the same seed gives the same numbers")
	outputFlag(command, &p.output)
	required(command, "rate", "failures")
	for _, name := range []string{"rate", "failures", "runs", "seed"} {
		complete(command, name, cobra.ShellCompDirectiveNoFileComp)
	}
	return command
}

func (p *planning) run(in io.Reader, out io.Writer) error {
	traffic, err := parseTraffic(p.rate, p.failures)
	if err != nil {
		return err
	}
	if p.runs < 1 || p.runs > 100_000 {
		return usageError("--runs is %d but must be from 1 to 100000", p.runs)
	}
	if err := checkOutput(p.output); err != nil {
		return err
	}
	name, data, err := readInput(p.target, in)
	if err != nil {
		return err
	}
	target, err := targetfile.Parse(name, data)
	if err != nil {
		return err
	}
	answer, err := power.Of(target, traffic, p.runs, p.seed)
	if err != nil {
		return err
	}
	if p.output == "json" {
		encoder := json.NewEncoder(out)
		encoder.SetIndent("", "  ")
		return encoder.Encode(plannedOf(target, answer))
	}
	_, err = io.WriteString(out, planText(target, answer))
	return err
}

// parseTraffic reads --rate and --failures.
func parseTraffic(rate, failures string) (power.Traffic, error) {
	var t power.Traffic
	number, per, found := strings.Cut(rate, "/")
	seconds, known := map[string]float64{"s": 1, "min": 60, "m": 60, "h": 3600}[per]
	n, err := strconv.ParseFloat(number, 64)
	if t.PerSecond = n / seconds; !found || !known || err != nil || !(t.PerSecond > 0 && t.PerSecond <= 1e9) {
		return t, usageError("--rate is %q but must be work in a time, above 0 and at most 1e9 a second: 100/s, 20/min or 5/h", rate)
	}
	text, percent := strings.CutSuffix(strings.TrimSpace(failures), "%")
	if t.Failures, err = strconv.ParseFloat(strings.TrimSpace(text), 64); percent {
		t.Failures /= 100
	}
	if err != nil || !(t.Failures >= 0 && t.Failures < 1) {
		return t, usageError("--failures is %q but must be a part of the work, 0 or more and less than all of it: 0.2%% or 0.002", failures)
	}
	return t, nil
}

// planned is the answer for scripts, which rely on its fields. Parts are of all releases, 0 to 1; medianSeconds is null
// where nothing was caught or promoted.
type planned struct {
	Target    release.TargetName `json:"target"`
	PerSecond float64            `json:"perSecond"`
	Failures  float64            `json:"failures"`
	Runs      int                `json:"runs"`
	Seed      uint64             `json:"seed"`
	Worse     []plannedWorse     `json:"worse"`
	Identical plannedSame        `json:"identical"`
	Problems  []string           `json:"problems"`
}

type plannedWorse struct {
	Ratio           float64  `json:"ratio"`
	Caught          float64  `json:"caught"`
	Promoted        float64  `json:"promoted"`
	Held            float64  `json:"held"`
	MedianSeconds   *float64 `json:"medianSeconds"`
	ExposedUnits    int64    `json:"exposedUnits"`
	ExposedFailures int64    `json:"exposedFailures"`
}

type plannedSame struct {
	Promoted      float64  `json:"promoted"`
	Held          float64  `json:"held"`
	RolledBack    float64  `json:"rolledBack"`
	MedianSeconds *float64 `json:"medianSeconds"`
}

func plannedOf(t release.Target, a power.Answer) planned {
	p := planned{
		Target: t.Name, PerSecond: a.Traffic.PerSecond, Failures: a.Traffic.Failures, Runs: a.Runs, Seed: a.Seed, Problems: []string{},
		Worse: []plannedWorse{}, Identical: plannedSame{a.Same.Promoted, a.Same.Held, a.Same.RolledBack, seconds(a.Same.Median)},
	}
	for _, c := range a.Worse {
		p.Worse = append(p.Worse, plannedWorse{c.Ratio, c.RolledBack, c.Promoted, c.Held, seconds(c.Median), c.Units, c.Failed})
	}
	for _, advice := range a.Advice {
		p.Problems = append(p.Problems, advice.String())
	}
	return p
}

func seconds(d time.Duration) *float64 {
	if d == 0 {
		return nil
	}
	s := d.Seconds()
	return &s
}

// longest returns how long the step of a plan that is extended longest may bake.
func longest(p release.Plan) release.Duration {
	steps, _ := p.Resolved() // a valid target's preset resolves
	var longest release.Duration
	for _, step := range steps {
		longest = max(longest, p.Longest(step))
	}
	return longest
}

func planText(t release.Target, a power.Answer) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s\n", t.Name, planLine(t.Plan))
	fmt.Fprintf(&b, "bakes extended up to %s each; %s %s a second, %s of them failing\n\n", longest(t.Plan), story.Decimal(a.Traffic.PerSecond), t.Platform.Units(), story.Percent(a.Traffic.Failures))
	if len(a.Worse) > 0 {
		fmt.Fprintf(&b, "  %-22s %-10s %-14s %s\n", "a version that fails", "is caught", "after (median)", "on the canary until then")
	}
	for _, c := range a.Worse {
		after, exposed := "-", "-"
		if c.Median > 0 {
			after, exposed = story.Length(c.Median), fmt.Sprintf("%s %s, %s failed", release.Count(c.Units), t.Platform.Units(), release.Count(c.Failed))
		}
		fmt.Fprintf(&b, "  %-22s %-10s %-14s %s\n", fmt.Sprintf("x%g", c.Ratio), power.Percent(c.RolledBack), after, exposed)
	}
	if len(a.Worse) > 0 {
		b.WriteString("\n")
	}
	b.WriteString("  " + sameLine(a.Same) + "\n")
	for _, advice := range a.Advice {
		fmt.Fprintf(&b, "\n  ✖ %s\n    %s\n", advice.Problem, advice.Change)
	}
	return b.String()
}

func sameLine(c power.Chances) string {
	text := "a version that is no worse is promoted in " + power.Percent(c.Promoted)
	if c.Median > 0 {
		text += fmt.Sprintf(" (after %s, median)", story.Length(c.Median))
	}
	return text + fmt.Sprintf(", held in %s, rolled back in %s", power.Percent(c.Held), power.Percent(c.RolledBack))
}
