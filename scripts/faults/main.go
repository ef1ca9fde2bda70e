// Faults rehearses releases in which things go wrong, for a while, and prints the seeds, how the releases ended and what
// went wrong how often. The exit code is 1 when an invariant broke: then the seed, the command that replays it and a
// shortened story are printed.
//
//	go run ./scripts/faults [-for 1m] [-releases N] [-seed N] [-runs N] [-serin FILE]
package main

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/serin-aws/serin/internal/story"
	"github.com/serin-aws/serin/scripts/campaign"
)

func main() {
	span := flag.Duration("for", time.Minute, "how `LONG`, where -releases does not say how many")
	releases := flag.Int("releases", 0, "end after so many, however long it takes")
	seed := flag.Uint64("seed", 0, "the first `SEED`; without it they are new each time")
	runs := flag.Int("runs", 20, "releases in a batch")
	serin := flag.String("serin", "build/serin", "the build of serin, a `FILE`")
	flag.Parse()
	c := campaign.Campaign{Serin: *serin, Runs: *runs, Seed: cmp.Or(*seed, uint64(time.Now().Unix())*1000)}
	if err := run(c, *span, *releases); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(c campaign.Campaign, span time.Duration, releases int) (err error) {
	if c.Serin, err = filepath.Abs(c.Serin); err != nil {
		return err
	}
	ctx, more := context.Background(), func() bool { return c.Releases < releases }
	if releases == 0 {
		var end context.CancelFunc
		ctx, end = context.WithTimeout(ctx, span)
		defer end()
		more = func() bool { return true }
	}
	seed, total := c.Seed, tally{faults: map[string]int{}}
	err = c.March(ctx, more, func(b campaign.Batch, s story.Summary) {
		total.add(s)
		fmt.Printf("seeds %d to %d, %s: %s\n", c.Seed, c.Seed+uint64(c.Runs)-1, b, ends(s.Outcomes))
	})
	if err != nil {
		return err
	}
	for _, kind := range slices.SortedFunc(maps.Keys(total.faults), func(a, b string) int { return cmp.Compare(total.faults[b], total.faults[a]) }) {
		fmt.Printf("%9d  %s\n", total.faults[kind], kind)
	}
	fmt.Printf("%d releases, seeds %d to %d: no invariant broke; %d of them were made twice and went alike\n", total.runs, seed, c.Seed-1, total.twice)
	return nil
}

type tally struct {
	runs, twice int
	faults      map[string]int
}

func (t *tally) add(s story.Summary) {
	t.runs += s.Runs
	t.twice += s.Twice
	for kind, n := range s.Faults {
		t.faults[kind] += n
	}
}

func ends(o story.Outcomes) string {
	return fmt.Sprintf("released %d, rolled back %d, held %d, refused %d, dirty %d", o.Released, o.RolledBack, o.Held, o.Refused, o.Dirty)
}
