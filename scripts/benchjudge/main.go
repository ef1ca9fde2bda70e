// Command benchjudge writes the tables of docs/judge.md: make bench-judge.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"

	"github.com/serin-aws/serin/internal/judge/bench"
)

// The tables stand between these lines.
const (
	begin = "<!-- tables: written by make bench-judge -->\n"
	end   = "<!-- end of tables -->\n"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "benchjudge:", err)
		os.Exit(1)
	}
}

func run() error {
	good := flag.Int("good", 5000, "runs of each scenario with a good canary")
	bad := flag.Int("bad", 2000, "runs of each scenario with a bad canary")
	rank := flag.Int("rank", 200, "runs of the rank test at most")
	seed := flag.Uint64("seed", 1, "seed of all runs")
	file := flag.String("write", "", "document whose tables are replaced; default: standard output")
	flag.Parse()
	var text bytes.Buffer
	fmt.Fprintf(&text, "`go run ./scripts/benchjudge -good %d -bad %d -rank %d -seed %d`\n\n", *good, *bad, *rank, *seed)
	if err := bench.Tables(&text, bench.Runs{Good: *good, Bad: *bad, Rank: *rank, Seed: *seed}); err != nil {
		return err
	}
	if *file == "" {
		_, err := text.WriteTo(os.Stdout)
		return err
	}
	return replace(*file, text.Bytes())
}

func replace(file string, tables []byte) error {
	old, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	before, rest, found := bytes.Cut(old, []byte(begin))
	_, after, closed := bytes.Cut(rest, []byte(end))
	if !found || !closed {
		return fmt.Errorf("%s has no place for the tables: it must hold %q and %q", file, begin, end)
	}
	text := bytes.Join([][]byte{before, []byte(begin), []byte("\n"), tables, []byte("\n"), []byte(end), after}, nil)
	return os.WriteFile(file, text, 0o644)
}
