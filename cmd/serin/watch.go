package main

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/mattn/go-isatty"

	"github.com/serin-aws/serin/internal/rehearsal"
	"github.com/serin-aws/serin/internal/screen"
	"github.com/serin-aws/serin/internal/story"
)

// quick is the default speed of a live view: a release of 45 minutes in about nine seconds.
const quick = 300

// show follows a rehearsal: a live view in a terminal, a line for everything that happens elsewhere.
func (r *rehearse) show(ctx context.Context, run *rehearsal.Run, out io.Writer) error {
	if file, ok := terminal(out); ok {
		return r.live(ctx, run, file)
	}
	var before story.Story
	for !run.Over() {
		run.Advance(look)
		now, err := run.Story(ctx)
		if err != nil {
			return err
		}
		for _, line := range screen.Lines(before, now) {
			if _, err := fmt.Fprintln(out, line); err != nil {
				return err
			}
		}
		before = now
	}
	return nil
}

// terminal returns out as a terminal, where it is one that can move its cursor.
func terminal(out io.Writer) (*os.File, bool) {
	file, ok := out.(*os.File)
	return file, ok && isatty.IsTerminal(file.Fd()) && os.Getenv("TERM") != "dumb"
}

// colourful reports whether colour helps: a terminal, and nobody who said no. https://no-color.org
func colourful(out io.Writer) bool {
	_, ok := terminal(out)
	return ok && os.Getenv("NO_COLOR") == ""
}
