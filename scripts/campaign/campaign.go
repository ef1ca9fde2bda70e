// Package campaign rehearses releases in which things go wrong, batch after batch, until an invariant breaks or the
// time is up. It calls serin as anybody would, so that what it finds can be replayed with the command that it names.
package campaign

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/serin-aws/serin/internal/story"
)

// Plans is the folder of the short plans, target*.yaml, and of the scenarios that each of them is rehearsed against: all
// other files. A new platform joins with its target's file. What only one of them can meet stands in a folder of its name.
const Plans = "internal/rehearsal/testdata/faults"

// rates are the shares of the calls that go wrong, from a bad day to a disaster.
var rates = []string{"0.05", "0.01"}

// crowded is the scenario in which versions are pushed one after another for two targets that name the same workload, so
// many in a run: the first of them is bad.
const (
	crowded = "bad.yaml"
	pushes  = 4
)

// Batch is a plan, a scenario and a rate; with Pushes several releases in one account.
type Batch struct {
	Target, Scenario, Rate string
	Pushes                 int
}

// Batches returns every plan against every scenario at every rate, and then the crowded ones.
func Batches() ([]Batch, error) {
	files, err := filepath.Glob(filepath.Join(Plans, "*.yaml"))
	if err != nil {
		return nil, err
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("no plan in %s: start it in the root of the repository", Plans)
	}
	var batches []Batch
	add := func(b Batch) {
		for _, b.Rate = range rates {
			batches = append(batches, b)
		}
	}
	isTarget := func(file string) bool { return strings.HasPrefix(filepath.Base(file), "target") }
	targets := slices.DeleteFunc(slices.Clone(files), func(file string) bool { return !isTarget(file) })
	for _, scenario := range slices.DeleteFunc(files, isTarget) {
		for _, target := range targets {
			add(Batch{Target: target, Scenario: scenario})
		}
	}
	for _, target := range targets {
		own, err := filepath.Glob(filepath.Join(strings.TrimSuffix(target, ".yaml"), "*.yaml"))
		if err != nil {
			return nil, err
		}
		for _, scenario := range own {
			add(Batch{Target: target, Scenario: scenario})
		}
	}
	for _, target := range targets {
		add(Batch{Target: target, Scenario: filepath.Join(Plans, crowded), Pushes: pushes})
	}
	return batches, nil
}

// Args are the arguments of serin that rehearse runs releases of a batch.
func (b Batch) Args(runs int, seed uint64) []string {
	return []string{
		"rehearse", "--faults", "--fault-rate", b.Rate, "-f", b.Target, "--scenario", b.Scenario,
		"--pushes", strconv.Itoa(b.Pushes), "--runs", strconv.Itoa(runs), "--seed", strconv.FormatUint(seed, 10), "-o", "json",
	}
}

// String says it in a few words.
func (b Batch) String() string {
	text := fmt.Sprintf("%s, %s at %s", filepath.Base(b.Target), filepath.Base(b.Scenario), b.Rate)
	if b.Pushes > 0 {
		text += fmt.Sprintf(", %d pushes", b.Pushes)
	}
	return text
}

// Broken is what a batch said in which an invariant broke.
type Broken struct {
	Batch Batch
	Said  string // standard error: the seed, the command that replays it, a shortened story
}

// Error is what was said.
func (b *Broken) Error() string { return b.Said }

// Campaign goes through the batches, again and again.
type Campaign struct {
	Serin string // the build
	Runs  int    // of each batch
	Seed  uint64 // of the next batch

	Releases int           // rehearsed so far
	Used     time.Duration // processor time so far
}

// March rehearses batch after batch while more says so and the context holds, and tells of each that broke nothing. The
// error is a *Broken where one did.
func (c *Campaign) March(ctx context.Context, more func() bool, tell func(Batch, story.Summary)) error {
	batches, err := Batches()
	if err != nil {
		return err
	}
	for {
		for _, b := range batches {
			if !more() {
				return nil
			}
			summary, err := c.rehearse(ctx, b)
			if ctx.Err() != nil {
				return nil //nolint:nilerr // the time is up
			}
			if err != nil {
				return err
			}
			tell(b, summary)
			c.Seed += uint64(c.Runs)
		}
	}
}

// The exit codes of serin that are answers: an invariant broke; every release was refused.
const (
	exitBroken  = 1
	exitRefused = 2
)

func (c *Campaign) rehearse(ctx context.Context, b Batch) (story.Summary, error) {
	command := exec.CommandContext(ctx, c.Serin, b.Args(c.Runs, c.Seed)...)
	var out, said bytes.Buffer
	command.Stdout, command.Stderr = &out, &said
	err := command.Run()
	if state := command.ProcessState; state != nil {
		c.Used += state.UserTime() + state.SystemTime()
	}
	c.Releases += c.Runs
	var summary story.Summary
	failed, exited := errors.AsType[*exec.ExitError](err)
	switch {
	case exited && failed.ExitCode() == exitBroken:
		return summary, &Broken{b, strings.TrimSpace(said.String())}
	case err != nil && (!exited || failed.ExitCode() != exitRefused || out.Len() == 0):
		return summary, fmt.Errorf("%s: %w: %s", b, err, said.String())
	}
	return summary, json.Unmarshal(out.Bytes(), &summary)
}
