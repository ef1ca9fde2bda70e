// Mutants plants bugs into serin, one at a time, and rehearses releases in which things go wrong, as make faults does,
// until an invariant breaks: what no rehearsal notices is not guarded by one. Nothing in the working tree is changed:
// each bug is an overlay of one file. A finding counts only where the same seed breaks nothing without the bug.
//
//	go run ./scripts/mutants [-write docs/reliability.md] [NAME...]
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/serin-aws/serin/internal/story"
	"github.com/serin-aws/serin/scripts/campaign"
)

// patience is how much processor time a planted bug is rehearsed for: half of what a minute has on two cores.
const patience = time.Minute

// runs is how many releases a batch has. It ends with the batch in which something breaks.
const runs = 20

// The table in the document stands between these lines.
const (
	begin = "<!-- planted bugs: written by make mutants -->\n"
	end   = "<!-- end of planted bugs -->\n"
)

func main() {
	write := flag.String("write", "", "the `DOCUMENT` whose table is replaced; default: standard output only")
	flag.Parse()
	if err := run(flag.Args(), *write); err != nil {
		fmt.Fprintln(os.Stderr, "mutants:", err)
		os.Exit(1)
	}
}

func run(names []string, document string) error {
	folder, err := os.MkdirTemp("", "mutants")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder) //nolint:errcheck // a temporary folder
	sound := filepath.Join(folder, "sound")
	if err := build(sound); err != nil {
		return err
	}
	var table strings.Builder
	line := func(format string, args ...any) {
		text := fmt.Sprintf(format, args...)
		fmt.Println(text)
		table.WriteString(text + "\n")
	}
	line("| planted bug | in | noticed by | seed | after |\n|---|---|---|---|---|")
	missed := 0
	for _, m := range mutants {
		if len(names) > 0 && !slices.Contains(names, m.name) {
			continue
		}
		f, err := m.hunt(folder, sound)
		if err != nil {
			return fmt.Errorf("%s: %w", m.name, err)
		}
		if !f.found {
			missed++
		}
		line("| %s | %s | %s | %s | %d releases, %.1f s |", m.name, filepath.Base(filepath.Dir(m.file))+"/"+filepath.Base(m.file), f.broken, f.seed, f.releases, f.took.Seconds())
	}
	if document != "" {
		if err := replace(document, table.String()); err != nil {
			return err
		}
	}
	if missed > 0 {
		return fmt.Errorf("%d planted bugs were not noticed within %s each", missed, patience)
	}
	return nil
}

// finding is the first release that broke an invariant.
type finding struct {
	found        bool
	broken, seed string
	releases     int           // rehearsed until then
	took         time.Duration // of processor time
}

// hunt builds serin with the bug and rehearses until something breaks.
func (m mutant) hunt(folder, sound string) (finding, error) {
	serin := filepath.Join(folder, "mutant")
	if err := m.build(folder, serin); err != nil {
		return finding{}, err
	}
	c := campaign.Campaign{Serin: serin, Runs: runs, Seed: 1}
	err := c.March(context.Background(), func() bool { return c.Used < patience }, func(campaign.Batch, story.Summary) {})
	f := finding{broken: "**nothing**", releases: c.Releases, took: c.Used}
	broken, ok := errors.AsType[*campaign.Broken](err)
	if !ok {
		return f, err
	}
	f.found = true
	seed, invariant := read(broken.Said)
	f.broken, f.seed = invariant, "each"
	if seed == 0 { // no release could be told at all
		return f, nil
	}
	f.seed = fmt.Sprintf("%d of %s", seed, broken.Batch)
	if out, err := exec.Command(sound, broken.Batch.Args(1, seed)...).CombinedOutput(); err != nil {
		return f, fmt.Errorf("seed %s breaks without the bug, too: %w\n%s", f.seed, err, out)
	}
	return f, nil
}

var firstBroken = regexp.MustCompile(`(?s)seed (\d+): .*?\n  ((?:invariant|[a-z-]+|determinism)[ \d]*): ([^\n]*)`)

// read finds the first broken seed, and what it broke, in what serin said.
func read(said string) (seed uint64, broken string) {
	m := firstBroken.FindStringSubmatch(said)
	if m == nil {
		return 0, said[:min(len(said), 80)]
	}
	seed, _ = strconv.ParseUint(m[1], 10, 64) // digits
	return seed, m[2]
}

// build compiles serin with the bug in place of the file.
func (m mutant) build(folder, serin string) error {
	text, err := os.ReadFile(m.file)
	if err != nil {
		return err
	}
	if n := strings.Count(string(text), m.old); n != 1 {
		return fmt.Errorf("%s holds the text to change %d times and must hold it once: %q", m.file, n, m.old)
	}
	changed := filepath.Join(folder, "changed.go")
	if err := os.WriteFile(changed, []byte(strings.Replace(string(text), m.old, m.bug, 1)), 0o600); err != nil {
		return err
	}
	path, err := filepath.Abs(m.file)
	if err != nil {
		return err
	}
	overlay, err := json.Marshal(map[string]map[string]string{"Replace": {path: changed}})
	if err != nil {
		return err
	}
	list := filepath.Join(folder, "overlay.json")
	if err := os.WriteFile(list, overlay, 0o600); err != nil {
		return err
	}
	return build(serin, "-overlay", list)
}

func build(serin string, more ...string) error {
	args := append([]string{"build", "-ldflags", "-s -w", "-o", serin}, more...)
	if out, err := exec.Command("go", append(args, "./cmd/serin")...).CombinedOutput(); err != nil {
		return fmt.Errorf("%w\n%s", err, out)
	}
	return nil
}

// replace puts a table into its place in a document.
func replace(document, table string) error {
	text, err := os.ReadFile(document)
	if err != nil {
		return err
	}
	before, rest, ok := bytes.Cut(text, []byte(begin))
	_, after, ended := bytes.Cut(rest, []byte(end))
	if !ok || !ended {
		return fmt.Errorf("%s has no place for the table", document)
	}
	return os.WriteFile(document, slices.Concat(before, []byte(begin), []byte(table), []byte(end), after), 0o600)
}
