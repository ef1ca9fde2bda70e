package main

import (
	"context"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"

	"github.com/serin-aws/serin/internal/rehearsal"
	"github.com/serin-aws/serin/internal/story"
)

const mostTold = 10 // broken runs that are told one by one

// broken tells of the runs that broke an invariant, each with the command that shows it again.
func (r *rehearse) broken(ctx context.Context, plan *rehearsal.Plan, runs int, violations []rehearsal.Violation, errOut io.Writer) error {
	seeds := 0
	for i, v := range violations {
		if again := i > 0 && violations[i-1].Seed == v.Seed; !again {
			if seeds++; seeds <= mostTold {
				fmt.Fprintf(errOut, "seed %d: %s\n", v.Seed, r.replay(v.Seed))
				if seeds == 1 { // each of the others is shortened when it is replayed
					r.shortened(ctx, plan, v.Seed, errOut)
				}
			}
		}
		if seeds <= mostTold {
			fmt.Fprintf(errOut, "  %s\n", v.Text)
		}
	}
	if seeds > mostTold {
		fmt.Fprintf(errOut, "and %d seeds more\n", seeds-mostTold)
	}
	return fmt.Errorf("%d of %d %s broke an invariant; replay each with its command above", seeds, runs, plural(runs, "run"))
}

// replay is the command that rehearses one seed again.
func (r *rehearse) replay(seed uint64) string {
	words := []string{"serin", "rehearse", "-f", r.target, "--scenario", r.scenario, "--seed", strconv.FormatUint(seed, 10)}
	if r.through != "types" {
		words = append(words, "--through", r.through)
	}
	if r.faults {
		words = append(words, "--faults", "--fault-rate", strconv.FormatFloat(r.faultRate, 'g', -1, 64))
	}
	if r.pushes > 0 {
		words = append(words, "--pushes", strconv.Itoa(r.pushes))
	}
	for i, word := range words {
		words[i] = shellWord(word)
	}
	return strings.Join(words, " ")
}

var harmless = regexp.MustCompile(`^[A-Za-z0-9_@%+=:,./-]+$`)

// shellWord quotes a word where a shell would not take it as it is.
func shellWord(word string) string {
	if harmless.MatchString(word) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

func violationsOf(seed uint64, run story.Run) []rehearsal.Violation {
	var violations []rehearsal.Violation
	for _, text := range run.Violations {
		violations = append(violations, rehearsal.Violation{Seed: seed, Text: text})
	}
	return violations
}

// shortenTries is how many releases are rehearsed to find out which faults matter.
const shortenTries = 150

// shortened tells which of a seed's faults it takes to break an invariant, and how to see only them.
func (r *rehearse) shortened(ctx context.Context, plan *rehearsal.Plan, seed uint64, errOut io.Writer) {
	if !r.faults || len(r.faultsOnly) > 0 {
		return
	}
	short, err := plan.Shorten(ctx, seed, shortenTries)
	if err != nil || len(short.Broken) == 0 {
		return // the whole story stands above
	}
	for _, h := range short.Happened {
		fmt.Fprintf(errOut, "  %s  %s: %s\n", h.At.Format("15:04:05.000"), h.Fault, h.What)
	}
	var numbers []string
	for _, n := range short.Numbers {
		numbers = append(numbers, strconv.Itoa(n))
	}
	fmt.Fprintf(errOut, "  only these: %s --faults-only %s\n", r.replay(seed), strings.Join(numbers, ","))
}
