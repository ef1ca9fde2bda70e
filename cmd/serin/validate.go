package main

import (
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/serin-aws/serin/internal/power"
	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/targetfile"
	"github.com/serin-aws/serin/internal/yamlfile"
)

func validateCommand() *cobra.Command {
	var effective bool
	var rate, failures string
	command := &cobra.Command{
		Use:   "validate [--show] FILE",
		Short: "Check a target file",
		Long: `Check a target file: everything that can be known without AWS, all mistakes at once, each with its place.
FILE is YAML, or JSON where its name ends in .json; - reads standard input.

It also says at which traffic the plan can tell a good version from a bad one; with --rate and --failures, how likely it
promotes a version that is no worse, and warns below 80 %. serin plan says more.

Exit codes: 0 valid, notes or not; 2 mistakes in the file, or wrong use.`,
		Example: `  serin validate orders.target.yaml
  serin validate --show orders.target.yaml   # the effective file, every default written out and marked`,
		Args:              one("FILE"),
		ValidArgsFunction: completeFiles,
		RunE: func(c *cobra.Command, args []string) error {
			var traffic power.Traffic
			if (rate == "") != (failures == "") {
				return usageError("--rate and --failures go together: both must be given, or neither")
			}
			if rate != "" {
				var err error
				if traffic, err = parseTraffic(rate, failures); err != nil {
					return err
				}
			}
			return validate(args[0], effective, traffic, c.InOrStdin(), c.OutOrStdout(), c.ErrOrStderr())
		},
	}
	command.Flags().BoolVar(&effective, "show", false, "print the effective file, with every default")
	command.Flags().StringVar(&rate, "rate", "", "`WORK` of both versions together: 100/s, 20/min, 5/h")
	command.Flags().StringVar(&failures, "failures", "", "`PART` of it that fails today: 0.2%, or 0.002")
	return command
}

// fileTypes are the files that targets and scenarios stand in.
var fileTypes = []string{"yaml", "yml", "json"}

func completeFiles(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return fileTypes, cobra.ShellCompDirectiveFilterFileExt
}

func validate(path string, effective bool, traffic power.Traffic, in io.Reader, out, errOut io.Writer) error {
	name, data, err := readInput(path, in)
	if err != nil {
		return err
	}
	target, err := targetfile.Parse(name, data)
	if err != nil {
		return err
	}
	powers, warnings, err := powerOf(target, traffic)
	if err != nil {
		return err
	}
	text := append(summary(name, target), powers...)
	if effective {
		if text, err = targetfile.Show(name, data); err != nil {
			return err
		}
	}
	if _, err := out.Write(text); err != nil {
		return err
	}
	for _, note := range targetfile.Notes(target) {
		fmt.Fprintf(errOut, "note: %s\n", note)
	}
	for _, warning := range warnings {
		fmt.Fprintf(errOut, "note: at this traffic %s\n", warning)
	}
	return nil
}

// seedOfPower and runsOfPower are those of serin plan, so that both print the same numbers.
const (
	seedOfPower = 1
	runsOfPower = 400
)

// powerOf says what the plan can see, and warns: at a traffic, or, where none is given, from which traffic on.
func powerOf(t release.Target, traffic power.Traffic) (line string, warnings []power.Advice, err error) {
	if traffic == (power.Traffic{}) {
		const failures = .01
		perSecond, ok := power.Needs(t, failures, seedOfPower)
		if !ok {
			return "", nil, nil
		}
		return fmt.Sprintf("  %-8s a version that is no worse is promoted in %s of releases from about %s failures a minute on,\n  %-8s both versions together: %s %s a second of which 1 %% fail, %s of which 0.1 %% fail (see serin plan)\n",
			"power", power.Percent(power.Enough), roughly(60*failures*perSecond), "", roughly(perSecond), t.Platform.Units(), roughly(10*perSecond)), nil, nil
	}
	a, err := power.Of(t, traffic, runsOfPower, seedOfPower)
	if err != nil {
		return "", nil, err
	}
	return fmt.Sprintf("  %-8s %s\n", "power", sameLine(a.Same)), a.Advice, nil
}

// roughly writes two digits: the traffic that is needed is not known better.
func roughly(x float64) string {
	unit := math.Pow(10, math.Floor(math.Log10(x))-1)
	return strings.TrimSuffix(strconv.FormatFloat(math.Round(x/unit)*unit, 'f', max(0, -int(math.Round(math.Log10(unit)))), 64), ".0")
}

// readInput reads a file of the user's, or standard input for -.
func readInput(path string, in io.Reader) (name string, data []byte, err error) {
	if path == "-" {
		data, err = yamlfile.Limited(in)
		return "(standard input)", data, err
	}
	data, err = yamlfile.Open(path)
	return path, data, err
}

// summary says in a few lines what a valid target does.
func summary(name string, t release.Target) []byte {
	var b strings.Builder
	line := func(label, format string, args ...any) {
		fmt.Fprintf(&b, "  %-8s %s\n", label, fmt.Sprintf(format, args...))
	}
	worst := targetfile.WorstCase(t)
	fmt.Fprintf(&b, "%s is valid\n", name)
	line("target", "%s (%s)%s", t.Name, t.Platform, where(t))
	line("plan", "%s", planLine(t.Plan))
	line("checks", "%s", checksLine(t.Checks))
	line("longest", "%s until settled or rolled back%s", release.Duration(worst.Judged), waits(worst))
	line("history", "%s of 25,000 events at most", release.Count(int64(worst.Events)))
	if stored, err := targetfile.Marshal(t); err == nil {
		line("stored", "%s bytes in /serin/targets/%s", release.Count(int64(len(stored))), t.Name)
	}
	return []byte(b.String())
}

func waits(w targetfile.Worst) string {
	text := ""
	if w.Approvals > 0 {
		text += fmt.Sprintf(", and %s of waits for approvals", release.Duration(w.Approvals))
	}
	if w.Frozen > 0 {
		text += fmt.Sprintf(", and %s of waits for freezes", release.Duration(w.Frozen))
	}
	return text
}

func where(t release.Target) string {
	if w := t.ECSQueue; w != nil {
		return fmt.Sprintf(": %s and %s in cluster %s read queue %s", w.PrimaryService, w.CanaryService, w.Cluster, w.Queue)
	}
	if w := t.ECSALB; w != nil {
		return fmt.Sprintf(": %s and %s in cluster %s behind rule %s", w.PrimaryService, w.CanaryService, w.Cluster, w.ListenerRule)
	}
	if w := t.LambdaAlias; w != nil {
		return fmt.Sprintf(": alias %s of function %s", w.Alias, w.Function)
	}
	if w := t.EC2Mirror; w != nil {
		return fmt.Sprintf(": stack %s mirrors to stack %s", w.Stack, w.Temporary)
	}
	return ""
}

func planLine(p release.Plan) string {
	steps, err := p.Resolved()
	if err != nil { // a valid target's preset resolves
		return err.Error()
	}
	if steps[0].AtOnce() {
		return fmt.Sprintf("everything at once, settle %s", p.Settle)
	}
	var parts []string
	for _, step := range steps {
		part := fmt.Sprintf("%d %% for %s", step.Weight, step.Bake)
		if step.AtOnce() {
			part = "all"
		}
		if step.Approval == release.Required {
			part += " and an approval"
		}
		parts = append(parts, part)
	}
	if len(parts) > 6 {
		parts = append(append(parts[:3:3], fmt.Sprintf("... (%d steps)", len(steps))), parts[len(parts)-1])
	}
	return fmt.Sprintf("%s; settle %s; deadline %s", strings.Join(parts, ", "), p.Settle, p.Deadline)
}

func checksLine(c release.Checks) string {
	var parts []string
	if n := len(c.Alarms); n > 0 {
		parts = append(parts, fmt.Sprintf("%d %s", n, plural(n, "alarm")))
	}
	for _, comparison := range c.Compare {
		only := ""
		if comparison.VetoOnly {
			only = ", only vetoes"
		}
		parts = append(parts, fmt.Sprintf("%s compared (margin %g%s)", comparison.Name, comparison.Margin, only))
	}
	return strings.Join(parts, ", ") + fmt.Sprintf("; a good version is rolled back in at most %.3g %% of releases", 100*c.FalseRollback)
}

func plural(n int, word string) string {
	if n == 1 {
		return word
	}
	return word + "s"
}
