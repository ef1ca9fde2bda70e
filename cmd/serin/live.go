package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/serin-aws/serin/internal/rehearsal"
	"github.com/serin-aws/serin/internal/screen"
	"github.com/serin-aws/serin/internal/story"
)

const (
	quick   = 300       // virtual seconds a second of a live view: a release of 45 minutes in about nine seconds
	fastest = 1_000_000 // the same; a day in a frame

	frames = 10               // of the live view, a second
	look   = 15 * time.Second // virtual time between two looks where lines are printed
)

// errStopped is the error of a person who pressed Ctrl-C.
var errStopped = errors.New("stopped; no report was written")

// show follows a rehearsal: a live view in a terminal, a line for everything that happens elsewhere. seen says that the
// outcome stands on the screen.
func (r *rehearse) show(ctx context.Context, run *rehearsal.Run, in io.Reader, out io.Writer) (seen bool, err error) {
	run.Advance(look)
	if run.Over() { // refused, or nothing to do: the summary says it all
		return false, nil
	}
	if view, ok := terminal(out); ok {
		err = r.live(ctx, run, in, view)
		seen = run.Over()
	} else {
		err = lines(ctx, run, out)
	}
	if err == nil {
		_, err = fmt.Fprintln(out) // what was shown stays; the summary follows
	}
	return seen, err
}

// lines prints what happens, a line each.
func lines(ctx context.Context, run *rehearsal.Run, out io.Writer) error {
	var before story.Story
	for {
		now, err := run.Story(ctx)
		if err != nil {
			return err
		}
		for _, line := range screen.Lines(before, now) {
			if _, err := fmt.Fprintln(out, line); err != nil {
				return err
			}
		}
		if run.Over() {
			return nil
		}
		before = now
		run.Advance(look)
	}
}

// live shows a rehearsal in a terminal, at the wanted speed. Whoever leaves the view goes to the end at once; Ctrl-C
// stops the rehearsal.
func (r *rehearse) live(ctx context.Context, run *rehearsal.Run, in io.Reader, out screenFile) error {
	speed := r.speed
	if speed == 0 {
		speed = quick
	}
	first := playing{ctx: ctx, run: run, frame: time.Duration(speed * float64(time.Second) / frames), Model: screen.NewModel(colourful(out), "q goes to the end at once, Ctrl-C stops")}
	return present(ctx, first, in, out, errStopped)
}

// playing is the live view of a rehearsal that goes on by a frame with every tick.
type playing struct {
	screen.Model
	ctx   context.Context
	run   *rehearsal.Run
	frame time.Duration // virtual time of a frame
	err   error
}

type tick struct{}

func nextFrame() tea.Cmd {
	return tea.Tick(time.Second/frames, func(time.Time) tea.Msg { return tick{} })
}

// Init shows the first frame at once.
func (p playing) Init() tea.Cmd { return func() tea.Msg { return tick{} } }

// Update goes on by a frame, or passes a message on to the view.
func (p playing) Update(message tea.Msg) (tea.Model, tea.Cmd) {
	if message == (tick{}) {
		return p.next()
	}
	command := p.Pass(message)
	if p.Stopped() {
		p.err = errStopped
	}
	return p, command
}

func (p playing) next() (tea.Model, tea.Cmd) {
	told, err := p.run.Story(p.ctx)
	if err != nil {
		p.err = err
		return p, tea.Quit
	}
	p.Pass(screen.Show{Story: told, Now: p.run.Now()})
	if p.run.Over() {
		return p, tea.Quit
	}
	p.run.Advance(p.frame)
	return p, nextFrame()
}

// end is what the view ends with. A program that ends although neither a key nor the release's end said so was told to by a
// signal.
func (p playing) end() error {
	if p.err == nil && !p.Left() && !p.run.Over() {
		return errStopped
	}
	return p.err
}
