// Mutants plants bugs into serin, one at a time, and rehearses releases in which things go wrong until an invariant
// breaks: what no rehearsal notices is not guarded by one. Nothing in the working tree is changed: each bug is an
// overlay of one file.
//
//	go run ./scripts/mutants [NAME...]
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

// patience is how long a planted bug is rehearsed.
const patience = time.Minute

const plans = "internal/rehearsal/testdata/faults/"

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "mutants:", err)
		os.Exit(1)
	}
}

func run(names []string) error {
	sound, err := os.MkdirTemp("", "sound")
	if err != nil {
		return err
	}
	defer os.RemoveAll(sound) //nolint:errcheck // a temporary folder
	serin := filepath.Join(sound, "serin")
	if out, err := exec.Command("go", "build", "-o", serin, "./cmd/serin").CombinedOutput(); err != nil {
		return fmt.Errorf("%w\n%s", err, out)
	}
	missed := 0
	fmt.Println("| planted bug | in | noticed by | seed | after |\n|---|---|---|---|---|")
	for _, m := range mutants {
		if len(names) > 0 && !slices.Contains(names, m.name) {
			continue
		}
		found, err := m.hunt()
		if err == nil && found.replay != nil {
			err = exec.Command(serin, found.replay...).Run() // without the bug the same seed must break nothing
		}
		if err != nil {
			return fmt.Errorf("%s: %w", m.name, err)
		}
		if found.seed == "" {
			missed++
			found.broken = "**nothing**"
		}
		fmt.Printf("| %s | %s | %s | %s | %s |\n", m.name, filepath.Base(filepath.Dir(m.file))+"/"+filepath.Base(m.file), found.broken, found.seed, found.took.Round(time.Second))
	}
	if missed > 0 {
		return fmt.Errorf("%d planted bugs were not noticed within %s each", missed, patience)
	}
	return nil
}

// finding is the first release that broke an invariant.
type finding struct {
	broken, seed string
	replay       []string // arguments of serin; nil where no seed is named
	took         time.Duration
}

// hunt builds serin with the bug and rehearses until something breaks.
func (m mutant) hunt() (finding, error) {
	folder, err := os.MkdirTemp("", "mutant")
	if err != nil {
		return finding{}, err
	}
	defer os.RemoveAll(folder) //nolint:errcheck // a temporary folder
	serin, err := m.build(folder)
	if err != nil {
		return finding{}, err
	}
	began, seed := time.Now(), 1
	for time.Since(began) < patience {
		for _, rate := range []string{"0.01", "0.05"} {
			for _, scenario := range []string{"good", "bad", "quiet"} {
				command := exec.Command(serin, "rehearse", "--faults", "--fault-rate", rate, "-f", plans+"target.yaml",
					"--scenario", plans+scenario+".yaml", "--runs", "60", "--seed", fmt.Sprint(seed), "-o", "json")
				var said strings.Builder
				command.Stderr = &said
				err := command.Run()
				if _, failed := errors.AsType[*exec.ExitError](err); failed {
					return read(said.String(), scenario, rate, time.Since(began)), nil
				}
				if err != nil {
					return finding{}, err
				}
				seed += 60
			}
		}
	}
	return finding{took: time.Since(began)}, nil
}

var firstBroken = regexp.MustCompile(`(?s)seed (\d+): .*?  (invariant \d): ([^\n]*)`)

func read(said, scenario, rate string, took time.Duration) finding {
	said = strings.TrimSpace(said)
	f := finding{broken: said[:min(len(said), 80)], seed: "all", took: took} // no release could be told at all
	if m := firstBroken.FindStringSubmatch(said); m != nil {
		f.seed, f.broken = m[1]+" of "+scenario+".yaml at "+rate, m[2]
		f.replay = []string{
			"rehearse", "--faults", "--fault-rate", rate, "-f", plans + "target.yaml",
			"--scenario", plans + scenario + ".yaml", "--seed", m[1], "-o", "json",
		}
	}
	return f
}

// build compiles serin with the bug in place of the file.
func (m mutant) build(folder string) (string, error) {
	text, err := os.ReadFile(m.file)
	if err != nil {
		return "", err
	}
	if n := strings.Count(string(text), m.old); n != 1 {
		return "", fmt.Errorf("%s holds the text to change %d times and must hold it once: %q", m.file, n, m.old)
	}
	changed := filepath.Join(folder, "changed.go")
	if err := os.WriteFile(changed, []byte(strings.Replace(string(text), m.old, m.bug, 1)), 0o600); err != nil {
		return "", err
	}
	path, err := filepath.Abs(m.file)
	if err != nil {
		return "", err
	}
	overlay, err := json.Marshal(map[string]map[string]string{"Replace": {path: changed}})
	if err != nil {
		return "", err
	}
	list := filepath.Join(folder, "overlay.json")
	if err := os.WriteFile(list, overlay, 0o600); err != nil {
		return "", err
	}
	serin := filepath.Join(folder, "serin")
	out, err := exec.Command("go", "build", "-overlay", list, "-o", serin, "./cmd/serin").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%w\n%s", err, out)
	}
	return serin, nil
}
