package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/spf13/cobra"

	"github.com/serin-aws/serin/internal/awserr"
	"github.com/serin-aws/serin/internal/screen"
	"github.com/serin-aws/serin/internal/story"
)

// measureEvery is how often the live view asks for metrics: each asking costs.
const measureEvery = time.Minute

// errLeft is the error of a person who pressed Ctrl-C while a release goes on.
var errLeft = errors.New("left; the release goes on by itself")

func watchCommand(o outside) *cobra.Command {
	f := follow{cloud: cloud{outside: o}}
	command := &cobra.Command{
		Use:   "watch RELEASE",
		Short: "Follow a release until its end",
		Long: `Follow a release: what serves now, whether it is all right, what happens next and when, and what you can do.

RELEASE is a release's id, an execution's ARN, or a target's name: its open release, or else its latest.

In a terminal it is a live view; q leaves it, and the release goes on. Elsewhere, and with TERM=dumb, every event is one
line. NO_COLOR turns colours off; where the locale is not UTF-8, signs are ASCII. With -o json the events are lines on
standard error, and the end is told as JSON.

Exit codes: as of serin status --wait; 0 for who left the view with q, 130 with Ctrl-C.`,
		Example: `  serin watch orders-worker
  serin watch r-7f3c2a9b0d1e | tee release.log`,
		Args: one("RELEASE"),
		RunE: func(c *cobra.Command, args []string) error {
			if err := f.find(c.Context(), args[0]); err != nil {
				return err
			}
			if view, ok := terminal(c.OutOrStdout()); ok && f.output == "text" {
				return f.live(c.Context(), c.InOrStdin(), view)
			}
			return f.wait(c.Context(), c.OutOrStdout(), c.ErrOrStderr())
		},
	}
	f.flags(command)
	command.ValidArgsFunction = f.completeTargets
	return command
}

// live shows a release in a terminal as it goes.
func (f *follow) live(ctx context.Context, in io.Reader, out screenFile) error {
	first := watching{Model: screen.NewModel(colourful(out), "q leaves; the release goes on"), ctx: ctx, follow: f}
	return present(ctx, first, in, out, errLeft)
}

// watching is the live view of a release on AWS: it looks every few seconds, and counts down every second.
type watching struct {
	screen.Model
	ctx    context.Context
	follow *follow

	told     story.Story
	looked   time.Time // when the last look was begun
	news     time.Time // when the last look that was answered was begun
	looking  bool      // it has not been answered yet
	measured time.Time // when the metrics were asked for
	trouble  error     // of the last look
	failed   int       // looks in a row
	err      error
}

// second passes.
type second struct{}

// seen is the answer to a look.
type seen struct {
	story story.Story
	err   error
}

func nextSecond() tea.Cmd {
	return tea.Tick(time.Second, func(time.Time) tea.Msg { return second{} })
}

// Init looks at once.
func (w watching) Init() tea.Cmd { return func() tea.Msg { return second{} } }

// Update takes what was seen, lets a second pass, or passes a key on.
func (w watching) Update(message tea.Msg) (tea.Model, tea.Cmd) {
	switch message := message.(type) {
	case second:
		return w.tick()
	case seen:
		return w.take(message)
	}
	command := w.Pass(message)
	if w.Stopped() {
		w.err = errLeft
	}
	return w, command
}

func (w watching) tick() (tea.Model, tea.Cmd) {
	now := w.follow.now()
	w.show()
	if w.looking || now.Sub(w.looked) < lookEvery {
		return w, nextSecond()
	}
	look := w.follow.read
	if now.Sub(w.measured) >= measureEvery {
		look, w.measured = w.follow.measured, now
	}
	w.looking, w.looked = true, now
	return w, tea.Batch(nextSecond(), func() tea.Msg {
		told, err := look(w.ctx)
		return seen{told, err}
	})
}

func (w watching) take(s seen) (tea.Model, tea.Cmd) {
	w.looking, w.trouble = false, s.err
	if s.err != nil {
		if w.failed++; passing(s.err) && w.failed < patience {
			w.measured = time.Time{}
			return w, nil
		}
		w.err = s.err
		return w, tea.Quit
	}
	w.failed, w.news = 0, w.looked
	if len(s.story.Measures) == 0 { // this look did not ask for metrics
		s.story.Measures, s.story.Queue, s.story.Latency = w.told.Measures, w.told.Queue, w.told.Latency
		for _, missing := range w.told.Missing {
			if !slices.Contains(s.story.Missing, missing) {
				s.story.Missing = append(s.story.Missing, missing)
			}
		}
	}
	w.told = s.story
	w.show()
	if w.told.Over() {
		return w, tea.Quit
	}
	return w, nil
}

func (w *watching) show() {
	w.Pass(screen.Show{Story: w.told, Now: w.follow.now()})
}

// View returns the live view for bubbletea.
func (w watching) View() tea.View { return screen.Frame(w.Text()) }

// Text returns the live view, and what is wrong with looking.
func (w watching) Text() string {
	text := w.Model.Text()
	if text == "" && w.err == nil {
		text = "looking ...\n"
	}
	if trouble := w.stale(); trouble != "" && w.err == nil {
		text += "  " + trouble + "\n"
	}
	return text
}

// slow is how long a look may take before it is said that it does.
const slow = 3 * lookEvery

// stale says since when what is shown is not the latest any more, and why; empty where it is. Of a narrow terminal the
// end is cut off.
func (w watching) stale() string {
	now := w.follow.now()
	var why string
	switch {
	case w.trouble != nil:
		why = "looking again: " + story.Plain(awserr.Cause(w.trouble))
	case w.looking && now.Sub(w.looked) >= slow:
		why = "AWS takes its time"
	default:
		return ""
	}
	if w.news.IsZero() {
		return why
	}
	return fmt.Sprintf("seen %s ago; %s", story.Length(now.Sub(w.news)), why)
}

// end is what the command ends with.
func (w watching) end() error {
	over := w.told.Outcome != "" && w.told.Over()
	switch {
	case w.err != nil:
		return w.err
	case over:
		return endingOf(w.told)
	case !w.Left(): // by a signal
		return errLeft
	}
	return nil
}
