package main

import (
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
func (r *rehearse) broken(runs int, violations []rehearsal.Violation, errOut io.Writer) error {
	seeds := 0
	for i, v := range violations {
		if again := i > 0 && violations[i-1].Seed == v.Seed; !again {
			if seeds++; seeds <= mostTold {
				fmt.Fprintf(errOut, "seed %d: %s\n", v.Seed, r.replay(v.Seed))
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
